"""The checklist inside a task: each button is a form, and with htmx only the list is swapped."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from cabinet.core.fragments import wants_fragment
from cabinet.core.search import squeeze
from cabinet.planner.models import Task, TaskPoint
from cabinet.planner.services import points
from cabinet.planner.views.asking import keep, kept
from cabinet.users.asking import reader
from cabinet.users.models import User

REMOVED = "task_point"  # in the session: the point removed last


@require_POST
def point_add(request: HttpRequest, pk: int) -> HttpResponse:
    """`text`: a line for each point."""
    task = get_object_or_404(Task.objects.completable_by(request.user).open(), pk=pk)
    lines = [squeeze(one)[:300] for one in request.POST.get("text", "")[:8000].splitlines()]
    points.add(task, list(dict.fromkeys(one for one in lines if one)))
    return _list(request, task)


@require_POST
def point_act(request: HttpRequest, pk: int, point: int) -> HttpResponse:
    """`do`: tick, untick, up, down, remove; back — the one removed last."""
    user = reader(request)
    task = get_object_or_404(Task.objects.completable_by(user).open(), pk=pk)
    row = TaskPoint.objects.filter(task=task, pk=point).first()
    act = request.POST.get("do", "")
    if act == "back":
        _put_back(request, task, point, user)
        return _list(request, task)
    if row is None:  # somebody has removed it: the list says so
        return _list(request, task)
    if act in ("tick", "untick"):
        points.tick(row, user, is_done=act == "tick")
    elif act in ("up", "down"):
        points.move(row, up=act == "up")
    elif act == "remove" and points.remove(row, user):
        values = {"text": row.text, "place": row.place, "is_done": row.is_done, "done_by": row.done_by_id}
        values |= {"done_at": row.done_at.isoformat() if row.done_at else None}
        keep(request, REMOVED, {"task": task.pk, "point": point, "row": values})
        return _list(request, task, focus=_beside(task, row))
    return _list(request, task)


def _put_back(request: HttpRequest, task: Task, point: int, user: User) -> None:
    removed = removed_of(request, task)
    if removed.get("point") == point:
        del request.session[REMOVED]
        values = dict(removed["row"])
        done_at = datetime.fromisoformat(values["done_at"]) if values["done_at"] else None
        row = TaskPoint(task=task, **values | {"done_by": None, "done_at": done_at})
        row.done_by_id = values["done_by"]
        points.put_back(row, user)


def _beside(task: Task, removed: TaskPoint) -> int | None:
    """Where the reader goes on: the point after the removed one, or the last."""
    rows = list(task.points.values_list("place", "pk"))
    return next((pk for place, pk in rows if place > removed.place), rows[-1][1] if rows else None)


def removed_of(request: HttpRequest, task: Task) -> dict[str, Any]:
    """The point removed a moment ago."""
    removed = kept(request, REMOVED)
    return removed if removed.get("task") == task.pk else {}


def _list(request: HttpRequest, task: Task, focus: int | None = None) -> HttpResponse:
    if not wants_fragment(request):
        return redirect(f"{task.get_absolute_url()}#points")
    task = Task.objects.prefetch_related("points__done_by").get(pk=task.pk)
    done, total = task.tally
    context: dict[str, Any] = {"task": task, "points_done": done, "points_total": total, "can_act": task.is_open}
    context |= {"removed": removed_of(request, task), "focus": focus}
    return render(request, "planner/task/points.html", context)
