"""Requests to РМА born of a case: what each answer does in it (rma.origins)."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.db import transaction

from cabinet.users.models import User
from motor import services
from motor.models import Case
from motor.moves import MoveRefused
from motor.services import review, rma_requests
from rma.models import Member, Request
from rma.origins import Done, Need, Origin, register
from rma.services import RequestRefused


@contextmanager
def _case_of(request: Request) -> Iterator[Case]:
    """The request's case, locked before the request and as it stands now; what it refuses, the request refuses."""
    with _refusing(), transaction.atomic():
        pk = request.source_id or 0
        list(Case.objects.select_for_update(no_key=True).filter(pk=pk).values_list("pk"))
        yield Case.objects.with_names().get(pk=pk)


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except MoveRefused as refusal:
        raise RequestRefused(str(refusal)) from refusal


class CaseOrigin(Origin):
    own_letters = frozenset({"asked", "accepted", "declined", "agreed", "handed", "withdrawn", "done", "proposed"})

    def need(self, user: User, pk: int, kind: str) -> Need | None:
        case = Case.objects.visible_to(user).with_names().filter(pk=pk).first()
        if case is None or not rma_requests.may_ask(case, user, kind):
            return None
        return rma_requests.need_of(case, kind)

    def never_of(self, requests: Sequence[Request]) -> dict[int, Mapping[int, str]]:
        cases = Case.objects.in_bulk({one.source_id for one in requests if one.source_id})
        asked = [(one.pk, cases[one.source_id], one.kind) for one in requests if one.source_id in cases]
        found = review.never_asked_of([(case, kind) for _, case, kind in asked])
        return {pk: whys for (pk, _, _), whys in zip(asked, found, strict=True)}

    def ask(self, need: Need, member: Member | None, *, author: User) -> Request:
        if not isinstance(need.source, Case):
            raise TypeError("a request of a case without the case")
        wishes: dict[str, Any] = {
            "topic": need.topic,
            "subject": need.subject,
            "direction": need.direction,
            "wanted_on": need.wanted_on,
        }
        with _refusing():
            if need.kind != Request.Kind.ASSESSMENT:
                return rma_requests.ask_help(
                    need.source, need.kind, member, author=author, reason=need.reason, people=need.people, **wishes
                )
            if member is None:
                return rma_requests.want_member(need.source, author=author, reason=need.reason, **wishes)
            return services.name_rma(need.source, member, actor=author, reason=need.reason, **wishes)

    def name(self, request: Request, member: Member, *, actor: User) -> None:
        with _case_of(request) as case:
            if request.kind == Request.Kind.ASSESSMENT:
                services.name_rma(case, member, actor=actor, reason=request.reason, author=request.author)
                request.refresh_from_db()
            else:
                rma_requests.name_helper(case, request, member, actor=actor)

    def accept(self, request: Request, *, actor: User, comment: str = "", on: date | None = None) -> None:
        with _case_of(request) as case:
            services.accept_request(case, request, actor=actor, comment=comment, on=on)

    def decline(self, request: Request, *, actor: User, reason: str) -> None:
        with _case_of(request) as case:
            services.decline_request(case, request, actor=actor, reason=reason)

    def propose(self, request: Request, on: date, *, actor: User, comment: str) -> None:
        with _case_of(request) as case:
            rma_requests.propose_day(case, request, on, actor=actor, comment=comment)

    def agree_date(self, request: Request, *, actor: User) -> None:
        with _case_of(request) as case:
            review.agree_day(case, request, actor=actor)

    def hand_over(self, request: Request, to: Member, *, actor: User, reason: str) -> Request:
        with _case_of(request) as case:
            return rma_requests.pass_on(case, request, to, actor=actor, reason=reason)

    def finish(self, request: Request, done: Done, *, actor: User) -> None:
        with _case_of(request) as case:
            rma_requests.finish_help(case, request, on=done.on, result=done.result, actor=actor)

    def withdraw(self, request: Request, *, actor: User, reason: str) -> None:
        with _case_of(request) as case:
            rma_requests.withdraw_request(case, request, actor=actor, reason=reason)
            request.refresh_from_db()

    def lend(self, request: Request, to: Member, *, actor: User | None) -> None:
        with _case_of(request) as case:
            rma_requests.lend_request(case, request, to, actor=actor)


register(CaseOrigin(), code="case", source=Case)
