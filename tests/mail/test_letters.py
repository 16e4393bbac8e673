"""The outbox: a letter is written once, sent once, and tried again when it could not be sent."""

import re
from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from cabinet.mail import services, tasks
from cabinet.mail.models import Letter
from motor.models import Status
from tests.factories import CaseFactory, LetterFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def mail_server(settings: Any) -> None:
    settings.MAIL_IS_KEPT = False


@pytest.fixture
def broken_server(mail_server: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: EmailBackend, messages: Any) -> int:
        raise SMTPServerDisconnected("сервер молчит")

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)


def queue(key: str = "case.1.open", **fields: Any) -> Letter:
    services.queue_letter(
        **{"key": key, "kind": "survey.open", "to": fields.pop("to", None) or UserFactory()}
        | {"subject": "Тема", "body": "Текст: {ссылка}"}
        | fields
    )
    return Letter.objects.get(key=key)


def test_letter_is_owed_after_queueing() -> None:
    letter = queue()

    assert letter.state == Letter.State.OWED
    assert list(Letter.objects.owed()) == [letter]


def test_second_letter_of_one_event_is_not_written() -> None:
    first = queue(subject="Первое")

    queue(subject="Второе")

    assert Letter.objects.get() == first
    assert Letter.objects.get().subject == "Первое"


def test_person_without_address_ends_the_letter_at_once() -> None:
    letter = queue(to=UserFactory(contact_email=None))

    assert letter.state == Letter.State.NO_ADDRESS
    assert letter.finished_at is not None
    assert not Letter.objects.owed().exists()


def test_letter_for_later_is_not_owed_yet() -> None:
    queue(due_at=timezone.now() + timedelta(days=7))

    assert tasks.sweep_letters() == 0
    assert Letter.objects.get().state == Letter.State.OWED


def test_many_letters_take_one_insert(django_assert_num_queries: Any) -> None:
    people = UserFactory.create_batch(5)
    drafts = [services.Draft(f"key.{one.pk}", "bulk", one, "Тема", "Текст") for one in people]

    with django_assert_num_queries(1):
        services.queue_letters(drafts)
    services.queue_letters(drafts)

    assert Letter.objects.count() == 5


def test_without_a_mail_server_letters_are_kept(mailoutbox: list[Any]) -> None:
    letter = queue()

    tasks.sweep_letters()

    letter.refresh_from_db()
    assert letter.state == Letter.State.KEPT
    assert letter.finished_at is not None
    assert mailoutbox == []


def test_sweep_twice_sends_once(mail_server: None) -> None:
    letter = queue()

    assert tasks.sweep_letters() == 1
    assert tasks.sweep_letters() == 0
    tasks.send_letter(letter.pk)

    letter.refresh_from_db()
    assert letter.state == Letter.State.SENT
    assert letter.attempts == 1
    assert len(mail.outbox) == 1


def test_link_is_filled_at_sending_and_not_stored(mail_server: None) -> None:
    case = CaseFactory(status=Status.SURVEY_OPEN)
    letter = queue(to=case.person, about=case)

    tasks.sweep_letters()

    message: Any = mail.outbox[0]
    assert message.to == [case.person.contact_email]
    assert case.personal_url() in message.body
    assert message.alternatives[0].mimetype == "text/html"
    assert f'href="{case.personal_url()}"' in message.alternatives[0].content
    assert re.fullmatch(rf"<letter-{letter.pk}-\d+@127\.0\.0\.1>", message.extra_headers["Message-ID"])
    letter.refresh_from_db()
    assert "{ссылка}" in letter.body


def test_address_corrected_meanwhile_is_used(mail_server: None) -> None:
    letter = queue()
    letter.to.contact_email = "new@example.org"  # type: ignore[union-attr]
    letter.to.save()  # type: ignore[union-attr]

    tasks.sweep_letters()

    assert mail.outbox[0].to == ["new@example.org"]
    letter.refresh_from_db()
    assert letter.address == "new@example.org"


def test_failure_postpones_and_the_next_attempt_sends(broken_server: None, monkeypatch: pytest.MonkeyPatch) -> None:
    letter = queue()

    tasks.sweep_letters()

    letter.refresh_from_db()
    assert letter.state == Letter.State.OWED
    assert "сервер молчит" in letter.last_error
    assert letter.due_at > timezone.now() + timedelta(seconds=25)
    assert tasks.sweep_letters() == 0, "not before its time"

    monkeypatch.undo()
    Letter.objects.update(due_at=timezone.now())
    tasks.sweep_letters()
    letter.refresh_from_db()
    assert letter.state == Letter.State.SENT
    assert letter.last_error == ""


