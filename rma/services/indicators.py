"""«Формальные показатели»: shares of the members who act on a day, for the region and for its parts, never typed."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from cabinet.core.charts import percent
from cabinet.core.clock import add_months, school_year
from cabinet.core.suppression import FEW, KEPT, LITTLE, UNSEEN, VEILED, Cell, Equation, Marks, hide
from cabinet.core.words import grouped
from cabinet.structure.models import Municipality, Subject
from cabinet.users.models import User
from rma.models import Indicator, Member
from rma.reference import SOURCE_INDICATORS

KINDS = tuple(Indicator.Kind.values)
BASE, ALL = "base", "all"
COLUMNS = (*KINDS, ALL)
LABELS = {code: label for code, label, _percent, _count in SOURCE_INDICATORS}
NONE = "none"
PLACE = "user__organization__municipality"
TOTAL = ("total", "")
REGION = "Всего по краю"
HIDDEN = {FEW: "<5", LITTLE: "<5", KEPT: "скрыто", VEILED: "скрыто"}
BREAKDOWNS = {"territory": "По территориям", "municipality": "По муниципалитетам", "subject": "По предметам"}
HEADINGS = {"territory": "Территория", "municipality": "Муниципалитет", "subject": "Предмет"}
NAMELESS = {
    "territory": "Территория не указана",
    "municipality": "Муниципалитет не указан",
    "subject": "Предмет не указан",
}

Tally = Counter[str]  # column → how many members
Tallies = dict[str, Tally]  # id of a group → its tally


@dataclass(frozen=True)
class Figure:
    """How many members meet a requirement, of how many; with a mark, what is said instead."""

    label: str
    value: int
    base: int
    mark: str = ""

    @property
    def text(self) -> str:
        return HIDDEN.get(self.mark) or grouped(self.value)

    @property
    def percent(self) -> str:
        """As the source writes shares: «100», «7,4»; nothing where there is nobody or the number is hidden."""
        return "" if self.mark else percent(self.value, self.base, digits=1)


@dataclass(frozen=True)
class Line:
    """A group and its five figures; `base` is the number of its members who act on the day."""

    pk: str
    label: str
    base: Figure
    figures: tuple[Figure, ...]

    @property
    def is_whole(self) -> bool:
        """Is everything a bar needs shown?"""
        return self.base.value > 0 and not any(one.mark for one in (self.base, *self.figures))


@dataclass(frozen=True)
class Sight:
    """What a reader sees beside the region's totals: by what he may break them down, within which municipalities.

    `own` holds ids; it is None for the whole region. Whoever sees `is_coarse` reads groups under five as «<5».
    """

    breakdowns: tuple[str, ...] = ()
    own: frozenset[str] | None = None
    is_coarse: bool = False


@dataclass(frozen=True)
class Indicators:
    """The shares on a day. With `is_coarse` lines stand by name and small groups are hidden."""

    day: date
    total: Line
    by: str = ""
    lines: list[Line] = field(default_factory=list)

    @property
    def title(self) -> str:
        return BREAKDOWNS.get(self.by, "")

    @property
    def heading(self) -> str:
        return HEADINGS.get(self.by, "")


def sight_of(user: User) -> Sight:
    """A member of the group sees the region's totals, a municipal specialist his own municipality beside them."""
    if "admin" in user.roles:
        return Sight(tuple(BREAKDOWNS))
    if "observer" in user.roles:
        return Sight(tuple(BREAKDOWNS), is_coarse=True)
    own = frozenset(str(pk) for pk in user.own_municipalities)
    return Sight(("municipality", "subject"), own) if own else Sight()


def quick_days(day: date) -> dict[str, date]:
    """The days people ask about: today, the beginning of the school year, a year ago."""
    return {"сегодня": day, "1 сентября": school_year(day), "год назад": add_months(day, -12)}


def indicators(day: date, sight: Sight, by: str) -> Indicators:
    """The totals of the region and its parts: one query for the members, one or two more for a breakdown and names."""
    standing = _standing(day)
    places = _by_place(standing)
    counts = {"total": {"": sum(places.values(), Counter())}, "municipality": places}
    if by not in sight.breakdowns and not sight.is_coarse:
        return Indicators(day, _line(TOTAL, REGION, counts["total"][""], {}))
    municipalities = {str(one.pk): one for one in Municipality.objects.select_related("territory")}
    outer = {pk: _territory_of(municipalities.get(pk)) for pk in places}
    counts["territory"] = _added_up(places, outer)
    if by == "subject" or sight.is_coarse:
        counts["subject"] = _by_subject(one for one in standing if _is_own(one.place, sight))
    # All pages of a day are one system: a reader puts them together.
    marks = _hidden(counts, outer) if sight.is_coarse else {}
    total = _line(TOTAL, REGION, counts["total"][""], marks)
    if by not in sight.breakdowns:
        return Indicators(day, total)
    names = _names(by, municipalities)
    found = {pk: tally for pk, tally in counts[by].items() if by == "subject" or _is_own(pk, sight)}
    lines = [_line((by, pk), names.get(pk, pk), tally, marks) for pk, tally in found.items()]
    lines.sort(key=lambda line: (line.pk == NONE, line.label))
    return Indicators(day, total, by, lines)


