"""Small styled workbooks: answers with reasons, lists, samples. Large exports have a writer of their own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

MAX_TEXT = 32_000
LOOKS_LIKE_FORMULA = ("=", "+", "-", "@")
HEADER_FONT = Font(bold=True)
HEADER_FILL = PatternFill("solid", fgColor="E6EFEA")
WRAP_TOP = Alignment(wrap_text=True, vertical="top")


@dataclass(slots=True)
class SheetSpec:
    """One sheet: header words, rows of values from column A on, widths in characters."""

    title: str
    headers: Sequence[str]
    rows: Iterable[Sequence[Any]]
    widths: Sequence[int] = ()


def text_cell(sheet: Any, value: object) -> WriteOnlyCell:
    """A cell that stays text whatever a person typed: «=1+1» is shown, never calculated."""
    text = ILLEGAL_CHARACTERS_RE.sub("", str(value))[:MAX_TEXT]
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    if text.startswith(LOOKS_LIKE_FORMULA):
        cell.quotePrefix = True  # keeps it text even after somebody edits the cell
    return cell


def value_cell(sheet: Any, value: object) -> WriteOnlyCell | None:
    """Numbers and dates keep their type, everything else is text."""
    if value is None or value == "":
        return None
    if isinstance(value, datetime | date):
        cell = WriteOnlyCell(sheet, value=value)
        cell.number_format = "DD.MM.YYYY"
        return cell
    if isinstance(value, int | float) and not isinstance(value, bool):
        return WriteOnlyCell(sheet, value=value)
    return text_cell(sheet, value)


def write_workbook(target: IO[bytes], sheets: Sequence[SheetSpec]) -> None:
    """Write `sheets` with a bold frozen header and a filter each."""
    book = Workbook(write_only=True)
    for spec in sheets:
        add_sheet(book, spec)
    book.save(target)


def add_sheet(book: Workbook, spec: SheetSpec) -> None:
    sheet = book.create_sheet(spec.title[:31])
    for index in range(len(spec.headers)):
        width = spec.widths[index] if index < len(spec.widths) else 22
        sheet.column_dimensions[get_column_letter(index + 1)].width = width
    sheet.freeze_panes = "A2"
    header = []
    for word in spec.headers:
        cell = text_cell(sheet, word)
        cell.font, cell.fill, cell.alignment = HEADER_FONT, HEADER_FILL, WRAP_TOP
        header.append(cell)
    sheet.append(header)
    count = 1
    for row in spec.rows:
        sheet.append([value_cell(sheet, value) for value in row])
        count += 1
    if spec.headers:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(spec.headers))}{count}"
