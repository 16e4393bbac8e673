"""The designer: saved line by line, refused in words, nothing typed is lost."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from iom.models import LineComment, Route, RouteItem, Status
from tests.factories import (
    DeficitFactory,
    DiagnosisBlockFactory,
    GoalFactory,
    RouteFactory,
    RouteItemFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}


@pytest.fixture
def route() -> Route:
    return RouteFactory()


@pytest.fixture
def author(client: Client, route: Route) -> Client:
    client.force_login(route.person)
    return client


def typed(item: RouteItem, **fields: Any) -> dict[str, Any]:
    return {"activity": item.activity, "support": "self", "revision": item.revision} | fields


def address(item: RouteItem) -> str:
    return reverse("iom:design_line", args=["item", item.pk])


def test_line_is_saved_as_typed(author: Client, route: Route) -> None:
    item, deficit = RouteItemFactory(route=route), DeficitFactory(route=route)
    fields = typed(item, activity="Стажировка", deficit=deficit.pk, due_on=route.ends_on.isoformat())

    answer = author.post(address(item), fields, headers=JSON).json()

    item.refresh_from_db()
    assert (item.activity, item.deficit, item.due_on) == ("Стажировка", deficit, route.ends_on)
    assert (answer["revision"], item.changed_by) == (2, route.person)
    assert "Готовность" in answer["readiness"]


def test_without_javascript_one_comes_back_to_the_line(author: Client, route: Route) -> None:
    item = RouteItemFactory(route=route)

    answer = author.post(address(item), typed(item, activity="Стажировка"))

    assert answer["Location"].endswith(f"/design/#item-{item.pk}")


def test_second_editor_sees_both_and_chooses_his_own(author: Client, route: Route) -> None:
    item = RouteItemFactory(route=route)
    old = typed(item, activity="Моё")
    author.post(address(item), typed(item, activity="Чужое"), headers=JSON)

    page = author.post(address(item), old)
    told = author.post(address(item), old, headers=JSON)

    assert page.status_code == told.status_code == 409
    assert "Чужое" in page.content.decode()
    assert "Моё" in page.content.decode()
    assert told.json()["now"]["activity"] == "Чужое"
    author.post(address(item), old | {"revision": told.json()["revision"]})
    item.refresh_from_db()
    assert item.activity == "Моё"


def test_header_of_two_people_is_compared(author: Client, route: Route) -> None:
    where = reverse("iom:design_header", args=[route.pk])
    old = {"title": "А", "starts_on": route.starts_on, "ends_on": route.ends_on, "revision": 1}
    author.post(where, old | {"title": "Чужое"}, headers=JSON)

    page = author.post(where, old)

    assert page.status_code == 409
    assert "Чужое" in page.content.decode()
    assert Route.objects.get().title == "Чужое"


def test_date_outside_the_route_stays_typed(author: Client, route: Route) -> None:
    item = RouteItemFactory(route=route)
    late = (route.ends_on + timedelta(days=1)).isoformat()

    page = author.post(address(item), typed(item, due_on=late))
    told = author.post(address(item), typed(item, due_on=late), headers=JSON)

    assert page.status_code == told.status_code == 422
    assert late in page.content.decode()
    assert "Срок вне маршрута" in told.json()["errors"]["due_on"][0]


def test_lines_are_added_and_moved(author: Client, route: Route) -> None:
    add = reverse("iom:design_add", args=[route.pk, "item"])
    for name in "абв":
        author.post(add, {"activity": name})
    last = route.items.get(activity="в")

    author.post(reverse("iom:design_place", args=["item", last.pk]), {"move": "up"})
    assert [one.activity for one in route.items.all()] == ["а", "в", "б"]
    author.post(reverse("iom:design_place", args=["item", last.pk]), {"before": ""}, headers=JSON)
    assert [one.activity for one in route.items.all()] == ["а", "б", "в"]
    author.post(reverse("iom:design_place", args=["item", last.pk]), {"move": "down"})
    assert [one.activity for one in route.items.all()] == ["а", "б", "в"]


def test_block_of_a_diagnosis_becomes_a_deficit(author: Client, route: Route) -> None:
    block = DiagnosisBlockFactory(diagnosis__person=route.person)
    foreign = DiagnosisBlockFactory()
    add = reverse("iom:design_add", args=[route.pk, "deficit"])

    author.post(add, {"block": block.pk})

    assert [(one.text, one.block) for one in route.deficits.all()] == [(block.topic, block)]
    assert author.post(add, {"block": foreign.pk}).status_code == 404


def test_agreed_item_is_excluded_with_a_reason_only(client: Client) -> None:
    route = RouteFactory(status=Status.REVISION, agreed_version=1, version=2)
    item = RouteItemFactory(route=route)
    client.force_login(route.person)
    where = reverse("iom:design_remove", args=["item", item.pk])

    page = client.post(where, follow=True)
    assert "почему пункт исключается" in page.content.decode()
    client.post(where, {"reason": "Отменён"})

    item.refresh_from_db()
    assert (item.status, item.removed_reason) == ("removed", "Отменён")


def test_material_is_attached_and_taken_away(author: Client, route: Route) -> None:
    item = RouteItemFactory(route=route)
    where = reverse("iom:design_attach", args=[item.pk])

    wrong = author.post(where, {"kind": "material", "title": "Сборник", "link": "не адрес"})
    author.post(where, {"kind": "material", "title": "Сборник"})

    assert wrong.status_code == 422
    assert "Сборник" in wrong.content.decode()
    extra = item.attachments.get()
    author.post(reverse("iom:design_detach", args=[extra.pk]))
    assert not item.attachments.exists()


def test_comment_stands_at_its_line(author: Client, route: Route) -> None:
    item = RouteItemFactory(route=route)
    LineComment.objects.create(route=route, line=f"item:{item.pk}", text="Уточните срок", author=UserFactory())

    assert "Уточните срок" in author.get(reverse("iom:design", args=[route.pk])).content.decode()


def test_route_carried_out_leads_to_its_page(client: Client) -> None:
    route = RouteFactory(status=Status.ACTIVE)
    client.force_login(route.person)

    answer = client.get(reverse("iom:design", args=[route.pk]))

    assert answer["Location"] == route.get_absolute_url()


def test_strangers_find_nothing(client: Client, route: Route) -> None:
    item = RouteItemFactory(route=route)
    client.force_login(UserFactory())

    assert client.get(reverse("iom:design", args=[route.pk])).status_code == 404
    assert client.post(address(item), typed(item)).status_code == 404


@pytest.mark.parametrize("rows", [1, 5])
def test_queries_do_not_grow(author: Client, route: Route, rows: int, django_assert_max_num_queries: Any) -> None:
    for _ in range(rows):
        GoalFactory(route=route, deficit=DeficitFactory(route=route))
        RouteItemFactory(route=route, changed_by=UserFactory())
    author.get("/")

    with django_assert_max_num_queries(15):
        author.get(reverse("iom:design", args=[route.pk]))
