"""One clock for МОТОР, ИОМ and tasks: local dates, working days, months, quiet periods."""

from calendar import monthrange
from datetime import date, timedelta
from typing import NamedTuple

from django.core.cache import caches
from django.utils import timezone

from cabinet.core.models import CalendarDay, QuietPeriod

DAYS_KEY, PERIODS_KEY = "core.calendar", "core.quiet"
KEPT = 60  # seconds each process remembers the calendar
STEPS = 60  # a calendar without any open day must not hold a worker for ever


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
    days: dict[date, bool] | None = cache.get(DAYS_KEY)
    if days is None:
        days = dict(CalendarDay.objects.values_list("day", "is_working"))
        cache.set(DAYS_KEY, days, KEPT)
    return days


def quiet_periods() -> list[QuietPeriod]:
    """Periods in which no case opens; kept a minute."""
    cache = caches["local"]
    periods: list[QuietPeriod] | None = cache.get(PERIODS_KEY)
    if periods is None:
        periods = list(QuietPeriod.objects.all())
        cache.set(PERIODS_KEY, periods, KEPT)
    return periods


def forget_calendar() -> None:
    """After a change: this process reads the calendar anew at once, the others within a minute."""
    caches["local"].delete_many([DAYS_KEY, PERIODS_KEY])


def is_working_day(day: date) -> bool:
    return special_days().get(day, day.weekday() < 5)


def next_working_day(day: date) -> date:
    """`day` itself when it is worked, else the first worked day after it."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def add_working_days(start: date, count: int) -> date:
    """The `count`-th working day after `start`; the day of `start` does not count."""
    day, days = start, special_days()
    while count > 0:
        day += timedelta(days=1)
        if days.get(day, day.weekday() < 5):
            count -= 1
    return day


def add_months(start: date, months: int) -> date:
    """The same day of a later month, or that month's last day (31.08 + 6 → 28.02)."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    month += 1
    return date(year, month, min(start.day, monthrange(year, month)[1]))


def is_quiet(day: date) -> bool:
    return any(period.covering(day) for period in quiet_periods())


def after_quiet(day: date) -> Deadline:
    """The first working day on or after `day` outside the quiet periods, and what stood in its way, if anything."""
    days, periods = special_days(), quiet_periods()
    reasons: list[str] = []
    for _ in range(STEPS):
        held = next((around for period in periods if (around := period.covering(day))), None)
        if held:
            reasons.append(f"с {held[0]:%d.%m} по {held[1]:%d.%m} карты не открываются")
            day = held[1] + timedelta(days=1)
        elif days.get(day, day.weekday() < 5):
            break
        else:
            free = day
            while not days.get(day, day.weekday() < 5):
                day += timedelta(days=1)
            reasons.append(f"{free:%d.%m.%Y} — нерабочий день")
    return Deadline(day, f"{', '.join(reasons)} → {day:%d.%m.%Y}" if reasons else "")


def full_years(since: date, day: date) -> int:
    return day.year - since.year - ((day.month, day.day) < (since.month, since.day))


def school_year(day: date | None = None) -> date:
    """The first of September that began the school year of the day, of today by default."""
    day = day or today()
    return date(day.year if day.month >= 9 else day.year - 1, 9, 1)
