"""A kind of work on the first page, as the packages below it say what they ask of a person."""

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Cast
from django.urls import reverse

PERSONAL = "tasks"  # stands where the role does: what belongs to the person, whatever his roles


@dataclass(frozen=True)
class Work:
    """A kind of work: its heading, what one is to do, the line's title, the button, who does it, where all of it is."""

    title: str
    hint: str
    line: str
    button: str
    doers: tuple[str, ...]
    page: str
    query: str = ""

    @property
    def address(self) -> str:
        return reverse(self.page) + self.query


class WorkLine(NamedTuple):
    title: str
    about: str
    note: str
    address: str


class Asked(NamedTuple):
    """What a package asks of a person, or knows for him: one row, or one sum of many."""

    code: str
    limit: date | None
    pk: int
    title: str
    number: int | None


def asked_rows(rows: Any, code: str, *, limit: Any = None, pk: Any = "pk", title: Any = "", number: Any = None) -> Any:
    """Rows as `Asked`, so that what several packages ask is read by one query.

    Each is the name of a column or an expression; what is not given is empty.
    """
    columns = {
        "of_code": Value(code),
        "of_limit": Cast(_column(limit), models.DateField()),
        "of_pk": Cast(_column(pk), models.BigIntegerField()),
        "of_title": Cast(_column(title or Value("")), models.CharField()),
        "of_number": Cast(_column(number), models.BigIntegerField()),
    }
    return rows.order_by().annotate(**columns).values_list(*columns)


def _column(value: Any) -> Any:
    return F(value) if isinstance(value, str) else Value(None) if value is None else value
