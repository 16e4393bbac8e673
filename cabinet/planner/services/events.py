"""What happens to methodical events: put in, changed, called off; who runs them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.core.search import stored_words
from cabinet.mail.services import queue_letter
from cabinet.mail.texts import compose
from cabinet.planner.models import Event, EventSeries
from cabinet.planner.services.event_letters import tell_cancelled, tell_changed
from cabinet.planner.services.registration import move_up
from cabinet.planner.services.series import Repeats, following
from cabinet.structure.models import Community, Municipality, Organization
from cabinet.users.models import CommunityMember, LogEntry, Role, User
from cabinet.users.services import record

AUTHORS = ("head", "methodist", "municipal", "admin")
TOLD = ("on", "starts_at", "ends_at", "place", "link")  # of a change in these people are told
PLACE = ("scope", "organization_id", "municipality_id", "community_id")
REGISTRATION = ("has_registration", "registers_until", "seats")
FIELDS = ("kind", "title", *TOLD, "text", *PLACE, *REGISTRATION)
UNSAID: Mapping[str, Any] = {"community_id": None, "has_registration": False, "registers_until": None, "seats": None}
CANDIDATES = 8  # people offered at once
TWICE = timedelta(minutes=1)  # of two clicks; later, the same again is meant


# --- For whom ---------------------------------------------------------------------------------------------------


def audiences_of(user: User, event: Event | None = None) -> list[tuple[str, str]]:
    """(code, words) for whom this person may hold an event, the narrowest first; `event` keeps its present one."""
    schools = {one.organization_id for one in user.active_memberships if one.role in (Role.HEAD, Role.METHODIST)}
    places: set[int | None] = set(user.own_municipalities)
    if event is not None:
        schools, places = schools | {event.organization_id}, places | {event.municipality_id}
    is_admin = "admin" in user.roles
    found = []
    if event is None or event.author_id == user.pk or event.scope == Event.Scope.PERSONAL:
        found.append((Event.Scope.PERSONAL.value, "личное: только вы и те, кого вы пригласите"))
    if is_admin or _is_regional(event):
        found.append((Event.Scope.REGION.value, "весь край"))
    of_region = Q() if is_admin else Q(pk__in=[pk for pk in places if pk is not None])
    found += [(f"municipality-{one.pk}", str(one)) for one in Municipality.objects.filter(of_region)]
    of_schools = Organization.objects.filter(pk__in=[pk for pk in schools if pk is not None])
    found += [(f"organization-{one.pk}", str(one)) for one in of_schools]
    return found + [(f"community-{one.pk}", f"{one} ({one.place})") for one in _headed_by(user, event)]


def _headed_by(user: User, event: Event | None) -> "QuerySet[Community]":
    heads = CommunityMember.objects.active().heads().filter(person=user).values("community")
    own = Q(pk__in=heads, is_active=True)
    present = Q(pk=event.community_id) if event is not None and event.community_id else Q(pk__in=())
    return Community.objects.filter(own | present).select_related("organization", "municipality")


def _is_regional(event: Event | None) -> bool:
    return event is not None and event.scope == Event.Scope.REGION


def audience_code(event: Event) -> str:
    if event.community_id:
        return f"community-{event.community_id}"
    pk = event.organization_id or event.municipality_id
    return f"{event.scope}-{pk}" if pk else event.scope


def place_of(code: str) -> dict[str, Any]:
    """The columns of an audience by its code; a community's events are of the community's own place."""
    scope, _, pk = code.partition("-")
    if scope == "community":
        community = Community.objects.get(pk=int(pk))
        scope = (
            Event.Scope.ORGANIZATION
            if community.organization_id
            else Event.Scope.MUNICIPALITY
            if community.municipality_id
            else Event.Scope.REGION
        )
        values: tuple[Any, ...] = (scope.value, community.organization_id, community.municipality_id, community.pk)
    else:
        number = int(pk) if pk else None
        is_school, is_place = scope == Event.Scope.ORGANIZATION, scope == Event.Scope.MUNICIPALITY
        values = (scope, number if is_school else None, number if is_place else None, None)
    return dict(zip(PLACE, values, strict=True))


# --- Put in, changed, called off --------------------------------------------------------------------------------


def plan_event(author: User, values: Mapping[str, Any], repeats: Repeats | None = None) -> Event:
    """Put an event in, with all its repeats at once; the same one sent twice is there once. The first of them.

    `values` has the columns of FIELDS; those of UNSAID may be left out.
    """
    columns = {**UNSAID, **values}
    columns = {name: columns[name] for name in FIELDS}
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=author.pk)  # of two clicks the second finds the first's row
        if found := twin_of(author, columns, repeats):
            return found
        days, series = [columns["on"]], None
        if repeats is not None:
            days = repeats.days(columns["on"])
            series = EventSeries.objects.create(every=repeats.every, until=repeats.until, author=author)
        rows = [Event.objects.create(author=author, series=series, **_on(columns, day)) for day in days]
        note = f"Внесено событие: {rows[0].log_name}, {rows[0].when}" + (f", повторов: {len(rows)}" if series else "")
        record(LogEntry.Action.CHANGED, actor=author, about=rows[0], note=note)
    return rows[0]


def twin_of(author: User, columns: Mapping[str, Any], repeats: Repeats | None = None) -> Event | None:
    """The very same event, with the same repeats, put in a moment ago."""
    same = {name: columns[name] for name in FIELDS}
    again = {"series__every": repeats.every, "series__until": repeats.until} if repeats else {"series": None}
    lately = Event.objects.filter(author=author, is_cancelled=False, created_at__gt=timezone.now() - TWICE)
    return lately.filter(**same, **again).first()


def _on(columns: Mapping[str, Any], day: date) -> dict[str, Any]:
    """The same on another day; registration ends as many days before it."""
    until = columns["registers_until"]
    moved = until + (day - columns["on"]) if until else None
    return {**columns, "on": day, "registers_until": moved}


@dataclass(frozen=True)
class Edited:
    """What else came of an edit: later ones that somebody had changed meanwhile, leaders let go."""

    skipped: int = 0
    let_go: int = 0


def change_event(
    event: Event, values: Mapping[str, Any], *, actor: User, version: int, with_following: bool = False
) -> Edited | None:
    """Write an edit down, if nobody has changed the event since `version`; a cancelled one ahead takes place again.

    `with_following`: later ones of the series too, each moved by as many days; those coming read of it in one letter.
    """
    columns = {**UNSAID, **values}
    columns = {name: columns[name] for name in FIELDS}
    moved_by, is_back = columns["on"] - event.on, event.is_cancelled
    with transaction.atomic():
        later = list(following(event)) if with_following else []
        told = _write(event, columns, version=version)
        if told is None:
            event.refresh_from_db()
            return None
        found = [(one, _write(one, _on(columns, one.on + moved_by), version=one.version)) for one in later]
        written = [event, *(one for one, is_told in found if is_told is not None)]
        let_go = _let_leaders_go(written, actor) if event.scope == Event.Scope.PERSONAL else 0
        move_up(written)
        event.refresh_from_db()
        more = f" и следующие: {len(written) - 1}" if written[1:] else ""
        note = f"Изменено событие: {event.log_name}, {event.when}{more}"
        record(LogEntry.Action.CHANGED, actor=actor, about=event, note=note)
        tell_changed([one for one, is_told in [(event, told), *found] if is_told], actor, is_back=is_back)
    return Edited(skipped=1 + len(later) - len(written), let_go=let_go)


def _let_leaders_go(events: Sequence[Event], actor: User) -> int:
    """To a personal event guests are invited: nobody else runs it, nor knows of it."""
    rows = Event.leaders.through.objects.filter(event__in=events).select_related("event", "user").order_by("pk")
    return sum(remove_leader(one.event, one.user, actor=actor) for one in rows)


def _write(event: Event, columns: Mapping[str, Any], *, version: int) -> bool | None:
    """None when somebody was quicker; else whether those coming have to be told: of what is past nobody is."""
    now = timezone.now()
    is_ahead = max(event.on, columns["on"]) >= today()
    is_told = is_ahead and (event.is_cancelled or any(getattr(event, name) != columns[name] for name in TOLD))
    is_cancelled = event.is_cancelled and not is_ahead
    written = {**columns, "is_cancelled": is_cancelled, "updated_at": now, "version": F("version") + 1}
    written["words"] = stored_words(columns["title"], columns["text"], columns["place"])
    written |= {"changed_at": now} if is_told else {}
    here = Event.objects.filter(pk=event.pk, version=version, is_cancelled=event.is_cancelled)
    if not here.update(**written):
        return None
    event.refresh_from_db()
    return is_told


def cancel_event(event: Event, *, actor: User, with_following: bool = False) -> bool:
    """Says whether it was still to take place; it stays in the list and may be brought back by an edit."""
    now = timezone.now()
    with transaction.atomic():
        asked = [event.pk, *(one.pk for one in following(event))] if with_following else [event.pk]
        ahead = Event.objects.filter(pk__in=asked, is_cancelled=False, on__gte=today()).order_by("on", "pk")
        rows = list(ahead.select_for_update(no_key=True, of=("self",)))
        pks = [one.pk for one in rows]
        Event.objects.filter(pk__in=pks).update(
            is_cancelled=True, version=F("version") + 1, changed_at=now, updated_at=now
        )
        event.refresh_from_db()
        if rows:
            more = f" и следующие: {len(rows) - 1}" if len(rows) > 1 else ""
            note = f"Отменено событие: {event.log_name}, {event.when}{more}"
            record(LogEntry.Action.CHANGED, actor=actor, about=event, note=note)
            tell_cancelled(list(Event.objects.filter(pk__in=pks)), actor)
    return bool(rows)


# --- Who runs it ------------------------------------------------------------------------------------------------


def candidates(event: Event, user: User, text: str = "") -> "QuerySet[User]":
    """Whom the editor may name as a leader: people of his scope who can log in to mark how it went."""
    if event.scope == Event.Scope.PERSONAL:
        return User.objects.none()  # to a personal one guests are invited
    people = User.objects.visible_to(user).filter(is_active=True, email__isnull=False)
    named = Event.leaders.through.objects.filter(event=event).values("user")
    found = people.exclude(pk__in=named).exclude(pk=event.author_id)
    return found.search(text) if text else found


def add_leader(event: Event, person: User, *, actor: User) -> bool:
    """Says whether the person was not named before; he reads of it in a letter."""
    with transaction.atomic():
        through = Event.leaders.through
        list(Event.objects.select_for_update(no_key=True).filter(pk=event.pk).values_list("pk"))
        row, is_new = through.objects.get_or_create(event=event, user=person)
        if is_new:
            note = f"Проводит событие: {event.log_name}"
            record(LogEntry.Action.RIGHTS, actor=actor, person=person, about=event, note=note)
            _tell_leader(event, person, actor, row.pk)
    return is_new


def remove_leader(event: Event, person: User, *, actor: User) -> bool:
    with transaction.atomic():
        gone, _ = Event.leaders.through.objects.filter(event=event, user=person).delete()
        if gone:
            note = f"Больше не проводит событие: {event.log_name}"
            record(LogEntry.Action.RIGHTS, actor=actor, person=person, about=event, note=note)
    return bool(gone)


def _tell_leader(event: Event, person: User, actor: User, named: int) -> None:
    """Each time he is named: `named` is of the row that says so."""
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
    key = f"event.leader.{event.pk}.{person.pk}.{named}"
    queue_letter(key=key, kind="event.leader", to=person, subject=subject, body=body, about=event)
