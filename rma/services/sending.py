"""A request is sent once, however often the button is pressed."""

from collections.abc import Callable
from datetime import timedelta

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone

from cabinet.users.models import User
from rma.models import Member, Request, RequestQuerySet
from rma.services.needs import Need

A_MOMENT = timedelta(minutes=10)  # all the same within it is the same press of the button


@transaction.atomic
def once(author: User, make: Callable[[], Request], need: Need, member: Member | None) -> tuple[Request, bool]:
    """What `make` sends, or what the same person has just sent in everything the same; and whether it is new.

    The person is locked first, then what the request is born of (a case, a route): nothing takes them the other way.
    """
    hold(author)
    found = twin_of(author, need, member)
    return (found, False) if found else (make(), True)


def twin_of(author: User, need: Need, member: Member | None) -> Request | None:
    """Not a token of the form: who goes back in the browser and asks for another teacher sends the old one again."""
    source = need.source
    rows = _of_a_moment(author).filter(
        kind=need.kind,
        reason=need.reason.strip(),
        topic=need.topic.strip(),
        person=need.person,
        organization=need.organization,
        subject=need.subject,
        direction=need.direction,
        wanted_on=need.wanted_on,
        source_type=ContentType.objects.get_for_model(source) if source else None,
        source_id=source.pk if source else None,
    )
    if member is not None:  # one of the queue may have been given its member since
        rows = rows.filter(member=member)
    people = {one.pk for one in need.people}
    alike = rows.prefetch_related("people").order_by("-pk")
    return next((one for one in alike if {person.pk for person in one.people.all()} == people), None)


def twins_of_source(author: User, *, kind: str, source_id: int, reason: str, topic: str) -> RequestQuerySet:
    """The same when what it was born of allows no more requests, and so says nothing of itself."""
    return _of_a_moment(author).filter(kind=kind, source_id=source_id, reason=reason.strip(), topic=topic.strip())


def _of_a_moment(author: User) -> RequestQuerySet:
    return Request.objects.live().filter(author=author, created_at__gte=timezone.now() - A_MOMENT)


def hold(author: User) -> None:
    """Two presses at once wait for one another."""
    User.objects.select_for_update(no_key=True, of=("self",)).get(pk=author.pk)
