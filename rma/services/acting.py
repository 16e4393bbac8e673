"""An act with a request as people do it: what it was born of moves it, the other side is told, work offers its line."""

from collections.abc import Callable

from django.db import transaction

from cabinet.users.models import User
from rma.models import Activity, Member, Request
from rma.origins import Done, origin_of
from rma.services import notices
from rma.services.activity import offer
from rma.services.asking import ask_again


def tell(request: Request, what: str, write: Callable[..., None], actor: User) -> None:
    """A letter, unless what the request was born of writes it."""
    if what not in origin_of(request).own_letters:
        write(request, actor=actor)


@transaction.atomic
def finish(request: Request, done: Done, *, actor: User) -> None:
    origin_of(request).finish(request, done, actor=actor)
    tell(request, "done", notices.done, actor)
    offer_line(request, done)


def offer_line(request: Request, done: Done) -> None:
    """The member's own work, prefilled; an assessment offers its line by the checklist."""
    if request.member is None or request.kind == Request.Kind.ASSESSMENT:
        return
    kind = Activity.Kind.GROUP if done.people_count > 1 else Activity.Kind.CONSULTATION
    if request.kind == Request.Kind.IOM_HELP:
        kind = Activity.Kind.ROUTE
    people = [request.person] if request.person else list(request.people.all())
    offer(
        request.member,
        key=f"request.{request.pk}",
        kind=kind,
        on=done.on,
        title=f"{request.get_kind_display().capitalize()}: {request.topic or request.whom}",
        source=request,
        people=people,
        people_count=done.people_count,
        organizations=[request.organization],
        hours=done.hours,
        direction=request.direction,
    )


@transaction.atomic
def give(request: Request, member: Member, way: str, *, actor: User, reason: str) -> Request:
    """To the member picked: «name» from the queue, «again» after a refusal, else in place of whoever has it."""
    if way == "name":
        origin_of(request).name(request, member, actor=actor)
        tell(request, "asked", notices.asked, actor)
        return request
    if way == "again":
        sent = ask_again(request, member)
        tell(sent, "asked", notices.asked, actor)
        return sent
    origin = origin_of(request)
    sent = origin.hand_over(request, member, actor=actor, reason=reason)
    if "handed" not in origin.own_letters:
        request.refresh_from_db()
        notices.handed_over(request, sent, actor=actor)
    tell(sent, "asked", notices.asked, actor)
    return sent
