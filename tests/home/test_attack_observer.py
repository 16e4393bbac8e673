"""The observer sees no person by the side doors: inviting colleagues of a community, authors in the library."""

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.planner.models import Event
from cabinet.users.models import Role, User
from tests.factories import UserFactory, person_with
from tests.home.communities import CommunityFactory, CommunityMemberFactory
from tests.library.materials import material_in
from tests.planner.events import EventFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def observer(client: Client) -> User:
    person = person_with(Role.OBSERVER)
    client.force_login(person)
    return person


def test_he_does_not_invite_the_people_of_his_community(observer: User, client: Client) -> None:
    community = CommunityFactory()
    other = UserFactory(last_name="Тайникова", email="o@example.org")
    for person in (observer, other):
        CommunityMemberFactory(community=community, person=person)
    event = EventFactory(author=observer, scope=Event.Scope.PERSONAL)
    address = reverse("planner:event_invite", args=[event.pk])
    assert "Тайникова" not in client.get(address, {"who": "тайн"}).content.decode().replace('value="тайн"', "")
    assert "Тайникова" not in client.get(address, {"group": f"community-{community.pk}"}).content.decode()
    assert "Тайникова" not in client.get(
        reverse("planner:event_guests", args=[event.pk]), {"who": "тайн"}
    ).content.decode().replace('value="тайн"', "")


@pytest.mark.parametrize("page", ["list", "material", "search"])
def test_authors_of_materials(page: str, observer: User, client: Client) -> None:
    """The form fills the author in with the full name of who brings it."""
    owner = UserFactory(last_name="Тайникова", email="o@example.org")
    material = material_in(owner=owner, authors=owner.full_name)
    address = {
        "list": reverse("library:materials"),
        "material": material.get_absolute_url(),
        "search": reverse("library:materials") + "?q=тайникова",
    }[page]
    assert "Тайникова" not in client.get(address).content.decode()
    if page == "search":
        assert material.title not in client.get(address).content.decode()
