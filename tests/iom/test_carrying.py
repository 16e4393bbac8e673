"""Items begun, handed in, returned, confirmed; the route completed, put away and taken back."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from cabinet.core.clock import today
from cabinet.mail.models import Letter
from cabinet.users.models import Role, User
from iom.models import Route, RouteItem, Status
from iom.moves import Refused
from iom.services import carrying, practising
from iom.services.agreeing import open_revision
from iom.services.lines import LINES, add_line
from tests.factories import MembershipFactory, RouteFactory, RouteItemFactory, UserFactory

pytestmark = pytest.mark.django_db


def letters() -> list[tuple[str, str]]:
    return sorted(Letter.objects.filter(kind__startswith="iom.").values_list("kind", "to__email"))


@pytest.fixture
def item() -> RouteItem:
    return RouteItemFactory(route=RouteFactory(status=Status.AGREED))


@pytest.fixture
def methodist(item: RouteItem) -> User:
    organization = item.route.organization
    return MembershipFactory(role=Role.METHODIST, organization=organization).user


def test_first_item_begun_begins_the_route(item: RouteItem) -> None:
    carrying.start_item(item, actor=item.route.person)

    route = Route.objects.get(pk=item.route.pk)
    assert (item.status, route.status, route.due_on) == ("in_progress", Status.ACTIVE, route.ends_on)
    assert [one.move for one in route.transitions.all()] == ["start"]


def test_item_goes_to_and_fro_and_is_confirmed(item: RouteItem, methodist: User) -> None:
    teacher = item.route.person

    carrying.submit_item(item, actor=teacher, text="Провела урок", link="https://example.org/urok")
    carrying.return_item(item, actor=methodist, comment="Приложите конспект")
    assert (item.status, item.return_comment) == ("returned", "Приложите конспект")
    upload = SimpleUploadedFile("konspekt.txt", "Конспект".encode())
    carrying.submit_item(item, actor=teacher, text="Провела урок", files=[upload])
    carrying.confirm_item(item, actor=methodist)

    item.refresh_from_db()
    assert (item.status, item.confirmed_by, item.return_comment) == ("confirmed", methodist, "")
    (file,) = item.files.all()
    assert RouteItem.objects.visible_to(teacher).filter(pk=file.owner_id).exists()
    assert letters() == [
        ("iom.item_confirmed", teacher.email),
        ("iom.item_returned", teacher.email),
        ("iom.item_submitted", methodist.email),
        ("iom.item_submitted", methodist.email),
    ]


def test_nothing_to_show_is_refused_unless_no_product_is_expected(item: RouteItem) -> None:
    with pytest.raises(Refused, match="Покажите, что получилось"):
        carrying.submit_item(item, actor=item.route.person, text="  ")
    plain = RouteItemFactory(route=item.route, product="")

    carrying.submit_item(plain, actor=item.route.person)

    assert plain.status == "submitted"


def test_word_goes_to_whoever_supports_the_item(item: RouteItem, methodist: User) -> None:
    item.route.mentor = UserFactory()
    item.route.save()
    item.support = "mentor"
    item.save()

    carrying.submit_item(item, actor=item.route.person, text="Готово")

    assert letters() == [("iom.item_submitted", item.route.mentor.email)]


def test_standing_mentor_is_told_of_his_items(item: RouteItem, methodist: User) -> None:
    mentor = MembershipFactory(role=Role.MENTOR, person=item.route.person).user
    other = RouteItemFactory(route=item.route, support="mentor")

    assert carrying.helpers_of(other.route, other.support) == [mentor]
    assert carrying.helpers_of(item.route, item.support) == [methodist]


def test_nobody_confirms_his_own(item: RouteItem) -> None:
    with pytest.raises(Refused, match="кто-то другой"):
        carrying.confirm_item(item, actor=item.route.person)


def test_second_click_changes_nothing(item: RouteItem, methodist: User) -> None:
    again = RouteItem.objects.get(pk=item.pk)
    carrying.confirm_item(item, actor=methodist)

    with pytest.raises(Refused, match="Пункт уже изменился"):
        carrying.return_item(again, actor=methodist, comment="Ещё раз")

    assert item.route.transitions.count() == 1


@pytest.mark.parametrize("act", [carrying.return_item, carrying.remove_item, carrying.reopen_item])
def test_word_is_required(act: object, item: RouteItem, methodist: User) -> None:
    with pytest.raises(Refused, match="Напишите"):
        act(item, actor=methodist, **{"comment" if act is carrying.return_item else "reason": " "})  # type: ignore[operator]


def test_draft_is_not_carried_out() -> None:
    item = RouteItemFactory()

    with pytest.raises(Refused, match="когда он согласован"):
        carrying.start_item(item, actor=item.route.person)


def test_work_goes_on_while_the_next_version_is_made(methodist: User) -> None:
    item = RouteItemFactory(route=RouteFactory(status=Status.REVISION, agreed_version=1, version=2))

    carrying.start_item(item, actor=item.route.person)

    item.route.refresh_from_db()
    assert (item.status, item.route.status) == ("in_progress", Status.REVISION)


def test_practice_is_marked_whatever_the_state(item: RouteItem) -> None:
    assert "item" in LINES
    practising.mark_practice(item, actor=None, text="Лист самооценки на каждом уроке", topic="Рефлексия")
    assert (item.in_practice_since, item.practice_topic) == (today(), "Рефлексия")
    assert Route.objects.search("самооценка").exists()

    practising.unmark_practice(item, actor=None)
    item.refresh_from_db()
    assert (item.in_practice_since, item.practice_text) == (None, "")

    with pytest.raises(Refused, match="не позже сегодняшнего"):
        practising.mark_practice(item, actor=None, since=today() + timedelta(days=1))


def test_practice_is_not_marked_in_the_archive_or_when_removed() -> None:
    removed = RouteItemFactory(status="removed")
    away = RouteItemFactory(route=RouteFactory(status=Status.ARCHIVED))

    for one in (removed, away):
        with pytest.raises(Refused):
            practising.mark_practice(one, actor=one.route.person)


def test_route_is_completed_only_when_every_item_is_over(item: RouteItem, methodist: User) -> None:
    route = item.route
    other = RouteItemFactory(route=route)
    carrying.confirm_item(item, actor=methodist)
    with pytest.raises(Refused, match="незаконченные"):
        carrying.complete(route, actor=route.person)

    carrying.remove_item(other, actor=methodist, reason="Семинар отменён")
    carrying.complete(route, actor=route.person, results="Открытый урок", reflection="Получилось")

    route.refresh_from_db()
    assert (route.status, route.results, route.completed_at is not None) == (Status.COMPLETED, "Открытый урок", True)
    assert ("iom.completed", methodist.email) in letters()
    assert Route.objects.search("открытый урок").exists()


def test_completed_is_put_away_and_taken_back() -> None:
    route = RouteFactory(status=Status.COMPLETED)

    carrying.archive(route, actor=route.person, reason="Учебный год окончен")
    assert route.status == Status.ARCHIVED
    carrying.restore(route, actor=route.person, reason="Нужен для аттестации")
    assert route.status == Status.COMPLETED
    carrying.reopen(route, actor=route.person, reason="Добавился пункт")

    assert (route.status, route.due_on, route.completed_at) == (Status.ACTIVE, route.ends_on, None)


@pytest.mark.parametrize("before", [Status.AGREED, Status.ACTIVE, Status.REVISION])
def test_route_put_away_midway_comes_back_where_it_was_with_a_limit(before: str) -> None:
    route = RouteFactory(status=before, agreed_version=1)
    carrying.archive(route, actor=route.person, reason="Декретный отпуск")

    carrying.restore(route, actor=route.person, reason="Возвращение")

    assert route.status == before
    assert (route.due_on == route.ends_on) is (before != Status.REVISION)
    assert route.due_on is not None


def test_never_two_in_parallel() -> None:
    old = RouteFactory(status=Status.COMPLETED)
    RouteFactory(person=old.person, status=Status.ACTIVE)

    with pytest.raises(Refused, match="двух одновременно не бывает"):
        carrying.reopen(old, actor=old.person, reason="Вернуться")


def test_draft_comes_back_as_a_draft() -> None:
    route = RouteFactory(status=Status.RETURNED)
    carrying.archive(route, actor=route.person, reason="Передумали")

    carrying.restore(route, actor=route.person, reason="Понадобился")

    assert route.status == Status.DRAFT


def test_teacher_is_told_when_another_puts_his_route_away_or_takes_it_up(methodist: User) -> None:
    route = RouteFactory(status=Status.COMPLETED, person__email="teacher@example.org")
    carrying.archive(route, actor=methodist, reason="Учебный год окончен")
    carrying.restore(route, actor=methodist, reason="Нужен для аттестации")
    carrying.reopen(route, actor=route.person, reason="Добавился пункт")  # his own act needs no letter

    assert letters() == [("iom.archived", "teacher@example.org"), ("iom.taken_up", "teacher@example.org")]


def test_item_of_a_version_nobody_has_agreed_waits(item: RouteItem, methodist: User) -> None:
    route = item.route
    open_revision(route, actor=route.person, reason="Новый запрос")
    new = add_line(route, "item", {"activity": "Стажировка"}, actor=route.person)
    assert isinstance(new, RouteItem)
    new = RouteItem.objects.get(pk=new.pk)

    with pytest.raises(Refused, match="когда она согласована"):
        carrying.submit_item(new, actor=route.person, text="Готово")
    with pytest.raises(Refused, match="когда она согласована"):
        carrying.confirm_item(new, actor=methodist)
