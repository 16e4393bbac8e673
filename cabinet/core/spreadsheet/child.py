"""The process that opens somebody else's workbook. Started by path, so it knows openpyxl and nothing of the project.

Writes JSON lines: `{"sheet": title}`, then `[row number, [values]]` for rows with something in them, dates as
`{"d": iso}`; the last line is `{"end": true}` or `{"refused": code, "cell": …}`. No last line means it was stopped.
"""

from __future__ import annotations

import json
import resource
import sys
import warnings
from datetime import date, datetime, time, timedelta
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

MEMORY_BYTES = 480 * 1024 * 1024
MAX_ROW = 200_000
MAX_COLUMN = 1_000
MAX_TEXT = 4_000


class FarCell(Exception):
    pass


def main(path: str, sheet: str, limit: str, cpu: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (int(cpu), int(cpu) + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warnings.simplefilter("ignore")
    try:
        read(path, sheet, int(limit))
    except FarCell as error:
        emit({"refused": "far", "cell": str(error)})
    except MemoryError:
        emit({"refused": "memory"})
    except Exception as error:  # whatever a damaged workbook makes of the library, the answer is the same
        emit({"refused": "damaged", "cause": repr(error)[:300]})
    else:
        emit({"end": True})


def read(path: str, wanted: str, limit: int) -> None:
    # By its content, not by its name: uploads are stored under random names.
    source = open(path, "rb")  # noqa: SIM115 - the process ends with the reading
    book = load_workbook(source, read_only=True, data_only=True, keep_links=False)
    for index, sheet in enumerate(book.worksheets):
        if sheet.sheet_state != "visible" or (wanted and int(wanted) != index):
            continue
        emit({"sheet": sheet.title, "index": index})
        # The stated dimensions are often wrong; without them rows come as they are.
        sheet.reset_dimensions()
        for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
            if limit and number > limit:
                break
            if any(value is not None for value in values):
                emit_row(number, values)


def emit_row(number: int, values: tuple[Any, ...]) -> None:
    cells = [plain(value) for value in values]
    while cells and cells[-1] is None:
        cells.pop()
    if not cells:
        return
    if number > MAX_ROW or len(cells) > MAX_COLUMN:
        raise FarCell(f"{get_column_letter(len(cells))}{number}")
    emit([number, cells])


def plain(value: Any) -> Any:
    if isinstance(value, str):
        return value[:MAX_TEXT] if value.strip() else None
    if isinstance(value, datetime | date):
        return {"d": value.isoformat()}
    if isinstance(value, time | timedelta):
        return str(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if value is None or isinstance(value, int | float | bool) else str(value)[:MAX_TEXT]


def emit(line: Any) -> None:
    sys.stdout.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:5])
