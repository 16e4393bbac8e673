"""Agreed work counted by direction, function, place, member, kind and month; who sees no names sees no small groups."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count, Sum

from cabinet.core.clock import add_months, school_year, today
from cabinet.core.suppression import FEW, KEPT, LIMIT, LITTLE, Cell, Equation, Marks, hide, is_small
from cabinet.core.words import month_words
from cabinet.structure.models import Municipality, Territory
from cabinet.users.models import User
from rma.models import Activity, Direction, Function, Member
from rma.models.activity import ActivityQuerySet

READERS = frozenset({"regional", "municipal", "admin", "observer"})
NAMED_READERS = frozenset({"municipal", "admin"})
NOWHERE = "Территория не указана"
UNKNOWN = "Не указано"
PLACE = "member__user__organization__municipality"


class Breakdown(NamedTuple):
    code: str
    title: str
    heading: str
    column: str


BREAKDOWNS = (
    Breakdown("direction", "По направлениям", "Направление", "direction"),
    Breakdown("function", "По функциям", "Функция", "function"),
    Breakdown("territory", "По территориям", "Территория", f"{PLACE}__territory"),
    Breakdown("municipality", "По муниципалитетам", "Муниципалитет", PLACE),
    Breakdown("member", "По методистам РМА", "Методист РМА", "member"),
    Breakdown("kind", "По видам работы", "Вид работы", "kind"),
    Breakdown("month", "По месяцам", "Месяц", "month"),
)
BY_CODE = {one.code: one for one in BREAKDOWNS}


class Figures(NamedTuple):
    """A group's people are counted once per line, whoever they are; members are different persons."""

    lines: int
    hours: Decimal
    people: int
    members: int


NOTHING = Figures(0, Decimal(0), 0, 0)
TOTAL: Cell = (("total", ""), "members")


@dataclass
class Group:
    """`is_few`: under five members, not shown; `is_kept`: hidden so that subtraction does not give a small one away."""

    pk: Any
    label: str
    figures: Figures
    own: Figures = NOTHING
    is_few: bool = False
    is_kept: bool = False

    @property
    def is_hidden(self) -> bool:
        return self.is_few or self.is_kept


@dataclass
class Statistics:
    breakdown: Breakdown
    total: Group
    groups: list[Group] = field(default_factory=list)
    is_coarse: bool = False

    @property
    def has_hidden(self) -> bool:
        return self.total.is_hidden or any(one.is_hidden for one in self.groups)


# --- Who counts what -------------------------------------------------------------------------------------------


def is_coarse_for(user: User) -> bool:
    """Figures of others without names: the observer, and a member beside the whole region."""
    return not user.roles & NAMED_READERS


def countable_by(user: User) -> ActivityQuerySet:
    """The admin counts the region, the specialist his municipality; figures without names are the region's too."""
    agreed = Activity.objects.agreed()
    if not user.roles & READERS:
        return agreed.none()
    return agreed if is_coarse_for(user) else agreed & Activity.objects.visible_to(user)


def breakdowns_for(user: User) -> list[Breakdown]:
    if is_coarse_for(user):
        # Kinds of work lie within functions: one minus the other would be a group too small to show.
        return [one for one in BREAKDOWNS if one.code not in ("member", "kind")]
    return [one for one in BREAKDOWNS if one.code != "territory" or "admin" in user.roles]


# --- Periods ---------------------------------------------------------------------------------------------------


class Period(NamedTuple):
    """Days, both included; without them everything."""

    code: str
    label: str
    since: date | None = None
    until: date | None = None


def school_years(count: int = 3) -> list[Period]:
    """From September to August, the present one first. They do not overlap: no two can be subtracted."""
    begun = school_year()
    since = [add_months(begun, -12 * back) for back in range(count)]
    return [
        Period(
            str(day.year),
            f"{day.year}/{(day.year + 1) % 100:02} учебный год",
            day,
            add_months(day, 12) - date.resolution,
        )
        for day in since
    ]


