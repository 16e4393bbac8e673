"""Addresses of polls."""

from django.urls import path

from cabinet.polls.views import answering, reading, running

app_name = "polls"
urlpatterns = [
    path("", reading.poll_list, name="polls"),
    path("new/", running.poll_new, name="new"),
    path("<int:pk>/", reading.poll_detail, name="poll"),
    path("<int:pk>/edit/", running.poll_edit, name="edit"),
    path("<int:pk>/preview/", running.poll_preview, name="preview"),
    path("<int:pk>/open/", running.poll_open, name="open"),
    path("<int:pk>/end/", running.poll_end, name="end"),
    path("<int:pk>/close/", running.poll_close, name="close"),
    path("<int:pk>/remove/", running.poll_remove, name="remove"),
    path("<int:pk>/copy/", running.poll_copy, name="copy"),
    path("<int:pk>/link/", running.poll_relink, name="relink"),
    path("<int:pk>/answer/", answering.answer, name="answer"),
    path("<int:pk>/results/", reading.poll_results, name="results"),
    path("<int:pk>/results/excel/", reading.poll_excel, name="excel"),
    path("<int:pk>/names/", reading.poll_names, name="names"),
    path("a/<str:link>/", answering.answer_link, name="answer_link"),
]
