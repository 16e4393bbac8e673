"""The end of a poll: moved, come early or in time; and a new common link in place of the former one."""

from datetime import date

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.core.words import long_date
from cabinet.mail.services import cancel_letters
from cabinet.polls.models import Poll
from cabinet.users.models import LogEntry, User
from cabinet.users.services import record


def move_end(poll: Poll, until: date, *, actor: User) -> bool:
    """Another last day of an open poll; False when it is over or the day is the same."""
    with transaction.atomic():
        here = Poll.objects.open_now().filter(pk=poll.pk).filter(~Q(closes_on=until) | Q(closes_on=None))
        done = here.update(closes_on=until, version=F("version") + 1)
        poll.refresh_from_db()
        if done:
            note = f"Опрос идёт до {long_date(until)}: {poll}"
            record(LogEntry.Action.CHANGED, actor=actor, about=poll, note=note)
    return bool(done)


def close_poll(poll: Poll, *, actor: User | None = None) -> bool:
    """Says whether it was still open. What waits to be sent about it is taken back; there is no way to open it anew."""
    with transaction.atomic():
        here = Poll.objects.filter(pk=poll.pk, state=Poll.State.OPEN)
        done = here.update(state=Poll.State.CLOSED, closed_at=timezone.now())
        poll.refresh_from_db()
        if done:
            cancel_letters(poll, "poll")
            record(LogEntry.Action.MOVED, actor=actor, about=poll, note=f"Завершён опрос: {poll}")
    return bool(done)


def close_ended(day: date | None = None) -> int:
    """Those whose last day is behind; how many."""
    ended = Poll.objects.filter(state=Poll.State.OPEN, closes_on__lt=day or today())
    return sum(close_poll(one) for one in ended)


def reissue_link(poll: Poll, *, actor: User, version: int) -> bool:
    """The former link ends; `version` is of the link the page showed, so that a second click ends nothing more."""
    with transaction.atomic():
        here = Poll.objects.open_now().filter(pk=poll.pk, is_by_link=True, link_version=version)
        done = here.update(link_version=F("link_version") + 1)
        poll.refresh_from_db()
        if done:
            record(LogEntry.Action.CHANGED, actor=actor, about=poll, note=f"Новая ссылка опроса: {poll}")
    return bool(done)
