"""What to think of before an event is saved: a day off, people who are elsewhere at that hour. Never forbids."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, time

from cabinet.core.clock import is_working_day
from cabinet.core.words import long_date
from cabinet.planner.models import Event
from cabinet.planner.services.clashes import attended_by, clashes_for
from cabinet.users.models import User

LISTED = 5  # more than that is said by a number


def days_off(days: Iterable[date]) -> list[str]:
    free = [day for day in days if not is_working_day(day)]
    if not free:
        return []
    told = ", ".join(long_date(day) for day in free[:LISTED])
    more = f" и ещё {len(free) - LISTED}" if len(free) > LISTED else ""
    return [f"Нерабочий день: {told}{more}."]


def busy(
    people: Iterable[User],
    days: Sequence[date],
    hours: tuple[time | None, time | None],
    *,
    reader: User,
    event: Event | None = None,
) -> list[str]:
    """Whoever runs it and has something else then. Days without anything cost no query of their own.

    With what somebody is busy is told only if the reader may see it: a personal event is nobody else's business.
    """
    found: list[tuple[User, Event]] = []
    for person in people:
        full = set(attended_by(person).filter(on__in=days).order_by().values_list("on", flat=True))
        for day in [one for one in days if one in full]:
            found += [(person, clash) for clash in clashes_for(person, day, *hours, besides=event)]
    pks = [clash.pk for _, clash in found]
    seen = set(Event.objects.visible_to(reader).filter(pk__in=pks).values_list("pk", flat=True)) if pks else set()
    told = [
        f"{person.short_name}: в это время {clash if clash.pk in seen else 'занят(а)'}, {clash.when}."
        for person, clash in found
    ]
    rest = len(told) - LISTED
    return told[:LISTED] + ([f"И ещё совпадений: {rest}."] if rest > 0 else [])


def fingerprint(warnings: Sequence[str]) -> str:
    """Whoever presses again has seen these very sentences."""
    return hashlib.sha256("\n".join(warnings).encode()).hexdigest()[:16]
