"""Dates, names, addresses and hours as people type them."""

from datetime import date, datetime

import pytest

from cabinet.courses.importing import dates, values

MARCH_12, MARCH_16 = date(2026, 3, 12), date(2026, 3, 16)


@pytest.mark.parametrize(
    "value",
    [
        MARCH_12,
        46093,
        "46093",
        "12.03.2026",
        "12.03.26",
        "12.3.2026",
        " 12.03.2026\xa0г. ",
        "2026-03-12",
        "2026-03-12 00:00:00",
        "2026/03/12",
        "12/03/2026",
        "12-03-2026",
        "12,03,2026",
        "12 03 2026",
        "12..03.2026",
        "12 марта 2026 г.",
        "«12» марта 2026 года",
        "12 мар. 2026",
        "до 12.03.2026",
        "по 12.03.2026 включительно",
    ],
)
def test_one_day(value: object) -> None:
    assert dates.period(value) == (None, MARCH_12)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "value",
    [
        "12.03.2026-16.03.2026",
        "12.03.26-16.03.26",
        "12.03.2026 – 16.03.2026",
        "12.03.2026—16.03.2026 гг.",
        "с 12.03.2026 по 16.03.2026",
        "c 12.03.2026 по 16.03.2026",
        "с 12.03.2026г. до 16.03.2026г.",
        "12–16 марта 2026",
        "с 12 по 16 марта 2026 г.",
        "12 марта – 16 марта 2026 года",
        "с «12» марта 2026 г. по «16» марта 2026 г.",
        "12.03-16.03.2026",
        "12-16.03.2026",
        "2026-03-12 - 2026-03-16",
        "12.03.2026/16.03.2026",
        "12.03.2026 16.03.2026",
        "12.03-13.03.2026, 15.03-16.03.2026",
        "Сроки: 12.03.26—16.03.26 (включительно)",
    ],
)
def test_range(value: str) -> None:
    assert dates.period(value) == (MARCH_12, MARCH_16)


def test_range_over_the_new_year() -> None:
    assert dates.period("28 декабря – 12 января 2026") == (date(2025, 12, 28), date(2026, 1, 12))


def test_nothing_is_no_date() -> None:
    assert dates.period(None) == dates.period("  -\xa0") == (None, None)


@pytest.mark.parametrize(
    "value",
    [
        "весна",
        "31.02.2026",
        "29.02.2026",
        "12.13.2026",
        "март 2026",
        "12 марта",
        "01.01.1900",
        0,
        36,
        "12.03.20266",
        "31.02.2026 - 05.03.2026",
        "12 брюмера 2026",
        "уточняется",
    ],
)
def test_impossible_date(value: str | int) -> None:
    with pytest.raises(dates.BadDate):
        dates.period(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("24 ч.", 24),
        ("36 часов", 36),
        (36.0, 36),
        ("36,0", 36),
        ("72 (семьдесят два)", 72),
        ("16 ак. ч.", 16),
        (None, None),
        ("нет", None),
    ],
)
def test_hours(value: str | float | None, expected: int | None) -> None:
    assert values.hours(value) == expected


@pytest.mark.parametrize("value", ["много", 0, -4, 100_000, datetime(2026, 1, 1)])
def test_unusable_hours(value: str | int) -> None:
    with pytest.raises(ValueError, match="не распознаны"):
        values.hours(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("  A.B@Example.ORG ", "a.b@example.org"),
        ("a@example.org; b@example.org", "a@example.org"),
        ("ivanova @ example.org", "ivanova@example.org"),
        ("mailto:x@example.org", "x@example.org"),
        ("+7 900 000-00-00, x@example.org.", "x@example.org"),
        ("нет", ""),
        ("-", ""),
        ("адрес уточняется", ""),
        ("a@b", ""),
        ("a..b@example.org", ""),
        (None, ""),
    ],
)
def test_email(value: str | None, expected: str) -> None:
    assert values.email(value) == expected


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("Иванова Анна Петровна", None, None, None, None), ("Иванова", "Анна", "Петровна")),
        (("  ИВАНОВА\xa0 анна  петровна ", None, None, None, None), ("Иванова", "Анна", "Петровна")),
        ((None, "Иванова", "Анна", "Петровна", None), ("Иванова", "Анна", "Петровна")),
        ((None, "Иванова", None, None, "Анна Петровна"), ("Иванова", "Анна", "Петровна")),
        ((None, "Иванова Анна Петровна", None, None, None), ("Иванова", "Анна", "Петровна")),
        (("Иванова (Петрова) Анна", None, None, None, None), ("Иванова", "Анна", "")),
        (("Оглы - Заде Ирина", None, None, None, None), ("Оглы-Заде", "Ирина", "")),
        (("Алиев Ильгар Мамед оглы", None, None, None, None), ("Алиев", "Ильгар", "Мамед оглы")),
        (("Ивaнoва Анна", None, None, None, None), ("Иванова", "Анна", "")),
        (("Иванова А. П.", None, None, None, None), ("Иванова", "А.", "П.")),
    ],
)
def test_name(cells: tuple[str | None, ...], expected: tuple[str, str, str]) -> None:
    name = values.person_name(*cells)
    assert (name.surname, name.first_name, name.patronymic) == expected


@pytest.mark.parametrize("value", [None, "", "Иванова", "=cmd|'/c calc'!A1", "Группа 5", "12345", "нет"])
def test_no_name(value: str | None) -> None:
    with pytest.raises(ValueError):
        values.person_name(value, None, None, None, None)
