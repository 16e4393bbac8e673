"""Requests to РМА born of a route, and direct ones for help with it: who comes to the route and who leaves it."""

from typing import Any

import pytest
from django.test import Client

from cabinet.core.clock import today
from cabinet.users.models import LogEntry, Role, User
from iom.models import Route, Status
from iom.services import assigning, commenting
from rma.models import Activity, Member, Request
from rma.origins import Done, Need, origin_named, origin_of
from rma.services import RequestRefused, asking
from tests import factories
from tests.factories import MemberFactory, RouteFactory, person_with

pytestmark = pytest.mark.django_db
ORIGIN: Any = origin_named("route")
HELP, TALK, ASSESS = Request.Kind.IOM_HELP, Request.Kind.CONSULTATION, Request.Kind.ASSESSMENT
DONE = Done(today(), "Маршрут составлен", 1.5)


@pytest.fixture
def teacher() -> User:
    return person_with("teacher", factories.OrganizationFactory())


@pytest.fixture
def route(teacher: User) -> Route:
    found: Route = RouteFactory(person=teacher, status=Status.ACTIVE, agreed_version=1)
    return found


def need_of(route: Route, user: User | None = None, kind: str = HELP) -> Need:
    need: Need | None = ORIGIN.need(user or route.person, route.pk, kind)
    assert need is not None
    return need


def helped(route: Route, member: Member | None = None) -> Request:
    """A request about the route, accepted."""
    request: Request = ORIGIN.ask(need_of(route), member or MemberFactory(), author=route.person)
    ORIGIN.accept(request, actor=request.member.user)  # type: ignore[union-attr]
    return request


def helper(route: Route) -> Member | None:
    return Route.objects.get(pk=route.pk).rma_member


def answered(route: Route, author: User) -> Any:
    """An assignment of this author whose answer waits to be looked at."""
    (given,) = assigning.give([route], author=author, title="Показать урок")
    assigning.answer(given, actor=route.person, text="Показал")
    return given


# --- Who may ask ----------------------------------------------------------------------------------------------------


def test_teacher_methodist_and_mentor_ask(route: Route) -> None:
    methodist = person_with(Role.METHODIST, route.organization)
    mentor = factories.MembershipFactory(role=Role.MENTOR, person=route.person).user
    for user in (route.person, methodist, mentor):
        need = need_of(route, user)
        assert (need.person, need.organization, need.subject) == (route.person, route.organization, route.subject)


def test_strangers_the_head_and_the_observer_do_not(route: Route) -> None:
    strangers = [
        person_with("teacher", route.organization),
        person_with(Role.HEAD, route.organization),
        person_with(Role.METHODIST, factories.OrganizationFactory()),
        person_with(Role.OBSERVER),
        MemberFactory().user,
    ]
    assert [ORIGIN.need(user, route.pk, kind) for user in strangers for kind in (HELP, TALK)] == [None] * 10
    assert ORIGIN.need(route.person, route.pk, ASSESS) is None


@pytest.mark.parametrize("fields", [{"status": Status.ARCHIVED}, {"is_outside": True}])
def test_of_a_route_that_is_not_carried_out_here_nothing_is_asked(route: Route, fields: dict[str, Any]) -> None:
    Route.objects.filter(pk=route.pk).update(**fields)
    assert ORIGIN.need(route.person, route.pk, HELP) is None


def test_who_helps_already_is_not_asked_again(route: Route) -> None:
    request = helped(route)
    assert request.member is not None
    assert need_of(route).never == {request.member.user_id: "уже помогает с этим маршрутом"}
    assert ORIGIN.need(User.objects.get(pk=request.member.user_id), route.pk, HELP) is None
    asking.withdraw(request, "")
    with pytest.raises(RequestRefused, match="уже помогает"):
        ORIGIN.ask(need_of(route), request.member, author=route.person)


# --- Who comes and who leaves ---------------------------------------------------------------------------------------


def test_who_accepts_comes_to_the_route(route: Route) -> None:
    request = ORIGIN.ask(need_of(route), MemberFactory(), author=route.person)
    assert helper(route) is None
    ORIGIN.accept(request, actor=request.member.user)
    assert helper(route) == request.member
    assert list(Route.objects.helpable_by(request.member.user)) == [route]


def test_direct_request_does_the_same(route: Route) -> None:
    request = asking.create_request(
        kind=HELP,
        author=route.person,
        organization_id=route.organization_id,
        reason="Помочь",
        member=MemberFactory(),
        person=route.person,
    )
    assert origin_of(request) is ORIGIN
    ORIGIN.accept(request, actor=request.member.user)  # type: ignore[union-attr]
    assert helper(route) == request.member
    ORIGIN.finish(request, DONE, actor=request.member.user)  # type: ignore[union-attr]
    assert helper(route) is None


def test_agreed_day_brings_him_too(route: Route) -> None:
    request = ORIGIN.ask(need_of(route), MemberFactory(), author=route.person)
    ORIGIN.propose(request, today(), actor=request.member.user, comment="Сегодня")
    ORIGIN.agree_date(request, actor=route.person)
    assert helper(route) == request.member


def test_consultation_brings_nobody(route: Route) -> None:
    request = ORIGIN.ask(need_of(route, kind=TALK), MemberFactory(), author=route.person)
    ORIGIN.accept(request, actor=request.member.user)
    ORIGIN.finish(request, DONE, actor=request.member.user)
    assert helper(route) is None


