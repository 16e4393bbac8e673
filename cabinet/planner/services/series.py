"""Repeated events: on which days they are, and which of them still lie ahead."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count

from cabinet.core.clock import add_months, is_working_day, today
from cabinet.planner.models import Event, EventQuerySet, EventSeries

MOST = 60  # times in one series
Every = EventSeries.Every
STEPS = {Every.WEEK: timedelta(weeks=1), Every.TWO_WEEKS: timedelta(weeks=2)}


@dataclass(frozen=True)
class Repeats:
    """How often, until which day, and whether days that are not worked are passed over."""

    every: str
    until: date
    skips_days_off: bool = True

    def days(self, first: date) -> list[date]:
        """The first day whatever it is, then the later ones; one more than MOST shows that there are too many."""
        found = [first]
        for number in count(1):
            day = _later(first, Every(self.every), number)
            if day > self.until or len(found) > MOST:
                return found
            if not self.skips_days_off or is_working_day(day):
                found.append(day)
        raise AssertionError("count() has no end")


def _later(first: date, every: EventSeries.Every, number: int) -> date:
    if every in STEPS:
        return first + STEPS[every] * number
    return same_weekday(first, add_months(first.replace(day=1), number))


def same_weekday(first: date, month: date) -> date:
    """Of another month: the second Tuesday stays the second Tuesday, a fifth one becomes the last.

    `month` is its first day.
    """
    place = (first.day - 1) // 7
    ahead = (first.weekday() - month.weekday()) % 7
    day = month + timedelta(days=ahead + 7 * place)
    return day if day.month == month.month else day - timedelta(days=7)


def following(event: Event) -> EventQuerySet:
    """Later ones of the series that are still to take place; what is past or called off stays as it is."""
    if event.series_id is None:
        return Event.objects.none()
    later = Event.objects.filter(series=event.series_id, on__gt=event.on, on__gte=today(), is_cancelled=False)
    return later.order_by("on", "pk")
