"""Cards that look alike: who is found, who is not, and that a decision is kept."""

from typing import Any

import pytest

from cabinet.home.services import merging_search
from cabinet.home.services.merging_search import card_keys, cards, compare_people, keep_pairs, look, order_search
from cabinet.home.tasks import search_pairs
from cabinet.jobs.models import Job
from cabinet.jobs.services import run_owed
from cabinet.structure.models import Organization
from cabinet.users.models import OrganizationPair, PersonPair, User
from tests.factories import MunicipalityFactory, OrganizationFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> Organization:
    organization: Organization = OrganizationFactory()
    return organization


@pytest.fixture
def anna(school: Organization) -> User:
    person: User = UserFactory(last_name="Ёлкина", first_name="Анна", patronymic="Павловна", organization=school)
    return person


def search() -> None:
    run_owed(order_search(None).pk)


def found() -> list[tuple[int, int, str]]:
    search()
    return list(PersonPair.objects.order_by("pk").values_list("first", "second", "reasons"))


def namesake(anna: User, **fields: Any) -> User:
    values = {"last_name": "Елкина", "first_name": "анна", "patronymic": "Павловна", "organization": anna.organization}
    person: User = UserFactory(**values | fields)
    return person


@pytest.mark.parametrize(
    ("fields", "reasons"),
    [
        ({}, "name,place"),
        ({"patronymic": ""}, "short,place"),
        ({"first_name": "А.", "patronymic": "П."}, "short,place"),
        ({"last_name": "Анна", "first_name": "Елкина"}, "name,swapped,place"),
        ({"last_name": "Анна", "first_name": "Павловна", "patronymic": "Ёлкина"}, "name,swapped,place"),
        ({"last_name": "Анна", "first_name": "Елкина", "patronymic": ""}, "swapped,place"),
    ],
)
def test_found_in_one_organization(anna: User, fields: dict[str, str], reasons: str) -> None:
    other = namesake(anna, **fields)

    assert found() == [(anna.pk, other.pk, reasons)]


@pytest.mark.parametrize(
    "fields",
    [
        {"patronymic": "Петровна"},
        {"first_name": "Алла"},
        {"last_name": "Палкина"},
        {"first_name": "Б.", "patronymic": ""},
    ],
)
def test_another_name_is_another_person(anna: User, fields: dict[str, str]) -> None:
    namesake(anna, **fields)

    assert found() == []


def test_namesakes_of_one_municipality_are_shown_those_of_two_are_not(anna: User) -> None:
    near = OrganizationFactory(municipality=anna.organization.municipality)
    neighbour = namesake(anna, organization=near)
    namesake(anna, organization=OrganizationFactory())
    namesake(anna, organization=near, first_name="А.", patronymic="П.")  # an initial fits too many in a town

    assert (anna.pk, neighbour.pk, "name,municipality") in found()
    assert {(first, second) for first, second, _ in found() if first == anna.pk} == {(anna.pk, neighbour.pk)}


def test_person_without_organization_is_found_by_the_full_name(anna: User) -> None:
    other = namesake(anna, organization=None)

    assert found() == [(anna.pk, other.pk, "name")]


def test_one_address_brings_together_whoever_shares_a_name(anna: User) -> None:
    User.objects.filter(pk=anna.pk).update(contact_email="anna@example.org")
    married = namesake(anna, last_name="Сосновская", organization=OrganizationFactory(), email="anna@example.org")
    told = namesake(
        anna,
        organization=OrganizationFactory(),
        contact_note="В списке указан адрес anna@example.org, он принадлежит другому человеку.",
    )
    UserFactory(last_name="Другая", email=None, contact_note="общий ящик школы: anna@example.org")

    assert [(first, second) for first, second, reasons in found() if "email" in reasons] == [
        (anna.pk, married.pk),
        (anna.pk, told.pk),
        (married.pk, told.pk),
    ]


def test_merged_cards_are_not_looked_at(anna: User) -> None:
    User.objects.filter(pk=namesake(anna).pk).update(merged_into=anna, is_active=False)

    assert found() == []


def test_decision_is_kept_and_what_no_longer_fits_goes(anna: User) -> None:
    other, third = namesake(anna), namesake(anna, patronymic="")
    search()
    pair = PersonPair.objects.get(first=anna, second=other)
    PersonPair.objects.filter(pk=pair.pk).update(different_at=pair.found_at)
    third.last_name = "Сосновская"
    third.save()

    search()

    assert list(PersonPair.objects.values_list("pk", flat=True)) == [pair.pk]
    assert list(PersonPair.objects.undecided()) == []


def test_searching_twice_changes_nothing(anna: User) -> None:
    namesake(anna)
    once = (found(), list(PersonPair.objects.values_list("pk", flat=True)))

    assert once == (found(), list(PersonPair.objects.values_list("pk", flat=True)))


def test_one_search_waits_however_often_it_is_ordered() -> None:
    search_pairs()
    search_pairs()

    assert Job.objects.filter(kind=merging_search.KIND).count() == 1


def test_crowd_under_one_key_is_passed_over(anna: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merging_search, "CROWD", 2)
    namesake(anna)
    namesake(anna)

    assert keep_pairs(PersonPair, look(cards(), card_keys, compare_people)) == 0


@pytest.mark.parametrize("people", [2, 10])
def test_search_takes_the_same_number_of_queries(anna: User, people: int, django_assert_num_queries: Any) -> None:
    for _ in range(people):
        namesake(anna)

    with django_assert_num_queries(6):
        keep_pairs(PersonPair, look(cards(), card_keys, compare_people))


# --- Organizations -------------------------------------------------------------------------------------------


def pairs_of(*names: str, same_place: bool = True) -> list[str]:
    place = MunicipalityFactory()
    for name in names:
        OrganizationFactory(name=name, municipality=place if same_place else MunicipalityFactory())
    search()
    return list(OrganizationPair.objects.values_list("reasons", flat=True))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("МБОУ «СОШ № 5»", "МАОУ Средняя школа №5"),
        ("МБОУ «Рябиновская СОШ»", "Рябиновская средняя общеобразовательная школа"),
        ("МАОУ «Гимназия № 7» г. Перми", "Гимназия №7 Перми"),
    ],
)
def test_one_organization_written_differently_is_found(first: str, second: str) -> None:
    assert pairs_of(first, second) == ["municipality,title"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("МБОУ «СОШ № 5»", "МБОУ «СОШ № 6»"),
        ("МБОУ «Рябиновская СОШ»", "МБОУ «Сосновская СОШ»"),
        ("МБОУ «Гимназия № 7»", "МБОУ «Лицей № 7»"),
    ],
)
def test_different_schools_are_not(first: str, second: str) -> None:
    assert pairs_of(first, second) == []


def test_school_with_a_name_beside_its_number_may_be_the_one_without() -> None:
    assert pairs_of("МБОУ «СОШ № 5»", "МБОУ «СОШ № 5 имени Героя Уварова»") == ["municipality,number"]


def test_every_town_has_its_fifth_school() -> None:
    assert pairs_of("МБОУ «СОШ № 5»", "МАОУ «СОШ № 5»", same_place=False) == []
