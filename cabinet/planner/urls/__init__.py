"""Addresses of tasks and of methodical events."""

from cabinet.planner.urls import events, tasks

app_name = "planner"
urlpatterns = [*tasks.urlpatterns, *events.urlpatterns]
