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
from tests.factories import (
    MembershipFactory,
    OrganizationFactory,
    RouteFactory,
    RouteItemFactory,
    UserFactory,
    person_with,
)

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

    assert "Ждёт проверки" not in tallies

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


def test_what_was_handed_in_waits_for_others_not_for_the_teacher(client: Client, head: User, school: Any) -> None:
    route = make_route(school, status=Status.ACTIVE)
    RouteItemFactory(route=route, status="submitted")

    assert "<strong>проверяющий</strong>: проверить сделанное" in client.get(LIST).text
    client.force_login(route.person)
    assert "Ход за: <strong>проверяющий</strong> — проверить сделанное" in client.get(LIST).text


def test_what_waits_for_the_reader_is_told_apart(client: Client, school: Any) -> None:
    methodist = person_with(Role.METHODIST, school)
    client.force_login(methodist)
    to_agree = make_route(school, status=Status.IN_REVIEW)
    to_check = make_route(school, status=Status.ACTIVE)
    RouteItemFactory(route=to_check, status="submitted")
    make_route(school, status=Status.IN_REVIEW, step="head")
    own = RouteFactory(person=methodist, organization=school, status=Status.ACTIVE)
    RouteItemFactory(route=own, status="submitted")

    tallies = {one.label: one for one in client.get(LIST).context["tallies"]}

    assert shown(client, turn="mine") == {to_agree.pk, to_check.pk}
    assert (tallies["Ждёт вас"].count, tallies["Ждёт вас"].query) == (2, "turn=mine")


def test_regional_methodist_is_not_told_that_everybody_has_a_route(client: Client) -> None:
    client.force_login(person_with(Role.REGIONAL))

    page = client.get(LIST, {"view": "none"})

    assert (page.context["view"], "none" in page.context["views"]) == ("all", False)
    assert "Без маршрута" not in {one.label for one in page.context["tallies"]}


def test_begin_is_offered_only_where_it_works(client: Client, school: Any) -> None:
    """A municipal specialist who mentors one teacher begins the route of that one alone."""
    person, other = UserFactory(organization=school), UserFactory(organization=school)
    helper = person_with(Role.MUNICIPAL, school.municipality)
    MembershipFactory(user=helper, role=Role.MENTOR, person=person)
    client.force_login(helper)

    page = client.get(LIST, {"view": "none"})

    assert set(page.context["people"]) == {person, other}
    assert f"?person={person.pk}" in page.text
    assert f"?person={other.pk}" not in page.text


@pytest.mark.parametrize("role", [Role.OBSERVER, Role.CURATOR])
def test_observer_and_curator_see_nobodys_routes(client: Client, role: Role) -> None:
    route = RouteFactory(status=Status.ACTIVE)
    client.force_login(person_with(role, organization=None))

    for view in ("all", "none", "own"):
        page = client.get(LIST, {"view": view}).text
        assert route.person.last_name not in page
        assert "Начать маршрут" not in page


def test_organization_is_found_as_it_is_written(client: Client) -> None:
    person = UserFactory(organization=OrganizationFactory(name="МАОУ «СОШ № 7»"))
    UserFactory(organization=OrganizationFactory(name="МАОУ «СОШ № 8»"))
    client.force_login(person_with(Role.ADMIN))

    assert set(client.get(LIST, {"view": "none", "q": 'МАОУ "СОШ №7"'}).context["people"]) == {person}


def test_too_long_a_search_is_a_sentence_and_what_was_typed_stays(client: Client, head: User, school: Any) -> None:
    make_route(school)
    words = " ".join(f"слово{number}" for number in range(1500))

    for view in ("all", "none"):
        page = client.get(LIST, {"view": view, "q": words})
        assert (page.status_code, "Так отобрать не получится" in page.text) == (200, True)
    assert client.get(LIST, {"q": "щ " * 100}).status_code == 200
    assert client.get(LIST, {"q": "а1 " * 66}).status_code == 200


def test_empty_result_helps(client: Client, head: User, school: Any) -> None:
    assert "Маршрутов пока нет" in client.get(LIST).text
    make_route(school)
    assert "Показать все" in client.get(LIST, {"q": "абракадабра"}).text


def test_filters_stand_together_and_stay_in_the_address(client: Client, head: User, school: Any) -> None:
    late = {"status": Status.IN_REVIEW, "due_on": today() - timedelta(days=1)}
    for _ in range(26):
        make_route(school, **late)
    make_route(school, **{**late, "status": Status.DRAFT})
    make_route(school, status=Status.IN_REVIEW)

    page = client.get(
        LIST, {"status": "in_review", "late": "true", "turn": "methodist", "sort": "-person", "page": "2"}
    )

    assert (page.context["page"].paginator.count, len(page.context["rows"])) == (26, 1)
    assert "status=in_review&amp;late=true&amp;turn=methodist&amp;sort=-person&amp;page=1" in page.text
    assert f"{reverse('iom:export')}?status=in_review&amp;late=true&amp;turn=methodist" in page.text
