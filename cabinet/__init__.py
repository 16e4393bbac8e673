"""The project package. Importing the Celery app here binds `shared_task` in the web processes too."""

from cabinet.celery import app as celery_app

__all__ = ["celery_app"]
