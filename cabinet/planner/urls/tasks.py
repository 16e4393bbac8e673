"""Addresses of tasks."""

from django.urls import path

from cabinet.planner.views import task_bulk, task_giving, task_page, task_points, tasks

urlpatterns = [
    path("tasks/", tasks.task_list, name="tasks"),
    path("tasks/add/", task_giving.task_add, name="add"),
    path("tasks/bulk/", task_bulk.tasks_bulk, name="bulk"),
    path("tasks/bulk/<slug:token>/", task_bulk.bulk_result, name="bulk_result"),
    path("tasks/bulk/<slug:token>/undo/", task_bulk.bulk_undo, name="bulk_undo"),
    path("tasks/<int:pk>/", task_page.task_detail, name="task"),
    path("tasks/<int:pk>/edit/", task_giving.task_edit, name="edit"),
    path("tasks/<int:pk>/take/", task_page.task_take, name="take"),
    path("tasks/<int:pk>/complete/", task_page.task_complete, name="complete"),
    path("tasks/<int:pk>/reopen/", task_page.task_reopen, name="reopen"),
    path("tasks/<int:pk>/waive/", task_page.task_waive, name="waive"),
    path("tasks/<int:pk>/files/", task_page.task_attach, name="attach"),
    path("tasks/<int:pk>/files/<str:public_id>/remove/", task_page.task_detach, name="detach"),
    path("tasks/<int:pk>/points/", task_points.point_add, name="point_add"),
    path("tasks/<int:pk>/points/<int:point>/", task_points.point_act, name="point"),
]
