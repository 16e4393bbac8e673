"""Collections: whose they are, who sees them, what stands in them and in what order."""

from collections.abc import Callable

import pytest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from cabinet.library.models import Collection, CollectionItem, Material
from cabinet.library.services import collections as services
from cabinet.library.services.offering import archive, make_material
from cabinet.users.models import LogEntry, Role, User
from tests.factories import person_with
from tests.library.shelves import published, shelf

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return person_with("teacher")


@pytest.fixture
def colleague() -> User:
    return person_with("teacher")


@pytest.fixture
def keeper() -> User:
    return person_with(Role.ADMIN)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def titles(collection: Collection) -> list[str]:
    return [one.material.title for one in collection.items.order_by("place", "pk")]


def test_private_is_ones_own_and_public_is_everybodys(owner: User, colleague: User, keeper: User) -> None:
    mine, theirs = shelf(owner, title="Моя"), shelf(colleague, title="Чужая")
    public = shelf(keeper, title="Для всех", is_public=True)
    hidden = shelf(keeper, title="Хранителя")

    assert list(Collection.objects.visible_to(owner)) == [public, mine]
    assert list(Collection.objects.editable_by(owner)) == [mine]
    assert list(Collection.objects.visible_to(keeper)) == [public, hidden]
    assert list(Collection.objects.editable_by(keeper)) == [public, hidden]
    assert list(Collection.objects.visible_to(colleague)) == [public, theirs]


def test_only_the_keeper_makes_one_for_everybody(owner: User, keeper: User) -> None:
    client_of(owner).post(reverse("library:collection_new"), {"title": "Моя", "text": "", "is_public": "on"})
    client_of(keeper).post(reverse("library:collection_new"), {"title": "Для всех", "is_public": "on"})

    assert dict(Collection.objects.values_list("title", "is_public")) == {"Моя": False, "Для всех": True}
    assert LogEntry.objects.filter(note="Подборка видна всем: Для всех", actor=keeper).count() == 1


def test_form_without_a_title_is_told(owner: User) -> None:
    client = client_of(owner)
    answer = client.post(reverse("library:collection_new"), {"title": " ", "text": "а" * 2001})

    assert answer.status_code == 422
    assert "Назовите подборку" in answer.content.decode()
    assert "оставьте до 2000 знаков" in answer.content.decode()
    assert not Collection.objects.exists()


def test_double_press_makes_one(owner: User) -> None:
    for _ in range(2):
        client_of(owner).post(reverse("library:collection_new"), {"title": "К уроку"})
    assert Collection.objects.count() == 1


def test_material_is_put_once_from_its_page(owner: User) -> None:
    client, material, own = client_of(owner), published(), shelf(owner)
    address = reverse("library:collect", args=[material.pk])
    for _ in range(2):
        answer = client.post(address, {"collection": own.pk, "title": ""})
        assert answer["Location"] == material.get_absolute_url()

    assert titles(own) == [material.title]


def test_material_begins_a_collection(owner: User) -> None:
    client, material = client_of(owner), published()
    client.post(reverse("library:collect", args=[material.pk]), {"collection": "", "title": " К <b>уроку</b> "})

    made = Collection.objects.get()
    assert (made.title, made.owner, made.is_public) == ("К <b>уроку</b>", owner, False)
    assert titles(made) == [material.title]
    assert "К &lt;b&gt;уроку&lt;/b&gt;" in client.get(made.get_absolute_url()).content.decode()


def test_nothing_chosen_is_told(owner: User) -> None:
    client, material = client_of(owner), published()
    answer = client.post(reverse("library:collect", args=[material.pk]), {"title": "т" * 201})

    assert answer.status_code == 422
    assert 'id="collect-error">Выберите подборку' in answer.content.decode()
    assert not Collection.objects.exists()


def test_foreign_collection_and_what_is_not_in_the_library_are_not_there(owner: User, colleague: User) -> None:
    client, theirs = client_of(owner), shelf(colleague)
    material = published()
    own_draft = make_material(owner, {"title": "Черновик"}, {"form": "text", "body": "Текст"})

    assert client.post(reverse("library:collect", args=[material.pk]), {"collection": theirs.pk}).status_code == 404
    assert client.post(reverse("library:collect", args=[own_draft.pk]), {"title": "Моя"}).status_code == 404
    assert not CollectionItem.objects.exists()


