"""Living through the past: inside `at(moment)` the services take that moment for now."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from typing import Any
from unittest.mock import patch

from django.apps import apps
from django.db import models
from django.utils import timezone

from cabinet.core.clock import is_quiet, is_working_day, today

_real_now = timezone.now


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Only the seeding of the demo may need this: nothing else writes other dates than today's."""
    with patch.object(timezone, "now", lambda: moment.astimezone(UTC)):
        yield


@contextmanager
def defaults_follow() -> Iterator[None]:
    """Let `default=timezone.now` of all models follow `at`: a field holds the function itself, not its name."""
    fields = [
        field
        for model in apps.get_models()
        for field in model._meta.local_fields
        if field.has_default() and field.default is _real_now
    ]
    for field in fields:
        _set_default(field, lambda: timezone.now())
    try:
        yield
    finally:
        for field in fields:
            _set_default(field, _real_now)


def _set_default(field: "models.Field[Any, Any]", default: Any) -> None:
    field.default = default
    field.__dict__.pop("_get_default", None)  # what the field remembers of its default


def on_day(day: date, hour: int, minute: int = 0) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour, minute)))


def working_day_ago(days: int) -> date:
    """A working day about `days` ago, counted over days in which cases open at all: never in the summer."""
    day, left = today(), days
    while left > 0 or not is_working_day(day):
        day = date.fromordinal(day.toordinal() - 1)
        left -= not is_quiet(day)
    return day


def recent_working_day(days: int) -> date:
    """The last working day that is at least `days` calendar days ago, quiet or not: what is fresh must be fresh."""
    return worked_by(date.fromordinal(today().toordinal() - days))


def worked_by(day: date) -> date:
    """The day itself when it is worked, else the last worked one before it."""
    while not is_working_day(day):
        day = date.fromordinal(day.toordinal() - 1)
    return day
