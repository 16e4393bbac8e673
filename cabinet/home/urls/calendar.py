"""Addresses of the calendar: month, week, agenda, feeds."""

from django.urls import URLPattern, path

from cabinet.home.views import calendar, feed

urlpatterns: list[URLPattern] = [
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/events/<int:pk>/event.ics", calendar.event_ics, name="event_ics"),
    path("calendar/feed/", feed.feed, name="feed"),
    path("calendar/feed/create/", feed.feed_create, name="feed_create"),
    path("calendar/feed/renew/", feed.feed_renew, name="feed_renew"),
    path("calendar/feed/revoke/", feed.feed_revoke, name="feed_revoke"),
    path("calendar/feed/<slug:link>.ics", feed.feed_ics, name="feed_ics"),
]
