"""A letter that does not arrive: the methodist is told, and corrects the address."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cabinet.core.clock import next_working_day, today
from cabinet.mail.models import Letter
from cabinet.mail.refusals import BOUNCED
from cabinet.mail.services import send_all_owed
from cabinet.planner.models import Task
from cabinet.users.models import LogEntry, Role, User
from motor.models import Case, Status
from motor.services import notices
from motor.services.address import TAKEN, TELL, tell_of_undelivered
from motor.services.talking import TALK, give_talks
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> Case:
    return factories.CaseFactory(due_on=today() + timedelta(days=9))


def address(case: Case) -> str:
    return reverse("motor:link_address", args=[case.pk])


def lost(case: Case, **fields: Any) -> Letter:
    """An invitation the mail server refused."""
    refused = {"state": "failed", "last_error": "SMTPRecipientsRefused: 550", "address": case.person.address}
    body = "До {срок} ({осталось}): {ссылка}"
    letter = {"to": case.person, "about": case, "kind": "motor.invite", "body": body, "finished_at": timezone.now()}
    return factories.LetterFactory(**letter | refused | fields)


def tell(day: date | None = None) -> int:
    caches["local"].clear()
    return tell_of_undelivered(day or next_working_day(today()))


def correct(client: Client, case: Case, typed: str) -> Any:
    return client.post(address(case), {"address": typed})


def mail_of(person: User) -> list[Letter]:
    return list(Letter.objects.filter(to=person).order_by("pk"))


# --- The methodist is told -------------------------------------------------------------------------------------------


def test_one_letter_names_everybody_who_is_not_reached(case: Case, settings: Any) -> None:
    second = factories.CaseFactory(responsible=case.responsible)
    User.objects.filter(pk=second.person_id).update(contact_email=None, email=None)
    second.person.refresh_from_db()
    lost(case)
    lost(second, state="no_address", last_error="", address="")
    lost(factories.CaseFactory(), state="sent", last_error="")

    assert (tell(), tell()) == (1, 0)

    letter = Letter.objects.get(kind=TELL)
    assert letter.to == case.responsible
    assert "2\u00a0человека" in letter.subject
    assert f"{case.person.short_name} — адрес {case.person.address} не принимает письма" in letter.body
    assert f"{second.person.short_name} — адреса почты нет" in letter.body
    assert f"{settings.SITE_URL}{address(case)}" in letter.body
    assert set(Letter.objects.about(second)) >= {letter}


def test_of_the_same_person_not_twice_in_a_fortnight(case: Case) -> None:
    lost(case)
    day = next_working_day(today())
    assert tell(day) == 1
    lost(case, kind="motor.remind.1")
    assert tell(next_working_day(day + timedelta(days=1))) == 0
    Letter.objects.filter(kind=TELL).update(created_at=timezone.now() - timedelta(days=15))
    assert tell(next_working_day(day + timedelta(days=1))) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"status": Status.SCHOOL_REVIEW},
        {"responsible": None},
        {"status": Status.CLOSED},
    ],
)
def test_only_while_the_answer_is_awaited(fields: dict[str, Any]) -> None:
    lost(factories.CaseFactory(bare=True, **fields))
    assert tell() == 0


def test_not_after_a_letter_that_arrived_or_another_address(case: Case) -> None:
    lost(case)
    lost(case, state="sent", last_error="", kind="motor.remind.1")
    other = factories.CaseFactory()
    lost(other)
    User.objects.filter(pk=other.person_id).update(contact_email="new@example.org")
    lost(factories.CaseFactory(), to=factories.UserFactory())  # a colleague's letter
    assert tell() == 0


def test_not_on_days_off(case: Case) -> None:
    lost(case)
    sunday = today() + timedelta(days=6 - today().weekday())
    assert tell(sunday) == 0


def test_long_list_is_cut_but_everybody_counts_as_told(case: Case) -> None:
    cases = [case, *(factories.CaseFactory(responsible=case.responsible) for _ in range(notices.SHOWN + 2))]
    for one in cases:
        lost(one)
    assert tell() == 1
    assert "И ещё 3 — в отклике" in Letter.objects.get(kind=TELL).body
    assert tell(next_working_day(next_working_day(today()) + timedelta(days=1))) == 0


def test_talk_says_that_the_letters_did_not_arrive(case: Case) -> None:
    Case.objects.filter(pk=case.pk).update(reminders=3)
    lost(case, kind="motor.remind.3")
    assert give_talks() == 1
    assert "не доходят" in Task.objects.of(case).get(kind=TALK).text


# --- He corrects the address -----------------------------------------------------------------------------------------


def test_corrected_address_gets_what_was_lost(client: Client, case: Case) -> None:
    person, login = case.person, case.person.email
    letter = lost(case)
    client.force_login(case.responsible)
    assert case.person.address in client.get(address(case)).content.decode()

    response = correct(client, case, " Right@Example.org ")

    assert response.url == reverse("motor:link", args=[case.pk])
    person.refresh_from_db()
    assert (person.contact_email, person.email) == ("right@example.org", login)
    letter.refresh_from_db()
    assert letter.state == Letter.State.OWED
    send_all_owed()
    letter.refresh_from_db()
    assert (letter.state, letter.address) == (Letter.State.KEPT, "right@example.org")
    entry = LogEntry.objects.get(note="исправлена почта для писем")
    assert (entry.actor, entry.person) == (case.responsible, person)
    assert "1\u00a0письмо" in client.get(response.url).content.decode()


def test_second_press_sends_nothing_more(client: Client, case: Case) -> None:
    lost(case)
    client.force_login(case.responsible)
    for _ in range(2):
        correct(client, case, "right@example.org")
    send_all_owed()
    assert [one.state for one in mail_of(case.person)] == [Letter.State.KEPT]
    assert LogEntry.objects.filter(note="исправлена почта для писем").count() == 1


def test_letter_that_came_back_is_written_anew(client: Client, case: Case, settings: Any) -> None:
    """What came back holds the days left of its own day; and the mark must not hold up the new one."""
    settings.MAIL_IS_KEPT = False
    lost(case, last_error=BOUNCED, body="осталось 9 дней")
    client.force_login(case.responsible)

    correct(client, case, case.person.address)
    send_all_owed()

    first, second = mail_of(case.person)
    assert first.state == Letter.State.FAILED
    assert (second.kind, second.state) == ("motor.invite", Letter.State.SENT)


def test_answered_meanwhile_nothing_is_asked_again(client: Client) -> None:
    case = factories.CaseFactory(status=Status.SCHOOL_REVIEW)
    lost(case, last_error=BOUNCED)
    client.force_login(case.responsible)
    correct(client, case, "right@example.org")
    assert len(mail_of(case.person)) == 1


def test_first_address_of_somebody_without_one(client: Client) -> None:
    person = factories.UserFactory(contact_email=None)
    case = factories.CaseFactory(completion=factories.CompletionFactory(person=person))
    lost(case, state="no_address", last_error="", address="")
    client.force_login(case.responsible)
    correct(client, case, "first@example.org")
    assert [one.state for one in mail_of(person)] == [Letter.State.OWED]


@pytest.mark.parametrize(
    ("typed", "said"), [("", "Напишите адрес"), ("anna@", "не похоже"), ("a@b.ru\nBcc: c@d.ru", "не похоже")]
)
def test_bad_address_is_told_and_stays(client: Client, case: Case, typed: str, said: str) -> None:
    client.force_login(case.responsible)
    former = case.person.contact_email
    response = correct(client, case, typed)
    assert response.status_code == 422
    assert said in response.content.decode()
    case.person.refresh_from_db()
    assert case.person.contact_email == former


@pytest.mark.parametrize("field", ["email", "contact_email"])
def test_address_of_somebody_else_is_refused_without_his_name(client: Client, case: Case, field: str) -> None:
    other = factories.UserFactory(**{field: "taken@example.org"})
    client.force_login(case.responsible)
    response = correct(client, case, "Taken@example.org")
    page = response.content.decode()
    assert response.status_code == 422
    assert TAKEN.split(",")[0] in page
    assert other.last_name not in page


def test_nobody_corrects_his_own_or_a_strangers(client: Client, case: Case) -> None:
    colleague = factories.person_with(Role.METHODIST, factories.OrganizationFactory())
    for user in (case.person, colleague, factories.person_with(Role.HEAD, case.organization)):
        client.force_login(user)
        assert client.get(address(case)).status_code == 404
        assert correct(client, case, "x@example.org").status_code == 404
    case.person.refresh_from_db()
    assert case.person.contact_email != "x@example.org"


def test_visitor_goes_to_the_login_and_wrong_methods_are_refused(client: Client, case: Case) -> None:
    assert client.get(address(case)).status_code == 302
    client.force_login(case.responsible)
    assert client.put(address(case)).status_code == 405


def test_card_leads_to_the_address(client: Client, case: Case) -> None:
    lost(case)
    client.force_login(case.responsible)
    page = client.get(reverse("motor:link", args=[case.pk])).content.decode()
    assert page.count(address(case)) == 2
