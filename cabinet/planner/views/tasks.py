"""The list and the board of tasks. A view picks rows, calls a service and names a template; no rules here."""

from datetime import timedelta
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Q, prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe

from cabinet.core.clock import today
from cabinet.planner.filters.task import NEAREST, STATES, WHOSE, TaskFilter
from cabinet.planner.models import Task, done_by_q
from cabinet.planner.services.task_bulk import ACTIONS
from cabinet.users.asking import reader
from cabinet.users.models import User

PAGE_SIZE = 30
BOARD = 40  # cards of a column; the rest is in the list
KEPT_DAYS = 30  # what was done longer ago is not on the board
LOOKERS = {"teacher", "regional", "observer", "curator"}  # they have no organization to look after
COLUMNS = [("open", "К выполнению"), ("work", "В работе"), ("done", "Сделано")]


def back_of(request: HttpRequest, default: str) -> str:
    """Where a button stood: a page of ours, or the default."""
    back = request.POST.get("next", "")
    is_ours = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return back if is_ours else default


def tabs_of(user: User) -> list[tuple[str, str]]:
    return WHOSE if user.roles - LOOKERS else WHOSE[:2]


def filter_of(data: Any, user: User) -> TaskFilter:
    rows = Task.objects.visible_to(user).order_by(NEAREST, "pk")
    return TaskFilter(data, queryset=rows, user=user, whose=[code for code, _ in tabs_of(user)])


@require_safe
def task_list(request: HttpRequest) -> HttpResponse:
    """`?look=board` shows the same tasks as cards in three columns."""
    user = reader(request)
    tasks = filter_of(request.GET, user)
    counts = _counts(user, tasks)
    context: dict[str, Any] = {
        "filter": tasks,
        "chosen": tasks.chosen,
        "whose": [(code, label, counts.get(code)) for code, label in tabs_of(user)],
        "states": [(code, label, counts.get(f"of_{code}")) for code, label in STATES],
        "is_board": request.GET.get("look") == "board",
        "actions": ACTIONS,
    }
    if context["is_board"]:
        return render(request, "planner/task/board.html", context | {"columns": _columns(tasks, user)})
    rows = tasks.found.with_names().prefetch_related("about", "participants", "points")
    context["page"] = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    for task in context["page"]:
        task.will_end = task.is_done_by(user)
    return render(request, "planner/task_list.html", context)


def _counts(user: User, tasks: TaskFilter) -> dict[str, int]:
    """Open tasks behind each tab. All of the region's are not counted for an administrator: nobody needs the sum."""
    mine = done_by_q(user)
    of_tab = {"mine": mine, "given": Q(author=user), "others": ~Q(assignee=user)}
    rows = Task.objects.visible_to(user).open()
    if "admin" in user.roles:
        rows = rows.filter(mine | Q(author=user))
        del of_tab["others"]
    sums = {code: Count("pk", filter=condition) for code, condition in of_tab.items()}
    if (condition := of_tab.get(tasks.chosen["whose"])) is not None:
        sums["of_work"] = Count("pk", filter=condition & Q(started_at__isnull=False))
        sums["of_overdue"] = Count("pk", filter=condition & Q(due_on__lt=today()))
    return rows.order_by().aggregate(**sums)


def _columns(tasks: TaskFilter, user: User) -> list[dict[str, Any]]:
    """Cards of each column, and whether there are more than are shown."""
    rows = tasks.on_board().with_names()
    lately = timezone.now() - timedelta(days=KEPT_DAYS)
    found = {
        "open": rows.open().filter(started_at=None),
        "work": rows.open().filter(started_at__isnull=False),
        "done": rows.filter(status=Task.Status.DONE, done_at__gte=lately).order_by("-done_at", "-pk"),
    }
    cards = {code: list(some[: BOARD + 1]) for code, some in found.items()}
    shown = [task for some in cards.values() for task in some[:BOARD]]
    prefetch_related_objects(shown, "about", "participants", "points")
    for task in shown:
        task.can_move = not task.is_step and task.is_done_by(user) and (task.is_open or task.step_id is None)
        task.asks_outcome = not task.is_own_of(user)
    return [
        {"code": code, "title": title, "cards": cards[code][:BOARD], "has_more": len(cards[code]) > BOARD}
        for code, title in COLUMNS
    ]
