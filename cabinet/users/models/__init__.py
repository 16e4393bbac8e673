"""People, their roles and the append-only log of what was done and seen."""

from cabinet.users.models.log import LogEntry
from cabinet.users.models.membership import Membership
from cabinet.users.models.role import Role
from cabinet.users.models.user import User, UserQuerySet

__all__ = ["LogEntry", "Membership", "Role", "User", "UserQuerySet"]
