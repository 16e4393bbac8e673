"""The search of the cabinet by the keyboard alone, and on a phone without scripts."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from cabinet.users.models import Role
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.visitor import Visitor
from tests.factories import OrganizationFactory, UserFactory, person_with


def a_methodist(new_context: Callable[..., BrowserContext], size: dict[str, int], **options: object) -> Visitor:
    school = OrganizationFactory()
    for name in ("Анна", "Белла"):
        UserFactory(last_name="Королёва", first_name=name, patronymic="", organization=school)
    methodist = person_with(Role.METHODIST, school)
    visitor = Visitor(new_context(size, **options), "методист ОО")
    visitor.logs_in(str(methodist.email))
    return visitor


def test_slash_arrows_and_enter_open_a_card(new_context: Callable[..., BrowserContext]) -> None:
    visitor = a_methodist(new_context, DESKTOP)
    page, keyboard = visitor.page, visitor.page.keyboard
    field, options = page.locator("#search-field"), page.locator("#search-offered [role=option]")
    keyboard.press("/")
    expect(field).to_be_focused()
    assert field.input_value() == ""  # the key that leads here is not written into the field
    keyboard.type("королева")
    expect(options).to_have_count(3)  # two people and «everything»
    expect(field).to_have_attribute("aria-expanded", "true")
    keyboard.press("ArrowDown")
    keyboard.press("ArrowDown")
    chosen = page.locator("[aria-selected=true]")
    expect(chosen).to_have_count(1)
    expect(chosen).to_contain_text("Белла")
    assert field.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    keyboard.press("ArrowDown")
    keyboard.press("ArrowDown")
    expect(page.locator("[aria-selected=true]")).to_have_count(0)  # past the end one is in the field again
    keyboard.press("Escape")
    expect(page.locator("#search-offered")).to_be_hidden()
    expect(field).to_have_attribute("aria-expanded", "false")
    expect(field).to_have_value("королева")
    keyboard.press("ArrowDown")  # opens it again with the first
    expect(page.locator("[aria-selected=true]")).to_contain_text("Анна")
    keyboard.press("Enter")
    page.wait_for_url("**/people/*/")
    visitor.should_read("Королёва Анна")
    assert visitor.complaints == []


def test_control_k_and_enter_show_the_results(new_context: Callable[..., BrowserContext]) -> None:
    visitor = a_methodist(new_context, DESKTOP)
    page, keyboard = visitor.page, visitor.page.keyboard
    visitor.opens("/people/communities/?q=")
    page.locator("#id_q").focus()
    keyboard.press("/")  # in another field it is a letter
    expect(page.locator("#id_q")).to_have_value("/")
    keyboard.press("Control+k")
    expect(page.locator("#search-field")).to_be_focused()
    keyboard.type("rjhjktdf")  # «королева» with the keyboard left in English
    keyboard.press("Enter")
    page.wait_for_url("**/search/?q=rjhjktdf")
    visitor.should_read("клавиатура была латинской", "Королёва Анна", "Королёва Белла")
    visitor.fits_a_phone()
    assert visitor.complaints == []


def test_phone_without_scripts_has_a_plain_form(new_context: Callable[..., BrowserContext]) -> None:
    visitor = a_methodist(new_context, PHONE, java_script_enabled=False)
    page = visitor.page
    expect(page.locator("#search-field")).to_be_hidden()
    page.locator(".search-fold summary").click()
    page.locator("#search-field").fill("королева")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?**")
    visitor.should_read("Королёва Анна")
    assert visitor.complaints == []
