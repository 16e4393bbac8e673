"""Mail refused by a server, or come back: kept, tried again and shown in words."""

from smtplib import (
    SMTPAuthenticationError,
    SMTPDataError,
    SMTPRecipientsRefused,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)
from socket import gaierror
from ssl import SSLCertVerificationError
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cabinet.mail import services, tasks
from cabinet.mail.models import Letter
from cabinet.mail.refusals import BOUNCED
from cabinet.users.models import LogEntry
from motor.models import Status
from tests.factories import CaseFactory, LetterFactory, UserFactory, person_with

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def mail_server(settings: Any) -> None:
    settings.MAIL_IS_KEPT = False


@pytest.fixture
def admin_page(client: Client) -> Client:
    client.force_login(person_with("admin"))
    return client


def refuse_with(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def refuse(self: EmailBackend, messages: Any) -> int:
        raise error

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)


def sent_letter() -> Letter:
    letter = LetterFactory(to=UserFactory(contact_email="teacher@example.org"))
    tasks.send_letter(letter.pk)
    return Letter.objects.get(pk=letter.pk)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (SMTPRecipientsRefused({"t@example.org": (451, b"Try later")}), "пока не принимает письма на адрес teacher"),
        (SMTPSenderRefused(553, b"no", "cabinet@localhost"), "не принял адрес отправителя"),
        (SMTPDataError(451, b"spam?"), "отказался от самого письма"),
        (SMTPAuthenticationError(535, b"no"), "не принял имя или пароль кабинета"),
        (SMTPServerDisconnected("bye"), "оборвал соединение"),
        (ConnectionRefusedError(111, "refused"), "соединение отклонено"),
        (TimeoutError("timed out"), "не ответил вовремя"),
        (gaierror(-2, "unknown"), "Имя почтового сервера не находится"),
        (SSLCertVerificationError("bad"), "Сертификат почтового сервера"),
        (RuntimeError("?"), "Письмо не удалось отправить"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_refusal_is_kept_tried_again_and_said_in_words(
    monkeypatch: pytest.MonkeyPatch, admin_page: Client, error: Exception, said: str
) -> None:
    letter = LetterFactory(to=UserFactory(contact_email="teacher@example.org"))
    with monkeypatch.context() as broken:
        refuse_with(broken, error)
        tasks.send_letter(letter.pk)

    letter.refresh_from_db()
    assert letter.state == Letter.State.OWED
    assert list(Letter.objects.undelivered()) == [letter]
    assert said in letter.trouble
    page = admin_page.get(reverse("mail:letter", args=[letter.pk])).content.decode()
    assert said in page
    assert type(error).__name__ in page
    assert said in admin_page.get(reverse("mail:letters"), {"state": "undelivered"}).content.decode()

    assert admin_page.post(reverse("mail:retry", args=[letter.pk])).status_code == 302
    tasks.sweep_letters()
    letter.refresh_from_db()
    assert (letter.state, letter.trouble, letter.attempts) == (Letter.State.SENT, "", 2)
    assert not Letter.objects.undelivered().exists()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (SMTPRecipientsRefused({"t@example.org": (550, b"No such user")}), "не принял адрес teacher@example.org"),
        (SMTPDataError(554, b"spam: https://site/s/abcdefghijklmnop/ is listed"), "отказался от самого письма"),
    ],
    ids=["recipient", "letter"],
)
def test_refusal_for_good_is_not_tried_again_by_itself(
    monkeypatch: pytest.MonkeyPatch, admin_page: Client, error: Exception, said: str
) -> None:
    letter = LetterFactory(to=UserFactory(contact_email="teacher@example.org"))
    with monkeypatch.context() as broken:
        refuse_with(broken, error)
        tasks.sweep_letters()

    letter.refresh_from_db()
    assert (letter.state, letter.attempts) == (Letter.State.FAILED, 1)
    assert said in letter.trouble
    assert "abcdefghijklmnop" not in letter.last_error
    assert tasks.sweep_letters() == 0

    admin_page.post(reverse("mail:retry", args=[letter.pk]))
    tasks.sweep_letters()
    letter.refresh_from_db()
    assert letter.state == Letter.State.SENT


