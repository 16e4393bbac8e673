"""Choosing at the import whom to follow: column, ticks, every n-th, cap; and what a second list does."""

from typing import Any

import pytest
from django.test import Client

from cabinet.courses.models import Completion, Course
from motor.models import Case
from motor.services import schedule_cases
from tests.factories import CompletionFactory
from tests.home.test_imports import (  # noqa: F401 - two of them are fixtures
    HEADER,
    ROW,
    accept_columns,
    admin,
    confirm,
    site,
    text_of,
    upload,
)

pytestmark = pytest.mark.django_db
NAMES = ["Андреева", "Борисова", "Волкова", "Гилёва", "Дёмина"]


def rows(names: list[str] = NAMES) -> list[list[Any]]:
    return [
        [f"{name} Анна Петровна", *ROW[1:3], f"{number}@example.org", *ROW[4:]] for number, name in enumerate(names)
    ]


def followed() -> list[str]:
    return sorted(Completion.objects.filter(is_selected=True).values_list("person__last_name", flat=True))


def test_every_second_is_shown_first_and_then_written(site: Client) -> None:  # noqa: F811
    batch = upload(site, HEADER, *rows())
    accept_columns(site, batch)
    confirm(site, batch, mode="every", step="2")
    assert batch.state == "uploaded"  # checked anew, so that the admin sees how many are chosen
    page = text_of(site, batch)
    assert "выбрано 3 из 5" in page
    assert "Всего 3 карты" in page
    confirm(site, batch, mode="every", step="2")
    assert batch.state == "done"
    assert followed() == ["Андреева", "Волкова", "Дёмина"]
    course = Course.objects.get()
    assert (course.selection, course.selection_step) == ("every", 2)
    assert schedule_cases() == 3


def test_twice_the_same_list_changes_nothing_and_the_next_counts_on(site: Client) -> None:  # noqa: F811
    for names in (NAMES, NAMES, ["Ежова", "Жукова"]):
        batch = upload(site, HEADER, *rows(names))
        accept_columns(site, batch)
        confirm(site, batch, mode="every", step="2")
        confirm(site, batch, mode="every", step="2")
    # Five were there: the sixth is passed over, the seventh is taken.
    assert followed() == ["Андреева", "Волкова", "Дёмина", "Жукова"]


def test_rule_of_a_known_course_holds_and_is_said(site: Client) -> None:  # noqa: F811
    first = upload(site, HEADER, *rows(NAMES[:1]))
    accept_columns(site, first)
    confirm(site, first, mode="all", cap="1")
    confirm(site, first, mode="all", cap="1")
    second = upload(site, HEADER, *rows(["", *NAMES[1:3]])[1:])
    accept_columns(site, second)
    page = text_of(site, second)
    assert "порядок выбран раньше" in page
    assert "всех слушателей, не больше 1 из организации" in page
    confirm(site, second)
    assert followed() == NAMES[:1]


def test_column_of_the_list_decides(site: Client) -> None:  # noqa: F811
    listed = [[*row, tick] for row, tick in zip(rows(), ["да", "нет", None, "+", "-"], strict=True)]
    batch = upload(site, [*HEADER, "Отслеживать"], *listed)
    accept_columns(site, batch)
    assert batch.result["preview"]["selection"]["rule"]["mode"] == "listed"
    confirm(site, batch)
    assert followed() == ["Андреева", "Гилёва"]
    assert Completion.objects.get(person__last_name="Борисова").selection_why == "не отмечен в списке"


def test_ticks_of_the_page_decide(site: Client) -> None:  # noqa: F811
    batch = upload(site, HEADER, *rows())
    accept_columns(site, batch)
    ticks = {"mode": "listed", "ticks": "yes", "marked": ["3", "²", "x"]}
    confirm(site, batch, **ticks)
    assert batch.state == "uploaded"
    confirm(site, batch, **ticks)
    assert followed() == ["Борисова"]


def test_later_list_does_not_override_what_people_decided(site: Client) -> None:  # noqa: F811
    batch = upload(site, HEADER, *rows())
    accept_columns(site, batch)
    confirm(site, batch)
    Completion.objects.filter(person__last_name="Волкова").update(is_selected=False, selection_why="отметка снята")
    again = upload(site, [*HEADER, "Отслеживать"], *([*row, "да"] for row in rows()))
    accept_columns(site, again)
    assert "решают на странице курса" in text_of(site, again)
    confirm(site, again)
    assert "Волкова" not in followed()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"mode": "every"}, "каждого какого слушателя"),
        ({"mode": "every", "step": "1"}, "больше либо равно 2"),
        ({"mode": "all", "cap": "много"}, "целое число"),
        ({"mode": "half"}, "Выберите корректный вариант"),
    ],
)
def test_bad_rule_is_an_error_and_nothing_is_written(site: Client, typed: dict[str, str], words: str) -> None:  # noqa: F811
    batch = upload(site, HEADER, ROW)
    accept_columns(site, batch)
    response = site.post(f"/courses/import/{batch.pk}/confirm/", typed)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Completion.objects.exists()


def test_forecast_counts_the_present_queue(site: Client) -> None:  # noqa: F811
    first = upload(site, HEADER, *rows())
    accept_columns(site, first)
    confirm(site, first)
    schedule_cases()
    assert Case.objects.count() == 5  # a whole week of the organization
    later = upload(site, HEADER, *rows(["Ежова"]))
    accept_columns(site, later)
    months = dict(later.result["preview"]["forecast"]["months"])
    assert sum(months.values()) + later.result["preview"]["forecast"]["already_due"] == 1


def test_command_line_follows_everybody() -> None:
    assert CompletionFactory().is_selected
