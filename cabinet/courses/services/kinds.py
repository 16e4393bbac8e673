"""The kinds of lists the cabinet reads. An app tells of its own in `lists.py`, as it tells the admin of models."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from cabinet.core.spreadsheet import SheetSpec
from cabinet.courses.importing.fields import Layout
from cabinet.courses.importing.rows import RowReader
from cabinet.courses.models import ImportBatch
from cabinet.courses.services.listing import Choices, ListPlan


class UndoRefused(Exception):
    """The list stays; the text says why, for the person who asked."""


@dataclass(frozen=True, slots=True)
class Words:
    """What the pages say of a kind of list."""

    tab: str
    lead: str
    created: str
    updated: str
    written: str  # what follows once the list is in
    undone: str  # what goes when it is taken back
    until: str  # how long it can be taken back
    too_late: str  # and why not any more


@dataclass(frozen=True, slots=True)
class Sample:
    """The list to start from."""

    file_name: str
    sheet: SheetSpec


def nothing(made: dict[str, Any]) -> None:
    """A kind whose own rows the common undo takes back."""


def untold(plan: Any) -> list[dict[str, Any]]:
    return []


def always(batch: ImportBatch) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class ListKind:
    """`plan` works out what a list would change, `write` does it inside the caller's transaction and leaves the ids of
    what it made in `batch.created_rows`; `take_back` is given those and removes what only this kind has, before
    people, organizations and dictionaries go, or raises UndoRefused."""

    code: str
    layout: Layout
    plan: Callable[[Choices | None], ListPlan]
    write: Callable[[Any, ImportBatch], None]
    words: Words
    sample: Sample
    reader: type[RowReader] = RowReader
    # What becomes of cards the cabinet has: {"row", "name", "what"} each, for the preview.
    changes: Callable[[Any], list[dict[str, Any]]] = untold
    take_back: Callable[[dict[str, Any]], None] = nothing
    can_take_back: Callable[[ImportBatch], bool] = always


_KINDS: dict[str, ListKind] = {}


def register(kind: ListKind) -> None:
    _KINDS[kind.code] = kind


def kind_of(code: str) -> ListKind:
    """Raises KeyError."""
    return _KINDS[code]


def kinds() -> Iterable[ListKind]:
    """In the order of the model's choices."""
    return [_KINDS[code] for code in ImportBatch.Kind.values if code in _KINDS]
