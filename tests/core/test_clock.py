"""Working days, months and quiet periods."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from pytest_django.fixtures import DjangoAssertNumQueries

from cabinet.core import clock
from cabinet.core.models import CalendarDay, QuietPeriod
from cabinet.home.reference.days import QUIET

pytestmark = pytest.mark.django_db


@pytest.fixture
def holidays() -> None:
    CalendarDay.objects.create(day=date(2026, 5, 11), title="Перенос выходного")
    CalendarDay.objects.create(day=date(2026, 5, 16), title="Рабочая суббота", is_working=True)
    clock.forget_calendar()


@pytest.fixture
def quiet() -> None:
    QuietPeriod.objects.bulk_create([QuietPeriod(**one._asdict()) for one in QUIET])
    clock.forget_calendar()


def test_working_days_pass_over_weekends() -> None:
    friday = date(2026, 3, 6)

    assert clock.add_working_days(friday, 1) == date(2026, 3, 9)
    assert clock.add_working_days(friday, 5) == date(2026, 3, 13)
    assert clock.add_working_days(friday, 0) == friday


def test_holidays_and_worked_saturdays_count(holidays: None) -> None:
    assert clock.add_working_days(date(2026, 5, 8), 1) == date(2026, 5, 12)
    assert clock.is_working_day(date(2026, 5, 16))
    assert clock.add_working_days(date(2026, 5, 15), 1) == date(2026, 5, 16)
    assert clock.next_working_day(date(2026, 5, 9)) == date(2026, 5, 12)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 10, 5), 3, date(2027, 1, 5)),
        (date(2026, 3, 31), 12, date(2027, 3, 31)),
    ],
)
def test_months_end_where_the_month_does(start: date, months: int, end: date) -> None:
    assert clock.add_months(start, months) == end


@pytest.mark.parametrize(
    ("day", "is_quiet"),
    [
        (date(2026, 5, 14), False),
        (date(2026, 5, 15), True),
        (date(2026, 9, 15), True),
        (date(2026, 9, 16), False),
        (date(2026, 12, 24), False),
        (date(2026, 12, 31), True),
        (date(2027, 1, 12), True),
        (date(2027, 1, 13), False),
    ],
)
def test_quiet_periods_include_both_ends_and_span_the_new_year(quiet: None, day: date, is_quiet: bool) -> None:
    assert clock.is_quiet(day) == is_quiet


def test_after_quiet_comes_a_working_day(quiet: None) -> None:
    for start, end in (
        (date(2026, 6, 1), date(2026, 9, 16)),
        (date(2026, 12, 26), date(2027, 1, 13)),
        (date(2026, 10, 3), date(2026, 10, 5)),
        (date(2026, 10, 5), date(2026, 10, 5)),
    ):
        assert clock.after_quiet(start).on == end


def test_moved_day_says_why(quiet: None, holidays: None) -> None:
    why = "с 15.05 по 15.09 карты не открываются → 16.09.2026"
    assert clock.after_quiet(date(2026, 6, 12)).why == why
    assert clock.after_quiet(date(2026, 5, 9)).why == "09.05.2026 — нерабочий день → 12.05.2026"
    assert clock.after_quiet(date(2026, 10, 5)).why == ""


def test_period_of_one_year_does_not_come_again() -> None:
    QuietPeriod.objects.create(title="Карантин", starts_on=date(2027, 2, 1), ends_on=date(2027, 2, 12), is_yearly=False)
    assert clock.after_quiet(date(2027, 2, 3)).on == date(2027, 2, 15)
    assert clock.after_quiet(date(2028, 2, 3)).on == date(2028, 2, 3)


def test_year_without_an_open_day_ends_nowhere_but_ends() -> None:
    for start, end in ((date(2026, 1, 1), date(2026, 6, 30)), (date(2026, 7, 1), date(2026, 12, 31))):
        QuietPeriod.objects.create(title="Всегда", starts_on=start, ends_on=end)
    assert clock.after_quiet(date(2026, 3, 2)).on > date(2026, 3, 2)


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (date(2026, 5, 15), date(2026, 5, 14), "Конец раньше начала"),
        (date(2026, 1, 1), date(2026, 12, 31), "длиннее 200 дней"),
    ],
)
def test_impossible_period_is_refused(start: date, end: date, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        QuietPeriod(title="Каникулы", starts_on=start, ends_on=end).full_clean()


def test_calendar_is_read_once(quiet: None, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(2):
        for day in range(1, 29):
            clock.after_quiet(date(2026, 6, day))


@pytest.mark.parametrize(
    ("day", "begun"),
    [
        (date(2026, 8, 31), date(2025, 9, 1)),
        (date(2026, 9, 1), date(2026, 9, 1)),
        (date(2027, 1, 1), date(2026, 9, 1)),
    ],
)
def test_school_year_begins_in_september(day: date, begun: date) -> None:
    assert clock.school_year(day) == begun
