"""The designer under one's hands: saved as typed, without a connection nothing is lost, lines move by keys."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from iom.models import Route, RouteItem
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.visitor import Visitor
from tests.factories import DeficitFactory, RouteFactory, RouteItemFactory


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


def test_lines_are_added_one_after_another_without_leaving(visitor: Visitor, route: Route) -> None:
    deficit = DeficitFactory(route=route)
    page = visitor.page
    visitor.opens(f"/iom/{route.pk}/design/")
    page.get_by_label("Новая цель").fill("Недописанная цель")
    field = page.get_by_label("Новое мероприятие")
    for words in ("Стажировка", "Семинар"):
        field.fill(words)
        field.press("Enter")
        expect(field).to_have_value("")
        expect(field).to_be_focused()

    assert [one.activity for one in route.items.all()] == ["Стажировка", "Семинар"]
    expect(page.locator(".design-item")).to_have_count(2)
    expect(page.get_by_label("Новая цель")).to_have_value("Недописанная цель")
    line = page.locator(".design-item").first  # a line that has just come saves itself too
    line.locator("summary").first.click()
    line.get_by_label("Какой дефицит закрывает").select_option(str(deficit.pk))
    expect(line.locator("[data-saved]").first).to_contain_text("Сохранено в")
    assert visitor.complaints == []


def test_added_offline_stays_typed(visitor: Visitor, route: Route) -> None:
    page = visitor.page
    visitor.opens(f"/iom/{route.pk}/design/")
    page.context.set_offline(True)
    field = page.get_by_label("Новый дефицит")
    field.fill("Обратная связь")
    field.press("Enter")
    expect(page.locator("[data-told]")).to_contain_text("Нет связи")
    expect(field).to_have_value("Обратная связь")
    page.context.set_offline(False)
    field.press("Enter")
    expect(field).to_have_value("")

    assert [one.text for one in route.deficits.all()] == ["Обратная связь"]


def test_line_taken_away_is_brought_back_by_keys(visitor: Visitor, route: Route) -> None:
    item = RouteItemFactory(route=route)
    kept = RouteItemFactory(route=route)
    page = visitor.page
    visitor.opens(f"/iom/{route.pk}/design/#item-{kept.pk}")
    page.locator(f"#item-{kept.pk}").get_by_label("Ожидаемый продукт").fill("Дневник")
    page.locator(f"#item-{item.pk}").get_by_title("Убрать").press("Enter")
    back = page.get_by_role("button", name="Вернуть")
    expect(back).to_be_focused()
    expect(page.locator(f"#item-{item.pk}")).to_have_count(0)
    back.press("Enter")
    expect(page.locator(f"#item-{item.pk}")).to_be_visible()

    assert [(one.pk, one.product) for one in route.items.all()] == [(item.pk, item.product), (kept.pk, "Дневник")]
    assert visitor.complaints == []


def test_what_cannot_be_saved_stays_while_other_lines_change(visitor: Visitor, route: Route) -> None:
    item = RouteItemFactory(route=route)
    page = visitor.page
    visitor.opens(f"/iom/{route.pk}/design/#item-{item.pk}")
    line = page.locator(f"#item-{item.pk}")
    with visitor.expecting(422):
        line.get_by_label("Мероприятие").fill("")
        line.get_by_label("Ожидаемый продукт").fill("Мой продукт")
        expect(line).to_contain_text("Назовите мероприятие")
        page.get_by_label("Новое мероприятие").fill("Семинар")
        page.get_by_label("Новое мероприятие").press("Enter")
        expect(page.locator(".design-item")).to_have_count(2)

    expect(line.get_by_label("Ожидаемый продукт")).to_have_value("Мой продукт")
    expect(line).to_contain_text("Назовите мероприятие")


def test_twelve_items_on_a_phone(new_context: Callable[..., BrowserContext], route: Route) -> None:
    """What is ready and the next step come first, items are folded, nothing stands out of the screen."""
    for _ in range(12):
        RouteItemFactory(route=route, activity="Разработать и провести урок с заданием на применение знания")
    visitor = Visitor(new_context(PHONE), "педагог")
    visitor.logs_in(route.person.email)  # type: ignore[arg-type]
    visitor.opens(f"/iom/{route.pk}/design/")
    page = visitor.page

    visitor.fits_a_phone()
    expect(page.get_by_text("Готовность 7 из 10")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollHeight") < 9 * 740
    page.get_by_role("link", name="Назовите дефицит").click()
    expect(page.get_by_label("Новый дефицит")).to_be_focused()


def test_route_is_built_without_scripts(new_context: Callable[..., BrowserContext], route: Route) -> None:
    visitor = Visitor(new_context(PHONE, java_script_enabled=False), "педагог")
    visitor.logs_in(route.person.email)  # type: ignore[arg-type]
    visitor.opens(f"/iom/{route.pk}/design/")
    page = visitor.page
    for label, words in (("Новый дефицит", "Оценивание"), ("Новое мероприятие", "Стажировка")):
        visitor.fills(label, words)
        page.locator("form", has=page.get_by_label(label, exact=True)).get_by_role("button", name="Добавить").click()
    line = page.locator(".design-item")
    line.locator("summary").first.click()
    line.get_by_label("Ожидаемый продукт").fill("Дневник")
    line.get_by_role("button", name="Сохранить").click()
    visitor.should_read("Сохранено")
    page.get_by_title("Убрать").first.click()
    page.get_by_role("button", name="Вернуть").click()

    assert [one.text for one in route.deficits.all()] == ["Оценивание"]
    assert route.items.get().product == "Дневник"
