"""Whom and what a person may ask about when the request comes from nothing else."""

from dataclasses import dataclass

from django.db.models import QuerySet

from cabinet.core.search import key
from cabinet.structure.models import Organization
from cabinet.users.models import User, UserQuerySet
from cabinet.users.scope import scope_q
from rma.models.member import READERS

# Who asks for others; everybody else asks for himself.
FOR_OTHERS = frozenset({"head", "methodist", "mentor", "municipal", "admin"})
SHOWN = 20
FIRST = 8  # before anything is looked for, where there are several organizations


def may_ask(user: User) -> bool:
    """The observer sees no person, so he is shown no members either."""
    if user.roles & FOR_OTHERS:
        return True
    return user.organization_id is not None and "observer" not in user.roles


def sees_only_shown(user: User) -> bool:
    """A teacher chooses among those who agreed to show their cards."""
    return not user.roles & READERS


def people_for(user: User) -> UserQuerySet:
    people = User.objects.visible_to(user).filter(is_active=True, organization__isnull=False)
    return people.select_related("subject", "organization__municipality__territory")


def organizations_for(user: User) -> "QuerySet[Organization]":
    scope = scope_q(user, organization="pk", municipality="municipality")
    return Organization.objects.filter(scope, is_active=True).select_related("municipality__territory")


@dataclass
class Choice:
    """People and organizations to choose among: those chosen already, then those found.

    `only` is the one organization of somebody who has no other: there is nothing to choose.
    """

    people: list[User]
    organizations: list[Organization]
    only: Organization | None = None
    is_cut: bool = False  # there are more than shown


def choice_for(user: User, text: str, people: list[int], organizations: list[int]) -> Choice:
    """Without words the first ones: a small school needs no search."""
    all_people, schools = people_for(user), organizations_for(user).order_by("name", "pk")
    found_people = all_people.search(text) if text else all_people
    chosen = list(all_people.filter(pk__in=people)) if people else []
    first = list(schools[: SHOWN + 1])
    few = FIRST if len(first) > 1 and not text else SHOWN
    others = list(found_people.exclude(pk__in=people).order_by("name_key", "pk")[: few + 1])
    shown, cut = chosen + others[:few], len(others) > few
    if len(first) == 1:
        return Choice(shown, [], first[0], is_cut=cut)
    if key(text):
        first = list(schools.filter(name_key__contains=key(text))[:SHOWN])
    ticked = list(schools.filter(pk__in=organizations)) if organizations else []
    schools_shown = ticked + [one for one in first[:few] if one not in ticked]
    return Choice(shown, schools_shown, is_cut=cut or len(first) > few)
