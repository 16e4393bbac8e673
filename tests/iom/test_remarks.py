"""Remarks beside a route: what is said of which line, and how the readiness counts."""

from datetime import date
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from iom.models import Route
from iom.services.remarks import Readiness, readiness_of
from tests.factories import DeficitFactory, GoalFactory, RouteFactory, RouteItemFactory

pytestmark = pytest.mark.django_db

MONDAY = date(2027, 3, 1)
FULL: dict[str, Any] = {"form": "nonformal", "level": "regional", "due_on": MONDAY, "product": "Конспект урока"}


@pytest.fixture
def route() -> Route:
    return RouteFactory(starts_on=date(2026, 9, 1), ends_on=date(2027, 5, 31), aim="Вовлечь каждого")


def read(route: Route, **given: Any) -> Readiness:
    return readiness_of(route, list(route.deficits.all()), list(route.goals.all()), list(route.items.all()), **given)


def full(route: Route, **fields: Any) -> Any:
    """A route nothing is to be said about, but for these fields of its item."""
    deficit = route.deficits.first() or DeficitFactory(route=route)
    if not route.goals.exists():
        GoalFactory(route=route, deficit=deficit)
    return RouteItemFactory(route=route, **({"deficit": deficit} | FULL | fields))


def test_full_route_is_ready(route: Route) -> None:
    full(route)

    ready = read(route)

    assert (ready.done, ready.total, ready.remarks) == (10, 10, [])


def test_empty_route_has_nothing_ready_but_its_header(route: Route) -> None:
    ready = read(route)

    assert (ready.done, ready.total) == (2, 10)  # the aim, and no course to take anything from
    assert {one.anchor for one in ready.remarks} == {"deficits", "goals", "items"}
    studied = read(route, has_courses=True)
    assert (studied.done, studied.remarks) == (1, ready.remarks)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"deficit": None}, "Не выбран дефицит"),
        ({"product": ""}, "Не назван продукт"),
        ({"form": ""}, "Не выбрана форма"),
        ({"due_on": None}, "Нет срока"),
        ({"due_on": date(2027, 6, 1)}, "позже окончания маршрута (31.05.2027)"),
        ({"due_on": date(2026, 8, 31)}, "раньше начала маршрута (01.09.2026)"),
        ({"due_on": date(2027, 3, 7)}, "07.03.2027 — выходной"),
    ],
)
def test_item_is_named_with_what_it_lacks(route: Route, fields: dict[str, Any], words: str) -> None:
    item = full(route, **fields)

    ready = read(route)

    assert words in " ".join(ready.on(item.line))
    assert ready.done == 9


def test_open_ended_item_needs_no_date(route: Route) -> None:
    full(route, due_on=None, is_open_ended=True)

    assert read(route).remarks == []


def test_date_in_the_holidays_is_told_with_their_name(route: Route) -> None:
    call_command("seed_reference")
    item = full(route, due_on=date(2026, 12, 28))

    assert "каникулы" in " ".join(read(route).on(item.line))


def test_goal_without_a_deficit_and_deficit_without_work(route: Route) -> None:
    full(route)
    goal, deficit = GoalFactory(route=route, deficit=None), DeficitFactory(route=route)

    ready = read(route)

    assert ready.on(goal.line) == ["Цель не связана с дефицитом."]
    assert len(ready.on(deficit.line)) == 1


def test_only_formal_forms_are_noticed(route: Route) -> None:
    full(route, form="formal")
    full(route, form="formal")

    assert ["Все мероприятия формальные" in one.text for one in read(route).remarks] == [True]


def test_who_studied_is_asked_for_something_from_the_course(route: Route) -> None:
    full(route)

    assert read(route).done == 10
    assert "с пройденного курса" in read(route, has_courses=True).remarks[0].text


def test_removed_item_is_not_spoken_of(route: Route) -> None:
    full(route)
    full(route, status="removed", removed_reason="Курс отменён", product="")

    ready = read(route)

    assert (ready.remarks, sum(one.count for one in ready.forms)) == ([], 1)


def test_what_is_done_is_not_spoken_of(route: Route) -> None:
    full(route)
    full(route, status="confirmed", confirmed_at=timezone.now(), product="", form="", deficit=None, due_on=None)

    ready = read(route)

    assert (ready.remarks, sum(one.count for one in ready.forms)) == ([], 2)


def test_remarks_of_one_line_stand_together_and_the_first_is_next(route: Route) -> None:
    item = full(route, product="", form="")
    Route.objects.update(aim="")
    route.refresh_from_db()

    lines = read(route).by_line()

    assert lines[0][0].text.startswith("Запишите цель маршрута")
    assert [(one.about, one.text) for one in lines[1]] == [
        (item.activity, "Не назван продукт."),
        (item.activity, "Не выбрана форма."),
    ]


def test_balance_counts_forms_and_levels(route: Route) -> None:
    full(route)
    full(route, form="formal", level="")

    ready = read(route)

    assert [(one.count, one.percent) for one in ready.forms] == [(1, 50), (1, 50), (0, 0)]
    assert ("не выбрано", 1) in [(one.label, one.count) for one in ready.levels]


def test_remark_stands_beside_its_line_and_in_the_list(client: Client, route: Route) -> None:
    item = full(route, product="")
    client.force_login(route.person)

    page = client.get(reverse("iom:design", args=[route.pk])).content.decode()

    assert page.count("<span>Не назван продукт.</span>") == 1
    assert f'<span data-remark="item:{item.pk}">Не назван продукт.</span>' in page
    assert f'href="#item-{item.pk}"' in page
    assert "Готовность 9 из 10" in page


def test_excluded_item_comes_back(client: Client, route: Route) -> None:
    item = full(route, status="removed", removed_reason="Курс отменён")
    client.force_login(route.person)

    client.post(reverse("iom:design_restore", args=[item.pk]))

    item.refresh_from_db()
    assert (item.status, item.removed_reason, item.revision) == ("planned", "", 2)
