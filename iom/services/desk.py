"""What a person's routes and assignments ask of him today; the first page puts it beside his other work."""

from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db.models import F, Min, Q, Value
from django.db.models.functions import TruncDate
from django.urls import reverse

from cabinet.core.clock import today
from cabinet.core.works import Work, WorkLine
from cabinet.users.models import User
from cabinet.users.scope import helps_q
from iom.models import Assignment, Route, RouteItem, Status
from iom.moves import IN_HAND
from iom.services.limits import to_check

# The same as carrying.is_carried_out says of a row: an agreed plan goes on while its next version is made.
CARRIED = Q(route__status__in=Route.CARRIED_OUT) | Q(
    route__status__in=Route.OPEN_TO_CHANGE, route__agreed_version__isnull=False
)
CHECKED = ("confirm", "check")  # their rows say since when it waits, and the limit follows from that
AHEAD = timedelta(days=14)  # an item further on is the plan's business, not today's


HELPERS = ("methodist", "mentor", "regional", "admin")
WORKS = {
    "route": Work(
        "Маршрут", "Закончите и отправьте на согласование", "Закончить маршрут", "Открыть", ("teacher",), "iom:routes"
    ),
    "item": Work(
        "Мероприятия маршрута", "Отметьте сделанное", "Мероприятие маршрута", "Отметить", ("teacher",), "iom:routes"
    ),
    "answer": Work(
        "Задания", "Ответ — текст, ссылка или файл", "Выполнить задание", "Ответить", ("teacher",), "iom:assignments"
    ),
    "agree": Work(
        "Согласование маршрутов",
        "Видно только изменённое",
        "Согласовать маршрут",
        "Открыть",
        ("methodist", "head", "municipal", "admin"),
        "iom:routes",
        "?turn=mine",
    ),
    "confirm": Work(
        "Выполненное по маршрутам",
        "Подтвердите или верните",
        "Проверить сделанное",
        "Проверить",
        HELPERS,
        "iom:routes",
        "?turn=check",
    ),
    "check": Work(
        "Ответы на задания",
        "Примите или верните",
        "Проверить ответ",
        "Проверить",
        HELPERS,
        "iom:assignments",
        "?tab=check",
    ),
}


class Owed(NamedTuple):
    """`pk` is of a route, or of an assignment for «answer» and «check»; `title` is the assignment's or the route's."""

    code: str
    limit: date | None
    pk: int
    title: str
    route_title: str
    last_name: str
    first_name: str
    patronymic: str


def owed(user: User) -> list[Owed]:
    """One query, whatever the roles. The admin is not asked to check the whole region's items."""
    soon = today() + AHEAD
    own = Route.objects.filter(person=user, is_outside=False)
    items = RouteItem.objects.filter(CARRIED, route__person=user, route__is_outside=False, due_on__lte=soon)
    arms: list[Any] = [
        _routes("route", own.filter(status__in=(Status.DRAFT, Status.RETURNED, Status.REVISION))),
        _items("item", items.filter(status__in=IN_HAND, added_in__lte=F("route__agreed_version"))),
        _assignments("answer", Assignment.objects.answerable_by(user)),
    ]
    if user.roles & set(WORKS["agree"].doers):
        arms.append(_routes("agree", Route.objects.approvable_by(user)))
    if user.roles & set(HELPERS) - {"admin"} or user.deputized_memberships:
        # An admin may check everywhere, and is asked to where he stands in for a methodist.
        helped = Route.objects.filter(helps_q(user, person="person") | Route.objects.helped_q(user))
        checked = helped.exclude(person=user.pk).order_by().values("pk")
        sent = RouteItem.objects.filter(CARRIED, route__in=checked, status=RouteItem.Status.SUBMITTED)
        since = TruncDate("status_since")
        arms.append(_items("confirm", sent, since))
        arms.append(_assignments("check", Assignment.objects.filter(route__in=checked).to_check(), since))
    rows = [Owed(*row) for row in arms[0].union(*arms[1:], all=True)]
    return [one._replace(limit=to_check(one.limit).on) if one.code in CHECKED and one.limit else one for one in rows]


DUE = F("due_on")
NAMES = ("last_name", "first_name", "patronymic")


def _routes(code: str, routes: Any) -> Any:
    rows = routes.order_by().annotate(code=Value(code), limit=F("due_on"), about=F("title"))
    return rows.values_list("code", "limit", "pk", "about", "title", *(f"person__{name}" for name in NAMES))


def _items(code: str, items: Any, day: Any = DUE) -> Any:
    """One line to a route, with the nearest of its days."""
    names = [f"route__person__{name}" for name in NAMES]
    rows = items.order_by().annotate(code=Value(code), about=F("route__title"))
    rows = rows.values("code", "route", "about", "route__title", *names).annotate(limit=Min(day))
    return rows.values_list("code", "limit", "route", "about", "route__title", *names)


def _assignments(code: str, assignments: Any, day: Any = DUE) -> Any:
    names = [f"route__person__{name}" for name in NAMES]
    rows = assignments.order_by().annotate(code=Value(code), limit=day)
    return rows.values_list("code", "limit", "pk", "title", "route__title", *names)


def line_of(row: Owed) -> WorkLine:
    """The teacher reads what it is, the others about whom."""
    title = WORKS[row.code].line
    page = {"route": "iom:design", "agree": "iom:agree", "answer": "iom:assignment", "check": "iom:assignment"}
    address = reverse(page.get(row.code, "iom:route"), args=[row.pk])
    if "teacher" in WORKS[row.code].doers:
        return WorkLine(title, row.title, row.route_title if row.code == "answer" else "", address)
    person = " ".join(part for part in (row.last_name, row.first_name, row.patronymic) if part)
    return WorkLine(title, person, row.title if row.code == "check" else "", address)
