"""Sample lists to start from, and how a cell is shown on a page."""

from __future__ import annotations

from datetime import date
from io import BytesIO

from cabinet.core.spreadsheet import write_workbook
from cabinet.core.spreadsheet.reader import Value
from cabinet.courses.services import Sample

LONGEST = 60


def sample_file(sample: Sample) -> BytesIO:
    target = BytesIO()
    write_workbook(target, [sample.sheet])
    target.seek(0)
    return target


def shown(value: Value) -> str:
    text = f"{value:%d.%m.%Y}" if isinstance(value, date) else " ".join(str(value).split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
