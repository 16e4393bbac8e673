"""Days that differ from their weekday, 2025–2027, and the periods in which no case opens. All of it is editable:
the government moves days off each year.

2025 and 2026 are whole: holidays of article 112 of the Labour Code, days off moved by that article and by the
government's yearly decree. For 2027 only what the article itself fixes stands here; the decree adds to it.
"""

from datetime import date
from typing import NamedTuple


class Day(NamedTuple):
    day: date
    title: str
    is_working: bool = False


HOLIDAYS = (
    *((1, day, "Новогодние каникулы") for day in (1, 2, 3, 4, 5, 6, 8)),
    (1, 7, "Рождество Христово"),
    (2, 23, "День защитника Отечества"),
    (3, 8, "Международный женский день"),
    (5, 1, "Праздник Весны и Труда"),
    (5, 9, "День Победы"),
    (6, 12, "День России"),
    (11, 4, "День народного единства"),
)

YEARS = (2025, 2026, 2027)

MOVED = (
    Day(date(2025, 5, 2), "Выходной, перенесён с 4 января"),
    Day(date(2025, 5, 8), "Выходной, перенесён с 23 февраля"),
    Day(date(2025, 6, 13), "Выходной, перенесён с 8 марта"),
    Day(date(2025, 11, 1), "Рабочая суббота, выходной перенесён на 3 ноября", is_working=True),
    Day(date(2025, 11, 3), "Выходной, перенесён с 1 ноября"),
    Day(date(2025, 12, 31), "Выходной, перенесён с 5 января"),
    Day(date(2026, 1, 9), "Выходной, перенесён с 3 января"),
    Day(date(2026, 3, 9), "Выходной, перенесён с 8 марта"),
    Day(date(2026, 5, 11), "Выходной, перенесён с 9 мая"),
    Day(date(2026, 12, 31), "Выходной, перенесён с 4 января"),
    Day(date(2027, 5, 3), "Выходной, перенесён с 1 мая"),
    Day(date(2027, 5, 10), "Выходной, перенесён с 9 мая"),
    Day(date(2027, 6, 14), "Выходной, перенесён с 12 июня"),
)


class Quiet(NamedTuple):
    """Repeats every year by day and month."""

    title: str
    starts_on: date
    ends_on: date


QUIET = (
    Quiet("Конец учебного года и лето", date(2026, 5, 15), date(2026, 9, 15)),
    Quiet("Новый год", date(2026, 12, 25), date(2027, 1, 12)),
)


def special_days(year: int) -> list[Day]:
    """Holidays that fall on Monday–Friday and moved days of the year; a Saturday off needs no row."""
    holidays = [Day(date(year, month, day), title) for month, day, title in HOLIDAYS]
    return [one for one in holidays if one.day.weekday() < 5] + [one for one in MOVED if one.day.year == year]