def test_offered_says_where_it_is_already(owner: User, keeper: User) -> None:
    material = published()
    full, empty = shelf(owner, material, title="Полная"), shelf(owner, title="Пустая")
    shelf(keeper, title="Для всех", is_public=True)

    found = {one.pk: one.has_it for one in services.offered(owner, material)}
    assert found == {full.pk: True, empty.pk: False}


def test_order_note_and_taking_out(owner: User) -> None:
    client = client_of(owner)
    own = shelf(owner, *[published(title=one) for one in ("Первый", "Второй", "Третий")])
    items = {one.material.title: one for one in own.items.all()}

    def act(title: str, **data: str) -> None:
        client.post(reverse("library:collection_item", args=[items[title].pk]), data)

    act("Третий", move="up")
    assert titles(own) == ["Первый", "Третий", "Второй"]
    act("Первый", move="up")  # nowhere to go
    act("Второй", move="down")
    assert titles(own) == ["Первый", "Третий", "Второй"]
    act("Первый", move="down")
    act("Второй", note="<b>Сначала</b>")
    act("Третий", remove="1")
    act("Третий", remove="1")
    assert titles(own) == ["Первый", "Второй"]
    assert own.items.get(material__title="Второй").note == "<b>Сначала</b>"


def test_too_long_a_note_is_told(owner: User) -> None:
    own = shelf(owner, published())
    item = own.items.get()
    answer = client_of(owner).post(reverse("library:collection_item", args=[item.pk]), {"note": "а" * 301}, follow=True)

    assert "до 300 знаков" in answer.content.decode()
    item.refresh_from_db()
    assert item.note == ""


def test_what_left_the_library_is_shown_to_the_owner_only(owner: User, colleague: User, keeper: User) -> None:
    gone, stays = published(title="Устаревший"), published(title="Нужный")
    mine, public = shelf(owner, gone, stays), shelf(keeper, gone, stays, is_public=True)
    archive(gone, "Устарел", actor=keeper)

    own = client_of(owner).get(mine.get_absolute_url()).content.decode()
    theirs = client_of(colleague).get(public.get_absolute_url()).content.decode()
    assert "Устаревший" in own
    assert "Убран из библиотеки" in own
    assert gone.get_absolute_url() not in own
    assert "Устаревший" not in theirs
    assert "Нужный" in theirs
    printed = client_of(owner).get(reverse("library:collection_print", args=[mine.pk])).content.decode()
    assert "Устаревший" not in printed


def test_deleted_after_a_question(owner: User) -> None:
    client, own = client_of(owner), shelf(owner, published())
    address = reverse("library:collection_delete", args=[own.pk])
    assert "Удалить подборку?" in client.get(address).content.decode()
    assert Collection.objects.count() == 1

    client.post(address)
    assert (Collection.objects.count(), Material.objects.count()) == (0, 1)
    assert client.post(address).status_code == 404


def test_keeper_changes_and_hides_a_public_one(keeper: User) -> None:
    other = person_with(Role.ADMIN)
    public = shelf(other, is_public=True)
    client_of(keeper).post(reverse("library:collection_edit", args=[public.pk]), {"title": "Новое", "text": ""})

    public.refresh_from_db()
    assert (public.title, public.is_public) == ("Новое", False)
    assert list(Collection.objects.visible_to(keeper)) == []


PAGES: list[Callable[[Collection], tuple[str, str, dict[str, str]]]] = [
    lambda one: ("get", one.get_absolute_url(), {}),
    lambda one: ("get", reverse("library:collection_print", args=[one.pk]), {}),
    lambda one: ("get", reverse("library:collection_edit", args=[one.pk]), {}),
    lambda one: ("post", reverse("library:collection_edit", args=[one.pk]), {"title": "Чужое"}),
    lambda one: ("post", reverse("library:collection_delete", args=[one.pk]), {}),
    lambda one: ("post", reverse("library:collection_item", args=[one.items.get().pk]), {"remove": "1"}),
]