@pytest.mark.parametrize("how", ["finish", "withdraw"])
def test_who_is_let_go_leaves(route: Route, how: str) -> None:
    request = helped(route)
    if how == "finish":
        ORIGIN.finish(request, DONE, actor=request.member.user)  # type: ignore[union-attr]
    else:
        ORIGIN.withdraw(request, actor=route.person, reason="Справлюсь")
    assert helper(route) is None
    assert LogEntry.objects.filter(person=route.person, note__contains="больше не помогает").count() == 1


def test_another_accepted_request_keeps_him(route: Route) -> None:
    request = helped(route)
    factories.RequestFactory(
        source=factories.CaseFactory(completion__person=route.person),
        kind=HELP,
        member=request.member,
        status="accepted",
    )
    ORIGIN.finish(request, DONE, actor=request.member.user)  # type: ignore[union-attr]
    assert helper(route) == request.member


def test_he_stays_until_the_answers_to_his_assignments_are_looked_at(route: Route) -> None:
    request = helped(route)
    member = request.member
    assert member is not None
    first, second = answered(route, member.user), answered(route, member.user)

    ORIGIN.finish(request, DONE, actor=member.user)
    assert helper(route) == member
    assigning.accept(first, actor=member.user)
    assert helper(route) == member

    second.route.refresh_from_db()
    assigning.accept(second, actor=member.user)
    assert helper(route) is None


def test_checking_sends_away_nobody_whose_help_goes_on(route: Route) -> None:
    """Neither while it is accepted, nor when it ended by itself with a case, nor whoever was put there by hand."""
    member = helped(route).member
    assert member is not None
    assigning.accept(answered(route, member.user), actor=member.user)
    assert helper(route) == member
    asking.settle(route)
    assigning.accept(answered(route, member.user), actor=member.user)
    assert helper(route) == member


def test_passed_on_he_is_replaced_by_who_accepts(route: Route) -> None:
    request, to = helped(route), MemberFactory()
    passed = ORIGIN.hand_over(request, to, actor=request.member.user, reason="Отпуск")  # type: ignore[union-attr]
    assert helper(route) == request.member
    ORIGIN.accept(passed, actor=to.user)
    assert helper(route) == to


def test_passed_on_and_declined_waits_for_another(route: Route) -> None:
    request, to = helped(route), MemberFactory()
    passed = ORIGIN.hand_over(request, to, actor=request.member.user, reason="Отпуск")  # type: ignore[union-attr]
    ORIGIN.decline(passed, actor=to.user, reason="Не мой предмет")
    assert helper(route) is None
    queued = Request.objects.of(route).latest("pk")
    assert (queued.status, queued.former) == ("wanted", passed)


# --- Lent for a leave -----------------------------------------------------------------------------------------------


def test_lent_request_takes_the_route_along_and_back(route: Route) -> None:
    request, deputy = helped(route), MemberFactory()
    own = request.member
    ORIGIN.lend(request, deputy, actor=None)
    assert (helper(route), Request.objects.get(pk=request.pk).member) == (deputy, deputy)
    ORIGIN.lend(request, own, actor=None)
    assert (helper(route), Request.objects.get(pk=request.pk).member) == (own, own)


def test_teacher_is_not_lent_his_own_request(route: Route) -> None:
    request = helped(route)
    with pytest.raises(RequestRefused, match="сам педагог"):
        ORIGIN.lend(request, MemberFactory(user=route.person), actor=None)


# --- What offers a line of work -------------------------------------------------------------------------------------


def test_a_months_help_is_one_line(route: Route) -> None:
    member = helped(route).member
    assert member is not None
    route.refresh_from_db()
    commenting.comment_on(route, "header", "Уточните цель", actor=member.user)
    assigning.accept(answered(route, member.user), actor=member.user)

    line = Activity.objects.get()
    assert (line.member, line.kind, line.key) == (member, "route", f"route.{route.pk}.{today():%Y-%m}")
    assert (list(line.people.all()), list(line.organizations.all())) == ([route.person], [route.organization])
    assert (line.source, line.state) == (route, "offered")


def test_others_and_the_teacher_offer_nothing(route: Route) -> None:
    helped(route)
    route.refresh_from_db()
    methodist = person_with(Role.METHODIST, route.organization)
    commenting.comment_on(route, "header", "Уточните цель", actor=methodist)
    commenting.comment_on(route, "header", "Уточнил", actor=route.person)
    assigning.give([route], author=methodist, title="Показать урок")
    assert not Activity.objects.exists()


# --- The page -------------------------------------------------------------------------------------------------------


def test_page_offers_to_ask_until_somebody_is_asked(client: Client, route: Route) -> None:
    client.force_login(route.person)
    address = f"?from=route&amp;id={route.pk}&amp;kind="
    page = client.get(route.get_absolute_url()).content.decode()
    assert [f"{address}{kind}" in page for kind in (HELP, TALK)] == [True, True]

    ORIGIN.ask(need_of(route), MemberFactory(), author=route.person)
    page = client.get(route.get_absolute_url()).content.decode()
    assert [f"{address}{kind}" in page for kind in (HELP, TALK)] == [False, True]


def test_page_offers_it_neither_to_the_head_nor_to_the_one_who_helps(client: Client, route: Route) -> None:
    member = helped(route).member
    assert member is not None
    for user in (person_with(Role.HEAD, route.organization), member.user):
        client.force_login(user)
        assert "?from=route" not in client.get(route.get_absolute_url()).content.decode()