def test_silent_server_stops_the_sweep(broken_server: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_route(self: EmailBackend, messages: Any) -> int:
        raise ConnectionRefusedError

    monkeypatch.setattr(EmailBackend, "send_messages", no_route)
    for number in range(3):
        queue(f"key.{number}")

    tasks.sweep_letters()

    assert sorted(Letter.objects.values_list("attempts", flat=True)) == [0, 0, 1]


def test_refused_recipient_does_not_stop_the_others(mail_server: None, monkeypatch: pytest.MonkeyPatch) -> None:
    send = EmailBackend.send_messages

    def refuse_one(self: EmailBackend, messages: Any) -> int:
        if messages[0].to == ["bad@example.org"]:
            raise SMTPRecipientsRefused({})
        return send(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", refuse_one)
    queue("one", to=UserFactory(contact_email="bad@example.org"))
    good = queue("two")

    tasks.sweep_letters()

    good.refresh_from_db()
    assert good.state == Letter.State.SENT


def test_server_that_hangs_up_on_one_letter_gets_the_next_anew(
    mail_server: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """421 ends the conversation: without a new one an innocent letter would fail, and its attempt be spent."""
    send, close, is_open = EmailBackend.send_messages, EmailBackend.close, [True]

    def hang_up(self: EmailBackend, messages: Any) -> int:
        if messages[0].to == ["busy@example.org"]:
            is_open[0] = False
            raise SMTPRecipientsRefused({"busy@example.org": (421, b"too many")})
        if not is_open[0]:
            raise SMTPServerDisconnected("please run connect() first")
        return send(self, messages)

    def close_and_forget(self: EmailBackend) -> None:
        is_open[0] = True
        close(self)

    monkeypatch.setattr(EmailBackend, "send_messages", hang_up)
    monkeypatch.setattr(EmailBackend, "close", close_and_forget)
    queue("one", to=UserFactory(contact_email="busy@example.org"))
    good = queue("two")

    tasks.sweep_letters()

    good.refresh_from_db()
    assert (good.state, good.attempts) == (Letter.State.SENT, 1)
    assert mail.outbox[0].extra_headers["Auto-Submitted"] == "auto-generated"


def test_gives_up_after_eight_attempts(broken_server: None) -> None:
    letter = queue()

    for _ in range(services.ATTEMPTS):
        Letter.objects.update(due_at=timezone.now())
        tasks.send_letter(letter.pk)

    letter.refresh_from_db()
    assert letter.state == Letter.State.FAILED
    assert letter.attempts == services.ATTEMPTS
    assert not Letter.objects.owed().exists()


def test_dead_worker_leaves_the_letter_to_the_next_one(mail_server: None) -> None:
    letter = queue()
    assert Letter.objects.claim(letter.pk, services.LEASE), "a worker takes it and dies"

    assert tasks.sweep_letters() == 0, "the lease still holds"
    Letter.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    tasks.sweep_letters()

    letter.refresh_from_db()
    assert letter.state == Letter.State.SENT
    assert len(mail.outbox) == 1


def test_late_worker_does_not_overwrite_the_next_ones_result(mail_server: None) -> None:
    letter = queue()
    late = Letter.objects.claim(letter.pk, services.LEASE)
    assert late
    Letter.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    tasks.sweep_letters()

    services._postpone(late, "не успел")

    letter.refresh_from_db()
    assert letter.state == Letter.State.SENT
    assert letter.last_error == ""


def test_letter_whose_workers_keep_dying_ends() -> None:
    letter = queue()
    Letter.objects.update(attempts=services.ATTEMPTS)

    tasks.sweep_letters()

    letter.refresh_from_db()
    assert letter.state == Letter.State.FAILED
    assert letter.last_error


def test_cancelled_letters_are_not_sent(mail_server: None) -> None:
    case, other = CaseFactory(status=Status.SURVEY_OPEN), CaseFactory(status=Status.SURVEY_OPEN)
    later = timezone.now() + timedelta(days=7)
    queue("1", kind="survey.reminder", about=case, due_at=later)
    queue("2", kind="survey.reminder", about=other, due_at=later)
    queue("3", kind="surveyor", about=case, due_at=later)

    assert services.cancel_letters(case, "survey") == 1
    assert services.cancel_letters(case, "survey") == 0

    states = dict(Letter.objects.values_list("key", "state"))
    assert states == {"1": "cancelled", "2": "owed", "3": "owed"}


def test_sent_code_is_erased_and_never_shown(mail_server: None) -> None:
    person = UserFactory(email="login@example.org", contact_email="letters@example.org")
    letter = queue(to=person, kind="account.login_code", body="Код: ABC-123", address="login@example.org")
    assert "ABC-123" not in services.readable_body(letter)

    tasks.sweep_letters()

    assert "ABC-123" in mail.outbox[0].body
    assert mail.outbox[0].to == ["login@example.org"], "a code goes to the login's address only"
    letter.refresh_from_db()
    assert "ABC-123" not in letter.body


def test_readable_body_shows_a_working_link_only_where_mail_is_kept(settings: Any) -> None:
    case = CaseFactory(status=Status.SURVEY_OPEN)
    letter = queue(to=case.person, about=case)

    assert case.link in services.readable_body(letter)
    settings.MAIL_IS_KEPT = False
    assert case.link not in services.readable_body(letter)
    assert services.HIDDEN_LINK in services.readable_body(letter)


def test_letter_about_nothing_links_to_the_cabinet(settings: Any) -> None:
    assert services.shown_body(queue()) == f"Текст: {settings.SITE_URL}/"


def test_retry_owes_a_failed_letter_again() -> None:
    failed = LetterFactory(state=Letter.State.FAILED, finished_at=timezone.now(), last_error="нет")
    sent = LetterFactory(state=Letter.State.SENT, finished_at=timezone.now())

    assert services.retry_letter(failed)
    assert not services.retry_letter(failed)
    assert not services.retry_letter(sent)

    assert list(Letter.objects.owed()) == [failed]
