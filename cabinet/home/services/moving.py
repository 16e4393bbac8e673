"""A person goes to another organization, or has another surname: what becomes of his work is shown first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from cabinet.core.clock import today
from cabinet.core.words import long_date
from cabinet.home.services.community_members import end_member
from cabinet.home.services.rehearsing import (
    CHANGED,
    NOBODY,
    ActRefused,
    Group,
    Outlook,
    Thing,
    group,
    handed_over,
    last_letter,
    letters_after,
    named,
    rehearse,
)
from cabinet.planner.models import Task
from cabinet.structure.models import Organization
from cabinet.users.models import CommunityMember, Membership, Role, User
from cabinet.users.models.role import ORGANIZATION_ROLES
from cabinet.users.services import end_role, rename
from iom.models import Route
from iom.models import Status as RouteStatus
from iom.services.indexing import index
from motor.models import Case
from motor.moves import ANSWERED_FOR, MoveRefused
from motor.services.appointing import AppointingRefused, end_appointment
from motor.services.responsible import reassign_orphans, with_people
from motor.services.transfer import cases_to_take, transfer_person
from rma.models import Request


@dataclass(frozen=True)
class Move:
    """Where to, which of his roles and memberships of communities end with it, and a word for the history."""

    organization: Organization
    ending: frozenset[int] = frozenset()
    quitting: frozenset[int] = frozenset()
    comment: str = ""


def roles_left_behind(person: User) -> Any:
    """Roles in organizations: those of a place he leaves usually end."""
    rows = Membership.objects.filter(Q(ends_on=None) | Q(ends_on__gte=today()), user=person)
    return rows.filter(role__in=ORGANIZATION_ROLES).select_related("organization", "user").order_by("pk")


def communities_left_behind(person: User) -> Any:
    """Memberships in communities of the organization he leaves."""
    rows = CommunityMember.objects.lasting().filter(person=person, community__organization__isnull=False)
    rows = rows.filter(community__organization=person.organization_id)
    return rows.select_related("community", "person").order_by("community__name", "pk")


def move_person(person: User, wanted: Move, *, actor: User, seen: str) -> bool:
    """Do it, if it still is what the person who confirms was shown; says whether anybody is written to.

    Raises ActRefused.
    """
    with transaction.atomic():
        # NO KEY: who writes about the person meanwhile need not wait, and we might wait for him.
        person = User.objects.select_for_update(no_key=True).get(pk=person.pk)
        outlook = look_at_move(person, wanted, actor=actor)
        if outlook.fingerprint(person.pk, wanted.organization.pk) != seen:
            raise ActRefused(CHANGED)
        _move(person.pk, wanted, actor)
    return bool(outlook.letters or outlook.hidden_letters)


def _move(pk: int, wanted: Move, actor: User) -> None:
    person = User.objects.get(pk=pk)  # nothing of a rehearsal is remembered on it
    try:
        for membership in roles_left_behind(person).filter(pk__in=wanted.ending):
            finish_role(membership, since=today(), actor=actor)
        for row in communities_left_behind(person).filter(pk__in=wanted.quitting):
            end_member(row, actor=actor)
        transfer_person(person, wanted.organization, actor=actor, comment=wanted.comment)
    except (MoveRefused, AppointingRefused) as refusal:
        raise ActRefused(str(refusal)) from refusal
    reassign_orphans(Case.objects.filter(Q(responsible=pk) | Q(person=pk)), actor=actor)


def finish_role(membership: Membership, *, since: date, actor: User) -> None:
    """A methodist's end is МОТОР's own: it tells him and gives his cases on. What others answered for goes on too."""
    if membership.role == Role.METHODIST:
        end_appointment(membership, since=since, actor=actor)
        return
    end_role(membership, since=since, actor=actor)
    if since <= today():
        reassign_orphans(
            Case.objects.filter(Q(responsible=membership.user_id) | Q(person=membership.user_id)), actor=actor
        )


def ending_words(membership: Membership, since: date) -> str:
    """What becomes of a role that is no more from `since`: the day before is its last, and it is in force then."""
    starts = membership.starts_on
    if starts is not None and starts >= since:
        return "→ не начнётся" if starts > today() else "→ закончится в тот же день, что началась"
    last = since - timedelta(days=1)
    near = {-1: "вчера, ", 0: "сегодня, ", 1: "завтра, "}.get((last - today()).days, "")
    return f"→ закончится; последний день — {near}{long_date(last, today().year)}"


def look_at_move(person: User, wanted: Move, *, actor: User) -> Outlook:
    """The same, taken back."""
    sees = _sees(actor, wanted.organization)
    own = {case.pk: case.status for case in cases_to_take(person).exclude(organization=wanted.organization)}
    led = dict(Case.objects.filter(responsible=person, status__in=ANSWERED_FOR).values_list("pk", "responsible"))
    before = _Before(person, wanted, actor)
    last = last_letter()

    def read() -> Outlook:
        found = Outlook()
        found.goes += _cases_taken(own, sees)
        found.goes += before.routes_taken()
        things, hidden = handed_over({pk: who for pk, who in led.items() if pk not in own}, actor)
        found.goes += group("Карты, за которые человек отвечал", things, hidden)
        found.goes += before.roles_ended + before.communities_left
        found.stays += before.what_stays
        found.letters, found.hidden_letters = letters_after(last, sees_names=sees)
        return found

    return rehearse(lambda: _move(person.pk, wanted, actor), read)


def _sees(actor: User, organization: Organization) -> bool:
    """Names of another municipality's people are not for its neighbour."""
    return "admin" in actor.roles or organization.municipality_id in actor.own_municipalities


