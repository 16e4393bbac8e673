"""What happens to a material: offered, taken, returned, archived; next versions; who may read what meanwhile."""

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client

from cabinet.files.models import StoredFile
from cabinet.library.models import Material, MaterialVersion
from cabinet.library.services import desk, keeping, offering, versions
from cabinet.mail.models import Letter
from cabinet.users.models import LogEntry, Role, User
from tests.factories import SubjectFactory, UserFactory, person_with
from tests.library.materials import TEXT, State, a_file, material_in, next_version

pytestmark = pytest.mark.django_db


def letters(kind: str) -> list[User | None]:
    return [one.to for one in Letter.objects.filter(kind=f"library.{kind}").select_related("to")]


def moves(material: Material) -> list[str]:
    rows = LogEntry.objects.filter(action="moved", about_id=material.pk, about_type__model="material")
    return list(rows.order_by("pk").values_list("note", flat=True))


# --- Who sees what -------------------------------------------------------------------------------------------------


def test_visible_to_exact_lists() -> None:
    author, colleague, keeper = UserFactory(email="a@example.org"), UserFactory(), person_with(Role.ADMIN)
    mine = [material_in(state, owner=author) for state in State.values]
    others = [material_in(state, owner=colleague) for state in State.values]

    def seen(user: Any) -> list[Material]:
        return list(Material.objects.visible_to(user).order_by("pk"))

    published = [one for one in (*mine, *others) if one.is_published]
    assert len(published) == 2
    assert seen(AnonymousUser()) == []
    for role in (Role.HEAD, Role.METHODIST, Role.REGIONAL, Role.CURATOR, Role.OBSERVER):
        assert seen(person_with(role)) == published
    assert seen(author) == [*mine, others[3]]
    assert seen(keeper) == [*mine, *others]
    assert list(Material.objects.editable_by(author).order_by("pk")) == mine
    assert list(Material.objects.editable_by(keeper)) != []
    assert list(Material.objects.editable_by(AnonymousUser())) == []
    assert list(Material.objects.kept_by(author)) == []
    assert Material.objects.kept_by(keeper).count() == 10


def test_versions_visible_to_exact_lists() -> None:
    material = material_in()
    taken, coming = next_version(material, "published"), next_version(material)
    first = material.versions.get(number=1)
    draft = material_in(State.DRAFT).versions.get()

    def seen(user: Any) -> list[MaterialVersion]:
        return list(MaterialVersion.objects.visible_to(user).order_by("pk"))

    assert seen(AnonymousUser()) == []
    assert seen(UserFactory()) == [taken]
    assert seen(person_with(Role.OBSERVER)) == [taken]
    assert seen(material.owner) == [first, taken, coming]
    assert seen(person_with(Role.ADMIN)) == [first, taken, coming, draft]


# --- The way into the library -----------------------------------------------------------------------------------


def test_offered_and_taken_once() -> None:
    material, keeper = material_in(State.DRAFT), person_with(Role.ADMIN)
    owner = material.owner
    assert owner
    assert offering.offer(material, actor=owner)
    assert not offering.offer(material, actor=owner)
    assert material.versions.get().state == "offered"
    assert offering.publish(material, actor=keeper, words="Спасибо")
    assert not offering.publish(material, actor=keeper)
    assert not offering.return_(material, "Поздно", actor=keeper)
    assert material.state == State.PUBLISHED
    assert material.current == material.versions.get(state="published")
    assert (material.decided_by, material.decision) == (keeper, "Спасибо")
    assert letters("taken") == [owner]
    assert letters("returned") == []
    assert len(moves(material)) == 2


def test_returned_corrected_and_offered_again() -> None:
    material, keeper = material_in(State.RETURNED), person_with(Role.ADMIN)
    owner = material.owner
    assert owner
    assert not offering.return_(material, "Ещё раз", actor=keeper)
    assert material.decision == "Добавьте класс"
    assert "Добавьте класс" in Letter.objects.get(kind="library.returned").body
    assert offering.change_material(material, {"title": "Листы, 7 класс"}, actor=owner, version=material.version)
    assert offering.offer(material, actor=owner)
    assert offering.return_(material, "И предмет", actor=keeper)
    assert len(letters("returned")) == 2  # each decision is a letter of its own
    assert offering.offer(material, actor=owner)
    assert offering.publish(material, actor=keeper)


