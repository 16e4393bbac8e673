"""Pages of materials: one of them, one's own, the forms, what the keeper decides."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from cabinet.library.models import Collection, CollectionItem, Material
from cabinet.library.services import hooks, offering, versions
from cabinet.mail.models import Letter
from cabinet.structure.models import Community
from cabinet.users.models import CommunityMember, Role, User
from tests.factories import OrganizationFactory, SubjectFactory, TopicFactory, UserFactory, person_with
from tests.library.materials import State, a_file, material_in, next_version
from tests.planner.events import EventFactory

pytestmark = pytest.mark.django_db
NEW, OWN, QUEUE = "/library/new/", "/library/own/", "/library/queue/"
HOSTILE = "<b>Хитрое</b> {ссылка} {{ x }}"


def page(material: Material, name: str = "material", *more: Any) -> str:
    return reverse(f"library:{name}", args=[material.pk, *more])


def person(name: str = "author") -> User:
    return UserFactory(email=f"{name}@example.org")


def typed(**values: Any) -> dict[str, Any]:
    return {
        "title": "Листы самооценки",
        "summary": "Ученик видит, чему научился.",
        "kind": "method",
        "level": "institutional",
        "licence": "cabinet",
        "authors": "Иванова М. П.",
        "form": "text",
        "body": "Начните с вопроса.",
    } | values


def status(client: Client, user: User | None, address: str, data: Any = None) -> int:
    client.logout()
    if user:
        client.force_login(user)
    return (client.get(address) if data is None else client.post(address, data)).status_code


# --- Who opens what ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (State.DRAFT, [200, 404, 404, 404, 200, 302]),
        (State.OFFERED, [200, 404, 404, 404, 200, 302]),
        (State.RETURNED, [200, 404, 404, 404, 200, 302]),
        (State.PUBLISHED, [200, 200, 200, 200, 200, 302]),
        (State.ARCHIVED, [200, 404, 404, 404, 200, 302]),
    ],
)
def test_who_opens_a_material(client: Client, state: str, expected: list[int]) -> None:
    school = OrganizationFactory()
    author, colleague = UserFactory(email="a@example.org", organization=school), person_with(Role.METHODIST, school)
    people = [author, colleague, person("stranger"), person_with(Role.OBSERVER), person_with(Role.ADMIN), None]
    material = material_in(state, owner=author)
    assert [status(client, one, page(material)) for one in people] == expected


def test_who_acts(client: Client) -> None:
    author, stranger, keeper = person(), person("stranger"), person_with(Role.ADMIN)
    observer = person_with(Role.OBSERVER)
    people = [author, stranger, observer, keeper, None]

    def of(address: str) -> list[int]:
        return [status(client, one, address) for one in people]

    draft, offered = material_in(State.DRAFT, owner=author), material_in(State.OFFERED, owner=author)
    published, archived = material_in(owner=author), material_in(State.ARCHIVED, owner=author)
    assert of(NEW) == [200, 200, 404, 200, 302]
    assert of(OWN) == [200, 200, 200, 200, 302]
    assert of(page(draft, "edit")) == [200, 404, 404, 404, 302]
    assert of(page(draft, "offer")) == of(page(draft, "delete")) == [200, 404, 404, 404, 302]
    assert of(page(offered, "edit")) == [404, 404, 404, 200, 302]
    assert of(page(published, "edit")) == [404, 404, 404, 200, 302]
    assert of(page(published, "version_edit")) == [200, 404, 404, 200, 302]
    assert of(page(published, "version", 1)) == [200, 200, 200, 200, 302]
    assert of(page(archived, "version", 1)) == [200, 404, 404, 200, 302]
    assert of(QUEUE) == [404, 404, 404, 200, 302]
    assert of(page(offered, "decide")) == of(page(published, "archive")) == [404, 404, 404, 200, 302]
    assert of(page(archived, "restore")) == [404, 404, 404, 200, 302]
    assert of(page(published, "restore")) == [404, 404, 404, 404, 302]
    for name in ("withdraw", "version_withdraw"):
        assert status(client, author, page(published, name)) == 405
        assert [status(client, one, page(published, name), {}) for one in (stranger, observer)] == [404, 404]
    for address in (page(published), OWN, QUEUE, page(published, "version", 1)):
        assert status(client, keeper, address, {}) == 405
    assert status(client, author, "/library/0/") == status(client, author, "/library/999999999/") == 404


def test_material_says_everything(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks, "_usages", {"r": ("маршруте,маршрутах,маршрутах", lambda pks: {pks[0]: 3})})
    monkeypatch.setattr(hooks, "_actions", {"iom": lambda material, user: [("Добавить в ИОМ", "/iom/add/")]})
    topic = TopicFactory()
    norm = material_in(
        title=HOSTILE,
        kind="normative",
        licence="official",
        topic=topic,
        deficits="Неясны сроки",
        number="287-п",
        issuer="Министерство",
        amended="от 01.02.2025 № 3",
        content={"form": "text", "body": "<script>alert(1)</script>\nhttps://example.org/a"},
    )
    event = EventFactory(title="Методический день")
    event.materials.add(norm)
    like = material_in(title="Похожий", topic=topic)
    collection = Collection.objects.create(title="Подборка к августу", is_public=True)
    CollectionItem.objects.create(collection=collection, material=norm)
    CollectionItem.objects.create(collection=Collection.objects.create(title="Чужая личная"), material=norm)
    client.force_login(person("reader"))
    body = client.get(page(norm)).content.decode()
    for words in ("287-п", "Министерство", "от 01.02.2025 № 3", "Неясны сроки", "В 3\u00a0маршрутах", "/iom/add/"):
        assert words in body
    for words in ("Методический день", "Подборка к августу", like.title, "Официальный документ: авторское право"):
        assert words in body
    assert "Чужая личная" not in body
    assert "&lt;b&gt;Хитрое&lt;/b&gt; {ссылка} {{ x }}" in body
    assert "<script>alert" not in body
    assert "Что с ним происходило" not in body  # for its author and the keeper only


def test_link_opens_apart_and_file_is_downloaded(client: Client) -> None:
    client.force_login(person())
    link = material_in(content={"form": "link", "link": "https://example.org/a?x=1&y=<i>"})
    body = client.get(page(link)).content.decode()
    assert 'href="https://example.org/a?x=1&amp;y=&lt;i&gt;" target="_blank" rel="noopener noreferrer"' in body
    held = material_in(upload=a_file("ход урока.txt"))
    stored = held.versions.get().file
    assert stored
    assert stored.get_absolute_url() in client.get(page(held)).content.decode()


def test_observer_sees_no_persons(client: Client) -> None:
    owner = UserFactory(last_name="Тайнова")
    material = material_in(owner=owner, authors="Коллектив школы")
    client.force_login(person_with(Role.OBSERVER))
    assert "Тайнова" not in client.get(page(material)).content.decode()
    client.force_login(person())
    assert "Тайнова" in client.get(page(material)).content.decode()


# --- Writing ------------------------------------------------------------------------------------------------------


def test_from_a_title_to_the_library(client: Client) -> None:
    author, keeper = person(), person_with(Role.ADMIN)
    client.force_login(author)
    started = typed(summary="", body="", title="  Листы   самооценки ", later="1")
    assert client.post(NEW, started).headers["Location"] == OWN
    material = Material.objects.get()
    assert (material.title, material.owner, material.state) == ("Листы самооценки", author, "draft")
    assert "Осталось: напишите, о чём материал и чем полезен" in client.get(OWN).content.decode()
    assert client.post(page(material, "offer"), {"right": "on"}).headers["Location"] == page(material, "edit")
    subject, topic = SubjectFactory(name="Физика"), TopicFactory()
    whole = typed(version=material.version, subjects=[subject.pk], topic=topic.pk, deficits="Одно\n\n Другое \nОдно")
    assert client.post(page(material, "edit"), whole).headers["Location"] == page(material)
    material.refresh_from_db()
    assert (material.deficits, material.topic, list(material.subjects.all())) == ("Одно\nДругое", topic, [subject])
    refused = client.post(page(material, "offer"), {})
    assert refused.status_code == 422
    assert "имеете право делиться" in refused.content.decode()
    for _ in range(2):  # a double click
        client.post(page(material, "offer"), {"right": "on"})
    client.force_login(keeper)
    assert material.title in client.get(QUEUE).content.decode()
    shown = client.get(page(material, "decide"))
    decision = {"act": "take", "words": "", "seen": shown.context["form"].initial["seen"]}
    assert client.post(page(material, "decide"), decision).headers["Location"] == QUEUE
    assert client.post(page(material, "decide"), decision).headers["Location"] == page(material)
    material.refresh_from_db()
    assert material.is_published
    assert Letter.objects.filter(kind="library.taken", to=author).count() == 1
    assert "Решать пока нечего" in client.get(QUEUE).content.decode()


def test_mistakes_are_told_and_what_was_typed_stays(client: Client) -> None:
    client.force_login(person())
    cases: list[tuple[dict[str, Any], str]] = [
        ({"title": " "}, "Напишите название"),
        ({"form": "link", "link": "не адрес", "body": ""}, "Это не похоже на адрес"),
        ({"form": "link", "link": "ftp://example.org/a", "body": ""}, "Подойдёт только адрес страницы"),
        ({"form": "link", "link": "javascript:alert(1)", "body": ""}, "не похоже на адрес"),
        ({"form": "file", "file": a_file("вирус.pdf", "MZ\x00\x01"), "body": ""}, "Такой файл принять нельзя"),
        ({"kind": "normative"}, "normative"),
        ({"licence": "official"}, "official"),
        ({"topic": "987654"}, "Проверьте форму"),
    ]
    for wrong, words in cases:
        response = client.post(NEW, typed(**wrong))
        assert response.status_code == 422, wrong
        assert words in response.content.decode(), wrong
        assert "Ученик видит, чему научился." in response.content.decode()
    assert not Material.objects.exists()


def test_what_is_filled_in_says_more_than_the_button(client: Client) -> None:
    client.force_login(person())
    client.post(NEW, typed(form="file", body="", link="https://example.org/a"))
    assert Material.objects.get().versions.get().link == "https://example.org/a"


def test_file_stays_when_the_form_is_saved_without_one(client: Client) -> None:
    author = person()
    client.force_login(author)
    client.post(NEW, typed(form="file", body="", file=a_file("урок.txt")))
    material = Material.objects.get()
    client.post(page(material, "edit"), typed(form="file", body="", version=material.version, title="Иначе"))
    version = material.versions.get()
    assert version.file
    assert version.file.name == "урок.txt"
    assert "урок.txt" in client.get(page(material, "edit")).content.decode()


def test_second_editor_sees_what_differs(client: Client) -> None:
    material = material_in(State.OFFERED, title="Прежнее")
    seen = material.version
    offering.change_material(material, {"title": "Первое"}, actor=person_with(Role.ADMIN), version=seen)
    client.force_login(person_with(Role.ADMIN))
    response = client.post(page(material, "edit"), typed(title="Второе", version=seen, summary=material.summary))
    assert response.status_code == 422
    assert ("Название", "Первое", "Второе") in response.context["differences"]
    assert Material.objects.get().title == "Первое"
    again = typed(title="Второе", version=response.context["form"]["version"].value(), summary=material.summary)
    assert client.post(page(material, "edit"), again).status_code == 302
    assert Material.objects.get().title == "Второе"


def test_only_own_communities_are_offered(client: Client) -> None:
    author, other = person(), person("other")
    mine, foreign = (Community.objects.create(name=name) for name in ("Моё объединение", "Чужое объединение"))
    CommunityMember.objects.create(community=mine, person=author)
    CommunityMember.objects.create(community=foreign, person=other)
    client.force_login(author)
    body = client.get(NEW).content.decode()
    assert "Моё объединение" in body
    assert "Чужое объединение" not in body
    assert client.post(NEW, typed(community=foreign.pk)).status_code == 422
    client.post(NEW, typed(community=mine.pk))
    assert Material.objects.get().community == mine


def test_withdraw_and_delete(client: Client) -> None:
    author = person()
    material = material_in(State.OFFERED, owner=author)
    client.force_login(author)
    for _ in range(2):
        assert client.post(page(material, "withdraw")).status_code == 302
    assert "насовсем" in client.get(page(material, "delete")).content.decode()
    assert client.post(page(material, "delete")).headers["Location"] == OWN
    assert client.post(page(material, "delete")).status_code == 404
    assert not Material.objects.exists()


# --- Deciding -----------------------------------------------------------------------------------------------------


def test_return_needs_words_and_tells_the_author(client: Client) -> None:
    material = material_in(State.OFFERED, title=HOSTILE)
    client.force_login(person_with(Role.ADMIN))
    decision = {"act": "return", "words": " ", "seen": material.version}
    response = client.post(page(material, "decide"), decision)
    assert response.status_code == 422
    assert "Напишите, что поправить" in response.content.decode()
    client.post(page(material, "decide"), decision | {"words": "Добавьте {класс}"})
    material.refresh_from_db()
    assert (material.state, material.decision) == ("returned", "Добавьте {класс}")
    letter = Letter.objects.get(kind="library.returned")
    assert "{{ссылка}}" in letter.body  # as words, not as a place
    assert material.owner
    client.force_login(material.owner)
    body = client.get(page(material)).content.decode()
    assert "Добавьте {класс}" in body
    assert page(material, "edit") in body


def test_stale_decision_acts_on_nothing(client: Client) -> None:
    material = material_in(State.OFFERED)
    client.force_login(person_with(Role.ADMIN))
    stale = {"act": "take", "words": "", "seen": material.version - 1}
    response = client.post(page(material, "decide"), stale, follow=True)
    assert "Посмотрите ещё раз" in response.content.decode()
    material.refresh_from_db()
    assert material.state == "offered"


def test_keeper_archives_and_restores(client: Client) -> None:
    material = material_in()
    client.force_login(person_with(Role.ADMIN))
    assert client.post(page(material, "archive"), {"words": ""}).status_code == 422
    client.post(page(material, "archive"), {"words": "Устарел"})
    assert client.post(page(material, "archive"), {"words": "Устарел"}).status_code == 404
    assert "Устарел" in client.get(page(material)).content.decode()
    client.post(page(material, "restore"), {"words": "Нужен"})
    material.refresh_from_db()
    assert material.is_published


def test_keepers_own_goes_in_at_once(client: Client) -> None:
    keeper = person_with(Role.ADMIN)
    client.force_login(keeper)
    client.post(NEW, typed(kind="normative", licence="official", number="12", issued_on="2026-01-15", issuer="ИРО"))
    material = Material.objects.get()
    assert (material.number, str(material.issued_on), material.issuer) == ("12", "2026-01-15", "ИРО")
    client.post(page(material, "offer"), {"right": "on"})
    material.refresh_from_db()
    assert material.is_published


# --- Next versions ------------------------------------------------------------------------------------------------


def test_next_version_by_its_pages(client: Client) -> None:
    author, keeper, reader = person(), person_with(Role.ADMIN), person("reader")
    material = material_in(owner=author, content={"form": "text", "body": "Прежний текст"})
    client.force_login(author)
    form = {"form": "text", "body": "Новый текст", "note": ""}
    assert client.post(page(material, "version_edit"), form).status_code == 422
    answer = client.post(page(material, "version_edit"), form | {"note": "Дописано"})
    assert answer.headers["Location"] == page(material, "version", 2)
    assert "Новый текст" in client.get(page(material, "version", 2)).content.decode()
    assert client.post(page(material, "version_offer"), {}).status_code == 422
    for _ in range(2):
        assert client.post(page(material, "version_offer"), {"right": "on"}).status_code == 302
    client.force_login(reader)
    assert "Прежний текст" in client.get(page(material)).content.decode()
    assert client.get(page(material, "version", 2)).status_code == 404
    client.force_login(keeper)
    shown = client.get(page(material, "decide"))
    assert "Прежний текст" in shown.content.decode()
    assert "Новый текст" in shown.content.decode()
    seen = shown.context["form"].initial["seen"]
    client.post(page(material, "decide"), {"act": "take", "words": "", "seen": seen})
    client.force_login(reader)
    body = client.get(page(material)).content.decode()
    assert "Новый текст" in body
    assert "Дописано" in body
    assert client.get(page(material, "version", 1)).status_code == 404
    client.force_login(author)
    assert client.get(page(material, "version", 1)).status_code == 200


def test_begun_version_is_withdrawn_and_deleted(client: Client) -> None:
    author = person()
    material = material_in(owner=author)
    next_version(material, "offered")
    client.force_login(author)
    assert client.get(page(material, "version_edit")).headers["Location"] == page(material, "version", 2)
    for _ in range(2):
        client.post(page(material, "version_withdraw"))
    assert client.post(page(material, "version_delete")).status_code == 302
    assert client.post(page(material, "version_delete")).status_code == 404
    assert material.versions.count() == 1
    assert versions.open_version(material) is None


# --- Queries ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 5])
def test_queries_do_not_grow(
    number: int, client: Client, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for name in ("_usages", "_actions", "_places"):
        monkeypatch.setattr(hooks, name, {})
    author, keeper, topic = person(), person_with(Role.ADMIN), TopicFactory()
    for _ in range(number):
        material = material_in(owner=author, topic=topic, subjects=[SubjectFactory(), SubjectFactory()], keeper=keeper)
        for _ in range(number):
            next_version(material, "published")
        next_version(material, "offered")
        material_in(State.OFFERED, owner=author)
        material_in(State.DRAFT, owner=author)
    client.force_login(author)
    client.get(OWN)
    with django_assert_num_queries(6):
        assert client.get(OWN).context["page"].paginator.count == 3 * number
    with django_assert_num_queries(10):
        client.get(page(material))
    client.force_login(person("reader"))
    with django_assert_num_queries(8):
        client.get(page(material))
    client.force_login(keeper)
    with django_assert_num_queries(5):
        assert client.get(QUEUE).context["page"].paginator.count == 2 * number
    with django_assert_num_queries(11):
        client.get(page(material, "decide"))


def test_own_says_what_to_do(client: Client) -> None:
    author = person()
    client.force_login(author)
    assert "Вы пока ничего не вносили" in client.get(OWN).content.decode()
    for state in State.values:
        material_in(state, owner=author, title=f"Материал {state}")
    body = client.get(OWN).content.decode()
    for words in ("Предложите материал в библиотеку", "Ждёт решения хранителя", "Хранитель просит: Добавьте класс"):
        assert words in body
    shown = client.get(OWN, {"state": "returned"}).context["cards"]
    assert [one["material"].title for one in shown] == ["Материал returned"]
    assert client.get(OWN, {"state": "нечто"}).context["page"].paginator.count == 5


def test_admin_looks_and_changes_nothing(client: Client) -> None:
    material = material_in()
    client.force_login(UserFactory(email="root@example.org", is_staff=True, is_superuser=True))
    assert material.title in client.get("/admin/library/material/").content.decode()
    address = f"/admin/library/material/{material.pk}/change/"
    assert client.get(address).status_code == 200
    assert client.post(address, {"title": "Подмена"}).status_code == 403
    assert client.get("/admin/library/material/add/").status_code == 403
    assert client.get("/admin/library/collection/").status_code == 200
