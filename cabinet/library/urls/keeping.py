"""Addresses of what the keeper does with offers; those of links stand in `collections.py`."""

from django.urls import URLPattern, path

from cabinet.library.views import queue

urlpatterns: list[URLPattern] = [
    path("queue/", queue.queue, name="queue"),
    path("queue/<int:pk>/", queue.decide, name="decide"),
    path("<int:pk>/archive/", queue.archive, name="archive"),
    path("<int:pk>/restore/", queue.restore, name="restore"),
]
