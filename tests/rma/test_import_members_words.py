"""Roles, functions and directions as lists write them."""

import pytest

from cabinet.home.reference import load_reference
from rma.importing.values import parts
from rma.importing.vocabulary import Vocabulary
from rma.models import Direction, Function, MemberRole
from rma.reference import DIRECTIONS, FUNCTIONS, ROLES

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def region(db: None) -> None:
    load_reference()


def codes(model: type[MemberRole] | type[Function] | type[Direction], cell: str) -> tuple[list[str], list[str]]:
    found, unknown = Vocabulary(model).find(parts(cell))
    return list(model._default_manager.filter(pk__in=found).values_list("code", flat=True)), unknown


@pytest.mark.parametrize(("model", "entries"), [(MemberRole, ROLES), (Function, FUNCTIONS), (Direction, DIRECTIONS)])
def test_every_wording_of_ours_is_understood_alone_and_together(model: type[Function], entries: tuple) -> None:
    for entry in entries:
        cut = entry.name[:-3] if len(entry.name) > 20 else entry.name
        for word in (entry.name, entry.short, entry.name.upper(), cut.replace("е", "ё")):
            assert codes(model, word) == ([entry.code], []), word
    everything = [entry.code for entry in entries]
    assert codes(model, "; ".join(entry.name for entry in entries)) == (everything, [])
    assert codes(model, "\n".join(f"{n}. {entry.short}" for n, entry in enumerate(entries, 1))) == (everything, [])


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("Тьюторское сопровождение", ["federal_tutoring"]),
        ("ШНОР", ["low_results"]),
        ("ИОМ", ["routes"]),
        ("помощь ШНОР, консультации", ["low_results", "consulting"]),
    ],
)
def test_function_by_what_tells_it_apart(cell: str, expected: list[str]) -> None:
    assert codes(Function, cell) == (expected, [])


@pytest.mark.parametrize("cell", ["Орг", "педагогов", "помощь и дружба", "консультации, танцы", "помощь ШНОР Кунгура"])
def test_what_may_be_several_or_none_is_not_guessed(cell: str) -> None:
    assert codes(Function, cell) == ([], [cell])
