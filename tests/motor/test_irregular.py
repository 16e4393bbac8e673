"""The paths real cases take: each irregular move by its service, with what it leaves behind and who is told."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.mail.models import Letter
from cabinet.planner.models import Task
from cabinet.users.models import Role, User
from motor import services
from motor.models import Case, Checklist, Objection, Status, StopReason
from motor.moves import MoveRefused
from motor.services import agreement, halting, objections, returns, transfer
from motor.services.follow_up import start_follow_up, steps_of
from motor.services.survey import takes_answer
from registry.models import Entry
from registry.services import differences, sweep
from rma.models import Request
from tests.factories import (
    CaseFactory,
    ChecklistFactory,
    OrganizationFactory,
    person_with,
)

pytestmark = pytest.mark.django_db


def letters_to(person: User | None) -> list[str]:
    assert person is not None
    return list(Letter.objects.filter(to=person).order_by("pk").values_list("kind", flat=True))


def line(case: Case) -> Entry:
    sweep()
    assert list(differences()) == []
    return Entry.objects.get(case=case)


def fresh(case: Case) -> Case:
    return Case.objects.with_names().get(pk=case.pk)


def moves_of(case: Case) -> list[str]:
    return list(case.transitions.order_by("pk").values_list("move", flat=True))


class TestReturnToTeacher:
    def test_opens_the_survey_again_and_keeps_the_former_answer(self) -> None:
        case = CaseFactory(status=Status.SCHOOL_REVIEW)
        returns.return_to_teacher(case, actor=case.responsible, comment="Приложите конспект")
        case = fresh(case)
        former = case.surveys.get()
        assert case.status == Status.SURVEY_OPEN
        assert case.due_on == today() + timedelta(days=14)
        assert (former.returned_at is not None, former.return_comment) == (True, "Приложите конспект")
        assert letters_to(case.person) == ["motor.returned"]
        assert line(case).survey_on is not None

    def test_needs_a_comment(self) -> None:
        case = CaseFactory(status=Status.SCHOOL_REVIEW)
        with pytest.raises(MoveRefused, match="чего не хватает"):
            returns.return_to_teacher(case, actor=case.responsible, comment="  ")
        assert fresh(case).status == Status.SCHOOL_REVIEW

    def test_twice_returns_once(self) -> None:
        case = CaseFactory(status=Status.SCHOOL_REVIEW)
        second = fresh(case)
        returns.return_to_teacher(case, actor=case.responsible, comment="Приложите конспект")
        with pytest.raises(MoveRefused, match="уже изменилась"):
            returns.return_to_teacher(second, actor=case.responsible, comment="Ещё раз")
        assert moves_of(case).count("return") == 1
        assert case.surveys.get().return_comment == "Приложите конспект"


class TestWithoutSurvey:
    @pytest.mark.parametrize("status", [Status.SURVEY_OPEN, Status.NO_RESPONSE])
    def test_goes_to_review_and_the_checklist_says_by_word(self, status: Status) -> None:
        case = CaseFactory(status=status)
        returns.go_without_survey(case, actor=case.responsible, reason="Почты нет, поговорили")
        case = fresh(case)
        assert (case.status, case.without_survey) == (Status.SCHOOL_REVIEW, True)
        answers = services.ChecklistAnswers(is_significant=True, practice="full", other_topic_found=False)
        checklist = services.save_school_checklist(case, answers, assessor=case.responsible)
        assert checklist.from_conversation
        assert line(case).survey_on is None
        assert line(case).result == "3"

    def test_leaves_the_link_open_during_the_review(self) -> None:
        case = CaseFactory(status=Status.SURVEY_OPEN)
        assert takes_answer(case)
        returns.go_without_survey(case, actor=case.responsible, reason="Поговорили")
        assert takes_answer(fresh(case))
        assert not takes_answer(CaseFactory(status=Status.SCHOOL_REVIEW))


class TestPostpone:
    def test_stays_with_a_later_limit_that_explains_itself(self) -> None:
        case = CaseFactory(status=Status.SCHOOL_REVIEW)
        day = today() + timedelta(days=30)
        returns.postpone(case, actor=case.responsible, until=day, reason="Урок в мае")
        case = fresh(case)
        assert (case.status, case.due_on, case.postponed_until) == (Status.SCHOOL_REVIEW, day, day)
        assert "Урок в мае" in case.due_why
        assert "Урок в мае" not in Letter.objects.get(to=case.person).body

    @pytest.mark.parametrize("days", [-1, 0, 400])
    def test_refuses_the_past_and_the_far_future(self, days: int) -> None:
        case = CaseFactory(status=Status.SCHOOL_REVIEW)
        with pytest.raises(MoveRefused):
            returns.postpone(case, actor=case.responsible, until=today() + timedelta(days=days), reason="Урок")
        assert fresh(case).postponed_until is None

    def test_is_forgotten_once_the_case_goes_on(self) -> None:
        case = CaseFactory(status=Status.SCHOOL_REVIEW)
        returns.postpone(case, actor=case.responsible, until=today() + timedelta(days=30), reason="Урок")
        answers = services.ChecklistAnswers(is_significant=False, practice="", other_topic_found=False)
        services.save_school_checklist(fresh(case), answers, assessor=case.responsible)
        assert fresh(case).postponed_until is None


def test_not_assessed_closes_without_a_variant_and_is_counted_apart() -> None:
    case = CaseFactory(status=Status.SCHOOL_REVIEW)
    returns.leave_not_assessed(case, actor=case.responsible, reason="Материалов нет")
    case = fresh(case)
    assert (case.status, case.outcome) == (Status.CLOSED, None)
    assert line(case).result == "not_assessed"
    assert letters_to(case.person) == ["motor.not_assessed"]


class TestReturnToSchool:
    def test_supersedes_the_school_checklist_and_releases_the_member(self) -> None:
        case = CaseFactory(status=Status.RMA_REVIEW)
        returns.return_to_school(case, actor=case.rma_member.user, comment="Нужен конспект")
        case = fresh(case)
        assert (case.status, case.rma_member) == (Status.SCHOOL_REVIEW, None)
        assert case.checklists.get().superseded_at is not None
        assert Request.objects.of(case).get().status == Request.Status.WITHDRAWN
        assert letters_to(case.responsible) == ["motor.returned_school"]
        assert line(case).is_significant is None

    def test_the_school_fills_in_anew_and_only_that_counts(self) -> None:
        case = CaseFactory(status=Status.RMA_REVIEW)
        returns.return_to_school(case, actor=case.rma_member.user, comment="Нужен конспект")
        answers = services.ChecklistAnswers(is_significant=True, practice="partial", other_topic_found=False)
        services.save_school_checklist(fresh(case), answers, assessor=case.responsible)
        case = fresh(case)
        assert case.checklists.count() == 2
        assert (case.outcome.variant, case.outcome.completeness, case.outcome.has_disagreement) == (3, "partial", False)
        assert line(case).practice == "partial"


class TestStop:
    def test_takes_back_steps_requests_and_letters(self) -> None:
        case = CaseFactory(status=Status.FOLLOW_UP)
        start_follow_up(case)
        halting.stop_case(case, actor=case.responsible, reason=StopReason.LEFT)
        case = fresh(case)
        assert (case.status, case.stop_reason) == (Status.STOPPED, "left")
        assert {task.status for task in steps_of(case)} == {Task.Status.WAIVED}
        owed = Letter.objects.filter(finished_at=None, to=case.person)
        assert [one.kind for one in owed] == ["motor.stopped_teacher"]
        assert line(case).result == "stopped"

    def test_other_needs_words(self) -> None:
        case = CaseFactory()
        with pytest.raises(MoveRefused, match="пояснения"):
            halting.stop_case(case, actor=case.responsible, reason=StopReason.OTHER)
        with pytest.raises(MoveRefused, match="из списка"):
            halting.stop_case(case, actor=case.responsible, reason="")

    @pytest.mark.parametrize(
        ("status", "after"),
        [
            (Status.SCHEDULED, Status.SCHEDULED),
            (Status.SURVEY_OPEN, Status.SURVEY_OPEN),
            (Status.SCHOOL_REVIEW, Status.SCHOOL_REVIEW),
            (Status.RMA_REQUESTED, Status.RMA_REQUESTED),
            (Status.RMA_REVIEW, Status.RMA_REQUESTED),
            (Status.FOLLOW_UP, Status.FOLLOW_UP),
            (Status.NO_RESPONSE, Status.NO_RESPONSE),
        ],
    )
    def test_restored_to_where_it_stood(self, status: Status, after: Status) -> None:
        case = CaseFactory(status=status)
        admin = person_with(Role.ADMIN)
        halting.stop_case(case, actor=case.responsible, reason=StopReason.IMPORT_ERROR)
        halting.restore_case(fresh(case), actor=admin, reason="Ошиблись")
        case = fresh(case)
        assert (case.status, case.stop_reason) == (after, "")
        assert (case.due_on is None) == (after in (Status.SCHEDULED, Status.NO_RESPONSE))
        assert line(case).status == after

    def test_restored_steps_are_open_again(self) -> None:
        case = CaseFactory(status=Status.FOLLOW_UP)
        start_follow_up(case)
        before = [task.pk for task in steps_of(case) if task.is_open]
        halting.stop_case(case, actor=case.responsible, reason=StopReason.LEFT)
        halting.restore_case(fresh(case), actor=person_with(Role.ADMIN), reason="Вернулся")
        assert [task.pk for task in steps_of(case) if task.is_open] == before

    def test_nothing_moves_a_stopped_case_but_restoring(self) -> None:
        case = CaseFactory(status=Status.SCHOOL_REVIEW)
        stale = fresh(case)
        halting.stop_case(case, actor=case.responsible, reason=StopReason.LEFT)
        stopped = fresh(case)
        for act in (
            lambda: returns.return_to_teacher(stale, actor=case.responsible, comment="Дополните"),
            lambda: returns.postpone(stopped, actor=case.responsible, until=today() + timedelta(days=9), reason="Урок"),
            lambda: returns.leave_not_assessed(stopped, actor=case.responsible, reason="Нет"),
            lambda: halting.stop_case(stopped, actor=case.responsible, reason=StopReason.LEFT),
            lambda: halting.pause_case(
                stopped, actor=case.responsible, until=today() + timedelta(days=9), reason="Отпуск"
            ),
        ):
            with pytest.raises(MoveRefused):
                act()
        assert moves_of(case)[-1] == "stop"


class TestPause:
    def test_moves_the_limit_and_silences_reminders(self) -> None:
        case = CaseFactory(status=Status.SURVEY_OPEN, due_on=today() + timedelta(days=5))
        until = today() + timedelta(days=60)
        halting.pause_case(case, actor=case.responsible, until=until, reason="Длительный отпуск")
        case = fresh(case)
        assert case.due_on >= today() + timedelta(days=65)
        services.remind_waiting(today() + timedelta(days=50))
        assert "motor.remind" not in "".join(letters_to(case.person))
        assert not Case.objects.overdue().filter(pk=case.pk).exists()

    def test_ends_by_itself_once(self) -> None:
        case = CaseFactory(status=Status.SCHOOL_REVIEW)
        until = today() + timedelta(days=60)
        halting.pause_case(case, actor=case.responsible, until=until, reason="Длительный отпуск")
        assert halting.end_pauses(until - timedelta(days=1)) == 0
        assert (halting.end_pauses(until), halting.end_pauses(until)) == (1, 0)
        assert fresh(case).paused_until is None

    def test_ended_early_takes_the_rest_off_the_limit(self) -> None:
        case = CaseFactory(status=Status.SCHOOL_REVIEW)
        due = case.due_on
        halting.pause_case(case, actor=case.responsible, until=today() + timedelta(days=60), reason="Отпуск")
        halting.resume_case(fresh(case), actor=case.responsible)
        assert due <= fresh(case).due_on <= due + timedelta(days=14)

    def test_a_scheduled_case_opens_after_it(self) -> None:
        case = CaseFactory(status=Status.SCHEDULED, opens_on=today())
        until = today() + timedelta(days=40)
        halting.pause_case(case, actor=person_with(Role.ADMIN), until=until, reason="Отпуск")
        assert fresh(case).opens_on >= until
        assert services.open_due_cases(until - timedelta(days=1)) == 0

    def test_an_answer_ends_it(self) -> None:
        case = CaseFactory(status=Status.SURVEY_OPEN)
        halting.pause_case(case, actor=case.responsible, until=today() + timedelta(days=60), reason="Отпуск")
        returns.go_without_survey(fresh(case), actor=case.responsible, reason="Поговорили")
        assert fresh(case).paused_until is None


class TestTransfer:
    def test_takes_open_cases_along_and_leaves_closed_ones(self) -> None:
        case = CaseFactory(status=Status.SCHOOL_REVIEW)
        closed = CaseFactory(
            status=Status.CLOSED, completion__person=case.person, completion__organization=case.organization
        )
        there = OrganizationFactory()
        methodist = person_with(Role.METHODIST, there)
        former = case.responsible
        transfer.transfer_person(case.person, there, actor=former, comment="С 1 сентября")
        case, closed = fresh(case), fresh(closed)
        assert (case.organization, case.responsible, case.person.organization) == (there, methodist, there)
        assert closed.organization != there
        assert letters_to(methodist) == ["motor.transferred"]
        assert letters_to(former) == ["motor.transferred_away"]
        assert line(case).organization_id == there.pk

    def test_a_member_of_the_new_organization_assesses_no_longer(self) -> None:
        case = CaseFactory(status=Status.RMA_REVIEW)
        there = case.rma_member.user.organization
        transfer.transfer_person(case.person, there, actor=person_with(Role.ADMIN))
        case = fresh(case)
        assert (case.status, case.rma_member) == (Status.RMA_REQUESTED, None)
        queued, former = Request.objects.of(case).order_by("-pk")
        assert (queued.status, queued.former, former.status) == ("wanted", former, "withdrawn")
        assert queued.organization == case.organization

    def test_an_unanswered_case_has_somebody_in_the_new_place_too(self) -> None:
        case, there = CaseFactory(status=Status.NO_RESPONSE), OrganizationFactory()
        methodist = person_with(Role.METHODIST, there)
        transfer.transfer_person(case.person, there, actor=person_with(Role.ADMIN))
        assert fresh(case).responsible == methodist

    def test_a_member_who_moves_himself_assesses_no_longer_where_he_works_now(self) -> None:
        case = CaseFactory(status=Status.RMA_REVIEW)
        elsewhere = CaseFactory(status=Status.RMA_REVIEW, rma_member=case.rma_member)
        transfer.transfer_person(case.rma_member.user, case.organization, actor=person_with(Role.ADMIN))
        assert (fresh(case).status, fresh(case).rma_member) == (Status.RMA_REQUESTED, None)
        queued, former = Request.objects.of(case).order_by("-pk")
        assert (queued.status, queued.former, former.status) == ("wanted", former, "withdrawn")
        assert queued.organization == case.organization
        assert "motor.member_lost" in letters_to(case.responsible)
        assert fresh(elsewhere).status == Status.RMA_REVIEW

    def test_a_step_opened_again_comes_to_whoever_answers_now(self) -> None:
        case = CaseFactory(status=Status.FOLLOW_UP)
        start_follow_up(case)
        specialist = person_with(Role.MUNICIPAL, case.organization.municipality)
        in_pool = services.RecordAnswer(True, ["mo"], in_pool=True, theme="Квест по физике")
        services.record_result(fresh(case), in_pool, specialist=specialist)
        there = OrganizationFactory(municipality=case.organization.municipality)
        methodist = person_with(Role.METHODIST, there)
        transfer.transfer_person(case.person, there, actor=specialist)
        services.record_result(fresh(case), services.RecordAnswer(True, ["mo"]), specialist=specialist)
        assert {task.assignee for task in steps_of(fresh(case)) if task.is_open} == {methodist}

    def test_to_where_he_is_already_changes_nothing(self) -> None:
        case = CaseFactory()
        with pytest.raises(MoveRefused, match="уже числится"):
            transfer.transfer_person(case.person, case.organization, actor=case.responsible)


class TestObjection:
    def test_goes_to_the_municipal_service_in_ten_working_days(self) -> None:
        case = CaseFactory(status=Status.FOLLOW_UP)
        specialist = person_with(Role.MUNICIPAL, case.organization.municipality)
        objection = objections.object_to(case, text="Урок был показан", actor=None)
        assert today() + timedelta(days=12) <= objection.due_on
        assert list(Objection.objects.decidable_by(specialist)) == [objection]
        assert list(Objection.objects.decidable_by(case.responsible)) == []
        assert letters_to(specialist) == ["motor.objection"]

    def test_only_once_and_only_against_a_result(self) -> None:
        case = CaseFactory(status=Status.FOLLOW_UP)
        objections.object_to(case, text="Урок был показан", actor=None)
        with pytest.raises(MoveRefused, match="один раз"):
            objections.object_to(fresh(case), text="Ещё", actor=None)
        with pytest.raises(MoveRefused):
            objections.object_to(CaseFactory(status=Status.SCHOOL_REVIEW), text="Рано", actor=None)

    def test_declined_with_reasons_leaves_the_result(self) -> None:
        case = CaseFactory(status=Status.CLOSED)
        specialist = person_with(Role.MUNICIPAL, case.organization.municipality)
        objections.object_to(case, text="Не согласна", actor=None)
        objections.decline_objection(fresh(case), actor=specialist, answer="Материалов не было")
        assert fresh(case).status == Status.CLOSED
        assert fresh(case).objection.answer == "Материалов не было"
        with pytest.raises(MoveRefused, match="уже рассмотрено"):
            objections.uphold_objection(fresh(case), actor=specialist, answer="Передумали")

    def test_upheld_opens_a_new_version_with_the_former_readable(self) -> None:
        case = CaseFactory(status=Status.CLOSED)
        specialist = person_with(Role.MUNICIPAL, case.organization.municipality)
        objections.object_to(case, text="Не согласна", actor=None)
        objections.uphold_objection(fresh(case), actor=specialist, answer="Урок был")
        case = fresh(case)
        assert (case.status, case.version, case.outcome) == (Status.SCHOOL_REVIEW, 2, None)
        assert case.outcomes.get().version == 1
        assert line(case).result == "pending"
        answers = services.ChecklistAnswers(is_significant=False, practice="", other_topic_found=False)
        services.save_school_checklist(case, answers, assessor=case.responsible)
        assert line(case).result == "1"
        assert Entry.objects.filter(case=case).count() == 1


class TestAgreement:
    @staticmethod
    def disagreeing() -> tuple[Case, User, User]:
        case = CaseFactory(status=Status.RMA_REVIEW)
        school, member = case.responsible, case.rma_member.user
        answers = services.ChecklistAnswers(is_significant=True, practice="absent", other_topic_found=False)
        services.save_rma_checklist(case, answers, assessor=member)
        return fresh(case), school, member

    @staticmethod
    def conclusion() -> agreement.Conclusion:
        return agreement.Conclusion(
            is_significant=True,
            practice="absent",
            other_topic_found=True,
            other_topic="Функциональная грамотность",
            comment="Посмотрели урок вместе",
        )

    def test_changes_the_result_once_both_agree(self) -> None:
        case, school, member = self.disagreeing()
        assert (case.outcome.variant, case.outcome.has_disagreement) == (1, True)
        agreement.propose_agreement(case, self.conclusion(), actor=school)
        assert fresh(case).outcome.variant == 1
        agreement.confirm_agreement(fresh(case), actor=member)
        case = fresh(case)
        assert (case.outcome.variant, case.outcome.has_disagreement) == (2, True)
        assert case.outcome.basis.assessor_kind == Checklist.AssessorKind.AGREED
        open_steps = {task.kind.rsplit(".", 1)[1] for task in steps_of(case) if task.is_open}
        assert open_steps == {"directions", "mentor", "route"}
        assert (line(case).variant, line(case).other_topic) == (2, "Функциональная грамотность")

    def test_nobody_confirms_his_own_proposal_or_from_outside(self) -> None:
        case, school, member = self.disagreeing()
        with pytest.raises(MoveRefused, match="ещё не предложили"):
            agreement.confirm_agreement(case, actor=member)
        agreement.propose_agreement(case, self.conclusion(), actor=school)
        with pytest.raises(MoveRefused, match="другой методист"):
            agreement.confirm_agreement(fresh(case), actor=school)
        with pytest.raises(MoveRefused, match="те двое"):
            agreement.propose_agreement(fresh(case), self.conclusion(), actor=person_with(Role.ADMIN))

    def test_a_counter_proposal_takes_the_place_of_the_first(self) -> None:
        case, school, member = self.disagreeing()
        agreement.propose_agreement(case, self.conclusion(), actor=school)
        agreement.propose_agreement(fresh(case), self.conclusion(), actor=member)
        agreement.confirm_agreement(fresh(case), actor=school)
        assert case.agreements.get().proposed_by == member
        with pytest.raises(MoveRefused, match="уже принято"):
            agreement.propose_agreement(fresh(case), self.conclusion(), actor=member)


def test_a_late_checklist_of_a_reopened_case_needs_no_survey_again() -> None:
    case = CaseFactory(status=Status.CLOSED)
    objections.reopen_case(case, actor=person_with(Role.ADMIN), reason="Ошибка в чек-листе")
    case = fresh(case)
    checklist = ChecklistFactory.build(case=case, version=2)
    assert (case.version, checklist.version, case.surveys.get().version) == (2, 2, 1)
    assert case.status_since <= timezone.now()
    assert line(case).survey_on is not None
