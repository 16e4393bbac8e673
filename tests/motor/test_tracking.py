"""The page on which the admin decides whom of a course to follow."""

from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from cabinet.courses.models import Completion, Course
from cabinet.users.models import LogEntry, Role, User
from motor.models import Case
from motor.services import schedule_cases
from motor.services.opening import withdraw_untracked
from tests.factories import CaseFactory, CompletionFactory, CourseFactory, person_with

pytestmark = pytest.mark.django_db
BOTH = {"is_tracked": "yes", "programme_tracked": "yes", "mode": "all"}


@pytest.fixture
def admin() -> User:
    return person_with(Role.ADMIN)


@pytest.fixture
def site(client: Client, admin: User) -> Client:
    client.force_login(admin)
    return client


@pytest.fixture
def course() -> Course:
    return CourseFactory()


def page(course: Course, part: str = "") -> str:
    return f"/courses/{course.pk}/tracking/{part}"


def test_flags_off_take_scheduled_cases_away_and_leave_open_ones(site: Client, course: Course) -> None:
    scheduled = CaseFactory(completion__course=course, status="scheduled")
    opened = CaseFactory(completion__course=course, status="survey_open")
    assert "исчезнут (1)" in site.get(page(course)).content.decode()
    site.post(page(course), BOTH | {"is_tracked": ""} | {"programme_tracked": "yes"}, follow=True)
    course.refresh_from_db()
    assert course.is_tracked  # the box was ticked: its name was sent
    site.post(page(course), {"mode": "all", "programme_tracked": "yes"})
    course.refresh_from_db()
    assert (course.is_tracked, course.programme.is_tracked) == (False, True)
    assert list(Case.objects.all()) == [opened]
    site.post(page(course), BOTH)
    schedule_cases()
    assert Case.objects.filter(completion=scheduled.completion).count() == 1


def test_programme_concerns_its_other_courses(site: Client, course: Course) -> None:
    sister = CourseFactory(programme=course.programme, ends_on="2026-01-15")
    CaseFactory(completion__course=sister, status="scheduled")
    site.post(page(course), {"mode": "all", "is_tracked": "yes"})
    assert not Case.objects.exists()
    assert LogEntry.objects.filter(about_id=course.pk, note__startswith="Курс не отслеживается").exists()


def test_rule_for_listeners_to_come_is_kept(site: Client, course: Course) -> None:
    site.post(page(course), BOTH | {"mode": "every", "step": "4", "cap": "2"})
    course.refresh_from_db()
    assert (course.selection, course.selection_step, course.selection_cap) == ("every", 4, 2)
    response = site.post(page(course), BOTH | {"mode": "every", "step": ""})
    assert response.status_code == 422
    assert "каждого какого слушателя" in response.content.decode()


def test_ticks_of_one_page_touch_nobody_else(site: Client, course: Course, admin: User) -> None:
    one, two, elsewhere = (CompletionFactory(course=course, is_selected=flag) for flag in (True, False, True))
    foreign = CompletionFactory()
    schedule_cases()
    data: dict[str, Any] = {"shown": [one.pk, two.pk, foreign.pk], "selected": [two.pk, "²", "x"]}
    site.post(page(course, "listeners/"), data)
    chosen = dict(Completion.objects.values_list("pk", "is_selected"))
    assert chosen == {one.pk: False, two.pk: True, elsewhere.pk: True, foreign.pk: True}
    assert admin.short_name in Completion.objects.get(pk=two.pk).selection_why
    assert set(Case.objects.values_list("completion", flat=True)) == {elsewhere.pk, foreign.pk}
    assert schedule_cases() == 1
    assert "Отметки не изменились" in site.post(page(course, "listeners/"), data, follow=True).content.decode()


def test_open_case_keeps_its_tick(site: Client, course: Course) -> None:
    case = CaseFactory(completion__course=course, status="school_review")
    content = site.get(page(course)).content.decode()
    assert f"карта № {case.pk}" in content
    assert "disabled" in content
    site.post(page(course, "listeners/"), {"shown": [case.completion_id]})
    assert Completion.objects.get().is_selected
    assert withdraw_untracked() == 0


def test_page_takes_the_same_queries(
    site: Client, course: Course, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for count in (1, 5):
        while Case.objects.count() < count:
            CaseFactory(completion__course=course, status="survey_open")
        site.get(page(course))
        with django_assert_num_queries(9):
            site.get(page(course))


def test_search_by_name(site: Client, course: Course) -> None:
    one, _other = CompletionFactory(course=course), CompletionFactory(course=course)
    rows = site.get(page(course), {"q": one.person.last_name}).context["rows"]
    assert [row[0] for row in rows] == [one]


@pytest.mark.parametrize("role", [Role.CURATOR, Role.OBSERVER, "teacher"])
def test_others_get_404(client: Client, course: Course, role: str) -> None:
    client.force_login(person_with(role))
    assert client.get(page(course)).status_code == 404
    assert client.post(page(course, "listeners/")).status_code == 404


def test_course_page_says_who_is_chosen(client: Client, course: Course) -> None:
    CompletionFactory(course=course, is_selected=False, selection_why="не отмечен в списке")
    curator = person_with(Role.CURATOR)
    Course.objects.update(curator=curator)
    client.force_login(curator)
    content = client.get(f"/courses/{course.pk}/").content.decode()
    assert "не отмечен в списке" in content
    assert "/tracking/" not in content
