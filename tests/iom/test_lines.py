"""Building a route line by line: saved as typed, never over somebody else's words."""

from datetime import date

import pytest

from cabinet.users.models import Membership, Role
from iom.models import Ground, ItemAttachment, LineComment, Route, RouteItem, Status
from iom.moves import Refused
from iom.services.creating import Grounds, create_route, mentors_of, usual_period, write_grounds
from iom.services.lines import (
    Stale,
    add_grounds,
    add_line,
    attach,
    bring_back,
    detach,
    place_line,
    remove_ground,
    remove_line,
    save_header,
    save_line,
)
from tests.factories import (
    CompletionFactory,
    DeficitFactory,
    GoalFactory,
    RouteFactory,
    RouteItemFactory,
    UserFactory,
)

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
    assert remove_line(item, actor=route.person, reason="Семинар отменён") is None

    item.refresh_from_db()
    assert (item.status, item.removed_reason) == ("removed", "Семинар отменён")


def test_item_comes_back_as_it_was() -> None:
    route = RouteFactory()
    RouteItemFactory(route=route, place=1)
    item = RouteItemFactory(route=route, place=2, activity="Семинар")
    RouteItemFactory(route=route, place=3)
    attach(item, {"kind": "material", "title": "Сборник"}, actor=item.route.person)
    LineComment.objects.create(route=route, line=item.line, text="Уточните")
    order = list(route.items.values_list("pk", flat=True))

    taken = remove_line(item, actor=route.person)
    assert taken is not None
    assert (route.items.count(), route.comments.count(), ItemAttachment.objects.count()) == (2, 0, 0)
    bring_back(route, taken)

    assert list(route.items.values_list("pk", flat=True)) == order
    back = route.items.get(activity="Семинар")
    assert [one.title for one in back.attachments.all()] == ["Сборник"]
    assert [one.line for one in route.comments.all()] == [back.line]
    assert list(Route.objects.search("семинар")) == [route]
    with pytest.raises(Refused, match="уже на месте"):
        bring_back(route, taken)


def test_deficit_comes_back_with_what_was_tied_to_it() -> None:
    route = RouteFactory()
    deficit = DeficitFactory(route=route)
    goal, item = GoalFactory(route=route, deficit=deficit), RouteItemFactory(route=route, deficit=deficit)
    other = DeficitFactory(route=route)
    second = GoalFactory(route=route, deficit=deficit)
    pk = deficit.pk

    taken = remove_line(deficit, actor=route.person)
    second.deficit = other  # tied anew meanwhile
    second.save()
    assert taken is not None
    bring_back(route, taken)

    for row, wanted in ((goal, pk), (item, pk), (second, other.pk)):
        row.refresh_from_db()
        assert row.deficit_id == wanted


def test_line_comes_back_without_a_deficit_that_is_gone() -> None:
    goal = GoalFactory(deficit=DeficitFactory())
    goal.deficit.route = goal.route
    goal.deficit.save()

    taken = remove_line(goal, actor=goal.route.person)
    goal.route.deficits.get().delete()
    assert taken is not None
    bring_back(goal.route, taken)

    assert goal.route.goals.get().deficit is None


def test_material_comes_back_to_its_item_only() -> None:
    item = RouteItemFactory()
    route, person = item.route, item.route.person

    taken = detach(attach(item, {"kind": "material", "title": "Сборник"}, actor=person), actor=person)
    bring_back(route, taken)
    assert item.attachments.get().title == "Сборник"
    taken = detach(item.attachments.get(), actor=person)
    remove_line(item, actor=route.person)
    with pytest.raises(Refused, match="Пункта"):
        bring_back(route, taken)


def test_nothing_comes_back_to_an_agreed_route() -> None:
    item = RouteItemFactory()
    taken = remove_line(item, actor=item.route.person)
    Route.objects.update(status=Status.ACTIVE, agreed_version=1)

    assert taken is not None
    with pytest.raises(Refused, match="не меняется"):
        bring_back(item.route, taken)


def test_grounds_are_added_once_and_taken_away() -> None:
    route = RouteFactory()
    course = CompletionFactory(person=route.person)
    for _ in range(2):
        add_grounds(route, Grounds(completions=[course], request="Научиться оценивать"))
    write_grounds(route, Grounds(source=route.person, source_text="Результат МОТОР"))

    assert [one.kind for one in route.grounds.all()] == ["course", "request", "motor"]
    taken = remove_ground(route.grounds.get(kind=Ground.Kind.REQUEST))
    with pytest.raises(Refused, match="МОТОР"):
        remove_ground(route.grounds.get(kind=Ground.Kind.MOTOR))
    bring_back(route, taken)
    assert route.grounds.count() == 3


def test_mentors_are_those_appointed_to_the_teacher() -> None:
    person = UserFactory()
    first, second = UserFactory(), UserFactory()
    for user in (first, second, first):
        Membership.objects.create(user=user, role=Role.MENTOR, person=person)
    Membership.objects.create(user=UserFactory(is_active=False), role=Role.MENTOR, person=person)
    Membership.objects.create(user=UserFactory(), role=Role.MENTOR, person=UserFactory())

    assert mentors_of(person) == [first, second]
    assert create_route(person, author=person).mentor == first


@pytest.mark.parametrize(("day", "words"), [((2027, 2, 1), "2027"), ((2026, 11, 1), "2026–2027")])
def test_title_names_the_years_once(day: tuple[int, int, int], words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    period = usual_period(date(*day))
    monkeypatch.setattr("iom.services.creating.usual_period", lambda: period)
    person = UserFactory()

    assert create_route(person, author=person).title == f"ИОМ {person.short_name}, {words}"


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


def test_item_nobody_has_agreed_goes_for_good_and_an_agreed_one_stays() -> None:
    route = RouteFactory(status=Status.REVISION, version=2, agreed_version=1)
    new, agreed = RouteItemFactory(route=route, added_in=2), RouteItemFactory(route=route)

    assert remove_line(new, actor=route.person) is not None
    assert remove_line(agreed, actor=route.person, reason="Отменили") is None

    assert [one.status for one in route.items.all()] == ["removed"]