def test_nothing_incomplete_is_offered_or_published() -> None:
    owner, keeper = UserFactory(), person_with(Role.ADMIN)
    empty = offering.make_material(owner, {"title": "Листы"}, {"form": "file"})
    assert offering.gaps(empty) == ["напишите, о чём материал и чем полезен", "приложите файл, ссылку или текст"]
    assert not offering.offer(empty, actor=owner)
    assert not offering.publish(empty, actor=keeper)
    assert empty.state == State.DRAFT
    with pytest.raises(IntegrityError), transaction.atomic():
        Material.objects.filter(pk=empty.pk).update(state=State.PUBLISHED)


def test_withdrawn_offer_cannot_be_decided_on() -> None:
    material, keeper = material_in(State.OFFERED), person_with(Role.ADMIN)
    assert material.owner
    seen = material.version
    assert offering.withdraw(material, actor=material.owner)
    assert not offering.withdraw(material, actor=material.owner)
    assert not offering.publish(material, actor=keeper, seen=seen)
    assert not offering.return_(material, "Нет", actor=keeper, seen=seen)
    assert material.state == State.DRAFT
    assert letters("taken") == letters("returned") == []


def test_two_keepers_decide_on_what_they_saw() -> None:
    material, keeper, other = material_in(State.OFFERED), person_with(Role.ADMIN), person_with(Role.ADMIN)
    seen = material.version
    assert offering.change_material(material, {"title": "Правленое"}, actor=keeper, version=seen)
    assert not offering.publish(material, actor=other, seen=seen)
    mine, his = Material.objects.get(pk=material.pk), Material.objects.get(pk=material.pk)
    assert offering.return_(mine, "Поправьте", actor=keeper, seen=mine.version)
    assert not offering.publish(his, actor=other, seen=his.version)
    assert his.state == State.RETURNED
    assert letters("taken") == []


def test_archived_and_restored_with_reasons() -> None:
    keeper = person_with(Role.ADMIN)
    material = material_in(content={"form": "link", "link": "https://example.org/a"})
    assert material.link_due_at is not None
    assert offering.archive(material, "Устарел", actor=keeper)
    assert not offering.archive(material, "Устарел", actor=keeper)
    assert material.link_due_at is None
    assert list(Material.objects.visible_to(UserFactory())) == []
    assert offering.restore(material, "Нашли новое", actor=keeper)
    assert not offering.restore(material, "Нашли новое", actor=keeper)
    assert material.link_due_at is not None
    assert (letters("archived"), letters("restored")) == ([material.owner], [material.owner])
    assert moves(material)[-2:] == ["В архив: Устарел", "Снова в библиотеке: Нашли новое"]


def test_keeper_is_not_written_to_about_his_own() -> None:
    keeper = person_with(Role.ADMIN)
    material = offering.make_material(keeper, {"title": "Приказ", "summary": "О чём"}, TEXT)
    assert offering.publish(material, actor=keeper)
    assert not Letter.objects.exists()


def test_second_editor_is_not_lost() -> None:
    material = material_in(State.DRAFT)
    owner = material.owner
    assert owner
    subject = SubjectFactory(name="Физика")
    assert offering.change_material(material, {"title": "Первый", "subjects": [subject]}, actor=owner, version=1)
    assert not offering.change_material(material, {"title": "Второй", "subjects": []}, actor=owner, version=1)
    assert (material.title, list(material.subjects.all())) == ("Первый", [subject])
    assert list(Material.objects.search("физики первые")) == [material]


