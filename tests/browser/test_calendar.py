"""The calendar with nothing but a keyboard, and on a phone."""

from collections.abc import Callable
from datetime import date, time, timedelta

from playwright.sync_api import BrowserContext

from cabinet.core.clock import today
from cabinet.planner.models import Event
from cabinet.users.models import Role
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_keyboard import tab_to
from tests.browser.visitor import Visitor
from tests.factories import OrganizationFactory, TaskFactory, person_with
from tests.planner.events import EventFactory


def focused(visitor: Visitor) -> str:
    return str(visitor.page.evaluate("document.activeElement.dataset.day || document.activeElement.id"))


def rests_on(visitor: Visitor, day: date) -> None:
    visitor.page.wait_for_function(
        "day => document.activeElement && document.activeElement.dataset.day === day", arg=day.isoformat()
    )


def test_calendar_needs_no_mouse(new_context: Callable[..., BrowserContext]) -> None:
    user = person_with(Role.METHODIST, OrganizationFactory())
    on = date(2027, 3, 17)  # a Wednesday
    event: Event = EventFactory(on=on, title="Критерии на уроке", starts_at=time(14), leaders=[user])
    TaskFactory(assignee=user, title="Собрать темы", due_on=on)
    visitor = Visitor(new_context(DESKTOP), "методист ОО")
    visitor.logs_in(str(user.email))
    keyboard = visitor.page.keyboard
    visitor.opens("/calendar/?on=2027-03-15")
    visitor.should_read("Март 2027", "Критерии на уроке")

    # Between days by arrows; beyond the weeks that are shown the page turns.
    tab_to(visitor, "[data-day='2027-03-01']")
    keyboard.press("ArrowRight")
    keyboard.press("ArrowRight")
    assert focused(visitor) == "2027-03-03"
    keyboard.press("ArrowDown")
    keyboard.press("ArrowDown")
    assert focused(visitor) == on.isoformat()
    keyboard.press("Home")
    assert focused(visitor) == "2027-03-15"
    keyboard.press("End")
    assert focused(visitor) == "2027-03-21"
    keyboard.press("PageDown")
    rests_on(visitor, date(2027, 4, 15))
    visitor.should_read("Апрель 2027")
    for _ in range(3):
        keyboard.press("ArrowUp")
    rests_on(visitor, date(2027, 3, 25))
    visitor.should_read("Март 2027")
    keyboard.press("ArrowUp")
    keyboard.press("ArrowLeft")
    rests_on(visitor, on)

    # Open the day, its event, and come back.
    keyboard.press("Enter")
    visitor.page.wait_for_url(f"**/calendar/?view=month&on={on}#day")
    visitor.should_read("17 марта, среда", "14:00", "Критерии на уроке", "вы проводите", "Собрать темы")
    tab_to(visitor, f".cal-opened a[href='{event.get_absolute_url()}']")
    keyboard.press("Enter")
    visitor.page.wait_for_url(f"**{event.get_absolute_url()}")
    assert visitor.heading() == "Критерии на уроке"
    visitor.page.go_back()
    visitor.page.wait_for_url("**/calendar/?**")

    # The other views, on the same day.
    tab_to(visitor, ".cal-views a:has-text('Неделя')")
    keyboard.press("Enter")
    visitor.page.wait_for_url(f"**/calendar/?view=week&on={on}")
    visitor.should_read("15 – 21 марта 2027", "Критерии на уроке")
    tab_to(visitor, "[data-day='2027-03-15']")
    keyboard.press("ArrowLeft")
    rests_on(visitor, date(2027, 3, 14))
    tab_to(visitor, ".cal-views a:has-text('По дням')")
    keyboard.press("Enter")
    visitor.page.wait_for_url("**/calendar/?view=agenda&on=2027-03-14")
    visitor.should_read("17 марта, среда", "Критерии на уроке", "Собрать темы")
    assert visitor.complaints == []


def test_calendar_fits_a_phone_and_works_without_scripts(new_context: Callable[..., BrowserContext]) -> None:
    user = person_with(Role.METHODIST, OrganizationFactory())
    day = today() + timedelta(days=1)
    for number in range(5):
        EventFactory(on=day, title="Достопримечательность" * 5 + str(number), leaders=[user], place="Пермь" * 50)
    visitor = Visitor(new_context(PHONE, java_script_enabled=False), "методист ОО")
    visitor.logs_in(str(user.email))
    for view in ("month", "week", "agenda"):
        visitor.opens(f"/calendar/?view={view}&on={day}")
        visitor.should_read("Достопримечательность")
        wide = visitor.page.locator("main").evaluate("e => e.ownerDocument.documentElement.scrollWidth")
        assert wide <= PHONE["width"], view
    visitor.opens(f"/calendar/?on={day}")
    visitor.page.locator(f"[data-day='{day}']").click()
    visitor.page.wait_for_url(f"**/calendar/?view=month&on={day}#day")
    assert visitor.complaints == []


def test_address_of_the_feed_is_made_and_taken_back(new_context: Callable[..., BrowserContext]) -> None:
    user = person_with(Role.METHODIST, OrganizationFactory())
    visitor = Visitor(new_context(PHONE), "методист ОО")
    visitor.logs_in(str(user.email))
    visitor.opens("/calendar/")
    visitor.presses("В телефон")
    visitor.page.wait_for_url("**/calendar/feed/")
    visitor.presses("Создать адрес")
    address = visitor.page.locator("#address").input_value()
    assert address.endswith(".ics")
    visitor.presses("Скопировать")
    visitor.page.get_by_role("status").get_by_text("Скопировано").wait_for()
    visitor.fits_a_phone()
    visitor.presses("Отозвать адрес")
    visitor.page.wait_for_url("**/revoke/")
    visitor.presses("Отозвать адрес")
    visitor.should_read("Адрес отозван", "Адреса пока нет")
    assert visitor.complaints == []
