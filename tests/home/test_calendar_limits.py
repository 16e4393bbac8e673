"""Which time limits stand on whose calendar: own work one by one, what one answers for by number."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.planner.services import due_days as tasks
from cabinet.structure.models import Organization
from cabinet.users.models import Role, User
from iom.services import due_days as routes
from iom.services.limits import to_check
from motor.models import Case, Status
from motor.services import due_days as cases
from rma.models import Activity, Request
from rma.services import due_days as requests
from rma.services.desk import agree_by
from tests.factories import (
    AssignmentFactory,
    CaseFactory,
    MemberFactory,
    OrganizationFactory,
    RequestFactory,
    RouteFactory,
    RouteItemFactory,
    TaskFactory,
    UserFactory,
    person_with,
)

pytestmark = pytest.mark.django_db
ON = timedelta(days=5)


@pytest.fixture
def school() -> Organization:
    return OrganizationFactory()


def day() -> date:
    return today() + ON


def told(module: Any, user: User, **options: Any) -> list[tuple[str, str, bool, int]]:
    """(kind, about, is own, how many) of the one day everything of a test falls on."""
    found = module.due_for(User.objects.get(pk=user.pk), day(), day(), **options)
    assert {one.day for one in found} <= {day()}
    return [(one.kind, one.about, one.is_mine, one.many) for one in found]


# --- МОТОР ------------------------------------------------------------------------------------------------------


def test_cases_of_whose_turn_it_is(school: Organization) -> None:
    teacher = person_with("teacher", organization=school)
    methodist, head = person_with(Role.METHODIST, school), person_with(Role.HEAD, school)
    stranger = person_with(Role.METHODIST, OrganizationFactory())
    case: Case = CaseFactory(
        completion__person=teacher, organization=school, responsible=methodist, status=Status.SURVEY_OPEN, due_on=day()
    )
    programme = case.completion.course.programme.title
    assert told(cases, teacher) == [("survey", programme, True, 1)]
    assert told(cases, methodist) == [("survey_open", teacher.full_name, False, 1)]
    assert told(cases, head) == [("survey_open", teacher.full_name, False, 1)]
    assert told(cases, methodist, only_mine=True) == []
    for nobody in (stranger, person_with(Role.CURATOR), person_with(Role.OBSERVER), person_with(Role.REGIONAL)):
        assert told(cases, nobody) == []
    Case.objects.filter(pk=case.pk).update(status=Status.SCHOOL_REVIEW)
    assert told(cases, teacher) == []
    assert told(cases, methodist) == [("review", teacher.full_name, True, 1)]
    assert told(cases, head) == [("school_review", teacher.full_name, False, 1)]
    Case.objects.filter(pk=case.pk).update(paused_on=today(), paused_until=day())
    assert told(cases, methodist) == told(cases, head) == []


def test_own_and_others_are_counted_apart(school: Organization) -> None:
    methodist, colleague = person_with(Role.METHODIST, school), person_with(Role.METHODIST, school)
    for who, count in ((methodist, 5), (colleague, 3)):
        for _ in range(count):
            CaseFactory(organization=school, responsible=who, status=Status.SCHOOL_REVIEW, due_on=day())
    assert sorted(told(cases, methodist)) == [("review", "", True, 5), ("school_review", "", False, 3)]
    assert told(cases, person_with(Role.HEAD, school)) == [("school_review", "", False, 8)]
    assert told(cases, person_with(Role.ADMIN)) == [("school_review", "", False, 8)]
    [own] = cases.due_for(methodist, day(), day(), only_mine=True)
    assert (own.title, own.address) == ("5\u00a0чек-листов", "/motor/?turn=review")
    assert len(told(cases, methodist, full=day(), only_mine=True)) == 5


def test_only_days_asked_for(school: Organization) -> None:
    methodist = person_with(Role.METHODIST, school)
    for shift in (-1, 0, 1):
        due = day() + timedelta(days=shift)
        CaseFactory(organization=school, responsible=methodist, status=Status.SCHOOL_REVIEW, due_on=due)
        TaskFactory(assignee=methodist, due_on=due)
    assert len(told(cases, methodist)) == len(told(tasks, methodist)) == 1


def test_what_ended_before_is_overdue(school: Organization) -> None:
    methodist = person_with(Role.METHODIST, school)
    CaseFactory(organization=school, responsible=methodist, status=Status.SCHOOL_REVIEW, due_on=today() - ON)
    CaseFactory(organization=school, responsible=methodist, status=Status.CLOSED)
    [late] = cases.due_for(methodist, today() - ON, today() + ON)
    assert (late.day, late.is_overdue) == (today() - ON, True)


# --- Tasks ------------------------------------------------------------------------------------------------------


def test_tasks_own_shared_given_and_of_the_school(school: Organization) -> None:
    methodist, colleague = person_with(Role.METHODIST, school), person_with("teacher", organization=school)
    other = UserFactory()
    TaskFactory(assignee=methodist, title="своя", due_on=day())
    shared = TaskFactory(assignee=other, title="вместе", due_on=day())
    shared.participants.set([methodist, colleague])
    TaskFactory(assignee=other, author=methodist, title="поручил", due_on=day())
    TaskFactory(assignee=other, title="чужая", due_on=day())
    TaskFactory(assignee=methodist, title="готова", due_on=day(), status="done", done_at=timezone.now())
    TaskFactory(assignee=methodist, title="без срока", due_on=None)
    found = sorted(told(tasks, methodist))
    assert found == [("task", "вместе", True, 1), ("task", "поручил", False, 1), ("task", "своя", True, 1)]
    assert told(tasks, colleague) == [("task", "вместе", True, 1)]
    assert told(tasks, person_with(Role.ADMIN)) == []  # the region's tasks are not his to watch
    head = person_with(Role.HEAD, school)
    assert told(tasks, head) == [("task", "своя", False, 1)]
    TaskFactory(assignee=colleague, organization=school, title="школы", due_on=day())
    assert told(tasks, head) == [("task", "", False, 2)]
    TaskFactory(assignee=colleague, organization=school, kind="motor.talk", due_on=day())  # stands with its case
    assert told(tasks, head) == [("task", "", False, 2)]
    assert len(told(tasks, colleague)) == 3


# --- ИОМ --------------------------------------------------------------------------------------------------------


def test_routes_items_and_assignments(school: Organization) -> None:
    teacher = person_with("teacher", organization=school)
    methodist, head = person_with(Role.METHODIST, school), person_with(Role.HEAD, school)
    mentor = person_with(Role.MENTOR, teacher)
    route = RouteFactory(person=teacher, status="active")
    RouteItemFactory(route=route, activity="Семинар", due_on=day())
    RouteItemFactory(route=route, activity="Подтверждено", due_on=day(), status="confirmed")
    RouteItemFactory(route=route, activity="В новой версии", due_on=day(), added_in=2)
    AssignmentFactory(route=route, title="Конспект", due_on=day())
    assert sorted(told(routes, teacher)) == [("answer", "Конспект", True, 1), ("item", "Семинар", True, 1)]
    of_others = [("answers", teacher.full_name, False, 1), ("items", teacher.full_name, False, 1)]
    for helper in (methodist, mentor, head):
        assert sorted(told(routes, helper)) == of_others
        assert told(routes, helper, only_mine=True) == []
    municipal = person_with(Role.MUNICIPAL, school.municipality)
    for nobody in (municipal, person_with(Role.ADMIN), person_with(Role.METHODIST, OrganizationFactory())):
        assert told(routes, nobody) == []


def test_route_to_finish_and_to_agree(school: Organization) -> None:
    teacher, methodist = person_with("teacher", organization=school), person_with(Role.METHODIST, school)
    draft = RouteFactory(person=teacher, due_on=day())
    assert told(routes, teacher) == [("route", draft.title, True, 1)]
    assert told(routes, methodist) == []
    draft.status, draft.step = "in_review", "methodist"
    draft.save()
    assert told(routes, teacher) == []
    assert told(routes, methodist) == [("agree", teacher.full_name, True, 1)]


def test_what_was_sent_is_to_be_checked_in_time(school: Organization) -> None:
    teacher, methodist = person_with("teacher", organization=school), person_with(Role.METHODIST, school)
    route = RouteFactory(person=teacher, status="active")
    RouteItemFactory(route=route, status="submitted", status_since=timezone.now())
    AssignmentFactory(route=route, status="submitted", status_since=timezone.now())
    limit = to_check(today()).on
    found = routes.due_for(methodist, limit, limit)
    assert sorted((one.kind, one.about) for one in found) == [
        ("check", teacher.full_name),
        ("confirm", teacher.full_name),
    ]
    assert routes.due_for(methodist, today(), limit - timedelta(days=1)) == []
    assert routes.due_for(teacher, limit, limit) == []


# --- РМА --------------------------------------------------------------------------------------------------------


def test_requests_and_whose_turn(school: Organization) -> None:
    member, methodist = MemberFactory(), person_with(Role.METHODIST, school)
    user = member.user
    person_roles = User.objects.get(pk=user.pk).roles
    assert "regional" in person_roles
    common = {"member": member, "author": methodist, "organization": school, "person": None, "due_on": day()}
    request = RequestFactory(kind=Request.Kind.CONSULTATION, status="sent", topic="Критерии", **common)
    assert told(requests, user) == [("rma_answer", "Критерии", True, 1)]
    assert told(requests, methodist) == [("rma_wait", "Критерии", False, 1)]
    municipal = person_with(Role.MUNICIPAL, school.municipality)
    assert told(requests, municipal) == [("rma_wait", "Критерии", False, 1)]
    assert told(requests, person_with(Role.HEAD, OrganizationFactory())) == []
    Request.objects.filter(pk=request.pk).update(status="proposed", proposed_on=day())
    assert told(requests, user) == []
    assert told(requests, methodist) == [("rma_day", "Критерии", True, 1)]
    Request.objects.filter(pk=request.pk).update(status="accepted")
    assert told(requests, user) == [("rma_do", "Критерии", True, 1)]
    Request.objects.filter(pk=request.pk).update(status="wanted", member=None, proposed_on=None)
    assert told(requests, municipal) == [("rma_name", "Критерии", True, 1)]
    assert told(requests, methodist) == [("rma_wait", "Критерии", False, 1)]
    Request.objects.filter(pk=request.pk).update(status="withdrawn")
    assert told(requests, municipal) == told(requests, methodist) == []


def test_months_of_work_wait_for_a_look() -> None:
    assert agree_by(date(2026, 11, 1)) > date(2026, 11, 30)
    assert requests.due_for(person_with("teacher"), today() - timedelta(days=60), today() + timedelta(days=60)) == []
    assert Activity.objects.count() == 0
