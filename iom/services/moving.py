"""A teacher moves to another organization and takes his route along; completed ones stay where they were earned."""

from django.db import transaction
from django.db.models import F

from cabinet.core.clock import Deadline
from cabinet.structure.models import Organization
from cabinet.users.models import User
from iom.models import Route, Status
from iom.moves import move
from iom.services.agreeing import AT_ONCE, accept, ask
from iom.services.indexing import index
from iom.services.limits import to_agree
from iom.services.steps import stages_of


def follow_moved() -> int:
    """Routes whose teacher is written down elsewhere by now, in a list or in the admin; run by beat."""
    left = Route.objects.running().filter(person__organization__isnull=False)
    left = left.exclude(organization=F("person__organization")).select_related("person__organization")
    moved = 0
    for route in left.order_by("pk")[:AT_ONCE]:
        if route.person.organization is not None:
            take_along(route.person, route.person.organization, actor=None)
            moved += 1
    return moved


def take_along(person: User, organization: Organization, *, actor: User | None) -> None:
    """What runs, here or elsewhere, is the new organization's; one in review is asked of its people from the start."""
    with transaction.atomic():
        left = person.routes.filter(status__in=Route.RUNNING).exclude(organization=organization)
        # Under the lock the condition is looked at again: of two sweeps at once the second finds nothing to move.
        for route in left.select_for_update(no_key=True, of=("self",)).order_by("pk"):
            comment = f"{route.organization} → {organization}"
            due = Deadline(route.due_on, route.due_why) if route.due_on else None
            route.organization = organization
            stages = stages_of(route) if route.status == Status.IN_REVIEW else []
            step = {"step": stages[0].step if stages else route.step}
            due = to_agree() if stages else due
            move(route, "transfer", actor=actor, due=due, comment=comment, organization=organization, **step)
            if stages:
                ask(route, stages[0], actor)
            elif route.status == Status.IN_REVIEW:
                accept(route, actor=actor)
            index(route)
