"""Who may be asked, who fits best and why, and why somebody is not offered."""

from cabinet.users.models import Membership, User
from cabinet.users.models.role import ORGANIZATION_ROLES
from rma.models import Member, MemberQuerySet


def members_for(*, person: User | None, organization_id: int, assessment: bool) -> MemberQuerySet:
    """Members who may be asked about a person: never himself, for an assessment never of the same organization."""
    members = Member.objects.available()
    if person is not None:
        members = members.exclude(user=person)
    if assessment:
        roles = Membership.objects.active().filter(organization=organization_id, role__in=ORGANIZATION_ROLES)
        members = members.exclude(user__organization=organization_id).exclude(user__in=roles.values("user"))
    return members.with_load()
