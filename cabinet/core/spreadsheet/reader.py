"""Rows of an untrusted workbook, read by a child process that may be stopped without harm."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from cabinet.core.child import lines_of
from cabinet.core.spreadsheet.safety import DAMAGED, Refused, check_archive

logger = logging.getLogger(__name__)

CHILD = Path(__file__).with_name("child.py")
# The processor's seconds stop a file made to burn them; the clock's are generous, for a busy machine.
CPU_SECONDS = 40
SECONDS = 180.0
PEEK_CPU_SECONDS = 8
PEEK_SECONDS = 20.0

TOO_HEAVY = "Файл слишком тяжёлый: оставьте в нём один лист со списком и загрузите снова."
FAR_CELL = (
    "В ячейке {cell} есть значение, далеко за пределами обычного списка: удалите лишние строки и столбцы "
    "и загрузите файл снова."
)

Value = str | int | float | bool | date | None


@dataclass(slots=True)
class Row:
    """One row as it stands in the sheet: its own number and its values from column A on."""

    number: int
    values: list[Value]

    def value(self, column: int) -> Value:
        return self.values[column] if column < len(self.values) else None


@dataclass(slots=True)
class SheetHead:
    """The top of one visible sheet, enough to find its header."""

    index: int
    title: str
    rows: list[Row] = field(default_factory=list)


def peek(path: str | Path, rows: int = 25) -> list[SheetHead]:
    """The first `rows` rows of every visible sheet."""
    check_archive(path)
    heads: list[SheetHead] = []
    for line in run_child(path, limit=rows, cpu=PEEK_CPU_SECONDS, seconds=PEEK_SECONDS):
        if isinstance(line, dict):
            heads.append(SheetHead(index=line["index"], title=line["sheet"]))
        else:
            heads[-1].rows.append(to_row(line))
    return heads


def read_rows(path: str | Path, sheet: int) -> Iterator[Row]:
    """Rows with something in them of the sheet with this index, top to bottom."""
    check_archive(path)
    for line in run_child(path, sheet=str(sheet), cpu=CPU_SECONDS, seconds=SECONDS):
        if isinstance(line, list):
            yield to_row(line)


def run_child(path: str | Path, *, sheet: str = "", limit: int = 0, cpu: int, seconds: float) -> Iterator[Any]:
    """Lines of the child. Raises `Refused` unless it came to its last line."""
    finished = False
    with closing(lines_of(CHILD, str(path), sheet, str(limit), str(cpu), seconds=seconds)) as lines:
        for line in lines:
            if isinstance(line, dict) and "sheet" not in line:
                refuse_if_told(line)
                finished = True
                break
            yield line
    if not finished:
        raise Refused(TOO_HEAVY)


def refuse_if_told(line: dict[str, Any]) -> None:
    if line.get("refused") == "far":
        raise Refused(FAR_CELL.format(cell=line["cell"]))
    if line.get("refused") == "memory":
        raise Refused(TOO_HEAVY)
    if "refused" in line:
        logger.info("workbook refused: %s", line.get("cause"))
        raise Refused(DAMAGED)


def to_row(line: list[Any]) -> Row:
    number, values = line
    return Row(number, [to_date(value) if isinstance(value, dict) else value for value in values])


def to_date(value: dict[str, str]) -> date:
    return datetime.fromisoformat(value["d"]).date()
