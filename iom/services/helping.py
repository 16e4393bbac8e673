"""Who helps whom with a route: a methodist, a mentor, a regional methodist who has agreed to."""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from cabinet.users.models import LogEntry, User, UserQuerySet
from cabinet.users.scope import helps_q
from cabinet.users.services import record
from iom.models import Route
from iom.moves import hold
from rma.models import Member, Request

ACCEPTED = Request.objects.filter(kind=Request.Kind.IOM_HELP, status=Request.Status.ACCEPTED)


def people_helped_by(user: User) -> UserQuerySet:
    """Himself, and those for whom this person may begin or attach a route; the admin everybody."""
    people = User.objects.filter(is_active=True, merged_into=None)
    if "admin" in user.roles:
        return people
    found = Q(pk=user.pk) | helps_q(user, person="pk")
    if "regional" in user.roles:
        found |= Q(pk__in=ACCEPTED.filter(member__user=user.pk).order_by().values("person"))
    return people.filter(found)


def rma_of(person: User) -> Member | None:
    """The regional methodist who has agreed to help this teacher with the route, the last one."""
    accepted = ACCEPTED.filter(person=person, member__status=Member.Status.ACTIVE).select_related("member__user")
    last = accepted.order_by("-answered_at", "-pk").first()
    return last.member if last else None


def put_rma_on_route(person: User, member: Member, *, actor: User) -> None:
    """From now on the teacher's running route is his to build and to check; a route begun later takes him too."""
    with transaction.atomic():
        route = Route.objects.running().filter(person=person).first()
        if route is None:
            return
        hold(route)
        if route.rma_member_id == member.pk:
            return
        now = timezone.now()
        route.rma_member, route.revision, route.changed_by = member, route.revision + 1, actor
        route.changed_at = route.touched_at = now
        route.save(update_fields=["rma_member", "revision", "changed_by", "changed_at", "touched_at"])
        note = f"методист РМА: {member.user.full_name}"
        record(LogEntry.Action.CHANGED, actor=actor, person=person, about=route, note=note)
