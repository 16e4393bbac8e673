"""What a teacher asks for without a login: remind me later, I am away, a new link; and links that lead nowhere."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from cabinet.core.clock import next_working_day, today
from cabinet.core.links import make_link
from cabinet.mail.models import Letter
from cabinet.mail.services import shown_body
from cabinet.users.models import Role, User
from motor import services
from motor.models import Case, LinkEvent, Status
from motor.services import link
from motor.services.halting import pause_case
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> Case:
    return factories.CaseFactory()


def by_link(case: Case, name: str) -> str:
    return reverse(f"motor:{name}", args=[case.link])


def in_days(days: int) -> str:
    return (today() + timedelta(days=days)).isoformat()


def reload(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def events(case: Case) -> list[str]:
    return list(LinkEvent.objects.filter(case=case).values_list("kind", flat=True))


# --- «Напомнить мне» --------------------------------------------------------------------------------------------------


def test_asked_day_is_kept_and_said(client: Client, case: Case) -> None:
    response = client.post(by_link(case, "later"), {"day": in_days(5)}, follow=True)
    assert response.redirect_chain == [(by_link(case, "personal"), 302)]
    assert "Хорошо: напомним" in response.content.decode()
    assert reload(case).remind_on == today() + timedelta(days=5)
    assert events(case) == ["remind_on"]


def test_asked_twice_is_noted_once_and_another_day_replaces_it(client: Client, case: Case) -> None:
    for days in (5, 5, 7):
        client.post(by_link(case, "later"), {"day": in_days(days)})
    assert reload(case).remind_on == today() + timedelta(days=7)
    assert events(case) == ["remind_on", "remind_on"]


def test_letter_on_its_way_is_taken_back(client: Client, case: Case) -> None:
    services.remind_waiting(case.due_on)
    client.post(by_link(case, "later"), {"day": in_days(5)})
    assert Letter.objects.get(kind__startswith="motor.remind").state == Letter.State.CANCELLED


def test_without_an_address_it_says_what_to_do(client: Client, case: Case) -> None:
    User.objects.filter(pk=case.person_id).update(contact_email="")
    response = client.post(by_link(case, "later"), {"day": in_days(5)}, follow=True)
    assert "нет адреса Вашей почты" in response.content.decode()


def test_named_day_is_taken_back(client: Client, case: Case) -> None:
    client.post(by_link(case, "later"), {"day": in_days(5)})
    assert "Напоминать как обычно" in client.get(by_link(case, "personal")).content.decode()
    for _ in range(2):
        response = client.post(by_link(case, "later"), {"usual": "1", "day": ""}, follow=True)
        assert "напомним как обычно" in response.content.decode()
    assert reload(case).remind_on is None
    assert events(case) == ["remind_on", "remind_on"]
    assert "Напоминать как обычно" not in client.get(by_link(case, "personal")).content.decode()


@pytest.mark.parametrize("name", ["later", "away"])
@pytest.mark.parametrize("typed", ["", "в мае", "2020-05-12", "31.02.2027"])
def test_bad_date_is_a_sentence_and_what_was_typed_stays(client: Client, case: Case, name: str, typed: str) -> None:
    response = client.post(by_link(case, name), {"day": typed, "until": typed})
    text = response.content.decode()
    assert response.status_code == 422
    assert "Проверьте дату" in text
    assert typed in text
    assert (reload(case).remind_on, reload(case).paused_until, events(case)) == (None, None, [])


@pytest.mark.parametrize(("days", "is_taken"), [(0, False), (1, True), (44, True), (45, False)])
def test_day_from_tomorrow_to_a_month_after_the_limit(client: Client, case: Case, days: int, is_taken: bool) -> None:
    response = client.post(by_link(case, "later"), {"day": in_days(days)})
    assert response.status_code == (302 if is_taken else 422)


def test_late_case_may_be_reminded_of_too(client: Client) -> None:
    case = factories.CaseFactory(status=Status.NO_RESPONSE)
    client.post(by_link(case, "later"), {"day": in_days(3)})
    assert services.remind_waiting(today() + timedelta(days=3)) == 1


@pytest.mark.parametrize("name", ["later", "away"])
@pytest.mark.parametrize("status", [Status.SCHOOL_REVIEW, Status.CLOSED, Status.STOPPED])
def test_nothing_to_put_off(client: Client, name: str, status: str) -> None:
    case = factories.CaseFactory(status=status)
    response = client.post(by_link(case, name), {"day": in_days(5), "until": in_days(5)})
    assert response.status_code == 422
    assert (reload(case).status, reload(case).paused_until, reload(case).remind_on) == (status, None, None)


# --- «Я в отпуске до …» -----------------------------------------------------------------------------------------------


def test_leave_pauses_the_case_and_tells_the_methodist(client: Client, case: Case) -> None:
    response = client.post(by_link(case, "away"), {"until": in_days(20)}, follow=True)
    assert "Хорошего отпуска!" in response.content.decode()
    now = reload(case)
    assert now.paused_until == today() + timedelta(days=20)
    assert now.due_on is not None
    assert now.due_on >= case.due_on + timedelta(days=20)
    assert Letter.objects.get(kind="motor.paused").to == case.responsible
    assert now.transitions.get(move="pause").actor == case.person
    assert events(case) == ["away"]
    assert services.remind_waiting(today() + timedelta(days=19)) == 0


def test_second_click_is_kind_and_changes_nothing(client: Client, case: Case) -> None:
    for _ in range(2):
        assert client.post(by_link(case, "away"), {"until": in_days(20)}).status_code == 302
    assert events(case) == ["away"]
    response = client.post(by_link(case, "away"), {"until": in_days(30)})
    assert response.status_code == 422
    assert "уже на паузе" in response.content.decode()


def test_leave_is_taken_back(client: Client, case: Case) -> None:
    client.post(by_link(case, "away"), {"until": in_days(20)})
    assert "Я на месте" in client.get(by_link(case, "personal")).content.decode()
    for _ in range(2):
        response = client.post(by_link(case, "away"), {"back": "1"}, follow=True)
        assert "С возвращением!" in response.content.decode()
    assert reload(case).paused_until is None
    assert reload(case).transitions.filter(move="resume").count() == 1


def test_pause_of_the_review_is_not_the_teachers_to_end(client: Client) -> None:
    case = factories.CaseFactory(status=Status.SCHOOL_REVIEW)
    until = today() + timedelta(days=20)
    pause_case(Case.objects.with_names().get(pk=case.pk), actor=case.responsible, until=until, reason="Отпуск")
    client.post(by_link(case, "away"), {"back": "1"})
    assert reload(case).paused_until == until


def test_leaves_taken_back_leave_no_days_behind(case: Case) -> None:
    due_on = next_working_day(today() + timedelta(days=20))
    Case.objects.filter(pk=case.pk).update(due_on=due_on)
    for days in range(3, 17):
        link.go_away(Case.objects.with_names().get(pk=case.pk), today() + timedelta(days=days))
        link.come_back(Case.objects.with_names().get(pk=case.pk))
    assert reload(case).due_on == due_on


def test_leave_ends_by_itself_and_one_letter_calls_back(client: Client, case: Case) -> None:
    client.post(by_link(case, "later"), {"day": in_days(3)})
    client.post(by_link(case, "away"), {"until": in_days(20)})
    assert services.run_due(today() + timedelta(days=20))["resumed"] == 1
    assert reload(case).remind_on is None
    assert Letter.objects.filter(to=case.person, kind__startswith="motor.remind").count() == 0


def test_answer_may_come_from_the_leave(client: Client, case: Case) -> None:
    client.post(by_link(case, "away"), {"until": in_days(20)})
    answers = {"important": "Приёмы", "in_route": "no", "has_started": "no", "reason": "time", "nothing_yet": "on"}
    assert client.post(by_link(case, "personal"), answers).status_code == 302
    assert (reload(case).status, reload(case).paused_until) == (Status.SCHOOL_REVIEW, None)


@pytest.mark.parametrize(("days", "is_taken"), [(0, False), (1, True), (60, True), (61, False)])
def test_leave_is_from_tomorrow_to_sixty_days(client: Client, case: Case, days: int, is_taken: bool) -> None:
    response = client.post(by_link(case, "away"), {"until": in_days(days)})
    assert response.status_code == (302 if is_taken else 422)


# --- From the cabinet, and who may ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "data"), [("later", {"day": "{}"}), ("away", {"until": "{}"})])
def test_from_the_cabinet_only_the_teacher_himself(client: Client, case: Case, name: str, data: dict[str, str]) -> None:
    address = reverse(f"motor:{name}_in_cabinet", args=[case.pk])
    typed = {key: in_days(5) for key in data}
    assert client.post(address, typed)["Location"].startswith(reverse("account_login"))
    for other in (factories.person_with("teacher"), case.responsible, factories.person_with("admin")):
        client.force_login(other)
        assert client.post(address, typed).status_code == 404
        assert client.get(address).status_code == 404
    client.force_login(case.person)
    assert client.get(address).status_code == 200
    assert client.post(address, typed)["Location"] == reverse("motor:survey", args=[case.pk])
    assert len(events(case)) == 1


@pytest.mark.parametrize("name", ["later", "away"])
def test_page_by_the_link_is_private_and_changes_nothing(client: Client, case: Case, name: str) -> None:
    response = client.get(by_link(case, name))
    assert response.status_code == 200
    assert (response["X-Robots-Tag"], "no-store" in response["Cache-Control"]) == ("noindex", True)
    assert client.put(by_link(case, name)).status_code == 405
    assert events(case) == []


def test_survey_page_offers_both_without_a_query_more(
    client: Client, case: Case, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.get(by_link(case, "personal"))
    with django_assert_num_queries(1):
        text = client.get(by_link(case, "personal")).content.decode()
    assert by_link(case, "later") in text
    assert by_link(case, "away") in text


# --- Links that ended, and guessed ones -------------------------------------------------------------------------------


@pytest.fixture
def ended(case: Case) -> str:
    """A link that worked before it was issued anew."""
    old = case.link
    link.reissue_link(Case.objects.with_names().get(pk=case.pk), actor=case.responsible)
    Letter.objects.all().delete()
    case.refresh_from_db()
    return old


def test_ended_link_says_who_the_methodist_is_and_no_more(client: Client, case: Case, ended: str) -> None:
    response = client.get(reverse("motor:personal", args=[ended]))
    text = response.content.decode()
    assert response.status_code == 410
    assert "Эта ссылка больше не действует" in text
    assert case.responsible.full_name in text
    assert case.organization.name.replace("«", "").split()[0] in text
    for secret in (case.person.last_name, case.person.contact_email, case.responsible.contact_email, case.link):
        assert secret not in text
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("name", ["personal_data", "personal_draft", "later", "away", "personal_opened"])
def test_every_page_of_an_ended_link_says_so(client: Client, ended: str, name: str) -> None:
    response = client.post(reverse(f"motor:{name}", args=[ended]))
    assert response.status_code == 410
    assert "больше не действует" in response.content.decode()


def test_script_is_told_in_a_sentence(client: Client, ended: str) -> None:
    address = reverse("motor:personal_draft", args=[ended])
    response = client.post(address, {"important": "Приёмы"}, headers={"accept": "application/json"})
    assert response.status_code == 410
    assert "больше не действует" in response.json()["error"]


def test_words_sent_by_an_ended_link_are_given_back(client: Client, case: Case, ended: str) -> None:
    response = client.post(reverse("motor:personal", args=[ended]), {"important": "Приёмы оценивания"})
    assert response.status_code == 410
    assert "Приёмы оценивания" in response.content.decode()
    assert not case.surveys.exists()


def test_new_link_goes_to_the_teachers_own_address(client: Client, case: Case, ended: str) -> None:
    response = client.post(reverse("motor:new_link", args=[ended]), follow=True)
    text = response.content.decode()
    assert "Новая ссылка отправлена на Вашу почту" in text
    assert case.link not in text
    letter = Letter.objects.get(to=case.person)
    assert case.link in shown_body(letter)
    assert Letter.objects.get(kind="motor.new_link_asked").to == case.responsible
    assert events(case) == ["reissued", "asked_new"]


def test_new_link_is_asked_for_once_a_day(client: Client, case: Case, ended: str) -> None:
    for _ in range(2):
        client.post(reverse("motor:new_link", args=[ended]))
    assert Letter.objects.filter(to=case.person).count() == 1
    assert "сегодня уже попросили" in client.get(reverse("motor:personal", args=[ended])).content.decode()
    LinkEvent.objects.update(at=timezone.now() - timedelta(days=1))
    client.post(reverse("motor:new_link", args=[ended]))
    assert Letter.objects.filter(to=case.person).count() == 2


def test_without_an_address_the_methodist_is_asked(client: Client, case: Case, ended: str) -> None:
    User.objects.filter(pk=case.person_id).update(contact_email="")
    response = client.post(reverse("motor:new_link", args=[ended]), follow=True)
    assert "Методист узнает" in response.content.decode()
    assert "Адреса у педагога нет" in Letter.objects.get(kind="motor.new_link_asked").body
    assert not Letter.objects.filter(to=case.person).exists()


def test_where_nobody_answers_for_the_case_whoever_would_is_asked(client: Client, case: Case, ended: str) -> None:
    User.objects.filter(pk__in=[case.person_id, case.responsible_id]).update(is_active=False)
    admin = factories.person_with(Role.ADMIN)
    text = client.get(reverse("motor:personal", args=[ended])).content.decode()
    assert case.responsible.last_name not in text
    assert "Методист Вашей организации" in text
    response = client.post(reverse("motor:new_link", args=[ended]), follow=True)
    assert "Методист узнает" in response.content.decode()
    assert Letter.objects.get(kind="motor.new_link_asked").to == admin
    assert not Letter.objects.filter(to=case.person).exists()


def test_where_there_is_nobody_at_all_the_page_does_not_promise(client: Client, case: Case, ended: str) -> None:
    User.objects.filter(pk__in=[case.person_id, case.responsible_id]).update(is_active=False)
    text = client.post(reverse("motor:new_link", args=[ended]), follow=True).content.decode()
    assert "Отправить ссылку пока некуда" in text
    assert not Letter.objects.exists()


def test_working_link_needs_no_new_one(client: Client, case: Case) -> None:
    assert client.post(by_link(case, "new_link"))["Location"] == by_link(case, "personal")
    assert client.get(by_link(case, "new_link")).status_code == 405
    assert events(case) == []


def guesses(case: Case) -> list[str]:
    return [
        "Z" * 44,
        case.public_id + "A" * 22,
        make_link(case.public_id, 0),
        make_link(case.public_id, case.link_version + 1),
        case.link[:-1],
        "я" * 44,
    ]


@pytest.mark.parametrize("number", range(6))
@pytest.mark.parametrize("name", ["personal", "later", "away", "new_link"])
def test_guessed_link_is_the_same_404_for_all(client: Client, case: Case, ended: str, name: str, number: int) -> None:
    guess = guesses(case)[number]
    response = client.post(reverse(f"motor:{name}", args=[guess]), {"day": in_days(3)})
    nowhere = client.get(reverse("motor:personal", args=["Y" * 44]))
    assert (response.status_code, nowhere.status_code) == (404, 404)
    assert response.content == nowhere.content
    assert events(case) == ["reissued"]


def test_every_former_version_is_known(client: Client, case: Case) -> None:
    Case.objects.filter(pk=case.pk).update(link_version=4)
    answers = [
        client.get(reverse("motor:personal", args=[make_link(case.public_id, version)])).status_code
        for version in range(1, 6)
    ]
    assert answers == [410, 410, 410, 200, 404]


def test_date_in_words_of_the_region(client: Client, case: Case) -> None:
    day = date(today().year, today().month, 1) + timedelta(days=40)
    typed = f"{day:%d.%m.%Y}"
    Case.objects.filter(pk=case.pk).update(due_on=day)
    assert client.post(by_link(case, "later"), {"day": typed}).status_code == 302
    assert reload(case).remind_on == day
