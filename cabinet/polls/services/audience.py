"""Whom a poll is put to: the places a person may ask in, and the people of such a place."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from cabinet.polls.models import ROLE_WORDS, Poll
from cabinet.structure.models import Community, Municipality, Organization
from cabinet.users.models import CommunityMember, Membership, Role, User

AUTHORS = ("head", "methodist", "municipal", "admin")
COMMUNITY = "community"
LISTED = 10  # organizations named one by one
# Whoever is one of these is no «педагог» of a poll, though he may teach.
NOT_TEACHERS = [code for code in ROLE_WORDS if code not in ("teacher", Role.MENTOR, Role.REGIONAL)]


def headed_by(user: User) -> QuerySet[Community]:
    own = CommunityMember.objects.active().heads().filter(person=user).values("community")
    return Community.objects.acting().filter(pk__in=own)


def may_make(user: User) -> bool:
    return bool(user.roles & set(AUTHORS)) or headed_by(user).exists()


def places_of(user: User, poll: Poll | None = None) -> list[tuple[str, str]]:
    """(«scope-id», words) where this person may ask; for the admin the organization of `poll` is among them, too."""
    is_admin = "admin" in user.roles
    schools = {one.organization_id for one in user.active_memberships if one.role in (Role.HEAD, Role.METHODIST)}
    if is_admin and poll is not None and not poll.community_id:
        schools.add(poll.organization_id)
    found = [(Poll.Scope.REGION.value, "весь край")] if is_admin else []
    of_schools = Organization.objects.filter(pk__in=[pk for pk in schools if pk is not None])
    found += [(f"organization-{one.pk}", str(one)) for one in of_schools]
    of_region = Q() if is_admin else Q(pk__in=user.own_municipalities)
    found += [(f"municipality-{one.pk}", str(one)) for one in Municipality.objects.filter(of_region)]
    of_communities = Community.objects.all() if is_admin else headed_by(user)
    found += [
        (f"{COMMUNITY}-{one.pk}", f"{one}, {one.place}")
        for one in of_communities.select_related("organization", "municipality")
    ]
    return found


def may_ask(user: User, poll: Poll) -> bool:
    """Whether the poll's place is this person's still: a draft outlives the post of its author."""
    return place_code(poll) in dict(places_of(user, poll))


def place_code(poll: Poll) -> str:
    if poll.community_id:
        return f"{COMMUNITY}-{poll.community_id}"
    pk = poll.organization_id or poll.municipality_id
    return f"{poll.scope}-{pk}" if pk else poll.scope


def place_of(code: str) -> dict[str, Any]:
    """The columns of a place by its code; a community stands where it belongs."""
    scope, _, pk = code.partition("-")
    columns: dict[str, Any] = {"scope": scope, "organization_id": None, "municipality_id": None, "community_id": None}
    if scope == COMMUNITY:
        community = Community.objects.get(pk=int(pk))
        columns["community_id"] = community.pk
        columns["organization_id"], columns["municipality_id"] = community.organization_id, community.municipality_id
        is_of = {Poll.Scope.ORGANIZATION: community.organization_id, Poll.Scope.MUNICIPALITY: community.municipality_id}
        columns["scope"] = next((one.value for one, has in is_of.items() if has), Poll.Scope.REGION.value)
    elif pk:
        columns[f"{scope}_id"] = int(pk)
    return columns


def people_of(poll: Poll) -> QuerySet[User]:
    """Everybody the poll is put to; who asks is not asked himself."""
    people = User.objects.filter(_place_q(poll), is_active=True, merged_into=None)
    if poll.roles:
        people = people.filter(_roles_q(poll))
    return people.exclude(pk=poll.author_id) if poll.author_id else people


def _roles_held(poll: Poll, **more: Any) -> Any:
    """Inside a query over people: a role in force; in an organization's poll, one that is held there."""
    held = Membership.objects.active().filter(user=OuterRef("pk"), **more)
    if poll.scope == Poll.Scope.ORGANIZATION and not poll.community_id:
        held = held.filter(Q(organization=poll.organization_id) | Q(organization=None))
    return Exists(held.order_by())


def _place_q(poll: Poll) -> Q:
    # Subqueries, not joins: a person with two roles is one person.
    active = Membership.objects.active().order_by()
    if poll.community_id:
        members = CommunityMember.objects.active().filter(community=poll.community_id).order_by()
        return Q(pk__in=members.values("person"))
    if poll.scope == Poll.Scope.ORGANIZATION:
        here = active.filter(organization=poll.organization_id)
        return Q(organization=poll.organization_id) | Q(pk__in=here.values("user"))
    if poll.scope == Poll.Scope.MUNICIPALITY:
        place = poll.municipality_id
        here = active.filter(Q(municipality=place) | Q(organization__municipality=place))
        return Q(organization__municipality=place) | Q(pk__in=here.values("user"))
    return Q(organization__isnull=False) | Q(pk__in=active.values("user"))


def _roles_q(poll: Poll) -> Q:
    named = [code for code in poll.roles if code != "teacher"]
    found = Q(_roles_held(poll, role__in=named)) if named else Q(pk__in=())
    return found | ~Q(_roles_held(poll, role__in=NOT_TEACHERS)) if "teacher" in poll.roles else found


@dataclass
class Audience:
    """Whom an opening reaches, counted before it happens."""

    people: int = 0
    without_address: int = 0
    without_login: int = 0
    roles: list[tuple[str, int]] = field(default_factory=list)
    organizations: list[tuple[str, int]] = field(default_factory=list)
    more_organizations: int = 0
    more_people: int = 0


def audience_of(poll: Poll) -> Audience:
    """Three queries, whatever the number of people."""
    people = people_of(poll).order_by()
    addressless = Q(contact_email=None) & Q(email=None)
    held: dict[str, Any] = {f"is_{code}": _roles_held(poll, role=code) for code in ROLE_WORDS if code != "teacher"}
    held["is_teacher"] = ~_roles_held(poll, role__in=NOT_TEACHERS)
    counts = people.annotate(**held).aggregate(
        people=Count("pk"),
        without_address=Count("pk", filter=addressless),
        without_login=Count("pk", filter=Q(email=None)),
        **{code.removeprefix("is_"): Count("pk", filter=Q(**{code: True})) for code in held},
    )
    found = Audience(counts["people"], counts["without_address"], counts["without_login"])
    found.roles = [(words, counts[code]) for code, words in ROLE_WORDS.items() if counts[code]]
    rows = list(people.values_list("organization__name").annotate(count=Count("pk")).order_by("-count", "organization"))
    found.organizations = [(name or "без организации", count) for name, count in rows[:LISTED]]
    found.more_organizations = len(rows) - len(found.organizations)
    found.more_people = sum(count for _, count in rows[LISTED:])
    return found
