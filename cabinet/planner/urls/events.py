"""Addresses of methodical events."""

from django.urls import path

from cabinet.planner.views import attendance, event_materials, events, participation

urlpatterns = [
    path("calendar/events/", events.event_list, name="events"),
    path("calendar/events/new/", events.event_new, name="event_new"),
    path("calendar/events/<int:pk>/", events.event_detail, name="event"),
    path("calendar/events/<int:pk>/edit/", events.event_edit, name="event_edit"),
    path("calendar/events/<int:pk>/cancel/", events.event_cancel, name="event_cancel"),
    path("calendar/events/<int:pk>/leaders/", events.event_leaders, name="event_leaders"),
    path("calendar/events/<int:pk>/answer/", participation.event_answer, name="event_answer"),
    path("calendar/events/<int:pk>/invite/", participation.event_invite, name="event_invite"),
    path("calendar/events/<int:pk>/guests/", participation.event_guests, name="event_guests"),
    path("calendar/events/<int:pk>/guests/change/", participation.event_guest, name="event_guest"),
    path("calendar/events/<int:pk>/sheet/", participation.event_sheet, name="event_sheet"),
    path("calendar/events/<int:pk>/sheet/excel/", participation.event_sheet_excel, name="event_sheet_excel"),
    path("calendar/events/<int:pk>/attendance/", attendance.event_attendance, name="event_attendance"),
    path("calendar/events/<int:pk>/attendance/undo/", attendance.event_attendance_undo, name="event_attendance_undo"),
    path("calendar/events/<int:pk>/attendance/add/", attendance.event_attendance_add, name="event_attendance_add"),
    path("calendar/events/<int:pk>/materials/", event_materials.event_material, name="event_material"),
    path("calendar/events/<int:pk>/files/", event_materials.event_file, name="event_file"),
]
