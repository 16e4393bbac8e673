"""Days on which time limits of cases end, for the calendar."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.db.models import Count, F, Min, Value
from django.urls import reverse

from cabinet.core.limits import FEW, Found, Limit, LimitKind, gather
from cabinet.users.models import User
from motor.models import Case, Status
from motor.services.turns import turns

WATCHERS = {"head", "methodist", "municipal", "mentor", "admin"}  # a curator looks, and answers for no case


def _turn(code: str) -> Callable[[], str]:
    return lambda: f"{reverse('motor:cases')}?turn={code}"


def _state(status: str) -> Callable[[], str]:
    return lambda: f"{reverse('motor:cases')}?status={status}&view=all"


def _page(name: str, *rest: str, place: str = "") -> Callable[[int], str]:
    return lambda pk: reverse(name, args=[pk, *rest]) + place


KINDS = {
    "survey": LimitKind(
        "Опросный лист", ("опросный лист", "опросных листа", "опросных листов"), _turn("survey"), _page("motor:survey")
    ),
    "review": LimitKind("Чек-лист", ("чек-лист", "чек-листа", "чек-листов"), _turn("review"), _page("motor:checklist")),
    "naming": LimitKind(
        "Назвать методиста РМА",
        ("карта без методиста РМА", "карты без методиста РМА", "карт без методиста РМА"),
        _turn("naming"),
        _page("motor:case"),
    ),
    "rma": LimitKind(
        "Второе мнение", ("второе мнение", "вторых мнения", "вторых мнений"), _turn("rma"), _page("motor:checklist")
    ),
    "objection": LimitKind(
        "Возражение педагога",
        ("возражение", "возражения", "возражений"),
        _turn("objection"),
        _page("motor:act", "decide"),
    ),
    "agreement": LimitKind(
        "Общее заключение",
        ("общее заключение", "общих заключения", "общих заключений"),
        _turn("agreement"),
        _page("motor:act", "confirm"),
    ),
    "steps": LimitKind(
        "Шаги по результату",
        ("карта с шагами по результату", "карты с шагами по результату", "карт с шагами по результату"),
        _turn("steps"),
        _page("motor:case", place="#steps"),
    ),
    "record": LimitKind(
        "Учёт в ММС",
        ("учёт в ММС", "учёта в ММС", "учётов в ММС"),
        _turn("record"),
        _page("motor:case", place="#record"),
    ),
    # Somebody else's turn, in cases the reader answers for.
    Status.SURVEY_OPEN: LimitKind(
        "Опросный лист педагога",
        ("опросный лист педагога", "опросных листа педагогов", "опросных листов педагогов"),
        _state(Status.SURVEY_OPEN),
        _page("motor:case"),
    ),
    Status.SCHOOL_REVIEW: LimitKind(
        "Чек-лист методиста ОО",
        ("чек-лист методистов ОО", "чек-листа методистов ОО", "чек-листов методистов ОО"),
        _state(Status.SCHOOL_REVIEW),
        _page("motor:case"),
    ),
    Status.RMA_REQUESTED: LimitKind(
        "Ответ методиста РМА",
        ("ответ методистов РМА", "ответа методистов РМА", "ответов методистов РМА"),
        _state(Status.RMA_REQUESTED),
        _page("motor:case"),
    ),
    Status.RMA_REVIEW: LimitKind(
        "Второе мнение методиста РМА",
        ("второе мнение методистов РМА", "вторых мнения методистов РМА", "вторых мнений методистов РМА"),
        _state(Status.RMA_REVIEW),
        _page("motor:case"),
    ),
    Status.FOLLOW_UP: LimitKind(
        "Работа с результатом",
        ("работа с результатом", "работы с результатом", "работ с результатом"),
        _state(Status.FOLLOW_UP),
        _page("motor:case"),
    ),
}


def due_for(
    user: User, since: date, until: date, *, few: int = FEW, full: date | None = None, only_mine: bool = False
) -> list[Limit]:
    """At most three queries: own work, what is asked of others by number, and the names of those shown one by one."""
    own = _own(user, since, until)
    rows = [Found(code, day, pk, is_mine=True) for code, day, pk, _ in own]
    if not only_mine and user.roles & WATCHERS:
        rows += _of_others(user, since, until, own)
    return gather(rows, KINDS, few, full, lambda pks: _names(user, pks))


def _own(user: User, since: date, until: date) -> list[tuple[str, date, int, str]]:
    """(kind, day, case, state) of what is this person's turn."""
    arms: list[Any] = []
    for code, cases in turns(user).items():
        day = "objection__due_on" if code == "objection" else "due_on"
        ending = cases.filter(**{f"{day}__range": (since, until)}).order_by()
        arms.append(ending.annotate(code=Value(code), day=F(day)).values_list("code", "day", "pk", "status"))
    return list(arms[0].union(*arms[1:], all=True))


def _of_others(user: User, since: date, until: date, own: list[tuple[str, date, int, str]]) -> list[Found]:
    """Everything in scope, counted by the database; own work is then taken off, each case once."""
    cases = Case.objects.visible_to(user).filter(
        status__in=Case.UNDER_WAY, due_on__range=(since, until), paused_until=None
    )
    counts = cases.order_by().values_list("status", "due_on").annotate(any=Min("pk"), many=Count("pk"))
    mine = {(pk, day, status) for code, day, pk, status in own if code != "objection"}
    taken = Counter((status, day) for _, day, status in mine)
    return [
        Found(status, day, pk, is_mine=False, many=many - taken[status, day])
        for status, day, pk, many in counts
        if many > taken[status, day]
    ]


def _names(user: User, pks: set[int]) -> Mapping[int, str]:
    """Of one's own case the programme, of others' the person."""
    names = ("person__last_name", "person__first_name", "person__patronymic")
    told = ("pk", "person", "completion__course__programme__title", *names)
    rows: Any = Case.objects.filter(pk__in=pks).order_by().values_list(*told)
    return {
        pk: programme if person == user.pk else " ".join(part for part in name if part)
        for pk, person, programme, *name in rows
    }
