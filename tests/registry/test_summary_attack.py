"""A reader of aggregates who collects every page and every file still cannot work out a group under five."""

from datetime import date
from random import Random
from typing import Any

import pytest

from cabinet.core.suppression import FEW, KEPT, LITTLE, UNSEEN, Cell, Equation, disclosed, hide
from motor.models import Evidence, Survey
from registry.services.breakdowns import BREAKDOWNS, TOTAL, half_of, quarter_of
from registry.services.hiding import hidden
from registry.services.measures import MEASURES
from registry.services.summary import Counts, Outer, tally

COLUMNS = {name for one in MEASURES for total in (*one.sums, *one.unseen) for name in (total.whole, *total.parts)}


def a_case(random: Random) -> dict[str, Any]:
    """Group → value and measure → place, as the database would say them."""
    result = random.choices(
        ["1", "2", "3", "no_response", "not_assessed", "stopped", "pending"], [3, 2, 9, 3, 0.4, 0.5, 2]
    )[0]
    has_variant = result in "123"
    answered = result != "no_response" and (has_variant or random.random() < 0.6)
    state = random.choice(["waiting", "scheduled", "without"]) if result == "pending" else "without"
    reason = random.choice(["started", "started", *(f"why_{code}" for code in Survey.Reason.values)])
    kinds = [code for code in Evidence.Kind.values if random.random() < 0.3]
    both = random.choice(["agree", "differ", "rma_only", "rma_no", "rma_no", "rma_no"])
    heard = random.choice(["can", "can", "cannot", "waived", "unrecorded"])
    is_out = result in ("stopped", "no_response")
    municipality, programme = random.randrange(7), random.randrange(8)
    day = date(random.choice((2025, 2026)), random.choice((1, 1, 4, 7, 12)), 1)
    return {
        "territory": (("territory", str(municipality // 3)),),
        "municipality": (("territory", str(municipality // 3)), ("municipality", str(municipality))),
        "kind": (("kind", random.choice("aaaaab")),),
        "low_results": (("low_results", random.choice(["True", "False", "False", "False"])),),
        "topic": (("topic", str(programme // 2)),),
        "programme": (("topic", str(programme // 2)), ("programme", str(programme))),
        "subject": (("subject", str(random.randrange(4))),),
        "position": (("position", random.choice("aab")),),
        "half": (("half", half_of(day)),),
        "quarter": (("half", half_of(day)), ("quarter", quarter_of(day))),
        "months": (("months", "3"),),
        "places": {
            "variants": result,
            "response": result if is_out else "answered" if answered else state,
            "reasons": "stopped" if result == "stopped" else reason if answered else "silent",
            "evidence": "stopped"
            if result == "stopped"
            else (",".join(kinds) or random.choice(["nothing", "nothing", ""]))
            if answered
            else "silent",
            "rma": ("rma_no" if both == "rma_no" else "rma_yes") if has_variant else result,
            "agreement": both if has_variant else result,
            "experience": heard if has_variant else result,
        },
    }


def world_of(cases: list[dict[str, Any]]) -> tuple[Counts, Outer]:
    counts: Counts = {}
    outer: Outer = {}
    for breakdown in BREAKDOWNS:
        found = [(one[breakdown.code], *(one["places"][measure.code] for measure in MEASURES), 1) for one in cases]
        some, stands_in = tally(found, lambda keys: keys, MEASURES, with_outer=True)
        counts |= some
        outer |= stands_in
    return counts, outer


def values_of(counts: Counts) -> dict[Cell, int]:
    return {(key, column): line[column] for key, line in counts.items() for column in COLUMNS}


def sums_of(counts: Counts, outer: Outer) -> list[Equation]:
    """Every sum that figures of all pages make, told apart from the program's own list."""
    equations = [
        Equation((key, one.whole), [(key, part) for part in one.parts])
        for key in counts
        for measure in MEASURES
        for one in (*measure.sums, *measure.unseen)
    ]
    for breakdown in BREAKDOWNS:
        lines = [key for key in counts if key[0] == breakdown.code]
        for wider in {outer[key] for key in lines} | {TOTAL}:
            inside = [key for key in lines if wider in (TOTAL, outer[key])]
            equations += [Equation((wider, column), [(key, column) for key in inside]) for column in COLUMNS]
    return equations


@pytest.mark.parametrize("size", [3, 12, 40, 90, 200, 500])
@pytest.mark.parametrize("seed", range(3))
def test_all_pages_together_give_no_small_group_away(size: int, seed: int) -> None:
    random = Random(seed * 1000 + size)
    counts, outer = world_of([a_case(random) for _ in range(size)])
    values = values_of(counts)
    marks = hidden(counts, outer)
    assert [cell for cell, value in values.items() if 0 < value < 5 and cell not in marks] == []
    assert disclosed(values, sums_of(counts, outer), marks) == set()


def test_the_reader_would_find_what_is_only_small() -> None:
    """The attack is worth something: with nothing but the small numbers hidden it succeeds."""
    random = Random(1)
    counts, outer = world_of([a_case(random) for _ in range(200)])
    values = values_of(counts)
    marks = {cell: FEW for cell, value in values.items() if 0 < value < 5}
    assert len(disclosed(values, sums_of(counts, outer), marks)) > 50


def test_much_of_a_large_region_is_shown() -> None:
    random = Random(2)
    counts, outer = world_of([a_case(random) for _ in range(2000)])
    marks = hidden(counts, outer)
    shown = [cell for cell in marks if marks[cell] != UNSEEN]
    assert len(shown) < 0.2 * sum(len(line) for line in counts.values())


# --- The rules one by one ------------------------------------------------------------------------------------


def cells(**values: int) -> dict[Cell, int]:
    return {(("total", ""), name): value for name, value in values.items()}


def marked(equations: list[tuple[str, str]], **values: int) -> dict[str, str]:
    """Names of cells and the marks they get; an equation is (whole, "part part …")."""
    of = {name: (("total", ""), name) for name in values}
    sums = [Equation(of[whole], [of[part] for part in parts.split()]) for whole, parts in equations]
    marks: dict[Cell, str] = {}
    hide(cells(**values), sums, list(of.values()), marks)
    return {name: marks[of[name]] for name in values if of[name] in marks}


def test_one_small_part_hides_a_second_one() -> None:
    assert marked([("n", "a b c")], a=2, b=6, c=9, n=17) == {"a": FEW, "b": KEPT}


def test_nothing_small_hides_nothing() -> None:
    assert marked([("n", "a b c")], a=0, b=5, c=9, n=14) == {}


def test_a_single_one_cannot_be_told_from_its_only_partner() -> None:
    # a + b = 6 and b is at least five: the reader would know both, so a third one goes too.
    assert marked([("n", "a b c")], a=1, b=5, c=9, n=15) == {"a": FEW, "b": KEPT, "c": KEPT}


def test_parts_of_a_small_sum_do_not_tell_which_are_noughts() -> None:
    assert marked([("n", "a b c")], a=2, b=0, c=1, n=3) == {"a": LITTLE, "b": LITTLE, "c": LITTLE, "n": FEW}


def test_two_fours_that_make_eight_are_not_said_to_be_small() -> None:
    marks = marked([("n", "a b"), ("n", "c d")], a=4, b=4, c=8, d=0, n=8)
    assert marks.keys() >= {"a", "b"}
    values = cells(a=4, b=4, c=8, d=0, n=8)
    sums = [Equation((TOTAL, "n"), [(TOTAL, "a"), (TOTAL, "b")]), Equation((TOTAL, "n"), [(TOTAL, "c"), (TOTAL, "d")])]
    assert disclosed(values, sums, {(TOTAL, name): mark for name, mark in marks.items()}) == set()


def test_a_sum_of_sums_is_seen_through() -> None:
    # Neither sum has one unknown, their difference has.
    values = cells(a=3, b=20, c=30, n=23, m=53, k=33)
    of = {name: (TOTAL, name) for name in "abcnmk"}
    sums = [
        Equation(of["m"], [of["n"], of["c"]]),
        Equation(of["m"], [of["b"], of["k"]]),
        Equation(of["k"], [of["a"], of["c"]]),
    ]
    assert disclosed(values, sums, {of["a"]: FEW, of["k"]: KEPT}) == {of["a"]}
