"""One row of the roster turned into what it says; errors and warnings are in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, TypeVar

from cabinet.core.clock import today
from cabinet.core.spreadsheet import Row
from cabinet.courses.importing.fields import Field, Layout
from cabinet.courses.importing.headers import Mapping
from cabinet.courses.importing.rows import ParsedRow, RowReader
from cabinet.courses.importing.values import text, yes_or_no
from rma.importing import values
from rma.importing.columns import MEMBERS, Column
from rma.importing.values import Said
from rma.models import Indicator

T = TypeVar("T")
Kind = Indicator.Kind


@dataclass(slots=True)
class MemberRow(ParsedRow):
    """`said`: kind of an indicator → what the list says of it. Texts of the three dictionaries are as they stand."""

    labels: ClassVar[dict[str, str]] = MEMBERS.labels

    subjects: tuple[str, ...] = ()
    role_words: tuple[str, ...] = ()
    function_words: tuple[str, ...] = ()
    direction_words: tuple[str, ...] = ()
    said: dict[str, Said] | None = None
    experience_is_exact: bool = True  # a day, not a number of years
    status: str | None = None
    lacks_status: bool = False  # the list has the column and the row says nothing in it
    status_since: date | None = None
    order: str = ""
    case_limit: int | None = None
    consent: bool | None = None
    # The three dictionaries, once the plan has found the words in them: column → ids.
    found: dict[str, frozenset[int]] | None = None


class MemberReader(RowReader):
    row_class = MemberRow

    def __init__(self, mapping: Mapping, layout: Layout) -> None:
        super().__init__(mapping, layout)
        self.today = today()

    def read(self, row: Row) -> ParsedRow:
        parsed = super().read(row)
        assert isinstance(parsed, MemberRow)  # noqa: S101 - for the type alone
        parsed.subjects = values.parts(self.cell(row, Field.SUBJECT))
        parsed.role_words = values.parts(self.cell(row, Column.ROLES), r"(?:[,;/\n\r]|\sи\s)")
        parsed.function_words = values.parts(self.cell(row, Column.FUNCTIONS))
        parsed.direction_words = values.parts(self.cell(row, Column.DIRECTIONS))
        parsed.consent = yes_or_no(self.cell(row, Column.CONSENT))
        parsed.case_limit = self.attempt(parsed, Column.CASE_LIMIT, values.limit, self.cell(row, Column.CASE_LIMIT))
        self.read_status(row, parsed)
        self.read_indicators(row, parsed)
        return parsed

    def attempt(self, parsed: ParsedRow, column: str, read: Callable[..., T], *cells: Any) -> T | None:
        """What the cells say, or an error of the row: a row that is not understood would lose what it says."""
        try:
            return read(*cells)
        except ValueError as error:
            parsed.fail(column, str(error))
            return None

    def read_status(self, row: Row, parsed: MemberRow) -> None:
        cell = self.cell(row, Column.STATUS)
        parsed.status = self.attempt(parsed, Column.STATUS, values.status, cell)
        parsed.lacks_status = parsed.status is None and Column.STATUS in self.columns
        parsed.order = text(self.cell(row, Column.ORDER))[:200]
        since = self.cell(row, Column.STATUS_SINCE)
        parsed.status_since = self.attempt(parsed, Column.STATUS_SINCE, values.past, since, self.today)
        if parsed.status_since is None and parsed.order:
            parsed.status_since = self.attempt(parsed, Column.ORDER, values.date_within, parsed.order, self.today)

    def read_indicators(self, row: Row, parsed: MemberRow) -> None:
        said: dict[str, Said | None] = {
            Kind.EDUCATION: self.attempt(parsed, Column.EDUCATION, values.education, self.cell(row, Column.EDUCATION)),
            Kind.EXPERIENCE: self.read_experience(row, parsed),
            Kind.CATEGORY: self.attempt(
                parsed,
                Column.CATEGORY,
                values.category,
                *self.pair(row, parsed, Column.CATEGORY, Column.CATEGORY_SINCE),
            ),
            Kind.ASSESSMENT: self.attempt(
                parsed,
                Column.ASSESSMENT,
                values.assessment,
                *self.pair(row, parsed, Column.ASSESSMENT, Column.ASSESSED_ON),
            ),
        }
        parsed.said = {str(kind): one for kind, one in said.items() if one is not None}

    def pair(self, row: Row, parsed: ParsedRow, what: str, when: str) -> tuple[Any, date | None, date]:
        """The cell and its date. A single column headed as a date may hold both."""
        if what not in self.columns and when in self.columns:
            return self.cell(row, when), None, self.today
        since = self.attempt(parsed, when, values.past, self.cell(row, when), self.today)
        return self.cell(row, what), since, self.today

    def read_experience(self, row: Row, parsed: MemberRow) -> Said | None:
        since = self.attempt(
            parsed, Column.EXPERIENCE_SINCE, values.experience, self.cell(row, Column.EXPERIENCE_SINCE), self.today
        )
        if since is None:
            cell = self.cell(row, Column.EXPERIENCE)
            since = self.attempt(parsed, Column.EXPERIENCE, values.experience, cell, self.today)
            parsed.experience_is_exact = isinstance(cell, date)
        return Said(Indicator.Grade.YEARS, since) if since else None
