"""The case page as a passport: whose turn first, how long with each, every answer with its channel, evidence drawn."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from cabinet.core.clock import today
from cabinet.files.models import Preview
from cabinet.files.services import store_bytes
from motor.models import Case, Draft, LinkEvent, Status
from tests import factories

pytestmark = pytest.mark.django_db


def page(client: Client, case: Case, user: object) -> str:
    client.force_login(user)  # type: ignore[arg-type]
    response = client.get(case.get_absolute_url())
    assert response.status_code == 200
    return response.content.decode()


def bring_file(case: Case, name: str = "план.pdf") -> Preview:
    piece = factories.EvidenceFactory(case=case)
    piece.file = store_bytes(name, b"%PDF-1.7", owner=piece, content_type="application/pdf")
    piece.save()
    return piece.file.preview


def test_what_to_do_comes_first_then_whose_turn(client: Client) -> None:
    case = factories.CaseFactory(status=Status.SCHOOL_REVIEW)
    text = page(client, case, case.responsible)
    assert text.index("Ваш ход") < text.index("Чей ход:") < text.index("Оценка методистом РМА") < text.index("О карте")
    head = page(client, case, factories.person_with("head", case.organization))
    assert "Ваш ход" not in head
    assert f"Чей ход: {case.responsible.short_name} — чек-лист" in head


def test_after_the_steps_it_is_the_municipal_service_turn(client: Client) -> None:
    case = factories.CaseFactory(status=Status.FOLLOW_UP)
    assert "Чей ход: специалист ММС — учёт результата" in page(client, case, case.responsible)


def test_time_with_each_is_said_in_words_and_drawn(client: Client) -> None:
    case = factories.CaseFactory(status=Status.SCHOOL_REVIEW)
    opened = timezone.now() - timedelta(days=20)
    Case.objects.filter(pk=case.pk).update(opened_at=opened)
    case.transitions.all().delete()
    for move, at, source, target in (
        ("open", 0, "scheduled", "survey_open"),
        ("submit", 15, "survey_open", "school_review"),
    ):
        case.transitions.create(move=move, at=opened + timedelta(days=at), from_status=source, to_status=target)
    for reader in (case.responsible, case.person):
        text = page(client, case, reader)
        assert "Сколько времени карта у каждого" in text
        assert "15 дней" in text.replace("\xa0", " ")
        assert "chart-svg" in text


def test_paper_answer_says_so(client: Client) -> None:
    case = factories.CaseFactory(status=Status.SCHOOL_REVIEW)
    clerk = factories.UserFactory(last_name="Операторова")
    case.surveys.update(channel="paper", filled_on=today(), author=clerk)
    text = page(client, case, case.responsible)
    assert "Заполнено на бумаге" in text
    assert "Операторова" in text


def test_agreement_of_the_teacher_stands_at_the_outcome(client: Client) -> None:
    case = factories.CaseFactory(status=Status.FOLLOW_UP)
    assert "Педагог согласен" not in page(client, case, case.responsible)
    type(case.outcome).objects.filter(pk=case.outcome.pk).update(agreed_at=timezone.now())
    assert "Педагог согласен" in page(client, case, case.responsible)


def test_preview_is_awaited_shown_or_said_to_have_failed(client: Client) -> None:
    case = factories.CaseFactory(status=Status.SCHOOL_REVIEW)
    preview = bring_file(case)
    assert "Предпросмотр готовится" in page(client, case, case.responsible)
    Preview.objects.update(finished_at=timezone.now(), pages_total=9)
    text = page(client, case, case.responsible)
    assert f"/files/{preview.stored.public_id}/preview/5/" in text
    assert f"/files/{preview.stored.public_id}/preview/6/" not in text
    assert "Показаны первые" in text
    Preview.objects.update(pages_total=0)
    assert "Предпросмотр не получился" in page(client, case, case.responsible)
    Preview.objects.all().delete()  # a file older than previews
    assert "редпросмотр" not in page(client, case, case.responsible)


def test_link_line_is_for_those_who_help_to_answer(client: Client) -> None:
    case = factories.CaseFactory(status=Status.SURVEY_OPEN)
    text = page(client, case, case.responsible)
    assert "Ссылка педагога: ещё не открыта" in text
    LinkEvent.objects.create(case=case, kind="opened")
    Draft.objects.create(case=case, answers={"important": "Ещё не отправлено"})
    text = page(client, case, case.responsible)
    assert "Ссылка педагога: открыта" in text
    assert "ответ начат" in text
    assert "Ещё не отправлено" not in text
    assert "Ссылка педагога" not in page(client, case, case.person)
    assert "Ссылка педагога" not in page(client, case, factories.person_with("head", case.organization))


def test_two_opinions_show_their_difference_to_colleagues_only(client: Client) -> None:
    case = factories.CaseFactory(status=Status.FOLLOW_UP)
    school = case.checklists.get()
    factories.ChecklistFactory(
        case=case, assessor_kind="rma", is_significant=True, practice="partial" if school.practice == "full" else "full"
    )
    text = page(client, case, case.responsible)
    assert "Расхождение" in text
    assert "Расхождение" not in page(client, case, case.person)


def test_first_opinion_stays_hidden_from_the_second(client: Client) -> None:
    case = factories.CaseFactory(status=Status.RMA_REVIEW)
    text = page(client, case, case.rma_member.user)
    assert "пока скрыт" in text
    assert "Расхождение" not in text


@pytest.mark.parametrize("count", [1, 5])
@pytest.mark.parametrize("status", [Status.SURVEY_OPEN, Status.SCHOOL_REVIEW, Status.FOLLOW_UP])
def test_files_and_history_cost_no_query_more(
    client: Client, status: str, count: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    case = factories.CaseFactory(status=status)
    for _ in range(count):
        bring_file(case)
        LinkEvent.objects.create(case=case, kind="opened")
    Preview.objects.update(finished_at=timezone.now(), pages_total=9)
    client.force_login(case.responsible)
    client.get(case.get_absolute_url())
    with django_assert_max_num_queries(15):
        client.get(case.get_absolute_url())
