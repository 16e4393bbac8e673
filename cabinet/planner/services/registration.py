"""Who comes: answers to invitations, registration with its seats, the waiting list that moves up by itself.

Every change holds the event's row first, so that two people never take the last seat.
"""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from cabinet.planner.models import Event, Participation
from cabinet.planner.services.event_letters import tell_moved_up
from cabinet.users.models import LogEntry, User
from cabinet.users.services import record

States = Participation.State


def may_come(event: Event, mine: Participation | None) -> bool:
    """The invited until the event begins, everybody who sees it while registration lasts."""
    return event.is_open and (event.takes_registrations or (mine is not None and mine.was_invited))


@transaction.atomic
def come(event: Event, person: User) -> Participation.State | None:
    """«Приду»: a seat, or a place in the waiting list when all are taken; None when it is too late."""
    event = _held(event)
    mine = Participation.objects.filter(event=event, person=person).first()
    if not may_come(event, mine):
        return None
    if mine is not None and mine.state in (States.COMING, States.WAITING):
        return States(mine.state)
    return _seat(event, person)


@transaction.atomic
def decline(event: Event, person: User) -> bool:
    """«Не приду»: the seat goes to the next one waiting. Says whether anything changed."""
    event = _held(event)
    if not event.is_open:
        return False
    own = Participation.objects.filter(event=event, person=person).exclude(state=States.DECLINED)
    done = own.update(state=States.DECLINED, answered_at=timezone.now())
    if done:
        _move_up(event)
    return bool(done)


@transaction.atomic
def put_in(event: Event, person: User, *, actor: User) -> Participation.State | None:
    """The organizer writes a person down as coming, over the phone or for one without a login."""
    event = _held(event)
    if not event.is_open:
        return None
    former = Participation.objects.filter(event=event, person=person).first()
    if former is not None and former.state in (States.COMING, States.WAITING):
        return States(former.state)
    state = _seat(event, person, by=actor)
    note = f"Записан(а) организатором: {event.log_name}"
    record(LogEntry.Action.CHANGED, actor=actor, person=person, about=event, note=note)
    return state


@transaction.atomic
def take_out(event: Event, person: User, *, actor: User) -> bool:
    """Off the list altogether; whoever was seen there stays in it."""
    event = _held(event)
    own = Participation.objects.filter(event=event, person=person).exclude(attended=True)
    gone, _ = own.delete()
    if gone:
        note = f"Убран(а) из участников: {event.log_name}"
        record(LogEntry.Action.CHANGED, actor=actor, person=person, about=event, note=note)
        _move_up(event)
    return bool(gone)


@transaction.atomic
def put_back(event: Event, person: User, state: str, *, actor: User) -> bool:
    """Whoever was taken off by mistake, as he stood; a seat given away meanwhile is waited for."""
    event = _held(event)
    if Participation.objects.filter(event=event, person=person).exists():
        return False
    if state in (States.COMING, States.WAITING):
        _seat(event, person, by=actor)
    else:
        Participation.objects.create(event=event, person=person, state=state, invited_by=actor)
    note = f"Возвращён(а) в участники: {event.log_name}"
    record(LogEntry.Action.CHANGED, actor=actor, person=person, about=event, note=note)
    return True


def move_up(events: Iterable[Event]) -> None:
    """After an edit: more seats, or no limit any more. In the caller's transaction."""
    for event in events:
        _move_up(_held(event))


def _held(event: Event) -> Event:
    return Event.objects.select_for_update(no_key=True).get(pk=event.pk)


def _seat(event: Event, person: User, *, by: User | None = None) -> Participation.State:
    state = States.WAITING if _free(event) == 0 else States.COMING
    values = {"state": state, "answered_at": timezone.now()}
    values |= {"invited_by": by} if by else {}
    Participation.objects.update_or_create(event=event, person=person, defaults=values)
    return state


def _free(event: Event) -> int | None:
    """Seats left; None when there is no limit."""
    if not event.has_registration or event.seats is None:
        return None
    return max(event.seats - Participation.objects.standing().coming().filter(event=event).count(), 0)


def _move_up(event: Event) -> None:
    """Those who have waited longest take what is free, and read of it."""
    if not event.is_open:
        return
    free = _free(event)
    waiting = Participation.objects.standing().filter(event=event, state=States.WAITING, person__is_active=True)
    rows = list(waiting.select_related("person").order_by("answered_at", "pk")[:free])
    if rows:
        Participation.objects.filter(pk__in=[one.pk for one in rows]).update(state=States.COMING)
        tell_moved_up(event, rows)
