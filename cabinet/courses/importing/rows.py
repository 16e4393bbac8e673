"""One row of a list turned into what it says, with errors and warnings in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from cabinet.core.spreadsheet import Row
from cabinet.core.spreadsheet.reader import Value
from cabinet.courses.importing import dates, values
from cabinet.courses.importing.fields import LABELS, Field, Layout
from cabinet.courses.importing.headers import Mapping, is_repeated

TOTAL = re.compile(r"^(?:итого|всего)\b", re.IGNORECASE)
# What stands under a list: who signed it, who typed it. Looked for only in rows with one or two cells.
SIGNATURE = re.compile(
    r"^(?:исполнитель|директор|ректор|руководитель|начальник|куратор|ответственн|примечани|подпись|м\.? ?п\.?|\*)",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Problem:
    """What is wrong, in which column, in words for the person who sent the list."""

    column: str
    message: str


@dataclass(slots=True)
class ParsedRow:
    """A row of a list, read. `number` is the sheet's own; texts are cleaned, absent ones are empty."""

    labels: ClassVar[dict[str, str]] = {str(one): label for one, label in LABELS.items()}

    number: int
    surname: str = ""
    first_name: str = ""
    patronymic: str = ""
    organization: str = ""
    municipality: str = ""
    position: str = ""
    subject: str = ""
    email: str = ""
    email_note: str = ""
    phone: str = ""
    programme: str = ""
    topic: str = ""
    role: str = ""
    roles: tuple[str, ...] = ()  # what `role` means, where a list gives roles
    track: bool | None = None  # what the list itself says of tracking, if anything
    low_results: bool | None = None
    hours: int | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    # The row as it came, for giving it back when something in it must be corrected.
    source: list[Value] = field(default_factory=list)

    def fail(self, meant: str, message: str) -> None:
        self.errors.append(Problem(self.labels[meant], message))

    def warn(self, meant: str, message: str) -> None:
        self.warnings.append(Problem(self.labels[meant], message))

    @property
    def full_name(self) -> str:
        return " ".join(part for part in (self.surname, self.first_name, self.patronymic) if part)


FEW = 3


