"""People, their roles and the append-only log of what was done and seen."""

from cabinet.users.models.community import CommunityMember, CommunityMemberQuerySet, only_observes
from cabinet.users.models.ground import DataGround, DataNotice
from cabinet.users.models.log import LogEntry
from cabinet.users.models.membership import Membership
from cabinet.users.models.pairs import OrganizationPair, Pair, PersonPair
from cabinet.users.models.role import Role
from cabinet.users.models.substitution import Substitution
from cabinet.users.models.user import User, UserQuerySet

__all__ = [
    "CommunityMember",
    "CommunityMemberQuerySet",
    "DataGround",
    "DataNotice",
    "LogEntry",
    "Membership",
    "OrganizationPair",
    "Pair",
    "PersonPair",
    "Role",
    "Substitution",
    "User",
    "UserQuerySet",
    "only_observes",
]
