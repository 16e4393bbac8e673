"""What a page says to do next to each who looks: the author, the keeper, a reader."""

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.library.models import Material
from cabinet.library.reference import load_norms
from cabinet.library.services.offering import offer
from cabinet.library.services.versions import start_version, take_version
from cabinet.users.models import Role, User
from tests.factories import UserFactory, person_with
from tests.library.materials import State, material_in, next_version
from tests.library.shelves import published, shelf

pytestmark = pytest.mark.django_db


def shown(user: User, name: str, *args: int) -> str:
    client = Client()
    client.force_login(user)
    return client.get(reverse(f"library:{name}", args=args)).content.decode()


def test_keeper_sees_what_was_asked_when_it_is_offered_again() -> None:
    keeper, author = person_with(Role.ADMIN), UserFactory()
    material = material_in(State.OFFERED, owner=author)
    assert "в прошлый раз" not in shown(keeper, "decide", material.pk)
    returned = material_in(State.RETURNED, owner=author, title="Другой")
    assert offer(returned, actor=author)
    page = shown(keeper, "decide", returned.pk)
    assert "в прошлый раз" in page
    assert "Добавьте класс" in page


def test_returned_leads_to_mending_and_has_one_way_there() -> None:
    author = UserFactory()
    material = material_in(State.RETURNED, owner=author)
    page = shown(author, "material", material.pk)
    assert page.count(f'href="{reverse("library:edit", args=[material.pk])}"') == 1

    version = next_version(material_in(owner=author, title="В библиотеке"), "returned")
    page = shown(author, "version", version.material_id, version.number)
    edit = reverse("library:version_edit", args=[version.material_id])
    assert f'class="btn btn-primary" href="{edit}"' in page
    assert "Предложить ещё раз" in page


def test_link_that_does_not_open_tells_each_what_he_can_do() -> None:
    author, keeper = UserFactory(), person_with(Role.ADMIN)
    material = published(author, link="https://example.org/listy")
    Material.objects.filter(pk=material.pk).update(link_state=Material.LinkState.BROKEN, link_error="Ответ 404.")
    relink = reverse("library:relink", args=[material.pk])

    reader_page, own = shown(UserFactory(), "material", material.pk), shown(author, "material", material.pk)
    assert "Попробуйте позже" in reader_page
    assert "предложите новую версию" in own
    assert relink not in reader_page + own
    assert relink in shown(keeper, "material", material.pk)


def test_keeper_who_changes_a_link_is_led_to_the_version_begun() -> None:
    author, keeper = UserFactory(), person_with(Role.ADMIN)
    material = published(author, link="https://example.org/listy")
    start_version(material, {"form": "link", "link": "https://example.org/new"}, actor=author)
    client = Client()
    client.force_login(keeper)
    answer = client.get(reverse("library:relink", args=[material.pk]), follow=True)
    assert answer.redirect_chain[-1][0] == reverse("library:version", args=[material.pk, 2])
    page = answer.content.decode()
    assert "уже начата новая версия" in page
    assert "видят только автор и хранитель" in page
    assert "Поместить в библиотеку" in page


def test_text_of_a_document_is_at_its_publisher_until_it_is_put_in() -> None:
    load_norms()
    reader, keeper = UserFactory(), person_with(Role.ADMIN)
    norm = Material.objects.get(number="01.01-05/289")
    assert shown(reader, "norms").count("текст — у издателя") == 4
    held = {"form": "text", "body": "1. Утвердить…", "note": "полный текст"}
    assert take_version(start_version(norm, held, actor=keeper), actor=keeper)
    page = shown(reader, "norms")
    assert (page.count("текст — у издателя"), page.count("есть текст")) == (3, 1)


def test_paper_of_a_collection_says_how_its_materials_may_be_used() -> None:
    owner = UserFactory()
    load_norms()
    norm = Material.objects.get(number="Р-174")
    made = shelf(owner, published(authors="Соболева А. И.", licence="open"), norm)
    page = shown(owner, "collection_print", made.pk)
    assert page.count("Как можно использовать: свободное использование с указанием автора") == 1
    assert page.count("Как можно использовать") == 1  # of an official document nothing is to be said
    assert "Соболева А. И." in page
