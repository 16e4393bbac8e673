"""One list from file to database: recognised, planned, written, given back where it failed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from cabinet.core.spreadsheet import Refused, SheetSpec, peek, read_rows, write_workbook
from cabinet.courses.importing.fields import Field
from cabinet.courses.importing.headers import Mapping, find_mapping
from cabinet.courses.importing.rows import ParsedRow, parse_rows
from cabinet.courses.importing.words import meaning
from cabinet.courses.models import ImportBatch
from cabinet.courses.services.kinds import kind_of
from cabinet.courses.services.listing import Choices, Progress
from cabinet.files.services import store_bytes
from cabinet.users.models import LogEntry, User
from cabinet.users.services import record

logger = logging.getLogger(__name__)

LOCK = 5_406_001  # any number of ours: two lists are never written at once
ATTEMPTS = 3
KEPT_PROBLEMS = 500

NO_HEADER = "В первых 20 строках файла не найдены заголовки столбцов; нужны: {needs}."
OF_LISTENERS = "Это похоже на список слушателей: в нём есть программа и сроки. Загрузите его на вкладке «Слушатели»."
NO_ROWS = "Под заголовками в листе «{sheet}» нет ни одной заполненной строки."


def recognise(path: str | Path, kind: str) -> Mapping:
    """The header as the program understands it. Raises Refused; missing columns are left to the caller."""
    layout = kind_of(kind).layout
    mapping = find_mapping(peek(path), layout)
    if mapping is None:
        raise Refused(NO_HEADER.format(needs="; ".join(label.lower() for label, _ways in layout.needs)))
    return mapping


def require_columns(mapping: Mapping, kind: str) -> None:
    layout = kind_of(kind).layout
    missing = layout.missing(mapping.columns.values())
    if missing:
        raise Refused(f"В листе «{mapping.sheet_title}» не найдены столбцы: {', '.join(missing)}.")
    if Field.PROGRAMME not in layout.fields and is_of_listeners(mapping):
        raise Refused(OF_LISTENERS)


def is_of_listeners(mapping: Mapping) -> bool:
    """A programme and its hours or dates: taken for a list of roles, it would give one to everybody who studied."""
    meant = {meaning(heading)[0] for heading in mapping.headings.values()}
    return Field.PROGRAMME in meant and bool(meant & {Field.HOURS, Field.ENDS_ON, Field.PERIOD})


def rows_of(path: str | Path, mapping: Mapping, kind: str) -> Iterator[ParsedRow]:
    known = kind_of(kind)
    return parse_rows(read_rows(path, mapping.sheet), mapping, known.layout, known.reader)


def plan_list(
    path: str | Path,
    mapping: Mapping,
    kind: str,
    choices: Choices | None = None,
    progress: Progress | None = None,
    total: int = 0,
) -> Any:
    """What the list would change; nothing is written. Raises Refused."""
    require_columns(mapping, kind)
    plan = kind_of(kind).plan(choices)
    plan.read(rows_of(path, mapping, kind), progress, total)
    if not plan.rows:
        raise Refused(NO_ROWS.format(sheet=mapping.sheet_title))
    return plan


def import_list(
    batch: ImportBatch,
    path: str | Path,
    mapping: Mapping,
    *,
    actor: User | None = None,
    progress: Progress | None = None,
    total: int = 0,
    on_written: Callable[[], None] | None = None,
) -> Any:
    """Write the list in one transaction, `on_written` inside it as its last line. Raises Refused.

    The plan is made before the transaction, so that nobody waits for the reading; when something it relied on
    changed in between, it is made anew.
    """
    choices = Choices.from_json(batch.choices)
    attempt = 0
    while True:
        attempt += 1
        planned_at = timezone.now()
        plan = plan_list(path, mapping, batch.kind, choices, progress, total)
        try:
            with transaction.atomic():
                hold_others()
                if ImportBatch.objects.filter(done_at__gte=planned_at).exclude(pk=batch.pk).exists():
                    raise IntegrityError("another list was written meanwhile")
                write_plan(batch, plan, mapping, actor)
                if on_written:
                    on_written()
            return plan
        except IntegrityError:
            if attempt == ATTEMPTS:
                raise
            logger.warning("list %s: planned anew", batch.pk, exc_info=True)


def hold_others() -> None:
    """SQLite's BEGIN IMMEDIATE does this by itself."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def write_plan(batch: ImportBatch, plan: Any, mapping: Mapping, actor: User | None) -> None:
    batch.mapping, batch.failed_rows = mapping.as_json(), None
    if batch._state.adding:
        batch.save()
    kind_of(batch.kind).write(plan, batch)
    batch.result = kept_answer(plan)
    batch.state, batch.done_at = ImportBatch.State.DONE, timezone.now()
    if plan.failed:
        batch.failed_rows = store_bytes(
            f"Исправить – {Path(batch.file_name).stem}.xlsx",
            failed_rows_file(plan.failed, mapping),
            owner=batch,
            uploaded_by=actor,
        )
    batch.save()
    record(LogEntry.Action.IMPORTED, actor=actor, about=batch, note=batch.file_name)


def kept_answer(plan: Any) -> dict[str, Any]:
    """The answer as the batch keeps it: counts in full, problems as many as a page shows."""
    answer = plan.as_json()
    return answer | {
        "failed": len(plan.failed),
        "error_count": len(answer["errors"]),
        "warning_count": len(answer["warnings"]),
        "errors": answer["errors"][:KEPT_PROBLEMS],
        "warnings": answer["warnings"][:KEPT_PROBLEMS],
    }


def failed_rows_file(rows: list[ParsedRow], mapping: Mapping) -> bytes:
    """The rows as they came, under their own headings, with the reason at the end: correct and send again."""
    width = max(mapping.headings, default=0) + 1
    headings = [mapping.headings.get(column, "") for column in range(width)]
    spec = SheetSpec(
        "Исправить",
        [*headings, "Строка исходного файла", "Что исправить"],
        ([*padded(row, width), row.number, reasons(row)] for row in rows),
        [*[20] * width, 12, 60],
    )
    target = BytesIO()
    write_workbook(target, [spec])
    return target.getvalue()


def padded(row: ParsedRow, width: int) -> list[Any]:
    return [*row.source[:width], *[None] * (width - len(row.source))]


def reasons(row: ParsedRow) -> str:
    return "; ".join(f"{problem.column}: {problem.message}" for problem in row.errors)


def source_path(batch: ImportBatch) -> str:
    if batch.source is None:
        raise Refused("Исходный файл этой загрузки уже удалён.")
    return default_storage.path(str(batch.source.file.name))
