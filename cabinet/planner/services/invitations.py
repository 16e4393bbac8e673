"""Whom the organizer may invite, one by one or a whole group, what that will do, and doing it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from cabinet.jobs.models import Job
from cabinet.jobs.services import JobFailed, Run, handler, order_job
from cabinet.planner.models import Event, Participation
from cabinet.planner.services.event_letters import tell_invited
from cabinet.planner.services.events import audience_code
from cabinet.structure.models import Community, Municipality, Organization
from cabinet.users.models import CommunityMember, LogEntry, Membership, Role, User, UserQuerySet, only_observes
from cabinet.users.services import record

JOB = "planner.invite"
AT_ONCE = 200  # more are invited by a worker
SHOWN = 50  # names of a preview
FOUND = 20  # people found by name
ROLES = [
    ("", "все"),
    ("teacher", "педагоги без других ролей"),
    (Role.HEAD.value, "руководители ОО"),
    (Role.METHODIST.value, "методисты ОО"),
    (Role.MENTOR.value, "наставники"),
    (Role.REGIONAL.value, "методисты РМА"),
]


# --- Who ----------------------------------------------------------------------------------------------------------


def people_for(user: User) -> UserQuerySet:
    """Those whose cards he sees, and those of his communities, who know one another; the observer sees no persons."""
    own = CommunityMember.objects.active().filter(person=user).values("community")
    known = CommunityMember.objects.active().filter(community__in=own).values("person")
    seen = Q(pk__in=User.objects.visible_to(user).order_by().values("pk"))
    if not only_observes(user):
        seen |= Q(pk__in=known)
    found: UserQuerySet = User.objects.filter(seen, is_active=True, merged_into=None)
    return found.exclude(pk=user.pk)


def invitable(event: Event, user: User) -> UserQuerySet:
    """Not those who run it, nor those who have their row already."""
    leaders = Event.leaders.through.objects.filter(event=event).values("user")
    there = Participation.objects.filter(event=event).values("person")
    return people_for(user).exclude(pk__in=leaders).exclude(pk__in=there).exclude(pk=event.author_id)


def groups_for(event: Event, user: User) -> list[tuple[str, str]]:
    """Those he may invite at once, the one the event is for first."""
    own_code = audience_code(event)
    return sorted(groups_of(user, event.organization_id), key=lambda one: one[0] != own_code)


def groups_of(user: User, organization_pk: int | None = None) -> list[tuple[str, str]]:
    """(code, words) of the groups he may write to at once: communities, places, the region.

    Whatever the group, only people of his own scope are taken from it. `organization_pk` is one more for an
    administrator, who has none of his own.
    """
    own = CommunityMember.objects.active().filter(person=user).values("community")
    serves = bool(user.roles & {Role.HEAD, Role.METHODIST, Role.MUNICIPAL, Role.ADMIN})
    near = Community.objects.visible_to(user).order_by().values("pk") if serves else own
    communities = Community.objects.acting().filter(Q(pk__in=own) | Q(pk__in=near), members__isnull=False).distinct()
    found = [(f"community-{one.pk}", one.name) for one in communities]
    schools = [one.organization_id for one in user.active_memberships if one.role in (Role.HEAD, Role.METHODIST)]
    places = Q(pk__in=user.own_municipalities)
    if "admin" in user.roles:
        found.append(("region", "весь край"))
        places, schools = Q(), [*schools, organization_pk]
    found += [(f"municipality-{one.pk}", str(one)) for one in Municipality.objects.filter(places)]
    of_schools = Q(pk__in=[pk for pk in schools if pk]) | Q(municipality__in=user.own_municipalities)
    return found + [(f"organization-{one.pk}", str(one)) for one in Organization.objects.filter(of_schools)]


def people_of(group: str, role: str, event: Event, user: User) -> UserQuerySet:
    """Of a group's people those who can be invited still. A group he may not invite has nobody."""
    if group not in dict(groups_for(event, user)):
        return User.objects.none()
    return of_group(invitable(event, user), group, role)


def of_group(people: UserQuerySet, group: str, role: str) -> UserQuerySet:
    """Those of `people` who belong to the group; whether it may be asked for is said by `groups_of`."""
    kind, _, number = group.partition("-")
    pk = int(number or 0)
    if kind == "community":
        people = people.filter(pk__in=CommunityMember.objects.active().filter(community=pk).values("person"))
    elif kind == "organization":
        people = people.filter(organization=pk)
    elif kind == "municipality":
        people = people.filter(organization__municipality=pk)
    return _of_role(people, role)


