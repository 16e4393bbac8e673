"""One letter about several rows: the nearest first, without those that wait no more, frozen when it goes out."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from cabinet.core.clock import today
from cabinet.mail import services, tasks
from cabinet.mail.models import Letter, Mention
from motor.models import Case, Status
from tests.factories import CaseFactory, TaskFactory, UserFactory

pytestmark = pytest.mark.django_db
BODY = "Ждём ответа:\n\n{дела}"


@pytest.fixture
def mail_server(settings: Any) -> None:
    settings.MAIL_IS_KEPT = False


@pytest.fixture
def cases() -> list[Case]:
    """Due in nine, two and five days."""
    person = UserFactory()
    return [
        CaseFactory(person=person, status=Status.SURVEY_OPEN, due_on=today() + timedelta(days=days))
        for days in (9, 2, 5)
    ]


def queue(cases: list[Case], key: str = "several", **fields: Any) -> Letter:
    first, *others = cases
    given = {"kind": "motor.remind.1", "subject": "Тема", "body": BODY} | fields
    services.queue_letter(key=key, to=first.person, about=first, also=others, **given)
    return Letter.objects.get(key=key)


def answer(case: Case) -> None:
    Case.objects.filter(pk=case.pk).update(status=Status.SCHOOL_REVIEW)


def order_of_links(text: str, cases: list[Case]) -> list[Case]:
    found = [case for case in cases if case.personal_url() in text]
    return sorted(found, key=lambda case: text.index(case.personal_url()))


def test_letter_lists_all_that_waits_nearest_first(mail_server: None, cases: list[Case]) -> None:
    queue(cases)

    tasks.sweep_letters()

    text = str(mail.outbox[0].body)
    assert order_of_links(text, cases) == [cases[1], cases[2], cases[0]]
    assert "1. Курс «" in text
    assert "(осталось 2\u00a0дня)" in text
    assert len(mail.outbox) == 1
    page = mail.outbox[0].alternatives[0].content  # type: ignore[attr-defined]
    assert all(f'href="{case.personal_url()}"' in page for case in cases)


def test_second_letter_of_one_key_adds_nothing(cases: list[Case]) -> None:
    letter = queue(cases[:2])
    other = CaseFactory(person=cases[0].person)

    services.queue_letter(
        key="several", kind="x", to=other.person, subject="С", body=BODY, about=other, also=[cases[2]]
    )

    assert Letter.objects.get() == letter
    assert [mention.about for mention in letter.mentions.all()] == [cases[1]]


def test_rows_of_another_kind_are_a_mistake(cases: list[Case]) -> None:
    with pytest.raises(ValueError, match="one kind"):
        services.queue_letter(
            key="k", kind="x", to=cases[0].person, subject="С", body=BODY, about=cases[0], also=[cases[0].person]
        )

    assert not Letter.objects.exists()


def test_what_was_answered_meanwhile_is_left_out(mail_server: None, cases: list[Case]) -> None:
    queue(cases)
    answer(cases[1])

    tasks.sweep_letters()

    assert order_of_links(str(mail.outbox[0].body), cases) == [cases[2], cases[0]]


def test_letter_that_asks_for_nothing_any_more_is_cancelled(mail_server: None, cases: list[Case]) -> None:
    letter = queue(cases)
    for case in cases:
        answer(case)

    tasks.sweep_letters()

    letter.refresh_from_db()
    assert mail.outbox == []
    assert (letter.state, letter.trouble) == (Letter.State.CANCELLED, services.ANSWERED)


def test_deleted_row_is_passed_over(mail_server: None, cases: list[Case]) -> None:
    queue(cases)
    Case.objects.filter(pk=cases[1].pk).delete()

    tasks.sweep_letters()

    assert order_of_links(str(mail.outbox[0].body), cases) == [cases[2], cases[0]]


def test_what_was_sent_is_frozen_and_its_links_are_not_stored(mail_server: None, cases: list[Case]) -> None:
    letter = queue(cases)
    tasks.sweep_letters()

    sent = str(mail.outbox[0].body)
    answer(cases[0])
    letter = Letter.objects.get(pk=letter.pk)

    assert services.shown_body(letter) == sent
    assert all(f"{{ссылка {case.pk}}}" in letter.body for case in cases)
    assert all(case.public_id not in letter.body for case in cases)
    assert services.readable_body(letter).count(services.HIDDEN_LINK) == 3


def test_refused_letter_is_not_frozen(mail_server: None, cases: list[Case], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: EmailBackend, messages: Any) -> int:
        raise ConnectionRefusedError

    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "send_messages", refuse)
        letter = queue(cases)
        tasks.sweep_letters()
    letter.refresh_from_db()
    assert letter.body == BODY

    answer(cases[1])
    Letter.objects.update(due_at=timezone.now())
    tasks.sweep_letters()

    assert order_of_links(str(mail.outbox[0].body), cases) == [cases[2], cases[0]]


def test_course_called_like_a_place_stays_a_text(mail_server: None, cases: list[Case]) -> None:
    programme = cases[0].completion.course.programme
    programme.title = f"{{ссылка {cases[1].pk}}} <b>и</b> {{дела}}"
    programme.save()
    queue(cases[:1])

    tasks.sweep_letters()

    assert f"Курс «{programme.title}»" in str(mail.outbox[0].body)
    assert cases[1].personal_url() not in str(mail.outbox[0].body)
    assert "<b>" not in mail.outbox[0].alternatives[0].content  # type: ignore[attr-defined]


def test_days_left_are_those_of_the_day_it_goes_out(mail_server: None, cases: list[Case]) -> None:
    queue(cases[:1], body="До {срок}, {осталось}: {ссылка}")
    Case.objects.filter(pk=cases[0].pk).update(due_on=today() - timedelta(days=1))

    tasks.sweep_letters()

    assert "срок прошёл, ответить ещё можно" in str(mail.outbox[0].body)


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (21, "остался 21\u00a0день"),
        (3, "осталось 3\u00a0дня"),
        (1, "остался 1\u00a0день"),
        (0, "сегодня последний день"),
        (-5, "срок прошёл, ответить ещё можно"),
    ],
)
def test_days_left_in_words(days: int, said: str) -> None:
    line = CaseFactory(status=Status.SURVEY_OPEN, due_on=today() + timedelta(days=days)).letter_line()

    assert line.left == said


@pytest.mark.parametrize("status", [Status.SCHOOL_REVIEW, Status.FOLLOW_UP, Status.CLOSED, Status.SCHEDULED])
def test_case_that_does_not_wait_has_no_line(status: Status) -> None:
    assert CaseFactory(status=status).letter_line() is None


def test_letter_about_what_has_no_lines_keeps_its_words(mail_server: None) -> None:
    task = TaskFactory()
    services.queue_letter(key="k", kind="task.given", to=task.assignee, subject="С", body="{дела} {срок}", about=task)
    services.queue_letter(key="n", kind="task.given", to=task.assignee, subject="С", body="{дела} {срок}")

    tasks.sweep_letters()

    assert [message.body for message in mail.outbox] == ["{дела} {срок}"] * 2


# --- Striking --------------------------------------------------------------------------------------------------


def test_struck_row_leaves_the_letter_to_the_others(mail_server: None, cases: list[Case]) -> None:
    letter = queue(cases)

    assert services.cancel_letters(cases[0], "motor.remind") == 1
    assert services.cancel_letters(cases[0], "motor.remind") == 0

    letter.refresh_from_db()
    assert letter.state == Letter.State.OWED
    assert list(services.letters_about(cases[0])) == []
    assert list(services.letters_about(cases[1])) == list(services.letters_about(cases[2])) == [letter]
    tasks.sweep_letters()
    assert order_of_links(str(mail.outbox[0].body), cases) == [cases[1], cases[2]]


def test_letter_is_cancelled_with_its_last_row(cases: list[Case]) -> None:
    letter = queue(cases)

    for case in (cases[1], cases[0], cases[2]):
        assert services.cancel_letters(case, "motor.remind") == 1

    letter.refresh_from_db()
    assert letter.state == Letter.State.CANCELLED
    assert not Mention.objects.exists()


def test_letter_being_sent_is_left_alone(cases: list[Case]) -> None:
    letter = queue(cases)
    Letter.objects.claim(letter.pk, services.LEASE)

    assert services.cancel_letters(cases[1], "motor.remind") == 0
    assert letter.mentions.count() == 2


def test_striking_nothing_takes_one_query(cases: list[Case], django_assert_num_queries: Any) -> None:
    queue(cases, kind="motor.invite")

    with django_assert_num_queries(1):
        assert services.cancel_letters(cases[0], "motor.remind") == 0


@pytest.mark.parametrize("count", [2, 5])
def test_sending_takes_the_same_queries_whatever_the_rows(count: int, django_assert_num_queries: Any) -> None:
    person = UserFactory()
    letter = queue([CaseFactory(person=person, status=Status.SURVEY_OPEN) for _ in range(count)])

    # Claim, letter, person, mentions, cases with their courses, result.
    with django_assert_num_queries(6):
        services.send_owed(letter.pk)


@pytest.mark.parametrize("count", [1, 5])
def test_cancelling_many_letters_about_one_row_costs_the_same(
    count: int, cases: list[Case], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count):
        queue(cases[:1], key=f"alone-{number}")
    taken = queue(cases[:1], key="taken")
    Letter.objects.filter(pk=taken.pk).update(leased_until=timezone.now() + timedelta(minutes=1))
    with django_assert_num_queries(2):
        assert services.cancel_letters(cases[0], "motor") == count
    assert Letter.objects.filter(state="cancelled").count() == count
    assert Letter.objects.get(pk=taken.pk).state == "owed", "it is being sent"
