"""Full-text search over routes in Russian."""

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.users.models import Role
from iom.models import Route, RouteItem
from iom.services.creating import create_route
from iom.services.indexing import index
from iom.services.lines import add_line, remove_line, save_header, save_line
from tests.factories import UserFactory, person_with

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("листы самооценки", True),
        ("ЛИСТАМИ", True),
        ("лист самооценок", True),
        ("Смирн", True),
        ("смирнова", True),
        ("диагностика", True),  # in the text «диагностику», which may be of «диагностик» too
        ("диагностикой", True),
        ("вебинары", True),
        ("учет", True),
        ("учёту", True),
        ("Excel", True),
        ("смирнова excel", True),
        ("смирнова опрос", False),
        ("опрос", False),
        ("листы опроса", False),
        ("%_'\"", True),  # no words at all: nothing is narrowed
    ],
)
def test_words_are_found_in_any_form(client: Client, query: str, is_found: bool) -> None:
    person = UserFactory(last_name="Смирнова")
    route = create_route(person, author=person)
    RouteItem.objects.create(
        route=route, activity="Ввести листы самооценки на уроках, диагностику, вебинар и учёт в Excel"
    )
    index(route)
    client.force_login(person_with(Role.HEAD, person.organization))

    rows = client.get(reverse("iom:routes"), {"q": query}).context["rows"]

    assert [row.route for row in rows] == ([route] if is_found else [])


def test_index_follows_every_change() -> None:
    person = UserFactory(last_name="Смирнова")
    route = create_route(person, author=person)

    def found(text: str) -> bool:
        return Route.objects.search(text).exists()

    item = add_line(route, "item", {"activity": "Вебинары о буллинге"}, actor=person)
    assert found("вебинар")
    save_line(item, {"activity": "Практикум"}, item.revision, actor=person)
    assert (found("вебинар"), found("практикумы")) == (False, True)
    remove_line(item, actor=person)
    assert not found("практикум")
    save_header(route, {"title": "Читательская грамотность"}, route.revision, actor=person)
    assert found("читательской грамотностью")


def test_renamed_teacher_is_found_with_words_of_the_route(client: Client) -> None:
    person = UserFactory(last_name="Смирнова")
    route = create_route(person, author=person)
    add_line(route, "item", {"activity": "Вебинары"}, actor=person)
    person.last_name = "Ключникова"
    person.save()
    client.force_login(person_with(Role.HEAD, person.organization))

    rows = client.get(reverse("iom:routes"), {"q": "ключн вебинар"}).context["rows"]

    assert [row.route for row in rows] == [route]
