"""A regional methodist is away: the routes he helps with are his deputy's for the time being."""

from django.utils import timezone

from cabinet.users.models import LogEntry, User
from cabinet.users.services import record
from iom.models import Route, RouteQuerySet
from iom.moves import hold
from rma.models import Member


def routes_of(person: User | int) -> RouteQuerySet:
    """Running routes with this regional methodist."""
    pk = person.pk if isinstance(person, User) else person
    return Route.objects.running().filter(rma_member__user=pk).with_names().order_by("pk")


def pass_to(route: Route, former: Member, to: Member, *, actor: User | None) -> bool:
    """Another regional methodist on the route, inside the caller's transaction; False when it is not `former`'s."""
    hold(route)
    standing = Route.objects.running().filter(pk=route.pk, rma_member=former)
    now = timezone.now()
    changed = standing.update(
        rma_member=to, revision=route.revision + 1, changed_by=actor, changed_at=now, touched_at=now
    )
    if changed:
        note = f"методист РМА на время другой: {former.user.short_name} → {to.user.short_name}"
        record(LogEntry.Action.CHANGED, actor=actor, person=route.person, about=route, note=note)
        route.refresh_from_db(fields=["rma_member", "revision"])
    return bool(changed)
