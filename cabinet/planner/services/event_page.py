"""What an event's page shows to one reader: the thing to do first, the numbers, what is with it."""

from dataclasses import dataclass

from django.db.models import Count, Q

from cabinet.planner.models import Event, Participation
from cabinet.planner.services.attendance import may_mark
from cabinet.planner.services.registration import may_come
from cabinet.users.models import User

States = Participation.State


@dataclass(frozen=True)
class Counts:
    """Numbers are for everybody, names are not."""

    total: int = 0
    coming: int = 0
    waiting: int = 0
    invited: int = 0
    declined: int = 0
    came: int = 0
    unmarked: int = 0

    @property
    def is_marked(self) -> bool:
        """Somebody has said who was there."""
        return self.unmarked < self.total

    def free(self, event: Event) -> int | None:
        return None if event.seats is None else max(event.seats - self.coming, 0)


def counts_of(event: Event) -> Counts:
    rows = Participation.objects.standing().filter(event=event).order_by()
    by_state = {f"{one.value}": Count("pk", filter=Q(state=one)) for one in States}
    marked = {"came": Count("pk", filter=Q(attended=True)), "unmarked": Count("pk", filter=Q(attended=None))}
    return Counts(**rows.aggregate(total=Count("pk"), **by_state, **marked))


@dataclass(frozen=True)
class First:
    """The one thing to do, by a code its template knows; `place` is that in the waiting list."""

    code: str = ""
    may_come: bool = False
    may_decline: bool = False
    place: int = 0


def first_of(event: Event, mine: Participation | None, counts: Counts, *, keeps: bool) -> First:
    """Of the organizer: to invite, after the event to mark; of anybody else: his answer, or what it was."""
    is_shared = event.scope != Event.Scope.PERSONAL
    if keeps and event.is_open and not counts.total and is_shared:
        return First("invite")
    if keeps and may_mark(event) and not counts.is_marked and (counts.total or is_shared):
        return First("mark")
    if event.is_cancelled:
        return First()
    if mine is not None and mine.attended is not None:
        return First("was" if mine.attended else "")
    open_to_me = may_come(event, mine)
    if mine is None:
        full = counts.free(event) == 0
        return First("sign_up_to_wait" if full else "sign_up", may_come=True) if open_to_me and not keeps else First()
    if not event.is_open:
        return First()
    place = _place_of(mine) if mine.state == States.WAITING else 0
    return First(mine.state, may_come=open_to_me, may_decline=True, place=place)


def _place_of(mine: Participation) -> int:
    before = Q(answered_at__lt=mine.answered_at) | Q(answered_at=mine.answered_at, pk__lt=mine.pk)
    waiting = Participation.objects.standing().filter(event=mine.event_id, state=States.WAITING)
    return waiting.filter(before).count() + 1


def mine_of(event: Event, user: User) -> Participation | None:
    return Participation.objects.filter(event=event, person=user).first()


def siblings_of(event: Event) -> list[Event]:
    """Other times of the series, the nearest of those ahead."""
    if event.series_id is None:
        return []
    others = Event.objects.filter(series=event.series_id).exclude(pk=event.pk)
    return list(others.ahead()[:3])
