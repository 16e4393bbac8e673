"""Учёт результата in the registry: a line in its place by keyboard, many lines after a preview."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext

from cabinet.users.models import Role, User
from motor.models import Case, MunicipalRecord, Status
from registry.services import sweep
from tests import factories
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_keyboard import choose, tab_to
from tests.browser.visitor import Visitor

LIST = "/registry/?record=waits&sort=name"


@pytest.fixture
def specialist(transactional_db: None) -> User:
    return factories.person_with(Role.MUNICIPAL, factories.MunicipalityFactory())


def cases_of(specialist: User, count: int) -> list[Case]:
    place = specialist.active_memberships[0].municipality
    cases = [
        factories.CaseFactory(status=Status.FOLLOW_UP, completion__person__organization__municipality=place)
        for _ in range(count)
    ]
    sweep()
    return cases


def test_line_is_recorded_in_its_place_by_keyboard(
    new_context: Callable[..., BrowserContext], specialist: User
) -> None:
    first, _ = cases_of(specialist, 2)
    visitor = Visitor(new_context(DESKTOP), "специалист ММС")
    visitor.logs_in(specialist.email)  # type: ignore[arg-type]
    visitor.opens(LIST)
    visitor.fits_a_phone()
    line, keyboard = f"#line-{first.pk}", visitor.page.keyboard
    tab_to(visitor, f"{line} .recorded .btn")
    keyboard.press("Enter")
    visitor.page.locator(f"{line} form").wait_for()
    visitor.fits_a_phone()
    choose(visitor, "can_present", 0)
    tab_to(visitor, f"{line} form [type=submit]")
    with visitor.expecting(422):
        keyboard.press("Enter")
        visitor.page.locator(f"{line} .field-error").wait_for()
    tab_to(visitor, f"{line} [name=event_kinds][value=seminar]")
    keyboard.press("Space")
    tab_to(visitor, f"{line} form [type=submit]")
    keyboard.press("Enter")
    visitor.page.locator(f"{line} form").wait_for(state="detached")

    assert visitor.page.url.endswith(LIST)
    visitor.page.locator(".recorded-what:focus").wait_for()
    assert visitor.page.locator(f"{line} .recorded").inner_text().startswith("может: семинар")
    assert MunicipalRecord.objects.get().case == first
    assert visitor.complaints == []


@pytest.mark.parametrize("has_scripts", [True, False])
def test_many_lines_are_recorded_after_a_preview(
    new_context: Callable[..., BrowserContext], specialist: User, has_scripts: bool
) -> None:
    first, second, third = cases_of(specialist, 3)
    visitor = Visitor(new_context(PHONE, java_script_enabled=has_scripts), "специалист ММС")
    visitor.logs_in(specialist.email)  # type: ignore[arg-type]
    visitor.opens(LIST)
    for case in (first, second):
        visitor.marks(f"#line-{case.pk} .pick input")
    visitor.presses("для отмеченных строк")
    visitor.marks("[name=can_present][value=no]")
    visitor.presses("Показать, что изменится")
    visitor.should_read("Будет записано 2 карты", first.person.full_name, second.person.full_name)
    visitor.should_not_read(third.person.full_name)
    assert not MunicipalRecord.objects.exists()
    visitor.presses("Записать учёт: 2 карты")
    visitor.should_read("Учёт записан: 2 карты", third.person.full_name, "1 строка")
    assert visitor.page.url.endswith(LIST)
    assert set(MunicipalRecord.objects.values_list("case", flat=True)) == {first.pk, second.pk}
    visitor.presses("для всех по отбору")
    visitor.should_read("Выбрано: 1 карта")
    assert visitor.complaints == []
