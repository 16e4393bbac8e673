"""One clock for МОТОР, ИОМ and tasks: local dates, working days, months, quiet periods."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from django.core.cache import caches
from django.utils import timezone

from cabinet.core.models import CalendarDay

CACHE_KEY = "core.calendar"
MonthDay = tuple[int, int]
Period = tuple[MonthDay, MonthDay]


class Deadline(NamedTuple):
    """A time limit and, in a few words, why it is that day."""

    on: date
    why: str


def today() -> date:
    """The date in the region (Asia/Yekaterinburg), not the server's."""
    return timezone.localdate()


def special_days() -> dict[date, bool]:
    """Date → is it worked, for the days that differ from their weekday; kept a minute."""
    cache = caches["local"]
    days: dict[date, bool] | None = cache.get(CACHE_KEY)
    if days is None:
        days = dict(CalendarDay.objects.values_list("day", "is_working"))
        cache.set(CACHE_KEY, days, 60)
    return days


def is_working_day(day: date) -> bool:
    return special_days().get(day, day.weekday() < 5)


def next_working_day(day: date) -> date:
    """`day` itself when it is worked, else the first worked day after it."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def add_working_days(start: date, count: int) -> date:
    """The `count`-th working day after `start`; the day of `start` does not count."""
    day = start
    while count > 0:
        day += timedelta(days=1)
        if is_working_day(day):
            count -= 1
    return day


def add_months(start: date, months: int) -> date:
    """The same day of a later month, or that month's last day (31.08 + 6 → 28.02)."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    month += 1
    return date(year, month, min(start.day, monthrange(year, month)[1]))


def is_quiet(day: date, periods: Sequence[Period]) -> bool:
    """Is the day inside one of the (month, day) periods, both ends included; a period may span New Year."""
    here = (day.month, day.day)
    return any(start <= here <= end if start <= end else (here >= start or here <= end) for start, end in periods)


def after_quiet(day: date, periods: Sequence[Period]) -> date:
    """The first working day on or after `day` outside the quiet periods."""
    while is_quiet(day, periods) or not is_working_day(day):
        day += timedelta(days=1)
    return day
