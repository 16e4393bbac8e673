"""The regular path of a case through its services, from a completion to the closing."""

from datetime import timedelta

import pytest

from cabinet.core.clock import today
from cabinet.mail.models import Letter
from cabinet.planner.models import Task
from cabinet.planner.services import complete_task
from cabinet.structure.models import Organization
from cabinet.users.models import User
from motor import services
from motor.models import Case, Status, Survey
from motor.moves import MoveRefused
from rma.models import Member
from tests import factories

pytestmark = pytest.mark.django_db

ANSWERS = services.SurveyAnswers(
    important="Приёмы формирующего оценивания",
    in_route=Survey.InRoute.NO,
    has_started=True,
    changes=[services.ChangeAnswer("Ввела листы самооценки")],
    evidence=[services.EvidenceAnswer("plan", link="https://example.org/plan")],
)
CHECKED = services.ChecklistAnswers(
    is_significant=True, practice="full", other_topic_found=False, studies=[services.StudyAnswer("talk")]
)
ASKS_RMA = services.ChecklistAnswers(
    is_significant=True,
    practice="absent",
    other_topic_found=False,
    rma_help="assessment",
    rma_reason="Нужен взгляд со стороны",
    studies=[services.StudyAnswer("talk")],
)


@pytest.fixture
def school() -> Organization:
    return factories.OrganizationFactory()


@pytest.fixture
def methodist(school: Organization) -> User:
    return factories.person_with("methodist", school)


@pytest.fixture
def specialist(school: Organization) -> User:
    return factories.person_with("municipal", school.municipality)


@pytest.fixture
def member() -> Member:
    return factories.MemberFactory()


@pytest.fixture
def case(school: Organization, methodist: User, specialist: User) -> Case:
    """A case opened by the sweep, as it happens on the day it falls due."""
    person = factories.UserFactory(organization=school)
    completion = factories.CompletionFactory(person=person, organization=school, course__ends_on=today())
    services.schedule_cases()
    case = Case.objects.get(completion=completion)
    services.open_due_cases(case.opens_on)
    case.refresh_from_db()
    return case


def reload(case: Case) -> Case:
    return Case.objects.with_names().get(pk=case.pk)


def test_case_opens_on_its_day_and_not_before(school: Organization, methodist: User) -> None:
    completion = factories.CompletionFactory(organization=school, person__organization=school, course__ends_on=today())
    assert services.schedule_cases() == 1
    case = Case.objects.get(completion=completion)
    assert services.open_due_cases(case.opens_on - timedelta(days=1)) == 0
    assert services.open_due_cases(case.opens_on) == 1
    assert services.open_due_cases(case.opens_on) == 0
    case.refresh_from_db()
    assert (case.status, case.responsible) == (Status.SURVEY_OPEN, methodist)
    assert case.due_on == case.opens_on + timedelta(days=14)
    assert [move.move for move in case.transitions.all()] == ["open"]


def test_scheduling_twice_makes_one_case(school: Organization) -> None:
    factories.CompletionFactory(organization=school)
    assert services.schedule_cases() == 1
    assert services.schedule_cases() == 0


def test_untracked_programme_makes_no_case(school: Organization) -> None:
    factories.CompletionFactory(organization=school, course__programme__is_tracked=False)
    assert services.schedule_cases() == 0


def test_case_due_before_its_import_waits_for_the_admin(school: Organization) -> None:
    factories.CompletionFactory(organization=school, course__ends_on=today() - timedelta(days=400))
    services.schedule_cases()
    case = Case.objects.get()
    assert case.waits_for_word
    assert services.open_due_cases(today() + timedelta(days=500)) == 0
    assert services.release_cases([case]) == 1
    assert services.open_due_cases(today() + timedelta(days=500)) == 1


def test_second_case_of_a_person_waits_for_the_first(case: Case, school: Organization) -> None:
    factories.CompletionFactory(person=case.person, organization=school, course__ends_on=today())
    services.schedule_cases()
    assert services.open_due_cases(today() + timedelta(days=500)) == 0


def test_whole_path_without_rma(case: Case, methodist: User, specialist: User) -> None:
    invitation = Letter.objects.get(kind="motor.invite", about_id=case.pk)
    assert invitation.to == case.person
    assert "{ссылка}" in invitation.body
    assert case.public_id not in invitation.body

    services.submit_survey(reload(case), ANSWERS, author=None, channel="link")
    assert reload(case).status == Status.SCHOOL_REVIEW
    assert Letter.objects.filter(kind="motor.review", to=methodist).count() == 1

    services.save_school_checklist(reload(case), CHECKED, assessor=methodist)
    case = reload(case)
    assert (case.status, case.outcome.variant, case.outcome.completeness) == (Status.FOLLOW_UP, 3, "full")
    assert "отражено полностью" in case.outcome.reason
    assert Letter.objects.filter(kind="motor.outcome_municipal", to=specialist).count() == 1

    required = [task for task in services.steps_of(case) if task.is_required]
    assert len(required) == 2
    for task in required:
        services.finish_step(reload(case), task, actor=methodist, note="Сделано")
    assert reload(case).status == Status.FOLLOW_UP  # C is not answered yet
    services.record_result(reload(case), services.RecordAnswer(True, ["mo"]), specialist=specialist)
    case = reload(case)
    assert (case.status, case.due_on) == (Status.CLOSED, None)
    assert not Task.objects.of(case).open().exists()


