"""Groups under five are not shown, nor what they could be computed from by subtraction."""

from collections.abc import Collection, Mapping, Sequence

LIMIT = 5
FEW = "few"  # under five itself
KEPT = "kept"  # large enough, but it would give a small neighbour away

Cell = tuple[tuple[str, str], str]
Equation = Sequence[Cell]  # parts and, last, their sum


def hidden_cells(
    values: Mapping[Cell, int], equations: Sequence[Equation], also: Collection[Cell] = ()
) -> dict[Cell, str]:
    """Cell → why it is hidden, such that no equation is left with exactly one unknown.

    With one unknown a reader computes it; with two he learns their sum only. Each round hides the smallest
    number that helps, a sum last, until nothing changes.
    """
    marks = dict.fromkeys(also, KEPT)
    marks |= {cell: FEW for cell, value in values.items() if 0 < value < LIMIT}
    changed = bool(marks)
    while changed:
        changed = False
        for equation in equations:
            unknown = [cell for cell in equation if cell in marks]
            if len(unknown) != 1:
                continue
            shown = [cell for cell in equation if cell not in marks]
            if not shown:
                continue
            marks[min(shown, key=lambda cell: _cost(cell, values, equation))] = KEPT
            changed = True
    return marks


def _cost(cell: Cell, values: Mapping[Cell, int], equation: Equation) -> tuple[bool, bool, int]:
    # A zero is the last but one resort: hiding it beside a small number hides little.
    return (cell == equation[-1], values[cell] == 0, values[cell])
