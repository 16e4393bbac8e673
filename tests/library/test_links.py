"""Links looked after: what counts as broken, who is told of it and when."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from cabinet.library.models import Material
from cabinet.library.services import links, visiting
from cabinet.library.services.offering import archive
from cabinet.library.services.versions import start_version, take_version
from cabinet.library.services.visiting import Answer, Visit
from cabinet.mail.models import Letter
from cabinet.mail.texts import all_kinds
from cabinet.users.models import Role, User
from tests.factories import UserFactory, person_with
from tests.library.shelves import published, reply, site

pytestmark = pytest.mark.django_db
States = Material.LinkState
FAILED = Visit(Answer.FAILS, "Такой страницы на сайте нет (ответ 404).")
LONG = "https://example.org/listy"


def anywhere(address: visiting.Address) -> bool:
    return True


def fresh(material: Material) -> Material:
    return Material.objects.select_related("current").get(pk=material.pk)


def due_now(material: Material) -> None:
    Material.objects.filter(pk=material.pk).update(link_due_at=timezone.now() - timedelta(minutes=1))


def test_published_link_is_checked_once_and_again_in_a_month() -> None:
    with site(reply(200)) as address:
        material = published(link=address)
        assert links.check_links(anywhere) == 1
        assert links.check_links(anywhere) == 0

    found = fresh(material)
    assert (found.link_state, found.link_error, found.link_failed_since) == (States.WORKS, "", None)
    assert found.link_due_at is not None
    assert timedelta(days=29) < found.link_due_at - timezone.now() < timedelta(days=31)


def test_files_texts_drafts_and_archived_ones_are_not_checked() -> None:
    published()
    gone = published(link=LONG)
    archive(gone, "Устарел", actor=person_with(Role.ADMIN))

    assert links.check_links(anywhere) == 0


def test_link_published_without_an_order_is_found() -> None:
    with site(reply(200)) as address:
        material = published(link=address)
        Material.objects.filter(pk=material.pk).update(link_due_at=None)
        assert links.check_links(anywhere) == 1


def test_failing_link_is_shown_to_the_keeper_at_once_and_to_readers_on_the_third_day() -> None:
    with site(reply(404)) as address:
        material = published(link=address)
        links.check_links(anywhere)
        found = fresh(material)
        assert found.link_state != States.BROKEN
        assert [one.pk for one in links.failing()] == [material.pk]
        assert found.link_due_at is not None
        assert timedelta(hours=23) < found.link_due_at - timezone.now() < timedelta(hours=25)

        for _ in range(4):  # «проверить сейчас», again and again: the days have not passed
            due_now(material)
            links.check_links(anywhere)
        assert fresh(material).link_state != States.BROKEN

        Material.objects.filter(pk=material.pk).update(link_failed_since=timezone.now() - timedelta(days=2, hours=1))
        due_now(material)
        links.check_links(anywhere)

    assert fresh(material).link_state == States.BROKEN
    assert fresh(material).link_error == "Такой страницы на сайте нет (ответ 404)."


def test_two_failures_over_two_days_are_not_enough() -> None:
    material = published(link=LONG)
    links.note_visit(material, FAILED)
    Material.objects.filter(pk=material.pk).update(link_failed_since=timezone.now() - timedelta(days=5))
    links.note_visit(fresh(material), FAILED)

    assert fresh(material).link_state != States.BROKEN


def broken(owner: User | None = None, title: str = "Листы самооценки") -> Material:
    """As readers see it: three failures over three days."""
    material = published(owner, link=LONG, title=title)
    links.note_visit(material, FAILED)
    links.note_visit(fresh(material), FAILED)
    Material.objects.filter(pk=material.pk).update(link_failed_since=timezone.now() - timedelta(days=3))
    links.note_visit(fresh(material), FAILED)
    return fresh(material)


def test_author_gets_one_letter_for_each_time_it_broke() -> None:
    owner = person_with("teacher")
    material = broken(owner, title="Листы <b>и {ссылка}</b>")
    links.note_visit(fresh(material), FAILED)

    letter = Letter.objects.get(kind="library.broken")
    assert letter.to == owner
    assert "Листы <b>и {ссылка}</b>" in letter.subject
    assert FAILED.error in letter.body
    assert LONG in letter.body

    links.note_visit(fresh(material), Visit(Answer.OPENS))
    assert fresh(material).link_state == States.WORKS
    Material.objects.filter(pk=material.pk).update(link_due_at=timezone.now())
    for _ in range(3):
        links.note_visit(fresh(material), FAILED)
        Material.objects.filter(pk=material.pk).update(link_failed_since=timezone.now() - timedelta(days=2, hours=5))
    links.note_visit(fresh(material), FAILED)
    assert Letter.objects.filter(kind="library.broken").count() == 2


def test_record_without_an_author_breaks_without_a_letter() -> None:
    material = published(link=LONG)
    Material.objects.filter(pk=material.pk).update(owner=None)
    for _ in range(3):
        links.note_visit(fresh(material), FAILED)
        Material.objects.filter(pk=material.pk).update(link_failed_since=timezone.now() - timedelta(days=3))
    links.note_visit(fresh(material), FAILED)

    assert fresh(material).link_state == States.BROKEN
    assert not Letter.objects.filter(kind="library.broken").exists()


def test_same_failure_written_twice_is_one() -> None:
    material = published(link=LONG)

    assert links.note_visit(material, FAILED)
    assert not links.note_visit(material, FAILED)
    assert fresh(material).link_failures == 1


def test_looks_become_rarer_where_nothing_changes() -> None:
    material = published(link=LONG)
    for _ in range(9):
        links.note_visit(fresh(material), FAILED)
    found = fresh(material)
    assert found.link_due_at is not None
    assert timedelta(days=3) < found.link_due_at - timezone.now() < timedelta(days=5)
    for _ in range(20):
        links.note_visit(fresh(material), FAILED)
    found = fresh(material)
    assert found.link_due_at is not None
    assert found.link_due_at - timezone.now() <= timedelta(days=14)


def test_site_that_is_shy_of_programs_is_not_broken() -> None:
    material = published(link=LONG)
    links.note_visit(material, Visit(Answer.UNSURE, "Сайт не показывает страницу программам"))

    assert list(links.failing()) == []
    assert [one.pk for one in links.unsure()] == [material.pk]


def test_worker_that_dies_leaves_its_row_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    def die(url: str, may_visit: visiting.MayVisit) -> Visit:
        raise SystemExit

    with site(reply(200)) as address:
        material = published(link=address)
        with monkeypatch.context() as patched:
            patched.setattr(links, "visit", die)
            with pytest.raises(SystemExit):
                links.check_links(anywhere)
        assert links.check_links(anywhere) == 0  # held by the dead one

        Material.objects.filter(pk=material.pk).update(link_due_at=timezone.now() - timedelta(seconds=1))
        assert links.check_links(anywhere) == 1

    assert fresh(material).link_state == States.WORKS


def test_late_worker_overwrites_nothing() -> None:
    material = published(link=LONG)
    until = links._claim(material.pk)
    assert until is not None
    assert links._claim(material.pk) is None
    due_now(material)
    links._claim(material.pk)

    assert not links.note_visit(material, FAILED, claimed_until=until)
    assert fresh(material).link_failed_since is None


def test_finding_about_the_former_link_is_not_about_the_new() -> None:
    admin = person_with(Role.ADMIN)
    material = broken()
    version = start_version(material, {"form": "link", "link": "https://example.org/new"}, actor=admin)
    take_version(version, actor=admin)

    assert fresh(material).link_state == States.UNKNOWN
    assert not links.note_visit(material, FAILED)
    links.note_visit(fresh(material), FAILED)
    assert fresh(material).link_failures == 1


def test_our_own_network_being_down_breaks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(links.OFFLINE):
        published(link=f"https://example.org/{number}")
    lost = Visit(Answer.NO_NETWORK, "Сайта с таким именем не нашлось.")
    monkeypatch.setattr(visiting, "RESERVED", ())
    monkeypatch.setattr(links, "visit", lambda url, may_visit: lost)

    assert links.check_links(anywhere) == links.OFFLINE
    assert list(links.failing()) == []
    assert Material.objects.filter(link_due_at__gt=timezone.now() + timedelta(minutes=50)).count() == links.OFFLINE


def test_link_of_an_example_is_not_looked_at() -> None:
    material = published(link="https://www.example.org/listy")

    assert links.check_links() == 0
    found = fresh(material)
    assert (found.link_state, found.link_checked_at) == (States.UNKNOWN, None)
    assert not links.is_ordered(found)


def test_one_site_that_is_not_found_is_failing(monkeypatch: pytest.MonkeyPatch) -> None:
    material = published(link=LONG)
    lost = Visit(Answer.NO_NETWORK, "Сайта с таким именем не нашлось.")
    monkeypatch.setattr(visiting, "RESERVED", ())
    monkeypatch.setattr(links, "visit", lambda url, may_visit: lost)
    links.check_links(anywhere)

    assert [one.pk for one in links.failing()] == [material.pk]


def test_nothing_is_missing_from_the_letter() -> None:
    kind = next(one for one in all_kinds() if one.code == "library.broken")

    assert set(kind.places) == {"имя", "название", "страница", "ошибка", "адрес"}


def test_due_round_looks_at_links_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """`run_due` is what a machine without beat has."""
    material = published(link=LONG)
    monkeypatch.setattr(visiting, "RESERVED", ())
    monkeypatch.setattr(links, "visit", lambda url, may_visit: FAILED)
    call_command("run_due")

    material.refresh_from_db()
    assert material.link_checked_at is not None


# --- The keeper's page ---------------------------------------------------------------------------------------------


def test_keeper_sees_since_when_what_and_how_used() -> None:
    client = _client(person_with(Role.ADMIN))
    broken(title="Листы <b>самооценки</b>")
    page = client.get(reverse("library:broken")).content.decode()

    assert "Листы &lt;b&gt;самооценки&lt;/b&gt;" in page
    assert FAILED.error in page
    assert "читатели предупреждены" in page
    assert "В маршрутах не используется" in page


@pytest.mark.parametrize("role", ["teacher", "observer"])
@pytest.mark.parametrize(
    ("name", "method"), [("broken", "get"), ("check_links", "post"), ("check_link", "post"), ("relink", "get")]
)
def test_others_see_no_such_page(role: str, name: str, method: str) -> None:
    material = broken()
    args = [material.pk] if name in ("check_link", "relink") else []
    client = _client(person_with(role))

    assert getattr(client, method)(reverse(f"library:{name}", args=args)).status_code == 404
    assert getattr(Client(), method)(reverse(f"library:{name}", args=args)).status_code == 302


def test_wrong_methods() -> None:
    client = _client(person_with(Role.ADMIN))
    material = broken()

    assert client.post(reverse("library:broken")).status_code == 405
    assert client.get(reverse("library:check_links")).status_code == 405
    assert client.get(reverse("library:check_link", args=[material.pk])).status_code == 405


def test_check_now_orders_a_look() -> None:
    client = _client(person_with(Role.ADMIN))
    material = broken()
    assert not links.is_ordered(material)

    client.post(reverse("library:check_link", args=[material.pk]))
    assert links.is_ordered(fresh(material))
    page = client.get(reverse("library:broken")).content.decode()
    assert "Проверка заказана" in page


def test_check_all_orders_every_failing_one() -> None:
    client = _client(person_with(Role.ADMIN))
    one, fine = broken(), published(link="https://example.org/fine")
    links.note_visit(fine, Visit(Answer.OPENS))
    client.post(reverse("library:check_links"))

    assert links.is_ordered(fresh(one))
    assert not links.is_ordered(fresh(fine))


def test_new_link_stands_in_a_new_version_at_once() -> None:
    client = _client(person_with(Role.ADMIN))
    material = broken()
    address = reverse("library:relink", args=[material.pk])
    assert client.post(address, {"link": "не адрес"}).status_code == 422
    assert client.post(address, {"link": LONG}).status_code == 422
    assert client.post(address, {"link": "ftp://example.org/x"}).status_code == 422

    client.post(address, {"link": "https://example.org/new"})
    found = fresh(material)
    assert found.current is not None
    assert (found.current.link, found.current.number) == ("https://example.org/new", 2)
    assert (found.link_state, found.link_failed_since) == (States.UNKNOWN, None)
    assert links.is_ordered(found)


def test_next_version_of_the_author_is_not_overwritten() -> None:
    client = _client(person_with(Role.ADMIN))
    owner = UserFactory()
    material = broken(owner)
    draft = start_version(material, {"form": "link", "link": "https://example.org/mine"}, actor=owner)

    answer = client.post(reverse("library:relink", args=[material.pk]), {"link": "https://example.org/new"})
    assert answer.status_code == 302
    draft.refresh_from_db()
    assert draft.link == "https://example.org/mine"


@pytest.mark.parametrize("count", [1, 5])
def test_page_costs_the_same_however_many(count: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    client = _client(person_with(Role.ADMIN))
    for number in range(count):
        broken(title=f"Материал {number}")
    client.get(reverse("library:broken"))
    with django_assert_num_queries(QUERIES):
        client.get(reverse("library:broken"))


QUERIES = 7


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("has_opened", [False, True])
def test_readers_are_told_only_when_our_network_is_known_to_work(has_opened: bool) -> None:
    lost = Visit(Answer.NO_NETWORK, "Сайта с таким именем не нашлось.")
    material, other = published(link=LONG), published(link="https://example.org/other")
    for _ in range(3):
        links.note_visit(fresh(material), lost)
    Material.objects.filter(pk=material.pk).update(link_failed_since=timezone.now() - timedelta(days=3))
    if has_opened:
        links.note_visit(other, Visit(Answer.OPENS))
    links.note_visit(fresh(material), lost)

    assert [one.pk for one in links.failing()] == [material.pk]
    assert (fresh(material).link_state == States.BROKEN) == has_opened


@pytest.mark.parametrize(("answer", "hints"), [(Answer.OPENS, 1), (Answer.NO_NETWORK, 0)])
def test_long_run_leaves_the_rest_to_the_next(answer: Answer, hints: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        published(link=f"https://example.org/{number}")
    asked: list[str] = []
    monkeypatch.setattr(visiting, "RESERVED", ())
    monkeypatch.setattr(links, "BATCH", 2)
    monkeypatch.setattr(links, "hurry", asked.append)
    monkeypatch.setattr(links, "visit", lambda url, may_visit: Visit(answer))

    assert [links.check_links(anywhere), links.check_links(anywhere)] == [2, 1]
    assert len(asked) == hints
