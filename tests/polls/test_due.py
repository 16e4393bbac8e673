"""What happens by itself: polls end, one reminder two days before; and two cards of one person become one."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.mail.choices import choose
from cabinet.mail.digests import write_digests
from cabinet.mail.models import Letter
from cabinet.mail.services import send_all_owed
from cabinet.polls.models import Answer, Participant, Poll
from cabinet.polls.services.due import run_due
from cabinet.polls.services.merging import join_participants
from cabinet.polls.services.opening import ask
from cabinet.users.models import LogEntry
from tests.factories import UserFactory
from tests.polls.polls import PollFactory, asked_in, named, option, question_of

pytestmark = pytest.mark.django_db

LONG_AGO = timezone.now() - timedelta(days=10)


def test_what_has_ended_is_closed_once() -> None:
    ended = PollFactory(closes_on=today() - timedelta(days=1))
    last_day, endless = PollFactory(closes_on=today()), PollFactory(closes_on=None)
    draft = PollFactory(state="draft", closes_on=today() - timedelta(days=1))

    assert run_due()["poll.closed"] == 1
    assert run_due()["poll.closed"] == 0

    assert list(Poll.objects.filter(state="closed")) == [ended]
    assert Poll.objects.get(pk=ended.pk).closed_at
    assert LogEntry.objects.filter(action="moved", about_id=ended.pk, actor=None).count() == 1
    assert {one.state for one in Poll.objects.filter(pk__in=[last_day.pk, endless.pk])} == {"open"}
    assert Poll.objects.get(pk=draft.pk).state == "draft"
    assert run_due(today() + timedelta(days=1))["poll.closed"] == 1


@pytest.mark.parametrize("is_anonymous", [True, False])
def test_one_reminder_to_those_who_have_not_answered(is_anonymous: bool) -> None:
    poll = PollFactory(closes_on=today() + timedelta(days=2), opened_at=LONG_AGO, is_anonymous=is_anonymous)
    silent, answered = asked_in(poll, 2)
    Participant.objects.filter(person=answered).update(has_answered=True)
    gone = asked_in(poll, 1, is_active=False)
    without_login = asked_in(poll, 1, email=None)
    early = PollFactory(closes_on=today() + timedelta(days=3), opened_at=LONG_AGO)
    fresh = PollFactory(closes_on=today() + timedelta(days=2))
    linked = PollFactory(closes_on=today() + timedelta(days=2), opened_at=LONG_AGO, is_by_link=True)
    for other in (early, fresh, linked):
        asked_in(other, 1)

    assert [run_due()["poll.reminder"] for _ in range(3)] == [1, 0, 0]
    run_due(today() + timedelta(days=1))  # the next day neither

    assert gone
    assert without_login
    letters = Letter.objects.filter(kind="poll.reminder").exclude(about_id__in=[early.pk, fresh.pk])
    assert list(letters.values_list("to", "about_id")) == [(silent.pk, poll.pk)]


def test_the_end_takes_unsent_letters_back() -> None:
    poll = PollFactory(closes_on=today() - timedelta(days=1))
    ask(poll, asked_in(poll, 3))
    run_due()
    assert set(Letter.objects.values_list("state", flat=True)) == {"cancelled"}


def test_asking_twice_asks_once() -> None:
    poll = PollFactory()
    people = [UserFactory() for _ in range(3)]
    ask(poll, people)
    Participant.objects.update(has_answered=True)
    ask(poll, people)
    assert Participant.objects.filter(has_answered=True).count() == Letter.objects.count() == 3


# --- Two cards of one person -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("keep_has", "drop_has"), [(True, False), (False, True), (True, True), (False, False)])
def test_whoever_answered_by_either_card_has_answered(keep_has: bool, drop_has: bool) -> None:
    poll, alone = PollFactory(), PollFactory()
    keep, drop = UserFactory(), UserFactory()
    Participant.objects.create(poll=poll, person=keep, has_answered=keep_has)
    Participant.objects.create(poll=poll, person=drop, has_answered=drop_has)
    Participant.objects.create(poll=alone, person=drop, has_answered=drop_has)

    assert [join_participants(keep, drop) for _ in range(2)] == [1, 0]

    row = Participant.objects.get(poll=poll)
    assert (row.person, row.has_answered) == (keep, keep_has or drop_has)
    assert Participant.objects.get(poll=alone).person == drop  # moves with everything else


def test_of_answers_with_names_the_later_ones_stay() -> None:
    poll = PollFactory(is_anonymous=False)
    question = question_of(poll)
    keep, drop = UserFactory(), UserFactory()
    named(poll, keep, option(question, 1))
    named(poll, drop, option(question, 2))
    Answer.objects.filter(participant__person=keep).update(answered_at=LONG_AGO)

    join_participants(keep, drop)

    assert Answer.objects.get().option == option(question, 2)
    assert Participant.objects.get().person == keep


# --- When letters come -------------------------------------------------------------------------------------------


def test_nobody_is_reminded_at_midnight() -> None:
    tomorrow = today() + timedelta(days=1)
    poll = PollFactory(closes_on=tomorrow + timedelta(days=2), opened_at=LONG_AGO)
    asked_in(poll)
    run_due(tomorrow)
    due_at = timezone.localtime(Letter.objects.get().due_at)
    assert (due_at.date(), due_at.hour) == (tomorrow, 9)


@pytest.mark.parametrize(("is_by_link", "state"), [(False, "held"), (True, "kept")])
def test_invitation_waits_for_the_daily_letter_unless_it_holds_the_common_link(is_by_link: bool, state: str) -> None:
    poll = PollFactory(is_by_link=is_by_link)
    person = UserFactory(email="daily@example.org")
    choose(person, {"polls": "daily"})
    ask(poll, [person])
    send_all_owed()
    letter = Letter.objects.get()
    assert letter.state == state
    if state == "held":
        Letter.objects.update(due_at=timezone.now() - timedelta(minutes=1))
        assert write_digests() == 1
        assert poll.personal_url() in Letter.objects.get(kind="digest.daily").body
