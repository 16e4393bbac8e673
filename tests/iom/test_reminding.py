"""Reminders of assignments, items and routes: when, to whom, never twice, never at night."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.mail.models import Letter
from cabinet.users.models import Role
from iom.models import Assignment, Route, Status
from iom.services import assigning, reminding
from tests.factories import AssignmentFactory, RouteFactory, RouteItemFactory, UserFactory, person_with

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def every_day_is_worked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reminding, "is_working_day", lambda day: True)


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
    return reminding.run_due(today())


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
    Route.objects.update(status=Status.COMPLETED, completed_at=timezone.now())

    assert remind() == {"routes": 0, "assignments": 0, "answers": 0}


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

    assert reminding.run_due() == {"routes": 0, "assignments": 0, "answers": 0}
    settings.MOTOR_LETTERS_FROM_HOUR, settings.IOM_LETTERS_UNTIL_HOUR = 0, 24
    assert reminding.run_due()["assignments"] == 1


def test_giver_who_helps_no_more_is_not_reminded_but_the_methodist_is(route: Route) -> None:
    left = UserFactory(email="left@example.org")
    assignment = given(route, 5, author=left, status_since=timezone.now())
    methodist = person_with(Role.METHODIST, route.organization)
    assigning.answer(assignment, actor=route.person, text="Готово")
    Assignment.objects.update(status_since=timezone.now() - timedelta(days=20))

    remind()

    reminded = Letter.objects.filter(kind="iom.assignments_to_check").values_list("to", flat=True)
    assert left.pk not in reminded
    assert methodist.pk in reminded


def test_moved_due_date_is_reminded_of_anew(route: Route) -> None:
    assignment = given(route, -1)
    remind()
    Letter.objects.update(created_at=timezone.now() - timedelta(days=1), key="earlier")
    assigning.change(assignment, actor=assignment.author, title="Карта урока", text="", due_on=today())
    assert remind()["assignments"] == 0  # the letter of the change has just said it


@pytest.mark.parametrize(("days", "told"), [(4, 0), (3, 1), (0, 1), (-1, 1), (-40, 0)])
def test_teacher_is_reminded_of_items_around_their_date(route: Route, days: int, told: int) -> None:
    long_ago = timezone.now() - timedelta(days=30)
    item = RouteItemFactory(route=route, due_on=today() + timedelta(days=days), status_since=long_ago)
    for status in ("submitted", "confirmed", "removed"):  # what does not wait for the teacher
        RouteItemFactory(route=route, due_on=item.due_on, status=status, status_since=long_ago)

    remind()
    remind()

    letters = Letter.objects.filter(kind="iom.items_due")
    assert letters.count() == told
    for letter in letters:
        assert (letter.to, item.activity in letter.body) == (route.person, True)


@pytest.mark.parametrize(
    ("status", "turn"), [("in_review", "methodist"), ("returned", "teacher"), ("revision", "teacher")]
)
def test_who_holds_a_route_beyond_its_limit_is_told_once(status: str, turn: str) -> None:
    late = RouteFactory(
        person=UserFactory(email="teacher@example.org"), status=status, due_on=today() - timedelta(days=2)
    )
    RouteFactory(status="returned", due_on=today())
    RouteFactory(status="active", agreed_version=1, due_on=today() - timedelta(days=2))
    people = {"methodist": person_with(Role.METHODIST, late.organization), "teacher": late.person}

    assert (remind()["routes"], remind()["routes"]) == (1, 0)

    letter = Letter.objects.get(kind="iom.late")
    assert (letter.to, late.title in letter.body) == (people[turn], True)


def test_route_nobody_can_agree_any_more_goes_on_by_the_same_sweep() -> None:
    route = RouteFactory(status="in_review", step="methodist")
    head = person_with(Role.HEAD, route.organization)

    assert remind()["routes"] == 1

    route.refresh_from_db()
    assert route.step == "head"
    assert Letter.objects.get(kind="iom.to_agree").to == head
