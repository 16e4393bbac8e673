"""What happens to people and roles, and writing the log."""

from typing import TYPE_CHECKING

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone

from cabinet.users.models import LogEntry, User

if TYPE_CHECKING:
    from django.http import HttpRequest


def record(
    action: LogEntry.Action,
    *,
    actor: User | None = None,
    person: User | None = None,
    about: models.Model | None = None,
    note: str = "",
    request: "HttpRequest | None" = None,
) -> None:
    """Append one line to the log; with a request, its user and address are taken from there."""
    if request is not None and actor is None and isinstance(request.user, User):
        actor = request.user
    LogEntry.objects.create(
        action=action,
        actor=actor,
        person=person,
        about_type=ContentType.objects.get_for_model(about) if about else None,
        about_id=about.pk if about else None,
        note=note[:500],
        ip_address=request.META.get("REMOTE_ADDR") or None if request else None,
    )


def open_login(user: User, *, request: "HttpRequest | None" = None) -> bool:
    """Let a person in by the address letters go to; says whether anything changed.

    Nothing happens when there is a login already, no address, or somebody else logs in by it.
    """
    address = user.contact_email
    if user.email or not address or not user.is_active or User.objects.filter(email=address).exists():
        return False
    # The condition repeats in the UPDATE: two administrators may press at once.
    opened = User.objects.filter(pk=user.pk, email=None).update(email=address, updated_at=timezone.now())
    if opened:
        user.email = address
        record(LogEntry.Action.RIGHTS, person=user, about=user, note="открыт вход", request=request)
    return bool(opened)
