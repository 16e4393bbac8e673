"""Territories, municipalities, organizations, communities and the shared dictionaries."""

from cabinet.structure.models.community import Community, CommunityQuerySet
from cabinet.structure.models.dictionary import Position, Subject, Topic
from cabinet.structure.models.organization import Organization, OrganizationAlias
from cabinet.structure.models.territory import Municipality, Territory

__all__ = [
    "Community",
    "CommunityQuerySet",
    "Municipality",
    "Organization",
    "OrganizationAlias",
    "Position",
    "Subject",
    "Territory",
    "Topic",
]
