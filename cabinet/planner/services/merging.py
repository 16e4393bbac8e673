"""Two cards of one person made one: at each event he is once, and in each task."""

from django.db.models import F

from cabinet.planner.models import Event, Participation, Task
from cabinet.planner.services.registration import move_up
from cabinet.users.models import User

States = Participation.State
STRONGER = (States.COMING, States.WAITING, States.INVITED, States.DECLINED)
SAID = ("state", "answered_at", "attended", "marked_by", "invited_by")


def join_participations(keep: User, drop: User) -> int:
    """Of two rows at one event the one of `keep` stays and says what both said; how many there were.

    Called inside the merge, after everything else that can be moved has been. A seat held twice is free now.
    """
    others = Participation.objects.filter(person=drop)
    events = Event.objects.filter(pk__in=others.order_by().values("event")).order_by("pk")
    held = list(events.select_for_update(no_key=True, of=("self",)))
    own = {one.event_id: one for one in Participation.objects.filter(person=keep, event__in=held)}
    pairs = [(own[other.event_id], other) for other in others.order_by("pk") if other.event_id in own]
    for kept, other in pairs:
        _join(kept, other)
    joined = {kept.event_id for kept, _ in pairs}
    move_up(one for one in held if one.pk in joined)
    # He who answers for a task is not among those who help with it.
    Task.participants.through.objects.filter(user=keep, task__assignee=F("user")).delete()
    return len(pairs)


def _join(kept: Participation, other: Participation) -> None:
    kept.state = min(kept.state, other.state, key=lambda one: STRONGER.index(States(one)))
    kept.answered_at = min(filter(None, (kept.answered_at, other.answered_at)), default=None)
    kept.invited_by_id = kept.invited_by_id or other.invited_by_id
    if other.attended or kept.attended is None:  # seen there by anybody, he was there
        kept.attended, kept.marked_by_id = other.attended, other.marked_by_id
    kept.save(update_fields=SAID)
    other.delete()
