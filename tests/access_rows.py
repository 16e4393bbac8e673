"""Which row of the world a line of the access matrix is about, brought into the state the route needs."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from cabinet.core.clock import today
from cabinet.planner.models import Event
from cabinet.users.models import Substitution
from iom.models import ItemAttachment, Route, RouteItem, RouteRevision
from iom.services.snapshot import snapshot
from motor.models import Presentation
from rma.models import Indicator, Member
from tests.access_world import World
from tests.factories import JobFactory, RouteFactory


def case_in(status: str, *further: str) -> Callable[[World], list[Any]]:
    return lambda world: [world.cases[status].pk, *further]


def route_in(status: str) -> Callable[[World], list[Any]]:
    """The world's route, brought into a state."""

    def args(world: World) -> list[Any]:
        fields: dict[str, Any] = {"step": "methodist" if status == "in_review" else "", "return_comment": ""}
        if status == "returned":
            fields["return_comment"] = "Уточните сроки"
        if status == "completed":
            fields["completed_at"] = timezone.now()
        Route.objects.filter(pk=world.route.pk).update(status=status, **fields)
        return [world.route.pk]

    return args


def material_of(item: RouteItem) -> int:
    return ItemAttachment.objects.create(item=item, kind="material", title="Сборник").pk


def ground_of(route: Route) -> int:
    return route.grounds.create(kind="request", text="Научиться оценивать").pk


def route_in_review_at_header(world: World) -> list[Any]:
    return [*route_in("in_review")(world), "header"]


def item_of_a_draft(world: World) -> list[Any]:
    route_in("draft")(world)
    return [world.item.pk]


def agreed_version(world: World) -> list[Any]:
    RouteRevision.objects.get_or_create(route=world.route, version=1, defaults={"content": snapshot(world.route)})
    return [world.route.pk, 1]


def presentation_in(status: str) -> Callable[[World], list[Any]]:
    """The world's presentation, brought into a state, on the day of its event."""

    def args(world: World) -> list[Any]:
        Event.objects.filter(pk=world.event.pk).update(on=today())
        made = status != "planned"
        marked = {"marked_by": world.event.author if made else None, "marked_at": timezone.now() if made else None}
        Presentation.objects.filter(pk=world.presentation.pk).update(status=status, **marked)
        return [world.presentation.pk]

    return args


def event_to_mark(world: World) -> list[Any]:
    presentation_in("planned")(world)
    return [world.event.pk]


def near_member(world: World) -> list[Any]:
    return [Member.objects.get(user=world.near["regional"]).pk]


def near_indicator(world: World) -> list[Any]:
    pk = near_member(world)[0]
    return [pk, Indicator.objects.get_or_create(member_id=pk, kind="education", grade="higher")[0].pk]


def this_month(world: World) -> dict[str, Any]:
    return {"month": f"{today():%Y-%m}", "member": world.activity.member_id}


def near_school(world: World) -> list[Any]:
    return [world.near["teacher"].organization_id]


def near_role(world: World) -> list[Any]:
    return [world.near["methodist"].memberships.get(role="methodist").pk]


def near_bulk(world: World) -> list[Any]:
    return [JobFactory(owner=world.near["methodist"], kind="motor.bulk").pk]


def near_outside(world: World) -> list[Any]:
    """A route kept elsewhere, with the same helper."""
    values = {"person": world.near["teacher"], "rma_member": world.route.rma_member, "is_outside": True}
    return [(Route.objects.filter(**values).first() or RouteFactory(status="active", **values)).pk]


def near_mass(world: World) -> list[Any]:
    return [JobFactory(owner=world.near["methodist"], kind="iom.mass").pk]


def near_substitution(world: World) -> list[Any]:
    period = {"starts_on": today() + timedelta(days=1), "ends_on": today() + timedelta(days=7)}
    row, _ = Substitution.objects.get_or_create(
        person=world.near["methodist"], deputy=world.near["municipal"], **period
    )
    return [row.pk]
