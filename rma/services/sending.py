"""A request is sent once, however often the button is pressed."""

from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from cabinet.users.models import User
from rma.models import Member, Request
from rma.services.asking import ALREADY, RequestRefused, create_request

A_MOMENT = timedelta(minutes=10)  # the same words within it are the same press of the button


@transaction.atomic
def once(
    author: User, make: Callable[[], Request], *, kind: str, reason: str, topic: str = "", source_id: int | None = None
) -> tuple[Request, bool]:
    """What `make` sends, or what the same person has just sent in the same words; and whether it is new."""
    hold(author)
    found = twin_of(author, kind=kind, reason=reason, topic=topic, source_id=source_id)
    return (found, False) if found else (make(), True)


def twin_of(author: User, *, kind: str, reason: str, topic: str = "", source_id: int | None = None) -> Request | None:
    since = timezone.now() - A_MOMENT
    return (
        Request.objects.live()
        .filter(
            author=author,
            kind=kind,
            reason=reason.strip(),
            topic=topic.strip(),
            source_id=source_id,
            created_at__gte=since,
        )
        .order_by("-pk")
        .first()
    )


def hold(author: User) -> None:
    """Two presses at once wait for one another."""
    User.objects.select_for_update(no_key=True, of=("self",)).get(pk=author.pk)


@transaction.atomic
def ask_again(former: Request, member: Member) -> Request:
    """A direct request that was declined goes to another member. Raises RequestRefused for the second time."""
    declined = Request.objects.select_for_update(no_key=True, of=("self",)).get(pk=former.pk)
    if declined.status != Request.Status.DECLINED or declined.later.exists():
        raise RequestRefused(ALREADY)
    return create_request(
        kind=former.kind,
        author=former.author,
        organization_id=former.organization_id,
        reason=former.reason,
        member=member,
        person=former.person,
        people=former.people.all(),
        topic=former.topic,
        subject=former.subject,
        direction=former.direction,
        wanted_on=former.wanted_on,
        former=former,
    )
