"""The survey joins the teacher's route: his items are offered, his ticks mark them."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cabinet.core.clock import today
from iom.models import Route, RouteItem
from motor.models import Case, Survey
from motor.services.returns import return_to_teacher
from motor.services.story import story_of
from tests import factories

pytestmark = pytest.mark.django_db

ANSWERS = {"important": "Приёмы оценивания", "in_route": "own", "has_started": "yes", "nothing_yet": "on"}


@pytest.fixture
def case() -> Case:
    return factories.CaseFactory()


@pytest.fixture
def address(case: Case) -> str:
    return reverse("motor:personal", args=[case.link])


@pytest.fixture
def item(case: Case) -> RouteItem:
    route = factories.RouteFactory(person=case.person, status="active")
    return factories.RouteItemFactory(route=route, activity="Листы самооценки")


def ticked(item: RouteItem, *names: str, **fields: Any) -> dict[str, Any]:
    return ANSWERS | {f"{name}_{item.pk}": "on" for name in names} | fields


def test_own_items_are_offered(client: Client, address: str, item: RouteItem) -> None:
    page = client.get(address).content.decode()

    assert "Да, мой ИОМ в кабинете" in page
    assert f'name="item_{item.pk}"' in page
    assert f'name="done_{item.pk}"' in page


def test_without_a_route_nothing_is_offered(client: Client, address: str) -> None:
    assert "Да, мой ИОМ в кабинете" not in client.get(address).content.decode()
    assert client.post(address, ANSWERS | {"change_0": "Ввела листы"}).status_code == 422


def test_ticks_mark_the_items(client: Client, case: Case, address: str, item: RouteItem) -> None:
    answer = client.post(address, ticked(item, "item", "done"))

    item.refresh_from_db()
    assert answer.status_code == 302
    assert item.in_practice_since == today()
    (kept,) = Survey.objects.get(case=case).route_items
    assert (kept["item"], kept["reflected"], kept["in_practice"]) == (item.pk, True, True)


def test_every_tick_says_its_own_topic(client: Client, case: Case, address: str, item: RouteItem) -> None:
    other = factories.RouteItemFactory(route=item.route, activity="Читательский клуб")
    topic = {f"done_{other.pk}": "on", f"done_{other.pk}_on": "other", f"done_{other.pk}_topic": "Чтение"}

    client.post(address, ticked(item, "done", **topic))

    item.refresh_from_db()
    other.refresh_from_db()
    assert (item.practice_topic, other.practice_topic) == ("", "Чтение")
    survey = Survey.objects.get(case=case)
    assert [(one.text, one.is_on_topic, one.topic) for one in survey.practised] == [
        ("Листы самооценки", True, ""),
        ("Читательский клуб", False, "Чтение"),
    ]
    # The assessor's question D is hinted by what the teacher has ticked.
    assert [one.topic for one in story_of(Case.objects.with_names().get(pk=case.pk)).other_changes] == ["Чтение"]


def test_another_topic_must_be_named_and_the_rest_stays(client: Client, address: str, item: RouteItem) -> None:
    answer = client.post(address, ticked(item, "item", "done", **{f"done_{item.pk}_on": "other"}))

    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'href="#done_{item.pk}_topic">Назовите другую тематику' in page
    assert f'id="done_{item.pk}_other" checked' in page
    assert f'id="item_{item.pk}" checked' in page


def test_what_the_route_says_is_not_asked_again(client: Client, case: Case, address: str, item: RouteItem) -> None:
    known = factories.RouteItemFactory(
        route=item.route, completion=case.completion, in_practice_since=today(), practice_topic="Чтение"
    )

    page = client.get(address).content.decode()

    for checked in (f"item_{known.pk}", f"done_{known.pk}", f"done_{known.pk}_other"):
        assert f'id="{checked}" checked' in page
    assert f'name="done_{known.pk}_topic" maxlength="200" value="Чтение"' in page
    for name in ("item", "done"):
        assert f'id="{name}_{item.pk}" checked' not in page


def test_started_needs_a_tick_or_a_change(client: Client, address: str, item: RouteItem) -> None:
    answer = client.post(address, ticked(item, "item"))

    assert answer.status_code == 422
    assert "Отметьте пункт ИОМ или опишите изменение" in answer.content.decode()
    assert f'id="item_{item.pk}" checked' in answer.content.decode()


def test_items_of_another_person_are_not_ticked(client: Client, case: Case, address: str, item: RouteItem) -> None:
    foreign = factories.RouteItemFactory()

    client.post(address, ticked(foreign, "item", "done", change_0="Ввела листы"))

    foreign.refresh_from_db()
    assert foreign.in_practice_since is None
    assert Survey.objects.get(case=case).route_items == []


def test_draft_keeps_the_ticks(client: Client, case: Case, address: str, item: RouteItem) -> None:
    other = {f"done_{item.pk}_on": "other", f"done_{item.pk}_topic": "Чтение"}
    client.post(reverse("motor:personal_draft", args=[case.link]), ticked(item, "item", "done", **other))

    page = client.get(address).content.decode()

    assert f'id="item_{item.pk}" checked' in page
    assert f'id="done_{item.pk}" checked' in page
    assert f'name="done_{item.pk}_topic" maxlength="200" value="Чтение"' in page


def test_corrected_answer_takes_its_mark_back(client: Client, case: Case, address: str, item: RouteItem) -> None:
    client.post(address, ticked(item, "item", "done"))
    case.refresh_from_db()
    return_to_teacher(case, actor=case.responsible, comment="Поясните, пожалуйста")
    Case.objects.filter(pk=case.pk).update(revision=5)  # opened, answered, sent back
    assert f'id="done_{item.pk}" checked' in client.get(address).content.decode()

    client.post(address, ticked(item, "item", change_0="Пока только пробую"))

    item.refresh_from_db()
    assert item.in_practice_since is None


def test_corrected_answer_leaves_a_route_that_has_ended_alone(
    client: Client, case: Case, address: str, item: RouteItem
) -> None:
    client.post(address, ticked(item, "item", "done"))
    RouteItem.objects.filter(pk=item.pk).update(practice_text="Листы в двух классах")
    Route.objects.filter(pk=item.route_id).update(status="completed", completed_at=timezone.now())
    case.refresh_from_db()
    return_to_teacher(case, actor=case.responsible, comment="Поясните, пожалуйста")
    Case.objects.filter(pk=case.pk).update(revision=5)  # opened, answered, sent back

    client.post(address, ANSWERS | {"in_route": "no", "change_0": "Ввела листы"})

    item.refresh_from_db()
    assert (item.in_practice_since, item.practice_text) == (today(), "Листы в двух классах")
    (kept,) = Survey.objects.filter(case=case).last().route_items
    assert (kept["item"], kept["in_practice"]) == (item.pk, True)


@pytest.mark.parametrize("count", [1, 8])
def test_ticks_cost_the_same_whatever_their_number(
    client: Client, address: str, item: RouteItem, count: int, django_assert_num_queries: Any
) -> None:
    items = [item, *factories.RouteItemFactory.create_batch(count - 1, route=item.route)]
    client.get(address)
    ticks = {f"done_{one.pk}": "on" for one in items}

    with django_assert_num_queries(25):
        assert client.post(address, ANSWERS | ticks).status_code == 302

    assert RouteItem.objects.in_practice().count() == count


def test_route_put_away_meanwhile_does_not_stop_the_answer(
    client: Client, case: Case, address: str, item: RouteItem
) -> None:
    type(item.route).objects.filter(pk=item.route_id).update(status="archived")

    client.post(address, ticked(item, "item", "done", in_route="no", change_0="Ввела листы"))

    assert Survey.objects.filter(case=case, submitted_at__isnull=False).exists()


def test_items_cost_one_query(client: Client, address: str, item: RouteItem, django_assert_num_queries: Any) -> None:
    for _ in range(5):
        factories.RouteItemFactory(route=item.route)
    client.get(address)

    with django_assert_num_queries(2):  # the case, its items
        client.get(address)
