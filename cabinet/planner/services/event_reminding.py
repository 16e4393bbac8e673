"""Reminders of events to those who are coming: the day before, once."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from cabinet.core.clock import today
from cabinet.mail.models import Letter
from cabinet.mail.services import Draft, queue_letters
from cabinet.planner.models import Event, Participation
from cabinet.planner.services.event_letters import draft

KIND = "event.reminder"
AT = time(9, 0)  # nobody is reminded at midnight


def run_due(day: date | None = None) -> dict[str, int]:
    """Letters written, by kind; a repeat on the same day writes none, a run that is late still reminds.

    Whoever has answered on the eve or later remembers it without a letter. An event that moved is reminded of anew,
    and so is one whose reminder was taken back by a change on the eve.
    """
    day = day or today()
    rows = Participation.objects.standing().coming()
    rows = rows.filter(event__on__in=(day, day + timedelta(days=1)), event__is_cancelled=False, person__is_active=True)
    owed = [row for row in rows.select_related("event", "person") if _is_owed(row)]
    known = _known({row.event_id for row in owed})
    drafts = [_draft(row.event, row) for row in owed if (row.event_id, row.person_id, _day(row.event)) not in known]
    queue_letters(drafts)
    return {KIND: len(drafts)} if drafts else {}


def _is_owed(row: Participation) -> bool:
    answered = timezone.localdate(row.answered_at or row.created_at)
    return not row.event.has_begun and answered < row.event.on - timedelta(days=1)


def _draft(event: Event, row: Participation) -> Draft:
    morning = timezone.make_aware(datetime.combine(event.on - timedelta(days=1), AT))
    return draft(KIND, [event], row.person, f"{_day(event)}.{event.version}", due_at=max(morning, timezone.now()))


def _day(event: Event) -> str:
    return f"{event.on:%Y%m%d}"


def _known(events: set[int]) -> set[tuple[int | None, int | None, str]]:
    """(event, person, day) of the letters that stand: most runs find nothing to write."""
    standing = Letter.objects.filter(kind=KIND, about_id__in=events).exclude(state=Letter.State.CANCELLED)
    return {(about, to, key.split(".")[3]) for about, to, key in standing.values_list("about_id", "to", "key")}
