"""An answer the methodist sent back: the form filled with the former words, evidence kept or taken away."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from cabinet.core.clock import add_working_days, today
from motor import services
from motor.models import Case, Evidence, Status, Survey
from motor.services.returns import return_to_teacher
from tests import factories

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
FIRST = {
    "important": "Приёмы <b>формирующего</b> оценивания",
    "in_route": "outside",
    "route_note": "Веду в таблице",
    "has_started": "yes",
    "change_0": "Ввела листы самооценки",
    "change_0_on": "course",
    "change_1": "Снимаю уроки на видео",
    "change_1_on": "other",
    "change_1_topic": "Цифровые технологии",
    "ev_plan": "on",
    "ev_plan_link": "https://example.org/plan",
}
SECOND = {
    "important": "Листы самооценки и обратная связь",
    "in_route": "no",
    "has_started": "yes",
    "change_0": "Ввела листы самооценки в трёх классах",
    "change_0_on": "course",
}


@pytest.fixture
def case(client: Client) -> Case:
    """Answered with two pieces of evidence by the link, then sent back."""
    case = factories.CaseFactory(revision=2)  # as one that has just been opened
    upload = SimpleUploadedFile("приказ.pdf", PDF, content_type="application/pdf")
    address = reverse("motor:personal", args=[case.link])
    assert client.post(address, FIRST | {"ev_document": "on", "ev_document_file": upload}).status_code == 302
    answered = Case.objects.with_names().get(pk=case.pk)
    return_to_teacher(answered, actor=answered.responsible, comment="Добавьте, что изменилось на уроках.")
    return Case.objects.get(pk=case.pk)


@pytest.fixture
def address(case: Case) -> str:
    return reverse("motor:personal", args=[case.link])


def kept(case: Case) -> dict[str, str]:
    return {f"keep_{one.pk}": "on" for one in case.evidence.in_force()}


def test_page_shows_the_request_and_the_former_answers(client: Client, case: Case, address: str) -> None:
    text = client.get(address).content.decode()
    assert "Добавьте, что изменилось на уроках." in text
    assert "&lt;b&gt;формирующего&lt;/b&gt;" in text
    for words in ("Веду в таблице", "Снимаю уроки на видео", "Цифровые технологии", "https://example.org/plan"):
        assert words in text
    assert text.count(" checked") == 2 + 3 + 2  # questions 2 and 3; where each change belongs; evidence kept
    assert reverse("motor:personal_file", args=[case.link, case.evidence.get(kind="document").file.public_id]) in text


def test_an_answer_never_returned_begins_empty(client: Client) -> None:
    fresh = factories.CaseFactory()
    text = client.get(reverse("motor:personal", args=[fresh.link])).content.decode()
    assert "Методист просит" not in text
    assert 'id="past"' not in text


def test_second_answer_is_a_new_row_and_the_first_stays(client: Client, case: Case, address: str) -> None:
    assert client.post(address, SECOND | kept(case)).status_code == 302
    case.refresh_from_db()
    assert case.status == Status.SCHOOL_REVIEW
    assert [(one.important, one.version, one.returned_at is None) for one in case.surveys.order_by("pk")] == [
        (FIRST["important"], 1, False),
        (SECOND["important"], 1, True),
    ]
    assert [one.removed_at for one in case.evidence.all()] == [None, None]
    assert Survey.objects.submitted().last().important == SECOND["important"]


def test_unticked_evidence_is_taken_away(client: Client, case: Case, address: str) -> None:
    plan, document = case.evidence.order_by("kind").reverse()
    assert client.post(address, SECOND | {f"keep_{plan.pk}": "on"}).status_code == 302
    assert list(case.evidence.in_force()) == [plan]
    assert Evidence.objects.get(pk=document.pk).removed_at is not None


def test_kept_evidence_answers_the_fourth_question(client: Client, case: Case, address: str) -> None:
    page = client.post(address, SECOND)
    assert page.status_code == 422
    assert "чем можете подтвердить" in page.content.decode()
    assert case.evidence.in_force().count() == 2  # nothing is taken away by an answer that was not accepted
    page = client.post(address, SECOND | kept(case) | {"nothing_yet": "on", "draft_number": "1"})
    assert page.status_code == 422
    assert "что-то одно" in page.content.decode()


def test_ticks_stay_as_they_were_after_a_mistake(client: Client, case: Case, address: str) -> None:
    first = case.evidence.in_force().first()
    page = client.post(address, SECOND | {"important": "", f"keep_{first.pk}": "on"})
    text = page.content.decode()
    assert page.status_code == 422
    assert f'id="keep_{first.pk}" checked' in text
    assert text.count('name="keep_') - text.count('" checked><label class="form-check-label" for="keep_') == 1
    assert "Добавьте, что изменилось на уроках." in text


def test_methodist_waits_for_the_lesson_that_was_kept(client: Client, case: Case, address: str) -> None:
    lesson = today() + timedelta(days=20)
    planned = factories.EvidenceFactory(case=case, kind="open_lesson", event_on=lesson)
    assert client.post(address, SECOND | {f"keep_{planned.pk}": "on"}).status_code == 302
    case.refresh_from_db()
    assert case.due_on == add_working_days(lesson, 20)


def test_double_click_writes_once(client: Client, case: Case, address: str) -> None:
    answer = SECOND | kept(case)
    client.post(address, answer)
    assert client.post(address, answer).status_code == 200
    assert case.surveys.count() == 2


def test_answer_of_a_stale_tab_is_refused_whole(case: Case) -> None:
    stale = Case.objects.with_names().get(pk=case.pk)
    answers = services.SurveyAnswers(
        important="Второе", in_route="no", has_started=False, reason="time", removed=list(case.evidence.in_force())
    )
    services.submit_survey(Case.objects.with_names().get(pk=case.pk), answers, author=None, channel="link")
    Case.objects.filter(pk=case.pk).update(status=Status.SURVEY_OPEN)
    with pytest.raises(services.MoveRefused):
        services.submit_survey(stale, answers, author=None, channel="link")
    assert case.surveys.count() == 2


def test_sent_back_twice_the_last_words_are_shown(client: Client, case: Case, address: str) -> None:
    client.post(address, SECOND | kept(case))
    again = Case.objects.with_names().get(pk=case.pk)
    return_to_teacher(again, actor=again.responsible, comment="И ещё одно уточнение.")
    text = client.get(address).content.decode()
    assert "И ещё одно уточнение." in text
    assert SECOND["important"] in text
    assert "Добавьте, что изменилось" not in text


def test_same_page_from_the_cabinet(client: Client, case: Case) -> None:
    client.force_login(case.person)
    address = reverse("motor:survey", args=[case.pk])
    text = client.get(address).content.decode()
    assert case.evidence.get(kind="document").file.get_absolute_url() in text
    assert client.post(address, SECOND | kept(case)).status_code == 302
    assert case.surveys.last().channel == "cabinet"


def test_evidence_does_not_multiply_the_queries(
    client: Client, case: Case, address: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.get(address)
    for _ in range(2):
        with django_assert_num_queries(4):  # case, former answer, its changes, evidence
            client.get(address)
        factories.EvidenceFactory.create_batch(4, case=case)
