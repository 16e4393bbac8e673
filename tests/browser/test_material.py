"""A material from an offer to a route: a methodist brings it, the keeper takes it, a teacher finds it and uses it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from cabinet.users.models import Role, User
from iom.models import ItemAttachment, RouteItem
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.visitor import Visitor
from tests.factories import DeficitFactory, OrganizationFactory, RouteFactory, RouteItemFactory, person_with

TITLE = "Листы самооценки для седьмого класса"


@pytest.fixture
def item(transactional_db: None) -> RouteItem:
    """Of a teacher who works where the methodist does."""
    teacher = person_with("teacher", organization=OrganizationFactory())
    route = RouteFactory(person=teacher)
    deficit = DeficitFactory(route=route, text="Ученики не видят, чему научились")
    return RouteItemFactory(route=route, activity="Провести урок с самооценкой", deficit=deficit)


def test_material_goes_from_an_offer_to_a_route(new_context: Callable[..., BrowserContext], item: RouteItem) -> None:
    def visitor_of(person: User, name: str, size: dict[str, int] = DESKTOP) -> Visitor:
        one = Visitor(new_context(size), name)
        one.logs_in(person.email)  # type: ignore[arg-type]
        return one

    methodist = visitor_of(person_with(Role.METHODIST, item.route.organization), "методист")
    _offer(methodist)
    keeper = visitor_of(person_with(Role.ADMIN), "хранитель")
    _take(keeper)
    teacher = visitor_of(item.route.person, "педагог", PHONE)
    _find_and_use(teacher, item)

    extra = ItemAttachment.objects.get()
    assert (extra.item, extra.material and extra.material.title) == (item, TITLE)
    teacher.opens(item.route.get_absolute_url())
    teacher.presses(TITLE)
    teacher.should_read("в 1 маршруте", item.route.title)
    methodist.opens("/library/own/")
    methodist.should_read(TITLE, "в 1 маршруте")
    assert methodist.complaints + keeper.complaints + teacher.complaints == []


def _offer(methodist: Visitor) -> None:
    methodist.opens("/library/")
    methodist.presses("Предложить материал")
    page = methodist.page
    page.locator("[name=title]").fill(TITLE)
    page.locator("[name=summary]").fill("Три листа: до изучения темы, в середине и перед проверочной.")
    page.locator("[name=form][value=text]").check()
    page.locator("[name=body]").fill("Отметьте: уверенно, с подсказкой, пока нет.")
    page.locator("[name=licence][value=cabinet]").check()
    methodist.presses("Сохранить и посмотреть")
    methodist.presses("Предложить")
    page.locator("[name=right]").check()
    methodist.presses("Предложить")
    methodist.should_read("Материал предложен", "Ждёт решения хранителя")


def _take(keeper: Visitor) -> None:
    keeper.opens("/library/queue/")
    keeper.page.get_by_role("link", name=TITLE).click()
    keeper.presses("Принять")
    expect(keeper.page.locator("main")).not_to_contain_text("Ваше решение")


def _find_and_use(teacher: Visitor, item: RouteItem) -> None:
    """By other forms of the words than those it is written with."""
    teacher.opens("/library/")
    teacher.page.locator("#id_q").fill("самооценкой листами")
    teacher.presses("Найти")
    teacher.should_read(TITLE)
    teacher.fits_a_phone()
    teacher.presses(TITLE)
    teacher.presses("Добавить в ИОМ")
    teacher.should_read(item.activity, "Ученики не видят, чему научились")
    teacher.fits_a_phone()
    teacher.page.get_by_role("button", name="Приложить").first.click()
    teacher.should_read("Добавлено в ИОМ", TITLE)
    teacher.fits_a_phone()
