"""The normative base: which documents come, what the keeper did with them stays."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from cabinet.library.models import Material
from cabinet.library.reference import load_norms
from cabinet.library.services.offering import archive, change_material
from cabinet.users.models import Role
from tests.factories import person_with
from tests.library.shelves import published

pytestmark = pytest.mark.django_db


def test_four_documents_with_their_numbers_and_dates() -> None:
    assert load_norms() == 4

    found = Material.objects.order_by("issued_on").values_list("number", "level", "issuer", "amended", "state", "owner")
    day = {one.number: f"{one.issued_on:%d.%m.%Y}" for one in Material.objects.all()}
    assert list(found) == [
        ("Р-174", "federal", "Минпросвещения России", "от 15.12.2022 г. № Р-303", "published", None),
        (
            "26-01-06-545",
            "regional",
            "Министерство образования и науки Пермского края",
            "от 10.04.2023 № 26-01-06-317",
            "published",
            None,
        ),
        ("01.01-05/289", "regional", "ГАУ ДПО «ИРО ПК»", "", "published", None),
        ("01.01-05/456", "regional", "ГАУ ДПО «ИРО ПК»", "", "published", None),
    ]
    assert day == {
        "Р-174": "06.12.2020",
        "26-01-06-545": "10.06.2022",
        "01.01-05/289": "15.09.2022",
        "01.01-05/456": "30.12.2022",
    }


def test_question_of_the_date_is_stated_and_no_link_is_invented() -> None:
    load_norms()

    federal = Material.objects.get(number="Р-174")
    assert "16.12.2020" in federal.summary
    assert {one.current.form for one in Material.objects.select_related("current") if one.current} == {"text"}


def test_loaded_twice_is_there_once() -> None:
    load_norms()

    assert load_norms() == 0
    assert Material.objects.count() == 4


def test_what_the_keeper_did_stays() -> None:
    load_norms()
    admin = person_with(Role.ADMIN)
    renamed, dated, gone = Material.objects.order_by("pk")[:3]
    change_material(renamed, {"title": "Концепция ЕФС"}, actor=admin, version=renamed.version)
    change_material(dated, {"number": "26-01-06-545 (ред.)"}, actor=admin, version=dated.version)
    archive(gone, "Заменён", actor=admin)

    assert load_norms() == 0
    assert [one.title for one in Material.objects.order_by("pk")[:1]] == ["Концепция ЕФС"]
    gone.refresh_from_db()
    assert gone.state == Material.State.ARCHIVED


def test_page_has_the_subjects_and_the_documents_by_level() -> None:
    load_norms()
    client = Client()
    client.force_login(person_with("teacher"))
    page = client.get(reverse("library:norms")).content.decode()

    for words in ("РУМО УГС 44.00.00", "профессиональные сообщества", "№ Р-174", "с изм. от 10.04.2023 № 26-01-06-317"):
        assert words in page
    assert page.index("Федеральные") < page.index("Региональные")
    assert "Добавить документ" not in page


def test_who_opens_it() -> None:
    published()
    address = reverse("library:norms")
    assert Client().get(address).status_code == 302
    for role in ("observer", Role.ADMIN):
        client = Client()
        client.force_login(person_with(role))
        assert client.get(address).status_code == 200
        assert client.post(address).status_code == 405
    assert "Документов пока нет" in client.get(address).content.decode()


def test_page_costs_the_same_however_many(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    client = Client()
    client.force_login(person_with("teacher"))
    for count in (1, 4):
        if count == 4:
            load_norms()
        else:
            published(kind="normative")
        client.get(reverse("library:norms"))
        with django_assert_num_queries(5):
            client.get(reverse("library:norms"))
