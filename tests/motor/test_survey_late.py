"""Answers out of turn: late, during a review without them, on a pause, after the stop; letters no longer owed."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.mail.models import Letter
from motor import services
from motor.models import Case, Evidence, Status, StopReason, Survey
from tests import factories

pytestmark = pytest.mark.django_db

ANSWERS = {
    "important": "Приёмы формирующего оценивания",
    "in_route": "no",
    "has_started": "no",
    "reason": "time",
    "nothing_yet": "on",
}


def address_of(case: Case) -> str:
    return reverse("motor:personal", args=[case.link])


def in_review(status: str = Status.SCHOOL_REVIEW, **fields: object) -> Case:
    """Under assessment without a survey."""
    member = factories.MemberFactory() if status in (Status.RMA_REQUESTED, Status.RMA_REVIEW) else None
    return factories.CaseFactory(status=status, bare=True, without_survey=True, rma_member=member, **fields)


def test_late_answer_still_moves_the_case(client: Client) -> None:
    case = factories.CaseFactory(status=Status.NO_RESPONSE)
    assert "ответить ещё можно" in client.get(address_of(case)).content.decode()
    assert client.post(address_of(case), ANSWERS).status_code == 302
    case.refresh_from_db()
    assert case.status == Status.SCHOOL_REVIEW


@pytest.mark.parametrize("status", [Status.SCHOOL_REVIEW, Status.RMA_REQUESTED, Status.RMA_REVIEW])
def test_answer_during_the_review_is_attached_without_a_move(client: Client, status: str) -> None:
    case = in_review(status)
    before = (case.status, case.due_on, case.status_since)
    assert "уже начал работу без опросного листа" in client.get(address_of(case)).content.decode()
    assert client.post(address_of(case), ANSWERS).status_code == 302
    now = Case.objects.get(pk=case.pk)
    assert (now.status, now.due_on, now.status_since) == before
    assert now.revision == case.revision + 1
    assert [(one.move, one.from_status) for one in now.transitions.filter(move="attach")] == [("attach", status)]
    told = {case.responsible, case.rma_member.user} if status == Status.RMA_REVIEW else {case.responsible}
    assert {letter.to for letter in Letter.objects.filter(kind="motor.attached")} == told
    assert "Спасибо, ответы приняты" in client.get(address_of(case)).content.decode()


def test_second_answer_during_the_review_changes_nothing(client: Client) -> None:
    case = in_review()
    client.post(address_of(case), ANSWERS)
    assert client.post(address_of(case), ANSWERS).status_code == 200
    assert (case.surveys.count(), case.transitions.filter(move="attach").count()) == (1, 1)


def test_two_tabs_at_once_attach_one_answer() -> None:
    case = in_review()
    words = services.SurveyAnswers(important="Приёмы", in_route="no", has_started=False, reason="time")
    first, second = (Case.objects.with_names().get(pk=case.pk) for _ in range(2))
    services.submit_survey(first, words, author=None, channel="link")
    with pytest.raises(services.MoveRefused):
        services.submit_survey(second, words, author=None, channel="link")
    assert case.surveys.count() == 1


def test_review_with_an_answer_takes_no_other(client: Client) -> None:
    case = factories.CaseFactory(status=Status.SCHOOL_REVIEW)
    assert client.post(address_of(case), ANSWERS).status_code == 200
    assert case.surveys.count() == 1


@pytest.mark.parametrize("status", [Status.SCHEDULED, Status.FOLLOW_UP, Status.CLOSED, Status.STOPPED])
def test_no_answer_is_taken_before_or_after_the_time(client: Client, status: str) -> None:
    case = factories.CaseFactory(status=status, bare=True, without_survey=True)
    assert client.post(address_of(case), ANSWERS).status_code == 409
    assert not Survey.objects.exists()


def test_stopped_case_says_why_and_that_nothing_is_wanted(client: Client) -> None:
    case = factories.CaseFactory(status=Status.STOPPED, stop_reason=StopReason.IMPORT_ERROR)
    text = client.get(address_of(case)).content.decode()
    assert "прекращено. Причина: ошибка в списке слушателей" in text
    assert "<form" not in text


def test_paused_case_may_be_answered_and_that_ends_the_pause(client: Client) -> None:
    case = factories.CaseFactory(paused_on=today(), paused_until=today() + timedelta(days=60))
    assert "Сейчас пауза" in client.get(address_of(case)).content.decode()
    assert client.post(address_of(case), ANSWERS).status_code == 302
    case.refresh_from_db()
    assert (case.status, case.paused_until) == (Status.SCHOOL_REVIEW, None)


def test_owed_reminder_does_not_go_out_after_the_answer(client: Client) -> None:
    case = factories.CaseFactory(due_on=today() + timedelta(days=settings.MOTOR_SURVEY_DAYS - 7))
    other = factories.CaseFactory(due_on=today() + timedelta(days=settings.MOTOR_SURVEY_DAYS - 7))
    assert services.remind_waiting() == 2
    sent = Letter.objects.get(to=other.person)
    client.post(address_of(case), ANSWERS)
    assert Letter.objects.get(to=case.person, kind="motor.remind.1").state == Letter.State.CANCELLED
    sent.refresh_from_db()
    assert sent.state == Letter.State.OWED


def test_answer_is_refused_when_the_case_changed_meanwhile(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else touches the open case between its reading and the move: the words stay on the page."""
    case = factories.CaseFactory()
    moved: list[int] = []
    stored = services.survey.move

    def interrupted(*args: object, **kwargs: object) -> None:
        if not moved:
            moved.append(Case.objects.filter(pk=case.pk).update(revision=99))
        stored(*args, **kwargs)

    monkeypatch.setattr(services.survey, "move", interrupted)
    page = client.post(address_of(case), ANSWERS)
    assert page.status_code == 422
    assert ANSWERS["important"] in page.content.decode()
    assert "ещё раз" in page.content.decode()
    assert client.post(address_of(case), ANSWERS).status_code == 302


