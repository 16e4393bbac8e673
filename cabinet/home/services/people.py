"""Who appears in the directory for whom, and who may change whose card."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q

from cabinet.core.clock import today
from cabinet.courses.models import Completion
from cabinet.structure.models import Community, Municipality, Organization
from cabinet.users.models import CommunityMember, Membership, Role, User, UserQuerySet
from cabinet.users.models.role import ORGANIZATION_ROLES
from cabinet.users.scope import EVERYTHING, NOTHING

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

# Whoever has none of these sees nobody but himself.
READERS = frozenset({"head", "methodist", "mentor", "municipal", "curator", "admin"})
KEEPERS = frozenset({"municipal", "admin"})  # add people, move them, give roles
REACHERS = KEEPERS | {"head"}  # correct addresses, invite, take the list away as a file
LENT_BY_SERVICE = (Role.HEAD, Role.METHODIST, Role.MENTOR)  # what a municipal specialist gives in his municipality


def seen_by(user: User | AnonymousUser) -> UserQuerySet:
    """Whose card this person may open: those of his scope, and a curator the listeners of his courses."""
    people: UserQuerySet = User.objects.visible_to(user)
    if isinstance(user, User) and "curator" in user.roles and "admin" not in user.roles:
        listeners = Completion.objects.filter(course__curator=user).order_by().values("person")
        # Not «|» of two querysets: that would join through the listeners and repeat people.
        people = User.objects.filter(Q(pk__in=people.order_by().values("pk")) | Q(pk__in=listeners))
    return people


def listed_to(user: User | AnonymousUser) -> UserQuerySet:
    """The same without cards that were merged into others."""
    return seen_by(user).filter(merged_into=None)


def reachable_by(user: User | AnonymousUser) -> UserQuerySet:
    """Whose address this person corrects and whom he invites: a head in his own organization too."""
    if not isinstance(user, User):
        return User.objects.none()
    near = _near(user)
    own = [one.organization_id for one in user.active_memberships if one.role == Role.HEAD]
    if "admin" not in user.roles and own:
        near = near | Q(organization__in=own)
    return _below(user, User.objects.filter(near, merged_into=None), schools=own)


def editable_by(user: User | AnonymousUser) -> UserQuerySet:
    """Whose card this person keeps: the admin's are all, a municipal specialist's those of his municipality."""
    if not isinstance(user, User):
        return User.objects.none()
    return _below(user, User.objects.filter(_near(user), merged_into=None))


def _near(user: User) -> Q:
    if "admin" in user.roles:
        return EVERYTHING
    own = user.own_municipalities
    return Q(organization__municipality__in=own) if own else NOTHING


def _below(user: User, people: UserQuerySet, schools: Iterable[int | None] = ()) -> UserQuerySet:
    """Without those who have rights this person could not give: their login must not be opened to an address of his."""
    if user.is_superuser:
        return people
    if "admin" in user.roles:
        return people.filter(Q(is_superuser=False) | Q(pk=user.pk))
    own = user.own_municipalities
    given = Q(role__in=LENT_BY_SERVICE) & (
        Q(organization__municipality__in=own) | Q(person__organization__municipality__in=own)
    )
    given |= Q(role=Role.METHODIST, organization__in=schools) | Q(role=Role.MENTOR, person__organization__in=schools)
    given |= Q(role=Role.HEAD, organization__in=schools, user=user)
    lasting = Membership.objects.filter(Q(ends_on=None) | Q(ends_on__gte=today()), user=OuterRef("pk"))
    headed = CommunityMember.objects.lasting().heads().filter(person=OuterRef("pk")).exclude(person=user)
    governed = Community.objects.governed_by(user).order_by().values("pk")
    return people.filter(
        ~Exists(lasting.exclude(pk__in=Membership.objects.filter(given).values("pk"))),
        ~Exists(headed.exclude(community__in=governed)),
        is_staff=False,
        is_superuser=False,
    )


def organizations_for(user: User) -> Any:
    """Where this person may write a new card, and whose names he may choose among."""
    if "admin" in user.roles:
        return Organization.objects.filter(is_active=True)
    return Organization.objects.filter(municipality__in=user.own_municipalities, is_active=True)


def municipalities_for(user: User) -> Any:
    """Municipalities with people this reader may see."""
    if "admin" in user.roles:
        return Municipality.objects.all()
    return Municipality.objects.filter(pk__in=user.own_municipalities)


def roles_for(user: User) -> list[Role]:
    """Roles this person may give here; РМА has a card of its own for it."""
    if "admin" in user.roles:
        return [one for one in Role if one != Role.REGIONAL]
    return list(LENT_BY_SERVICE) if user.own_municipalities else []


def governs(user: User, membership: Membership) -> bool:
    """May this person end or prolong this role? Its places are read with it."""
    if membership.role == Role.REGIONAL:
        return False
    if "admin" in user.roles:
        return True
    if membership.role not in LENT_BY_SERVICE:
        return False
    place = membership.organization if membership.role in ORGANIZATION_ROLES else None
    if membership.role == Role.MENTOR and membership.person is not None:
        place = membership.person.organization
    return place is not None and place.municipality_id in user.own_municipalities


# --- A page of the directory -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    person: Any
    roles: list[str]
    may_invite: bool


def rows_of(keys: list[int], reader: User) -> list[Row]:
    """The people of a page, in its order: two queries, whatever their number."""
    reachable = reachable_by(reader).filter(pk=OuterRef("pk")) if reader.roles & REACHERS else User.objects.none()
    people = User.objects.filter(pk__in=keys).order_by().annotate(may_invite=Exists(reachable))
    people = people.select_related("organization__municipality", "position", "subject").defer("password")
    by_key = people.in_bulk()
    roles = role_names(Membership.objects.active().filter(user__in=keys))
    return [Row(by_key[pk], roles.get(pk, []), by_key[pk].may_invite) for pk in keys if pk in by_key]


def role_names(memberships: Any) -> dict[int, list[str]]:
    """Person → what he is, each word once."""
    found: dict[int, list[str]] = defaultdict(list)
    for pk, role in memberships.order_by("user", "role").values_list("user", "role").distinct():
        found[pk].append(Role(role).label)
    return found
