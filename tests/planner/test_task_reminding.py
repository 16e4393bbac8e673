"""Reminders of tasks: one letter a day about what is near or past, none when there is nothing."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.utils import timezone

from cabinet.mail.models import Letter
from cabinet.planner import services
from cabinet.planner.models import Task
from cabinet.planner.services import due, reminding
from cabinet.users.models import User
from motor.models import Status
from tests.factories import CaseFactory, TaskFactory, UserFactory

pytestmark = pytest.mark.django_db
# A week of plain working days: Monday is the 12th of April 2027.
MONDAY, FRIDAY, SATURDAY = date(2027, 4, 12), date(2027, 4, 16), date(2027, 4, 17)
DAY = timedelta(days=1)


def late_task(due_on: date, **fields: Any) -> Task:
    """Given long before the days of these tests."""
    task: Task = TaskFactory(due_on=due_on, **fields)
    Task.objects.filter(pk=task.pk).update(created_at=timezone.make_aware(datetime.combine(date(2027, 1, 1), time(9))))
    return task


@pytest.fixture
def teacher() -> User:
    user: User = UserFactory(email="t@example.org")
    return user


def test_one_letter_a_day_about_all_of_it(teacher: User) -> None:
    for number, due_on in enumerate((MONDAY, MONDAY + DAY, MONDAY + 3 * DAY, MONDAY - 4 * DAY, MONDAY + 2 * DAY)):
        late_task(due_on, assignee=teacher, title=f"Дело {number}")

    assert reminding.run_due(MONDAY) == {"tasks": 1}
    assert reminding.run_due(MONDAY) == {"tasks": 0}
    assert due.run_due(MONDAY)["tasks"] == 0

    letter = Letter.objects.get()
    assert (letter.key, letter.to) == (f"task.daily.{teacher.pk}.{MONDAY}", teacher)
    order = [letter.body.index(f"Дело {number}") for number in (3, 0, 1, 2)]
    assert order == sorted(order)
    assert "Дело 4" not in letter.body
    assert "4\u00a0задачи" in letter.subject
    assert reminding.run_due(MONDAY + DAY) == {"tasks": 1}


def test_nothing_near_means_no_letter(teacher: User) -> None:
    late_task(MONDAY + 10 * DAY, assignee=teacher)
    services.complete_task(late_task(MONDAY, assignee=teacher), teacher, "да")
    Task.objects.filter(pk=late_task(MONDAY, assignee=teacher).pk).update(due_on=None)

    assert reminding.run_due(MONDAY) == {"tasks": 0}


def test_late_ones_daily_for_a_week_then_weekly_and_not_for_ever(teacher: User) -> None:
    late_task(MONDAY, assignee=teacher)
    days = [MONDAY + number * DAY for number in range(1, 90)]

    told = [(day - MONDAY).days for day in days if reminding.run_due(day) == {"tasks": 1}]

    # Of the first week its working days; then the same weekday for two months.
    assert told == [1, 2, 3, 4, 7, 14, 21, 28, 35, 42, 49, 56]


def test_on_a_day_off_only_what_is_due_at_once(teacher: User) -> None:
    late_task(FRIDAY, assignee=teacher, title="Просроченная")
    assert reminding.run_due(SATURDAY) == {"tasks": 0}
    late_task(SATURDAY, assignee=teacher, title="Субботняя")

    assert reminding.run_due(SATURDAY) == {"tasks": 1}
    assert "Просроченная" not in Letter.objects.get().body


def test_week_that_ends_on_a_day_off_is_made_up_for(teacher: User) -> None:
    late_task(SATURDAY - 14 * DAY, assignee=teacher)

    assert reminding.run_due(SATURDAY) == {"tasks": 0}
    assert reminding.run_due(SATURDAY + 2 * DAY) == {"tasks": 1}


def test_steps_of_a_process_have_reminders_of_their_own(teacher: User) -> None:
    case = CaseFactory(status=Status.FOLLOW_UP)
    step = late_task(MONDAY, assignee=case.responsible, kind="motor.v1.talk", about=case)
    assert reminding.run_due(MONDAY) == {"tasks": 0}
    errand = services.hand_over(step, to=teacher, author=case.responsible, due_on=MONDAY)
    assert errand is not None
    late = timezone.make_aware(datetime.combine(MONDAY - DAY, time(9)))
    Task.objects.filter(pk=errand.pk).update(created_at=late)

    assert reminding.run_due(MONDAY) == {"tasks": 1}
    assert Letter.objects.get(kind="task.daily").to == teacher


def test_who_does_it_with_others_is_reminded_and_who_left_is_not(teacher: User) -> None:
    helper = UserFactory(email="h@example.org")
    gone = UserFactory(email="g@example.org", is_active=False)
    late_task(MONDAY, assignee=teacher).participants.set([helper, gone])

    assert reminding.run_due(MONDAY) == {"tasks": 2}
    assert set(Letter.objects.values_list("to", flat=True)) == {teacher.pk, helper.pk}


def test_given_the_same_day_it_has_just_been_told(teacher: User) -> None:
    task = TaskFactory(assignee=teacher, due_on=timezone.localdate())
    assert reminding.run_due(timezone.localdate()) == {"tasks": 0}
    Task.objects.filter(pk=task.pk).update(created_at=timezone.now() - 2 * DAY)

    assert reminding.run_due(timezone.localdate()) == {"tasks": 1}


def test_none_at_night(settings: Any, teacher: User) -> None:
    task = TaskFactory(assignee=teacher, due_on=timezone.localdate())
    Task.objects.filter(pk=task.pk).update(created_at=timezone.now() - 2 * DAY)
    settings.MOTOR_LETTERS_FROM_HOUR = 24
    assert reminding.run_due() == {"tasks": 0}
    settings.MOTOR_LETTERS_FROM_HOUR, settings.IOM_LETTERS_UNTIL_HOUR = 0, 24

    assert reminding.run_due() == {"tasks": 1}


def test_long_lists_are_cut(teacher: User) -> None:
    for number in range(18):
        late_task(MONDAY, assignee=teacher, title=f"Дело {number:02}.")

    reminding.run_due(MONDAY)

    body = Letter.objects.get().body
    assert "Дело 14." in body
    assert "Дело 15." not in body
    assert "И ещё 3 — в кабинете." in body


@pytest.mark.parametrize("count", [1, 40])
def test_queries_do_not_grow_with_people(count: int, django_assert_max_num_queries: Any) -> None:
    for number in range(count):
        late_task(MONDAY, assignee=UserFactory(email=f"p{number}@example.org"))

    with django_assert_max_num_queries(10):
        assert reminding.run_due(MONDAY) == {"tasks": count}
