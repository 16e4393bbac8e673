"""What routes and assignments ask of a person on the first page."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from cabinet.core.clock import add_working_days, today
from cabinet.users.models import Role, User
from iom.models import Route, Status
from iom.services.desk import owed
from tests.factories import AssignmentFactory, RouteFactory, RouteItemFactory, person_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def route() -> Route:
    return RouteFactory(status=Status.ACTIVE)


@pytest.fixture
def methodist(route: Route) -> User:
    return person_with(Role.METHODIST, route.organization)


def lines(user: User) -> list[tuple[str, int, date | None]]:
    return sorted((one.code, one.pk, one.limit) for one in owed(user))


def test_teacher_is_asked_for_near_items_and_answers(route: Route) -> None:
    soon, far = today() + timedelta(days=5), today() + timedelta(days=90)
    for due_on in (soon, far):
        RouteItemFactory(route=route, due_on=due_on)
    assignment = AssignmentFactory(route=route, due_on=far)

    assert lines(route.person) == [("answer", assignment.pk, far), ("item", route.pk, soon)]


def test_items_are_asked_for_while_the_next_version_is_made(route: Route) -> None:
    item = RouteItemFactory(route=route, due_on=today())
    Route.objects.update(status=Status.REVISION)

    assert lines(route.person) == [("item", route.pk, item.due_on), ("route", route.pk, None)]

    Route.objects.update(agreed_version=None)  # never agreed: there is nothing to carry out yet
    assert lines(route.person) == [("route", route.pk, None)]


def test_checker_has_working_days_from_the_day_it_came(route: Route, methodist: User) -> None:
    since = timezone.now() - timedelta(days=20)
    RouteItemFactory(route=route, status="submitted", due_on=today() + timedelta(days=90), status_since=since)
    RouteItemFactory(route=route, status="submitted", due_on=today() - timedelta(days=90))
    assignment = AssignmentFactory(route=route, status="submitted", due_on=None)
    late, fresh = (add_working_days(timezone.localdate(one), 5) for one in (since, timezone.now()))

    assert lines(methodist) == [("check", assignment.pk, fresh), ("confirm", route.pk, late)]


@pytest.mark.parametrize("status", [Status.ARCHIVED, Status.COMPLETED])
def test_closed_route_asks_nothing(route: Route, methodist: User, status: str) -> None:
    for state in ("planned", "submitted"):
        RouteItemFactory(route=route, status=state, due_on=today())
        AssignmentFactory(route=route, status="given" if state == "planned" else state)
    Route.objects.update(status=status, completed_at=timezone.now())

    assert lines(route.person) == lines(methodist) == []
