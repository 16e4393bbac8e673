"""Addresses of tasks."""

from django.urls import path

from cabinet.planner.views import tasks

urlpatterns = [
    path("tasks/", tasks.task_list, name="tasks"),
    path("tasks/add/", tasks.task_add, name="add"),
    path("tasks/<int:pk>/", tasks.task_detail, name="task"),
    path("tasks/<int:pk>/complete/", tasks.task_complete, name="complete"),
    path("tasks/<int:pk>/reopen/", tasks.task_reopen, name="reopen"),
]
