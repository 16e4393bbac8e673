"""Who helps whom with a route: a methodist, a mentor, a regional methodist who has agreed to."""

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from cabinet.users.models import LogEntry, User, UserQuerySet
from cabinet.users.scope import helps_q
from cabinet.users.services import record
from iom.models import Assignment, Route
from rma.models import Member, Request, RequestQuerySet

Status = Request.Status
ACCEPTED = Request.objects.filter(kind=Request.Kind.IOM_HELP, status=Status.ACCEPTED)


def people_helped_by(user: User) -> UserQuerySet:
    """Himself, and those for whom this person may begin or attach a route; the admin everybody."""
    people = User.objects.filter(is_active=True, merged_into=None)
    if "admin" in user.roles:
        return people
    found = Q(pk=user.pk) | helps_q(user, person="pk")
    if "regional" in user.roles:
        helped = ACCEPTED.filter(member__user=user.pk, person__isnull=False)
        found |= Q(pk__in=helped.order_by().values("person"))
    return people.filter(found)


def rma_of(person: User) -> Member | None:
    """The regional methodist who has agreed to help this teacher with the route, the last one."""
    accepted = ACCEPTED.filter(person=person, member__status=Member.Status.ACTIVE).select_related("member__user")
    last = accepted.order_by("-answered_at", "-pk").first()
    return last.member if last else None


def asked_for_help() -> RequestQuerySet:
    """Requests for help with a route that are under way, wherever they were born."""
    return Request.objects.live().filter(kind=Request.Kind.IOM_HELP)


def help_kinds(route: Any, reader: User) -> list[tuple[str, str]]:
    """What a reader who builds the route, and is not its help himself, may ask РМА for; `route.is_asked` is set."""
    if not route.is_running or (route.rma_member is not None and route.rma_member.user_id == reader.pk):
        return []
    is_helped = route.rma_member is not None or route.is_asked
    kinds = [Request.Kind.CONSULTATION] if is_helped else [Request.Kind.IOM_HELP, Request.Kind.CONSULTATION]
    return [(kind.value, str(kind.label)) for kind in kinds]


def put_rma_on_route(person: User, member: Member, *, actor: User) -> None:
    """From now on the teacher's running route is his to build and to check; a route begun later takes him too."""
    with transaction.atomic():
        route = _held_route(person)
        if route is not None and route.rma_member_id != member.pk:
            _set_rma(route, member, actor, f"методист РМА: {member.user.full_name}")


def replace_rma_on_route(person: User, former: Member, to: Member, *, actor: User | None) -> None:
    """Where one helps, the other does from now on."""
    with transaction.atomic():
        route = _held_route(person)
        if route is not None and route.rma_member_id == former.pk:
            _set_rma(route, to, actor, f"методист РМА: {former.user.short_name} → {to.user.short_name}")


def take_rma_off_route(person: User, member: Member, *, actor: User | None) -> bool:
    """He has been let go; says whether he left.

    He stays while another request of his about this teacher is under way, and while answers to his own assignments
    wait for his word: `let_go` is called again when he has given it.
    """
    with transaction.atomic():
        route = _held_route(person)
        if route is None or route.rma_member_id != member.pk:
            return False
        if ACCEPTED.filter(person=person, member=member).exists() or _waits_for(route, member):
            return False
        _set_rma(route, None, actor, f"методист РМА больше не помогает: {member.user.full_name}")
    return True


def release(request: Request, *, actor: User | None) -> None:
    """This help is over or will not be: whoever held the request, and whoever passed it on, leaves the route."""
    if request.kind != Request.Kind.IOM_HELP or request.person is None:
        return
    for one in (request, request.former):
        if one is not None and one.member is not None:
            take_rma_off_route(request.person, one.member, actor=actor)


def let_go(route: Route, *, actor: User) -> None:
    """After the last answer has been looked at, whoever has finished his help leaves the route."""
    member = route.rma_member
    if member is not None and member.user_id == actor.pk and _is_leaving(route.person, member):
        take_rma_off_route(route.person, member, actor=actor)


def _waits_for(route: Route, member: Member) -> bool:
    answers = route.assignments.filter(author=member.user_id, status=Assignment.Status.SUBMITTED)
    return answers.exists()


def _is_leaving(person: User, member: Member) -> bool:
    """His last help was ended by somebody's word; what ended by itself, with its case, lets nobody go."""
    asked = Request.objects.filter(kind=Request.Kind.IOM_HELP, person=person, member=member)
    last = asked.exclude(status=Status.DECLINED).order_by("pk").last()
    if last is None or last.status in Request.LIVE:
        return False
    if last.status == Status.HANDED:
        return not last.later.live().exists()  # until the other one has answered, he is still needed
    return last.result != ""


def hold_route_of(request: Request) -> None:
    """Take the running route a request for help will change, before the request itself; the caller's transaction.

    Whatever touches a case, a route and a request takes them in this order.
    """
    if request.kind == Request.Kind.IOM_HELP and request.person_id is not None:
        routes = Route.objects.running().filter(person=request.person_id)
        list(routes.select_for_update(no_key=True, of=("self",)).values_list("pk"))


def _held_route(person: User) -> Route | None:
    """The running route, locked, with whoever helps with it at this moment."""
    pk = Route.objects.running().filter(person=person).values_list("pk", flat=True).first()
    if pk is None:
        return None
    locked = Route.objects.select_for_update(no_key=True, of=("self",)).select_related("person", "rma_member__user")
    return locked.get(pk=pk)


def _set_rma(route: Route, member: Member | None, actor: User | None, note: str) -> None:
    now = timezone.now()
    route.rma_member, route.revision, route.changed_by = member, route.revision + 1, actor
    route.changed_at = route.touched_at = now
    route.save(update_fields=["rma_member", "revision", "changed_by", "changed_at", "touched_at"])
    record(LogEntry.Action.CHANGED, actor=actor, person=route.person, about=route, note=note)
