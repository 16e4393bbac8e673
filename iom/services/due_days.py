"""Days on which time limits of routes, their items and assignments end, for the calendar."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Min, Q, Value
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils import timezone

from cabinet.core.limits import FEW, Found, Limit, LimitKind, gather
from cabinet.users.models import Role, User
from cabinet.users.scope import helps_q
from iom.models import Assignment, Route, RouteItem, Status
from iom.moves import IN_HAND
from iom.services.desk import CARRIED, CHECKED, HELPERS, WORKS
from iom.services.limits import to_check

ITEMS = ("мероприятие маршрута", "мероприятия маршрутов", "мероприятий маршрутов")
ASSIGNMENTS = ("задание", "задания", "заданий")
NAMES = ("last_name", "first_name", "patronymic")


def _work(code: str) -> Callable[[], str]:
    return lambda: WORKS[code].address


def _page(name: str) -> Callable[[int], str]:
    return lambda pk: reverse(name, args=[pk])


KINDS = {
    "route": LimitKind("Закончить маршрут", ("маршрут", "маршрута", "маршрутов"), _work("route"), _page("iom:design")),
    "agree": LimitKind(
        "Согласовать маршрут",
        ("согласование маршрута", "согласования маршрутов", "согласований маршрутов"),
        _work("agree"),
        _page("iom:agree"),
    ),
    "item": LimitKind("Мероприятие маршрута", ITEMS, _work("item"), _page("iom:route")),
    "confirm": LimitKind(
        "Проверить сделанное",
        ("выполненное по маршруту", "выполненных по маршрутам", "выполненных по маршрутам"),
        _work("confirm"),
        _page("iom:route"),
    ),
    "items": LimitKind("Мероприятие маршрута педагога", ITEMS, lambda: reverse("iom:routes"), _page("iom:route")),
    "answer": LimitKind("Задание", ASSIGNMENTS, _work("answer"), _page("iom:assignment")),
    "check": LimitKind(
        "Проверить ответ на задание",
        ("ответ на задание", "ответа на задания", "ответов на задания"),
        _work("check"),
        _page("iom:assignment"),
    ),
    "answers": LimitKind(
        "Задание педагогу",
        ("задание педагогам", "задания педагогам", "заданий педагогам"),
        _work("answer"),
        _page("iom:assignment"),
    ),
}


def due_for(
    user: User, since: date, until: date, *, few: int = FEW, full: date | None = None, only_mine: bool = False
) -> list[Limit]:
    """One query: own work row by row, what is asked of the teachers he works with by number."""
    arms = [*_own(user, since, until), *_checked(user, since, until)]
    if not only_mine:
        arms += _of_others(user, since, until)
    rows = []
    for code, day, pk, is_mine, many, title, *name in arms[0].union(*arms[1:], all=True):
        about = title or " ".join(part for part in name if part)
        rows.append(Found(code, to_check(day).on if code in CHECKED else day, pk, is_mine, many, about))
    return gather([row for row in rows if since <= row.day <= until], KINDS, few, full)


def _own(user: User, since: date, until: date) -> list[Any]:
    ending = {"due_on__range": (since, until)}
    own = Route.objects.filter(
        person=user, is_outside=False, status__in=(Status.DRAFT, Status.RETURNED, Status.REVISION)
    )
    items = RouteItem.objects.filter(CARRIED, route__person=user, route__is_outside=False, **ending)
    items = items.filter(status__in=IN_HAND, added_in__lte=F("route__agreed_version"))
    arms = [
        _rows("route", own.filter(**ending), "title"),
        _rows("item", items, "activity", page="route"),
        _rows("answer", Assignment.objects.answerable_by(user).filter(**ending), "title"),
    ]
    if user.roles & set(WORKS["agree"].doers):
        arms.append(_rows("agree", Route.objects.approvable_by(user).filter(**ending), person="person"))
    return arms


def _checked(user: User, since: date, until: date) -> list[Any]:
    """What lies with him to be checked. Its limit follows from the day it came: the query asks with a margin."""
    if not (user.roles & set(HELPERS) - {"admin"} or user.deputized_memberships):
        return []
    routes = Route.objects.filter(_helped(user)).exclude(person=user.pk).order_by().values("pk")
    margin = timedelta(days=2 * settings.IOM_CHECK_WORKING_DAYS + 21)
    came = {"status_since__gte": _midnight(since - margin), "status_since__lt": _midnight(until + timedelta(days=1))}
    sent = RouteItem.objects.filter(CARRIED, route__in=routes, status=RouteItem.Status.SUBMITTED, **came)
    answers = Assignment.objects.filter(route__in=routes, **came).to_check()
    day = TruncDate("status_since")
    return [
        _rows("confirm", sent, day=day, page="route", person="route__person"),
        _rows("check", answers, day=day, person="route__person"),
    ]


def _of_others(user: User, since: date, until: date) -> list[Any]:
    """Of teachers he helps, and of his own school for a head. Not of a whole municipality: a route is the teacher's."""
    headed = [one.organization_id for one in user.active_memberships if one.role == Role.HEAD]
    if not headed and not user.roles & set(HELPERS) - {"admin"}:
        return []
    near = Route.objects.filter(_helped(user) | Q(organization__in=headed)).exclude(person=user.pk)
    routes = near.filter(is_outside=False).order_by().values("pk")
    ending = {"due_on__range": (since, until), "route__in": routes}
    items = RouteItem.objects.filter(CARRIED, status__in=IN_HAND, added_in__lte=F("route__agreed_version"), **ending)
    given = Assignment.objects.running().filter(status__in=Assignment.WITH_TEACHER, **ending)
    return [_counts("items", items, "route"), _counts("answers", given, "pk")]


def _helped(user: User) -> Q:
    return helps_q(user, person="person") | Route.objects.helped_q(user)


def _rows(code: str, rows: Any, title: str = "", *, day: Any = None, page: str = "pk", person: str = "") -> Any:
    told: dict[str, Any] = {"code": Value(code), "day": day or F("due_on"), "number": F(page)}
    told |= {"mine": Value(1), "many": Value(1), "what": F(title) if title else Value("")}
    told |= {f"of_{name}": F(f"{person}__{name}") if person else Value("") for name in NAMES}
    return rows.order_by().annotate(**told).values_list(*told)


def _counts(code: str, rows: Any, page: str) -> Any:
    found = rows.order_by().annotate(code=Value(code), day=F("due_on")).values("code", "day")
    told: dict[str, Any] = {"number": Min(page), "mine": Value(0), "many": Count("pk"), "what": Value("")}
    told |= {f"of_{name}": Min(f"route__person__{name}") for name in NAMES}
    return found.annotate(**told).values_list("code", "day", *told)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
