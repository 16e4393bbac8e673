"""The survey by a personal link and from the cabinet: opening, answering, mistakes, strangers."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from cabinet.core.clock import today
from motor.models import Case, Evidence, Status, Survey
from tests import factories

pytestmark = pytest.mark.django_db

ANSWERS = {
    "important": "Приёмы формирующего оценивания",
    "in_route": "no",
    "has_started": "yes",
    "change_0": "Ввела листы самооценки",
    "change_0_on": "course",
    "ev_plan": "on",
    "ev_plan_link": "https://example.org/plan",
}
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture
def case() -> Case:
    return factories.CaseFactory()


@pytest.fixture
def address(case: Case) -> str:
    return reverse("motor:personal", args=[case.link])


def state(case: Case) -> str:
    return Case.objects.get(pk=case.pk).status


def test_opening_the_link_changes_nothing(client: Client, case: Case, address: str) -> None:
    for _ in range(3):
        assert client.get(address).status_code == 200
    assert client.head(address).status_code == 200
    assert state(case) == Status.SURVEY_OPEN
    assert not Survey.objects.exists()


def test_address_and_page_name_nobody_else(client: Client, case: Case, address: str) -> None:
    assert case.person.last_name not in address
    page = client.get(address)
    assert page["Referrer-Policy"] == "same-origin"
    assert "no-store" in page["Cache-Control"]


def test_answers_are_stored_and_the_case_moves(client: Client, case: Case, address: str) -> None:
    answer = client.post(address, ANSWERS)
    assert (answer.status_code, answer["Location"]) == (302, address)
    assert state(case) == Status.SCHOOL_REVIEW
    survey = case.surveys.get()
    assert (survey.important, survey.channel, survey.has_started) == (ANSWERS["important"], "link", True)
    assert [change.text for change in survey.changes.all()] == ["Ввела листы самооценки"]
    assert case.evidence.get().link == "https://example.org/plan"
    assert "Спасибо" in client.get(address).content.decode()


def test_second_click_stores_nothing_more(client: Client, case: Case, address: str) -> None:
    client.post(address, ANSWERS)
    again = client.post(address, ANSWERS)
    assert again.status_code == 200  # the closing page, not an error
    assert (case.surveys.count(), case.evidence.count()) == (1, 1)


def test_link_of_a_former_version_takes_nothing(client: Client, case: Case, address: str) -> None:
    Case.objects.filter(pk=case.pk).update(link_version=2)
    assert client.get(address).status_code == 410
    assert client.post(address, ANSWERS).status_code == 410
    assert not Survey.objects.exists()


@pytest.mark.parametrize(
    ("way", "channel"), [("slip", "slip"), ("message", "message"), ("", "link"), ("paper", "link"), ("cabinet", "link")]
)
def test_the_way_the_link_came_is_kept_with_the_answer(
    client: Client, case: Case, address: str, way: str, channel: str
) -> None:
    page = client.get(address, {"via": way}).content.decode()
    assert ('name="via"' in page) == (channel != "link")
    assert client.post(address, ANSWERS | {"via": way}).status_code == 302
    assert case.surveys.get().channel == channel


@pytest.mark.parametrize(
    "spoil",
    [
        lambda link: link[:-1] + "A" * (link[-1] != "A") + "B" * (link[-1] == "A"),
        lambda link: "A" * 22 + link[22:],
        lambda link: "короткая",
        lambda link: link + "x",
    ],
)
def test_guessed_links_all_look_alike(client: Client, case: Case, spoil: Any) -> None:
    page = client.get(reverse("motor:personal", args=[spoil(case.link)]))
    missing = client.get(reverse("motor:personal", args=["Z" * 44]))
    assert (page.status_code, page.content) == (404, missing.content)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"important": " "}, "что из программы было важно"),
        ({"in_route": ""}, "отражено ли это"),
        ({"has_started": ""}, "«ДА» или «НЕТ»"),
        ({"has_started": "no"}, "почему пока нет"),
        ({"has_started": "no", "reason": "other"}, "что помешало"),
        ({"change_0": ""}, "хотя бы одно изменение"),
        ({"change_0_on": "other"}, "другую тематику"),
        ({"ev_plan": "", "ev_plan_link": ""}, "чем можете подтвердить"),
        ({"nothing_yet": "on"}, "что-то одно"),
        ({"ev_plan_link": "не ссылка"}, "Проверьте ссылку"),
        ({"ev_open_lesson_on": "2020-01-01"}, "уже прошла"),
        ({"ev_other": "on"}, "что именно"),
    ],
)
def test_mistakes_are_explained_and_nothing_typed_is_lost(
    client: Client, case: Case, address: str, change: dict[str, str], message: str
) -> None:
    page = client.post(address, ANSWERS | {"route_note": "Маршрут на бумаге"} | change)
    text = page.content.decode()
    assert page.status_code == 422
    assert message in text
    assert "Маршрут на бумаге" in text
    assert state(case) == Status.SURVEY_OPEN
    assert not Survey.objects.exists()


def test_without_a_route_the_third_answer_follows(client: Client, case: Case, address: str) -> None:
    answers = {"important": "Приёмы", "in_route": "none", "nothing_yet": "on", "change_0": "Меняю уроки"}
    assert client.post(address, answers).status_code == 302
    survey = case.surveys.get()
    assert (survey.has_started, survey.reason) == (False, "no_route")
    assert survey.changes.count() == 1


def test_file_is_stored_and_read_by_the_same_link_only(client: Client, case: Case, address: str) -> None:
    upload = SimpleUploadedFile("конспект.pdf", PDF, content_type="application/pdf")
    assert client.post(address, ANSWERS | {"ev_plan_link": "", "ev_plan_file": upload}).status_code == 302
    stored = Evidence.objects.get().file
    assert stored is not None
    mine = client.get(reverse("motor:personal_file", args=[case.link, stored.public_id]))
    assert mine.status_code == 200
    assert b"".join(mine.streaming_content) == PDF
    other = factories.CaseFactory()
    assert client.get(reverse("motor:personal_file", args=[other.link, stored.public_id])).status_code == 404


def test_file_of_a_wrong_kind_is_refused_in_words(client: Client, case: Case, address: str) -> None:
    upload = SimpleUploadedFile("вирус.pdf", b"MZ\x90\x00 not a pdf", content_type="application/pdf")
    page = client.post(address, ANSWERS | {"ev_plan_file": upload})
    assert page.status_code == 422
    assert not Evidence.objects.exists()


def test_future_event_needs_no_file(client: Client, case: Case, address: str) -> None:
    answers = ANSWERS | {"ev_plan": "", "ev_plan_link": "", "ev_open_lesson": "on"}
    answers["ev_open_lesson_on"] = (today() + timedelta(days=20)).isoformat()
    assert client.post(address, answers).status_code == 302
    assert case.evidence.get().event_on == today() + timedelta(days=20)


def test_from_the_cabinet_only_the_teacher_himself(client: Client, case: Case) -> None:
    address = reverse("motor:survey", args=[case.pk])
    assert client.get(address).status_code == 302  # to the login page
    for stranger in (factories.UserFactory(email="s@example.org"), case.responsible, factories.person_with("admin")):
        client.force_login(stranger)
        assert client.get(address).status_code == 404
        assert client.post(address, ANSWERS).status_code == 404
    client.force_login(case.person)
    assert client.get(address).status_code == 200
    assert client.post(address, ANSWERS).status_code == 302
    assert case.surveys.get().channel == "cabinet"


def test_answering_a_stopped_case_loses_no_words(client: Client) -> None:
    case = factories.CaseFactory(status=Status.STOPPED)
    page = client.post(reverse("motor:personal", args=[case.link]), ANSWERS | {"important": "Мои <b>слова</b>"})
    text = page.content.decode()
    assert page.status_code == 409
    assert "прекращено" in text
    assert "Этот ответ не отправлен" in text
    assert "Мои &lt;b&gt;слова&lt;/b&gt;" in text
    assert "Ввела листы самооценки" in text
    assert not Survey.objects.exists()


def test_another_text_after_the_answer_is_given_back(client: Client, case: Case, address: str) -> None:
    client.post(address, ANSWERS)
    page = client.post(address, ANSWERS | {"change_0": "Совсем другое"})
    assert page.status_code == 409
    assert "Совсем другое" in page.content.decode()
    assert case.surveys.count() == 1


def test_several_files_of_one_kind_are_a_piece_each(client: Client, case: Case, address: str) -> None:
    uploads = [SimpleUploadedFile(f"стр{n}.pdf", PDF, content_type="application/pdf") for n in (1, 2)]
    assert client.post(address, ANSWERS | {"ev_plan_text": "Конспект", "ev_plan_file": uploads}).status_code == 302
    pieces = list(case.evidence.select_related("file"))
    assert [(one.kind, one.text, one.file.name) for one in pieces] == [
        ("plan", "Конспект", "стр1.pdf"),
        ("plan", "Конспект", "стр2.pdf"),
    ]
    assert [one.link for one in pieces] == ["https://example.org/plan", ""]


def test_refused_form_keeps_its_good_files(client: Client, case: Case, address: str) -> None:
    uploads = [
        SimpleUploadedFile("план.pdf", PDF, content_type="application/pdf"),
        SimpleUploadedFile("вирус.pdf", b"MZ\x90\x00 not a pdf", content_type="application/pdf"),
    ]
    page = client.post(address, ANSWERS | {"important": "", "ev_plan_file": uploads})
    text = page.content.decode()
    assert page.status_code == 422
    assert "«вирус.pdf»: Такой файл принять нельзя" in text
    assert [one.file.name for one in case.draft_files.all()] == ["план.pdf"]
    assert "план.pdf" in text
    assert 'name="draft_number" value="1"' in text
    again = client.post(address, ANSWERS | {"ev_plan_link": "", "draft_number": "1"})
    assert again.status_code == 302
    assert case.evidence.get().file.name == "план.pdf"


def test_eleventh_file_is_refused_in_words(client: Client, case: Case, address: str) -> None:
    uploads = [SimpleUploadedFile(f"{n}.pdf", PDF, content_type="application/pdf") for n in range(11)]
    page = client.post(address, ANSWERS | {"ev_plan_file": uploads})
    assert page.status_code == 422
    assert "до 10 файлов" in page.content.decode()
    assert not Evidence.objects.exists()


def test_answer_costs_the_same_however_much_is_in_it(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    more = {"change_1": "Ещё", "change_2": "И ещё", "ev_workshop": "on", "ev_document": "on"}
    warm = factories.CaseFactory(revision=2)  # the calendar, the notice and the texts of letters are read once
    client.post(reverse("motor:personal", args=[warm.link]), ANSWERS)
    for answers in (ANSWERS, ANSWERS | more):
        case = factories.CaseFactory(revision=2)
        address = reverse("motor:personal", args=[case.link])
        # Case; savepoint, move, transition, log, ground, survey, changes, evidence, letter, release.
        with django_assert_num_queries(11):
            client.post(address, answers)


def test_page_is_light_and_costs_one_query(
    client: Client, address: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.get(address)
    with django_assert_num_queries(1):  # the case with its names and draft; has the person other cases?
        page = client.get(address)
    assert len(page.content) < 30_000
    assert page.content.count(b"<script") == page.content.count(b'<script src="/static/js/survey') == 1
