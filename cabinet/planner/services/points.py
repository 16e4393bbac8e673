"""The checklist inside a task: lines ticked, added, removed, moved."""

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from cabinet.planner.models import Task, TaskPoint
from cabinet.planner.services.task_giving import MOST_POINTS
from cabinet.users.models import LogEntry, User
from cabinet.users.services import record


def tick(point: TaskPoint, user: User, *, is_done: bool) -> bool:
    """Says whether it was otherwise before; the first to tick is the one who did it."""
    now = timezone.now()
    with transaction.atomic():
        if not _hold(point.task_id):
            return False
        rows = TaskPoint.objects.filter(pk=point.pk, is_done=not is_done)
        changed = rows.update(is_done=is_done, done_by=user if is_done else None, done_at=now if is_done else None)
    return bool(changed)


def add(task: Task, lines: list[str]) -> int:
    """Append lines to an open task; says how many were taken: a list has its limit, and one line stands in it once."""
    with transaction.atomic():
        if not _hold(task.pk):
            return 0
        there = set(task.points.values_list("text", flat=True))
        fresh = [one for one in lines if one not in there][: max(MOST_POINTS - len(there), 0)]
        last = task.points.aggregate(last=Max("place"))["last"]
        start = 0 if last is None else last + 1
        rows = [TaskPoint(task=task, place=start + at, text=text[:300]) for at, text in enumerate(fresh)]
        TaskPoint.objects.bulk_create(rows)
    return len(rows)


def remove(point: TaskPoint, user: User) -> bool:
    with transaction.atomic():
        gone = bool(_hold(point.task_id) and TaskPoint.objects.filter(pk=point.pk).delete()[0])
        if gone:
            _record(point, user, f"Убран пункт: {point.text}")
    return gone


def put_back(point: TaskPoint, user: User) -> bool:
    """A point removed by mistake: to its place, ticked as it was."""
    with transaction.atomic():
        if not _hold(point.task_id) or TaskPoint.objects.filter(task=point.task_id, text=point.text).exists():
            return False
        TaskPoint.objects.filter(task=point.task_id, place__gte=point.place).update(place=F("place") + 1)
        point.pk = None
        point.save(force_insert=True)
        _record(point, user, f"Возвращён пункт: {point.text}")
    return True


def _record(point: TaskPoint, user: User, note: str) -> None:
    record(LogEntry.Action.MOVED, actor=user, about=point.task, note=note)


def move(point: TaskPoint, *, up: bool) -> bool:
    """One place up or down; at the end of the list nothing happens."""
    with transaction.atomic():
        if not _hold(point.task_id):
            return False
        order = list(TaskPoint.objects.filter(task=point.task_id).values_list("pk", flat=True))
        if point.pk not in order:
            return False
        at = order.index(point.pk)
        to = at - 1 if up else at + 1
        if not 0 <= to < len(order):
            return False
        order[at], order[to] = order[to], order[at]
        rows = [TaskPoint(pk=pk, place=place) for place, pk in enumerate(order)]
        TaskPoint.objects.bulk_update(rows, ["place"])
    return True


def _hold(pk: int) -> bool:
    """The task's row for the length of the transaction: an ended one keeps its list as it was."""
    return bool(Task.objects.open().filter(pk=pk).update(updated_at=timezone.now()))
