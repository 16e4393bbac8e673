"""What falls due of polls: the end, and one reminder two days before it to those who have not answered."""

from datetime import date, datetime, time, timedelta

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.mail.models import Letter
from cabinet.mail.services import Draft, queue_letters
from cabinet.mail.texts import compose
from cabinet.polls.models import Participant, Poll
from cabinet.polls.services.ending import close_ended
from cabinet.polls.services.opening import letter_values
from cabinet.users.models import User

REMIND_BEFORE = timedelta(days=2)
NOT_FRESH = timedelta(days=1)  # whoever was asked yesterday needs no reminder today
AT = time(9, 0)  # nobody is reminded at midnight
CHUNK = 200


def run_due(day: date | None = None) -> dict[str, int]:
    """Close what has ended by `day`, today by default, and remind; a repeat finds nothing left to do."""
    day = day or today()
    return {"poll.closed": close_ended(day), "poll.reminder": sum(_remind(one, day) for one in _to_remind(day))}


def _to_remind(day: date) -> list[Poll]:
    soon = Poll.objects.filter(state=Poll.State.OPEN, closes_on__gte=day, closes_on__lte=day + REMIND_BEFORE)
    asked = soon.filter(is_by_link=False, opened_at__date__lt=day - NOT_FRESH)
    return list(asked.select_related("author").order_by("closes_on", "pk"))


def _remind(poll: Poll, day: date) -> int:
    """Letters written; whoever has one already, or no address to write to, gets none."""
    morning = max(timezone.make_aware(datetime.combine(day, AT)), timezone.now())
    written = 0
    while people := _unreminded(poll):
        with transaction.atomic():
            queue_letters([_reminder(poll, one, morning) for one in people])
        written += len(people)
    return written


def _unreminded(poll: Poll) -> list[User]:
    key = Concat(Value(f"poll.reminder.{poll.pk}."), Cast(OuterRef("pk"), models.CharField()))
    silent = Participant.objects.filter(poll=poll, has_answered=False).order_by().values("person")
    people = User.objects.filter(pk__in=silent, is_active=True, email__isnull=False)
    return list(people.exclude(Exists(Letter.objects.order_by().filter(key=key))).order_by("pk")[:CHUNK])


def _reminder(poll: Poll, person: User, due_at: datetime) -> Draft:
    subject, body = compose("poll.reminder", letter_values(poll, person))
    return Draft(f"poll.reminder.{poll.pk}.{person.pk}", "poll.reminder", person, subject, body, poll, due_at)
