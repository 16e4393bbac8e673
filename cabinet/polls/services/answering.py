"""Answers: without names they are nothing but one more in the sums; with names they are rows and may be changed.

An answer without a name leaves no moment, no line in the log, no address, no session mark of the person. Nothing else
may be written here.
"""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import cast

from django.core import signing
from django.core.cache import cache
from django.db import transaction
from django.db.models import Case, F, IntegerField, Value, When
from django.utils.crypto import get_random_string

from cabinet.polls.models import Answer, Option, Participant, Poll, Question
from cabinet.users.models import LogEntry, User
from cabinet.users.services import record

Chosen = Mapping[int, Sequence[int]]  # question → its chosen options; a question passed over is empty or absent
SALT = "polls.form"
REMEMBERED = 24 * 60 * 60  # seconds a form sent once is known again


class Outcome(Enum):
    TAKEN = "taken"
    ALREADY = "already"
    OVER = "over"


def answer_without_name(poll: Poll, person: User, chosen: Chosen) -> Outcome:
    """Once and for good: of two clicks the second finds that he has answered."""
    with transaction.atomic():
        if not _lock_open(poll, is_anonymous=True, is_by_link=False):
            return Outcome.OVER
        if not Participant.objects.filter(poll=poll, person=person, has_answered=False).update(has_answered=True):
            return Outcome.ALREADY
        _add(poll, chosen)
    return Outcome.TAKEN


def answer_by_link(poll: Poll, chosen: Chosen, token: str) -> Outcome:
    """`token` is of the form shown: the same form sent twice counts once.

    Raises signing.BadSignature for a made-up one.
    """
    number, sign = signing.loads(token, salt=SALT)
    if number != poll.pk:
        raise signing.BadSignature("of another poll")
    key = f"polls.form.{sign}"
    if not cache.add(key, True, REMEMBERED):
        return Outcome.ALREADY
    try:
        with transaction.atomic():
            if not _lock_open(poll, is_by_link=True, link_version=poll.link_version):
                return Outcome.OVER
            Poll.objects.filter(pk=poll.pk).update(by_link=F("by_link") + 1)
            _add(poll, chosen)
    except BaseException:
        cache.delete(key)  # it was not counted: the form may be sent again
        raise
    return Outcome.TAKEN


def form_token(poll: Poll) -> str:
    """What makes one form of a link differ from another; of its reader it says nothing."""
    return signing.dumps([poll.pk, get_random_string(12)], salt=SALT)


def _lock_open(poll: Poll, **more: object) -> bool:
    """Is it still open? Answers of one poll come one after another, so an end set meanwhile holds for the next."""
    here = Poll.objects.open_now().filter(pk=poll.pk, **more).select_for_update(no_key=True)
    return bool(list(here.order_by().values_list("pk")))


def _add(poll: Poll, chosen: Chosen) -> None:
    """One more in the sums. Every row of the poll is written, whatever was chosen: by what the database keeps of
    its last writes, too, one answer looks like another."""
    options = [pk for some in chosen.values() for pk in some]
    questions = [pk for pk, some in chosen.items() if some]
    of_question = Question.objects.filter(poll=poll)
    if options:
        Option.objects.filter(question__in=of_question.order_by().values("pk")).update(tally=F("tally") + _one(options))
        of_question.update(base=F("base") + _one(questions))


def _one(pks: list[int]) -> Case:
    return Case(When(pk__in=pks, then=Value(1)), default=Value(0), output_field=IntegerField())


def answer_with_name(poll: Poll, person: User, chosen: Chosen) -> Outcome:
    """Write the answers or put them in place of the former ones, until the end."""
    with transaction.atomic():
        if not _lock_open(poll, is_anonymous=False):
            return Outcome.OVER
        mine = Participant.objects.select_for_update(no_key=True).get(poll=poll, person=person)
        wanted = {pk for some in chosen.values() for pk in some}
        had = set(mine.answers.values_list("option", flat=True))
        if mine.has_answered and wanted == had:
            return Outcome.ALREADY
        mine.answers.exclude(option__in=wanted).delete()
        Answer.objects.bulk_create(Answer(participant=mine, option_id=pk) for pk in sorted(wanted - had))
        is_new = not mine.has_answered
        Participant.objects.filter(pk=mine.pk).update(has_answered=True)
        note = f"{'Ответы' if is_new else 'Изменены ответы'} на опрос с именами: {poll}"
        record(LogEntry.Action.ANSWERED, actor=person, person=person, about=poll, note=note)
    return Outcome.TAKEN


def own_answers(poll: Poll, person: User) -> dict[int, list[int]]:
    """Question → options, of a poll with names."""
    rows = Answer.objects.filter(participant__poll=poll, participant__person=person)
    found: dict[int, list[int]] = {}
    for question, option in cast("list[tuple[int, int]]", rows.values_list("option__question", "option")):
        found.setdefault(question, []).append(option)
    return found
