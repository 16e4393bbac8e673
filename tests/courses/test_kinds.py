"""The kinds of lists: each app tells of its own, and each has all that the pages need."""

from pathlib import Path

import pytest

from cabinet.core.spreadsheet import Refused, Row, SheetHead
from cabinet.courses.importing.fields import STAFF, Field, Layout, OwnColumn
from cabinet.courses.importing.headers import find_mapping
from cabinet.courses.models import ImportBatch
from cabinet.courses.services import kind_of, kinds, plan_list, recognise


def test_every_kind_of_the_model_is_told_of() -> None:
    assert [kind.code for kind in kinds()] == ImportBatch.Kind.values


def test_unknown_kind() -> None:
    with pytest.raises(KeyError):
        kind_of("nothing")


@pytest.mark.parametrize("code", ImportBatch.Kind.values)
def test_every_column_of_a_sample_is_understood(code: str) -> None:
    kind = kind_of(code)
    mapping = find_mapping([SheetHead(0, "Лист", [Row(1, list(kind.sample.sheet.headers))])], kind.layout)
    assert mapping is not None
    assert sorted(mapping.columns) == list(range(len(kind.sample.sheet.headers)))
    assert kind.layout.missing(mapping.columns.values()) == []


def test_own_words_go_before_the_common_ones_in_their_list_alone() -> None:
    own = OwnColumn("length", "Стаж", "стаж лет", r"\bстаж")
    layout = Layout("test", STAFF.fields, STAFF.needs, (own,))
    head = SheetHead(0, "Лист", [Row(1, ["ФИО", "Школа", "Район", "Стаж работы", "Стаж (лет)"])])
    mapping = find_mapping([head], layout)
    assert mapping is not None
    # The exact heading wins over the one that only resembles it.
    assert mapping.columns == {0: Field.FULL_NAME, 1: Field.ORGANIZATION, 2: Field.MUNICIPALITY, 4: "length"}
    plain = find_mapping([head], STAFF)
    assert plain is not None
    assert sorted(plain.columns) == [0, 1, 2]


@pytest.mark.parametrize("kind", [ImportBatch.Kind.STAFF, ImportBatch.Kind.MEMBERS])
def test_list_of_listeners_is_not_taken_for_one_of_roles(kind: str) -> None:
    """Names, schools and municipalities are in all of them: everybody who studied would be given a role."""
    path = Path(__file__).parent.parent / "data" / "roster-simple.xlsx"
    mapping = recognise(path, kind)
    with pytest.raises(Refused, match="список слушателей"):
        plan_list(path, mapping, kind)
