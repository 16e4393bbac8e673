"""What happens to people on the lowest floor: former surnames, closing a card, roles with any scope."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from cabinet.core.clock import today
from cabinet.users.models import LogEntry, Membership, Role, User
from cabinet.users.services import prolong_role, rename, save_role, set_active, with_former
from tests.factories import OrganizationFactory, UserFactory, person_with
from tests.home.merging import merge

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("surname", "former", "expected"),
    [
        ("Соснина", ["Ёлкина", ""], "Ёлкина"),
        ("Соснина", ["Елкина", "Ёлкина, Берёзова", "соснина"], "Елкина, Берёзова"),
        ("Ёлкина", ["Елкина"], ""),
        ("Соснина", ["", " , "], ""),
    ],
)
def test_former_surnames(surname: str, former: list[str], expected: str) -> None:
    assert with_former(surname, *former) == expected


def test_former_surnames_fit_their_column() -> None:
    assert len(with_former("Соснина", ", ".join(f"Фамилия{number}" for number in range(60)))) <= 200


def test_renaming_twice_keeps_both_and_a_way_back_none_too_many() -> None:
    admin, person = person_with(Role.ADMIN), UserFactory(last_name="Ёлкина")

    for surname in ("Соснина", "Берёзова", "Ёлкина"):
        assert rename(person, surname, "Мария", "Петровна", keeps_former=True, actor=admin)
    assert not rename(person, "Ёлкина", "Мария", "Петровна", keeps_former=True, actor=admin)

    person.refresh_from_db()
    assert (person.former_names, person.former_key) == ("Берёзова, Соснина", " березова, соснина")
    assert [list(User.objects.search(word)) for word in ("берез", "СОСН мария", "елкина")] == [[person]] * 3
    assert LogEntry.objects.filter(person=person, action="changed").count() == 3


def test_search_does_not_find_the_middle_of_a_former_name() -> None:
    UserFactory(last_name="Ёлкина", former_names="Соснина")
    assert list(User.objects.search("снина")) == []


def test_merged_surnames_stay_findable() -> None:
    admin = person_with(Role.ADMIN)
    keep = UserFactory(last_name="Соснина", former_names="Берёзова")
    drop = UserFactory(last_name="Ёлкина", former_names="Липова", organization=keep.organization)

    kept = merge(keep, drop, admin)

    assert (kept.last_name, kept.former_names) == ("Соснина", "Ёлкина, Берёзова, Липова")


def test_the_surname_not_chosen_stays_findable() -> None:
    admin = person_with(Role.ADMIN)
    keep, drop = UserFactory(last_name="Соснина"), UserFactory(last_name="Ёлкина")

    kept = merge(keep, drop, admin, last_name=drop.pk)

    assert (kept.last_name, kept.former_names) == ("Ёлкина", "Соснина")


def test_closing_and_opening_a_card_is_once() -> None:
    admin, person = person_with(Role.ADMIN), UserFactory()

    assert set_active(person, is_active=False, actor=admin, why="переезд")
    assert not set_active(person, is_active=False, actor=admin)
    assert set_active(person, is_active=True, actor=admin)
    assert list(LogEntry.objects.filter(person=person).order_by("pk").values_list("note", flat=True)) == [
        "больше не работает: переезд",
        "снова работает",
    ]


def test_a_merged_card_stays_closed() -> None:
    admin = person_with(Role.ADMIN)
    closed = UserFactory(is_active=False, merged_into=UserFactory())
    assert not set_active(closed, is_active=True, actor=admin)


def test_a_role_must_fit_its_scope() -> None:
    admin, person = person_with(Role.ADMIN), UserFactory()

    with pytest.raises(ValidationError):
        save_role(Membership(user=person, role=Role.HEAD), actor=admin)
    with pytest.raises(ValidationError):
        save_role(Membership(user=person, role=Role.ADMIN, organization=OrganizationFactory()), actor=admin)
    assert Membership.objects.filter(user=person).count() == 0
    assert not LogEntry.objects.filter(person=person).exists()


def test_a_term_changed_meanwhile_is_left_alone() -> None:
    admin = person_with(Role.ADMIN)
    role = Membership.objects.create(user=UserFactory(), role=Role.CURATOR)
    Membership.objects.filter(pk=role.pk).update(ends_on=today())

    assert not prolong_role(role, today() + timedelta(days=9), actor=admin)
    role.refresh_from_db()
    assert role.ends_on == today()
