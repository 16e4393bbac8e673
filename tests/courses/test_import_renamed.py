"""A list that still has a person by the surname of before: the same card, and the preview says why."""

from datetime import date
from typing import Any

import pytest

from cabinet.courses.importing.rows import ParsedRow
from cabinet.courses.services.people import People
from cabinet.structure.models import Organization
from cabinet.users.models import Role, User
from cabinet.users.services import rename
from tests.factories import CompletionFactory, OrganizationFactory, UserFactory, person_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> Organization:
    return OrganizationFactory()


@pytest.fixture
def renamed(school: Organization) -> User:
    names = {"last_name": "Иванова", "first_name": "Алёна", "patronymic": "Петровна"}
    person = UserFactory(organization=school, contact_email="alena@example.org", **names)
    rename(person, "Сорокина", "Алёна", "Петровна", keeps_former=True, actor=person_with(Role.ADMIN))
    person.refresh_from_db()
    return person


def row(name: str = "Иванова Алена Петровна", email: str = "") -> ParsedRow:
    parsed = ParsedRow(number=2)
    parsed.surname, parsed.first_name, parsed.patronymic = name.split()
    parsed.email = email
    return parsed


def found(listed: ParsedRow, school: Organization) -> tuple[int | None, list[str]]:
    """The card the row is about, None for a new one, and what is said of it."""
    people = People()
    people.load([(listed, school.pk)])
    place: Any = type("Place", (), {"token": school.pk, "pk": school.pk})()
    person = people.find(listed, place)
    return person.pk, [problem.message for problem in listed.warnings]


SAID = "в кабинете это Сорокина Алёна Петровна, раньше — Иванова: карточка останется одна"


def test_former_surname_same_given_names_and_organization(renamed: User, school: Organization) -> None:
    assert found(row(), school) == (renamed.pk, [SAID])


def test_former_surname_and_address(renamed: User) -> None:
    pk, said = found(row(email="alena@example.org"), OrganizationFactory())
    assert pk == renamed.pk
    assert SAID in said


def test_surname_of_today_needs_no_word(renamed: User, school: Organization) -> None:
    assert found(row("Сорокина Алёна Петровна"), school) == (renamed.pk, [])


@pytest.mark.parametrize("name", ["Иванова Анна Петровна", "Иванова Алёна Олеговна", "Петрова Алёна Петровна"])
def test_another_person(renamed: User, school: Organization, name: str) -> None:
    assert found(row(name), school) == (None, [])


def test_other_school_is_another_person(renamed: User) -> None:
    assert found(row(), OrganizationFactory()) == (None, [])


def test_moved_since_too(renamed: User, school: Organization) -> None:
    CompletionFactory(person=renamed, organization=school, course__ends_on=date(2026, 3, 16))
    User.objects.filter(pk=renamed.pk).update(organization=OrganizationFactory())
    assert found(row(), school) == (renamed.pk, [SAID])


def test_who_has_the_name_today_comes_first(renamed: User, school: Organization) -> None:
    namesake = UserFactory(organization=school, last_name="Иванова", first_name="Алёна", patronymic="Петровна")
    assert found(row(), school) == (namesake.pk, [])


def test_slip_leaves_no_former_surname(school: Organization) -> None:
    person = UserFactory(organization=school, last_name="Ивонова", first_name="Алёна", patronymic="Петровна")
    rename(person, "Иванова", "Алёна", "Петровна", keeps_former=False, actor=person_with(Role.ADMIN))
    assert found(row("Ивонова Алёна Петровна"), school) == (None, [])
