"""What is asked for, as the picker, the form of a new request and the check before it is sent have to know it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db import models

from cabinet.structure.models import Organization, Subject
from cabinet.users.models import User
from rma.models import Direction, Request

ASKS = "это тот, кто просит"


@dataclass(frozen=True)
class Need:
    """`never`: user id → why this person is not to be asked here, besides what holds for everybody."""

    kind: str
    organization: Organization
    person: User | None = None
    people: tuple[User, ...] = ()
    source: models.Model | None = None
    subject: Subject | None = None
    direction: Direction | None = None
    topic: str = ""
    reason: str = ""
    wanted_on: date | None = None
    never: Mapping[int, str] = field(default_factory=dict)


def need_of(request: Request, never: Mapping[int, str] | None = None) -> Need:
    """What a request that is there asks for; what it was born of is not loaded, matching knows it by number."""
    return Need(
        kind=request.kind,
        organization=request.organization,
        person=request.person,
        people=tuple(request.people.all()),
        subject=request.subject,
        direction=request.direction,
        topic=request.topic,
        reason=request.reason,
        wanted_on=request.wanted_on,
        never={**(never or {}), request.author_id: ASKS},
    )
