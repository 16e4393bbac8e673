"""Russian around numbers and dates."""

from datetime import date

import pytest

from cabinet.core import words

CARDS = ("карта", "карты", "карт")


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "0 карт"),
        (1, "1 карта"),
        (3, "3 карты"),
        (5, "5 карт"),
        (11, "11 карт"),
        (21, "21 карта"),
        (112, "112 карт"),
    ],
)
def test_counted(count: int, said: str) -> None:
    assert words.counted(count, *CARDS) == said.replace(" ", words.NBSP)


def test_thousands_stand_apart() -> None:
    assert words.grouped(1204567) == "1 204 567".replace(" ", words.NBSP)


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2026, 3, 10), "просрочено на 2 дня"),
        (date(2026, 3, 12), "сегодня"),
        (date(2026, 3, 13), "завтра"),
        (date(2026, 3, 17), "осталось 5 дней"),
        (date(2026, 4, 2), "остался 21 день"),
    ],
)
def test_days_until(day: date, said: str) -> None:
    assert words.days_until(day, date(2026, 3, 12)).replace(words.NBSP, " ") == said


def test_this_year_is_not_said() -> None:
    assert words.long_date(date(2026, 3, 1), 2026).replace(words.NBSP, " ") == "1 марта"
    assert words.long_date(date(2025, 3, 1), 2026).replace(words.NBSP, " ") == "1 марта 2025"
