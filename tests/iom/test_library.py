"""Routes and the library: what suits and why, what is put beside an item, what a reader of the route sees of it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from cabinet.core.clock import today
from cabinet.library.models import Material
from cabinet.library.services import hooks
from cabinet.library.services.offering import archive, make_material
from cabinet.library.services.searching import matched, reasons
from cabinet.planner.models import Event
from cabinet.users.models import Role, User
from iom.models import ItemAttachment, Route, RouteItem, RouteTemplate, Status
from iom.moves import Refused
from iom.services import library
from iom.services.creating import Grounds, content_to_reuse, create_route, write_grounds
from iom.services.lines import bring_back, detach
from iom.services.personal import patterns_of, without_personal
from tests.factories import (
    CompletionFactory,
    CourseFactory,
    DeficitFactory,
    GoalFactory,
    OrganizationFactory,
    RouteFactory,
    RouteItemFactory,
    SubjectFactory,
    TemplateVersionFactory,
    TopicFactory,
    person_with,
)
from tests.library.shelves import published
from tests.planner.events import EventFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def teacher() -> User:
    return person_with("teacher", organization=OrganizationFactory())


@pytest.fixture
def route(teacher: User) -> Route:
    return RouteFactory(person=teacher, aim="")


@pytest.fixture
def item(route: Route) -> RouteItem:
    return RouteItemFactory(route=route, activity="Семинар", deficit=DeficitFactory(route=route, text="Оценивание"))


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def methodist_of(route: Route) -> User:
    return person_with(Role.METHODIST, route.organization)


# --- Usage and matching --------------------------------------------------------------------------------------------


def test_usage_counts_routes_once_and_neither_archived_nor_excluded(teacher: User, item: RouteItem) -> None:
    material, other = published(), published()
    for one in (item, RouteItemFactory(route=item.route)):
        library.attach_material(one, material, actor=teacher)
    draft = RouteItemFactory()
    library.attach_material(draft, material, actor=draft.route.person)
    gone = RouteItemFactory(route=RouteFactory(status=Status.ARCHIVED))
    removed = RouteItemFactory(status="removed")
    for one in (gone, removed):
        ItemAttachment.objects.create(item=one, kind="material", material=material, title="Листы")

    assert library.usage([material.pk, other.pk]) == {material.pk: 2}
    assert hooks.use_of([material.pk]) == {material.pk: 2}


def test_matching_says_why(teacher: User, route: Route) -> None:
    topic, subject = TopicFactory(name="Формирующее оценивание"), SubjectFactory(name="физика")
    course = CourseFactory(programme__topic=topic)
    write_grounds(route, Grounds(completions=[CompletionFactory(person=teacher, course=course)]))
    Route.objects.filter(pk=route.pk).update(subject=subject)
    DeficitFactory(route=route, text="Как давать обратную связь ученику")
    GoalFactory(route=route, text="Освоить взаимооценку")
    by_word = published(title="Обратные связи на уроке")
    by_goal = published(title="Взаимооценка в парах")
    by_topic = published(title="Рубрики", topic=topic)
    by_subject = published(title="Опыты", subjects=[subject])
    published(title="Каллиграфия", summary="Прописи")

    matching = hooks.matching_of(teacher)
    assert matching is not None
    found = {one: reasons(one, matching) for one in matched(Material.objects.all(), matching)}
    assert found == {
        by_word: ["по дефициту «Как давать обратную связь ученику»"],
        by_goal: ["по цели «Освоить взаимооценку»"],
        by_topic: ["по тематике курса «Формирующее оценивание»"],
        by_subject: ["по предмету «физика»"],
    }


def test_word_of_most_materials_matches_nothing(teacher: User, route: Route) -> None:
    DeficitFactory(route=route, text="Оценивание на уроке")
    for number in range(12):
        published(title=f"Урок {number}", summary="Коротко")
    rare = published(title="Оценивание", summary="Коротко")

    matching = hooks.matching_of(teacher)
    assert matching is not None
    assert list(matched(Material.objects.all(), matching)) == [rare]


def test_without_a_running_route_there_is_nothing_to_match_by(teacher: User) -> None:
    RouteFactory(person=teacher, status=Status.COMPLETED)

    assert hooks.matching_of(teacher) is None


def test_matching_costs_the_same_however_many(
    teacher: User, route: Route, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    published(title="Оценивание")
    for count in (1, 5):
        for number in range(count):
            DeficitFactory(route=route, text=f"Оценивание {number}")
        with django_assert_num_queries(5):
            library.matching_of(teacher)


def test_action_is_for_those_who_build_routes(teacher: User) -> None:
    material = published()
    address = [("Добавить в ИОМ", f"/iom/materials/{material.pk}/add/")]

    assert library.actions(material, teacher) == address
    assert library.actions(material, person_with(Role.METHODIST, OrganizationFactory())) == address
    assert library.actions(material, person_with("observer", organization=None)) == []
    assert library.actions(material, person_with("curator", organization=None)) == []


def test_places_are_routes_one_builds(teacher: User, item: RouteItem) -> None:
    material = published()
    library.attach_material(item, material, actor=teacher)

    here = [(item.route.title, item.route.get_absolute_url())]
    assert library.places(material, teacher) == here
    assert library.places(material, methodist_of(item.route)) == here
    assert library.places(material, person_with("teacher")) == []


# --- «Добавить в ИОМ» ----------------------------------------------------------------------------------------------


def test_teacher_puts_a_material_beside_an_item_once(teacher: User, item: RouteItem) -> None:
    client, material = client_of(teacher), published(link="https://example.org/listy")
    address = reverse("iom:material_add", args=[material.pk])
    assert "Семинар" in client.get(address).content.decode()
    for _ in range(2):
        assert client.post(address, {"item": item.pk})["Location"] == item.route.get_absolute_url()

    extra = item.attachments.get()
    assert (extra.kind, extra.material, extra.title, extra.link) == (
        "material",
        material,
        "Листы самооценки",
        "https://example.org/listy",
    )
    item.refresh_from_db()
    assert item.changed_by == teacher
    page = client.get(item.route.get_absolute_url()).content.decode()
    assert f'<a href="{material.get_absolute_url()}">Листы самооценки</a>' in page
    assert "Уже приложен" in client.get(address).content.decode()


def test_material_becomes_an_item_of_its_own_once(teacher: User, route: Route) -> None:
    client, material = client_of(teacher), published(title="Как читать <b>{ссылка}</b>")
    for _ in range(2):
        client.post(reverse("iom:material_add", args=[material.pk]), {"route": route.pk})

    made = route.items.get()
    assert (made.activity, made.form) == ("Изучить материал «Как читать <b>{ссылка}</b>»", "informal")
    assert made.attachments.get().material == material
    assert "&lt;b&gt;{ссылка}&lt;/b&gt;" in client.get(route.get_absolute_url()).content.decode()


def test_methodist_chooses_whose_route(route: Route, item: RouteItem) -> None:
    RouteFactory(person__last_name="Чужая")
    methodist, material = methodist_of(route), published()
    client = client_of(methodist)
    address = reverse("iom:material_add", args=[material.pk])
    page = client.get(address).content.decode()
    assert route.person.full_name in page
    assert "Чужая" not in page

    assert "Семинар" in client.get(f"{address}?route={route.pk}").content.decode()
    client.post(address, {"item": item.pk, "route": route.pk})
    assert item.attachments.get().material == material


def test_foreign_items_routes_and_unpublished_materials_are_not_there(teacher: User, item: RouteItem) -> None:
    client, material = client_of(teacher), published()
    foreign = RouteItemFactory()
    address = reverse("iom:material_add", args=[material.pk])
    assert client.post(address, {"item": foreign.pk}).status_code == 404
    assert client.post(address, {"route": foreign.route_id}).status_code == 404
    assert client.post(address, {"item": "много"}).status_code == 404
    assert client.get(f"{address}?route={foreign.route_id}").status_code == 404

    draft = make_material(teacher, {"title": "Черновик"}, {"form": "text", "body": "Текст"})
    assert client.get(reverse("iom:material_add", args=[draft.pk])).status_code == 404
    assert client.post(reverse("iom:material_add", args=[draft.pk]), {"item": item.pk}).status_code == 404
    assert Client().post(address, {"item": item.pk}).status_code == 302
    assert client.put(address).status_code == 405
    assert not ItemAttachment.objects.exists()


def test_route_that_is_carried_out_says_how_it_is_changed(teacher: User) -> None:
    item = RouteItemFactory(route=RouteFactory(person=teacher, status=Status.ACTIVE))
    client, material = client_of(teacher), published()
    address = reverse("iom:material_add", args=[material.pk])

    assert "через актуализацию" in client.get(address).content.decode()
    assert client.post(address, {"item": item.pk}).status_code == 404
    with pytest.raises(Refused, match="откройте актуализацию"):
        library.attach_material(item, material, actor=teacher)


def test_without_a_route_one_is_offered(teacher: User) -> None:
    page = client_of(teacher).get(reverse("iom:material_add", args=[published().pk])).content.decode()

    assert reverse("iom:new") in page


def test_confirmed_item_takes_nothing(teacher: User, route: Route) -> None:
    item = RouteItemFactory(route=route, status="confirmed")
    client, material = client_of(teacher), published()
    page = client.post(reverse("iom:material_add", args=[material.pk]), {"item": item.pk}, follow=True)

    assert "Пункт уже выполнен" in page.content.decode()
    assert not item.attachments.exists()


@pytest.mark.parametrize("count", [1, 5])
def test_page_of_routes_costs_the_same(
    count: int, route: Route, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        RouteFactory(organization=route.organization, person__organization=route.organization)
    client, address = client_of(methodist_of(route)), reverse("iom:material_add", args=[published().pk])
    client.get(address)
    with django_assert_num_queries(8):
        client.get(address)


@pytest.mark.parametrize("count", [1, 5])
def test_page_of_items_costs_the_same(
    count: int, teacher: User, route: Route, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    material = published()
    for _ in range(count):
        library.attach_material(RouteItemFactory(route=route), material, actor=teacher)
    client, address = client_of(teacher), reverse("iom:material_add", args=[material.pk])
    client.get(address)
    with django_assert_num_queries(7):
        client.get(address)


# --- Beside an item, from the designer -------------------------------------------------------------------------------


def test_item_page_suggests_by_its_deficit_and_finds_by_word_forms(teacher: User, item: RouteItem) -> None:
    client = client_of(teacher)
    suits, other = published(title="Приёмы оценивания"), published(title="Прописи", summary="Коротко")
    address = reverse("iom:item_library", args=[item.pk])
    page = client.get(address).content.decode()
    assert "По дефициту «Оценивание»" in page
    assert suits.title in page
    assert other.title not in page

    found = client.get(address, {"q": "прописью"}).content.decode()
    assert other.title in found
    assert suits.title not in found
    assert "Ничего не нашлось" in client.get(address, {"q": "<b>каллиграфия"}).content.decode()


def test_item_takes_what_is_pressed_once(teacher: User, item: RouteItem) -> None:
    client, material = client_of(teacher), published()
    address = reverse("iom:item_library", args=[item.pk])
    for _ in range(2):
        answer = client.post(address, {"material": material.pk})
        assert answer["Location"] == f"/iom/{item.route_id}/design/#item-{item.pk}"

    assert item.attachments.get().material == material
    design = client.get(reverse("iom:design", args=[item.route_id])).content.decode()
    assert f'<a href="{material.get_absolute_url()}">' in design
    assert address in design


def test_item_takes_an_event_both_may_see(teacher: User, item: RouteItem) -> None:
    open_one = EventFactory(title="Методический день", place="СОШ № 5", link="https://example.org/day")
    past = EventFactory(title="Прошедшее", on=today() - timedelta(days=1))
    cancelled = EventFactory(title="Отменённое", is_cancelled=True)
    elsewhere = EventFactory(title="Чужое", organization=OrganizationFactory())
    own = EventFactory(title="Моё личное", scope=Event.Scope.PERSONAL, author=teacher)
    client, address = client_of(teacher), reverse("iom:item_library", args=[item.pk])
    page = client.get(f"{address}?what=event").content.decode()
    assert open_one.title in page
    for one in (past, cancelled, elsewhere, own):
        assert one.title not in page
        assert client.post(address, {"event": one.pk}).status_code == 404

    for _ in range(2):
        client.post(address, {"event": open_one.pk})
    extra = item.attachments.get()
    assert (extra.kind, extra.event, extra.on, extra.place) == ("event", open_one, open_one.on, "СОШ № 5")
    shown = client.get(item.route.get_absolute_url()).content.decode()
    assert f'<a href="{open_one.get_absolute_url()}">Методический день</a>' in shown
    Event.objects.filter(pk=open_one.pk).update(is_cancelled=True)
    assert "(отменено)" in client.get(item.route.get_absolute_url()).content.decode()


def test_methodist_of_another_school_sees_no_such_item(item: RouteItem) -> None:
    address = reverse("iom:item_library", args=[item.pk])
    material = published()
    for stranger in (
        person_with("teacher"),
        person_with(Role.METHODIST, OrganizationFactory()),
        person_with("observer"),
    ):
        assert client_of(stranger).get(address).status_code == 404
        assert client_of(stranger).post(address, {"material": material.pk}).status_code == 404
    assert client_of(methodist_of(item.route)).get(address).status_code == 200
    assert Client().get(address).status_code == 302
    assert client_of(item.route.person).delete(address).status_code == 405
    assert not item.attachments.exists()


def test_full_item_is_told(teacher: User, item: RouteItem, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("iom.services.lines.MOST_ATTACHED", 1)
    client, address = client_of(teacher), reverse("iom:item_library", args=[item.pk])
    client.post(address, {"material": published().pk})
    page = client.post(address, {"material": published().pk}, follow=True).content.decode()

    assert "Уберите лишние" in page
    assert item.attachments.count() == 1


@pytest.mark.parametrize("count", [1, 5])
@pytest.mark.parametrize(("query", "queries"), [("", 9), ("?q=оценивание", 6), ("?what=event", 8)])
def test_item_page_costs_the_same(
    count: int,
    query: str,
    queries: int,
    teacher: User,
    item: RouteItem,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(count):
        published(title=f"Оценивание {number}", subjects=[SubjectFactory()])
        EventFactory()
    client, address = client_of(teacher), reverse("iom:item_library", args=[item.pk]) + query
    client.get(address)
    with django_assert_num_queries(queries):
        client.get(address)


# --- What becomes of it ----------------------------------------------------------------------------------------------


def test_archived_material_keeps_its_name_and_the_link_the_teacher_had(teacher: User, item: RouteItem) -> None:
    material = published(link="https://example.org/listy")
    library.attach_material(item, material, actor=teacher)
    keeper = person_with(Role.ADMIN)
    archive(material, "Устарел", actor=keeper)
    own = client_of(teacher).get(item.route.get_absolute_url()).content.decode()
    theirs = client_of(keeper).get(item.route.get_absolute_url()).content.decode()

    assert "(убран из библиотеки)" in own
    assert 'href="https://example.org/listy"' in own
    assert material.get_absolute_url() not in own
    assert "(в архиве)" in theirs
    assert material.get_absolute_url() in theirs


def test_broken_link_is_said_beside_the_item(teacher: User, item: RouteItem) -> None:
    material = published(link="https://example.org/listy")
    library.attach_material(item, material, actor=teacher)
    Material.objects.filter(pk=material.pk).update(link_state="broken")

    page = client_of(teacher).get(item.route.get_absolute_url()).content.decode()
    assert "(ссылка может не открываться)" in page


@pytest.mark.parametrize("count", [1, 5])
def test_route_page_asks_for_extras_once(
    count: int, teacher: User, route: Route, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        item = RouteItemFactory(route=route)
        library.attach_material(item, published(), actor=teacher)
        library.attach_event(item, EventFactory(), actor=teacher)
    items = list(route.items.prefetch_related("attachments"))
    teacher = User.objects.get(pk=teacher.pk)
    _ = (teacher.active_memberships, teacher.roles, teacher.own_municipalities, teacher.organization)
    with django_assert_num_queries(2):
        library.tell_extras(items, teacher)


def test_taken_away_and_brought_back_it_is_of_the_library_still(teacher: User, item: RouteItem) -> None:
    material = published()
    library.attach_material(item, material, actor=teacher)
    taken = detach(item.attachments.get(), actor=teacher)
    bring_back(item.route, taken)

    assert item.attachments.get().material == material


def test_template_keeps_the_material(teacher: User, item: RouteItem) -> None:
    material, gone = published(title="Листы"), published(title="Исчезнувший")
    for one in (material, gone):
        library.attach_material(item, one, actor=teacher)
    content = without_personal(content_to_reuse(item.route), patterns_of([], None))
    version = TemplateVersionFactory(content=content, template__scope=RouteTemplate.Scope.REGION)
    ItemAttachment.objects.filter(material=gone).delete()
    gone_pk = gone.pk
    Material.objects.filter(pk=gone_pk).update(state="archived", current=None)
    gone.versions.all().delete()
    Material.objects.filter(pk=gone_pk).delete()
    other = person_with("teacher", organization=OrganizationFactory())

    made = create_route(other, author=other, template=version)
    extras = ItemAttachment.objects.filter(item__route=made).order_by("pk")
    assert [(one.title, one.material) for one in extras] == [("Листы", material), ("Исчезнувший", None)]
    assert client_of(other).get(reverse("iom:template", args=[version.template_id])).status_code == 200
