"""What a line says, computed from a case and its parts."""

from datetime import UTC, datetime

import pytest

from cabinet.core.clock import today
from cabinet.planner.services import complete_task
from motor.models import Case, Outcome, Status
from motor.moves import touch
from motor.services.follow_up import start_follow_up, steps_of
from registry.models import Entry
from registry.services import sweep
from registry.services.follow_up import follow_up_of
from tests.factories import CaseFactory, ChecklistFactory, MemberFactory, SurveyFactory

pytestmark = pytest.mark.django_db


class TestContent:
    def line(self, case: Case) -> Entry:
        sweep()
        return Entry.objects.get(pk=case.pk)

    def test_survey_of_a_teacher_who_has_not_begun(self) -> None:
        case = CaseFactory(status=Status.SCHOOL_REVIEW, bare=True)
        SurveyFactory(
            case=case, has_started=False, reason="other", reason_text="переезд школы", nothing_yet=True, in_route="none"
        )
        line = self.line(case)
        assert line.survey_on == today()
        assert (line.in_route, line.has_started, line.reason, line.reason_text) == (
            "none",
            False,
            "other",
            "переезд школы",
        )
        assert line.evidence == "nothing"
        assert line.is_significant is None

    def test_beginning_of_an_answer_is_not_an_answer(self) -> None:
        case = CaseFactory(bare=True)
        SurveyFactory(case=case, submitted_at=None)
        assert self.line(case).survey_on is None

    def test_date_of_the_survey_is_the_region_s(self) -> None:
        case = CaseFactory(status=Status.SCHOOL_REVIEW, bare=True)
        SurveyFactory(case=case, submitted_at=datetime(2026, 3, 1, 20, 0, tzinfo=UTC))
        assert str(self.line(case).survey_on) == "2026-03-02"

    def test_the_checklist_of_rma_counts_whole(self) -> None:
        case = CaseFactory(status=Status.FOLLOW_UP, bare=True, rma_member=MemberFactory())
        ChecklistFactory(case=case, practice="full")
        ChecklistFactory(
            case=case, assessor_kind="rma", is_significant=False, other_topic_found=True, other_topic="ИКТ"
        )
        start_follow_up(case)
        line = self.line(case)
        assert (line.is_significant, line.practice, line.other_topic) == (False, "", "ИКТ")
        assert (line.variant, line.completeness, line.has_disagreement, line.result) == (2, "", True, "2")
        assert (line.is_rma_involved, line.rma_member) == (True, case.rma_member)

    def test_one_opinion_neither_agrees_nor_differs(self) -> None:
        assert self.line(CaseFactory(status=Status.CLOSED)).has_disagreement is None
        case = CaseFactory(status=Status.FOLLOW_UP, bare=True, rma_member=MemberFactory())
        ChecklistFactory(case=case)
        ChecklistFactory(case=case, assessor_kind="rma")
        start_follow_up(case)
        assert self.line(case).has_disagreement is False

    def test_member_who_was_only_asked_is_not_engaged(self) -> None:
        assert self.line(CaseFactory(status=Status.RMA_REQUESTED)).is_rma_involved is False

    @pytest.mark.parametrize(
        ("status", "result"),
        [
            (Status.SCHEDULED, "pending"),
            (Status.SURVEY_OPEN, "pending"),
            (Status.SCHOOL_REVIEW, "pending"),
            (Status.FOLLOW_UP, "3"),
            (Status.CLOSED, "3"),
            (Status.NO_RESPONSE, "no_response"),
            (Status.STOPPED, "stopped"),
        ],
    )
    def test_where_a_case_is_counted(self, status: str, result: str) -> None:
        assert self.line(CaseFactory(status=status)).result == result

    def test_closed_without_a_variant_is_not_assessed(self) -> None:
        assert self.line(CaseFactory(status=Status.CLOSED, bare=True)).result == "not_assessed"

    def test_reopened_case_has_no_result_yet(self) -> None:
        case = CaseFactory(status=Status.CLOSED)
        Case.objects.filter(pk=case.pk).update(version=2, status=Status.SCHOOL_REVIEW)
        touch(case)
        line = self.line(case)
        assert (line.result, line.variant, line.is_significant, line.experience) == ("pending", None, None, "")
        assert line.survey_on == today()  # the teacher's answer still stands

    def test_stopped_counts_as_stopped_whatever_was_found(self) -> None:
        case = CaseFactory(status=Status.CLOSED)
        Case.objects.filter(pk=case.pk).update(status=Status.STOPPED, stop_reason="left")
        touch(case)
        assert self.line(case).result == "stopped"

    def test_follow_up_is_read_from_the_tasks(self) -> None:
        case = CaseFactory(status=Status.FOLLOW_UP, bare=True)
        ChecklistFactory(case=case, is_significant=False)
        start_follow_up(case)
        variant = Outcome.objects.get(case=case).variant
        talk, interests = steps_of(case)
        both = (
            "Диагностика затруднений, работа с их причинами — {}; "
            "Система работы на основе интересов / потребностей педагога — {}"
        )
        assert follow_up_of({case.pk: variant}) == {case.pk: both.format("в работе", "в работе")}
        # Ticked off in the list of tasks, where nobody knows of cases or registries.
        assert complete_task(talk, case.responsible, "поговорили")
        assert follow_up_of({case.pk: variant}) == {case.pk: both.format("выполнено", "в работе")}
        assert interests.status == "open"
