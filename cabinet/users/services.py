"""What happens to people and roles, and writing the log."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.utils import timezone

from cabinet.core.search import fold
from cabinet.structure.models import Organization, Subject
from cabinet.users.models import LogEntry, Membership, User

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


def open_login(user: User, *, actor: User | None = None, request: "HttpRequest | None" = None) -> bool:
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
        record(LogEntry.Action.RIGHTS, actor=actor, person=user, about=user, note="открыт вход", request=request)
    return bool(opened)


@transaction.atomic
def give_role(
    user: User,
    role: str,
    organization: Organization,
    *,
    actor: User,
    subjects: Iterable[Subject] = (),
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Membership:
    """A role in an organization, with its line in the log."""
    membership = Membership.objects.create(
        user=user, role=role, organization=organization, starts_on=starts_on, ends_on=ends_on
    )
    membership.subjects.set(subjects)
    note = f"назначена роль: {membership}"
    record(LogEntry.Action.RIGHTS, actor=actor, person=user, about=user, note=note)
    return membership


@transaction.atomic
def end_role(membership: Membership, *, since: date, actor: User | None) -> None:
    """From the day `since` the role is no more; one that never began leaves no row behind, only the log."""
    if membership.starts_on is not None and membership.starts_on >= since:
        Membership.objects.filter(pk=membership.pk).delete()
    else:
        membership.ends_on = since - timedelta(days=1)
        membership.save(update_fields=["ends_on"])
    note = f"снята роль с {since:%d.%m.%Y}: {membership}"
    record(LogEntry.Action.RIGHTS, actor=actor, person=membership.user, about=membership.user, note=note)


@transaction.atomic
def save_role(membership: Membership, *, actor: User, request: "HttpRequest | None" = None) -> Membership:
    """A role with any scope, checked by its own rules, with its line in the log. Raises ValidationError."""
    membership.full_clean()
    membership.save()
    term = _term(membership)
    note = f"назначена роль: {membership}{f', {term}' if term else ''}"
    record(
        LogEntry.Action.RIGHTS, actor=actor, person=membership.user, about=membership.user, note=note, request=request
    )
    return membership


@transaction.atomic
def prolong_role(membership: Membership, ends_on: date | None, *, actor: User) -> bool:
    """Another last day, or none; says whether anything changed. Raises ValidationError."""
    if membership.ends_on == ends_on:
        return False
    former = membership.ends_on
    membership.ends_on = ends_on
    membership.full_clean()
    # Somebody else may have ended it meanwhile: then the page is old.
    if not Membership.objects.filter(pk=membership.pk, ends_on=former).update(ends_on=ends_on):
        return False
    note = f"изменён срок роли: {membership}, {_term(membership) or 'без срока'}"
    record(LogEntry.Action.RIGHTS, actor=actor, person=membership.user, about=membership.user, note=note)
    return True


def _term(membership: Membership) -> str:
    starts = f"с {membership.starts_on:%d.%m.%Y}" if membership.starts_on else ""
    ends = f"по {membership.ends_on:%d.%m.%Y}" if membership.ends_on else ""
    return f"{starts} {ends}".strip()


def with_former(surname: str, *former: str) -> str:
    """Surnames a person had, the latest first, each once and never the one he has; of lists joined by commas."""
    known = {fold(surname)}
    names = []
    for name in (part.strip() for text in former for part in text.split(",")):
        if name and fold(name) not in known:
            known.add(fold(name))
            names.append(name)
    while len(", ".join(names)) > 200:
        names.pop()
    return ", ".join(names)


@transaction.atomic
def rename(person: User, last_name: str, first_name: str, patronymic: str, *, keeps_former: bool, actor: User) -> bool:
    """Another name; the former surname stays findable unless it was a slip. Says whether anything changed."""
    person = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    former = person.full_name
    if (person.last_name, person.first_name, person.patronymic) == (last_name, first_name, patronymic):
        return False
    earlier = person.last_name if keeps_former else ""
    person.former_names = with_former(last_name, earlier, person.former_names)
    person.last_name, person.first_name, person.patronymic = last_name, first_name, patronymic
    person.save()
    note = f"имя: {former} → {person.full_name}"
    record(LogEntry.Action.CHANGED, actor=actor, person=person, about=person, note=note)
    return True


@transaction.atomic
def set_active(person: User, *, is_active: bool, actor: User, why: str = "") -> bool:
    """Close a card or open it again; says whether that changed. A merged card stays closed."""
    cards = User.objects.filter(pk=person.pk, is_active=not is_active, merged_into=None)
    if not cards.update(is_active=is_active, updated_at=timezone.now()):
        return False
    person.is_active = is_active
    note = "снова работает" if is_active else f"больше не работает{f': {why}' if why else ''}"
    record(LogEntry.Action.RIGHTS, actor=actor, person=person, about=person, note=note)
    return True


@transaction.atomic
def change_subjects(membership: Membership, subjects: Iterable[Subject], *, actor: User) -> None:
    membership.subjects.set(subjects)
    names = ", ".join(membership.subjects.values_list("name", flat=True)) or "все"
    note = f"изменены предметы ({membership}): {names}"
    record(LogEntry.Action.RIGHTS, actor=actor, person=membership.user, about=membership.user, note=note)
