"""Communities and who is in them; a small true row of each, and the texts of their letters."""

from typing import Any

import factory
from factory.django import DjangoModelFactory

from cabinet.structure.models import Community
from cabinet.users.models import CommunityMember
from tests.factories import UserFactory


class CommunityFactory(DjangoModelFactory):
    """Of the region; with `organization=` or `municipality=`, of these."""

    class Meta:
        model = Community

    kind = Community.Kind.MO
    name = factory.Sequence(lambda n: f"МО учителей математики, часть {n}")


class CommunityMemberFactory(DjangoModelFactory):
    class Meta:
        model = CommunityMember

    community = factory.SubFactory(CommunityFactory)
    person = factory.SubFactory(UserFactory)


def head_of(community: Community, **fields: Any) -> Any:
    """A person with a login and no role who heads it."""
    person = fields.pop("person", None) or UserFactory(email=f"head{community.pk}@example.org", **fields)
    CommunityMemberFactory(community=community, person=person, role=CommunityMember.Role.HEAD)
    return person
