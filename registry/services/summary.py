"""Summaries: variants by territory, municipality and programme, each share with its base n beside it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Count

from cabinet.core.words import NBSP, grouped
from cabinet.structure.models import Municipality
from registry.models import WITH_VARIANT, EntryQuerySet, Result
from registry.services.suppression import FEW, KEPT, Cell, Equation, hidden_cells

BASE = "base"
APART = (Result.NO_RESPONSE, Result.NOT_ASSESSED, Result.STOPPED, Result.PENDING)
COLUMNS = (*WITH_VARIANT, BASE, *APART)
TOTAL = ("total", "")
TOP = 40  # programmes with a bar of their own; the others are added together
REST = "rest"

Key = tuple[str, str]  # breakdown, id in it ("none" for no territory)
Counts = dict[Key, Counter[str]]


@dataclass(frozen=True)
class Figure:
    """One number of a summary, or why it is not shown."""

    value: int
    mark: str = ""

    @property
    def text(self) -> str:
        return {FEW: "<5", KEPT: "скрыто"}.get(self.mark) or grouped(self.value)


@dataclass(frozen=True)
class Line:
    """One line of a breakdown."""

    label: str
    figures: dict[str, Figure]
    address: str = ""
    is_total: bool = False

    @property
    def base(self) -> Figure:
        return self.figures[BASE]

    @property
    def variants(self) -> list[tuple[Figure, str]]:
        """(number, share of the base) of the three variants."""
        return [(self.figures[code], self._share(code)) for code in WITH_VARIANT]

    @property
    def apart(self) -> list[Figure]:
        return [self.figures[code] for code in APART]

    @property
    def apart_named(self) -> list[tuple[Result, Figure]]:
        return [(code, self.figures[code]) for code in APART]

    @property
    def is_whole(self) -> bool:
        """Is everything a bar needs shown?"""
        return self.base.value > 0 and not any(figure.mark for figure, _ in self.variants)

    def _share(self, code: str) -> str:
        if self.figures[code].mark or self.base.mark:
            return ""
        return f"{100 * self.figures[code].value / self.base.value:.0f}{NBSP}%" if self.base.value else "—"


@dataclass
class Summary:
    """`total` is None when there is nothing to count."""

    total: Line
    territories: list[Line] = field(default_factory=list)
    municipalities: list[Line] = field(default_factory=list)
    programmes: list[Line] = field(default_factory=list)


def count(rows: EntryQuerySet) -> tuple[Counts, dict[str, str]]:
    """Counts of every breakdown by result in three queries, and which municipality lies in which territory.

    Territories are added up here: grouping by them too would leave the index and read the whole table.
    """
    counts: Counts = defaultdict(Counter)
    territories = dict(Municipality.objects.order_by().values_list("pk", "territory_id"))
    territory_of: dict[str, str] = {}
    places = rows.order_by().values_list("municipality_id", "result").annotate(n=Count("*"))
    for municipality, result, n in places:
        place = str(territories.get(municipality) or "none")
        territory_of[str(municipality)] = place
        for key in (TOTAL, ("territory", place), ("municipality", str(municipality))):
            counts[key][result] += n
    for programme, result, n in rows.order_by().values_list("programme_id", "result").annotate(n=Count("*")):
        counts["programme", str(programme)][result] += n
    for line in counts.values():
        line[BASE] = sum(line[code] for code in WITH_VARIANT)
    return counts, territory_of


def summarize(
    rows: EntryQuerySet,
    labels: dict[str, dict[str, str]],
    address: Callable[[str, str], str],
    whole: EntryQuerySet | None = None,
) -> Summary:
    """The three breakdowns of `rows`.

    `labels`: breakdown → id → name; `address`: where a line's name leads. With `whole` (all that the reader may
    count, before filters) groups under five are hidden, with as much of their neighbours as a subtraction
    would need: for readers who see aggregates only.
    """
    counts, territory_of = count(rows)
    counts.setdefault(TOTAL, Counter())
    _gather_small_programmes(counts)
    marks: dict[Cell, str] = {}
    if whole is not None:
        marks = _marks(counts, territory_of, count(whole)[0])

    def lines(breakdown: str, order: Callable[[Key], object]) -> list[Line]:
        keys = sorted((key for key in counts if key[0] == breakdown), key=order)  # type: ignore[arg-type]
        return [_line(key, _label(key, labels), counts, marks, address(*key)) for key in keys]

    def by_name(key: Key) -> object:
        return (key[1] == "none", _label(key, labels))

    def by_base(key: Key) -> object:
        return (key[1] == REST, -counts[key][BASE], _label(key, labels))

    return Summary(
        _line(TOTAL, "Всего", counts, marks, "", is_total=True),
        lines("territory", by_name),
        lines("municipality", by_name),
        lines("programme", by_base),
    )


def _label(key: Key, labels: dict[str, dict[str, str]]) -> str:
    if key[1] == REST:
        return "Остальные программы вместе"
    return labels.get(key[0], {}).get(key[1], "не указано")


def _line(
    key: Key, label: str, counts: Counts, marks: dict[Cell, str], address: str, *, is_total: bool = False
) -> Line:
    figures = {code: Figure(counts[key][code], marks.get((key, code), "")) for code in COLUMNS}
    return Line(label, figures, address, is_total)


def _gather_small_programmes(counts: Counts) -> None:
    keys = sorted((key for key in counts if key[0] == "programme"), key=lambda key: -counts[key].total())
    for key in keys[TOP:]:
        counts["programme", REST] += counts.pop(key)


def _marks(counts: Counts, territory_of: dict[str, str], whole: Counts) -> dict[Cell, str]:
    """What to hide: small numbers, what a filter leaves out when that is small, and what would give them away."""
    values: dict[Cell, int] = {(key, code): counts[key][code] for key in counts for code in COLUMNS}
    # «All» minus «chosen» is what a second look without the filter would tell.
    left_out = {
        (key, code)
        for key, code in values
        if key in whole and 0 < whole[key][code] - counts[key][code] < 5 and counts[key][code] > 0
    }
    return hidden_cells(values, _equations(counts, territory_of), left_out)


def _equations(counts: Counts, territory_of: dict[str, str]) -> list[Equation]:
    """Every sum a reader can make: variants to their base, municipalities to a territory, all to the total."""
    inside: dict[str, list[Key]] = defaultdict(list)
    for municipality, territory in territory_of.items():
        inside[territory].append(("municipality", municipality))
    sums: list[tuple[Sequence[Key], Key]] = [(keys, ("territory", place)) for place, keys in inside.items()]
    for breakdown in ("territory", "programme"):
        sums.append(([key for key in counts if key[0] == breakdown], TOTAL))
    equations: list[Equation] = [[(key, code) for code in (*WITH_VARIANT, BASE)] for key in counts]
    for parts, whole in sums:
        equations += [_sum(parts, whole, code) for code in COLUMNS]
    return equations


def _sum(parts: Iterable[Key], whole: Key, code: str) -> Equation:
    return [*((key, code) for key in parts), (whole, code)]
