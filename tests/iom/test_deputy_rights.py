"""Who stands in for a methodist may do his work on routes: before, during and after the leave; nobody his own."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.core.clock import today
from cabinet.mail.models import Letter
from cabinet.structure.models import Organization
from cabinet.users.models import Role, Substitution, User
from iom.models import Assignment, Route, Status, Step
from iom.services.agreeing import agree, pass_on_waiting, submit
from iom.services.carrying import helpers_of
from iom.services.desk import owed
from iom.services.steps import stages_of
from tests.factories import (
    AssignmentFactory,
    MembershipFactory,
    OrganizationFactory,
    RouteFactory,
    RouteItemFactory,
    SubjectFactory,
    UserFactory,
    person_with,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def school() -> Organization:
    return OrganizationFactory()


@pytest.fixture
def methodist(school: Organization) -> User:
    return person_with(Role.METHODIST, school)


@pytest.fixture
def specialist(school: Organization) -> User:
    return person_with(Role.MUNICIPAL, school.municipality)


@pytest.fixture
def route(school: Organization) -> Route:
    route = RouteFactory(person=UserFactory(organization=school))
    RouteItemFactory(route=route)
    return route


def leave(person: User, deputy: User, first: int = 0, last: int = 3) -> Substitution:
    return Substitution.objects.create(
        person=person, deputy=deputy, starts_on=today() + first * DAY, ends_on=today() + last * DAY
    )


def fresh(user: User) -> User:
    """As in the next request: roles are kept on the user."""
    return User.objects.get(pk=user.pk)


def in_review(school: Organization, **fields: object) -> Route:
    person = fields.pop("person", None) or UserFactory(organization=school)
    return RouteFactory(person=person, organization=school, status=Status.IN_REVIEW, step=Step.METHODIST, **fields)


@pytest.mark.parametrize(("first", "last", "may"), [(1, 3, False), (0, 3, True), (-5, 0, True), (-5, -1, False)])
def test_deputy_agrees_and_checks_within_the_period_only(
    school: Organization, methodist: User, specialist: User, first: int, last: int, may: bool
) -> None:
    waiting = in_review(school)
    sent = AssignmentFactory(route__person=UserFactory(organization=school), status="submitted")
    leave(methodist, specialist, first, last)
    deputy = fresh(specialist)
    assert list(Route.objects.approvable_by(deputy)) == [waiting] * may
    assert list(Assignment.objects.checkable_by(deputy)) == [sent] * may
    assert [(one.code, one.pk) for one in owed(deputy)] == [("agree", waiting.pk), ("check", sent.pk)] * may


def test_cancelled_leave_gives_no_rights(school: Organization, methodist: User, specialist: User) -> None:
    in_review(school)
    row = leave(methodist, specialist)
    Substitution.objects.filter(pk=row.pk).update(cancelled_at=row.created_at)
    assert list(Route.objects.approvable_by(fresh(specialist))) == []


def test_methodist_of_other_subjects_reads_and_agrees_the_colleagues_subjects(school: Organization) -> None:
    maths, physics = SubjectFactory(), SubjectFactory()
    people = []
    for subject in (maths, physics):
        person = UserFactory(organization=school)
        MembershipFactory(user=person, role=Role.METHODIST, organization=school).subjects.set([subject])
        people.append(person)
    first, second = in_review(school, subject=maths), in_review(school, subject=physics)
    assert set(Route.objects.visible_to(fresh(people[1]))) == {second}
    leave(*people)
    assert set(Route.objects.visible_to(fresh(people[1]))) == {first, second}
    assert set(Route.objects.approvable_by(fresh(people[1]))) == {first, second}
    assert set(Route.objects.approvable_by(fresh(people[0]))) == {first}


def test_nobody_agrees_his_own_and_the_deputy_not_the_one_he_stands_in_for(
    school: Organization, methodist: User, specialist: User
) -> None:
    own = in_review(school, person=specialist)
    carried = RouteFactory(person=methodist, organization=school)
    leave(methodist, specialist)
    assert list(Route.objects.approvable_by(fresh(specialist))) == []
    assert carried not in Route.objects.checkable_by(fresh(specialist))
    assert own not in Route.objects.checkable_by(fresh(specialist))


def test_stranger_named_by_hand_gets_no_rights(school: Organization, methodist: User) -> None:
    """A row alone is not enough: the deputy is somebody who may answer there."""
    stranger = person_with(Role.METHODIST, OrganizationFactory())
    in_review(school)
    leave(methodist, stranger)
    assert list(Route.objects.approvable_by(fresh(stranger))) == []
    assert list(Route.objects.visible_to(fresh(stranger))) == []


@pytest.mark.parametrize("days", [3, 30])
def test_route_waits_for_the_deputy_and_he_agrees_it(
    route: Route, methodist: User, specialist: User, days: int
) -> None:
    leave(methodist, specialist, 0, days)
    submit(route, actor=route.person)
    route.refresh_from_db()
    assert route.step == Step.METHODIST
    assert specialist in stages_of(route)[0].people
    assert (methodist in stages_of(route)[0].people) == (days == 3)
    assert Letter.objects.filter(kind="iom.to_agree", to=specialist).count() == 1
    assert pass_on_waiting() == 0
    agree(route, actor=fresh(specialist))
    route.refresh_from_db()
    assert route.agreed_version == 1


def test_route_sent_before_a_long_leave_stays_with_the_deputy(route: Route, methodist: User, specialist: User) -> None:
    submit(route, actor=route.person)
    leave(methodist, specialist, 0, 30)
    for _ in range(2):
        assert pass_on_waiting() == 0
    route.refresh_from_db()
    assert route.step == Step.METHODIST


def test_own_route_of_the_deputy_goes_past_him(school: Organization, methodist: User, specialist: User) -> None:
    route = in_review(school, person=specialist, due_on=today() + 5 * DAY)
    leave(methodist, specialist, 0, 30)
    person_with(Role.HEAD, school)
    assert pass_on_waiting() == 1
    route.refresh_from_db()
    assert route.step == Step.HEAD


def test_what_is_handed_in_is_told_to_the_deputy(
    school: Organization, route: Route, methodist: User, specialist: User
) -> None:
    assert helpers_of(route) == [methodist]
    leave(methodist, specialist)
    assert helpers_of(route) == [specialist]
    second = person_with(Role.METHODIST, school)
    assert helpers_of(route) == [second, specialist]


def test_deputy_checks_an_answer_on_its_page(
    client: Client, school: Organization, methodist: User, specialist: User
) -> None:
    sent = AssignmentFactory(route__person=UserFactory(organization=school), status="submitted")
    sent.answers.create(text="Сделано")
    address = reverse("iom:assignment_check", args=[sent.pk])
    client.force_login(specialist)
    assert client.post(address, {"act": "accept"}).status_code == 404
    leave(methodist, specialist)
    assert client.post(address, {"act": "accept"}).status_code == 302
    sent.refresh_from_db()
    assert sent.status == "accepted"


def test_rights_cost_no_query_to_who_stands_in_for_nobody(methodist: User, django_assert_num_queries: object) -> None:
    user = fresh(methodist)
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert user.roles == {"teacher", "methodist"}
        assert user.deputized_memberships == []
