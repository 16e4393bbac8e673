"""What happens to communities: made, changed, closed, opened again, and where one of them may belong."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Case, Count, Exists, F, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.core.search import key
from cabinet.structure.models import Community, CommunityQuerySet, Municipality, Organization
from cabinet.users.models import CommunityMember, LogEntry, Role, User
from cabinet.users.services import record

MAKERS = ("head", "methodist", "municipal", "admin")
FIELDS = ("kind", "name", "text", "subject", "organization", "municipality")
NEAREST = 5  # organizations named when what was typed fits several
NAMESAKE = "Сообщество с таким названием здесь уже есть. Назовите это иначе или откройте прежнее."


class CommunityRefused(Exception):
    """It stays as it was; the text says why and what to do."""


@dataclass(frozen=True)
class Place:
    """Where a community belongs: an organization, a municipality, or, with neither, the region."""

    organization: Organization | None = None
    municipality: Municipality | None = None


# --- Reading -----------------------------------------------------------------------------------------------------


def with_size(communities: CommunityQuerySet) -> CommunityQuerySet:
    """`size`: how many people are in it today. Of a number nobody is recognised, so everybody may know it."""
    members = CommunityMember.objects.active().filter(community=OuterRef("pk")).order_by()
    counted = members.values("community").annotate(counted=Count("person", distinct=True)).values("counted")
    return communities.annotate(size=Coalesce(Subquery(counted), Value(0)))


def with_rights(communities: CommunityQuerySet, user: User) -> CommunityQuerySet:
    """`governs`: name, place and heads; `edits`: text and members; `is_mine`: is in it today."""
    own = CommunityMember.objects.active().filter(person=user, community=OuterRef("pk"))
    return communities.annotate(
        governs=Exists(Community.objects.governed_by(user).filter(pk=OuterRef("pk"))),
        edits=Exists(Community.objects.editable_by(user).filter(pk=OuterRef("pk"))),
        is_mine=Exists(own),
    )


def with_past(communities: CommunityQuerySet) -> CommunityQuerySet:
    """`had_members`: somebody was in it who is no more."""
    return communities.annotate(
        had_members=Exists(CommunityMember.objects.filter(community=OuterRef("pk"), ends_on__lt=today()))
    )


def heads_of(communities: list[int], user: User) -> dict[int, list[User]]:
    """Community → who heads it, by name; nothing for the observer. One query."""
    rows = CommunityMember.objects.named_to(user).filter(community__in=communities).select_related("person")
    found: dict[int, list[User]] = {}
    for row in rows.order_by("person__name_key", "pk"):
        found.setdefault(row.community_id, []).append(row.person)
    return found


# --- Where it may belong -----------------------------------------------------------------------------------------


def places_of(user: User, community: Community | None = None) -> list[tuple[str, str]]:
    """(code, words) of the places offered; the present one of `community` is always among them.

    Single organizations only for those who work there: of a region or a municipality there are too many for a list,
    they are named by words (`named_organization`).
    """
    is_admin = "admin" in user.roles
    found = [("region", "весь край")] if is_admin else []
    places = Municipality.objects.all() if is_admin else Municipality.objects.filter(pk__in=user.own_municipalities)
    found += [(f"municipality-{one.pk}", str(one)) for one in places.order_by("name", "pk")]
    posts = [one for one in user.active_memberships if one.role in (Role.HEAD, Role.METHODIST)]
    schools = [one.organization_id for one in posts if one.organization_id is not None]
    found += [(f"organization-{one.pk}", str(one)) for one in Organization.objects.filter(pk__in=schools)]
    if community is not None and (code := code_of(community)) not in dict(found):
        found.append((code, community.place))
    return found


def code_of(community: Community) -> str:
    if community.organization_id:
        return f"organization-{community.organization_id}"
    return f"municipality-{community.municipality_id}" if community.municipality_id else "region"


def place_of(code: str) -> Place:
    """What a code of `places_of` means."""
    kind, _, pk = code.partition("-")
    if kind == "organization":
        return Place(organization=Organization.objects.get(pk=int(pk)))
    return Place(municipality=Municipality.objects.get(pk=int(pk))) if kind == "municipality" else Place()


def names_organizations(user: User) -> bool:
    return "admin" in user.roles or bool(user.own_municipalities)


def named_organization(user: User, text: str) -> Organization:
    """The one organization in the user's care whose name has every typed word, or is just that."""
    found = Organization.objects.filter(is_active=True)
    if "admin" not in user.roles:
        found = found.filter(municipality__in=user.own_municipalities)
    exact = list(found.filter(name_key=key(text))[:2])
    for word in key(text).split():
        found = found.filter(name_key__contains=word)
    near = exact if len(exact) == 1 else list(found.select_related("municipality").order_by("name")[: NEAREST + 1])
    if len(near) == 1:
        return near[0]
    if not near:
        raise CommunityRefused("Такой организации нет. Проверьте название: хватит его части, например «СОШ № 12».")
    listed = "; ".join(f"{one.name} ({one.municipality})" for one in near[:NEAREST])
    raise CommunityRefused(f"Подходит несколько организаций: {listed}. Напишите название точнее.")