def periods() -> list[Period]:
    this, last = today().replace(day=1), add_months(today().replace(day=1), -1)
    return [
        *school_years(),
        Period("last", month_words(last), last, this - date.resolution),
        Period("this", month_words(this), this, today()),
        Period("all", "всё время"),
    ]


def within(lines: ActivityQuerySet, period: Period) -> ActivityQuerySet:
    """The month narrows the index, the day is read from it."""
    if period.since:
        lines = lines.filter(month__gte=period.since.replace(day=1), on__gte=period.since)
    if period.until:
        lines = lines.filter(month__lte=period.until, on__lte=period.until)
    return lines


def in_place(lines: ActivityQuerySet, *, territory: Any = None, municipality: Any = None) -> ActivityQuerySet:
    """By where the member works."""
    if municipality:
        return lines.filter(member__in=Member.objects.order_by().filter(user__organization__municipality=municipality))
    if territory:
        places = Member.objects.order_by().filter(user__organization__municipality__territory=territory)
        return lines.filter(member__in=places)
    return lines


# --- Counting --------------------------------------------------------------------------------------------------

MEMBERS = Count("member", distinct=True)
SUMS = {"lines": Count("*"), "hours": Sum("hours"), "people": Sum("people_count")}


def summarize(
    lines: ActivityQuerySet, breakdown: Breakdown, *, own: ActivityQuerySet | None = None, is_coarse: bool = False
) -> Statistics:
    """One grouped query per queryset, and one for the names."""
    figures, total = count(lines, breakdown)
    mine, my_total = count(own, breakdown) if own is not None else ({}, NOTHING)
    names = _names(breakdown, figures)
    groups = [Group(pk, names.get(pk) or UNKNOWN, one, mine.get(pk, NOTHING)) for pk, one in figures.items()]
    found = Statistics(breakdown, Group("", "Всего", total, my_total), _sorted(breakdown, groups, names), is_coarse)
    if is_coarse:
        _hide(found, lines)
    return found


def count(lines: ActivityQuerySet, breakdown: Breakdown) -> tuple[dict[Any, Figures], Figures]:
    """Groups and their total: people of lines add up, members are told apart."""
    if breakdown.code in ("member", "territory", "municipality"):
        return _by_members(lines, breakdown)
    rows = lines.order_by().values_list(breakdown.column).annotate(**SUMS, members=MEMBERS)
    figures = {key: Figures(*numbers) for key, *numbers in rows}
    members = lines.order_by().aggregate(members=MEMBERS)["members"] if figures else 0
    return figures, _total(figures, members)


def _by_members(lines: ActivityQuerySet, breakdown: Breakdown) -> tuple[dict[Any, Figures], Figures]:
    """Every member stands in one place: adding them up here spares the database a join of every line."""
    rows = list(lines.order_by().values_list("member").annotate(**SUMS))
    place: dict[Any, Any] = {}
    if breakdown.code != "member":
        column = breakdown.column.removeprefix("member__")
        place = dict(Member.objects.order_by().values_list("pk", column))
    figures: dict[Any, Figures] = {}
    for member, count_, hours, people in rows:
        key = place.get(member) if place else member
        before = figures.get(key, NOTHING)
        figures[key] = Figures(before.lines + count_, before.hours + hours, before.people + people, before.members + 1)
    return figures, _total(figures, len(rows))


def _total(figures: Mapping[Any, Figures], members: int) -> Figures:
    every = figures.values()
    hours = sum((one.hours for one in every), Decimal(0))
    return Figures(sum(one.lines for one in every), hours, sum(one.people for one in every), members)


def _names(breakdown: Breakdown, keys: Collection[Any]) -> dict[Any, str]:
    """In the order in which the groups stand; names of members are read for the page alone."""
    code = breakdown.code
    if code == "kind":
        return {value: label for value, label in Activity.Kind.choices if value in keys}
    if code == "month":
        return {month: month_words(month) for month in sorted(keys)}
    if code == "member":
        return {}
    if code == "direction":
        return dict(Direction.objects.values_list("pk", "short"))
    if code == "function":
        return dict(Function.objects.values_list("pk", "short"))
    if code == "territory":
        return dict(Territory.objects.values_list("pk", "name")) | {None: NOWHERE}
    return {one.pk: str(one) for one in Municipality.objects.all()}


