"""Days on which requests to РМА and its months of work are due, for the calendar."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import Count, F, Min, Q, Value
from django.urls import reverse

from cabinet.core.clock import add_months, today
from cabinet.core.limits import FEW, Found, Limit, LimitKind, gather
from cabinet.users.models import User
from rma.models import Activity, Member, Request
from rma.services.desk import WORKS, agree_by

Status = Request.Status
NAMES = ("last_name", "first_name", "patronymic")
NAMERS = {"municipal", "admin"}


def _work(code: str) -> Callable[[], str]:
    return lambda: WORKS[code].address


def _request(pk: int) -> str:
    return reverse("rma:request", args=[pk])


def _month(number: int) -> str:
    """A month has no row of its own: its number is yyyymm."""
    return f"{reverse('rma:activity')}?month={number // 100}-{number % 100:02}"


REQUESTS = ("запрос к РМА", "запроса к РМА", "запросов к РМА")
KINDS = {
    "rma_answer": LimitKind(
        "Ответить на запрос", ("запрос к вам", "запроса к вам", "запросов к вам"), _work("rma_answer"), _request
    ),
    "rma_day": LimitKind("Согласовать другой день", REQUESTS, _work("rma_day"), _request),
    "rma_name": LimitKind(
        "Назвать методиста РМА",
        ("запрос без методиста", "запроса без методиста", "запросов без методиста"),
        _work("rma_name"),
        _request,
    ),
    "rma_do": LimitKind(
        "Провести по запросу", ("принятый запрос", "принятых запроса", "принятых запросов"), _work("rma_do"), _request
    ),
    "rma_month": LimitKind(
        "Согласовать работу за месяц", ("месяц работы", "месяца работы", "месяцев работы"), _work("rma_month"), _month
    ),
    "rma_wait": LimitKind("Запрос у методиста РМА", REQUESTS, _work("rma_day"), _request),
}


def due_for(
    user: User, since: date, until: date, *, few: int = FEW, full: date | None = None, only_mine: bool = False
) -> list[Limit]:
    """One query: own work row by row, requests that are others' turn by number; and one for the months."""
    arms = _own(user, since, until)
    if not only_mine:
        arms.append(_of_others(user, since, until))
    rows = []
    for code, day, pk, is_mine, many, topic, *name in arms[0].union(*arms[1:], all=True):
        rows.append(Found(code, day, pk, is_mine, many, " ".join(part for part in name if part) or topic))
    return gather([*rows, *_months(user, since, until)], KINDS, few, full)


def _own(user: User, since: date, until: date) -> list[Any]:
    """The same work as the first page asks for (services/desk.py)."""
    ending = Request.objects.filter(due_on__range=(since, until))
    found = {"rma_day": ending.filter(author=user, status=Status.PROPOSED)}
    if "regional" in user.roles:
        found["rma_answer"] = ending.answerable_by(user)
        found["rma_do"] = ending.doable_by(user).exclude(kind=Request.Kind.ASSESSMENT)
    if user.roles & NAMERS:
        found["rma_name"] = ending.nobodys_for(user)
    return [_rows(code, rows) for code, rows in found.items()]


def _of_others(user: User, since: date, until: date) -> Any:
    """Asked by himself or within his municipality; a second opinion stands with its case."""
    acts = Q(
        status__in=(Status.SENT, Status.ACCEPTED), member__status=Member.Status.ACTIVE, member__user__is_active=True
    )
    waits = acts if user.roles & NAMERS else acts | Q(status=Status.WANTED)
    rows = Request.objects.askable_by(user).filter(waits, due_on__range=(since, until))
    rows = rows.exclude(kind=Request.Kind.ASSESSMENT).exclude(member__user=user).order_by()
    counted = rows.annotate(code=Value("rma_wait"), day=F("due_on")).values("code", "day")
    told: dict[str, Any] = {"number": Min("pk"), "mine": Value(0), "many": Count("pk"), "what": Min("topic")}
    told |= {f"of_{name}": Min(f"person__{name}") for name in NAMES}
    return counted.annotate(**told).values_list("code", "day", *told)


def _rows(code: str, rows: Any) -> Any:
    told: dict[str, Any] = {"code": Value(code), "day": F("due_on"), "number": F("pk"), "mine": Value(1)}
    told |= {"many": Value(1), "what": F("topic")} | {f"of_{name}": F(f"person__{name}") for name in NAMES}
    return rows.order_by().annotate(**told).values_list(*told)


def _months(user: User, since: date, until: date) -> list[Found]:
    """Months that are over, with lines nobody has looked at. By the card: who has left still has his last ones."""
    lines = Activity.objects.offered().filter(member__user=user, month__lt=today().replace(day=1))
    near = lines.filter(month__range=(add_months(since, -2).replace(day=1), until)).order_by()
    months = {month: agree_by(month) for month in near.values_list("month", flat=True).distinct()}
    return [
        Found("rma_month", day, month.year * 100 + month.month, is_mine=True)
        for month, day in months.items()
        if since <= day <= until
    ]
