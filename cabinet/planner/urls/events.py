"""Addresses of methodical events."""

from django.urls import path

from cabinet.planner.views import events

urlpatterns = [
    path("calendar/events/", events.event_list, name="events"),
    path("calendar/events/new/", events.event_new, name="event_new"),
    path("calendar/events/<int:pk>/", events.event_detail, name="event"),
    path("calendar/events/<int:pk>/edit/", events.event_edit, name="event_edit"),
    path("calendar/events/<int:pk>/cancel/", events.event_cancel, name="event_cancel"),
    path("calendar/events/<int:pk>/leaders/", events.event_leaders, name="event_leaders"),
]
