"""Days on which open tasks end, for the calendar."""

from datetime import date
from typing import Any

from django.db.models import Count, F, Min, Q, Value
from django.urls import reverse

from cabinet.core.limits import FEW, Found, Limit, LimitKind, gather
from cabinet.planner.models import Task
from cabinet.users.models import User

KINDS = {
    "task": LimitKind(
        "Задача",
        ("задача", "задачи", "задач"),
        lambda: reverse("planner:tasks"),
        lambda pk: reverse("planner:task", args=[pk]),
    )
}


def due_for(
    user: User, since: date, until: date, *, few: int = FEW, full: date | None = None, only_mine: bool = False
) -> list[Limit]:
    """One query. Own ones, those done together with others; by number those of his organizations and given by him."""
    ending = Task.objects.open().filter(due_on__range=(since, until)).order_by()
    shared = Task.participants.through.objects.filter(user=user).values("task")
    # Two arms and not one «or»: each then finds its few rows by an index, not among all tasks there are.
    own = (ending.filter(assignee=user), ending.filter(pk__in=shared).exclude(assignee=user))
    arms: list[Any] = [
        rows.annotate(code=Value("task"), mine=Value(1), many=Value(1)).values_list(
            "code", "due_on", "pk", "mine", "many", "title"
        )
        for rows in own
    ]
    if not only_mine:
        # The region's tasks are not the administrator's to watch; a step of a process stands with its case.
        watched = ending.filter(author=user) if "admin" in user.roles else ending.visible_to(user)
        others = watched.filter(kind="").exclude(Q(assignee=user) | Q(pk__in=shared))
        rows: Any = others.annotate(code=Value("task"), day=F("due_on")).values("code", "day")
        rows = rows.annotate(any=Min("pk"), mine=Value(0), many=Count("pk"), what=Min("title"))
        arms.append(rows.values_list("code", "day", "any", "mine", "many", "what"))
    return gather([Found(*row) for row in arms[0].union(*arms[1:], all=True)], KINDS, few, full)
