"""The checklist inside a task: each button is a form, and with htmx only the list is swapped."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from cabinet.core.fragments import wants_fragment
from cabinet.core.search import squeeze
from cabinet.planner.models import Task, TaskPoint
from cabinet.planner.services import points
from cabinet.planner.views.tasks import user_of


@require_POST
def point_add(request: HttpRequest, pk: int) -> HttpResponse:
    """`text`: a line for each point."""
    task = get_object_or_404(Task.objects.completable_by(request.user).open(), pk=pk)
    lines = [squeeze(one)[:300] for one in request.POST.get("text", "")[:8000].splitlines()]
    points.add(task, list(dict.fromkeys(one for one in lines if one)))
    return _list(request, task)


@require_POST
def point_act(request: HttpRequest, pk: int, point: int) -> HttpResponse:
    """`do`: tick, untick, up, down, remove."""
    user = user_of(request)
    task = get_object_or_404(Task.objects.completable_by(user).open(), pk=pk)
    row = TaskPoint.objects.filter(task=task, pk=point).first()
    act = request.POST.get("do", "")
    if row is None:  # somebody has removed it: the list says so
        return _list(request, task)
    if act in ("tick", "untick"):
        points.tick(row, user, is_done=act == "tick")
    elif act in ("up", "down"):
        points.move(row, up=act == "up")
    elif act == "remove":
        points.remove(row)
    return _list(request, task)


def _list(request: HttpRequest, task: Task) -> HttpResponse:
    if not wants_fragment(request):
        return redirect(f"{task.get_absolute_url()}#points")
    task = Task.objects.prefetch_related("points__done_by").get(pk=task.pk)
    done, total = task.tally
    context = {"task": task, "points_done": done, "points_total": total, "can_act": task.is_open}
    return render(request, "planner/task/points.html", context)
