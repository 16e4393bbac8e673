"""The roster: who sees whom, filters, order, load, what is missing, the workbook, a new card."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from cabinet.core.clock import today
from cabinet.users.models import LogEntry, Membership, Role, User
from rma.models import Indicator, Member, Request, StatusChange
from rma.services.roster import show_card
from tests.factories import (
    MemberFactory,
    MunicipalityFactory,
    OrganizationFactory,
    RequestFactory,
    SubjectFactory,
    UserFactory,
    person_with,
)
from tests.rma.cards import DirectionFactory, FunctionFactory, MemberRoleFactory, log_of, meets, member_of

pytestmark = pytest.mark.django_db
LIST, EXCEL, NEW = reverse("rma:roster"), reverse("rma:roster_excel"), reverse("rma:member_new")


@pytest.fixture
def admin(client: Client) -> User:
    person = person_with(Role.ADMIN)
    client.force_login(person)
    return person


def shown(client: Client, **query: Any) -> list[int]:
    return [member.pk for member in client.get(LIST, query).context["rows"]]


def open_card(member: Member) -> Member:
    show_card(member, is_shown=True, actor=member.user)
    return member


def busy(member: Member, count: int) -> Member:
    """So many open requests, with one done beside them."""
    for _ in range(count):
        RequestFactory(member=member)
    RequestFactory(member=member, status=Request.Status.DONE)
    return member


@pytest.mark.parametrize("role", ["head", "methodist", "regional", "municipal", "curator", "mentor"])
def test_colleague_sees_only_those_who_agreed_and_act(client: Client, role: str) -> None:
    member = open_card(MemberFactory())
    MemberFactory()
    open_card(MemberFactory(status=Member.Status.SUSPENDED))
    scopes = {"head": OrganizationFactory, "methodist": OrganizationFactory, "municipal": MunicipalityFactory}
    scope = UserFactory() if role == "mentor" else scopes[role]() if role in scopes else None
    client.force_login(person_with(role, scope))

    assert shown(client) == [member.pk]


def test_municipal_specialist_sees_own_members_in_every_state(client: Client) -> None:
    place = MunicipalityFactory()
    own, away = member_of(place), member_of(place, status=Member.Status.EXCLUDED)
    member_of(MunicipalityFactory())
    client.force_login(person_with(Role.MUNICIPAL, place))

    assert shown(client) == [own.pk]
    assert shown(client, status="excluded") == [away.pk]
    assert set(shown(client, status="any")) == {own.pk, away.pk}


@pytest.mark.parametrize("role", ["teacher", "observer"])
def test_others_find_no_roster(client: Client, role: str) -> None:
    member = open_card(MemberFactory())
    client.force_login(person_with(role))

    for address in (LIST, EXCEL):
        answer = client.get(address)
        assert answer.status_code == 404
        assert member.user.last_name not in answer.content.decode()


def test_anonymous_and_wrong_method(client: Client) -> None:
    assert client.get(LIST)["Location"].startswith(reverse("account_login"))
    client.force_login(person_with(Role.ADMIN))
    assert client.post(LIST).status_code == 405
    assert client.post(EXCEL).status_code == 405


def test_line_says_who_is_how_loaded_and_what_is_missing(client: Client, admin: User) -> None:
    member = busy(MemberFactory(case_limit=2), 3)
    meets(member, "education", "experience", "category")

    page = client.get(LIST)
    row = page.context["rows"][0]

    assert (row.load, row.formal, row.lacks) == (3, "3 из 4", "нет оценки компетенций")
    text = page.content.decode()
    assert "3 из 2" in text
    assert "сверх предела" in text


def test_several_missing_are_told_in_a_row(client: Client, admin: User) -> None:
    meets(MemberFactory(), "education")

    row = client.get(LIST).context["rows"][0]

    assert row.formal == "1 из 4"
    assert row.lacks == "нет пяти лет стажа, высшей категории и оценки компетенций"


def test_ended_indicator_is_missing_again(client: Client, admin: User) -> None:
    member = MemberFactory()
    meets(member, *Indicator.Kind.values)
    assert client.get(LIST).context["rows"][0].formal == "4 из 4"

    member.indicators.filter(kind="category").update(until=today() - timedelta(days=1))

    assert client.get(LIST).context["rows"][0].lacks == "нет высшей категории"


def test_filters_leave_only_what_was_asked(client: Client, admin: User) -> None:
    place = MunicipalityFactory()
    subject, role, function, direction = SubjectFactory(), MemberRoleFactory(), FunctionFactory(), DirectionFactory()
    member = member_of(place)
    member.user.last_name = "Ёлкина"
    member.user.save()
    member.subjects.add(subject)
    member.roles.add(role, MemberRoleFactory())
    member.functions.add(function)
    member.directions.add(direction)
    other = busy(MemberFactory(case_limit=1), 1)
    nowhere = MemberFactory(user=UserFactory(organization__municipality__territory=None))
    meets(member, *Indicator.Kind.values)
    meets(other, "education", "experience", "category")
    everybody = {member.pk, other.pk, nowhere.pk}

    for query in (
        {"q": "елк"},
        {"q": member.user.organization.name},
        {"territory": place.territory_id},
        {"municipality": place.pk},
        {"subject": subject.pk},
        {"role": role.pk},
        {"function": function.pk},
        {"direction": direction.pk},
        {"lacks": "nothing"},
    ):
        assert shown(client, **query) == [member.pk], query
    assert shown(client, territory="none") == [nowhere.pk]
    assert set(shown(client, free="yes")) == {member.pk, nowhere.pk}
    assert set(shown(client, lacks="assessment")) == {other.pk, nowhere.pk}
    assert set(shown(client, status="active")) == everybody
    # All at once, sorted by the load: nothing is counted twice.
    query = {"role": role.pk, "subject": subject.pk, "free": "yes", "sort": "-load", "lacks": "nothing"}
    assert shown(client, **query) == [member.pk]


@pytest.mark.parametrize("query", [{"role": "9" * 30}, {"territory": "x"}, {"status": "²"}, {"q": "я" * 300}])
def test_choice_that_is_not_offered_finds_nobody(client: Client, admin: User, query: dict[str, str]) -> None:
    MemberFactory()

    page = client.get(LIST, query)

    assert page.status_code == 200
    assert page.context["rows"] == []
    assert "Так отобрать не получится" in page.content.decode()


def test_order_by_name_load_and_indicators(client: Client, admin: User) -> None:
    first, second, third = (
        MemberFactory(user=person_with(Role.REGIONAL, last_name=name)) for name in ("Авдеева", "Белова", "Власова")
    )
    busy(first, 2)
    busy(third, 1)
    meets(second, "education", "category")
    meets(third, "education")

    assert shown(client) == shown(client, sort="name") == shown(client, sort="nonsense")
    assert shown(client) == [first.pk, second.pk, third.pk]
    assert shown(client, sort="-name") == [third.pk, second.pk, first.pk]
    assert shown(client, sort="load") == [second.pk, third.pk, first.pk]
    assert shown(client, sort="-load", free="yes") == [first.pk, third.pk, second.pk]
    assert shown(client, sort="-met") == [second.pk, third.pk, first.pk]


def test_twenty_five_to_a_page(client: Client, admin: User) -> None:
    for _ in range(27):
        MemberFactory()

    assert len(shown(client)) == 25
    assert len(shown(client, page=2)) == 2
    assert "27\xa0методистов" in client.get(LIST).content.decode()


@pytest.mark.parametrize("count", [1, 5])
@pytest.mark.parametrize("sort", ["name", "load", "met"])
def test_queries_do_not_grow(
    client: Client, admin: User, django_assert_num_queries: DjangoAssertNumQueries, count: int, sort: str
) -> None:
    for _ in range(count):
        member = busy(MemberFactory(), 1)
        member.subjects.add(SubjectFactory())
        member.roles.add(MemberRoleFactory())
        meets(member, "education")
    client.get(LIST)

    with django_assert_num_queries(12):
        assert len(shown(client, sort=sort)) == count


def test_fragment_is_only_the_results(client: Client, admin: User) -> None:
    page = client.get(LIST, headers={"hx-request": "true"}).content.decode()

    assert 'id="results"' in page
    assert "<html" not in page


def test_empty_roster_tells_the_admin_how_to_fill_it(client: Client, admin: User) -> None:
    assert reverse("home:imports_members") in client.get(LIST).content.decode()
    assert "Таких методистов нет" in client.get(LIST, {"q": "никто"}).content.decode()


# --- The workbook --------------------------------------------------------------------------------------------


def names_in(content: bytes) -> list[Any]:
    return [row[0] for row in load_workbook(BytesIO(content)).active.iter_rows(min_row=2, values_only=True)]


def test_excel_holds_the_chosen_rows_and_is_logged(client: Client, admin: User) -> None:
    member = MemberFactory()
    MemberFactory(status=Member.Status.EXCLUDED)

    answer = client.get(EXCEL, {"sort": "-met"})

    assert answer["Cache-Control"] == "no-store"
    assert names_in(answer.content) == [member.user.full_name]
    entry = LogEntry.objects.get(action=LogEntry.Action.EXPORTED)
    assert (entry.actor, entry.note) == (admin, "методисты РМА, строк: 1")


def test_excel_of_a_municipality_has_no_foreign_cards(client: Client) -> None:
    """Cards in it are whole: with addresses and orders, to which nobody from elsewhere has agreed."""
    place = MunicipalityFactory()
    own = member_of(place)
    open_card(MemberFactory())
    client.force_login(person_with(Role.MUNICIPAL, place))

    assert len(shown(client)) == 2
    assert names_in(client.get(EXCEL).content) == [own.user.full_name]


@pytest.mark.parametrize("role", ["regional", "curator"])
def test_excel_is_not_for_readers(client: Client, role: str) -> None:
    client.force_login(person_with(role))

    assert client.get(EXCEL).status_code == 404


@pytest.mark.parametrize("count", [1, 5])
def test_excel_queries_do_not_grow(
    client: Client, admin: User, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for _ in range(count):
        meets(MemberFactory(), "education")

    with django_assert_num_queries(14):
        client.get(EXCEL)


# --- A new card ----------------------------------------------------------------------------------------------


def test_admin_finds_a_person_and_makes_a_card(client: Client, admin: User) -> None:
    person = UserFactory(last_name="Новикова")
    taken = MemberFactory(user=UserFactory(last_name="Новицкая"))
    UserFactory(last_name="Новоселова", is_active=False)

    page = client.get(NEW, {"q": "нови"}).content.decode()
    assert person.full_name in page
    assert taken.get_absolute_url() in page
    assert "Новоселова" not in page

    data = {"person": person.pk, "status": "active", "on": today().isoformat(), "order": "приказ № 7"}
    answer = client.post(NEW, data)

    member = Member.objects.get(user=person)
    assert answer["Location"] == member.get_absolute_url()
    order = StatusChange.objects.get(member=member)
    assert (order.status, order.order, order.author) == ("active", "приказ № 7", admin)
    assert Membership.objects.filter(user=person, role=Role.REGIONAL).exists()
    assert [note.split(" с ")[0] for note in log_of(member)] == ["состояние: действует"]


def test_second_card_is_not_made(client: Client, admin: User) -> None:
    member = MemberFactory()

    answer = client.post(NEW, {"person": member.user.pk, "status": "active", "on": today().isoformat()})

    assert answer["Location"] == member.get_absolute_url()
    assert Member.objects.count() == 1


def test_refused_card_keeps_what_was_typed(client: Client, admin: User) -> None:
    tomorrow = (today() + timedelta(days=1)).isoformat()

    answer = client.post(
        NEW, {"person": UserFactory().pk, "status": "candidate", "on": tomorrow, "order": "приказ № 8"}
    )

    assert answer.status_code == 422
    assert "ещё не наступил" in answer.content.decode()
    assert "приказ № 8" in answer.content.decode()
    assert not Member.objects.exists()


@pytest.mark.parametrize("bad", ["9" * 30, "x", "²", "0"])
def test_person_who_is_not_there(client: Client, admin: User, bad: str) -> None:
    assert client.get(NEW, {"person": bad}).status_code == 404
    assert client.post(NEW, {"person": bad}).status_code == 404


@pytest.mark.parametrize("role", ["municipal", "regional", "head", "observer"])
def test_only_the_admin_makes_cards(client: Client, role: str) -> None:
    scope = {"municipal": MunicipalityFactory, "head": OrganizationFactory}.get(role)
    client.force_login(person_with(role, scope() if scope else None))

    assert client.get(NEW).status_code == 404
    assert client.post(NEW, {"person": UserFactory().pk}).status_code == 404
