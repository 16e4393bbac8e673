"""The ground of processing around the survey: shown, agreed to, refused, taken back; by link and in the cabinet."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from cabinet.core.clock import today
from cabinet.mail.models import Letter
from cabinet.mail.texts import changed_texts
from cabinet.users import grounds
from cabinet.users.models import DataGround, DataNotice, Role
from motor import services
from motor.models import Case, Status, Survey
from tests import factories

pytestmark = pytest.mark.django_db

ANSWERS = {
    "important": "Приёмы формирующего оценивания",
    "in_route": "no",
    "has_started": "no",
    "reason": "time",
    "nothing_yet": "on",
}


def notice(ground: str, text: str = "Кто увидит ответы.\n\nКакие данные и зачем.") -> DataNotice:
    fields = {"ground": ground, "title": "О Ваших данных", "text": text, "in_force_from": today()}
    return grounds.revise_notice(DataNotice(**fields))


@pytest.fixture
def case() -> Case:
    return factories.CaseFactory()


@pytest.fixture
def address(case: Case) -> str:
    return reverse("motor:personal", args=[case.link])


@pytest.fixture
def data(case: Case) -> str:
    return reverse("motor:personal_data", args=[case.link])


# --- A ground that asks for no consent -----------------------------------------------------------------------


def test_notice_is_shown_and_recorded_with_the_answer_once(client: Client, case: Case, address: str) -> None:
    shown = notice("public_task")
    text = client.get(address).content.decode()
    assert "Кто увидит ответы." in text
    assert "Какие данные" not in text  # that is on the page behind the link
    assert not DataGround.objects.exists()
    assert client.post(address, ANSWERS | {"notice": "1"}, REMOTE_ADDR="203.0.113.7").status_code == 302
    row = DataGround.objects.get()
    assert (row.person, row.notice, row.channel, row.ip_address) == (case.person, shown, "link", "203.0.113.7")
    second = factories.CaseFactory(completion=factories.CompletionFactory(person=case.person))
    client.post(reverse("motor:personal", args=[second.link]), ANSWERS | {"notice": "1"})
    assert DataGround.objects.count() == 1


def test_version_that_was_on_the_page_is_the_one_recorded(client: Client, address: str) -> None:
    former = notice("public_task")
    client.get(address)
    notice("public_task", "Новый текст")
    client.post(address, ANSWERS | {"notice": "1"})
    assert DataGround.objects.get().notice == former


def test_refused_answer_records_nothing(client: Client, address: str) -> None:
    client.post(address, ANSWERS | {"important": ""})
    assert not DataGround.objects.exists()


def test_full_text_by_the_link(client: Client, data: str) -> None:
    notice("employment")
    page = client.get(data)
    text = page.content.decode()
    assert "Какие данные и зачем." in text
    assert "Даю согласие" not in text
    assert (page["Referrer-Policy"], "no-store" in page["Cache-Control"]) == ("same-origin", True)
    client.post(data, {"decision": "give", "notice": "1"})
    client.post(data, {"decision": "withdraw"})
    assert not DataGround.objects.exists()


def test_guessed_link_is_not_found(client: Client, data: str) -> None:
    assert client.get(reverse("motor:personal_data", args=["Z" * 44])).status_code == 404
    assert client.post(reverse("motor:personal_data", args=["Z" * 44]), {"decision": "give"}).status_code == 404


def test_answer_costs_one_statement_more(
    client: Client, case: Case, address: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    grounds.notice_in_force()
    changed_texts()
    ContentType.objects.get_for_model(Case)
    client.get(address)
    # The case; savepoint, calendar, move, transition, log, ground, survey, letter, release.
    with django_assert_num_queries(10) as queries:
        client.post(address, ANSWERS)
    about_grounds = [one["sql"] for one in queries.captured_queries if "dataground" in one["sql"]]
    assert [sql.partition(" ")[0] for sql in about_grounds] == ["INSERT"]


# --- Consent -------------------------------------------------------------------------------------------------


def test_survey_opens_after_the_consent_on_a_page_of_its_own(
    client: Client, case: Case, address: str, data: str
) -> None:
    asks = notice("consent")
    assert client.get(address)["Location"] == data
    assert not DataGround.objects.exists()  # looking is not agreeing
    text = client.get(data).content.decode()
    assert "Даю согласие" in text
    assert "Какие данные и зачем." in text
    answer = client.post(data, {"decision": "give", "notice": "1"}, REMOTE_ADDR="203.0.113.7")
    assert answer["Location"] == address
    client.post(data, {"decision": "give", "notice": "1"})
    row = DataGround.objects.get()
    assert (row.person, row.notice, row.channel, row.ip_address) == (case.person, asks, "link", "203.0.113.7")
    assert client.get(address).status_code == 200
    assert client.post(address, ANSWERS | {"notice": "1"}).status_code == 302
    assert DataGround.objects.count() == 1


def test_answer_without_consent_is_not_stored_and_not_lost(client: Client, case: Case, address: str) -> None:
    notice("consent")
    page = client.post(address, ANSWERS)
    assert page.status_code == 422
    assert "Нужно Ваше согласие" in page.content.decode()
    assert ANSWERS["important"] in page.content.decode()
    assert not Survey.objects.exists()
    case.refresh_from_db()
    assert case.status == Status.SURVEY_OPEN


def test_consent_to_a_text_just_replaced_asks_again(client: Client, address: str, data: str) -> None:
    notice("consent")
    notice("consent", "Новый текст")
    client.post(data, {"decision": "give", "notice": "1"})
    assert client.get(address)["Location"] == data
    client.post(data, {"decision": "give", "notice": "2"})
    assert client.get(address).status_code == 200


def test_refusal_tells_the_methodist_once_and_stops_reminders(client: Client, case: Case, data: str) -> None:
    notice("consent")
    Case.objects.filter(pk=case.pk).update(due_on=today())
    services.remind_waiting()
    Case.objects.filter(pk=case.pk).update(reminders=1)
    for _ in range(2):
        page = client.post(data, {"decision": "refuse"}, follow=True)
        assert "Методист узнает" in page.content.decode()
    letter = Letter.objects.get(kind="motor.consent_refused")
    assert letter.to == case.responsible
    assert Letter.objects.get(to=case.person).state == Letter.State.CANCELLED
    case.refresh_from_db()
    assert (case.status, case.reminders) == (Status.SURVEY_OPEN, len(settings.MOTOR_REMINDER_DAYS))
    assert services.remind_waiting(today() + timedelta(days=20)) == 0
    assert not DataGround.objects.exists()
    client.post(data, {"decision": "give", "notice": "1"})  # one may think better of it
    assert DataGround.objects.count() == 1


def test_refusal_where_nobody_is_asked_changes_nothing(client: Client, case: Case, data: str) -> None:
    notice("public_task")
    client.post(data, {"decision": "refuse"})
    case.refresh_from_db()
    assert case.reminders == 0
    assert not Letter.objects.exists()


def test_withdrawal_closes_the_survey_and_reaches_methodist_and_admin(
    client: Client, case: Case, address: str, data: str
) -> None:
    notice("consent")
    admin = factories.person_with(Role.ADMIN)
    factories.CaseFactory(
        completion=factories.CompletionFactory(person=case.person), responsible=case.responsible
    )  # a second case brings no second letter
    client.post(data, {"decision": "give", "notice": "1"})
    for _ in range(2):
        client.post(data, {"decision": "withdraw"})
    row = DataGround.objects.get()
    assert row.withdrawn_at is not None
    assert client.get(address)["Location"] == data
    told = Letter.objects.filter(kind="motor.consent_withdrawn")
    assert {letter.to for letter in told} == {case.responsible, admin}
    assert told.count() == 2
    assert "отозвано" in client.get(data).content.decode()
    client.post(data, {"decision": "give", "notice": "1"})
    assert client.get(address).status_code == 200
    assert DataGround.objects.count() == 2


def test_closing_page_needs_no_consent(client: Client) -> None:
    notice("consent")
    case = factories.CaseFactory(status=Status.FOLLOW_UP)
    assert client.get(reverse("motor:personal", args=[case.link])).status_code == 200


# --- In the cabinet ------------------------------------------------------------------------------------------


def test_from_the_cabinet_consent_leads_back_to_the_survey(client: Client, case: Case) -> None:
    notice("consent")
    client.force_login(case.person)
    survey = reverse("motor:survey", args=[case.pk])
    mine = client.get(survey)["Location"]
    assert mine == f"{reverse('motor:my_data')}?case={case.pk}"
    assert "Даю согласие" in client.get(mine).content.decode()
    assert client.post(mine, {"decision": "give", "notice": "1"})["Location"] == survey
    assert DataGround.objects.get().channel == "cabinet"
    assert client.get(survey).status_code == 200


def test_my_data_is_about_oneself_only(client: Client, case: Case) -> None:
    asks = notice("consent")
    DataGround.objects.create(person=case.person, notice=asks, channel="link", ip_address="203.0.113.7")
    mine = reverse("motor:my_data")
    assert client.get(mine).status_code == 302  # to the login page
    client.force_login(factories.UserFactory(email="s@example.org"))
    assert "203.0.113.7" not in client.get(mine).content.decode()
    for strange in (str(case.pk), "x", "999999"):
        assert client.get(mine, {"case": strange}).status_code == 404
    client.post(mine, {"decision": "withdraw"})
    assert DataGround.objects.in_force().count() == 1
    client.force_login(case.person)
    assert "203.0.113.7" in client.get(mine).content.decode()
    client.post(mine, {"decision": "withdraw"})
    assert DataGround.objects.in_force().count() == 0


def test_consent_to_a_former_text_may_be_taken_back_later(client: Client, case: Case) -> None:
    asks = notice("consent")
    DataGround.objects.create(person=case.person, notice=asks, channel="paper")
    notice("public_task", "Теперь согласия не нужно")
    client.force_login(case.person)
    assert "Отозвать согласие" in client.get(reverse("motor:my_data")).content.decode()
    assert client.get(reverse("motor:survey", args=[case.pk])).status_code == 200


def test_history_does_not_multiply_the_queries(
    client: Client, case: Case, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    asks = notice("consent")
    client.force_login(case.person)
    mine = reverse("motor:my_data")
    for count in (1, 5):
        while DataGround.objects.count() < count:
            DataGround.objects.create(person=case.person, notice=asks, channel="link", withdrawn_at=timezone.now())
        client.get(mine)
        with django_assert_num_queries(4):  # session, user, roles, history
            client.get(mine)
