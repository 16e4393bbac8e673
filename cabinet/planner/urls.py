"""Addresses of tasks."""

from django.urls import path

from cabinet.planner import views

app_name = "planner"
urlpatterns = [
    path("", views.task_list, name="tasks"),
    path("add/", views.task_add, name="add"),
    path("<int:pk>/", views.task_detail, name="task"),
    path("<int:pk>/complete/", views.task_complete, name="complete"),
    path("<int:pk>/reopen/", views.task_reopen, name="reopen"),
]
