"""Which row is the header and what each of its columns means."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from cabinet.core.spreadsheet import Row, SheetHead
from cabinet.courses.importing.fields import Field, Layout
from cabinet.courses.importing.words import JOINER, is_subheading, meaning

HEADER_WITHIN = 20
# A title above the list may be long; the heading of a column is not.
MAX_HEADING = 200


@dataclass(slots=True)
class Mapping:
    """The recognised header, as data: a person may correct `columns` and send it back."""

    sheet: int
    sheet_title: str
    header_row: int
    header_rows: int = 1
    headings: dict[int, str] = field(default_factory=dict)
    columns: dict[int, str] = field(default_factory=dict)

    @property
    def first_data_row(self) -> int:
        return self.header_row + self.header_rows

    def as_json(self) -> dict[str, Any]:
        return {
            "sheet": self.sheet,
            "sheet_title": self.sheet_title,
            "header_row": self.header_row,
            "header_rows": self.header_rows,
            "headings": {str(column): text for column, text in self.headings.items()},
            "columns": {str(column): str(meant) for column, meant in self.columns.items()},
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Mapping:
        return cls(
            sheet=data["sheet"],
            sheet_title=data["sheet_title"],
            header_row=data["header_row"],
            header_rows=data["header_rows"],
            headings={int(column): text for column, text in data["headings"].items()},
            columns={int(column): meant for column, meant in data["columns"].items()},
        )


def find_mapping(heads: Sequence[SheetHead], layout: Layout) -> Mapping | None:
    """The header of the first sheet that has one; a complete one is preferred to an incomplete one above it."""
    found = [mapping for head in heads if (mapping := find_in_sheet(head, layout))]
    complete = [mapping for mapping in found if not layout.missing(mapping.columns.values())]
    return next(iter(complete or found), None)


def find_in_sheet(head: SheetHead, layout: Layout) -> Mapping | None:
    best: Mapping | None = None
    best_rank: tuple[int, int, int] = (0, 0, 0)
    for position, row in enumerate(head.rows):
        if row.number > HEADER_WITHIN:
            break
        below = head.rows[position + 1] if position + 1 < len(head.rows) else None
        for mapping in candidates(head, row, below, layout):
            # Fewer things missing first, then more columns understood, one row before two; the upper wins a draw.
            missing = layout.missing(mapping.columns.values())
            rank = (-len(missing), len(mapping.columns), -mapping.header_rows)
            if best is None or rank > best_rank:
                best, best_rank = mapping, rank
    return best


def candidates(head: SheetHead, row: Row, below: Row | None, layout: Layout) -> list[Mapping]:
    found = []
    single = texts(row)
    if single is not None:
        found.append(build(head, row.number, 1, single, layout))
    if below is not None and below.number == row.number + 1:
        lower = texts(below)
        if single is not None and lower is not None and all(is_subheading(one, layout.own) for one in lower.values()):
            found.append(build(head, row.number, 2, joined(single, lower), layout))
    return [mapping for mapping in found if has_enough(mapping)]


def has_enough(mapping: Mapping) -> bool:
    """Two known columns make a header: one alone may be a title that speaks of courses or schools."""
    return len(set(mapping.columns.values())) >= 2


def texts(row: Row) -> dict[int, str] | None:
    """The row as headings, or nothing when it holds dates or other data."""
    found: dict[int, str] = {}
    for column, value in enumerate(row.values):
        if value is None or isinstance(value, int | float):
            continue
        if not isinstance(value, str):
            return None
        text = re.sub(r"\s+", " ", value).strip()
        if len(text) <= MAX_HEADING and text:
            found[column] = text
    return found or None


def joined(upper: dict[int, str], lower: dict[int, str]) -> dict[int, str]:
    """Two rows read as one. A merged cell keeps its text in its first column, the others stand empty."""
    result = dict(upper)
    columns = sorted(upper)
    for column, text in lower.items():
        left = [at for at in columns if at <= column]
        above = upper.get(column) or (upper[left[-1]] if left else "")
        result[column] = f"{above}{JOINER}{text}" if above else text
    return result


def build(head: SheetHead, number: int, rows: int, headings: dict[int, str], layout: Layout) -> Mapping:
    mapping = Mapping(head.index, head.title, number, rows, headings=dict(sorted(headings.items())))
    scored = sorted(
        (
            (score, column, meant)
            for column, text in mapping.headings.items()
            for meant, score in [meaning(text, layout.own)]
            if meant is not None and meant in layout.labels
        ),
        key=lambda entry: (-entry[0], entry[1]),
    )
    taken: set[str] = set()
    for _score, column, meant in scored:
        # The surest heading wins; a second column of the same kind is left for a person to decide.
        if meant not in taken:
            taken.add(meant)
            mapping.columns[column] = meant
    if Field.TOPIC in taken and Field.PROGRAMME not in taken and Field.PROGRAMME in layout.fields:
        column = next(column for column, meant in mapping.columns.items() if meant == Field.TOPIC)
        mapping.columns[column] = Field.PROGRAMME
    mapping.columns = dict(sorted(mapping.columns.items()))
    return mapping


def is_repeated(mapping: Mapping, row: Row) -> bool:
    """A header printed anew on every page."""
    found = texts(row)
    if not found or mapping.header_rows != 1:
        return False
    return all(mapping.headings.get(column) == text for column, text in found.items())
