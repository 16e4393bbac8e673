"""The Celery app. Messages are hints: what is owed is a row, and sweeps find it without any message."""

import os

from celery import Celery

import cabinet.broker  # noqa: F401 - names the transport of the embedded default

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cabinet.settings")

app = Celery("cabinet")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
