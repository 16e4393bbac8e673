"""Working days, months and quiet periods."""

from datetime import date

import pytest
from django.core.cache import caches

from cabinet.core import clock
from cabinet.core.models import CalendarDay

pytestmark = pytest.mark.django_db
QUIET = [((5, 15), (9, 15)), ((12, 25), (1, 12))]


@pytest.fixture
def holidays() -> None:
    CalendarDay.objects.create(day=date(2026, 5, 11), title="Перенос выходного")
    CalendarDay.objects.create(day=date(2026, 5, 16), title="Рабочая суббота", is_working=True)
    caches["local"].clear()


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
    ("day", "quiet"),
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
def test_quiet_periods_include_both_ends_and_span_the_new_year(day: date, quiet: bool) -> None:
    assert clock.is_quiet(day, QUIET) == quiet


def test_after_quiet_comes_a_working_day() -> None:
    assert clock.after_quiet(date(2026, 6, 1), QUIET) == date(2026, 9, 16)
    assert clock.after_quiet(date(2026, 12, 26), QUIET) == date(2027, 1, 13)
    assert clock.after_quiet(date(2026, 10, 3), QUIET) == date(2026, 10, 5)
    assert clock.after_quiet(date(2026, 10, 5), QUIET) == date(2026, 10, 5)
