"""A query whose SQL is put together once: for the few pages that thousands of people open at the same moment."""

import itertools
import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db import connection, models
from django.db.models.query import get_related_populators
from psycopg2.extensions import AsIs

Row = TypeVar("Row", bound=models.Model)
MARK = "the value asked for"
_numbers = itertools.count(1)


class Prepared(Generic[Row]):
    """One row by the value of one text field, as `queryset.get(field=value)` gives it.

    Django writes the SQL anew at every query; for a join of seven tables that took a quarter of the page's time.
    PostgreSQL then spent two milliseconds on its plan and a third of one on the row, so there it keeps the plan
    too, one per connection. The steps below are those of Django's own ModelIterable.
    """

    def __init__(self, queryset: Callable[[], models.QuerySet[Row]], field: str) -> None:
        self._queryset = queryset
        self._field = field
        self._name = f"prepared_{next(_numbers)}"
        self._kept = threading.local()  # a compiler belongs to a connection, and that to a thread

    def get(self, value: str) -> Row | None:
        compiler, sql, params = self._compiled()
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                self._prepare(cursor.connection, sql, params)
                cursor.execute(f"EXECUTE {self._name} (%s)", [value])
            else:
                cursor.execute(sql, [value if one == MARK else one for one in params])
            rows = cursor.fetchmany(1)
        for row in compiler.results_iter([rows]):
            return self._made(compiler, row)
        return None

    def _compiled(self) -> tuple[Any, str, tuple[Any, ...]]:
        if not hasattr(self._kept, "parts"):
            compiler = self._queryset().filter(**{self._field: MARK}).order_by().query.get_compiler(connection.alias)
            self._kept.parts = (compiler, *compiler.as_sql())
        parts: tuple[Any, str, tuple[Any, ...]] = self._kept.parts
        return parts

    def _prepare(self, session: Any, sql: str, params: tuple[Any, ...]) -> None:
        """Once per connection: a new one, after a restart of the database too, knows nothing of the former."""
        if getattr(self._kept, "session", None) is not session:
            with session.cursor() as cursor:
                cursor.execute(f"PREPARE {self._name} AS {sql}", [AsIs("$1") if one == MARK else one for one in params])
            self._kept.session = session

    @staticmethod
    def _made(compiler: Any, row: Any) -> Row:
        info = compiler.klass_info
        start, end = info["select_fields"][0], info["select_fields"][-1] + 1
        names = [column[0].target.attname for column in compiler.select[start:end]]
        made: Row = info["model"].from_db(connection.alias, names, row[start:end])
        related = get_related_populators(info, compiler.select, connection.alias)  # type: ignore[call-arg]
        for populator in related:
            populator.populate(row, made)
        for name, place in compiler.annotation_col_map.items():
            setattr(made, name, row[place])
        return made
