"""Events led by regional methodists: the day after, each of them is offered a line of work."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from cabinet.planner.models import Event
from rma.models import Activity, Member
from rma.services.activity import offer, take_back

LOOKED_BACK = timedelta(days=62)  # an event written down later than this offers nothing by itself
KEY = "event."


def offer_for_events(day: date) -> int:
    """Lines for events that took place before the day; those of events called off or led by others are taken back.

    Returns how many lines were offered. Safe to run twice.
    """
    _take_back_others(day)
    past = Event.objects.filter(on__lt=day, on__gte=day - LOOKED_BACK, is_cancelled=False)
    led = _leaders_of(past.order_by().values_list("pk", flat=True))
    known = set(
        Activity.objects.filter(key__in={f"{KEY}{event}" for event, _ in led}).values_list("member", "key").order_by()
    )
    missing = [(event, member) for event, member in led if (member.pk, f"{KEY}{event}") not in known]
    if not missing:
        return 0
    events = Event.objects.select_related("organization").in_bulk({event for event, _ in missing})
    return sum(_offer(events[event], member) for event, member in missing)


def _leaders_of(events: Iterable[int]) -> list[tuple[int, Member]]:
    """Event id and a regional methodist who leads it."""
    rows = list(Event.leaders.through.objects.filter(event__in=events).values_list("event", "user"))
    acting = Member.objects.filter(status=Member.Status.ACTIVE, user__in={user for _, user in rows})
    members = {one.user_id: one for one in acting}
    return sorted(((event, members[user]) for event, user in rows if user in members), key=lambda pair: pair[0])


def _offer(event: Event, member: Member) -> bool:
    line = offer(
        member,
        key=f"{KEY}{event.pk}",
        kind=Activity.Kind.EVENT,
        on=event.on,
        title=str(event),
        source=event,
        organizations=[event.organization] if event.organization else [],
        hours=_length(event),
    )
    return line is not None


def _length(event: Event) -> float | None:
    """From the beginning to the end, by halves of an hour."""
    if event.starts_at is None or event.ends_at is None:
        return None
    lasted = datetime.combine(event.on, event.ends_at) - datetime.combine(event.on, event.starts_at)
    return max(round(lasted.total_seconds() / 1800) / 2, 0.5)


def _take_back_others(day: date) -> None:
    """What has not been agreed and is no longer true: called off, moved to a day ahead, led by somebody else."""
    lines = Activity.objects.offered().filter(kind=Activity.Kind.EVENT, key__startswith=KEY)
    offered = {
        (int(key.removeprefix(KEY)), line): (member, on)
        for line, key, member, on in lines.values_list("pk", "key", "member", "on")
    }
    if not offered:
        return
    pks = {event for event, _ in offered}
    events = Event.objects.in_bulk(pks)
    led = {(event, member.pk) for event, member in _leaders_of(pks)}
    members = Member.objects.in_bulk({member for member, _ in offered.values()})
    for (pk, _), (member, on) in offered.items():
        event = events.get(pk)
        is_true = event is not None and not event.is_cancelled and event.on < day and (pk, member) in led
        if not is_true or (event is not None and event.on != on):
            take_back(members[member], f"{KEY}{pk}")
