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

    Whoever has answered on the eve or later remembers it without a letter. An event that moved is reminded of anew.
    """
    day = day or today()
    rows = Participation.objects.standing().coming()
    rows = rows.filter(event__on__in=(day, day + timedelta(days=1)), event__is_cancelled=False, person__is_active=True)
    owed = [row for row in rows.select_related("event", "person") if _is_owed(row)]
    known = _known({row.event_id for row in owed})
    drafts = [_draft(row.event, row) for row in owed]
    drafts = [one for one in drafts if one.key not in known]
    queue_letters(drafts)
    return {KIND: len(drafts)} if drafts else {}


def _is_owed(row: Participation) -> bool:
    answered = timezone.localdate(row.answered_at or row.created_at)
    return not row.event.has_begun and answered < row.event.on - timedelta(days=1)


def _draft(event: Event, row: Participation) -> Draft:
    morning = timezone.make_aware(datetime.combine(event.on - timedelta(days=1), AT))
    return draft(KIND, [event], row.person, f"{event.on:%Y%m%d}", due_at=max(morning, timezone.now()))


def _known(events: set[int]) -> set[str]:
    """Keys of the letters there are: most runs find nothing to write."""
    return set(Letter.objects.filter(kind=KIND, about_id__in=events).values_list("key", flat=True))