# --- Acts --------------------------------------------------------------------------------------------------------


def make_community(values: dict[str, Any], *, actor: User) -> Community:
    """`values` has every one of FIELDS. Raises CommunityRefused when the place has one of that name."""
    try:
        with transaction.atomic():
            community = Community.objects.create(**{name: values[name] for name in FIELDS})
            note = f"Заведено сообщество: {community}, {community.place}"
            record(LogEntry.Action.CHANGED, actor=actor, about=community, note=note)
    except IntegrityError:
        raise CommunityRefused(NAMESAKE) from None
    return community


def change_community(community: Community, values: dict[str, Any], *, actor: User, seen: str) -> bool:
    """Write an edit down unless somebody changed it since `seen`; the values may be a part of FIELDS."""
    columns = {name: values[name] for name in FIELDS if name in values}
    if "name" in columns:
        columns["name_key"] = key(columns["name"])
    try:
        with transaction.atomic():
            row = Community.objects.select_for_update(of=("self",), no_key=True).get(pk=community.pk)
            is_same = stamp(row) == seen
            if is_same:
                Community.objects.filter(pk=row.pk).update(**columns, updated_at=timezone.now())
            community.refresh_from_db()
            if is_same:
                note = f"Изменено сообщество: {community}, {community.place}"
                record(LogEntry.Action.CHANGED, actor=actor, about=community, note=note)
    except IntegrityError:
        raise CommunityRefused(NAMESAKE) from None
    return is_same


def stamp(community: Community) -> str:
    """Differs after every edit: the form carries it, so that a second editor does not overwrite the first."""
    return community.updated_at.isoformat()


def close_community(community: Community, *, actor: User) -> bool:
    """Says whether it was still acting. Nothing is lost: members stay written down, their terms end."""
    with transaction.atomic():
        done = Community.objects.filter(pk=community.pk, is_active=True).update(
            is_active=False, updated_at=timezone.now()
        )
        if done:
            ended = _end_terms(CommunityMember.objects.filter(community=community))
            User.asked_communities.through.objects.filter(community=community).delete()
            note = f"Закрыто сообщество: {community}; участников: {ended}"
            record(LogEntry.Action.MOVED, actor=actor, about=community, note=note)
    community.refresh_from_db()
    return bool(done)


def _end_terms(rows: "QuerySet[CommunityMember]") -> int:
    now = today()
    lasting = rows.filter(pk__in=CommunityMember.objects.lasting().order_by().values("pk"))
    # One who was to begin later never did, but that he was to is kept too.
    return lasting.update(ends_on=Case(When(starts_on__gte=now, then=F("starts_on")), default=Value(_eve(now))))


def _eve(day: date) -> date:
    return day - timedelta(days=1)


def reopen_community(community: Community, *, actor: User) -> bool:
    with transaction.atomic():
        done = Community.objects.filter(pk=community.pk, is_active=False).update(
            is_active=True, updated_at=timezone.now()
        )
        if done:
            note = f"Снова действует сообщество: {community}"
            record(LogEntry.Action.MOVED, actor=actor, about=community, note=note)
    community.refresh_from_db()
    return bool(done)
