"""The designer: saved line by line, refused in words, nothing typed is lost."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.users.models import Role
from iom.models import ItemAttachment, LineComment, LineDecision, Route, RouteItem, Status
from iom.services.creating import Grounds
from iom.services.lines import add_grounds
from tests.factories import (
    CompletionFactory,
    DeficitFactory,
    DiagnosisBlockFactory,
    GoalFactory,
    MemberFactory,
    MembershipFactory,
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


def test_refusal_keeps_what_was_typed(author: Client, route: Route) -> None:
    """Agreed meanwhile by somebody else: without JavaScript the words stand on the page, to be copied."""
    item = RouteItemFactory(route=route)
    Route.objects.update(status=Status.ACTIVE, agreed_version=1)

    page = author.post(address(item), typed(item, activity="Мои слова"))
    added = author.post(reverse("iom:design_add", args=[route.pk, "item"]), {"activity": "Мои слова"})
    extra = author.post(reverse("iom:design_attach", args=[item.pk]), {"kind": "material", "title": "Мои слова"})

    for answer in (page, added, extra):
        assert answer.status_code == 409
        assert "Мои слова" in answer.content.decode()
        assert "откройте актуализацию" in answer.content.decode()


def test_confirmed_item_keeps_what_was_typed(author: Client, route: Route) -> None:
    item = RouteItemFactory(route=route, status="confirmed")

    page = author.post(address(item), typed(item, activity="Мои слова"))

    assert page.status_code == 409
    assert "Мои слова" in page.content.decode()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"activity": "я" * 501}, "Слишком длинно: оставьте до 500 знаков."),
        ({"due_on": "2027-02-30"}, "Такой даты нет"),
        ({"due_on": "0027-02-03"}, "Проверьте год"),
        ({"deficit": "999999"}, "Этого варианта больше нет"),
        ({"activity": " "}, "Назовите мероприятие"),
    ],
)
def test_wrong_field_is_told_and_the_rest_stays(
    author: Client, route: Route, fields: dict[str, str], words: str
) -> None:
    item = RouteItemFactory(route=route)

    page = author.post(address(item), typed(item, product="Мой продукт") | fields)

    assert page.status_code == 422
    assert words in page.content.decode()
    assert "Мой продукт" in page.content.decode()


def test_shortened_period_does_not_lock_an_item(author: Client, route: Route) -> None:
    item = RouteItemFactory(route=route, due_on=route.ends_on + timedelta(days=5))

    author.post(address(item), typed(item, activity="Стажировка", due_on=item.due_on.isoformat()), headers=JSON)

    item.refresh_from_db()
    assert item.activity == "Стажировка"


def test_line_breaks_become_spaces(author: Client, route: Route) -> None:
    author.post(reverse("iom:design_add", args=[route.pk, "goal"]), {"text": "Ввести\r\nлисты  самооценки"})

    assert route.goals.get().text == "Ввести листы самооценки"


def header(route: Route, **fields: Any) -> dict[str, Any]:
    return {"title": route.title, "starts_on": route.starts_on, "ends_on": route.ends_on, "revision": 1} | fields


def test_period_of_a_hundred_years_is_a_slip(author: Client, route: Route) -> None:
    late = route.ends_on.replace(year=route.starts_on.year + 50, day=1)

    page = author.post(reverse("iom:design_header", args=[route.pk]), header(route, ends_on=late, aim="Моя цель"))

    assert page.status_code == 422
    assert "Маршрут длиннее 5 лет" in page.content.decode()
    assert "Моя цель" in page.content.decode()


def test_mentor_is_chosen_among_those_appointed(author: Client, route: Route) -> None:
    where = reverse("iom:design_header", args=[route.pk])
    page = reverse("iom:design", args=[route.pk])
    assert "Наставник, тьютор" not in author.get(page).content.decode()
    mentor = MembershipFactory(role=Role.MENTOR, person=route.person, organization=None).user
    stranger = UserFactory()

    assert "Наставник, тьютор" in author.get(page).content.decode()
    assert author.post(where, header(route, mentor=stranger.pk)).status_code == 422
    author.post(where, header(route, mentor=mentor.pk))
    route.refresh_from_db()
    assert route.mentor == mentor
    author.post(where, header(route, revision=2, aim="Новая цель"))  # a page without the field clears nothing
    route.refresh_from_db()
    assert (route.mentor, route.aim) == (mentor, "Новая цель")
    author.post(where, header(route, revision=3, mentor=""))
    route.refresh_from_db()
    assert route.mentor is None


def test_present_mentor_stays_in_the_list(client: Client) -> None:
    route = RouteFactory(mentor=UserFactory())
    client.force_login(route.person)

    assert route.mentor.full_name in client.get(reverse("iom:design", args=[route.pk])).content.decode()


def test_mentors_of_two_people_are_compared(author: Client, route: Route) -> None:
    where = reverse("iom:design_header", args=[route.pk])
    mine, theirs = (MembershipFactory(role=Role.MENTOR, person=route.person, organization=None).user for _ in range(2))
    author.post(where, header(route, mentor=theirs.pk), headers=JSON)

    told = author.post(where, header(route, mentor=mine.pk), headers=JSON)

    assert told.status_code == 409
    assert mine.full_name in told.json()["clash"]
    assert theirs.full_name in told.json()["clash"]
    assert told.json()["now"]["mentor"] == str(theirs.pk)


def test_comparison_leads_back_to_the_line(author: Client, route: Route) -> None:
    item = RouteItemFactory(route=route)
    old = typed(item, activity="Моё")
    author.post(address(item), typed(item, activity="Чужое"), headers=JSON)

    page = author.post(address(item), old).content.decode()

    assert f'href="/iom/{route.pk}/design/#item-{item.pk}"' in page


def test_exclusion_without_a_reason_is_told_at_its_field(client: Client) -> None:
    route = RouteFactory(status=Status.REVISION, agreed_version=1, version=2)
    item = RouteItemFactory(route=route)
    client.force_login(route.person)
    where = reverse("iom:design_remove", args=["item", item.pk])

    assert client.post(where).status_code == 422
    long = client.post(where, {"reason": "я" * 301})
    assert long.status_code == 422
    assert "Слишком длинно: оставьте до 300 знаков." in long.content.decode()


def test_removed_line_is_brought_back(author: Client, route: Route) -> None:
    item = RouteItemFactory(route=route, activity="Семинар")
    back = reverse("iom:design_bring_back", args=[route.pk])

    page = author.post(reverse("iom:design_remove", args=["item", item.pk]), follow=True)
    assert "Убрано: «Семинар»" in page.content.decode()
    assert not route.items.exists()
    author.post(back)
    assert route.items.get() == item
    assert "Возвращать уже нечего" in author.post(back, follow=True).content.decode()


def test_what_was_removed_elsewhere_is_not_offered_here(author: Client, route: Route) -> None:
    item = RouteItemFactory(route=route, activity="Семинар")
    author.post(reverse("iom:design_remove", args=["item", item.pk]))
    Route.objects.update(status=Status.ARCHIVED)
    other = RouteFactory(person=route.person)

    assert "Убрано:" not in author.get(reverse("iom:design", args=[other.pk])).content.decode()
    author.post(reverse("iom:design_bring_back", args=[other.pk]))
    assert not RouteItem.objects.exists()


@pytest.mark.parametrize("who", ["teacher", "methodist", "regional"])
@pytest.mark.parametrize("rows", [1, 12])
def test_queries_are_as_many_whatever_the_rows(
    client: Client, rows: int, who: str, django_assert_num_queries: Any
) -> None:
    route = RouteFactory(mentor=UserFactory(), status=Status.REVISION, agreed_version=1, version=2)
    course = CompletionFactory(person=route.person)
    if who == "teacher":
        reader = route.person
    elif who == "methodist":
        reader = MembershipFactory(role=Role.METHODIST, organization=route.organization).user
    else:
        member = MemberFactory()
        reader = member.user
        Route.objects.filter(pk=route.pk).update(rma_member=member)
    add_grounds(route, Grounds(completions=[course], request="Научиться оценивать"))
    for _ in range(rows):
        deficit = DeficitFactory(route=route, changed_by=UserFactory())
        GoalFactory(route=route, deficit=deficit, changed_by=UserFactory())
        item = RouteItemFactory(route=route, deficit=deficit, completion=course, changed_by=UserFactory())
        ItemAttachment.objects.create(item=item, kind="material", title="Сборник")
        LineComment.objects.create(route=route, line=item.line, text="Уточните срок", author=UserFactory())
        DiagnosisBlockFactory(diagnosis__person=route.person, level="low")
        MembershipFactory(role=Role.MENTOR, person=route.person, organization=None)
        words = {"verdict": "clarify", "comment": "Какой?", "author": UserFactory(), "digest": "", "version": 2}
        LineDecision.objects.create(route=route, line=item.line, step="methodist", **words)
    client.force_login(reader)
    where = reverse("iom:design", args=[route.pk])
    client.get(where)  # the calendar of working days is kept for a minute

    with django_assert_num_queries(14 + (who != "teacher")):  # a look at another's route is logged
        page = client.get(where).content.decode()

    assert page.count("Какой?") == rows
