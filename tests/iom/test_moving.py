"""A teacher who changes the organization takes the running route along."""

import pytest

from cabinet.mail.models import Letter
from cabinet.structure.models import Organization
from cabinet.users.models import Role, User
from iom.models import AgreementRule, Route, Status, Step
from iom.services.agreeing import submit
from iom.services.moving import take_along
from motor.services.transfer import transfer_person
from tests.factories import OrganizationFactory, RouteFactory, RouteItemFactory, UserFactory, person_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def new_place() -> Organization:
    return OrganizationFactory()


@pytest.fixture
def teacher() -> User:
    return UserFactory(organization=OrganizationFactory())


def test_running_route_goes_along_and_a_completed_one_stays(teacher: User, new_place: Organization) -> None:
    done, running = RouteFactory(person=teacher, status="completed"), RouteFactory(person=teacher, status="active")
    old_place, methodist = running.organization, person_with(Role.METHODIST, new_place)

    transfer_person(teacher, new_place, actor=UserFactory())

    assert list(Route.objects.checkable_by(User.objects.get(pk=methodist.pk))) == [running]
    running.refresh_from_db()
    done.refresh_from_db()
    assert (running.organization, done.organization) == (new_place, old_place)
    assert running.transitions.first().comment == f"{old_place} → {new_place}"


def test_route_in_review_is_asked_of_the_new_people(teacher: User, new_place: Organization) -> None:
    person_with(Role.METHODIST, teacher.organization)
    head = person_with(Role.HEAD, new_place)
    AgreementRule.objects.create(organization=new_place, steps="head")
    route = RouteItemFactory(route=RouteFactory(person=teacher)).route
    submit(route, actor=teacher)

    take_along(teacher, new_place, actor=UserFactory())

    route.refresh_from_db()
    assert (route.status, route.step, route.organization) == (Status.IN_REVIEW, Step.HEAD, new_place)
    assert Letter.objects.filter(kind="iom.to_agree", to=head).count() == 1


def test_where_nobody_agrees_the_route_in_review_is_agreed(teacher: User, new_place: Organization) -> None:
    person_with(Role.METHODIST, teacher.organization)
    AgreementRule.objects.create(organization=new_place, steps="none")
    route = RouteItemFactory(route=RouteFactory(person=teacher)).route
    submit(route, actor=teacher)

    take_along(teacher, new_place, actor=UserFactory())

    route.refresh_from_db()
    assert (route.status, route.agreed_version, route.due_on) == (Status.AGREED, 1, route.ends_on)