def test_rma_takes_part_and_his_checklist_counts(case: Case, methodist: User, member: Member) -> None:
    services.submit_survey(reload(case), ANSWERS, author=None, channel="link")
    services.save_school_checklist(reload(case), ASKS_RMA, assessor=methodist, member=member)
    case = reload(case)
    assert case.status == Status.RMA_REQUESTED
    request = services.open_request(case)
    assert request is not None
    assert request.member == member
    services.accept_request(case, request, actor=member.user)
    assert reload(case).status == Status.RMA_REVIEW
    services.save_rma_checklist(reload(case), CHECKED, assessor=member.user)
    case = reload(case)
    assert (case.status, case.outcome.variant, case.outcome.has_disagreement) == (Status.FOLLOW_UP, 3, True)
    request.refresh_from_db()
    assert request.status == "done"


def test_declined_request_asks_another_member(case: Case, methodist: User, member: Member) -> None:
    services.submit_survey(reload(case), ANSWERS, author=None, channel="link")
    services.save_school_checklist(reload(case), ASKS_RMA, assessor=methodist, member=member)
    case = reload(case)
    request = services.open_request(case)
    assert request is not None
    with pytest.raises(MoveRefused, match="почему не можете"):
        services.decline_request(case, request, actor=member.user, reason=" ")
    services.decline_request(case, request, actor=member.user, reason="Болею")
    assert reload(case).status == Status.RMA_REQUESTED
    other = factories.MemberFactory()
    services.name_rma(reload(case), other, actor=methodist, reason="Нужен взгляд со стороны")
    assert services.open_request(reload(case)).member == other


def test_going_on_without_rma_uses_the_schools_opinion(case: Case, methodist: User, member: Member) -> None:
    services.submit_survey(reload(case), ANSWERS, author=None, channel="link")
    services.save_school_checklist(reload(case), ASKS_RMA, assessor=methodist, member=member)
    services.go_without_rma(reload(case), actor=methodist, reason="Никого нет")
    case = reload(case)
    assert (case.status, case.without_rma, case.outcome.variant) == (Status.FOLLOW_UP, True, 1)
    assert services.open_request(case) is None


def test_nobody_found_in_ten_working_days(case: Case, methodist: User) -> None:
    services.submit_survey(reload(case), ANSWERS, author=None, channel="link")
    services.save_school_checklist(reload(case), ASKS_RMA, assessor=methodist)
    assert services.give_up_search(today() + timedelta(days=10)) == 0
    assert services.give_up_search(today() + timedelta(days=40)) == 1
    assert reload(case).without_rma


def test_nobody_assesses_himself(case: Case, methodist: User) -> None:
    services.submit_survey(reload(case), ANSWERS, author=None, channel="link")
    with pytest.raises(MoveRefused, match="собственная"):
        services.save_school_checklist(reload(case), CHECKED, assessor=case.person)
    assert reload(case).status == Status.SCHOOL_REVIEW


@pytest.mark.parametrize("role", ["methodist", "head"])
def test_case_of_the_assessor_goes_to_the_municipality(school: Organization, specialist: User, role: str) -> None:
    factories.person_with("methodist", school)
    person = factories.person_with(role, school, organization=school)
    factories.CompletionFactory(person=person, organization=school, course__ends_on=today())
    services.schedule_cases()
    services.open_due_cases(today() + timedelta(days=500))
    assert Case.objects.get().responsible == specialist


def test_case_of_the_specialist_goes_to_the_admin(school: Organization) -> None:
    admin = factories.person_with("admin")
    person = factories.person_with("municipal", school.municipality, organization=school)
    factories.CompletionFactory(person=person, organization=school, course__ends_on=today())
    services.schedule_cases()
    services.open_due_cases(today() + timedelta(days=500))
    assert Case.objects.get().responsible == admin


def test_member_of_the_same_school_is_not_asked(case: Case, methodist: User, school: Organization) -> None:
    own = factories.MemberFactory(user=factories.person_with("regional", organization=school))
    services.submit_survey(reload(case), ANSWERS, author=None, channel="link")
    with pytest.raises(MoveRefused, match="той же организации"):
        services.save_school_checklist(reload(case), ASKS_RMA, assessor=methodist, member=own)
    assert reload(case).status == Status.SCHOOL_REVIEW
    assert not case.checklists.exists()


