"""Two answers at the same moment both count, two clicks of one person count once, and nobody answers past the end."""

from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from django.db import connection

from cabinet.polls.models import Answer, Participant, Poll
from cabinet.polls.services.answering import (
    Outcome,
    answer_by_link,
    answer_with_name,
    answer_without_name,
    form_token,
)
from cabinet.polls.services.ending import close_poll
from cabinet.polls.services.opening import open_poll
from cabinet.users.models import LogEntry, User
from tests.factories import UserFactory
from tests.polls.polls import PollFactory, asked_in, option, question_of

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 3


def at_once(*acts: Callable[[], object]) -> list[object]:
    start = Barrier(len(acts))
    answers: list[object] = ["never answered"] * len(acts)

    def run(number: int, act: Callable[[], object]) -> None:
        try:
            start.wait()
            answers[number] = act()
        except Exception as error:
            answers[number] = f"broken: {error!r}"
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_answers_of_several_people_all_count() -> None:
    poll = PollFactory()
    first, second = question_of(poll), question_of(poll, "many", ("а", "б", "в"))
    people = asked_in(poll, 4)

    def answers(person: User) -> Callable[[], object]:
        chosen = {first.pk: [option(first).pk], second.pk: [option(second, 1).pk, option(second, 3).pk]}
        return lambda: answer_without_name(poll, person, chosen)

    assert at_once(*[answers(one) for one in people]) == [Outcome.TAKEN] * 4

    assert list(first.options.values_list("tally", flat=True)) == [4, 0]
    assert list(second.options.values_list("tally", flat=True)) == [4, 0, 4]
    assert list(poll.questions.values_list("base", flat=True)) == [4, 4]
    assert not Participant.objects.filter(has_answered=False).exists()


def test_clicks_of_one_person_count_once() -> None:
    for _ in range(ROUNDS):
        poll = PollFactory()
        question = question_of(poll)
        (person,) = asked_in(poll)
        chosen = {question.pk: [option(question).pk]}
        answers = at_once(
            *[lambda poll=poll, person=person, chosen=chosen: answer_without_name(poll, person, chosen)] * 3
        )
        assert sorted(str(one) for one in answers) == [str(Outcome.ALREADY)] * 2 + [str(Outcome.TAKEN)]
        assert list(question.options.values_list("tally", flat=True)) == [1, 0]


def test_clicks_on_one_form_of_a_link_count_once() -> None:
    poll = PollFactory(is_by_link=True)
    question = question_of(poll)
    token, chosen = form_token(poll), {question.pk: [option(question).pk]}

    answers = at_once(*[lambda: answer_by_link(poll, chosen, token)] * 3)

    assert answers.count(Outcome.TAKEN) == 1
    assert (Poll.objects.get().by_link, option(question).tally) == (1, 1)


def test_clicks_with_a_name_leave_one_answer() -> None:
    poll = PollFactory(is_anonymous=False)
    question = question_of(poll)
    (person,) = asked_in(poll)

    answers = at_once(*[lambda: answer_with_name(poll, person, {question.pk: [option(question).pk]})] * 2)

    assert set(answers) == {Outcome.TAKEN, Outcome.ALREADY}
    assert Answer.objects.count() == LogEntry.objects.filter(action="answered").count() == 1


def test_an_answer_and_the_end_at_once_agree() -> None:
    for _ in range(ROUNDS):
        poll = PollFactory()
        question = question_of(poll)
        (person,) = asked_in(poll)
        answer, closed = at_once(
            lambda poll=poll, question=question, person=person: answer_without_name(
                poll, person, {question.pk: [option(question).pk]}
            ),
            lambda poll=poll: close_poll(poll),
        )
        assert closed is True
        assert answer in (Outcome.TAKEN, Outcome.OVER)
        taken = answer is Outcome.TAKEN
        assert (option(question).tally == 1) is taken
        assert Participant.objects.get(poll=poll).has_answered is taken


def test_two_openings_are_one() -> None:
    poll = PollFactory(state="draft", is_anonymous=False)
    question_of(poll)
    UserFactory.create_batch(2, organization=poll.organization)

    done = at_once(*[lambda: open_poll(Poll.objects.get(pk=poll.pk), actor=poll.author, version=1)] * 2)

    assert sorted(map(str, done)) == ["False", "True"]
    assert Participant.objects.count() == 2
    assert LogEntry.objects.filter(action="moved").count() == 1