def _cases_taken(own: Collection[int], sees: bool) -> list[Group]:
    things = []
    for case in with_people(Case.objects.filter(pk__in=own)).order_by("due_on", "pk"):
        who = ""
        if case.status in ANSWERED_FOR:
            name = case.responsible.full_name if case.responsible else NOBODY
            who = f"; отвечает: {name}" if sees else "; отвечать будут в новой организации"
        title = f"{case.completion.course.programme}, {case.get_status_display()}"
        things.append(Thing(title, f"→ {case.organization}{who}", case.get_absolute_url()))
    return group("Его карты МОТОР", things)


class _Before:
    """What is read while everything stands where it stood."""

    def __init__(self, person: User, wanted: Move, actor: User) -> None:
        self.actor, self.wanted = actor, wanted
        self.routes = list(Route.objects.running().filter(person=person).exclude(organization=wanted.organization))
        ending: list[Membership] = []
        staying: list[Membership] = []
        for one in _roles(person):
            (ending if one.pk in wanted.ending else staying).append(one)
        self.roles_ended = group("Роли", [Thing(str(one), ending_words(one, today())) for one in ending])
        self.what_stays = group("Роли", [Thing(str(one), "остаётся") for one in staying])
        left: list[Thing] = []
        kept: list[Thing] = []
        for row in communities_left_behind(person):
            is_left = row.pk in wanted.quitting
            thing = Thing(row.community.name, "→ выйдет" if is_left else "остаётся", row.community.get_absolute_url())
            (left if is_left else kept).append(thing)
        self.communities_left = group("Сообщества прежней организации", left)
        self.what_stays += group("Сообщества прежней организации", kept)
        self.what_stays += _tasks(person, actor) + _requests(person, actor)

    def routes_taken(self) -> list[Group]:
        things = []
        for route in Route.objects.filter(pk__in=[one.pk for one in self.routes]).select_related("organization"):
            again = ", согласуют заново" if route.status == RouteStatus.IN_REVIEW else ""
            things.append(Thing(route.title, f"→ {route.organization}{again}", route.get_absolute_url()))
        return group("Его маршрут", things)


def _roles(person: User) -> list[Membership]:
    rows = Membership.objects.filter(Q(ends_on=None) | Q(ends_on__gte=today()), user=person)
    return list(rows.select_related("organization", "municipality", "person").order_by("pk"))


def _tasks(person: User, actor: User) -> list[Group]:
    rows = Task.objects.open().filter(assignee=person, kind="").order_by("due_on", "pk")
    things, hidden = named(rows, actor, lambda one: Thing(one.title, "остаётся у него", one.get_absolute_url()))
    return group("Задачи", things, hidden)


def _requests(person: User, actor: User) -> list[Group]:
    rows = Request.objects.live().filter(author=person).with_names().order_by("pk")
    things, hidden = named(rows, actor, lambda one: Thing(one.about, "остаётся за ним", one.get_absolute_url()))
    return group("Запросы к РМА, которые он отправил", things, hidden)


# --- Another name ------------------------------------------------------------------------------------------------


def rename_person(
    person: User, last_name: str, first_name: str, patronymic: str, *, keeps_former: bool, actor: User
) -> bool:
    """Another name everywhere at once; the route is found by it too. Says whether anything changed."""
    with transaction.atomic():
        changed = rename(person, last_name, first_name, patronymic, keeps_former=keeps_former, actor=actor)
        if changed:
            for route in person.routes.select_related("person", "organization", "subject", "position"):
                index(route)
    return changed


def look_at_rename(person: User, actor: User) -> Outlook:
    """Nothing goes to anybody: cards, routes and letters read the name from here."""
    found = Outlook()
    cases = Case.objects.filter(person=person).select_related("completion__course__programme").order_by("-pk")
    things, hidden = named(
        cases, actor, lambda one: Thing(str(one.completion.course.programme), one.get_status_display())
    )
    found.goes += group("Карты МОТОР и строки реестра", things, hidden)
    routes = Route.objects.filter(person=person).order_by("-pk")
    things, hidden = named(routes, actor, lambda one: Thing(one.title, _route_of_renamed(one, person)))
    found.goes += group("Маршруты", things, hidden)
    return found


def _route_of_renamed(route: Route, person: User) -> str:
    """A title is part of what was agreed: it is not rewritten behind anybody's back."""
    status = route.get_status_display()
    if person.last_name not in route.title:
        return status
    later = "его можно изменить в самом маршруте" if route.status in Route.RUNNING else "таким его согласовали"
    return f"{status}; название останется прежним: {later}"