def test_second_submit_is_refused_and_writes_nothing(case: Case) -> None:
    stale = reload(case)
    services.submit_survey(reload(case), ANSWERS, author=None, channel="link")
    with pytest.raises(MoveRefused):
        services.submit_survey(stale, ANSWERS, author=None, channel="link")
    assert (case.surveys.count(), case.evidence.count()) == (1, 1)


def test_second_checklist_is_refused(case: Case, methodist: User) -> None:
    services.submit_survey(reload(case), ANSWERS, author=None, channel="link")
    stale = reload(case)
    services.save_school_checklist(reload(case), CHECKED, assessor=methodist)
    with pytest.raises(MoveRefused):
        services.save_school_checklist(stale, CHECKED, assessor=methodist)
    assert case.checklists.count() == 1


def test_review_time_runs_from_the_event_to_visit(case: Case) -> None:
    event = today() + timedelta(days=30)
    answers = services.SurveyAnswers(
        important="x",
        in_route="no",
        has_started=True,
        changes=[services.ChangeAnswer("x")],
        evidence=[services.EvidenceAnswer("open_lesson", event_on=event)],
    )
    services.submit_survey(reload(case), answers, author=None, channel="link")
    due_on = reload(case).due_on
    assert due_on is not None
    assert due_on > event + timedelta(days=20)


def test_unanswered_survey_expires_and_a_late_one_still_moves(case: Case) -> None:
    assert case.due_on is not None
    assert services.expire_unanswered(case.due_on + timedelta(days=30)) == 0
    assert services.expire_unanswered(case.due_on + timedelta(days=31)) == 1
    assert reload(case).status == Status.NO_RESPONSE
    services.submit_survey(reload(case), ANSWERS, author=None, channel="link")
    assert reload(case).status == Status.SCHOOL_REVIEW


def test_three_reminders_and_one_for_a_missed_week(case: Case) -> None:
    opened = case.due_on - timedelta(days=14)
    assert services.remind_waiting(opened + timedelta(days=6)) == 0
    assert services.remind_waiting(opened + timedelta(days=7)) == 1
    assert services.remind_waiting(opened + timedelta(days=7)) == 0
    assert services.remind_waiting(opened + timedelta(days=20)) == 1  # days 12 and 15 in one letter
    assert services.remind_waiting(opened + timedelta(days=30)) == 0
    assert Letter.objects.filter(kind__startswith="motor.remind").count() == 2


def test_steps_ticked_in_the_task_list_close_the_case(case: Case, methodist: User, specialist: User) -> None:
    services.submit_survey(reload(case), ANSWERS, author=None, channel="link")
    services.save_school_checklist(reload(case), CHECKED, assessor=methodist)
    services.record_result(reload(case), services.RecordAnswer(False), specialist=specialist)
    for task in services.steps_of(reload(case)):
        complete_task(task, methodist, "Сделано")
    assert services.close_finished() == 1
    assert reload(case).status == Status.CLOSED


def test_case_of_a_methodist_who_left_falls_to_the_next(case: Case, methodist: User, specialist: User) -> None:
    assert reload(case).responsible == methodist
    methodist.memberships.update(ends_on=today() - timedelta(days=1))
    assert services.reassign_orphans() == 1
    assert services.reassign_orphans() == 0
    assert reload(case).responsible == specialist
    assert Letter.objects.filter(kind="motor.handed_over", to=specialist).count() == 1


def test_steps_go_over_with_the_case(case: Case, methodist: User, specialist: User) -> None:
    services.submit_survey(reload(case), ANSWERS, author=None, channel="link")
    services.save_school_checklist(reload(case), CHECKED, assessor=methodist)
    first = services.steps_of(reload(case))[0]
    services.finish_step(reload(case), first, actor=methodist, note="Сделано")
    methodist.memberships.update(ends_on=today() - timedelta(days=1))
    services.reassign_orphans()
    assignees = {task.assignee for task in services.steps_of(reload(case)) if task.status == "open"}
    assert assignees == {specialist}
    first.refresh_from_db()
    assert first.assignee == methodist


def test_every_change_raises_the_revision(case: Case, methodist: User, specialist: User) -> None:
    seen = [reload(case).revision]
    services.submit_survey(reload(case), ANSWERS, author=None, channel="link")
    seen.append(reload(case).revision)
    services.save_school_checklist(reload(case), CHECKED, assessor=methodist)
    seen.append(reload(case).revision)
    services.record_result(reload(case), services.RecordAnswer(False), specialist=specialist)
    seen.append(reload(case).revision)
    assert seen == sorted(set(seen))
