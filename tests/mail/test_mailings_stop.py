"""A mailing stopped on its way: what has not been handed over stays here, and the page says how many."""

from collections.abc import Iterable
from smtplib import SMTPSenderRefused

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from pytest_django.fixtures import Settings

from cabinet.mail import mailings, services
from cabinet.mail.models import Letter, Mailing
from cabinet.mail.tasks import sweep_letters
from cabinet.structure.models import Organization
from cabinet.users.models import LogEntry, Role, User
from tests.factories import MunicipalityFactory, OrganizationFactory, UserFactory, person_with

pytestmark = pytest.mark.django_db
State = Letter.State


@pytest.fixture
def school() -> Organization:
    return OrganizationFactory()


@pytest.fixture
def specialist(school: Organization) -> User:
    return person_with(Role.MUNICIPAL, school.municipality)


@pytest.fixture
def mailing(school: Organization, specialist: User) -> Mailing:
    for number in range(4):
        UserFactory(organization=school, contact_email=f"p{number}@example.org")
    audience = {"scope": "organization", "pk": school.pk, "roles": []}
    fields = {"subject": "О конференции", "body": "Здравствуйте, {имя}!", "state": "ordered", "recipients": 4}
    return Mailing.objects.create(author=specialist, audience=audience, **fields)


def states() -> list[str]:
    return list(Letter.objects.order_by("pk").values_list("state", flat=True))


def stops(mailing: Mailing) -> list[tuple[int | None, str]]:
    entries = LogEntry.objects.filter(action=LogEntry.Action.MOVED, about_id=mailing.pk)
    return list(entries.values_list("actor", "note"))


def test_page_says_how_many_went_and_how_many_did_not(client: Client, mailing: Mailing, specialist: User) -> None:
    mailings.write_ordered()
    first = Letter.objects.order_by("pk")[0]
    services.send_owed(first.pk)
    client.force_login(specialist)
    page = client.get(mailing.get_absolute_url()).content.decode()
    assert "Ещё не отправлено 3\xa0письма" in page
    assert "Остановить" in page
    answer = client.post(f"{mailing.get_absolute_url()}stop/", follow=True).content.decode()
    assert "письмо не получат 3\xa0человека" in answer
    assert "отправлено 1\xa0письмо, не отправлено 3" in answer
    assert f"{specialist.short_name}, " in answer
    assert "Остановить" not in answer
    assert states() == [State.KEPT, *[State.CANCELLED] * 3]
    assert stops(mailing) == [(specialist.pk, "Рассылка «О конференции» остановлена, не получат: 3 из 4")]
    assert "Остановлена" in client.get("/letters/mailings/").content.decode()
    assert "Останавливать нечего" in client.post(f"{mailing.get_absolute_url()}stop/", follow=True).content.decode()
    assert len(stops(mailing)) == 1
    client.force_login(person_with(Role.ADMIN))
    assert "Рассылку остановили раньше" in client.get(f"/letters/{first.pk + 1}/").content.decode()


def test_worker_in_the_middle_of_a_portion_sends_no_cancelled_letter(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, mailing: Mailing, specialist: User
) -> None:
    """It took the numbers of all four before the stop; the second is at the mail server at that moment."""
    settings.MAIL_IS_KEPT = False
    mailings.write_ordered()
    first, second = Letter.objects.order_by("pk").values_list("pk", flat=True)[:2]
    send_messages = EmailBackend.send_messages

    def stop_meanwhile(self: EmailBackend, letters: Iterable[mail.EmailMessage]) -> int:
        if len(mail.outbox) == 1:
            assert mailings.stop(mailing, actor=specialist) == 2
        return send_messages(self, letters)

    monkeypatch.setattr(EmailBackend, "send_messages", stop_meanwhile)
    sweep_letters()
    sweep_letters()
    assert len(mail.outbox) == 2
    assert list(Letter.objects.filter(state=State.SENT).order_by("pk").values_list("pk", flat=True)) == [first, second]
    assert states() == [State.SENT, State.SENT, State.CANCELLED, State.CANCELLED]


def test_letter_refused_while_the_mailing_was_stopped_is_not_tried_again(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, mailing: Mailing, specialist: User
) -> None:
    settings.MAIL_IS_KEPT = False
    mailings.write_ordered()

    def stop_and_refuse(self: EmailBackend, letters: Iterable[mail.EmailMessage]) -> int:
        mailings.stop(mailing, actor=specialist)
        raise SMTPSenderRefused(451, b"later", "cabinet@example.org")

    monkeypatch.setattr(EmailBackend, "send_messages", stop_and_refuse)
    sweep_letters()
    monkeypatch.undo()
    assert states() == [State.OWED, *[State.CANCELLED] * 3]
    Letter.objects.filter(state=State.OWED).update(due_at=mailing.created_at)
    sweep_letters()
    assert mail.outbox == []
    assert states() == [State.CANCELLED] * 4


def test_portions_not_yet_written_are_not_written(
    monkeypatch: pytest.MonkeyPatch, mailing: Mailing, specialist: User, client: Client
) -> None:
    monkeypatch.setattr(mailings, "CHUNK", 1)
    write_part = mailings._write_part

    def write_and_stop(pk: int) -> int:
        number = write_part(pk)
        if Letter.objects.count() == 2:
            mailings.stop(mailing, actor=specialist)
        return number

    monkeypatch.setattr(mailings, "_write_part", write_and_stop)
    assert mailings.write_ordered() == 2
    assert mailings.write_ordered() == 0
    assert states() == [State.CANCELLED] * 2
    assert stops(mailing)[0][1].endswith("не получат: 4 из 4")
    client.force_login(specialist)
    assert "ни одно письмо не отправлено" in client.get(mailing.get_absolute_url()).content.decode()


def test_its_author_and_an_admin_stop_it(client: Client, mailing: Mailing, school: Organization) -> None:
    address = f"{mailing.get_absolute_url()}stop/"
    client.force_login(person_with(Role.MUNICIPAL, MunicipalityFactory()))
    assert client.post(address).status_code == 404
    client.force_login(person_with(Role.HEAD, school))
    assert client.post(address).status_code == 404
    assert stops(mailing) == []
    client.force_login(person_with(Role.ADMIN))
    assert client.get(address).status_code == 405
    assert client.post(address).status_code == 302
    assert len(stops(mailing)) == 1


def test_draft_cannot_be_stopped(client: Client, mailing: Mailing, specialist: User) -> None:
    Mailing.objects.update(state="draft")
    client.force_login(specialist)
    assert client.post(f"{mailing.get_absolute_url()}stop/").status_code == 404
    assert "Остановить" not in client.get(mailing.get_absolute_url()).content.decode()
