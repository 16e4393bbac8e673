"""The survey on paper: the blank, and what was written on it typed in by a colleague."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.files.models import StoredFile
from cabinet.users.grounds import CACHE_KEY, notice_in_force
from cabinet.users.models import DataGround, DataNotice, LogEntry, Role, User
from motor.forms.survey import page_fields
from motor.models import Case, Draft, Status, Survey
from motor.services import ways
from motor.views import paper as views
from tests import factories
from tests.factories import person_with
from tests.motor.test_survey_page import ANSWERS, PDF

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> Any:
    return factories.OrganizationFactory()


@pytest.fixture
def methodist(school: Any) -> User:
    return person_with(Role.METHODIST, school)


@pytest.fixture
def case(school: Any, methodist: User) -> Case:
    completion = factories.CompletionFactory(person=person_with("teacher", organization=school))
    return factories.CaseFactory(
        completion=completion, responsible=methodist, opened_at=timezone.now() - timedelta(days=5)
    )


@pytest.fixture
def logged(client: Client, methodist: User) -> Client:
    client.force_login(methodist)
    return client


@pytest.fixture
def typed() -> dict[str, Any]:
    return ANSWERS | {"filled_on": (today() - timedelta(days=2)).isoformat(), "notice_seen": "on"}


@pytest.fixture
def address(case: Case) -> str:
    return reverse("motor:paper", args=[case.pk])


def ask_for_consent() -> DataNotice:
    notice = notice_in_force()
    DataNotice.objects.update(ground=DataNotice.Ground.CONSENT)
    caches["local"].delete(CACHE_KEY)
    return notice


def test_answers_from_paper_are_stored_as_such(
    logged: Client, case: Case, address: str, typed: dict[str, Any], methodist: User
) -> None:
    answer = logged.post(address, typed)
    assert (answer.status_code, answer["Location"]) == (302, case.get_absolute_url())
    survey = case.surveys.get()
    assert (survey.channel, survey.author, survey.filled_on) == ("paper", methodist, today() - timedelta(days=2))
    assert survey.important == ANSWERS["important"]
    case.refresh_from_db()
    assert case.status == Status.SCHOOL_REVIEW
    transition = case.transitions.get(move="submit")
    assert transition.actor == methodist
    assert transition.comment == f"Введено с бумаги; дата на листе {survey.filled_on:%d.%m.%Y}"
    ground = DataGround.objects.get(person=case.person)
    assert (ground.channel, ground.ip_address) == ("paper", None)


def test_case_page_says_who_typed_it_in_and_when(
    logged: Client, case: Case, address: str, typed: dict[str, Any], methodist: User
) -> None:
    logged.post(address, typed)
    text = logged.get(case.get_absolute_url()).content.decode()
    assert "Заполнено на бумаге" in text
    assert methodist.full_name in text


def test_page_asks_the_four_questions_and_the_date(logged: Client, case: Case, address: str) -> None:
    page = logged.get(address)
    text = page.content.decode()
    for name in ("important", "in_route", "has_started", "nothing_yet", "filled_on", "notice_seen", "scan"):
        assert f'name="{name}"' in text
    assert "survey.js" not in text  # nothing of it is saved as the teacher's own draft
    assert "no-store" in page["Cache-Control"]
    assert case.person.full_name in text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"filled_on": ""}, "Выберите дату"),
        ({"filled_on": "вчера"}, "ДД.ММ.ГГГГ"),
        ({"filled_on": lambda: today() + timedelta(days=1)}, "ещё не наступила"),
        ({"filled_on": lambda: today() - timedelta(days=6)}, "раньше этого дня"),
        ({"notice_seen": ""}, "педагог видел уведомление"),
        ({"important": ""}, "что из программы было важно"),
        ({"scan": lambda: SimpleUploadedFile("лист.exe", b"MZ\x90\x00\x03" * 20)}, "Такой файл принять нельзя"),
        ({"scan": lambda: SimpleUploadedFile("лист.pdf", b"")}, "пуст"),
    ],
)
def test_mistakes_are_explained_and_what_was_typed_stays(
    logged: Client, case: Case, address: str, typed: dict[str, Any], change: dict[str, Any], message: str
) -> None:
    change = {name: value() if callable(value) else value for name, value in change.items()}
    page = logged.post(address, typed | {"route_note": "Маршрут на бумаге", "change_0": "Листы самооценки"} | change)
    text = page.content.decode()
    assert page.status_code == 422
    assert message in text
    assert "Листы самооценки" in text
    assert not Survey.objects.exists()
    assert Case.objects.get(pk=case.pk).status == Status.SURVEY_OPEN


@pytest.mark.parametrize("days", [0, 5])
def test_today_and_the_day_of_opening_are_fine(
    logged: Client, case: Case, address: str, typed: dict[str, Any], days: int
) -> None:
    on = today() - timedelta(days=days)
    assert logged.post(address, typed | {"filled_on": on.isoformat()}).status_code == 302
    assert case.surveys.get().filled_on == on


def test_scan_is_kept_for_readers_of_the_answers(
    logged: Client, case: Case, address: str, typed: dict[str, Any], methodist: User
) -> None:
    logged.post(address, typed | {"scan": SimpleUploadedFile("лист.pdf", PDF)})
    scan = StoredFile.objects.get()
    assert (scan.owner, scan.uploaded_by) == (case.surveys.get(), methodist)
    assert "Скан листа" in logged.get(case.get_absolute_url()).content.decode()
    assert logged.get(scan.get_absolute_url()).status_code == 200
    logged.force_login(person_with(Role.METHODIST, factories.OrganizationFactory()))
    assert logged.get(scan.get_absolute_url()).status_code == 404
    assert not case.evidence.filter(file=scan).exists()


def test_evidence_is_typed_in_too(logged: Client, case: Case, address: str, typed: dict[str, Any]) -> None:
    logged.post(address, typed)
    assert case.evidence.get().link == ANSWERS["ev_plan_link"]


@pytest.mark.parametrize(("days", "status"), [(1, 302), (3, 422)])
def test_lesson_ahead_when_the_sheet_was_filled_may_be_over(
    logged: Client, case: Case, address: str, typed: dict[str, Any], days: int, status: int
) -> None:
    on = {"ev_open_lesson": "on", "ev_open_lesson_on": (today() - timedelta(days=days)).isoformat()}
    assert logged.post(address, typed | on).status_code == status


def test_second_click_stores_nothing_more(logged: Client, case: Case, address: str, typed: dict[str, Any]) -> None:
    logged.post(address, typed)
    again = logged.post(address, typed, follow=True)
    assert again.redirect_chain[-1][0] == case.get_absolute_url()
    assert "второй раз ничего не записано" in again.content.decode()
    assert case.surveys.count() == 1


def test_teacher_was_quicker(logged: Client, case: Case, address: str, typed: dict[str, Any]) -> None:
    Client().post(reverse("motor:personal", args=[case.link]), ANSWERS)
    page = logged.post(address, typed | {"important": "Набрано с листа"})
    text = page.content.decode()
    assert page.status_code == 422
    assert "Ничего не записано; набранное осталось" in text
    assert "Набрано с листа" in text
    assert case.surveys.get().channel == "link"


def test_answered_case_is_not_typed_in(logged: Client, case: Case, address: str) -> None:
    Case.objects.filter(pk=case.pk).update(status=Status.SCHOOL_REVIEW)
    answer = logged.get(address)
    assert (answer.status_code, answer["Location"]) == (302, case.get_absolute_url())


def test_late_and_unasked_answers_are_taken(logged: Client, case: Case, address: str, typed: dict[str, Any]) -> None:
    """A review that began without the survey, and a case given up: both still take it."""
    Case.objects.filter(pk=case.pk).update(status=Status.SCHOOL_REVIEW, without_survey=True)
    assert logged.post(address, typed).status_code == 302
    assert case.transitions.get(move="attach").comment.startswith("Введено с бумаги")


def test_begun_by_link_is_warned_about(logged: Client, case: Case, address: str) -> None:
    assert "начал отвечать по ссылке" not in logged.get(address).content.decode()
    Draft.objects.create(case=case, answers={"important": "моё личное"})
    text = logged.get(address).content.decode()
    assert "Педагог начал отвечать по ссылке" in text
    assert "моё личное" not in text


def test_returned_answer_comes_filled_in(logged: Client, case: Case, address: str, typed: dict[str, Any]) -> None:
    logged.post(address, typed)
    case.surveys.update(returned_at=timezone.now(), return_comment="Дополните")
    Case.objects.filter(pk=case.pk).update(status=Status.SURVEY_OPEN, revision=9)
    assert ANSWERS["important"] in logged.get(address).content.decode()
    assert logged.post(address, typed | {"important": "Дополнено"}).status_code == 302
    assert case.surveys.count() == 2


def test_consent_on_paper_is_recorded(
    logged: Client, case: Case, address: str, typed: dict[str, Any], methodist: User
) -> None:
    notice = ask_for_consent()
    text = logged.get(address).content.decode()
    assert "подписал на листе согласие" in text
    refused = logged.post(address, typed | {"notice_seen": ""})
    assert refused.status_code == 422
    assert "Без согласия на листе" in refused.content.decode()
    assert not DataGround.objects.exists()
    assert logged.post(address, typed).status_code == 302
    ground = DataGround.objects.get(person=case.person, notice=notice)
    assert (ground.channel, ground.ip_address) == ("paper", None)
    assert LogEntry.objects.filter(person=case.person, actor=methodist, note__startswith="дано согласие").exists()


def test_refused_move_takes_the_consent_back(rf: Any, case: Case, methodist: User) -> None:
    ask_for_consent()
    Case.objects.filter(pk=case.pk).update(revision=7)  # a colleague moved it in between
    request = rf.post("/")
    request.user = methodist
    answers = ways.SurveyAnswers(important="слова", in_route="no", has_started=True)
    with pytest.raises(views.MoveRefused):
        ways.type_in(case, answers, author=methodist, request=request, filled_on=today(), notice_seen=True)
    assert not DataGround.objects.exists()
    assert not Survey.objects.exists()


def test_nobody_types_in_his_own(client: Client, methodist: User, typed: dict[str, Any]) -> None:
    own = factories.CaseFactory(completion=factories.CompletionFactory(person=methodist), responsible=methodist)
    for user in (methodist, person_with(Role.ADMIN)):
        client.force_login(user)
        expected = 404 if user == methodist else 200
        assert client.get(reverse("motor:paper", args=[own.pk])).status_code == expected


def test_strangers_get_404(client: Client, case: Case, school: Any, address: str, typed: dict[str, Any]) -> None:
    assert client.get(address)["Location"].startswith(reverse("account_login"))
    strangers = [
        case.person,
        person_with(Role.METHODIST, school),  # a colleague who does not answer for it
        person_with(Role.HEAD, school),
        person_with(Role.METHODIST, factories.OrganizationFactory()),
        person_with(Role.MUNICIPAL, factories.MunicipalityFactory()),
        person_with(Role.CURATOR),
    ]
    for stranger in strangers:
        client.force_login(stranger)
        assert client.get(address).status_code == 404
        assert client.post(address, typed).status_code == 404
    assert not Survey.objects.exists()
    assert client.put(address).status_code == 405


# --- The blank ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_head", [False, True])
def test_blank_asks_what_the_page_asks(logged: Client, is_head: bool) -> None:
    blank = logged.get(reverse("motor:paper_blank"), {"head": "1"} if is_head else {}).content.decode()
    page = render_to_string("motor/parts/survey_questions.html", page_fields(is_head))
    for number in range(1, 5):
        start = page.index(f"{number}. ")
        question = page[start : page.index("<", start)].strip()
        assert len(question) > 40
        assert question in blank
    assert ("анализ руководителя" in blank) is is_head
    assert notice_in_force().title in blank


def test_blank_with_consent_has_a_place_to_sign_it(logged: Client) -> None:
    assert "Уведомление мне показано" in logged.get(reverse("motor:paper_blank")).content.decode()
    ask_for_consent()
    assert "Даю согласие на обработку данных" in logged.get(reverse("motor:paper_blank")).content.decode()
