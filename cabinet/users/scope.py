"""The condition of a role's scope, built once; an app's `visible_to` only names its paths."""

from typing import TYPE_CHECKING

from django.db.models import Q

from cabinet.users.models.role import Role

if TYPE_CHECKING:
    from cabinet.users.models.membership import Membership
    from cabinet.users.models.user import User  # querysets of people are scoped too

NOTHING = Q(pk__in=())
# Not Q(): an empty Q disappears when joined by «or», and with it everything the admin may see.
EVERYTHING = ~NOTHING


def scope_q(user: "User", *, person: str = "", organization: str = "", municipality: str = "", subject: str = "") -> Q:
    """Rows within the scopes of the user's roles: own, own organization, own municipality, the region.

    `person`, `organization` and `subject` are lookup paths from the filtered model; an empty path means that
    the model has no such side. With `subject`, a methodist appointed for some subjects sees only those.
    `municipality` is for a model that holds it itself: without it the way leads through the organization.
    The observer is not here: he sees aggregates, never rows.
    """
    if "admin" in user.roles:
        return EVERYTHING
    scope = Q(**{person: user.pk}) if person else NOTHING
    organizations, municipalities, people = [], [], []
    for membership in (*user.active_memberships, *user.deputized_memberships):
        if membership.role == Role.MENTOR:
            people.append(membership.person_id)
        elif membership.role == Role.MUNICIPAL:
            municipalities.append(membership.municipality_id)
        elif membership.role in (Role.HEAD, Role.METHODIST):
            named_for = membership.subject_ids if membership.role == Role.METHODIST else ()
            if subject and named_for and organization:
                scope |= Q(**{organization: membership.organization_id, f"{subject}__in": named_for})
            else:
                organizations.append(membership.organization_id)
    if person and people:
        scope |= Q(**{f"{person}__in": people})
    if organization and organizations:
        scope |= Q(**{f"{organization}__in": organizations})
    if organization and municipalities:
        scope |= Q(**{f"{municipality or f'{organization}__municipality'}__in": municipalities})
    return scope


def helps_q(
    user: "User", *, person: str, organization: str = "organization", subject: str = "subject", borrowed: bool = True
) -> Q:
    """Teachers this person works with himself: a methodist's, within his subjects, and those a mentor is named to.

    Narrower than reading: a head and a municipal specialist look and agree. The admin is not here, whether he helps
    is for the caller to say. Paths as in `scope_q`. `borrowed`: those of somebody he stands in for too; scores of
    diagnoses are not lent.
    """
    found = NOTHING
    for membership in user.active_memberships:
        if membership.role == Role.METHODIST:
            found |= _of_methodist(membership, organization, subject)
        elif membership.role == Role.MENTOR:
            found |= Q(**{person: membership.person_id})
    for membership in user.deputized_memberships if borrowed else ():
        if membership.role == Role.METHODIST:  # the one away did not work with himself, nor does his deputy
            found |= _of_methodist(membership, organization, subject) & ~Q(**{person: membership.user_id})
    return found


def _of_methodist(membership: "Membership", organization: str, subject: str) -> Q:
    named_for = {f"{subject}__in": membership.subject_ids} if membership.subject_ids else {}
    return Q(**{organization: membership.organization_id}, **named_for)