class RowReader:
    """Reads rows under one mapping; holds the column numbers so that thirty thousand rows need not look them up."""

    row_class: type[ParsedRow] = ParsedRow

    def __init__(self, mapping: Mapping, layout: Layout) -> None:
        self.mapping = mapping
        self.layout = layout
        self.columns: dict[str, int] = {meant: column for column, meant in mapping.columns.items()}

    def cell(self, row: Row, meant: str) -> Value:
        column = self.columns.get(meant)
        return None if column is None else row.value(column)

    def is_data(self, row: Row) -> bool:
        """Neither blank, nor a total, nor a signature, nor the header printed again."""
        if row.number < self.mapping.first_data_row:
            return False
        filled = sum(is_filled(row.value(column)) for column in self.columns.values())
        if not filled:
            return False
        if filled > FEW:
            return not is_numbering(row) and not self.may_be_header(row)
        first = next((cell for value in row.values if (cell := values.text(value))), "")
        if TOTAL.match(first) or (filled < FEW and SIGNATURE.match(first)):
            return False
        return not is_repeated(self.mapping, row)

    def may_be_header(self, row: Row) -> bool:
        """The full comparison only for rows whose first known column says what its heading says."""
        column = next(iter(self.columns.values()))
        return row.value(column) == self.mapping.headings.get(column) and is_repeated(self.mapping, row)

    def read(self, row: Row) -> ParsedRow:
        parsed = self.row_class(number=row.number, source=row.values)
        self.read_name(row, parsed)
        self.read_texts(row, parsed)
        self.read_email(row, parsed)
        if Field.ENDS_ON in self.layout.fields:
            self.read_dates(row, parsed)
            self.read_hours(row, parsed)
        return parsed

    def read_name(self, row: Row, parsed: ParsedRow) -> None:
        cells = [
            self.cell(row, meant)
            for meant in (
                Field.FULL_NAME,
                Field.SURNAME,
                Field.FIRST_NAME,
                Field.PATRONYMIC,
                Field.GIVEN_NAMES,
            )
        ]
        if not self.layout.needs_person and not any(values.known_text(cell) for cell in cells):
            return
        try:
            name = values.person_name(*cells)
        except ValueError as error:
            parsed.fail(Field.FULL_NAME, str(error))
            return
        parsed.surname, parsed.first_name, parsed.patronymic = (
            name.surname[:150],
            name.first_name[:150],
            name.patronymic[:150],
        )
        if values.has_initials(name):
            parsed.warn(Field.FULL_NAME, "вместо имени инициалы")

    def read_texts(self, row: Row, parsed: ParsedRow) -> None:
        parsed.organization = values.known_text(self.cell(row, Field.ORGANIZATION))[:500]
        parsed.municipality = values.known_text(self.cell(row, Field.MUNICIPALITY))[:200]
        parsed.position = values.known_text(self.cell(row, Field.POSITION))[:200]
        parsed.subject = values.known_text(self.cell(row, Field.SUBJECT))[:200]
        parsed.phone = values.phone(self.cell(row, Field.PHONE))
        parsed.programme = values.known_text(self.cell(row, Field.PROGRAMME))[:500]
        parsed.topic = values.known_text(self.cell(row, Field.TOPIC))[:200]
        parsed.track = values.yes_or_no(self.cell(row, Field.TRACK))
        parsed.role = values.known_text(self.cell(row, Field.ROLE))[:200]
        if Field.LOW_RESULTS in self.columns:
            parsed.low_results = values.text(self.cell(row, Field.LOW_RESULTS)).casefold() in ("да", "+", "1", "шнор")
        if not parsed.organization:
            parsed.fail(Field.ORGANIZATION, "не указана организация")
        if not parsed.municipality:
            parsed.fail(Field.MUNICIPALITY, "не указано муниципальное образование")
        if not parsed.programme and Field.PROGRAMME in self.layout.fields:
            parsed.fail(Field.PROGRAMME, "не указана программа")

    def read_email(self, row: Row, parsed: ParsedRow) -> None:
        cell = self.cell(row, Field.EMAIL)
        parsed.email = values.email(cell)
        if parsed.email or not (parsed.surname or self.layout.needs_person):
            return
        written = values.text(cell)
        if written:
            parsed.email_note = written[:200]
            parsed.warn(Field.EMAIL, f"без контакта: «{written[:60]}» – не адрес почты")
        else:
            parsed.warn(Field.EMAIL, "без контакта: адрес почты не указан")

    def read_dates(self, row: Row, parsed: ParsedRow) -> None:
        """Every date in the row must be possible, whichever of them is used in the end."""
        start, end = self.read_date(row, Field.PERIOD, parsed)
        own_start = self.read_date(row, Field.STARTS_ON, parsed)
        own_end = self.read_date(row, Field.ENDS_ON, parsed)
        issued = self.read_date(row, Field.ISSUED_ON, parsed)
        if any(problem.column in DATE_LABELS for problem in parsed.errors):
            return
        parsed.starts_on = own_start[0] or own_start[1] or start or own_end[0]
        parsed.ends_on = own_end[1] or end
        if parsed.ends_on is None and own_start[0]:
            parsed.ends_on = own_start[1]  # a range typed into the column of the start
        if parsed.ends_on is None and issued[1] and self.has_no_end_column():
            parsed.ends_on = issued[1]
            parsed.warn(Field.ISSUED_ON, "даты окончания в списке нет, взята дата выдачи удостоверения")
        if parsed.ends_on is None:
            parsed.fail(self.end_field(), "не указана дата окончания")
        elif parsed.starts_on and parsed.ends_on < parsed.starts_on:
            parsed.fail(
                self.end_field(), f"окончание {parsed.ends_on:%d.%m.%Y} раньше начала {parsed.starts_on:%d.%m.%Y}"
            )

    def read_date(
        self, row: Row, meant: str, parsed: ParsedRow, years: range = dates.YEARS
    ) -> tuple[date | None, date | None]:
        try:
            return dates.period(self.cell(row, meant), years)
        except dates.BadDate as error:
            parsed.fail(meant, str(error))
            return None, None

    def has_no_end_column(self) -> bool:
        return Field.ENDS_ON not in self.columns and Field.PERIOD not in self.columns

    def end_field(self) -> Field:
        ways = (Field.ENDS_ON, Field.PERIOD, Field.ISSUED_ON)
        return next((meant for meant in ways if meant in self.columns), Field.ENDS_ON)

    def read_hours(self, row: Row, parsed: ParsedRow) -> None:
        try:
            parsed.hours = values.hours(self.cell(row, Field.HOURS))
        except ValueError as error:
            parsed.warn(Field.HOURS, str(error))


DATE_LABELS = {LABELS[meant] for meant in (Field.PERIOD, Field.STARTS_ON, Field.ENDS_ON, Field.ISSUED_ON)}


def is_filled(value: Value) -> bool:
    return value is not None and not (isinstance(value, str) and not value.strip())


def is_numbering(row: Row) -> bool:
    """The row «1 2 3 4 …» some forms have under their header."""
    if str(next((value for value in row.values if value is not None), "")) != "1":
        return False
    filled = [str(value).strip() for value in row.values if value is not None]
    return len(filled) >= 4 and filled == [str(number) for number in range(1, len(filled) + 1)]


def parse_rows(
    rows: Iterable[Row], mapping: Mapping, layout: Layout, reader_class: type[RowReader] = RowReader
) -> Iterator[ParsedRow]:
    """Every row of data below the header."""
    reader = reader_class(mapping, layout)
    for row in rows:
        if reader.is_data(row):
            yield reader.read(row)


def problem_json(number: int, problem: Problem) -> dict[str, Any]:
    return {"row": number, "column": problem.column, "message": problem.message}
