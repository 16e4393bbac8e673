"""The list of events: what the address asks for, and what it costs."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from cabinet.core.clock import today
from cabinet.planner.models import Event
from cabinet.users.models import User
from tests.factories import OrganizationFactory, person_with
from tests.planner.events import EventFactory, ParticipationFactory

pytestmark = pytest.mark.django_db
LIST = "/calendar/events/"


@pytest.fixture
def teacher(client: Client) -> User:
    user = person_with("teacher")
    client.force_login(user)
    return user


def shown(client: Client, **asked: str) -> list[Event]:
    return list(client.get(LIST, asked).context["page"])


def test_filters_of_the_address(client: Client, teacher: User) -> None:
    own = EventFactory(author=teacher, scope="personal", title="К аттестации", on=today())
    school = EventFactory(organization=teacher.organization, kind="mo", title="Оценивание в 7 классе")
    region = EventFactory(title="Конференция <b>")
    EventFactory(organization=OrganizationFactory(), title="Оценивание у соседей")
    ParticipationFactory(event=region, person=teacher)
    ParticipationFactory(event=school, person=teacher, state="waiting")
    assert shown(client) == [own, school, region]
    assert shown(client, when="week") == [own]
    assert shown(client, scope="organization") == [school]
    assert shown(client, kind="mo") == [school]
    assert shown(client, q="оценивания классов") == [school]
    assert shown(client, mine="run") == [own]
    assert shown(client, mine="invited") == [region]
    assert shown(client, mine="coming") == [school]
    assert shown(client, mine="came") == []
    assert shown(client, scope="nothing", kind="1", mine="x", when="y", page="100") == [own, school, region]
    page = client.get(LIST, {"q": "<script>", "when": "past"}).content.decode()
    assert "Таких событий нет" in page
    assert "<script>" not in page.split("<main")[1]
    page = client.get(LIST).content.decode()
    assert "Конференция &lt;b&gt;" in page
    assert "ответьте на приглашение" in page


def test_past_ones_are_found_where_one_was(client: Client, teacher: User) -> None:
    past = EventFactory(on=today() - timedelta(days=3))
    ParticipationFactory(event=past, person=teacher, attended=True)
    EventFactory(on=today() - timedelta(days=2))
    assert shown(client, when="past", mine="came") == [past]


@pytest.mark.parametrize("count", [1, 5])
def test_list_costs_the_same_for_any_number(
    client: Client, teacher: User, count: int, django_assert_num_queries: Callable[..., Any]
) -> None:
    for _ in range(count):
        ParticipationFactory(event__organization=teacher.organization, person=teacher)
    client.get(LIST)
    with django_assert_num_queries(5):
        assert len(shown(client, mine="invited", q="оценивание")) == count


def test_pages(client: Client, teacher: User) -> None:
    EventFactory.create_batch(26, organization=teacher.organization)
    assert len(shown(client)) == 25
    assert len(shown(client, page="2")) == 1
