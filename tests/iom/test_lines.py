"""Building a route line by line: saved as typed, never over somebody else's words."""

import pytest

from iom.models import Route, RouteItem, Status
from iom.moves import Refused
from iom.services.creating import create_route
from iom.services.lines import Stale, add_line, place_line, remove_line, save_header, save_line
from tests.factories import DeficitFactory, RouteFactory, RouteItemFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_new_route_knows_what_is_known() -> None:
    person = UserFactory()

    route = create_route(person, author=person)

    assert (route.organization, route.status, route.version) == (person.organization, Status.DRAFT, 1)
    assert route.starts_on < route.ends_on
    assert [one.move for one in route.transitions.all()] == ["create"]


def test_second_running_route_is_refused() -> None:
    route = RouteFactory(status=Status.ACTIVE)

    with pytest.raises(Refused, match="уже есть действующий маршрут"):
        create_route(route.person, author=route.person)


def test_former_route_is_used_again_without_states() -> None:
    old = RouteFactory(status=Status.COMPLETED)
    deficit = DeficitFactory(route=old)
    RouteItemFactory(route=old, activity="Семинар", deficit=deficit, status="confirmed")
    RouteItemFactory(route=old, activity="Отменённый", status="removed")

    new = create_route(old.person, author=old.person, previous=old)

    (item,) = new.items.all()
    assert (item.activity, item.status, item.deficit.text) == ("Семинар", "planned", deficit.text)
    assert new.aim == old.aim


def test_second_editor_is_told_and_loses_nothing() -> None:
    item = RouteItemFactory(activity="Семинар")
    mine, theirs = RouteItem.objects.get(pk=item.pk), RouteItem.objects.get(pk=item.pk)
    save_line(theirs, {"activity": "Вебинар"}, 1, actor=UserFactory())

    with pytest.raises(Stale) as caught:
        save_line(mine, {"activity": "Мастер-класс"}, 1, actor=item.route.person)

    assert caught.value.row.activity == "Вебинар"
    item.refresh_from_db()
    assert (item.activity, item.revision) == ("Вебинар", 2)


def test_header_is_guarded_too() -> None:
    route = RouteFactory()
    save_header(Route.objects.get(pk=route.pk), {"aim": "Первая"}, 1, actor=route.person)

    with pytest.raises(Stale):
        save_header(Route.objects.get(pk=route.pk), {"aim": "Вторая"}, 1, actor=route.person)

    route.refresh_from_db()
    assert route.aim == "Первая"


def test_agreed_route_is_not_changed() -> None:
    item = RouteItemFactory(route=RouteFactory(status=Status.ACTIVE))

    with pytest.raises(Refused, match="откройте актуализацию"):
        save_line(item, {"activity": "Другое"}, 1, actor=item.route.person)


def test_item_of_an_agreed_route_is_excluded_with_a_reason() -> None:
    route = RouteFactory(status=Status.REVISION, agreed_version=1, version=2)
    item = RouteItemFactory(route=route)

    with pytest.raises(Refused, match="почему пункт исключается"):
        remove_line(item, actor=route.person)
    assert remove_line(item, actor=route.person, reason="Семинар отменён") is False

    item.refresh_from_db()
    assert (item.status, item.removed_reason) == ("removed", "Семинар отменён")


def test_lines_keep_the_order_they_are_put_in() -> None:
    route = RouteFactory()
    first, second, third = (add_line(route, "item", {"activity": name}, actor=None) for name in "абв")

    place_line(third, first)

    assert [one.activity for one in route.items.all()] == ["в", "а", "б"]
    assert second.place == 2


def test_search_knows_forms_of_words() -> None:
    route = RouteFactory(aim="Преодолеть дефициты в оценивании")
    RouteFactory(aim="Совсем о другом")
    add_line(route, "item", {"activity": "Семинар"}, actor=None)

    assert list(Route.objects.search("дефицит")) == [route]
    assert list(Route.objects.search("семинары оценивание")) == [route]
    assert list(Route.objects.search("дефицит вебинар")) == []
