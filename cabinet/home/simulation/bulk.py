"""Many rows at once: COPY where the database has it, bulk_create elsewhere."""

import json
from collections.abc import Iterable
from datetime import date, datetime, time
from io import StringIO
from typing import Any, TypeVar

from django.db import connection, models

BATCH = 2000
M = TypeVar("M", bound=models.Model)
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def write(model: type[M], rows: Iterable[M]) -> list[M]:
    """Insert the rows and give them their keys. Defaults and auto_now hold as with save(); save() is not called."""
    made = list(rows)
    if not made:
        return made
    if connection.vendor != "postgresql":
        return model._default_manager.bulk_create(made, batch_size=BATCH)
    fields = model._meta.local_concrete_fields
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [model._meta.db_table, model._meta.pk.column, len(made)],
        )
        for row, (pk,) in zip(made, cursor.fetchall(), strict=True):
            row.pk = pk
            row._state.adding = False
        lines = StringIO()
        for row in made:
            lines.write("\t".join([_text(field.pre_save(row, add=True)) for field in fields]) + "\n")
        lines.seek(0)
        cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", lines)
    return made


def _text(value: Any) -> str:
    """A value as COPY's text format wants it."""
    if value is None:
        return "\\N"
    if isinstance(value, str):
        return value.translate(ESCAPES)
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False).translate(ESCAPES)
    return str(value)
