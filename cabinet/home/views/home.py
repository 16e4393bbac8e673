"""The first page: what is expected of me."""

from django.db.models import Count, Window
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cabinet.planner.models import Task
from cabinet.users.models import User
from motor.services.desk import SHOWN, desk


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    user = request.user
    if not isinstance(user, User):
        raise Http404  # the login middleware lets nobody else through
    # Steps of a process stand with their case; here are the tasks people gave one another.
    tasks = Task.objects.completable_by(user).open().filter(assignee=user, kind="").order_by("due_on", "pk")
    shown = list(tasks.annotate(total=Window(Count("*")))[:SHOWN])
    work, task_total = desk(user), shown[0].total if shown else 0
    context = {"desk": work, "tasks": shown, "task_total": task_total, "total": work.total + task_total}
    return render(request, "home/home.html", context)
