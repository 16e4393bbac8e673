"""Merging two cards of one person as the admin does it."""

from cabinet.home.services.merging_people import merge_people, plan_people
from cabinet.users.models import User


def merge(keep: User, drop: User, admin: User, **take: int) -> User:
    plan = plan_people(keep, drop, actor=admin)
    merge_people(keep, drop, take, actor=admin, seen=plan.fingerprint)
    drop.refresh_from_db()
    return User.objects.get(pk=keep.pk)
