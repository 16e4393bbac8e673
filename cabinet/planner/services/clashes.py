"""Where a person cannot be twice: events he runs, comes to or is invited to, at the same hours."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, time
from itertools import combinations
from typing import Protocol

from django.db.models import Q

from cabinet.planner.models import Event, EventQuerySet, Participation
from cabinet.users.models import User

AT = (Participation.State.INVITED, Participation.State.COMING)
DAY = 24 * 60
USUAL = 60  # minutes of an event that says only when it begins


class Timed(Protocol):
    """What of an event says when it is; a row of the calendar will do."""

    @property
    def on(self) -> date: ...
    @property
    def kind(self) -> str: ...
    @property
    def starts_at(self) -> time | None: ...
    @property
    def ends_at(self) -> time | None: ...


def clashes_for(
    user: User, on: date, starts_at: time | None, ends_at: time | None, *, besides: Event | None = None
) -> list[Event]:
    """Events of that day at which this person should be at those hours too, `besides` the one asked about.

    Without hours the whole day is meant. One that ends as another begins is no clash.
    """
    found = attended_by(user).filter(on=on)
    if besides is not None and besides.pk:
        found = found.exclude(pk=besides.pk)
    asked = _minutes(starts_at, ends_at)
    return [one for one in found.order_by("starts_at", "pk") if takes_time(one) and _meet(asked, _of(one))]


def attended_by(user: User) -> EventQuerySet:
    """Of those still to be held: run by himself, or he comes or is invited. Whoever typed in an event that others
    lead need not be there."""
    led = Event.leaders.through.objects.filter(user=user)
    invited = Participation.objects.filter(person=user, state__in=AT)
    own = Q(author=user) & ~Q(pk__in=Event.leaders.through.objects.values("event"))
    there = own | Q(pk__in=led.values("event")) | Q(pk__in=invited.values("event"))
    return Event.objects.filter(there, is_cancelled=False)


def takes_time(event: Timed) -> bool:
    """A publication without hours is no place to be at."""
    return event.starts_at is not None or event.kind != Event.Kind.PUBLICATION


def overlapping(events: Iterable[Timed]) -> dict[date, list[tuple[Timed, Timed]]]:
    """Day → pairs at the same hours, of events one attends; no query."""
    by_day: dict[date, list[Timed]] = defaultdict(list)
    for one in events:
        if takes_time(one):
            by_day[one.on].append(one)
    pairs = {day: _pairs(those) for day, those in by_day.items()}
    return {day: those for day, those in pairs.items() if those}


def _pairs(events: Sequence[Timed]) -> list[tuple[Timed, Timed]]:
    return [(one, other) for one, other in combinations(events, 2) if _meet(_of(one), _of(other))]


def _of(event: Timed) -> tuple[int, int]:
    return _minutes(event.starts_at, event.ends_at)


def _minutes(starts_at: time | None, ends_at: time | None) -> tuple[int, int]:
    """From and until, in minutes of the day."""
    if starts_at is None:
        return 0, DAY
    begin = starts_at.hour * 60 + starts_at.minute
    end = ends_at.hour * 60 + ends_at.minute if ends_at else begin + USUAL
    return begin, min(end, DAY)


def _meet(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]