def _of_role(people: UserQuerySet, role: str) -> UserQuerySet:
    acting = Membership.objects.active()
    if role == "teacher":
        return people.exclude(pk__in=acting.exclude(role=Role.MENTOR).values("user"))
    return people.filter(pk__in=acting.filter(role=role).values("user")) if role in Role.values else people


# --- What it will do ----------------------------------------------------------------------------------------------


@dataclass
class Preview:
    """Said before anybody is written to: how many, who cannot be written to, who cannot answer himself."""

    group: str
    role: str
    words: str
    total: int = 0
    names: list[User] = field(default_factory=list)
    without_address: list[User] = field(default_factory=list)
    without_address_total: int = 0
    without_login: int = 0
    is_known: bool = False  # he sees people of the group, and all of them have been invited

    @property
    def unnamed(self) -> int:
        return self.total - len(self.names)


def preview(group: str, role: str, event: Event, user: User) -> Preview:
    """Six queries at most, whatever the number of people."""
    words = dict(groups_for(event, user)).get(group, "")
    told = Preview(group, role, words)
    people = people_of(group, role, event, user)
    silent = people.filter(email=None, contact_email=None)
    told.total, told.without_address_total = people.count(), silent.count()
    if words and not told.total:
        told.is_known = of_group(people_for(user), group, role).exists()
    told.without_login = people.filter(email=None).count()
    told.names = list(people.select_related("organization", "position")[:SHOWN])
    told.without_address = list(silent.select_related("organization")[:SHOWN])
    return told


# --- Doing it -----------------------------------------------------------------------------------------------------


@transaction.atomic
def invite(event: Event, people: Iterable[User], *, actor: User) -> int:
    """A row and a letter to each who has none yet; how many were invited now."""
    event = Event.objects.select_for_update(no_key=True).get(pk=event.pk)
    if not event.is_open:
        return 0
    listed = list({one.pk: one for one in people}.values())
    there = set(
        Participation.objects.filter(event=event, person__in=listed).order_by().values_list("person", flat=True)
    )
    new = Participation.objects.bulk_create(
        [Participation(event=event, person=one, invited_by=actor) for one in listed if one.pk not in there],
        batch_size=500,
    )
    if new:
        tell_invited(event, new, actor)
        note = f"Приглашены на событие: {event.log_name}; человек: {len(new)}"
        record(LogEntry.Action.CHANGED, actor=actor, about=event, note=note)
    return len(new)


def invite_group(event: Event, group: str, role: str, *, actor: User) -> int | Job:
    """At once when they are few; else the order a worker will do: the same one sent twice is one order."""
    people = people_of(group, role, event, actor)
    if people.count() <= AT_ONCE:
        return invite(event, people, actor=actor)
    params = {"event": event.pk, "group": group, "role": role}
    with transaction.atomic():
        list(User.objects.select_for_update(no_key=True).filter(pk=actor.pk).values_list("pk"))
        running = Job.objects.filter(kind=JOB, owner=actor, finished_at=None, params=params).first()
        return running or order_job(JOB, f"Приглашения: {event.log_name}", actor, params)


@handler(JOB)
def invite_by_job(run: Run) -> None:
    """Part by part, each in its own transaction: another attempt finds only those not invited yet."""
    params, owner = run.job.params, run.job.owner
    found = Event.objects.kept_by(owner) if owner is not None and owner.is_active else Event.objects.none()
    event = found.filter(pk=params["event"]).first()
    if owner is None or event is None or not event.is_open:
        raise JobFailed("Событие уже началось, отменено, или приглашать на него больше нельзя.")
    done = int(run.job.result.get("invited", 0))
    total = done + people_of(params["group"], params["role"], event, owner).count()
    while part := list(people_of(params["group"], params["role"], event, owner).order_by("pk")[:AT_ONCE]):
        with transaction.atomic():
            added = invite(event, part, actor=owner)
            done += added
            run.write(result={"invited": done})
        if not added:
            break  # called off meanwhile
        run.progress(done, max(total, done))
    run.finish({"invited": done, "page": reverse("planner:event_guests", args=[event.pk])})