def test_draft_is_deleted_with_its_file() -> None:
    material = material_in(State.DRAFT, upload=a_file())
    assert StoredFile.objects.count() == 1
    assert offering.delete_draft(material)
    assert not offering.delete_draft(material)
    assert StoredFile.objects.count() == Material.objects.count() == 0
    kept = material_in()
    assert not offering.delete_draft(kept)
    assert not offering.delete_draft(material_in(State.OFFERED))
    assert Material.objects.filter(pk=kept.pk).exists()


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "ftp://example.org/a", "data:text/html,x", "//example.org", "x"]
)
def test_only_links_of_the_web(link: str) -> None:
    with pytest.raises(ValidationError):
        offering.make_material(UserFactory(), {"title": "Ссылка"}, {"form": "link", "link": link})
    assert not Material.objects.exists()


def test_content_of_one_form_only() -> None:
    held = {"form": "text", "body": "Текст", "link": "https://example.org"}
    version = offering.make_material(UserFactory(), {"title": "Текст"}, held).versions.get()
    assert (version.form, version.link, version.body) == ("text", "", "Текст")


# --- Next versions ------------------------------------------------------------------------------------------------


def test_readers_open_the_former_until_the_next_is_taken() -> None:
    material, keeper = material_in(), person_with(Role.ADMIN)
    owner, first = material.owner, material.current
    assert owner
    version = next_version(material)
    assert (version.number, version.state) == (2, "draft")
    assert versions.start_version(material, TEXT | {"note": "Ещё"}, actor=owner) == version  # one at a time
    assert versions.offer_version(version, actor=owner)
    assert not versions.offer_version(version, actor=owner)
    material.refresh_from_db()
    assert material.current == first
    assert versions.take_version(version, actor=keeper)
    assert not versions.take_version(version, actor=keeper)
    assert not versions.return_version(version, "Поздно", actor=keeper)
    material.refresh_from_db()
    assert material.current == version
    assert version.published_at is not None
    assert letters("version_taken") == [owner]
    assert next_version(material).number == 3


def test_returned_version_is_offered_again() -> None:
    material = material_in()
    version = next_version(material, "returned")
    owner = material.owner
    assert owner
    material.refresh_from_db()
    assert (version.state, material.decision, material.state) == ("returned", "Проверьте даты", State.PUBLISHED)
    assert versions.change_version(version, TEXT | {"note": "Проверил"}, actor=owner)
    assert versions.offer_version(version, actor=owner)
    assert not versions.change_version(version, TEXT, actor=owner)  # it waits for the keeper now
    assert versions.withdraw_version(version, actor=owner)
    assert not versions.withdraw_version(version, actor=owner)
    assert versions.delete_version(version)
    assert not versions.delete_version(version)
    assert material.versions.count() == 1


def test_published_version_is_never_changed() -> None:
    material = material_in()
    first = material.versions.get()
    assert not versions.change_version(first, {"form": "text", "body": "Подмена"}, actor=person_with(Role.ADMIN))
    assert not versions.delete_version(first)
    first.refresh_from_db()
    assert first.body == TEXT["body"]


def test_version_of_an_archived_material_waits_for_nothing() -> None:
    material, keeper = material_in(), person_with(Role.ADMIN)
    version = next_version(material, "offered")
    assert list(keeping.waiting(Material.objects.all())) == [material]
    assert offering.archive(material, "Устарел", actor=keeper)
    assert not versions.take_version(version, actor=keeper)
    assert list(keeping.waiting(Material.objects.all())) == []


def test_decision_on_a_version_seen_before_it_was_mended() -> None:
    material, keeper = material_in(), person_with(Role.ADMIN)
    version = next_version(material, "offered")
    material.refresh_from_db()
    seen = material.version
    assert versions.change_version(version, {"form": "text", "body": "Другое"}, actor=keeper)
    assert not versions.take_version(version, actor=keeper, seen=seen)
    assert not versions.return_version(version, "Нет", actor=keeper, seen=seen)
    material.refresh_from_db()
    assert versions.take_version(version, actor=keeper, seen=material.version)


def test_queue_is_by_the_longest_waiting() -> None:
    late, early = material_in(State.OFFERED), material_in(State.OFFERED)
    offering.change_material(late, {"title": "Позже"}, actor=person_with(Role.ADMIN), version=late.version)
    material_in(State.DRAFT)
    material_in(State.RETURNED)
    next_version(material_in(), "draft")
    assert list(keeping.waiting(Material.objects.all())) == [early, late]


