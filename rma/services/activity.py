"""Lines of work that write themselves: whatever is done offers a prefilled line, the member agrees to the month."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.contrib.contenttypes.models import ContentType
from django.db import models

from cabinet.structure.models import Organization
from cabinet.users.models import User
from rma.models import Activity, Direction, Function, Member
from rma.reference import FUNCTION_OF, LOW_RESULTS_DIRECTION, LOW_RESULTS_FUNCTION, USUAL_HOURS


def offer(
    member: Member,
    *,
    key: str,
    kind: str,
    on: date,
    title: str,
    source: models.Model | None = None,
    people: Iterable[User] = (),
    people_count: int = 0,
    organizations: Iterable[Organization] = (),
    hours: float | None = None,
    direction: Direction | None = None,
) -> Activity | None:
    """Offer a line once per `key`; what the member has made of it since is never touched. None for a repeat."""
    everybody, schools = list(people), list(organizations)
    is_for_low_results = any(one.low_results for one in schools)
    function = LOW_RESULTS_FUNCTION if is_for_low_results and kind != Activity.Kind.CHECKLIST else FUNCTION_OF[kind]
    line, is_new = Activity.objects.get_or_create(
        member=member,
        key=key,
        defaults={
            "on": on,
            "month": on.replace(day=1),
            "kind": kind,
            "title": title[:300],
            "function": Function.objects.filter(code=function).first(),
            "direction": direction or usual_direction(member, kind, is_for_low_results=is_for_low_results),
            "people_count": people_count or len(everybody),
            "hours": Decimal(str(hours or USUAL_HOURS[kind])),
            "source_type": None if source is None else ContentType.objects.get_for_model(source),
            "source_id": None if source is None else source.pk,
        },
    )
    if not is_new:
        return None
    line.people.set(everybody)
    line.organizations.set(schools)
    return line


def usual_direction(member: Member, kind: str, *, is_for_low_results: bool) -> Direction | None:
    """As the member named it the last time for such work; else the only one on his card; else he says it himself."""
    if is_for_low_results and (found := Direction.objects.filter(code=LOW_RESULTS_DIRECTION).first()):
        return found
    last = (
        Activity.objects.agreed().filter(member=member, kind=kind).select_related("direction").order_by("-pk").first()
    )
    if last is not None:
        return last.direction
    own = list(member.directions.all()[:2])
    return own[0] if len(own) == 1 else None


def take_back(member: Member, key: str) -> bool:
    """What offered the line has been undone: a line nobody has agreed goes with it."""
    deleted, _ = Activity.objects.offered().filter(member=member, key=key).delete()
    return deleted > 0
