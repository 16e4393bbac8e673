"""Whom of a course to follow: the rule, the column of the list, and steadiness from list to list."""

from datetime import date

import pytest

from cabinet.courses.importing.fields import Field
from cabinet.courses.importing.rows import ParsedRow
from cabinet.courses.importing.values import yes_or_no
from cabinet.courses.importing.words import meaning
from cabinet.courses.models import Course
from cabinet.courses.services.selection import Rule, Selector
from tests.factories import CompletionFactory, CourseFactory, OrganizationFactory

Mode = Course.Selection
pytestmark = pytest.mark.django_db


def chosen(
    rule: Rule, rows: list[tuple[int, bool | None]], course: int = -1, marked: frozenset[int] | None = None
) -> list[int]:
    """Row numbers taken; `rows` are (organization, tick) in the order of the list, numbered from 1."""
    selector = Selector(marked)
    selector.load([course] if course > 0 else [])
    parsed = [ParsedRow(number=number, track=track) for number, (_place, track) in enumerate(rows, 1)]
    return [
        row.number
        for row, (place, _track) in zip(parsed, rows, strict=True)
        if selector.decide(rule, course, place, row)[0]
    ]


def test_all_are_followed_by_default() -> None:
    assert chosen(Rule(), [(1, None), (1, False), (2, None)]) == [1, 2, 3]


def test_every_third_begins_with_the_first() -> None:
    assert chosen(Rule(Mode.EVERY, 3), [(1, None)] * 7) == [1, 4, 7]


def test_cap_is_of_one_organization() -> None:
    assert chosen(Rule(cap=1), [(1, None), (1, None), (2, None)]) == [1, 3]


def test_those_marked_in_the_list() -> None:
    rows = [(1, True), (1, None), (1, False), (2, True)]
    assert chosen(Rule(Mode.LISTED), rows) == [1, 4]
    assert chosen(Rule(Mode.LISTED), rows, marked=frozenset({2})) == [2]
    assert chosen(Rule(Mode.LISTED, cap=1), rows, marked=frozenset({1, 2})) == [1]


def test_second_list_counts_on_from_the_first() -> None:
    course, place = CourseFactory(), OrganizationFactory()
    for is_selected in (True, False):
        CompletionFactory(course=course, organization=place, is_selected=is_selected)
    assert chosen(Rule(Mode.EVERY, 3), [(place.pk, None)] * 4, course.pk) == [2]
    assert chosen(Rule(cap=2), [(place.pk, None)] * 3, course.pk) == [1]


def test_reason_is_told() -> None:
    selector = Selector()
    row = ParsedRow(number=5)
    assert selector.decide(Rule(Mode.EVERY, 2), -1, 1, row)[1] == "1-й в курсе, выбран каждый 2-й, начиная с первого"
    assert Selector().decide(Rule(Mode.LISTED), -1, 1, row) == (False, "не отмечен в списке")


@pytest.mark.parametrize("words", ["Отслеживать", "Отслеживание (да/нет)", "В МОТОР", "Участие в МОТОРе", "Выборка"])
def test_column_is_recognised(words: str) -> None:
    assert meaning(words)[0] == Field.TRACK


def test_role_in_motor_is_still_a_role() -> None:
    assert meaning("Роль в МОТОР")[0] == Field.ROLE


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("Да", True),
        (" + ", True),
        (1, True),
        ("нет", False),
        ("—", False),
        (0, False),
        (None, None),
        ("может быть", None),
    ],
)
def test_ticks_as_people_put_them(cell: str | int | None, value: bool | None) -> None:
    assert yes_or_no(cell) is value


def test_tracked_honours_flags_and_ticks() -> None:
    both = CompletionFactory()
    CompletionFactory(is_selected=False)
    CompletionFactory(course__is_tracked=False)
    CompletionFactory(course__programme__is_tracked=False)
    assert list(type(both).objects.tracked()) == [both]


def test_rule_in_words() -> None:
    assert Rule(Mode.EVERY, 3, 2).words == "каждого 3-го, не больше 2 из организации"
    assert Rule().words == "всех слушателей"
    course = CourseFactory(ends_on=date(2026, 3, 2), **Rule(Mode.EVERY, 3, 2).fields())
    assert (course.selection, course.selection_step, course.selection_cap) == ("every", 3, 2)
