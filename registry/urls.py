"""Addresses of the registry."""

from django.urls import path

from registry import views

app_name = "registry"
urlpatterns = [
    path("", views.entry_list, name="registry"),
    path("record/", views.record_lines, name="record_lines"),
    path("record/<int:pk>/", views.record_line, name="record"),
    path("summary/", views.summary, name="summary"),
    path("summary/excel/", views.summary_excel, name="summary_excel"),
    path("note/", views.note, name="note"),
    path("note/word/", views.note_word, name="note_word"),
    path("exports/", views.export_list, name="exports"),
    path("exports/order/", views.export_order, name="order"),
]