# --- Evidence of other cases ---------------------------------------------------------------------------------


@pytest.fixture
def second() -> tuple[Case, Evidence]:
    """An open case of a person who brought something to an earlier one."""
    former = factories.EvidenceFactory(case__status=Status.CLOSED, kind="workshop", text="Мастер-класс о чтении")
    completion = factories.CompletionFactory(person=former.case.person, organization=former.case.organization)
    return factories.CaseFactory(completion=completion), former


def test_former_evidence_is_offered_and_serves_the_new_case(client: Client, second: tuple[Case, Evidence]) -> None:
    case, former = second
    assert "Мастер-класс о чтении" in client.get(address_of(case)).content.decode()
    answer = {name: value for name, value in ANSWERS.items() if name != "nothing_yet"}
    assert client.post(address_of(case), answer | {f"share_{former.pk}": "on"}).status_code == 302
    shared = case.evidence.get()
    assert (shared.origin, shared.text, shared.kind) == (former, former.text, "workshop")
    assert former.case.evidence.in_force().count() == former.case.evidence.count()


def test_unticked_evidence_of_another_case_is_left_there(client: Client, second: tuple[Case, Evidence]) -> None:
    case, _ = second
    assert client.post(address_of(case), ANSWERS).status_code == 302
    assert not case.evidence.exists()


def test_evidence_of_somebody_else_is_neither_offered_nor_taken(client: Client) -> None:
    foreign = factories.EvidenceFactory(case__status=Status.CLOSED, text="Чужой урок")
    removed = factories.EvidenceFactory(case__status=Status.CLOSED, text="Убранное", removed_at=timezone.now())
    case = factories.CaseFactory(completion=factories.CompletionFactory(person=removed.case.person))
    text = client.get(address_of(case)).content.decode()
    assert "Чужой урок" not in text
    assert "Убранное" not in text
    ticked = {f"share_{one.pk}": "on" for one in (foreign, removed)}
    assert client.post(address_of(case), ANSWERS | ticked).status_code == 302
    assert not case.evidence.exists()
