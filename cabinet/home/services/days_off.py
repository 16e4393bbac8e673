"""The year as the calendar's page shows it, what its changes leave behind, and the changes themselves."""

from calendar import Calendar
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db import transaction

from cabinet.core.clock import forget_calendar, today
from cabinet.core.models import CalendarDay, QuietPeriod
from cabinet.core.words import MONTHS, counted
from cabinet.users.models import LogEntry, User
from cabinet.users.services import record
from motor.models import Case
from motor.services.replanning import misplaced

NOMINATIVE = (
    "Январь Февраль Март Апрель Май Июнь Июль Август Сентябрь Октябрь Ноябрь Декабрь".split()  # noqa: SIM905
)


class Day(NamedTuple):
    """One cell: `kind` is work, weekend, holiday or worked; `words` say what is not plain."""

    number: int
    kind: str
    is_quiet: bool
    words: str


class Month(NamedTuple):
    name: str
    weeks: list[list[Day | None]]


@dataclass(frozen=True)
class Disorder:
    """What stands on days that the calendar no longer allows: openings by day, and limits people were told."""

    openings: dict[date, int]
    limits: int

    @property
    def count(self) -> int:
        return sum(self.openings.values())

    @property
    def limits_words(self) -> str:
        limits = counted(self.limits, "срок карт приходится", "срока карт приходятся", "сроков карт приходятся")
        return f"{limits} на праздники и переносы. О них людям уже сказано, поэтому они останутся."


def year_of(year: int, special: list[CalendarDay], periods: list[QuietPeriod]) -> list[Month]:
    days = {one.day: one for one in special}
    months = []
    for number in range(1, 13):
        weeks = [
            [_day(day, days.get(day), periods) if day.month == number else None for day in week]
            for week in Calendar().monthdatescalendar(year, number)
        ]
        months.append(Month(NOMINATIVE[number - 1], weeks))
    return months


def _day(day: date, special: CalendarDay | None, periods: list[QuietPeriod]) -> Day:
    words = []
    kind = "work" if day.weekday() < 5 else "weekend"
    if special is not None:
        kind = "worked" if special.is_working else "holiday"
        words.append(f"{'рабочий день' if special.is_working else 'нерабочий день'}: {special.title}")
    elif kind == "weekend":
        words.append("выходной")
    quiet = [period.title for period in periods if period.covering(day)]
    if quiet:
        words.append("карты не открываются")
    return Day(day.day, kind, bool(quiet), f"{MONTHS[day.month - 1]}, {', '.join(words)}" if words else "")


def disorder(user: User) -> Disorder:
    """Three queries at most: openings ahead by day, and limits on days that are now free."""
    free = [one.day for one in CalendarDay.objects.filter(day__gte=today(), is_working=False)]
    limits = Case.objects.visible_to(user).filter(status__in=Case.UNDER_WAY, due_on__in=free).count() if free else 0
    return Disorder(misplaced(Case.objects.plannable_by(user)), limits)


def change_calendar(row: CalendarDay | QuietPeriod, *, actor: User) -> None:
    """Keep a new or changed day or period."""
    with transaction.atomic():
        row.save()
        record(LogEntry.Action.CHANGED, actor=actor, about=row, note=f"Календарь: {row}")
    forget_calendar()


def drop_from_calendar(row: CalendarDay | QuietPeriod, *, actor: User) -> None:
    with transaction.atomic():
        record(LogEntry.Action.CHANGED, actor=actor, about=row, note=f"Убрано из календаря: {row}")
        row.delete()
    forget_calendar()
