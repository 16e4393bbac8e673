"""Summaries: one measure by one breakdown, each share with its base n beside it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count

from cabinet.core.suppression import FEW, KEPT, LITTLE, VEILED
from cabinet.core.words import NBSP, grouped
from registry.models import EntryQuerySet
from registry.services.breakdowns import TOTAL, Breakdown, Key, folding
from registry.services.measures import LABELS, Measure

TEXTS = {FEW: "<5", LITTLE: "<5", KEPT: "скрыто", VEILED: "скрыто"}
BY_SIZE = frozenset({"programme"})  # hundreds of them: the large ones first

Counts = dict[Key, Counter[str]]
Outer = dict[Key, Key]  # group → the wider group it stands in


@dataclass(frozen=True)
class Figure:
    """One number of a summary, or the mark in its place. `share` is its part of the base, when there is one to say."""

    column: str
    value: int
    mark: str = ""
    share: float | None = None

    @property
    def label(self) -> str:
        return LABELS[self.column]

    @property
    def text(self) -> str:
        return TEXTS.get(self.mark) or grouped(self.value)

    @property
    def percent(self) -> str:
        return "" if self.share is None else f"{100 * self.share:.0f}{NBSP}%"


@dataclass(frozen=True)
class Line:
    """One line of a breakdown; `pk` is the group's id in it."""

    pk: str
    label: str
    base: Figure
    parts: list[Figure]
    apart: list[Figure]
    is_total: bool = False

    @property
    def figures(self) -> list[Figure]:
        return [self.base, *self.parts, *self.apart]

    @property
    def is_whole(self) -> bool:
        """Is everything a bar needs shown?"""
        return self.base.value > 0 and not any(one.mark for one in (self.base, *self.parts))


@dataclass
class Summary:
    """`lines` without the total. `made_at`: when the figures were taken, if not just now."""

    measure: Measure
    breakdown: Breakdown
    total: Line
    lines: list[Line] = field(default_factory=list)
    made_at: datetime | None = None

    @property
    def part_labels(self) -> list[str]:
        return [LABELS[column] for column in self.measure.parts]

    @property
    def apart_labels(self) -> list[str]:
        return [LABELS[column] for column in self.measure.apart]


def summarize(rows: EntryQuerySet, measure: Measure, breakdown: Breakdown) -> Summary:
    """Count `rows` in one query."""
    counts, _ = count(rows, [measure], breakdown)
    values: dict[str, Mapping[str, int | str]] = {pk: line for (code, pk), line in counts.items() if code != TOTAL[0]}
    found = lay_out(measure, breakdown, values, counts[TOTAL])
    if breakdown.code in BY_SIZE:
        found.lines.sort(key=lambda line: -line.base.value)
    return found


def lay_out(
    measure: Measure,
    breakdown: Breakdown,
    values: Mapping[str, Mapping[str, int | str]],
    total: Mapping[str, int | str],
) -> Summary:
    """Lines by name from group → column → a number or a mark."""
    names = breakdown.names(values)
    lines = [_line(measure, pk, names.get(pk, pk), line) for pk, line in values.items()]
    lines.sort(key=lambda line: breakdown.order(line.label, line.pk))
    return Summary(measure, breakdown, _line(measure, "", "Всего", total, is_total=True), lines)


def _line(measure: Measure, pk: str, label: str, values: Mapping[str, int | str], *, is_total: bool = False) -> Line:
    def figure(column: str) -> Figure:
        value = values.get(column, 0)
        return Figure(column, 0, value) if isinstance(value, str) else Figure(column, value)

    def part(column: str) -> Figure:
        one = figure(column)
        has_share = base.value and not one.mark
        return Figure(column, one.value, one.mark, one.value / base.value if has_share else None)

    base = figure(measure.base)
    apart = [figure(column) for column in measure.apart]
    return Line(pk, label, base, [part(column) for column in measure.parts], apart, is_total)


def count(
    rows: EntryQuerySet, measures: Sequence[Measure], breakdown: Breakdown, *, with_outer: bool = False
) -> tuple[Counts, Outer]:
    """Counts by group and column in one query, and which group stands in which."""
    places = {"group": breakdown.column, **{f"place_{one.code}": one.expression for one in measures}}
    found = rows.order_by().annotate(**places).values_list(*places).annotate(n=Count("*"))
    return tally(found, folding(breakdown), measures, with_outer=with_outer)


def tally(
    found: Iterable[tuple[Any, ...]],
    keys_of: Callable[[Any], tuple[Key, ...]],
    measures: Sequence[Measure],
    *,
    with_outer: bool,
) -> tuple[Counts, Outer]:
    """Add up (grouped value, its place in each of `measures`, number); `with_outer` keeps the wider groups too."""
    counts: Counts = defaultdict(Counter, {TOTAL: Counter()})
    outer: Outer = {}
    for value, *codes, n in found:
        inside = keys_of(value)
        keys = (TOTAL, *(inside if with_outer else inside[-1:]))
        outer.update(zip(keys[1:], keys, strict=False))
        # A place may belong to several measures, and a case is counted in it once.
        columns = {column for one, code in zip(measures, codes, strict=True) for column in one.places(code)}
        for key in keys:
            for column in columns:
                counts[key][column] += n
    for line in counts.values():
        _add_up(line, measures, with_unseen=with_outer)
    return dict(counts), outer


def _add_up(line: Counter[str], measures: Sequence[Measure], *, with_unseen: bool) -> None:
    for measure in measures:
        for whole, parts in measure.sums:
            line[whole] = sum(line[part] for part in parts)
        for whole, parts in measure.unseen if with_unseen else ():
            line[parts[-1]] = line[whole] - sum(line[part] for part in parts[:-1])