def test_pauses_grow_and_last_for_a_weekend(monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_with(monkeypatch, ConnectionRefusedError(111, "refused"))
    letter = LetterFactory(to=UserFactory(contact_email="teacher@example.org"))
    pauses = []
    for _ in range(services.ATTEMPTS):
        Letter.objects.update(due_at=timezone.now())
        tasks.send_letter(letter.pk)
        letter.refresh_from_db()
        if letter.state == Letter.State.OWED:
            pauses.append(round((letter.due_at - timezone.now()).total_seconds() / 60, 1))

    assert letter.state == Letter.State.FAILED
    assert pauses[:4] == [0.5, 1.0, 2.0, 4.0]
    assert pauses == sorted(pauses)
    assert 60 < sum(pauses) / 60 < 80  # hours


def test_code_to_log_in_is_given_up_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_with(monkeypatch, ConnectionRefusedError(111, "refused"))
    letter = LetterFactory(kind="account.login_code", address="a@example.org")
    Letter.objects.update(attempts=services.LOGIN_ATTEMPTS - 1)
    tasks.send_letter(letter.pk)

    letter.refresh_from_db()
    assert letter.state == Letter.State.FAILED


def test_who_has_left_meanwhile_is_not_written_to() -> None:
    letter = LetterFactory(to=UserFactory(is_active=False, contact_email="gone@example.org"))
    tasks.sweep_letters()

    letter.refresh_from_db()
    assert (letter.state, letter.last_error, mail.outbox) == (Letter.State.CANCELLED, services.LEFT, [])


def test_undelivered_are_exactly_those_that_did_not_arrive() -> None:
    now = timezone.now()
    failed = LetterFactory(state="failed", finished_at=now, last_error="x")
    nowhere = LetterFactory(state="no_address", finished_at=now)
    refused = LetterFactory(state="owed", last_error="SMTPDataError: x")
    LetterFactory(state="owed")
    LetterFactory(state="sent", finished_at=now)
    LetterFactory(state="kept", finished_at=now)
    LetterFactory(state="cancelled", finished_at=now, last_error=services.ANSWERED)

    assert set(Letter.objects.undelivered()) == {failed, nowhere, refused}


def test_letter_being_sent_now_is_not_retried(admin_page: Client) -> None:
    letter = LetterFactory(last_error="TimeoutError: x")
    Letter.objects.claim(letter.pk, services.LEASE)

    assert not services.retry_letter(letter)


def test_letter_without_address_goes_out_once_there_is_one(admin_page: Client) -> None:
    person = UserFactory(contact_email=None)
    letter = LetterFactory(to=person, state="no_address", finished_at=timezone.now())
    assert "не указан адрес" in admin_page.get(reverse("mail:letter", args=[letter.pk])).content.decode()
    person.contact_email = "new@example.org"
    person.save()

    admin_page.post(reverse("mail:retry", args=[letter.pk]))
    tasks.sweep_letters()

    assert mail.outbox[0].to == ["new@example.org"]


def test_no_longer_needed_letter_is_not_sent_by_a_retry() -> None:
    case = CaseFactory(status=Status.SCHOOL_REVIEW)
    letter = LetterFactory(about=case, to=case.person, body="До {срок}: {ссылка}", state="failed", last_error="x")
    Letter.objects.update(finished_at=timezone.now())

    services.retry_letter(letter)
    tasks.sweep_letters()

    letter.refresh_from_db()
    assert letter.state == Letter.State.CANCELLED
    assert mail.outbox == []


def test_text_without_a_date_is_not_sent_either_once_the_answer_is_there() -> None:
    waits, answered = CaseFactory(), CaseFactory(status=Status.SCHOOL_REVIEW)
    for case in (waits, answered):
        LetterFactory(about=case, to=case.person, kind="motor.invite", body="Ждём Вас: {ссылка}")
    tasks.sweep_letters()

    assert [message.to for message in mail.outbox] == [[waits.person.address]]


# --- Come back -------------------------------------------------------------------------------------------------


def test_letter_that_came_back_is_undelivered_until_the_address_is_corrected(admin_page: Client) -> None:
    letter = sent_letter()
    address = reverse("mail:bounced", args=[letter.pk])
    assert "Письмо будет считаться недоставленным" in admin_page.get(address).content.decode()
    letter.refresh_from_db()
    assert letter.state == Letter.State.SENT, "looking marks nothing"

    for _ in range(2):
        assert admin_page.post(address).status_code == 302
    letter.refresh_from_db()
    assert (letter.state, letter.trouble) == (Letter.State.FAILED, BOUNCED)
    assert list(Letter.objects.undelivered()) == [letter]
    assert LogEntry.objects.filter(action="changed", person=letter.to).count() == 1

    response = admin_page.post(reverse("mail:retry", args=[letter.pk]), follow=True)
    assert "Сначала исправьте его" in response.content.decode()
    person = letter.to
    assert person
    person.contact_email = "right@example.org"
    person.save()
    admin_page.post(reverse("mail:retry", args=[letter.pk]))
    tasks.sweep_letters()

    letter.refresh_from_db()
    assert letter.state == Letter.State.SENT
    assert mail.outbox[-1].to == ["right@example.org"]


def test_address_that_sent_letters_back_gets_no_more_of_them(admin_page: Client) -> None:
    """A server that takes the next one would make the person look reached again."""
    letter = sent_letter()
    admin_page.post(reverse("mail:bounced", args=[letter.pk]))
    mail.outbox.clear()

    second, other = LetterFactory(to=letter.to), LetterFactory()
    tasks.sweep_letters()

    second.refresh_from_db()
    other.refresh_from_db()
    assert (second.state, second.trouble) == (Letter.State.FAILED, BOUNCED)
    assert other.state == Letter.State.SENT


@pytest.mark.parametrize("state", ["owed", "kept", "cancelled", "no_address"])
def test_only_a_sent_letter_comes_back(admin_page: Client, state: str) -> None:
    letter = LetterFactory(state=state, finished_at=None if state == "owed" else timezone.now())

    admin_page.post(reverse("mail:bounced", args=[letter.pk]))

    letter.refresh_from_db()
    assert letter.state == state


@pytest.mark.parametrize("name", ["mail:bounced", "mail:look"])
def test_strangers_get_404(client: Client, name: str) -> None:
    letter = sent_letter()
    address = reverse(name, args=[letter.pk])
    assert client.get(address).status_code == 302
    client.force_login(letter.to)  # type: ignore[arg-type]

    assert client.get(address).status_code == 404
    assert client.post(address).status_code == 404
    letter.refresh_from_db()
    assert letter.state == Letter.State.SENT


# --- The look --------------------------------------------------------------------------------------------------


def test_look_of_a_letter_hides_its_link_and_runs_nothing(admin_page: Client) -> None:
    case = CaseFactory(status=Status.SURVEY_OPEN)
    letter = LetterFactory(to=case.person, about=case, body="<script>x</script>\n{ссылка}")

    response = admin_page.get(reverse("mail:look", args=[letter.pk]))

    page = response.content.decode()
    assert case.link not in page
    assert "&lt;script&gt;" in page
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert response["Cache-Control"] == "no-store"


def test_only_our_own_addresses_become_links(settings: Any) -> None:
    from cabinet.mail.look import page_of

    body = f"Смотрите:\nhttps://evil.example/x\n— один\n— два\n\nОткрыть: {settings.SITE_URL}/motor/1/"
    page = page_of("Тема", body, "motor.review")

    assert 'href="https://evil.example' not in page
    assert f'href="{settings.SITE_URL}/motor/1/"' in page
    assert page.count("<li") == 2
    assert "http-equiv" not in page
    assert "<img" not in page
