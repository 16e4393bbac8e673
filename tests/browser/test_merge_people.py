"""Two cards of one person made one from the card, by links and buttons alone; registry and cases agree afterwards."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from cabinet.users.models import Role, User
from motor.models import Case, Status
from registry.models import Entry
from registry.services.sweeping import sweep
from tests.browser.conftest import DESKTOP
from tests.browser.visitor import Visitor
from tests.factories import CaseFactory, CompletionFactory, OrganizationFactory, UserFactory, person_with


@pytest.fixture
def cards() -> tuple[User, User]:
    """One teacher written down twice, with a case on each card."""
    school = OrganizationFactory(name="МБОУ «Рябиновская СОШ»")
    methodist = person_with(Role.METHODIST, school, last_name="Орлова")
    person_with(Role.ADMIN, email="admin@example.org", last_name="Админова")
    kept = UserFactory(last_name="Соснина", first_name="Анна", patronymic="Петровна", organization=school)
    other = UserFactory(last_name="Ёлкина", first_name="Анна", patronymic="Петровна", organization=school)
    for person, status in ((kept, Status.CLOSED), (other, Status.SCHOOL_REVIEW)):
        CaseFactory(completion=CompletionFactory(person=person), status=status, responsible=methodist)
    sweep()
    return kept, other


def test_two_cards_are_merged_from_the_card(
    cards: tuple[User, User], new_context: Callable[..., BrowserContext]
) -> None:
    kept, other = cards
    admin = Visitor(new_context(DESKTOP), "администратор")
    admin.logs_in("admin@example.org")

    admin.page.get_by_role("navigation", name="Разделы кабинета").get_by_role("link", name="Люди", exact=True).click()
    admin.fills("Фамилия, имя, отчество", "соснина")
    admin.presses("Найти")
    expect(admin.page.locator("#results .count")).to_have_text("1 человек")
    admin.presses("Соснина Анна Петровна")
    expect(admin.page.locator("h1")).to_have_text("Соснина Анна Петровна")
    admin.should_not_read("Оценка методистом ОО")
    admin.fits_a_phone()

    admin.presses("Объединить с другой карточкой")
    admin.fills("Фамилия, имя или отчество", "ёлкина")
    admin.presses("Найти")
    admin.page.get_by_label("Ёлкина Анна Петровна").check()
    admin.presses("Сравнить отмеченные")
    admin.should_read("Объединить карточки?", "Соснина", "Ёлкина")
    admin.presses("Объединить")
    admin.should_read("Объединено: Соснина Анна Петровна")

    # The former surname finds the one card that is left, and it holds both cases.
    admin.page.get_by_role("navigation", name="Разделы кабинета").get_by_role("link", name="Люди", exact=True).click()
    admin.fills("Фамилия, имя, отчество", "ёлкина")
    admin.presses("Найти")
    expect(admin.page.locator("#results .count")).to_have_text("1 человек")
    admin.should_read("раньше: Ёлкина")
    admin.presses("Соснина Анна Петровна")
    admin.should_read("Раньше: Ёлкина", "Оценка методистом ОО", "Завершено")
    admin.opens(f"/people/{other.pk}/")
    admin.should_read("объединена с этой")
    expect(admin.page.locator("h1")).to_have_text("Соснина Анна Петровна")

    sweep()
    assert set(Case.objects.values_list("person", flat=True)) == {kept.pk}
    assert set(Entry.objects.values_list("person", flat=True)) == {kept.pk}
    admin.opens("/registry/?name=соснина")
    admin.should_read("Соснина Анна Петровна")
    admin.should_not_read("Ёлкина")
    for case in Case.objects.all():
        admin.opens(case.get_absolute_url())
        admin.should_read("Соснина Анна Петровна")
    assert admin.complaints == []
