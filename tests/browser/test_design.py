"""The designer under one's hands: saved as typed, without a connection nothing is lost, lines move by keys."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from iom.models import Route, RouteItem
from tests.browser.conftest import DESKTOP
from tests.browser.visitor import Visitor
from tests.factories import RouteFactory, RouteItemFactory


@pytest.fixture
def route(db: None) -> Route:
    return RouteFactory(person__email="teacher@example.org")


@pytest.fixture
def visitor(new_context: Callable[..., BrowserContext], route: Route) -> Visitor:
    one = Visitor(new_context(DESKTOP), "педагог")
    one.logs_in(route.person.email)  # type: ignore[arg-type]
    return one


def test_typed_offline_is_saved_when_the_connection_is_back(visitor: Visitor, route: Route) -> None:
    item = RouteItemFactory(route=route)
    page = visitor.page
    visitor.opens(f"/iom/{route.pk}/design/#item-{item.pk}")
    line = page.locator(f"#item-{item.pk}")
    page.context.set_offline(True)
    line.get_by_label("Мероприятие").fill("Стажировка в школе № 5")
    expect(line.locator("[data-saved]").first).to_contain_text("Нет связи")
    page.context.set_offline(False)

    expect(line.locator("[data-saved]").first).to_contain_text("Сохранено в")
    assert RouteItem.objects.get().activity == "Стажировка в школе № 5"


def test_two_people_compare_and_choose(visitor: Visitor, route: Route) -> None:
    item = RouteItemFactory(route=route)
    page = visitor.page
    visitor.opens(f"/iom/{route.pk}/design/#item-{item.pk}")
    RouteItem.objects.filter(pk=item.pk).update(activity="Чужое", revision=2)
    line = page.locator(f"#item-{item.pk}")
    line.get_by_label("Мероприятие").fill("Моё")

    expect(line.get_by_role("alert")).to_contain_text("Чужое")
    line.get_by_role("button", name="Записать моё").click()
    expect(line.locator("[data-saved]").first).to_contain_text("Сохранено в")
    assert RouteItem.objects.get().activity == "Моё"


def test_line_is_moved_by_keys(visitor: Visitor, route: Route) -> None:
    first, second = RouteItemFactory(route=route, place=1), RouteItemFactory(route=route, place=2)
    page = visitor.page
    visitor.opens(f"/iom/{route.pk}/design/")
    page.locator(f"#item-{second.pk} summary").first.focus()
    with page.expect_response(lambda answer: "/place/" in answer.url):
        page.keyboard.press("Alt+ArrowUp")

    assert list(route.items.all()) == [second, first]