def _sorted(breakdown: Breakdown, groups: list[Group], names: Mapping[Any, str]) -> list[Group]:
    if breakdown.code == "member":
        return sorted(groups, key=lambda one: (-one.figures.hours, one.pk))
    places = {pk: at for at, pk in enumerate(names)}
    return sorted(groups, key=lambda one: places.get(one.pk, len(places)))


def name_members(groups: Collection[Group]) -> None:
    """Of one page, in one query."""
    found = Member.objects.select_related("user").in_bulk([one.pk for one in groups])
    for one in groups:
        one.label = found[one.pk].user.full_name if one.pk in found else UNKNOWN


# --- Small groups ----------------------------------------------------------------------------------------------


def _hide(found: Statistics, lines: ActivityQuerySet) -> None:
    """Mark what must not be shown.

    Members of directions do not add up, and two small groups may be the same four persons, whose hours together a
    reader would know: there each breakdown hides a large group beside the small ones, more than `core.suppression`
    would. Members of places add up: it goes on from there until nobody can be counted.
    """
    groups, code = found.groups, found.breakdown.code
    if is_small(found.total.figures.members):
        _mark([found.total, *groups], {found.total.pk, *(one.pk for one in groups)})
    elif code in ("territory", "municipality"):
        marks = _place_marks(lines)
        for one in groups:
            mark = marks.get(_cell(code, one.pk))
            one.is_few = mark in (FEW, LITTLE)
            one.is_kept = mark is not None and not one.is_few
    else:
        _mark(groups, hidden({one.pk: one.figures.members for one in groups}))


def _place_marks(lines: ActivityQuerySet) -> Marks:
    """Territories and their municipalities are one system: a reader puts the two pages together."""
    members = Member.objects.order_by().filter(pk__in=lines.order_by().values("member"))
    place = PLACE.removeprefix("member__")
    inside: dict[Any, dict[Any, int]] = defaultdict(dict)
    for territory, municipality, number in members.values_list(f"{place}__territory", place).annotate(Count("pk")):
        inside[territory][municipality] = number
    outer = {territory: sum(groups.values()) for territory, groups in inside.items()}
    values = {TOTAL: sum(outer.values())} | {_cell("territory", pk): number for pk, number in outer.items()}
    values |= {_cell("municipality", pk): number for groups in inside.values() for pk, number in groups.items()}
    sums = [Equation(TOTAL, [_cell("territory", pk) for pk in inside])]
    kept = hidden(outer)
    cells = {_cell("territory", pk) for pk in kept}
    for territory, groups in inside.items():
        sums.append(Equation(_cell("territory", territory), [_cell("municipality", pk) for pk in groups]))
        cells |= {_cell("municipality", pk) for pk in hidden(groups, must=territory in kept)}
    marks: Marks = {cell: FEW if is_small(values[cell]) else KEPT for cell in cells}
    # The whole stands on every page and stays; where it would tell the number of a place, no place says even «<5».
    hide(values, sums, [cell for cell in values if cell != TOTAL], marks, has_noughts=False)
    return marks


def _cell(by: str, pk: Any) -> Cell:
    return (by, "" if pk is None else str(pk)), "members"


def hidden(members: Mapping[Any, int], *, must: bool = False) -> set[Any]:
    """Groups not to be shown: small ones, and beside them a large one, the smallest, so that their sum tells nothing.

    `must`: the sum of all these groups is hidden elsewhere, so one of them has to be hidden here too.
    """
    small = {key for key, count in members.items() if is_small(count)}
    if not small and not must:
        return set()
    large = sorted((count, str(key), key) for key, count in members.items() if count >= LIMIT)
    return small | {key for _, _, key in large[:1]}


def _mark(groups: Collection[Group], keys: set[Any]) -> None:
    for one in groups:
        if one.pk in keys:
            one.is_few = is_small(one.figures.members)
            one.is_kept = not one.is_few