# --- Files --------------------------------------------------------------------------------------------------------


@pytest.fixture
def fetch(client: Client) -> Callable[[User, StoredFile], int]:
    def status(user: User, stored: StoredFile) -> int:
        client.force_login(user)
        return client.get(stored.get_absolute_url()).status_code

    return status


def test_file_is_handed_to_whoever_may_read_its_version(fetch: Callable[[User, StoredFile], int]) -> None:
    author, stranger = UserFactory(email="a@example.org"), UserFactory(email="s@example.org")
    keeper = person_with(Role.ADMIN)
    material = material_in(State.DRAFT, owner=author, upload=a_file())
    first = material.versions.get().file
    assert first
    assert [fetch(one, first) for one in (author, stranger, keeper)] == [200, 404, 200]
    offering.offer(material, actor=author)
    assert fetch(stranger, first) == 404
    offering.publish(material, actor=keeper)
    assert fetch(stranger, first) == 200
    version = versions.start_version(material, {"form": "file", "note": "Новый"}, actor=author, upload=a_file("2.txt"))
    second = version.file
    assert second
    assert [fetch(stranger, one) for one in (first, second)] == [200, 404]
    versions.offer_version(version, actor=author)
    versions.take_version(version, actor=keeper)
    assert [fetch(stranger, one) for one in (first, second)] == [404, 200]
    assert [fetch(author, one) for one in (first, second)] == [200, 200]
    offering.archive(Material.objects.get(pk=material.pk), "Устарел", actor=keeper)
    assert [fetch(stranger, one) for one in (first, second)] == [404, 404]


def test_replaced_file_is_gone() -> None:
    material = material_in(State.DRAFT, upload=a_file("старый.txt"))
    version = material.versions.get()
    owner = material.owner
    assert owner
    assert offering.save_material(material, {}, {"form": "file"}, actor=owner, version=1)
    assert StoredFile.objects.get().name == "старый.txt"  # nothing new was brought
    version.refresh_from_db()
    assert offering.save_material(material, {}, {"form": "file"}, actor=owner, version=2, upload=a_file("новый.txt"))
    assert [one.name for one in StoredFile.objects.all()] == ["новый.txt"]
    assert offering.save_material(material, {}, TEXT, actor=owner, version=3)
    assert not StoredFile.objects.exists()


def test_what_is_no_document_is_refused() -> None:
    with pytest.raises(ValidationError):
        material_in(State.DRAFT, upload=a_file("урок.pdf", "\x00\x01MZ\x00"))
    assert Material.objects.count() == StoredFile.objects.count() == 0


# --- Races --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_two_decisions_at_once_one_stands() -> None:
    material, keeper = material_in(State.OFFERED), person_with(Role.ADMIN)
    start, done = Barrier(2), []

    def act(move: Callable[[Material], bool]) -> None:
        mine = Material.objects.get(pk=material.pk)
        start.wait()
        done.append(move(mine))
        connection.close()

    moves = [
        lambda mine: offering.publish(mine, actor=keeper),
        lambda mine: offering.return_(mine, "Поправьте", actor=keeper),
    ]
    threads = [Thread(target=act, args=[move]) for move in moves]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [False, True]
    assert Letter.objects.filter(kind__startswith="library.").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_clicks_begin_one_version() -> None:
    material = material_in()
    start, found = Barrier(2), []

    def click() -> None:
        start.wait()
        found.append(next_version(material).pk)
        connection.close()

    threads = [Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert material.versions.count() == 2


def test_what_is_in_the_archive_waits_for_nobody() -> None:
    keeper = person_with(Role.ADMIN)
    material = material_in()
    next_version(material, "offered")
    waiting = [row for arm in desk.asked(keeper) for row in arm if row[0] == "offers"]
    assert len(waiting) == 1
    offering.archive(material, "Устарел", actor=keeper)
    assert not [row for arm in desk.asked(keeper) for row in arm if row[0] == "offers"]
