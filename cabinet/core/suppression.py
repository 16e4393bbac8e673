"""Groups under five are not shown, nor what they could be computed from.

`hide` marks what a page must leave out; `disclosed` is the reader who tries to work it out: he knows every figure
shown, every sum between figures and these very rules. Hiding goes on until he fails.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

LIMIT = 5
FEW = "few"  # one to four, said as «<5»
LITTLE = "little"  # nought to four, said as «<5» too: a part of what is itself under five
KEPT = "kept"  # five or more, but it would give a small neighbour away; nought where nothing else helps
VEILED = "veiled"  # under five, where even «<5» would tell too much
UNSEEN = "unseen"  # on no page, though a subtraction would give it
MUCH = 10**12
ROUNDS = 60
TRIES = 3  # to cover a number, before saying less about it

Cell = tuple[tuple[str, str], str]
Marks = dict[Cell, str]


class Equation(NamedTuple):
    """`whole` is the sum of `parts`."""

    whole: Cell
    parts: Sequence[Cell]

    @property
    def cells(self) -> Iterable[Cell]:
        return (self.whole, *self.parts)


Row = tuple[dict[Cell, int], int]  # unknown → coefficient, and what they add up to


def is_small(value: int) -> bool:
    return 0 < value < LIMIT


def hide(
    values: Mapping[Cell, int],
    equations: Sequence[Equation],
    own: Collection[Cell],
    marks: Marks,
    dear: Collection[Cell] = frozenset(),
    *,
    has_noughts: bool = True,
) -> None:
    """Mark as many of the `own` cells as it takes, those of `dear` last; what `marks` holds already stays.

    Without noughts no group is empty, and a reader knows that of what he does not see.
    """
    free = set(own)
    cheap = free - set(dear)
    _mark_small(values, equations, free, marks)
    around: dict[Cell, list[Equation]] = defaultdict(list)
    for equation in equations:
        for cell in equation.cells:
            around[cell].append(equation)
    _pair(values, equations, free, marks)
    tries: Counter[Cell] = Counter()
    while told := disclosed(values, equations, marks, has_noughts=has_noughts):
        tries.update(told)
        changed = False
        for cell in sorted(told):
            near = partial(_cover, free=cheap, is_near=True)
            ways = [near] if tries[cell] <= TRIES else []
            ways += [partial(_veil, free=free), partial(_cover, free=free)]
            changed |= any(way(cell, values, around, marks=marks) for way in ways)
        if not changed:
            # Nothing is better than too much. It takes a region of a few dozen cases to come here.
            marks.update(dict.fromkeys(free, VEILED))
            return
        _pair(values, equations, free, marks)


def _mark_small(values: Mapping[Cell, int], equations: Sequence[Equation], free: set[Cell], marks: Marks) -> None:
    for cell in free:
        if cell not in marks and is_small(values[cell]):
            marks[cell] = FEW
    changed = True
    while changed:
        changed = False
        for whole, parts in equations:
            if marks.get(whole) not in (FEW, LITTLE):
                continue
            for cell in parts:
                if cell in free and marks.get(cell) not in (LITTLE, UNSEEN):
                    marks[cell] = LITTLE
                    changed = True


def _pair(values: Mapping[Cell, int], equations: Sequence[Equation], free: set[Cell], marks: Marks) -> None:
    """No sum is left with exactly one unknown: a reader would compute it."""
    changed = True
    while changed:
        changed = False
        for equation in equations:
            unknown = [cell for cell in equation.cells if cell in marks]
            if len(unknown) != 1 or (marks[unknown[0]] == UNSEEN and not is_small(values[unknown[0]])):
                continue
            changed |= _keep_one(equation, values, free, marks)


def _keep_one(equation: Equation, values: Mapping[Cell, int], free: set[Cell], marks: Marks) -> bool:
    """Hide the smallest number that helps: a nought hides little, and a sum is missed most."""
    shown = [cell for cell in equation.cells if cell in free and cell not in marks]
    if not shown:
        return False
    marks[min(shown, key=lambda cell: (cell == equation.whole, values[cell] == 0, values[cell], cell))] = KEPT
    return True


def _cover(
    told: Cell,
    values: Mapping[Cell, int],
    around: Mapping[Cell, list[Equation]],
    *,
    free: set[Cell],
    marks: Marks,
    is_near: bool = False,
) -> bool:
    """Hide one more number, as near as possible to the one told, or only next to it."""
    seen, edge = {told}, [told]
    while edge:
        equations = [equation for cell in edge for equation in around[cell]]
        for equation in equations:
            if any(values[cell] and cell in free and cell not in marks for cell in equation.cells):
                return _keep_one(equation, values, free, marks)
        beyond = dict.fromkeys(cell for equation in equations for cell in equation.cells if cell in marks)
        edge = [] if is_near else [cell for cell in beyond if cell not in seen]
        seen.update(edge)
    return False


def _veil(
    told: Cell, values: Mapping[Cell, int], around: Mapping[Cell, list[Equation]], *, free: set[Cell], marks: Marks
) -> bool:
    """Say less about the number told and its neighbours: two fours that make eight are not even «<5»."""
    near = {cell for equation in around[told] for cell in equation.cells if cell in free}
    loud = [cell for cell in near if marks.get(cell) in (FEW, LITTLE)]
    marks.update(dict.fromkeys(loud, VEILED))
    return bool(loud)


# --- The reader who tries ------------------------------------------------------------------------------------


def disclosed(
    values: Mapping[Cell, int], equations: Sequence[Equation], marks: Mapping[Cell, str], *, has_noughts: bool = True
) -> set[Cell]:
    """The numbers under five that can be worked out exactly from all that is shown."""
    rows = list(_rows(values, equations, marks))
    low, high = _bounds(rows + _reduced(rows), marks, has_noughts)
    return {cell for cell in low if is_small(values[cell]) and low[cell] == high[cell]}


def _rows(values: Mapping[Cell, int], equations: Sequence[Equation], marks: Mapping[Cell, str]) -> Iterable[Row]:
    seen = set()
    for whole, parts in equations:
        unknown = {cell: 1 for cell in parts if cell in marks}
        if whole in marks:
            unknown[whole] = -1
        if not unknown or (key := frozenset(unknown.items())) in seen:
            continue
        seen.add(key)
        yield unknown, sum(values[cell] * sign for cell, sign in unknown.items())


def _reduced(rows: Sequence[Row]) -> list[Row]:
    """The same sums added to and subtracted from one another until each has an unknown of its own."""
    pivots: dict[Cell, Row] = {}
    uses: dict[Cell, set[Cell]] = defaultdict(set)  # unknown → pivots whose rows hold it
    for row in sorted(rows, key=lambda row: len(row[0])):
        terms, total = dict(row[0]), row[1]
        for cell in [cell for cell in terms if cell in pivots]:
            total = _subtract(terms, total, pivots[cell], cell)
        pivot = next((cell for cell, factor in terms.items() if abs(factor) == 1), None)
        if pivot is None:
            continue  # nothing left, or no plain unknown to solve for
        if terms[pivot] == -1:
            terms, total = {cell: -factor for cell, factor in terms.items()}, -total
        for other in list(uses[pivot]):
            before = pivots[other]
            after = dict(before[0])
            pivots[other] = after, _subtract(after, before[1], (terms, total), pivot)
            for cell in before[0].keys() - after.keys():
                uses[cell].discard(other)
            for cell in after.keys() - before[0].keys():
                uses[cell].add(other)
        pivots[pivot] = terms, total
        for cell in terms:
            if cell != pivot:
                uses[cell].add(pivot)
    return list(pivots.values())


def _subtract(terms: dict[Cell, int], total: int, row: Row, pivot: Cell) -> int:
    """Take `row`, in which `pivot` stands once, out of `terms`; says the new total."""
    factor = terms[pivot]
    for cell, times in row[0].items():
        left = terms.get(cell, 0) - factor * times
        if left:
            terms[cell] = left
        else:
            terms.pop(cell, None)
    return total - factor * row[1]


def _bounds(
    rows: Sequence[Row], marks: Mapping[Cell, str], has_noughts: bool
) -> tuple[dict[Cell, int], dict[Cell, int]]:
    """From what and to what every unknown can be, narrowed by every row until nothing changes."""
    domains = {FEW: (1, LIMIT - 1), LITTLE: (0, LIMIT - 1)}
    if not has_noughts:
        domains |= {LITTLE: (1, LIMIT - 1), VEILED: (1, MUCH), KEPT: (LIMIT, MUCH)}
    low, high = {}, {}
    for terms, _ in rows:
        for cell in terms:
            low[cell], high[cell] = domains.get(marks[cell], (0, MUCH))
    touching: dict[Cell, list[int]] = defaultdict(list)
    for at, (terms, _) in enumerate(rows):
        for cell in terms:
            touching[cell].append(at)
    waiting: Iterable[int] = range(len(rows))
    for _ in range(ROUNDS):
        narrowed = {cell for at in waiting for cell in _narrow(*rows[at], marks, low, high)}
        if not narrowed:
            break
        waiting = sorted({at for cell in narrowed for at in touching[cell]})
    return low, high


def _narrow(
    terms: Mapping[Cell, int], total: int, marks: Mapping[Cell, str], low: dict[Cell, int], high: dict[Cell, int]
) -> list[Cell]:
    """Narrow the unknowns of one row; says which."""
    least = sum(factor * (low[cell] if factor > 0 else high[cell]) for cell, factor in terms.items())
    most = sum(factor * (high[cell] if factor > 0 else low[cell]) for cell, factor in terms.items())
    changed = []
    for cell, factor in terms.items():
        ends = (low[cell], high[cell]) if factor > 0 else (high[cell], low[cell])
        # factor × cell = total − the others
        upper, lower = total - (least - factor * ends[0]), total - (most - factor * ends[1])
        if factor < 0:
            upper, lower = lower, upper
        bottom, top = max(low[cell], -(-lower // factor)), min(high[cell], upper // factor)
        if marks[cell] == KEPT:
            # He knows the rule: what is kept is nought or at least five.
            bottom = LIMIT if is_small(bottom) else bottom
            top = 0 if is_small(top) else top
        if bottom > low[cell] or top < high[cell]:
            # «least» and «most» stay as they were: looser, never wrong; the next round has the new ends.
            low[cell], high[cell] = max(bottom, low[cell]), min(top, high[cell])
            changed.append(cell)
    return changed