@pytest.mark.parametrize("page", PAGES)
def test_stranger_and_keeper_find_no_private_one(
    page: Callable[[Collection], tuple[str, str, dict[str, str]]], owner: User, colleague: User, keeper: User
) -> None:
    own = shelf(owner, published())
    method, address, data = page(own)

    for stranger in (colleague, keeper):
        assert getattr(client_of(stranger), method)(address, data).status_code == 404
    assert getattr(Client(), method)(address, data)["Location"].startswith("/accounts/login/")
    own.refresh_from_db()
    assert (own.title, own.items.count()) == ("К методическому дню", 1)
    assert getattr(client_of(owner), method)(address, data).status_code in (200, 302)


@pytest.mark.parametrize("page", PAGES[2:])
def test_reader_of_a_public_one_changes_nothing(
    page: Callable[[Collection], tuple[str, str, dict[str, str]]], owner: User, keeper: User
) -> None:
    public = shelf(keeper, published(), is_public=True)
    method, address, data = page(public)

    assert getattr(client_of(owner), method)(address, data).status_code == 404
    assert client_of(owner).get(public.get_absolute_url()).status_code == 200


def test_observer_reads_a_public_one_and_no_names(keeper: User) -> None:
    public = shelf(keeper, published(), is_public=True)
    page = client_of(person_with("observer")).get(public.get_absolute_url()).content.decode()

    assert "Листы самооценки" in page
    assert keeper.last_name not in page


def test_wrong_methods(owner: User) -> None:
    client, own, material = client_of(owner), shelf(owner, published()), published()

    assert client.post(own.get_absolute_url()).status_code == 405
    assert client.post(reverse("library:collections")).status_code == 405
    assert client.get(reverse("library:collect", args=[material.pk])).status_code == 405
    assert client.get(reverse("library:collection_item", args=[own.items.get().pk])).status_code == 405


def test_full_collection_is_told(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MOST", 1)
    own, material = shelf(owner, published()), published()
    answer = client_of(owner).post(reverse("library:collect", args=[material.pk]), {"collection": own.pk}, follow=True)

    assert "В подборке уже 1 материалов" in answer.content.decode() or own.items.count() == 1
    assert own.items.count() == 1


@pytest.mark.parametrize("count", [1, 5])
def test_list_costs_the_same_however_many(
    count: int, keeper: User, owner: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    material = published()
    for number in range(count):
        shelf(keeper, material, title=f"Для всех {number}", is_public=True)
    client = client_of(owner)
    client.get(reverse("library:collections"))
    with django_assert_num_queries(5):
        page = client.get(reverse("library:collections")).content.decode()
    assert page.count("1\u00a0материал ") == count


@pytest.mark.parametrize("count", [1, 5])
def test_page_costs_the_same_however_many(
    count: int, owner: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    own = shelf(owner, *[published(title=f"Материал {number}") for number in range(count)])
    client = client_of(owner)
    client.get(own.get_absolute_url())
    with django_assert_num_queries(7):
        client.get(own.get_absolute_url())


def test_part_of_the_material_page_offers_what_is_not_there_yet(owner: User, rf: RequestFactory) -> None:
    material = published()
    has, lacks = shelf(owner, material, title="Уже"), shelf(owner, title="Ещё <b>нет</b>")
    request = rf.get("/")
    request.user = owner
    html = render_to_string(
        "library/parts/collect.html", {"material": material, "shelves": services.offered(owner, material)}, request
    )

    assert f'<option value="{lacks.pk}">Ещё &lt;b&gt;нет&lt;/b&gt;</option>' in html
    assert f'<option value="{has.pk}">' not in html
    assert has.get_absolute_url() in html


def test_own_collections_are_ones_own_in_the_admin_too(client: Client) -> None:
    admin, other = person_with(Role.ADMIN, is_staff=True, is_superuser=True), person_with(Role.METHODIST)
    shelf(other, title="Только для себя")
    shelf(admin, title="Моя тихая")
    client.force_login(admin)
    page = client.get("/admin/library/collection/").content.decode()
    assert "Только для себя" not in page
    assert "Моя тихая" in page
