"""Nobody opens to an address of his own a login that can do more than he: heads of communities too."""

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.users.models import CommunityMember, User
from tests.home.communities import CommunityFactory, CommunityMemberFactory
from tests.home.people import Town, make_town

pytestmark = pytest.mark.django_db
HEAD = CommunityMember.Role.HEAD


@pytest.fixture
def town() -> Town:
    return make_town()


@pytest.mark.parametrize("who", ["head", "municipal"])
def test_the_login_of_the_head_of_a_regional_community(who: str, town: Town, client: Client) -> None:
    person = town.teacher
    User.objects.filter(pk=person.pk).update(email=None, contact_email=None)
    CommunityMemberFactory(community=CommunityFactory(), person=person, role=HEAD)
    client.force_login(getattr(town, who))
    edit = reverse("home:person_edit", args=[person.pk])
    look = client.get(edit)
    if look.status_code == 200:
        seen = look.context["form"]["seen"].value()
        client.post(edit, {"contact_email": "mine@example.org", "phone": "", "contact_note": "", "seen": seen})
    client.post(reverse("home:person_invite", args=[person.pk]))
    person.refresh_from_db()
    assert person.email is None


def test_personal_collections_in_the_django_admin(town: Town, client: Client) -> None:
    """On the pages the keeper sees public ones and his own."""
    from cabinet.library.models import Collection

    Collection.objects.create(title="Тайная полка", owner=town.teacher)
    User.objects.filter(pk=town.admin.pk).update(is_staff=True, is_superuser=True)
    client.force_login(User.objects.get(pk=town.admin.pk))
    assert "Тайная полка" not in client.get(reverse("admin:library_collection_changelist")).content.decode()
