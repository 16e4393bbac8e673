"""Long plain lists: one sheet, written row by row, never whole in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any

from rustpy_xlsxwriter import FastExcel, Format

from cabinet.core.spreadsheet.writer import MAX_TEXT, SheetSpec

DAY, MOMENT = "dd.mm.yyyy", "dd.mm.yyyy hh:mm"


def write_long(path: Path, spec: SheetSpec, formats: dict[str, str]) -> None:
    """Write `spec` to the file; `formats`: header → DAY or MOMENT for columns of dates.

    Text stays text: this writer makes formulas only where it is told to, whatever a cell begins with.
    """
    bold = Format().set_bold().set_text_wrap().set_background_color("#E6EFEA")
    book = FastExcel(str(path)).freeze(row=1, col=0, sheet=spec.title)
    rows = _records(spec)
    first = next(rows, None)
    book.sheet(
        spec.title,
        # Without a line the header has to be told apart from the data by a row of empty cells.
        chain([first], rows) if first is not None else [dict.fromkeys(spec.headers)],
        column_widths=dict(zip(spec.headers, spec.widths, strict=True)),
        column_formats={name: Format().set_num_format(pattern) for name, pattern in formats.items()},
        header_format=bold,
        autofilter=True,
    )
    book.save()


def _records(spec: SheetSpec) -> Iterator[dict[str, Any]]:
    for row in spec.rows:
        yield dict(zip(spec.headers, map(_plain, row), strict=True))


def _plain(value: Any) -> Any:
    """Numbers and dates keep their type, everything else is text."""
    if value is None or value == "":
        return None
    if isinstance(value, int | float | date) and not isinstance(value, bool):
        return value
    return str(value)[:MAX_TEXT]


def unique_headers(headers: Sequence[str]) -> list[str]:
    """Columns are told apart by their words: a second equal one gets a number."""
    counts: dict[str, int] = {}
    result = []
    for header in headers:
        counts[header] = counts.get(header, 0) + 1
        result.append(header if counts[header] == 1 else f"{header} {counts[header]}")
    return result
