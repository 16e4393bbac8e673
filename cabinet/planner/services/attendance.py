"""Who was at an event: ticked on one page, put back when the tick was a mistake."""

from collections.abc import Iterable, Mapping

from django.db import transaction
from django.utils import timezone

from cabinet.planner.models import Event, Participation
from cabinet.users.models import LogEntry, User
from cabinet.users.services import record

Marks = dict[int, bool | None]  # participation → what was marked


def may_mark(event: Event) -> bool:
    return event.has_come and not event.is_cancelled


@transaction.atomic
def mark(event: Event, shown: Iterable[int], came: Iterable[int], *, actor: User) -> Marks:
    """Of those shown on the page the ticked ones were there, the others were not; what the changed ones said before."""
    if not may_mark(event):
        return {}
    were = set(came)
    rows = Participation.objects.select_for_update(no_key=True).filter(event=event, pk__in=list(shown)).order_by("pk")
    before = {one.pk: one.attended for one in rows if one.attended != (one.pk in were)}
    _write({pk: pk in were for pk in before}, event, actor)
    return before


@transaction.atomic
def put_back(event: Event, before: Mapping[int, bool | None], *, actor: User) -> int:
    """Marks as they stood before; one changed by somebody else since stays his."""
    if not may_mark(event):
        return 0
    own = Participation.objects.filter(event=event, pk__in=list(before), marked_by=actor)
    standing = set(own.values_list("pk", flat=True))
    return _write({pk: value for pk, value in before.items() if pk in standing}, event, actor)


@transaction.atomic
def add_who_came(event: Event, person: User, *, actor: User) -> bool:
    """Somebody nobody expected; says whether he was not marked before."""
    if not may_mark(event):
        return False
    list(Event.objects.select_for_update(no_key=True).filter(pk=event.pk).values_list("pk"))
    row, _ = Participation.objects.get_or_create(
        event=event,
        person=person,
        defaults={"state": Participation.State.COMING, "invited_by": actor, "answered_at": timezone.now()},
    )
    if row.attended:
        return False
    _write({row.pk: True}, event, actor)
    return True


def _write(marks: Mapping[int, bool | None], event: Event, actor: User) -> int:
    changed = 0
    for value in (True, False, None):
        pks = [pk for pk, said in marks.items() if said is value]
        if pks:
            changed += Participation.objects.filter(event=event, pk__in=pks).update(attended=value, marked_by=actor)
    if changed:
        came = sum(value is True for value in marks.values())
        note = f"Отмечено, кто был: {event.log_name}; отметок {changed}, были {came}"
        record(LogEntry.Action.CHANGED, actor=actor, about=event, note=note)
    return changed
