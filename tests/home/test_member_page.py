"""A regional methodist's own first page: what waits for him, what he helps with, what to write down."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from cabinet.core.clock import add_months, today
from cabinet.home.services.member_page import member_page
from cabinet.users.models import Role, User
from motor.models import Status
from rma.models import Activity, Indicator, Member, Request
from rma.services.activity import offer
from rma.services.asking import create_request
from rma.services.desk import awaited, line_of, owed
from tests.factories import (
    CaseFactory,
    MemberFactory,
    OrganizationFactory,
    RouteFactory,
    RouteItemFactory,
    UserFactory,
    person_with,
)

pytestmark = pytest.mark.django_db
ADDRESS = "/rma/mine/"


@pytest.fixture
def member() -> Member:
    return MemberFactory()


def direct(member: Member | None, **fields: Any) -> Request:
    values = {"kind": Request.Kind.CONSULTATION, "reason": "Посмотреть критерии", "topic": "Критерии оценивания"}
    values |= {"author": UserFactory(), "organization_id": OrganizationFactory().pk}
    return create_request(**(values | {"member": member} | fields))


def seen(member: Member) -> Any:
    page = member_page(User.objects.get(pk=member.user_id))
    assert page is not None
    return page


def test_page_holds_every_side_of_the_work_and_nothing_of_others(member: Member) -> None:
    to_answer, to_do = direct(member), direct(member)
    Request.objects.filter(pk=to_do.pk).update(status="accepted", agreed_on=today() + timedelta(days=3))
    case = CaseFactory(status=Status.RMA_REVIEW, rma_member=member)
    route = RouteFactory(status="active", rma_member=member)
    RouteItemFactory(route=route, status="submitted")
    offer(member, key="x.1", kind=Activity.Kind.GROUP, on=add_months(today(), -1), title="Группа", people_count=7)
    stranger = MemberFactory()
    direct(stranger)
    CaseFactory(status=Status.RMA_REVIEW, rma_member=stranger)
    RouteFactory(status="active", rma_member=stranger)

    page = seen(member)

    assert [one.pk for one in page.to_answer] == [to_answer.pk]
    assert [one.pk for one in page.to_do] == [to_do.pk]
    assert [one.pk for one in page.cases] == [case.pk]
    assert [row.route.pk for row in page.routes] == [route.pk]
    assert [(one.on, one.about) for one in page.dates] == [(today() + timedelta(days=3), "Критерии оценивания")]
    assert [(one.lines, one.hours) for one in page.months] == [(1, Decimal("2"))]
    assert page.load == 3  # two direct ones and that of the case


def test_page_says_which_indicator_is_missing(member: Member) -> None:
    for kind, grade in (("education", "higher"), ("experience", "years"), ("category", "top")):
        Indicator.objects.create(member=member, kind=kind, grade=grade, since=add_months(today(), -72))
    assert seen(member).indicators == "3 из 4: нет оценки компетенций"


def test_empty_page_says_that_all_is_done(client: Client, member: Member) -> None:
    client.force_login(member.user)
    text = client.get(ADDRESS).content.decode()
    assert "Всё сделано" in text
    assert reverse("rma:activity") in text


def scope_of(role: Role) -> Any:
    place = OrganizationFactory()
    return {Role.METHODIST: place, Role.MUNICIPAL: place.municipality}.get(role)


@pytest.mark.parametrize("role", [Role.METHODIST, Role.MUNICIPAL, Role.ADMIN, Role.OBSERVER])
def test_others_have_no_such_page(client: Client, role: Role) -> None:
    client.force_login(person_with(role, scope_of(role)))
    assert client.get(ADDRESS).status_code == 404


def test_role_without_a_card_has_no_page(client: Client) -> None:
    client.force_login(person_with(Role.REGIONAL))
    assert client.get(ADDRESS).status_code == 404


def test_it_only_shows(client: Client, member: Member) -> None:
    client.force_login(member.user)
    assert client.post(ADDRESS).status_code == 405


@pytest.mark.parametrize("count", [1, 5])
def test_queries_do_not_grow(
    client: Client, member: Member, django_assert_max_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for _ in range(count):
        direct(member)
        CaseFactory(status=Status.RMA_REVIEW, rma_member=member)
        RouteItemFactory(route=RouteFactory(status="active", rma_member=member), status="submitted")
    offer(member, key="x.1", kind=Activity.Kind.GROUP, on=today(), title="Группа")
    client.force_login(member.user)
    client.get(ADDRESS)
    with django_assert_max_num_queries(15):
        client.get(ADDRESS)


# --- What the first page of everybody says of РМА ----------------------------------------------------------------


def said(user: User) -> list[tuple[str, str, str]]:
    return sorted((row.code, line_of(row).title, line_of(row).about) for row in owed(User.objects.get(pk=user.pk)))


def test_member_is_told_what_to_answer_to_do_and_to_agree(member: Member) -> None:
    direct(member)
    Request.objects.filter(pk=direct(member).pk).update(status="accepted")
    last = add_months(today(), -1)
    for number in range(2):
        offer(member, key=f"x.{number}", kind=Activity.Kind.GROUP, on=last, title="Группа")
    offer(member, key="x.now", kind=Activity.Kind.GROUP, on=today(), title="Этот месяц ещё идёт")
    rows = said(member.user)
    assert [row[0] for row in rows] == ["rma_answer", "rma_do", "rma_month"]
    assert rows[0][1:] == ("Ответить на запрос: консультация", "Критерии оценивания")
    assert rows[2][2] == "2\u00a0строки ждут вашего взгляда"


def test_asker_is_told_of_another_day_and_sees_whom_he_waits_for(member: Member) -> None:
    author = UserFactory()
    asked = direct(member, author=author)
    assert [(one.nearest, one.total) for one in awaited(author)] == [(member.user.short_name, 1)]
    assert said(author) == []
    Request.objects.filter(pk=asked.pk).update(status="proposed", proposed_on=today())
    assert [row[0] for row in said(author)] == ["rma_day"]
    assert awaited(author) == []


def test_municipal_specialist_names_members_for_his_own_municipality() -> None:
    here, there = OrganizationFactory(), OrganizationFactory()
    specialist = person_with(Role.MUNICIPAL, here.municipality)
    direct(None, organization_id=here.pk, topic="Здесь")
    direct(None, organization_id=there.pk, topic="Там")
    assert [(row[0], row[2]) for row in said(specialist)] == [("rma_name", "Здесь")]
    assert [row[2] for row in said(person_with(Role.ADMIN))] == ["Здесь", "Там"]
    assert said(UserFactory()) == []
