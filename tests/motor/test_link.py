"""The link's card: who may open it, what stands on it, and what may be done from it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from cabinet.core.clock import today
from cabinet.mail.models import Letter
from cabinet.users.models import Role, User
from motor import services
from motor.models import Case, Draft, LinkEvent, ShortCode, Status, Survey
from motor.moves import MoveRefused
from motor.services import link
from motor.services.link_card import card_of
from motor.services.talking import TALK, talk_of
from tests import factories

pytestmark = pytest.mark.django_db

Kind = LinkEvent.Kind
WORDS = services.SurveyAnswers(important="Приёмы", in_route="no", has_started=False, reason="time")


@pytest.fixture
def case() -> Case:
    return factories.CaseFactory()


@pytest.fixture
def methodist(client: Client, case: Case) -> User:
    client.force_login(case.responsible)
    return case.responsible


def address(case: Case, name: str = "link") -> str:
    return reverse(f"motor:{name}", args=[case.pk])


def page(client: Client, case: Case) -> str:
    response = client.get(address(case))
    assert response.status_code == 200
    return response.content.decode()


def whole(case: Case) -> Case:
    return Case.objects.with_names().get(pk=case.pk)


def events(case: Case) -> list[str]:
    return list(LinkEvent.objects.filter(case=case).values_list("kind", flat=True))


def kinds(case: Case) -> list[str]:
    return list(Letter.objects.filter(to=case.person).values_list("kind", flat=True))


def stages(case: Case) -> dict[str, bool]:
    return {one.label: one.at is not None for one in card_of(whole(case)).stages}


# --- Who may ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["link", "link_reissue", "link_extend"])
def test_leader_service_and_admin_open_it_others_get_404(client: Client, case: Case, name: str) -> None:
    near = case.organization
    for user in (
        case.responsible,
        factories.person_with(Role.MUNICIPAL, near.municipality),
        factories.person_with(Role.ADMIN),
    ):
        client.force_login(user)
        assert client.get(address(case, name)).status_code == 200
    for user in (
        factories.person_with("teacher"),
        factories.person_with(Role.METHODIST, near),  # a colleague who does not lead this case
        factories.person_with(Role.HEAD, near),
        factories.person_with(Role.METHODIST, factories.OrganizationFactory()),
        factories.person_with(Role.MUNICIPAL, factories.MunicipalityFactory()),
        factories.person_with(Role.OBSERVER),
    ):
        client.force_login(user)
        assert client.get(address(case, name)).status_code == 404


@pytest.mark.parametrize("name", ["link_reissue", "link_extend", "link_remind", "link_talked"])
def test_strangers_and_anonymous_change_nothing(client: Client, case: Case, name: str) -> None:
    data = {"version": "1", "until": (today() + timedelta(days=20)).isoformat(), "reason": "х", "said": "х"}
    assert client.post(address(case, name), data).status_code == 302
    client.force_login(factories.person_with(Role.METHODIST, factories.OrganizationFactory()))
    assert client.post(address(case, name), data).status_code == 404
    assert (events(case), Letter.objects.count(), Case.objects.get().link_version) == ([], 0, 1)


@pytest.mark.parametrize("role", [Role.ADMIN, Role.MUNICIPAL])
def test_nobody_opens_the_card_of_his_own_case(client: Client, role: str) -> None:
    school = factories.OrganizationFactory()
    person = factories.person_with(role, school.municipality if role == Role.MUNICIPAL else None, organization=school)
    case = factories.CaseFactory(completion=factories.CompletionFactory(person=person))
    client.force_login(person)
    assert client.get(address(case)).status_code == 404


@pytest.mark.parametrize("name", ["link_remind", "link_talked"])
def test_acts_are_not_made_by_get(client: Client, case: Case, methodist: User, name: str) -> None:
    assert client.get(address(case, name)).status_code == 405


# --- What stands on it ------------------------------------------------------------------------------------------------


def test_way_of_a_link(client: Client, case: Case, methodist: User) -> None:
    issued = {"Выдана": True, "Открыта": False, "Начат ответ": False, "Сохранено": False, "Отправлено": False}
    assert stages(case) == issued
    link.note(case, Kind.HANDED, way=LinkEvent.Way.SFERUM, actor=methodist)
    link.note_opened(case)
    assert stages(case) == issued | {"Передана": True, "Открыта": True}
    Draft.objects.create(case=case, answers={})
    assert stages(case) == issued | {"Передана": True, "Открыта": True, "Начат ответ": True, "Сохранено": True}
    text = page(client, case)
    assert "в Сферуме" in text
    assert methodist.short_name in text


def test_sent_answer_says_its_channel(client: Client, methodist: User, case: Case) -> None:
    services.submit_survey(whole(case), WORDS, author=None, channel=Survey.Channel.SLIP)
    assert stages(case)["Отправлено"]
    assert "по листку: QR или код" in page(client, case)


def test_answer_typed_from_paper_says_who_typed_it(client: Client, methodist: User, case: Case) -> None:
    services.submit_survey(whole(case), WORDS, author=methodist, channel="paper", filled_on=today())
    assert f"на бумаге, ввёл(а) {methodist.short_name}" in page(client, case)


def test_returned_answer_begins_the_way_anew(case: Case) -> None:
    factories.SurveyFactory(case=case, returned_at=timezone.now(), return_comment="Дополните")
    assert not stages(case)["Отправлено"]


def test_opening_is_noted_once_a_day(case: Case) -> None:
    assert [link.note_opened(case), link.note_opened(case)] == [True, False]
    LinkEvent.objects.update(at=timezone.now() - timedelta(days=1))
    assert link.note_opened(case)
    assert events(case) == ["opened", "opened"]


def test_letter_that_did_not_arrive_is_said_clearly(client: Client, case: Case, methodist: User) -> None:
    services.remind_waiting(case.due_on)
    letters = Letter.objects.filter(to=case.person)
    letters.update(state=Letter.State.FAILED, last_error="SMTPRecipientsRefused: 550 no such user")
    text = page(client, case)
    assert "Письмо не доставлено" in text
    assert "не принял адрес" in text
    assert "SMTP" not in text


def test_later_letter_that_arrived_makes_up_for_it(case: Case) -> None:
    factories.LetterFactory(to=case.person, about=case, state=Letter.State.FAILED)
    factories.LetterFactory(to=case.person, about=case, state=Letter.State.SENT)
    assert card_of(whole(case)).failed is None


def test_missing_address_is_said(client: Client, methodist: User, case: Case) -> None:
    User.objects.filter(pk=case.person_id).update(contact_email="")
    factories.LetterFactory(to=case.person, about=case, address="", state=Letter.State.NO_ADDRESS)
    assert "не указан адрес почты" in page(client, case)


@pytest.mark.parametrize("status", Status.values)
def test_card_opens_in_every_state(client: Client, status: str) -> None:
    case = factories.CaseFactory(status=status)
    client.force_login(factories.person_with(Role.ADMIN))
    assert "Личная ссылка" in page(client, case)


def test_card_costs_the_same_however_much_happened(
    client: Client, case: Case, methodist: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    page(client, case)
    for _ in range(2):
        with django_assert_num_queries(13):
            page(client, case)
        for _ in range(5):
            link.note(case, Kind.HANDED, way=LinkEvent.Way.SMS, actor=methodist)
            factories.LetterFactory(to=case.person, about=case)


# --- Issued anew ------------------------------------------------------------------------------------------------------


def test_reissue_ends_the_link_and_the_code_and_writes(client: Client, case: Case, methodist: User) -> None:
    ShortCode.objects.create(case=case, digest="d" * 22)
    old = case.link
    assert client.get(address(case, "link_reissue")).status_code == 200
    assert Case.objects.get().link == old  # asking changes nothing
    assert client.post(address(case, "link_reissue"), {"version": "1"})["Location"] == address(case)
    case.refresh_from_db()
    assert case.link != old
    assert not ShortCode.objects.exists()
    assert (events(case), kinds(case)) == (["reissued"], ["motor.link_reissued"])
    assert client.get(reverse("motor:personal", args=[old])).status_code == 410
    assert client.get(reverse("motor:personal", args=[case.link])).status_code == 200


def test_second_click_ends_no_second_link(client: Client, case: Case, methodist: User) -> None:
    for _ in range(2):
        client.post(address(case, "link_reissue"), {"version": "1"})
    assert (Case.objects.get().link_version, len(kinds(case))) == (2, 1)
    client.post(address(case, "link_reissue"), {"version": "2"})
    assert (Case.objects.get().link_version, len(kinds(case))) == (3, 2)


def test_two_people_at_once_end_one_link(case: Case) -> None:
    first, second = whole(case), whole(case)
    link.reissue_link(first, actor=case.responsible)
    with pytest.raises(MoveRefused):
        link.reissue_link(second, actor=case.responsible)
    assert events(case) == ["reissued"]


def test_begun_answer_survives_a_new_link(client: Client, case: Case) -> None:
    Draft.objects.create(case=case, answers={"important": "Приёмы оценивания"})
    link.reissue_link(whole(case), actor=case.responsible)
    case.refresh_from_db()
    assert "Приёмы оценивания" in client.get(reverse("motor:personal", args=[case.link])).content.decode()


def test_no_link_before_the_opening(client: Client) -> None:
    case = factories.CaseFactory(status=Status.SCHEDULED)
    with pytest.raises(MoveRefused, match="ещё нет"):
        link.reissue_link(case, actor=case.responsible)


# --- More time --------------------------------------------------------------------------------------------------------


def extension(case: Case, days: int, reason: str = "на больничном не спрашиваем") -> dict[str, Any]:
    return {"until": (today() + timedelta(days=days)).isoformat(), "reason": reason, "revision": case.revision}


def test_extension_moves_the_limit_with_its_reason(client: Client, case: Case, methodist: User) -> None:
    assert client.post(address(case, "link_extend"), extension(case, 30, "была на сессии")).status_code == 302
    case.refresh_from_db()
    assert case.due_on == today() + timedelta(days=30)
    assert "срок ответа продлён" in case.due_why
    assert "была на сессии" in case.due_why
    assert (events(case), kinds(case)) == (["extended"], ["motor.time_extended"])
    assert case.transitions.filter(move="extend", actor=methodist).count() == 1


def test_extension_twice_is_one(client: Client, case: Case, methodist: User) -> None:
    for _ in range(2):
        assert client.post(address(case, "link_extend"), extension(case, 30)).status_code == 302
    assert (events(case), len(kinds(case))) == (["extended"], 1)


def test_case_that_gave_up_waits_again(client: Client) -> None:
    case = factories.CaseFactory(status=Status.NO_RESPONSE, reminders=3)
    client.force_login(case.responsible)
    client.post(address(case, "link_extend"), extension(case, 10))
    case.refresh_from_db()
    assert (case.status, case.due_on) == (Status.SURVEY_OPEN, today() + timedelta(days=10))
    assert services.remind_waiting(today() + timedelta(days=20)) == 0  # three letters are three


@pytest.mark.parametrize(
    ("days", "words"),
    [(0, "уже прошла"), (-3, "уже прошла"), (61, "Так далеко"), (5, "Срок и так")],
)
def test_bad_day_is_a_sentence_and_the_text_stays(
    client: Client, case: Case, methodist: User, days: int, words: str
) -> None:
    response = client.post(address(case, "link_extend"), extension(case, days, "моя причина"))
    text = response.content.decode()
    assert response.status_code == 422
    assert words in text
    assert "моя причина" in text
    assert (events(case), kinds(case)) == ([], [])


@pytest.mark.parametrize("until", ["", "завтра", "31.02.2027", "9999999-01-01"])
def test_no_date_at_all(client: Client, case: Case, methodist: User, until: str) -> None:
    response = client.post(address(case, "link_extend"), {"until": until, "reason": "моя причина"})
    assert response.status_code == 422
    assert "моя причина" in response.content.decode()


def test_reason_is_asked_for(client: Client, case: Case, methodist: User) -> None:
    response = client.post(address(case, "link_extend"), extension(case, 30, "  "))
    assert (response.status_code, events(case)) == (422, [])


@pytest.mark.parametrize("status", [Status.SCHEDULED, Status.SCHOOL_REVIEW, Status.CLOSED, Status.STOPPED])
def test_nothing_to_extend(client: Client, status: str) -> None:
    case = factories.CaseFactory(status=status)
    client.force_login(factories.person_with(Role.ADMIN))
    assert "продлевать нечего" in client.get(address(case, "link_extend")).content.decode()
    assert client.post(address(case, "link_extend"), extension(case, 30)).status_code == 422
    assert Case.objects.get(pk=case.pk).status == status


def test_paused_case_is_not_extended(case: Case) -> None:
    case.paused_until = today() + timedelta(days=9)
    with pytest.raises(MoveRefused, match="на паузе"):
        link.extend_time(case, actor=case.responsible, until=today() + timedelta(days=30), reason="х")


def test_extension_of_a_case_seen_too_early_is_refused(case: Case) -> None:
    stale = whole(case)
    services.submit_survey(whole(case), WORDS, author=None, channel="link")
    with pytest.raises(MoveRefused):
        link.extend_time(stale, actor=case.responsible, until=today() + timedelta(days=30), reason="х")
    assert events(case) == []


def test_day_the_teacher_named_outlives_an_extension(client: Client, methodist: User) -> None:
    case = factories.CaseFactory(status=Status.NO_RESPONSE, responsible=methodist)
    named = today() + timedelta(days=9)
    link.remind_later(case, named)
    case.refresh_from_db()
    link.extend_time(case, actor=methodist, until=today() + timedelta(days=20), reason="Просит подождать")
    case.refresh_from_db()
    assert (case.status, case.remind_on) == (Status.SURVEY_OPEN, named)


def test_reminder_on_its_way_is_taken_back(case: Case) -> None:
    services.remind_waiting(case.due_on)
    link.extend_time(whole(case), actor=case.responsible, until=today() + timedelta(days=30), reason="х")
    assert Letter.objects.get(kind__startswith="motor.remind").state == Letter.State.CANCELLED


# --- A reminder, a talk -----------------------------------------------------------------------------------------------


def test_remind_now_once(client: Client, case: Case, methodist: User) -> None:
    for words in ("Напоминание уйдёт", "напоминали сегодня"):
        answer = client.post(address(case, "link_remind"), follow=True)
        assert words in answer.content.decode()
    assert kinds(case) == ["motor.remind.1"]


def test_button_gives_way_to_the_reason(client: Client, case: Case, methodist: User) -> None:
    assert "Напомнить сейчас" in page(client, case)
    Case.objects.update(reminders=3)
    text = page(client, case)
    assert "Напомнить сейчас" not in text
    assert "три напоминания уже отправлены" in text


def test_talk_is_noted_on_the_card(client: Client, case: Case, methodist: User) -> None:
    task = factories.TaskFactory(about=case, kind=TALK, assignee=methodist)
    assert "Разговор состоялся" in page(client, case)
    assert client.post(address(case, "link_talked"), {"said": " "}).status_code == 422
    for words in ("Разговор отмечен", "уже отмечен"):
        answer = client.post(address(case, "link_talked"), {"said": "Ответит в пятницу"}, follow=True)
        assert words in answer.content.decode()
    task.refresh_from_db()
    assert (task.done_by, task.outcome, talk_of(case)) == (methodist, "Ответит в пятницу", None)
