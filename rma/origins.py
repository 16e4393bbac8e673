"""What a request was born of, and what it does there when it is answered.

The pages of requests act through the origin: a plain one moves the request and nothing else. Those who stand above
register their own (a case moves on, a route gets its helper), as jobs do with their handlers.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.contrib.contenttypes.models import ContentType
from django.db import models

from cabinet.users.models import User
from rma.models import Member, Request
from rma.services import asking
from rma.services.asking import ALREADY, RequestRefused
from rma.services.needs import Need


@dataclass(frozen=True)
class Done:
    """What the member says of work done: when, what came of it, how long it took, how many took part."""

    on: date
    result: str
    hours: float
    people_count: int = 1


class Origin:
    """Every verb raises RequestRefused with a sentence when the request has gone on meanwhile.

    `own_letters`: which letters of rma.services.notices its verbs write themselves («asked», «accepted», «declined»,
    …); the pages of requests write the others.
    """

    own_letters: frozenset[str] = frozenset()

    def need(self, user: User, pk: int, kind: str) -> Need | None:
        """What this person may ask for from this page at the moment; None is 404: no such thing or not his."""
        return None

    def never_of(self, requests: Sequence[Request]) -> dict[int, Mapping[int, str]]:
        """Request → user id → why this person is not to be asked about it, besides what holds for all.

        By the same number of queries however many requests there are.
        """
        return {}

    def ask(self, need: Need, member: Member | None, *, author: User) -> Request:
        """Send the request; without a member it waits in the queue."""
        return asking.create_request(
            kind=need.kind,
            author=author,
            organization_id=need.organization.pk,
            reason=need.reason,
            member=member,
            source=need.source,
            person=need.person,
            people=need.people,
            topic=need.topic,
            subject=need.subject,
            direction=need.direction,
            wanted_on=need.wanted_on,
        )

    def address(self, request: Request) -> str:
        """The page of what it was born of; empty for a direct request."""
        page = getattr(request.source, "get_absolute_url", None)
        return page() if page else ""

    def title(self, request: Request) -> str:
        return str(request.source) if request.source else ""

    def name(self, request: Request, member: Member, *, actor: User) -> None:
        self._require(asking.name_member(request, member, actor=actor))

    def accept(self, request: Request, *, actor: User, comment: str = "", on: date | None = None) -> None:
        self._require(asking.accept(request, comment, on=on))

    def decline(self, request: Request, *, actor: User, reason: str) -> None:
        self._require(asking.decline(request, reason))

    def propose(self, request: Request, on: date, *, actor: User, comment: str) -> None:
        self._require(asking.propose_date(request, on, comment))

    def agree_date(self, request: Request, *, actor: User) -> None:
        self._require(asking.agree_date(request))

    def hand_over(self, request: Request, to: Member, *, actor: User, reason: str) -> Request:
        return asking.hand_over(request, to, actor=actor, reason=reason)

    def finish(self, request: Request, done: Done, *, actor: User) -> None:
        self._require(asking.finish(request, done.result))

    def withdraw(self, request: Request, *, actor: User, reason: str) -> None:
        self._require(asking.withdraw(request, reason))

    def lend(self, request: Request, to: Member, *, actor: User | None) -> None:
        """Put it into another member's name, without asking him: a deputy's, or back."""
        Request.objects.filter(pk=request.pk, status__in=Request.OPEN).update(member=to)

    @staticmethod
    def _require(is_done: bool) -> None:
        if not is_done:
            raise RequestRefused(ALREADY)


PLAIN = Origin()
_BY_CODE: dict[str, Origin] = {}  # «case», «route»: what the address of a new request calls it
_BY_SOURCE: dict[type[models.Model], Origin] = {}
_BY_KIND: dict[str, Origin] = {}  # of direct requests


def register(origin: Origin, *, code: str = "", source: type[models.Model] | None = None, kind: str = "") -> None:
    """Say what requests born of `source`, or direct ones of a kind, do; called while the apps load."""
    if source is not None:
        _BY_CODE[code], _BY_SOURCE[source] = origin, origin
    if kind:
        _BY_KIND[kind] = origin


def origin_named(code: str) -> Origin | None:
    return _BY_CODE.get(code)


def origin_for(kind: str) -> Origin:
    """Of a direct request that is only being written."""
    return _BY_KIND.get(kind, PLAIN)


def origin_of(request: Request) -> Origin:
    if request.source_type_id is None:
        return origin_for(request.kind)
    model = ContentType.objects.get_for_id(request.source_type_id).model_class()  # kept by its manager: no query a row
    return _BY_SOURCE.get(model, PLAIN) if model else PLAIN


def never_of(requests: Sequence[Request]) -> dict[int, Mapping[int, str]]:
    """Request → who is not to be asked about it, as what it was born of knows."""
    by_origin: dict[Origin, list[Request]] = defaultdict(list)
    for one in requests:
        by_origin[origin_of(one)].append(one)
    found: dict[int, Mapping[int, str]] = {}
    for origin, rows in by_origin.items():
        found |= origin.never_of(rows)
    return found
