"""Stretches of time a person plans by: late, today, this week, later."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.db import models
from django.db.models import Case, Value, When

from cabinet.core.clock import today

LATE, TODAY, WEEK, LATER = "late", "today", "week", "later"
TITLES = {LATE: "Просрочено", TODAY: "Сегодня", WEEK: "На этой неделе", LATER: "Позже"}


def week_end() -> date:
    """Sunday of this week."""
    return today() + timedelta(days=6 - today().weekday())


def stretch(due: str) -> Case:
    """late, today, week or later, by the column of the time limit."""
    return Case(
        When(**{f"{due}__lt": today()}, then=Value(LATE)),
        When(**{due: today()}, then=Value(TODAY)),
        When(**{f"{due}__gt": week_end()}, then=Value(LATER)),
        default=Value(WEEK),
        output_field=models.CharField(),
    )


def when(due_on: date | None) -> str:
    """The same for one day; what has no limit is done this week."""
    if due_on is None:
        return WEEK
    if due_on <= today():
        return LATE if due_on < today() else TODAY
    return WEEK if due_on <= week_end() else LATER


def by_stretch(rows: Iterable[Any]) -> list[list[Any]]:
    """Rows of one stretch of time together, the nearest `limit` first.

    What waits for one person fits into memory. A query that picks the nearest by itself takes Django longer to write
    than all of them take to be read.
    """
    found: dict[str, list[Any]] = defaultdict(list)
    in_order = sorted(rows, key=lambda row: (row.limit or date.max, row.pk))
    for limit, same in groupby(in_order, key=lambda row: row.limit):
        found[when(limit)] += same
    return list(found.values())
