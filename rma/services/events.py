"""Events led by regional methodists: the day after, each of them is offered a line of work."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from cabinet.planner.models import Event
from rma.models import Activity, Member, MemberQuerySet
from rma.services.activity import offer, take_back

LOOKED_BACK = timedelta(days=62)  # an event written down later than this offers nothing by itself
KEY = "event."


def offer_for_events(day: date) -> int:
    """Lines for events that took place before the day, brought up to date; how many were offered. Safe to run twice."""
    _bring_up_to_date(day)
    past = Event.objects.filter(on__lt=day, on__gte=day - LOOKED_BACK, is_cancelled=False)
    acting = Member.objects.filter(status=Member.Status.ACTIVE)
    led = _leaders_of(past.order_by().values_list("pk", flat=True), acting)
    known = set(
        Activity.objects.filter(key__in={f"{KEY}{event}" for event, _ in led}).values_list("member", "key").order_by()
    )
    missing = [(event, member) for event, member in led if (member.pk, f"{KEY}{event}") not in known]
    if not missing:
        return 0
    events = Event.objects.select_related("organization").in_bulk({event for event, _ in missing})
    return sum(_offer(events[event], member) for event, member in missing)


def _leaders_of(events: Iterable[int], members: MemberQuerySet) -> list[tuple[int, Member]]:
    """Event id and a regional methodist, one of these, who leads it."""
    rows = list(Event.leaders.through.objects.filter(event__in=events).values_list("event", "user"))
    found = {one.user_id: one for one in members.filter(user__in={user for _, user in rows})}
    return sorted(((event, found[user]) for event, user in rows if user in found), key=lambda pair: pair[0])


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


def _bring_up_to_date(day: date) -> None:
    """Lines not agreed yet: what is no longer true is taken back, an event that moved takes its line along.

    A line its member has changed keeps his words and follows to the new day; an untouched one is offered anew there.
    """
    offered = Activity.objects.offered().filter(kind=Activity.Kind.EVENT, key__startswith=KEY)
    lines = list(offered.select_related("member"))
    if not lines:
        return
    pks = {_event_of(line) for line in lines}
    events = Event.objects.in_bulk(pks)
    # Whoever has been suspended or excluded since has done the work all the same.
    led = {(event, member.pk) for event, member in _leaders_of(pks, Member.objects.all())}
    for line in lines:
        event = events.get(_event_of(line))
        is_true = event is not None and not event.is_cancelled and (event.pk, line.member_id) in led
        is_elsewhere = event is not None and (event.on != line.on or event.on >= day)
        if event is None or not is_true or (is_elsewhere and line.revision == 1):
            take_back(line.member, line.key)
        elif event.on != line.on and event.changed_at > line.created_at:  # else the member has put the day right
            _move(line, event.on)


def _event_of(line: Activity) -> int:
    return int(line.key.removeprefix(KEY))


def _move(line: Activity, on: date) -> None:
    standing = Activity.objects.offered().filter(pk=line.pk, revision=line.revision)
    standing.update(on=on, month=on.replace(day=1), revision=line.revision + 1)
