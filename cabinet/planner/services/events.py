"""What happens to methodical events: put in, changed, called off; who runs them."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.mail.services import queue_letter
from cabinet.mail.texts import compose
from cabinet.planner.models import Event
from cabinet.structure.models import Municipality, Organization
from cabinet.users.models import LogEntry, Role, User
from cabinet.users.services import record

AUTHORS = ("head", "methodist", "municipal", "admin")
TOLD = ("on", "starts_at", "ends_at", "place", "link")  # of a change in these people are told
FIELDS = ("kind", "title", *TOLD, "text", "scope", "organization_id", "municipality_id")
CANDIDATES = 8  # people offered at once


def audiences_of(user: User, event: Event | None = None) -> list[tuple[str, str]]:
    """(«scope-id», words) for whom this person may hold an event; the present one of `event` is always among them."""
    schools = {one.organization_id for one in user.active_memberships if one.role in (Role.HEAD, Role.METHODIST)}
    places: set[int | None] = set(user.own_municipalities)
    if event is not None:
        schools, places = schools | {event.organization_id}, places | {event.municipality_id}
    is_admin = "admin" in user.roles
    found = [(Event.Scope.REGION.value, "весь край")] if is_admin or _is_regional(event) else []
    of_region = Q() if is_admin else Q(pk__in=[pk for pk in places if pk is not None])
    found += [(f"municipality-{one.pk}", str(one)) for one in Municipality.objects.filter(of_region)]
    of_schools = Organization.objects.filter(pk__in=[pk for pk in schools if pk is not None])
    found += [(f"organization-{one.pk}", str(one)) for one in of_schools]
    return found


def _is_regional(event: Event | None) -> bool:
    return event is not None and event.scope == Event.Scope.REGION


def audience_code(event: Event) -> str:
    pk = event.organization_id or event.municipality_id
    return f"{event.scope}-{pk}" if pk else event.scope


def place_of(code: str) -> dict[str, Any]:
    """The columns of an audience by its code."""
    scope, _, pk = code.partition("-")
    return {
        "scope": scope,
        "organization_id": int(pk) if scope == Event.Scope.ORGANIZATION else None,
        "municipality_id": int(pk) if scope == Event.Scope.MUNICIPALITY else None,
    }


def plan_event(author: User, values: dict[str, Any]) -> Event:
    """Put an event in; the same one sent twice is there once. `values` has every column of FIELDS."""
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=author.pk)  # of two clicks the second finds the first's row
        same = Event.objects.filter(author=author, is_cancelled=False).filter(
            **{name: values[name] for name in ("kind", "title", "on", "starts_at", "scope")},
            organization=values["organization_id"],
            municipality=values["municipality_id"],
        )
        if found := same.first():
            return found
        event = Event.objects.create(author=author, **{name: values[name] for name in FIELDS})
        record(LogEntry.Action.CHANGED, actor=author, about=event, note=f"Внесено событие: {event}, {event.when}")
    return event


def change_event(event: Event, values: dict[str, Any], *, actor: User, version: int) -> bool:
    """Write an edit down, if nobody has changed the event since `version`; a cancelled event takes place again."""
    now = timezone.now()
    columns = {name: values[name] for name in FIELDS} | {"is_cancelled": False, "updated_at": now}
    columns["words"] = Event.words_of(columns["title"], columns["text"], columns["place"])
    is_told = event.is_cancelled or any(getattr(event, name) != values[name] for name in TOLD)
    columns |= {"changed_at": now} if is_told else {}
    with transaction.atomic():
        here = Event.objects.filter(pk=event.pk, version=version, is_cancelled=event.is_cancelled)
        done = here.update(version=F("version") + 1, **columns)
        event.refresh_from_db()
        if done:
            record(LogEntry.Action.CHANGED, actor=actor, about=event, note=f"Изменено событие: {event}, {event.when}")
    return bool(done)


def cancel_event(event: Event, *, actor: User) -> bool:
    """Says whether it was still to take place; it stays in the list and may be brought back by an edit."""
    now = timezone.now()
    with transaction.atomic():
        here = Event.objects.filter(pk=event.pk, is_cancelled=False, on__gte=today())
        done = here.update(is_cancelled=True, version=F("version") + 1, changed_at=now, updated_at=now)
        event.refresh_from_db()
        if done:
            record(LogEntry.Action.CHANGED, actor=actor, about=event, note=f"Отменено событие: {event}, {event.when}")
    return bool(done)


# --- Who runs it ------------------------------------------------------------------------------------------------


def candidates(event: Event, user: User, text: str = "") -> "QuerySet[User]":
    """Whom the editor may name as a leader: people of his scope who can log in to mark how it went."""
    people = User.objects.visible_to(user).filter(is_active=True, email__isnull=False)
    named = Event.leaders.through.objects.filter(event=event).values("user")
    found = people.exclude(pk__in=named).exclude(pk=event.author_id)
    return found.search(text) if text else found


def add_leader(event: Event, person: User, *, actor: User) -> bool:
    """Says whether the person was not named before; he reads of it in a letter."""
    with transaction.atomic():
        through = Event.leaders.through
        list(Event.objects.select_for_update(no_key=True).filter(pk=event.pk).values_list("pk"))
        _, is_new = through.objects.get_or_create(event=event, user=person)
        if is_new:
            note = f"Проводит событие: {event}"
            record(LogEntry.Action.RIGHTS, actor=actor, person=person, about=event, note=note)
            _tell_leader(event, person, actor)
    return is_new


def remove_leader(event: Event, person: User, *, actor: User) -> bool:
    with transaction.atomic():
        gone, _ = Event.leaders.through.objects.filter(event=event, user=person).delete()
        if gone:
            note = f"Больше не проводит событие: {event}"
            record(LogEntry.Action.RIGHTS, actor=actor, person=person, about=event, note=note)
    return bool(gone)


def _tell_leader(event: Event, person: User, actor: User) -> None:
    if person.pk == actor.pk:
        return
    values = {
        "имя": person.polite_name,
        "кто": actor.full_name,
        "название": event.title,
        "событие": str(event),
        "когда": event.when,
        "где": f"Где: {event.place}." if event.place else "",
        "адрес": settings.SITE_URL + event.get_absolute_url(),
    }
    subject, body = compose("event.leader", values)
    key = f"event.leader.{event.pk}.{person.pk}"
    queue_letter(key=key, kind="event.leader", to=person, subject=subject, body=body, about=event)
