"""Full-text search over routes in Russian."""

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.users.models import Role
from iom.models import RouteItem
from iom.services.creating import create_route
from iom.services.indexing import index
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
        ("вебинар", False),
        ("листы вебинара", False),
        ("%_'\"", True),  # no words at all: nothing is narrowed
    ],
)
def test_words_are_found_in_any_form(client: Client, query: str, is_found: bool) -> None:
    person = UserFactory(last_name="Смирнова")
    route = create_route(person, author=person)
    RouteItem.objects.create(route=route, activity="Ввести листы самооценки на уроках")
    index(route)
    client.force_login(person_with(Role.HEAD, person.organization))

    rows = client.get(reverse("iom:routes"), {"q": query}).context["rows"]

    assert [row.route for row in rows] == ([route] if is_found else [])
