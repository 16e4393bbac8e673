"""Addresses of what the keeper does: offers, links."""

from django.urls import URLPattern, path

from cabinet.library.views import queue

OFFERS: list[URLPattern] = [
    path("queue/", queue.queue, name="queue"),
    path("queue/<int:pk>/", queue.decide, name="decide"),
    path("<int:pk>/archive/", queue.archive, name="archive"),
    path("<int:pk>/restore/", queue.restore, name="restore"),
]
# Broken links: their addresses go here.
LINKS: list[URLPattern] = []

urlpatterns: list[URLPattern] = [*OFFERS, *LINKS]
