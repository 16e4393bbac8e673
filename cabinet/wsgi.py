"""WSGI entry point for gunicorn."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cabinet.settings")
application = get_wsgi_application()

# What is loaded by now stays: without it the collector walks all of it anew while somebody waits for a page.
gc.collect()
gc.freeze()
