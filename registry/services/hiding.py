"""What readers of aggregates see: one decision a day for all their pages and files at once.

A figure stands on many pages: a base under several measures, a territory above its municipalities. Deciding page by
page would hide too little, for a reader puts pages together; so all the sums of all pages are one system here.
"""

from collections import defaultdict
from typing import Any

from cabinet.core.clock import today
from cabinet.core.suppression import UNSEEN, Equation, Marks, hide
from registry.models import Entry, Snapshot
from registry.services.breakdowns import BREAKDOWNS, TOTAL, Breakdown, Key
from registry.services.measures import LABELS, MEASURES, Measure
from registry.services.summary import Counts, Outer, Summary, count, lay_out

SUMS = tuple(dict.fromkeys(one for measure in MEASURES for one in (*measure.sums, *measure.unseen)))
COLUMNS = tuple(dict.fromkeys(name for one in SUMS for name in (one.whole, *one.parts)))
UNSEEN_COLUMNS = frozenset(one.parts[-1] for measure in MEASURES for one in measure.unseen)


def summarize_hidden(measure: Measure, breakdown: Breakdown) -> Summary:
    """The summary of the whole region as a reader of aggregates sees it.

    Its lines stand by name: an order by size would tell the sizes that are hidden.
    """
    snapshot = latest_snapshot()
    figures = snapshot.figures
    found = lay_out(measure, breakdown, figures.get(breakdown.code, {}), figures[TOTAL[0]][TOTAL[1]])
    found.made_at = snapshot.made_at
    return found


def latest_snapshot() -> Snapshot:
    """The page never waits for a new one, but for the very first."""
    return Snapshot.objects.order_by("-day").first() or take_snapshot()


def take_snapshot() -> Snapshot:
    """Today's figures, taken once; of two at once those of one stay. Former days are forgotten."""
    day = today()
    found = Snapshot.objects.filter(day=day).first()
    if found is None:
        Snapshot.objects.bulk_create([Snapshot(day=day, figures=_figures())], ignore_conflicts=True)
        found = Snapshot.objects.get(day=day)
        Snapshot.objects.filter(day__lt=day).delete()
    return found


def _figures() -> dict[str, dict[str, dict[str, Any]]]:
    counts: Counts = {}
    outer: Outer = {}
    for breakdown in BREAKDOWNS:
        found, stands_in = count(Entry.objects.all(), MEASURES, breakdown, with_outer=True)
        counts |= found
        outer |= stands_in
    marks = hidden(counts, outer)
    figures: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for key, line in counts.items():
        told = [column for column in COLUMNS if column in LABELS]
        figures[key[0]][key[1]] = {column: marks.get((key, column)) or line[column] for column in told}
    return dict(figures)


def hidden(counts: Counts, outer: Outer) -> Marks:
    """Cell → why it is not shown. `counts` holds every column of every group of every breakdown."""
    values = {(key, column): counts[key][column] for key in counts for column in COLUMNS}
    marks: Marks = {cell: UNSEEN for cell in values if cell[1] in UNSEEN_COLUMNS}
    free = [cell for cell in values if cell not in marks]
    # The figures of the whole region are what everybody looks at first.
    dear = [cell for cell in free if cell[0] == TOTAL]
    hide(values, equations(counts, outer), free, marks, dear)
    return marks


def equations(counts: Counts, outer: Outer) -> list[Equation]:
    """Every sum a reader can make: within a line, and of the lines that make up a wider one."""
    found = [Equation((key, one.whole), [(key, part) for part in one.parts]) for key in counts for one in SUMS]
    inside: dict[tuple[Key, str], list[Key]] = defaultdict(list)
    for key, wider in outer.items():
        inside[wider, key[0]].append(key)
    for (whole, _), parts in inside.items():
        found += [Equation((whole, column), [(key, column) for key in parts]) for column in COLUMNS]
    return found
