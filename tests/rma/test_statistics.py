"""Statistics of agreed work: what is counted, for whom, and what small groups hide."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from itertools import pairwise
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from cabinet.core.clock import today
from cabinet.structure.models import Municipality
from cabinet.users.models import LogEntry, Role, User
from rma.models import Activity, Direction, Function, Member
from rma.services.statistics import BY_CODE, count, hidden, in_place, school_years, summarize, within
from tests.factories import MemberFactory, OrganizationFactory, person_with

pytestmark = pytest.mark.django_db
PAGE = "/rma/statistics/"
Make = Callable[..., Activity]
Login = Callable[[User], Client]


@pytest.fixture
def directions() -> list[Direction]:
    shares = (("one", 21), ("two", 16), ("three", None))
    return [
        Direction.objects.create(code=code, name=f"Полное {code}", short=code, source_share=share)
        for code, share in shares
    ]


@pytest.fixture
def make(directions: list[Direction]) -> Make:
    function = Function.objects.create(code="f", name="Функция", short="функция")

    def made(member: Member, direction: int = 0, **fields: Any) -> Activity:
        known = {"member": member, "direction": directions[direction], "function": function, "state": "agreed"}
        defaults = {"on": today(), "kind": "consultation", "title": "Работа", "hours": 2, "people_count": 1}
        return Activity.objects.create(**{**defaults, **known, **fields})

    return made


@pytest.fixture
def login() -> Login:
    def logged_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return logged_in


def member_in(municipality: Municipality) -> Member:
    organization = OrganizationFactory(municipality=municipality)
    return MemberFactory(user=person_with(Role.REGIONAL, organization=organization))


def text_of(response: Any) -> str:
    return str(response.content.decode()).replace("\xa0", " ").replace("&nbsp;", " ")


def counted(code: str) -> tuple[list[tuple[int, float, int, int]], tuple[int, float, int, int]]:
    figures, total = count(Activity.objects.agreed(), BY_CODE[code])
    rows = sorted((one.lines, float(one.hours), one.people, one.members) for one in figures.values())
    return rows, (total.lines, float(total.hours), total.people, total.members)


def test_lines_hours_people_members(make: Make) -> None:
    first, second = MemberFactory(), MemberFactory()
    make(first)
    make(first, hours=Decimal("1.5"), people_count=20, kind="group")
    make(second, 1, on=today().replace(day=1) - timedelta(days=40))
    make(second, state="offered")
    total = (3, 5.5, 22, 2)
    assert counted("direction") == ([(1, 2.0, 1, 1), (2, 3.5, 21, 1)], total)
    assert counted("function") == ([total], total)
    assert counted("kind") == ([(1, 1.5, 20, 1), (2, 4.0, 2, 2)], total)
    assert counted("month") == ([(1, 2.0, 1, 1), (2, 3.5, 21, 1)], total)
    assert counted("member") == ([(1, 2.0, 1, 1), (2, 3.5, 21, 1)], total)


def test_places_are_the_members_own(make: Make) -> None:
    here, there = OrganizationFactory().municipality, OrganizationFactory().municipality
    make(member_in(here)), make(member_in(here)), make(member_in(there), hours=3)
    assert counted("municipality") == ([(1, 3.0, 1, 1), (2, 4.0, 2, 2)], (3, 7.0, 3, 3))
    assert sum(lines for lines, *_ in counted("territory")[0]) == 3
    lines = Activity.objects.agreed()
    assert in_place(lines, municipality=here).count() == 2
    assert in_place(lines, territory=there.territory, municipality=there).count() == 1


def test_period_takes_both_ends(make: Make) -> None:
    member, year = MemberFactory(), school_years()[0]
    assert year.since
    assert year.until
    for on in (year.since, year.since - timedelta(days=1), year.until):
        make(member, on=on)
    days = set(within(Activity.objects.agreed(), year).values_list("on", flat=True))
    assert days == {year.since, year.until}


def test_school_years_do_not_overlap() -> None:
    years = school_years()
    assert [one.since for one in years] == sorted((one.since for one in years), reverse=True)
    assert all(older.until < newer.since for newer, older in pairwise(years))  # type: ignore[operator]


# --- Small groups ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("members", "found"),
    [
        ({"a": 5, "b": 9}, set()),
        ({"a": 2, "b": 9, "c": 6}, {"a", "c"}),
        ({"a": 2, "b": 3, "c": 6, "d": 8}, {"a", "b", "c"}),
        ({"a": 2, "b": 4}, {"a", "b"}),
        ({}, set()),
    ],
)
def test_small_groups_hide_with_a_large_one(members: dict[str, int], found: set[str]) -> None:
    assert hidden(members) == found


def test_what_is_hidden_elsewhere_is_hidden_here() -> None:
    assert hidden({"a": 7, "b": 9}, must=True) == {"a"}


def test_coarse_reader_cannot_subtract(make: Make) -> None:
    people = MemberFactory.create_batch(9)
    for member in people[:6]:
        make(member)
    for member in people:
        make(member, 2)
    for member in people[:2]:
        make(member, 1)
    found = summarize(Activity.objects.agreed(), BY_CODE["direction"], is_coarse=True)
    assert {one.label: (one.is_few, one.is_kept) for one in found.groups} == {
        "one": (False, True),
        "two": (True, False),
        "three": (False, False),
    }
    assert not found.total.is_hidden


def test_region_of_four_is_hidden_whole(make: Make) -> None:
    for member in MemberFactory.create_batch(4):
        make(member)
    found = summarize(Activity.objects.agreed(), BY_CODE["kind"], is_coarse=True)
    assert found.total.is_few
    assert all(one.is_hidden for one in found.groups)


def test_municipality_is_not_told_by_its_territory(make: Make) -> None:
    """In each territory something large is hidden beside the small, and all of a hidden territory does not add up."""
    first, second = OrganizationFactory().municipality, OrganizationFactory().municipality
    lone = OrganizationFactory().municipality
    Municipality.objects.filter(pk=lone.pk).update(territory=None)
    Municipality.objects.filter(pk=second.pk).update(territory=first.territory)
    for place, number in ((first, 6), (second, 7), (lone, 2)):
        for _ in range(number):
            make(member_in(place))
    lines = Activity.objects.agreed()
    territories = summarize(lines, BY_CODE["territory"], is_coarse=True)
    assert {one.pk: one.is_hidden for one in territories.groups} == {first.territory_id: True, None: True}
    found = summarize(lines, BY_CODE["municipality"], is_coarse=True)
    assert {one.pk: one.is_hidden for one in found.groups} == {first.pk: True, second.pk: False, lone.pk: True}


def test_number_of_a_small_place_is_not_told_by_the_rest(make: Make) -> None:
    """Of «<5» and one of five there would be one pair that makes six: a third group is hidden too."""
    for number in (1, 5, 20):
        place = OrganizationFactory().municipality
        for _ in range(number):
            make(member_in(place))
    for by in ("territory", "municipality"):
        found = summarize(Activity.objects.agreed(), BY_CODE[by], is_coarse=True)
        assert [one.is_hidden for one in found.groups] == [True, True, True]
        assert not found.total.is_hidden


def test_where_nothing_else_helps_no_place_says_how_small_it_is(make: Make) -> None:
    for number in (1, 5, 5):
        place = OrganizationFactory().municipality
        for _ in range(number):
            make(member_in(place))
    for by in ("territory", "municipality"):
        found = summarize(Activity.objects.agreed(), BY_CODE[by], is_coarse=True)
        assert [(one.is_few, one.is_kept) for one in found.groups] == [(False, True)] * 3
        assert not found.total.is_hidden


# --- The page --------------------------------------------------------------------------------------------------


def test_admin_sees_names_and_filters(make: Make, login: Login) -> None:
    member, other = MemberFactory(), MemberFactory()
    make(member), make(other)
    client = login(person_with(Role.ADMIN))
    page = text_of(client.get(f"{PAGE}?by=member&period=all"))
    assert member.user.full_name in page
    assert other.user.full_name in page
    place = member.user.organization.municipality_id
    narrowed = client.get(f"{PAGE}?by=member&period=all&municipality={place}")
    assert [one.pk for one in narrowed.context["groups"]] == [member.pk]


def test_specialist_counts_his_municipality(make: Make, login: Login) -> None:
    member, other = MemberFactory(), MemberFactory()
    make(member), make(other)
    client = login(person_with(Role.MUNICIPAL, member.user.organization.municipality))
    answer = client.get(f"{PAGE}?by=member")
    assert [one.pk for one in answer.context["groups"]] == [member.pk]
    assert other.user.full_name not in text_of(answer)
    foreign = other.user.organization.municipality_id
    assert client.get(f"{PAGE}?by=member&municipality={foreign}").context["statistics"].total.figures.lines == 1


def test_member_sees_own_beside_the_region_without_names(make: Make, login: Login) -> None:
    people = MemberFactory.create_batch(6)
    for member in people:
        make(member)
    make(people[0], hours=10)
    answer = login(people[0].user).get(f"{PAGE}?by=direction")
    total = answer.context["statistics"].total
    assert (total.figures.hours, total.own.hours) == (22, 12)
    assert "моих 12" in text_of(answer)
    named = login(people[0].user).get(f"{PAGE}?by=member")
    assert named.context["statistics"].breakdown.code == "direction"
    assert not any(one.user.last_name in text_of(named) for one in people[1:])


def test_observer_gets_neither_names_nor_cuts(make: Make, login: Login) -> None:
    people = MemberFactory.create_batch(6)
    for member in people:
        make(member)
    place = people[0].user.organization.municipality_id
    client = login(person_with(Role.OBSERVER))
    page = client.get(f"{PAGE}?by=municipality&municipality={place}&since={today():%Y-%m-%d}&period=last")
    statistics = page.context["statistics"]
    assert statistics.total.figures.lines == 6
    assert not {"municipality", "territory", "since", "until"} & set(page.context["form"].fields)
    assert page.context["form"].chosen_period == school_years()[0]
    assert not any(one.user.last_name in text_of(client.get(f"{PAGE}?by=member")) for one in people)


def test_excel_hides_what_the_page_hides(make: Make, login: Login) -> None:
    for member in MemberFactory.create_batch(6):
        make(member)
    make(MemberFactory(), 1)
    answer = login(person_with(Role.OBSERVER)).get("/rma/statistics/excel/?by=direction")
    rows = list(load_workbook(BytesIO(answer.content)).worksheets[0].iter_rows(values_only=True))
    assert rows[1:] == [
        ("one", "скрыто", "скрыто", "скрыто", "скрыто"),
        ("two", "скрыто", "скрыто", "скрыто", "<5"),
        ("Всего", 7, 14, 7, 7),
    ]
    assert LogEntry.objects.filter(action=LogEntry.Action.EXPORTED, note__contains="статистика РМА").count() == 1


def test_shares_of_the_source_stand_apart(login: Login, directions: list[Direction]) -> None:
    page = login(person_with(Role.ADMIN)).get(PAGE)
    reference = page.context["reference"]
    assert [(row.label, row.values[0]) for row in reference.rows] == [
        ("Полное one", 21),
        ("Полное two", 16),
        ("в источнике не указано", 63),
    ]
    assert "От чего взяты эти доли, источник не говорит" in text_of(page)
    assert "Согласованных строк за это время нет" in text_of(page)


@pytest.mark.parametrize(
    "query",
    ["by=x", "period=2001", "since=вчера", "municipality=99999999999", "page=x", "since=2026-02-01&until=2026-01-01"],
)
def test_strange_addresses_still_answer(query: str, login: Login, make: Make) -> None:
    assert login(person_with(Role.ADMIN)).get(f"{PAGE}?{query}").status_code == 200


def test_strangers_find_nothing(client: Client, login: Login) -> None:
    users = [person_with("teacher"), person_with(Role.METHODIST, OrganizationFactory()), person_with(Role.CURATOR)]
    for address in (PAGE, "/rma/statistics/excel/"):
        assert [login(user).get(address).status_code for user in users] == [404, 404, 404]
        assert client.get(address).status_code == 302
        assert login(person_with(Role.ADMIN)).post(address).status_code == 405


@pytest.mark.parametrize("number", [1, 5])
@pytest.mark.parametrize(("by", "queries"), [("direction", 9), ("municipality", 9), ("member", 8), ("month", 8)])
def test_queries_do_not_grow(
    number: int, by: str, queries: int, make: Make, login: Login, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for member in MemberFactory.create_batch(number):
        make(member)
    client = login(person_with(Role.ADMIN))
    client.get(PAGE)
    with django_assert_num_queries(queries):
        assert client.get(f"{PAGE}?by={by}&period=all").status_code == 200
