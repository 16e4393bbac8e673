"""What requests and work of РМА ask of a person today; the first page puts it beside his other work."""

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db import models
from django.db.models import Count, F, Value
from django.db.models.functions import Cast
from django.urls import reverse

from cabinet.core.clock import add_months, add_working_days, today
from cabinet.core.words import counted, month_words
from cabinet.core.works import Work, WorkLine
from cabinet.users.models import User
from rma.models import Activity, Request

Status = Request.Status
MONTH_DAYS = 5  # working days after its end to look a month through
ASKERS = ("methodist", "head", "municipal", "admin", "mentor", "teacher")
WORKS = {
    "rma_answer": Work(
        "Запросы к вам",
        "Примите, предложите другой день или откажитесь",
        "Ответить на запрос",
        "Ответить",
        ("regional",),
        "rma:requests",
        "?view=answer",
    ),
    "rma_day": Work(
        "Другой день",
        "Методист РМА готов помочь, но в другой день",
        "Согласовать день",
        "Посмотреть",
        ASKERS,
        "rma:requests",
        "?view=asked",
    ),
    "rma_name": Work(
        "Запросы без методиста",
        "Назовите, кого попросить: подходящие уже подобраны",
        "Назвать методиста РМА",
        "Назвать",
        ("municipal", "admin"),
        "rma:queue",
    ),
    "rma_do": Work(
        "Принятые запросы",
        "Проведите и отметьте, чем закончилось",
        "Провести",
        "Открыть",
        ("regional",),
        "rma:requests",
        "?view=do",
    ),
    "rma_month": Work(
        "Работа за месяц",
        "Строки уже записаны, их остаётся просмотреть",
        "Согласовать месяц",
        "Просмотреть",
        ("regional",),
        "rma:activity",
    ),
}


class Owed(NamedTuple):
    """`pk` is of a request; for «rma_month» it is the number of lines, and `topic` the month."""

    code: str
    limit: date | None
    pk: int
    kind: str
    topic: str
    organization: str
    last_name: str
    first_name: str
    patronymic: str


def owed(user: User) -> list[Owed]:
    """One query, whatever the roles."""
    # A month is agreed by the card: who has left the group still has his last ones to look through.
    arms = [_requests("rma_day", Request.objects.filter(author=user, status=Status.PROPOSED)), _months(user)]
    if "regional" in user.roles:
        arms.append(_requests("rma_answer", Request.objects.answerable_by(user)))
        # A second opinion is given on the case's page, and stands with the cases.
        arms.append(_requests("rma_do", Request.objects.doable_by(user).exclude(kind=Request.Kind.ASSESSMENT)))
    if user.roles & {"municipal", "admin"}:
        arms.append(_requests("rma_name", Request.objects.nobodys_for(user)))
    rows = [Owed(*row) for row in arms[0].union(*arms[1:], all=True)]
    return [_dated(one) if one.code == "rma_month" else one for one in rows]


def _dated(row: Owed) -> Owed:
    """The query gives the month as the limit."""
    month = row.limit or today()
    return row._replace(limit=agree_by(month), topic=month.isoformat())


def agree_by(month: date) -> date:
    """Until when a month that is over should be looked through."""
    return add_working_days(add_months(month, 1) - timedelta(days=1), MONTH_DAYS)


NAMES = ("last_name", "first_name", "patronymic")


def _requests(code: str, requests: Any) -> Any:
    rows = requests.order_by().annotate(code=Value(code), limit=F("due_on"))
    names = [f"person__{name}" for name in NAMES]
    return rows.values_list("code", "limit", "pk", "kind", "topic", "organization__name", *names)


def _months(user: User) -> Any:
    """Months that are over and have lines nobody has looked at."""
    lines = Activity.objects.offered().filter(member__user=user, month__lt=today().replace(day=1)).order_by()
    nothing = {name: Value("") for name in ("what", "theme", "place", *(f"of_{name}" for name in NAMES))}
    rows = lines.values("month").annotate(
        code=Value("rma_month"), limit=F("month"), count=Cast(Count("pk"), models.BigIntegerField()), **nothing
    )
    return rows.values_list("code", "limit", "count", *nothing)


def line_of(row: Owed) -> WorkLine:
    title = WORKS[row.code].line
    if row.code == "rma_month":
        month = date.fromisoformat(row.topic)
        address = f"{reverse('rma:activity')}?month={month:%Y-%m}"
        waiting = counted(row.pk, "строка ждёт", "строки ждут", "строк ждут")
        return WorkLine(f"{title}: {month_words(month)}", f"{waiting} вашего взгляда", "", address)
    person = " ".join(part for part in (row.last_name, row.first_name, row.patronymic) if part)
    kind = Request.Kind(row.kind).label
    about = person or row.topic or row.organization
    return WorkLine(f"{title}: {kind}", about, row.organization, reverse("rma:request", args=[row.pk]))


class Awaited(NamedTuple):
    """What others have now: its title, the nearest of them, since when, until when, how many, where they are."""

    title: str
    nearest: str
    since: datetime
    due_on: date | None
    total: int
    url: str


def awaited(user: User) -> list[Awaited]:
    """Own requests that wait for somebody else; second opinions are told of by their cases."""
    asked = Request.objects.filter(author=user, status__in=(Status.WANTED, Status.SENT)).exclude(
        kind=Request.Kind.ASSESSMENT
    )
    found = list(asked.select_related("member__user").order_by("due_on", "pk"))
    if not found:
        return []
    first = found[0]
    nearest = first.member.user.short_name if first.member else "методист ещё не назван"
    url = f"{reverse('rma:requests')}?view=asked"
    return [Awaited("Ответ РМА на ваши запросы", nearest, first.created_at, first.due_on, len(found), url)]
