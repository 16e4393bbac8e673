"""The list of routes: counts, filters, turns, one's own page."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from cabinet.core.clock import today
from cabinet.users.models import Role, User
from iom.models import Route, Status
from tests.factories import OrganizationFactory, RouteFactory, RouteItemFactory, UserFactory, person_with

pytestmark = pytest.mark.django_db
LIST = reverse("iom:routes")


@pytest.fixture
def school() -> Any:
    return OrganizationFactory()


@pytest.fixture
def head(client: Client, school: Any) -> User:
    person = person_with(Role.HEAD, school)
    client.force_login(person)
    return person


def make_route(school: Any, **values: Any) -> Route:
    return RouteFactory(person=UserFactory(organization=school), **values)


def shown(client: Client, **query: str) -> set[int]:
    return {row.route.pk for row in client.get(LIST, query).context["rows"]}


def test_rows_say_progress_and_whose_turn(client: Client, head: User, school: Any) -> None:
    route = make_route(school, status=Status.ACTIVE)
    for status in ("confirmed", "planned", "removed"):
        RouteItemFactory(route=route, status=status)
    make_route(school, status=Status.IN_REVIEW)

    page = client.get(LIST).content.decode()

    assert "подтверждено 1 из 2" in page
    assert "<strong>методист ОО</strong>: согласовать" in page


def test_foreign_routes_are_not_listed(client: Client, head: User, school: Any) -> None:
    own = make_route(school)
    RouteFactory()

    assert shown(client) == {own.pk}


def test_counts_are_links_to_their_rows(client: Client, head: User, school: Any) -> None:
    make_route(school, status=Status.IN_REVIEW, due_on=today() - timedelta(days=1))
    make_route(school, status=Status.COMPLETED)
    make_route(school, status=Status.ARCHIVED)
    UserFactory(organization=school)

    tallies = {one.label: one for one in client.get(LIST).context["tallies"]}

    assert (tallies["Всего"].count, tallies["Просрочено"].count, tallies["Ждёт методиста"].count) == (2, 1, 1)
    # The new one, and those whose routes have ended.
    assert tallies["Без маршрута"].count == 3
    for label in ("Просрочено", "Ждёт методиста", "Завершено"):
        assert len(client.get(f"{LIST}?{tallies[label].query}").context["rows"]) == tallies[label].count


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ({"status": "archived"}, {"status": Status.ARCHIVED}),
        ({"turn": "author"}, {"status": Status.RETURNED}),
        ({"turn": "doing"}, {"status": Status.AGREED}),
        ({"late": "true"}, {"status": Status.DRAFT, "due_on": today() - timedelta(days=1)}),
        ({"outside": "yes"}, {"status": Status.ACTIVE, "is_outside": True}),
    ],
)
def test_filter_leaves_only_what_was_asked(
    client: Client, head: User, school: Any, query: dict[str, str], values: dict[str, Any]
) -> None:
    make_route(school, status=Status.COMPLETED)
    route = make_route(school, **values)

    assert shown(client, **query) == {route.pk}


def test_period_keeps_routes_that_run_in_it(client: Client, head: User, school: Any) -> None:
    old = make_route(school, starts_on=today() - timedelta(days=400), ends_on=today() - timedelta(days=200))
    new = make_route(school)

    assert shown(client, since=today().isoformat()) == {new.pk}
    assert shown(client, until=(today() - timedelta(days=300)).isoformat()) == {old.pk}


@pytest.mark.parametrize(
    "query", ["status=x", "turn=x", "since=вчера", "subject=999999999999999999999", "sort=x&page=x"]
)
def test_strange_address_is_no_failure(client: Client, head: User, school: Any, query: str) -> None:
    make_route(school)

    assert client.get(f"{LIST}?{query}").status_code == 200
    assert client.get(f"{LIST}?view=none&{query}").status_code == 200


def test_sorted_by_a_column_and_back(client: Client, head: User, school: Any) -> None:
    first = RouteFactory(person=UserFactory(organization=school, last_name="Абрамова"))
    last = RouteFactory(person=UserFactory(organization=school, last_name="Яковлева"))

    for sort, order in (("person", [first, last]), ("-person", [last, first])):
        rows = client.get(LIST, {"sort": sort}).context["rows"]
        assert [row.route for row in rows] == order


@pytest.mark.parametrize("view", ["all", "none", "own"])
@pytest.mark.parametrize("count", [1, 5])
def test_queries_do_not_grow(
    client: Client,
    head: User,
    school: Any,
    view: str,
    count: int,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(count):
        RouteItemFactory(route=make_route(school, status=Status.ACTIVE))
        make_route(school, status=Status.ACTIVE, is_outside=True)
        RouteFactory(person=head, organization=school, status=Status.COMPLETED)
        UserFactory(organization=school)

    with django_assert_max_num_queries(14):
        client.get(LIST, {"view": view})


def test_htmx_gets_the_rows_alone(client: Client, head: User, school: Any) -> None:
    make_route(school)

    page = client.get(LIST, headers={"HX-Request": "true"}).content.decode()

    assert page.lstrip().startswith('<div id="results"')


# --- Who has none --------------------------------------------------------------------------------------------


def test_people_without_a_route(client: Client, school: Any) -> None:
    methodist = person_with(Role.METHODIST, school)
    client.force_login(methodist)
    make_route(school, status=Status.ACTIVE)
    make_route(school, status=Status.ACTIVE, is_outside=True)
    former = make_route(school, status=Status.COMPLETED)
    over = make_route(
        school,
        status=Status.ACTIVE,
        is_outside=True,
        starts_on=today() - timedelta(days=90),
        ends_on=today() - timedelta(days=1),
    )
    new = UserFactory(organization=school)
    UserFactory(organization=school, is_active=False)
    person_with(Role.HEAD, school)
    UserFactory()

    page = client.get(LIST, {"view": "none"})

    assert set(page.context["people"]) == {former.person, over.person, new}
    assert f"{reverse('iom:outside_add')}?person={new.pk}" in page.content.decode()
    assert former.title in page.content.decode()


def test_head_reads_who_has_none_but_begins_nothing(client: Client, head: User, school: Any) -> None:
    person = UserFactory(organization=school)

    page = client.get(LIST, {"view": "none", "q": person.last_name}).content.decode()

    assert person.full_name in page
    assert f"?person={person.pk}" not in page


# --- One's own -----------------------------------------------------------------------------------------------


def test_teacher_sees_his_own_route_first(client: Client) -> None:
    person = UserFactory()
    client.force_login(person)
    running = RouteFactory(person=person, status=Status.RETURNED, return_comment="Уточните сроки")
    former = RouteFactory(person=person, status=Status.COMPLETED, title="Прошлогодний")
    outside = RouteFactory(person=person, status=Status.ACTIVE, is_outside=True, title="На бумаге")

    page = client.get(LIST)

    assert page.context["running"].route == running
    assert [row.route for row in page.context["others"]] == [former]
    assert [row.route for row in page.context["outside"]] == [outside]
    assert "Уточните сроки" in page.content.decode()


def test_teacher_without_a_route_is_invited_to_begin(client: Client) -> None:
    client.force_login(UserFactory())

    assert "Маршрута пока нет" in client.get(LIST, {"view": "all"}).content.decode()
