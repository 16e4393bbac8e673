"""Requests to РМА born of a route, and direct ones for help with it: who accepts comes to the route (rma.origins)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from django.db import transaction

from cabinet.users.models import User
from iom.models import Route
from iom.moves import Refused
from iom.services.helping import hold_route_of, put_rma_on_route, release, replace_rma_on_route
from rma.models import Member, Request
from rma.origins import Done, Need, Origin, register
from rma.services import RequestRefused, asking

KINDS = (Request.Kind.IOM_HELP, Request.Kind.CONSULTATION)


@contextmanager
def _held(request: Request) -> Iterator[None]:
    """The teacher's running route is locked before the request: whatever touches both takes them in this order."""
    try:
        with transaction.atomic():
            hold_route_of(request)
            yield
    except Refused as refusal:
        raise RequestRefused(str(refusal)) from refusal


class RouteOrigin(Origin):
    def need(self, user: User, pk: int, kind: str) -> Need | None:
        """The teacher and those who help him ask; the regional methodist of the route does not ask for another."""
        routes = Route.objects.helpable_by(user).running().with_names()
        route = routes.filter(pk=pk).first()
        if route is None or kind not in KINDS:
            return None
        helper = route.rma_member.user_id if route.rma_member else None
        if helper == user.pk:
            return None
        is_help = helper is not None and kind == Request.Kind.IOM_HELP
        return Need(
            kind=kind,
            organization=route.organization,
            person=route.person,
            source=route,
            subject=route.subject,
            never={helper: "уже помогает с этим маршрутом"} if is_help and helper is not None else {},
        )

    def ask(self, need: Need, member: Member | None, *, author: User) -> Request:
        if member is not None and (why := need.never.get(member.user_id)):
            raise RequestRefused(f"{member.user.short_name} {why}: выберите другого.")
        return super().ask(need, member, author=author)

    def accept(self, request: Request, *, actor: User, comment: str = "", on: date | None = None) -> None:
        with _held(request):
            super().accept(request, actor=actor, comment=comment, on=on)
            _come(request, actor)

    def agree_date(self, request: Request, *, actor: User) -> None:
        with _held(request):
            super().agree_date(request, actor=actor)
            _come(request, actor)

    def decline(self, request: Request, *, actor: User, reason: str) -> None:
        with _held(request):
            super().decline(request, actor=actor, reason=reason)
            release(request, actor=actor)
            if request.source_id is not None:
                asking.want_again(request)

    def finish(self, request: Request, done: Done, *, actor: User) -> None:
        with _held(request):
            super().finish(request, done, actor=actor)
            release(request, actor=actor)

    def withdraw(self, request: Request, *, actor: User, reason: str) -> None:
        with _held(request):
            super().withdraw(request, actor=actor, reason=reason)
            release(request, actor=actor)

    def lend(self, request: Request, to: Member, *, actor: User | None) -> None:
        if to.user_id == request.person_id:
            raise RequestRefused(f"{to.user.short_name} — сам педагог, о котором этот запрос.")
        with _held(request):
            former = request.member
            super().lend(request, to, actor=actor)
            request.refresh_from_db()
            if former is None or request.member_id != to.pk:
                raise RequestRefused("Запрос тем временем закрыт: передавать его уже не нужно.")
            if request.kind == Request.Kind.IOM_HELP and request.person is not None:
                replace_rma_on_route(request.person, former, to, actor=actor)


def _come(request: Request, actor: User) -> None:
    """From now on he helps with the route; after a request passed on, in the place of whoever had it before."""
    if request.kind == Request.Kind.IOM_HELP and request.person is not None and request.member is not None:
        put_rma_on_route(request.person, request.member, actor=actor)


ROUTE = RouteOrigin()
register(ROUTE, code="route", source=Route, kind=Request.Kind.IOM_HELP)