def _is_own(pk: str, sight: Sight) -> bool:
    return sight.own is None or pk in sight.own


class Standing(NamedTuple):
    """A member who acts on the day: where, and which of the four he meets."""

    pk: int
    place: str
    met: tuple[bool, ...]


def _standing(day: date) -> list[Standing]:
    """A row for each member and not a count for each group: asked once, it serves every breakdown."""
    members = Member.objects.in_status_on(day, Member.Status.ACTIVE).with_indicators(day).order_by()
    rows = members.values_list("pk", PLACE, *(f"has_{kind}" for kind in KINDS))
    return [Standing(pk, _key(place), tuple(bool(one) for one in met)) for pk, place, *met in rows]


def _key(pk: int | None) -> str:
    return NONE if pk is None else str(pk)


def _by_place(standing: Iterable[Standing]) -> Tallies:
    return _tallied((one.place, one.met) for one in standing)


def _by_subject(standing: Iterable[Standing]) -> Tallies:
    """A member of two subjects counts in both."""
    subjects: dict[int, list[str]] = defaultdict(list)
    for member, subject in Member.subjects.through.objects.values_list("member", "subject"):
        subjects[member].append(str(subject))
    return _tallied((subject, one.met) for one in standing for subject in subjects.get(one.pk, [NONE]))


def _tallied(members: Iterable[tuple[str, tuple[bool, ...]]]) -> Tallies:
    """From (group, what is met) of each; there are only sixteen ways to meet four requirements."""
    tallies: Tallies = defaultdict(Counter)
    for (pk, met), count in Counter(members).items():
        tally = tallies[pk]
        tally[BASE] += count
        tally[ALL] += count if all(met) else 0
        for kind, is_met in zip(KINDS, met, strict=True):
            tally[kind] += count if is_met else 0
    return dict(tallies)


def _territory_of(municipality: Municipality | None) -> str:
    return str(municipality.territory_id) if municipality and municipality.territory_id else NONE


def _added_up(tallies: Tallies, outer: Mapping[str, str]) -> Tallies:
    found: Tallies = {}
    for pk, tally in tallies.items():
        found.setdefault(outer[pk], Counter()).update(tally)
    return found


def _names(by: str, municipalities: Mapping[str, Municipality]) -> dict[str, str]:
    if by == "subject":
        names = {str(pk): name for pk, name in Subject.objects.values_list("pk", "name")}
    elif by == "municipality":
        names = {pk: str(one) for pk, one in municipalities.items()}
    else:
        names = {str(one.territory_id): str(one.territory) for one in municipalities.values() if one.territory}
    return names | {NONE: NAMELESS[by]}


def _line(key: tuple[str, str], label: str, tally: Mapping[str, int], marks: Marks) -> Line:
    base = tally.get(BASE, 0)
    figures = tuple(
        Figure(LABELS[column], tally.get(column, 0), base, marks.get((key, column), "")) for column in COLUMNS
    )
    return Line(key[1], label, Figure("Действуют", base, base, marks.get((key, BASE), "")), figures)


# --- For readers of aggregates -------------------------------------------------------------------------------


def _hidden(counts: Mapping[str, Tallies], outer: Mapping[str, str]) -> Marks:
    """Cell → why it is not shown. Those who lack something are a group too, though no page names them."""
    lines = {(by, pk): tally for by, tallies in counts.items() for pk, tally in tallies.items()}
    values: dict[Cell, int] = {}
    sums: list[Equation] = []
    for key, tally in lines.items():
        values[key, BASE] = tally[BASE]
        for column in COLUMNS:
            values[key, column], values[key, f"no_{column}"] = tally[column], tally[BASE] - tally[column]
            sums.append(Equation((key, BASE), [(key, column), (key, f"no_{column}")]))
    for whole, parts in _sums_of(counts, outer):
        sums += [Equation((whole, column), [(key, column) for key in parts]) for column in (BASE, *COLUMNS)]
    marks: Marks = {cell: UNSEEN for cell in values if cell[1].startswith("no_")}
    free = [cell for cell in values if cell not in marks]
    hide(values, sums, free, marks, dear=[cell for cell in free if cell[0] == TOTAL])
    return marks


def _sums_of(
    counts: Mapping[str, Tallies], outer: Mapping[str, str]
) -> Iterable[tuple[tuple[str, str], list[tuple[str, str]]]]:
    """Which lines make up which. Subjects add up to the region only while nobody has two of them."""
    yield TOTAL, [("territory", pk) for pk in counts["territory"]]
    for territory in counts["territory"]:
        yield ("territory", territory), [("municipality", pk) for pk, one in outer.items() if one == territory]
    if sum(tally[BASE] for tally in counts["subject"].values()) == counts["total"][""][BASE]:
        yield TOTAL, [("subject", pk) for pk in counts["subject"]]
