"""Reminders of assignments: when, to whom, never twice, never at night."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.mail.models import Letter
from cabinet.users.models import Role
from iom.models import Assignment, Route, Status
from iom.services import assigning, assigning_due
from tests.factories import AssignmentFactory, RouteFactory, UserFactory, person_with

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def every_day_is_worked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assigning_due, "is_working_day", lambda day: True)


@pytest.fixture
def route() -> Route:
    return RouteFactory(person=UserFactory(email="teacher@example.org"), status=Status.ACTIVE)


def given(route: Route, days: int, **fields: object) -> Assignment:
    """Due in so many days, given a month ago."""
    methodist = person_with(Role.METHODIST, route.organization)
    long_ago = timezone.now() - timedelta(days=30)
    due_on = today() + timedelta(days=days)
    values = {"author": methodist, "due_on": due_on, "status_since": long_ago, "title": "Карта урока"}
    return AssignmentFactory(route=route, **(values | fields))


def remind() -> dict[str, int]:
    return assigning_due.run_due(today())


@pytest.mark.parametrize(("days", "count"), [(4, 0), (3, 1), (0, 1), (-1, 1), (-7, 1), (-31, 0)])
def test_teacher_is_reminded_around_the_due_date(route: Route, days: int, count: int) -> None:
    given(route, days)

    assert remind()["assignments"] == count
    assert Letter.objects.filter(to=route.person, kind="iom.assignments_due").count() == count


def test_one_letter_tells_of_all_and_never_twice(route: Route) -> None:
    first, second = given(route, 2), given(route, -2, title="Лист самооценки")

    assert [remind()["assignments"] for _ in range(2)] == [1, 0]
    letter = Letter.objects.get(kind="iom.assignments_due")
    assert letter.subject == "Напоминание: 2\u00a0задания"
    assert all(one.get_absolute_url() in letter.body for one in (first, second))


def test_next_stage_is_reminded_of_again(route: Route) -> None:
    assignment = given(route, 3)
    remind()
    Letter.objects.update(created_at=timezone.now() - timedelta(days=4), key="earlier")
    Assignment.objects.filter(pk=assignment.pk).update(due_on=today() - timedelta(days=1))

    assert [remind()["assignments"] for _ in range(2)] == [1, 0]


def test_whoever_was_told_a_moment_ago_is_not_reminded(route: Route) -> None:
    given(route, 2, status_since=timezone.now())

    assert remind()["assignments"] == 0


@pytest.mark.parametrize("status", ["submitted", "accepted", "withdrawn"])
def test_what_does_not_wait_for_the_teacher_is_left(route: Route, status: str) -> None:
    given(route, -1, status=status)

    assert remind()["assignments"] == 0


def test_completed_route_reminds_of_nothing(route: Route) -> None:
    given(route, -1)
    Route.objects.update(status=Status.COMPLETED)

    assert remind() == {"assignments": 0, "answers": 0}


def test_checker_is_reminded_once_of_an_answer(route: Route) -> None:
    assignment = given(route, 5, status_since=timezone.now())
    assigning.answer(assignment, actor=route.person, text="Готово")
    assert remind()["answers"] == 0
    Assignment.objects.update(status_since=timezone.now() - timedelta(days=20))

    assert [remind()["answers"] for _ in range(2)] == [1, 0]
    assert Letter.objects.get(kind="iom.assignments_to_check").to == assignment.author


def test_nobody_is_written_to_at_night(route: Route, settings: LazySettings) -> None:
    given(route, -1)
    settings.MOTOR_LETTERS_FROM_HOUR = 24

    assert assigning_due.run_due() == {"assignments": 0, "answers": 0}
    settings.MOTOR_LETTERS_FROM_HOUR, settings.IOM_LETTERS_UNTIL_HOUR = 0, 24
    assert assigning_due.run_due()["assignments"] == 1
