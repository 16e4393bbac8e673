"""One letter a week to staff with things due: whose, what, in which order, once."""

from datetime import date, timedelta

import pytest
from django.core.cache import caches
from pytest_django import DjangoAssertNumQueries

from cabinet.core.clock import add_working_days, today
from cabinet.mail.models import Letter
from cabinet.users.models import Role
from motor.models import Case, Status
from motor.services.due_letters import SHOWN, due_reminders
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def day() -> date:
    """A Monday ahead: a working day, with a whole week after it."""
    start = today()
    monday = start + timedelta(days=7 - start.weekday())
    return add_working_days(monday - timedelta(days=1), 1)


def review(day: date, days: int, **fields: object) -> Case:
    return factories.CaseFactory(status=Status.SCHOOL_REVIEW, bare=True, due_on=day + timedelta(days=days), **fields)


def again(day: date) -> int:
    caches["local"].clear()
    return due_reminders(day)


def test_checklist_due_within_a_week_or_late(day: date) -> None:
    near, late, far = review(day, 7), review(day, -3), review(day, 8)
    assert due_reminders(day) == 2
    assert {letter.to for letter in Letter.objects.filter(kind="motor.due")} == {near.responsible, late.responsible}
    assert far.responsible not in {letter.to for letter in Letter.objects.all()}


def test_one_letter_the_nearest_first(day: date) -> None:
    second = review(day, 5)
    first = review(day, 1, responsible=second.responsible)
    assert due_reminders(day) == 1
    body = Letter.objects.get(kind="motor.due").body
    assert body.index(f"/motor/{first.pk}/") < body.index(f"/motor/{second.pk}/")


def test_once_a_week_whatever_comes_later(day: date) -> None:
    case = review(day, 1)
    assert (due_reminders(day), due_reminders(day), again(day)) == (1, 0, 0)
    review(day, 2, responsible=case.responsible)
    assert again(day + timedelta(days=1)) == 0
    assert again(day + timedelta(days=7)) == 1
    assert Letter.objects.filter(kind="motor.due").count() == 2


def test_only_on_working_days(day: date) -> None:
    review(day, -10)
    assert due_reminders(day - timedelta(days=1)) == 0  # Sunday
    assert due_reminders(day) == 1


def test_nothing_due_nothing_written(day: date) -> None:
    factories.CaseFactory()
    assert due_reminders(day) == 0
    assert not Letter.objects.filter(kind="motor.due").exists()


def test_paused_cases_and_people_who_left_get_nothing(day: date) -> None:
    review(day, 1, paused_on=today(), paused_until=day + timedelta(days=30))
    gone = review(day, 1).responsible
    gone.is_active = False
    gone.save()
    assert due_reminders(day) == 0


def test_requests_second_opinions_steps_and_talks(day: date) -> None:
    due_on = day + timedelta(days=2)
    asked = factories.CaseFactory(status=Status.RMA_REQUESTED, due_on=due_on)
    member = asked.rma_member.user
    reviewed = factories.CaseFactory(status=Status.RMA_REVIEW, due_on=due_on)
    case = factories.CaseFactory(status=Status.FOLLOW_UP, bare=True, due_on=due_on)
    step = {"about": case, "assignee": case.responsible, "due_on": due_on}
    factories.TaskFactory(kind="motor.v1.talk", is_required=True, title="Беседа о затруднениях", **step)
    factories.TaskFactory(kind="motor.talk", is_required=False, title="Поговорить", **step)
    factories.TaskFactory(kind="motor.v1.rma", is_required=False, title="По желанию", **step)
    assert due_reminders(day) == 3
    told = {letter.to: letter.body for letter in Letter.objects.filter(kind="motor.due")}
    assert set(told) == {member, reviewed.rma_member.user, case.responsible}
    assert "Ответить на запрос" in told[member]
    assert f"/motor/{reviewed.pk}/checklist/" in told[reviewed.rma_member.user]
    mine = told[case.responsible]
    assert "Беседа о затруднениях" in mine
    assert f"/motor/{case.pk}/link/" in mine
    assert "По желанию" not in mine


def test_task_names_its_person_once_like_a_checklist(day: date) -> None:
    case = factories.CaseFactory(status=Status.FOLLOW_UP, bare=True, due_on=day)
    title = f"Поговорить с педагогом — {case.person.short_name}"
    factories.TaskFactory(kind="motor.talk", title=title, about=case, assignee=case.responsible, due_on=day)
    assert due_reminders(day) == 1
    assert f"1. Поговорить с педагогом: {case.person.short_name} — до" in Letter.objects.get(kind="motor.due").body


def test_naming_is_the_methodists_turn_until_somebody_is_asked(day: date) -> None:
    case = factories.CaseFactory(status=Status.RMA_REQUESTED, bare=True, due_on=day)
    assert due_reminders(day) == 1
    assert "Назвать методиста РМА" in Letter.objects.get(kind="motor.due", to=case.responsible).body


def test_long_list_is_cut_and_says_so(day: date) -> None:
    methodist = factories.person_with(Role.METHODIST, factories.OrganizationFactory())
    for _ in range(SHOWN + 3):
        review(day, 1, responsible=methodist)
    assert due_reminders(day) == 1
    assert "И ещё 3" in Letter.objects.get(kind="motor.due").body


def test_reading_costs_the_same_however_many_people(
    day: date, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    review(day, 1)
    again(day)
    for week in (1, 2):
        later = day + timedelta(days=7 * week)
        people = Case.objects.count()
        caches["local"].clear()
        due_reminders(later - timedelta(days=1))  # the calendar
        # One letter each is written; what is read does not grow.
        with django_assert_num_queries(11 + people):
            assert due_reminders(later) == people
        for _ in range(4):
            review(day, 1)
