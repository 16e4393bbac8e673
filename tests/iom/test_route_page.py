"""The page of a route: what each reader sees and may do there."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from cabinet.core.clock import add_working_days, special_days, today
from cabinet.files.services import store_upload
from cabinet.users.models import LogEntry, Role, User
from iom.models import Ground, ItemAttachment, Route, RouteItem, Status
from iom.services import carrying
from tests.factories import (
    AssignmentFactory,
    CaseFactory,
    DeficitFactory,
    DiagnosisFactory,
    GoalFactory,
    MembershipFactory,
    RouteFactory,
    RouteItemFactory,
    UserFactory,
    person_with,
)

pytestmark = pytest.mark.django_db

QUERIES = 15


@pytest.fixture
def route() -> Route:
    return RouteFactory(status=Status.ACTIVE)


def colleague(route: Route, role: str) -> User:
    return MembershipFactory(role=role, organization=route.organization).user


def page(client: Client, route: Route, user: User, query: str = "") -> str:
    client.force_login(user)
    response = client.get(route.get_absolute_url() + query)
    assert response.status_code == 200
    return str(response.content.decode())


def act(item: RouteItem, name: str) -> str:
    return reverse("iom:item_act", args=[item.pk, name])


def test_stranger_gets_404(client: Client, route: Route) -> None:
    client.force_login(person_with(Role.METHODIST))

    assert client.get(route.get_absolute_url()).status_code == 404


def test_teacher_sees_his_next_item(client: Client, route: Route) -> None:
    RouteItemFactory(route=route, activity="Позже", due_on=today() + timedelta(days=90))
    late = RouteItemFactory(route=route, activity="Семинар в мае", due_on=today() - timedelta(days=3))

    text = page(client, route, route.person)

    assert f'href="#item-{late.pk}"' in text
    assert "1 просрочен" in text
    assert act(late, "submit") in text
    assert act(late, "confirm") not in text


def test_methodist_sees_what_to_check(client: Client, route: Route) -> None:
    item = RouteItemFactory(route=route, status="submitted", done_text="Провела урок")

    text = page(client, route, colleague(route, Role.METHODIST))

    assert "Проверьте пункт" in text
    assert "Провела урок" in text
    assert act(item, "confirm") in text
    assert act(item, "return") in text


def test_what_waits_for_the_reader_comes_first(client: Client, route: Route) -> None:
    for status in ("returned", "submitted"):
        RouteItemFactory(route=route, status=status)

    firsts = [
        page(client, route, one).split('id="group-')[1].split('"')[0]
        for one in (route.person, colleague(route, Role.METHODIST))
    ]

    assert firsts == ["returned", "submitted"]


def test_head_only_reads(client: Client, route: Route) -> None:
    item = RouteItemFactory(route=route, status="submitted")

    text = page(client, route, colleague(route, Role.HEAD))

    assert "Чей" not in text
    assert "Ход за" in text
    assert "/iom/items/" not in text
    assert client.post(act(item, "confirm")).status_code == 404


@pytest.mark.parametrize("status", [one for one in Status if one != Status.IN_REVIEW])
def test_every_state_has_a_page(status: Status, client: Client) -> None:
    route = RouteFactory(status=status)
    RouteItemFactory(route=route, status="confirmed")

    for user in (route.person, colleague(route, Role.METHODIST), colleague(route, Role.HEAD)):
        assert route.get_status_display() in page(client, route, user)


def test_route_kept_elsewhere_has_a_page_of_its_own(client: Client) -> None:
    route = RouteFactory(is_outside=True, outside_link="https://example.org/plan", status=Status.ACTIVE)
    client.force_login(route.person)

    assert client.get(route.get_absolute_url(), follow=True).redirect_chain == [(f"/iom/outside/{route.pk}/", 302)]


@pytest.mark.parametrize("count", [1, 5])
@pytest.mark.parametrize(
    ("query", "reader"), [("", "methodist"), ("?by=deficit", "methodist"), ("", "teacher"), ("", "head")]
)
def test_queries_do_not_grow(
    count: int,
    query: str,
    reader: str,
    client: Client,
    route: Route,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(count):
        deficit = DeficitFactory(route=route)
        GoalFactory(route=route, deficit=deficit)
        item = RouteItemFactory(route=route, deficit=deficit, status="submitted")
        ItemAttachment.objects.create(item=item, kind="material", title="Пособие")
        AssignmentFactory(route=route, item=item)
        store_upload(SimpleUploadedFile("konspekt.txt", "Конспект".encode()), item, route.person)
        Ground.objects.create(route=route, kind="request", text=f"Запрос {number}")
    diagnosis = DiagnosisFactory(person=route.person)
    Ground.objects.create(route=route, kind="diagnosis", diagnosis=diagnosis)
    Ground.objects.create(route=route, kind="motor", source=CaseFactory(person=route.person))
    client.force_login(route.person if reader == "teacher" else colleague(route, reader))
    special_days()  # every process keeps the calendar for a minute

    with django_assert_max_num_queries(QUERIES):
        assert client.get(route.get_absolute_url() + query).status_code == 200


def test_item_is_handed_in_with_a_file(client: Client, route: Route) -> None:
    item = RouteItemFactory(route=route)
    client.force_login(route.person)
    files = [SimpleUploadedFile(f"{n}.txt", f"Конспект {n}".encode()) for n in (1, 2)]

    response = client.post(act(item, "submit"), {"text": "Готово", "files": files})

    assert response.status_code == 302
    assert response["Location"].endswith(f"#item-{item.pk}")
    item.refresh_from_db()
    assert (item.status, item.files.count()) == ("submitted", 2)
    stored = item.files.first()
    assert stored is not None
    assert client.get(stored.get_absolute_url()).status_code == 200
    client.force_login(person_with(Role.METHODIST))
    assert client.get(stored.get_absolute_url()).status_code == 404


def test_wrong_file_is_named_and_words_stay(client: Client, route: Route) -> None:
    item = RouteItemFactory(route=route)
    client.force_login(route.person)

    response = client.post(
        act(item, "submit"), {"text": "Провела урок", "files": [SimpleUploadedFile("a.exe", b"MZ\x90\x00")]}
    )

    assert response.status_code == 422
    text = response.content.decode()
    assert "«a.exe»" in text
    assert "Провела урок" in text


def test_nothing_shown_is_a_clear_sentence(client: Client, route: Route) -> None:
    item = RouteItemFactory(route=route)
    client.force_login(route.person)

    response = client.post(act(item, "submit"), {"text": " "})

    assert response.status_code == 422
    assert "Покажите, что получилось" in response.content.decode()


def test_return_needs_a_comment(client: Client, route: Route) -> None:
    item = RouteItemFactory(route=route, status="submitted")
    client.force_login(colleague(route, Role.METHODIST))

    assert client.post(act(item, "return"), {"comment": ""}).status_code == 422
    assert client.post(act(item, "return"), {"comment": "Приложите конспект"}).status_code == 302
    item.refresh_from_db()
    assert item.status == "returned"


def test_several_are_confirmed_at_once_and_only_of_this_route(client: Client, route: Route) -> None:
    mine = [RouteItemFactory(route=route, status="submitted") for _ in range(2)]
    foreign = RouteItemFactory(status="submitted")
    client.force_login(colleague(route, Role.METHODIST))
    ticked = [*(one.pk for one in mine), foreign.pk, "²", "9" * 30]

    response = client.post(reverse("iom:items_confirm", args=[route.pk]), {"item": ticked})

    assert response.status_code == 302
    states = RouteItem.objects.order_by("pk").values_list("status", flat=True)
    assert list(states) == ["confirmed", "confirmed", "submitted"]


def test_practice_is_marked_and_taken_back(client: Client, route: Route) -> None:
    item = RouteItemFactory(route=route)
    client.force_login(route.person)

    bad = client.post(act(item, "practice"), {"text": "Лист", "since": today() + timedelta(days=2)})
    assert bad.status_code == 422
    assert "не позже сегодняшнего" in bad.content.decode()
    data = {"text": "Лист самооценки", "topic": "Рефлексия", "since": today()}
    assert client.post(act(item, "practice"), data).status_code == 302
    assert "Изменения в практике" in page(client, route, route.person)
    client.post(act(item, "practice_off"))

    item.refresh_from_db()
    assert item.in_practice_since is None


def test_unknown_act_is_404(client: Client, route: Route) -> None:
    item = RouteItemFactory(route=route)
    client.force_login(route.person)

    assert client.get(act(item, "nothing")).status_code == 404


def test_completion_lists_what_is_unfinished(client: Client, route: Route) -> None:
    item = RouteItemFactory(route=route, activity="Открытый урок")
    client.force_login(route.person)
    address = reverse("iom:complete", args=[route.pk])

    text = client.get(address).content.decode()
    assert f"#item-{item.pk}" in text
    assert "Открытый урок" in text
    refused = client.post(address, {"results": "Выступила на ШМО"})
    assert refused.status_code == 422
    assert "Выступила на ШМО" in refused.content.decode()

    RouteItem.objects.filter(pk=item.pk).update(status="removed", removed_reason="Отменён")
    assert client.post(address, {"results": "Выступила на ШМО"}).status_code == 302
    route.refresh_from_db()
    assert (route.status, route.results) == (Status.COMPLETED, "Выступила на ШМО")


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [("archive", "completed", "archived"), ("restore", "archived", "draft"), ("reopen", "completed", "active")],
)
def test_route_is_put_away_and_taken_back(name: str, before: str, after: str, client: Client) -> None:
    route = RouteFactory(status=before)
    client.force_login(route.person)
    address = reverse(f"iom:{name}", args=[route.pk])

    assert client.get(address).status_code == 200
    assert client.post(address, {"reason": ""}).status_code == 422
    assert client.post(address, {"reason": "Год окончен"}).status_code == 302

    route.refresh_from_db()
    assert route.status == after
    assert "Год окончен" in page(client, route, route.person)


def test_act_out_of_place_explains_itself(client: Client, route: Route) -> None:
    client.force_login(route.person)

    text = client.get(reverse("iom:reopen", args=[route.pk])).content.decode()

    assert "Сейчас это не нужно" in text


def test_source_of_a_ground_is_a_link_only_for_its_readers(client: Client, route: Route) -> None:
    diagnosis = DiagnosisFactory(person=route.person)
    Ground.objects.create(route=route, kind="diagnosis", diagnosis=diagnosis, text=str(diagnosis))

    assert "Основания" in page(client, route, route.person)
    assert str(diagnosis) in page(client, route, colleague(route, Role.HEAD))


def test_teacher_without_a_methodist_is_told(client: Client, route: Route) -> None:
    assert "Подтверждать пункты пока некому" in page(client, route, route.person)
    colleague(route, Role.METHODIST)
    assert "Подтверждать пункты пока некому" not in page(client, route, route.person)


# --- Whose turn, what is offered ------------------------------------------------------------------------------


def test_whoever_waits_is_told_who_checks(client: Client, route: Route) -> None:
    methodist = colleague(route, Role.METHODIST)
    RouteItemFactory(route=route, status="submitted")

    for reader in (route.person, colleague(route, Role.HEAD)):
        text = page(client, route, reader)
        assert f"Ход за: <strong>{methodist.short_name}</strong>" in text


def test_the_supporter_of_the_item_is_named_before_the_methodist(client: Client, route: Route) -> None:
    colleague(route, Role.METHODIST)
    mentor = MembershipFactory(role=Role.MENTOR, person=route.person).user
    RouteItemFactory(route=route, status="submitted", support="mentor")

    assert f"<strong>{mentor.short_name}</strong>" in page(client, route, route.person)


@pytest.mark.parametrize(("status", "is_offered"), [("planned", True), ("submitted", True), ("confirmed", False)])
def test_assignment_is_offered_beside_every_open_item(
    client: Client, route: Route, status: str, is_offered: bool
) -> None:
    item = RouteItemFactory(route=route, status=status)
    address = f"{reverse('iom:give')}?route={route.pk}&amp;item={item.pk}"

    assert (address in page(client, route, colleague(route, Role.METHODIST))) is is_offered
    assert address not in page(client, route, route.person)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (Status.REVISION, "Сначала закончите согласование"),
        (Status.ACTIVE, "нет ни одного пункта"),
        (Status.ARCHIVED, "завершать его уже не нужно"),
    ],
)
def test_completion_says_why_it_is_not_possible(client: Client, status: str, reason: str) -> None:
    route = RouteFactory(status=status)
    client.force_login(route.person)

    text = client.get(reverse("iom:complete", args=[route.pk])).text

    assert reason in text
    assert "Завершить маршрут</button>" not in text


def test_completion_names_what_is_unfinished_and_what_closes_with_it(client: Client, route: Route) -> None:
    item = RouteItemFactory(route=route, activity="Мастер-класс", status="in_progress")
    AssignmentFactory(route=route)
    address = reverse("iom:complete", args=[route.pk])
    client.force_login(route.person)
    assert "Мастер-класс" in client.get(address).text

    RouteItem.objects.filter(pk=item.pk).update(status="removed", removed_reason="Отменён")

    text = client.get(address).text
    assert "закроется 1\u00a0незаконченное задание" in text
    assert "Завершить маршрут</button>" in text


@pytest.mark.parametrize("role", ["teacher", "methodist"])
def test_twelve_items_in_every_state_cost_no_more_queries(  # type: ignore[no-untyped-def]
    client: Client, route: Route, role: str, django_assert_max_num_queries
) -> None:
    for status in RouteItem.Status:
        for one in RouteItemFactory.create_batch(2, route=route, status=status):
            AssignmentFactory(route=route, item=one)
    client.force_login(route.person if role == "teacher" else colleague(route, Role.METHODIST))

    with django_assert_max_num_queries(QUERIES):
        assert client.get(route.get_absolute_url()).status_code == 200


# --- Until when, late, seen, twice ------------------------------------------------------------------------------


def test_checking_has_a_limit_of_its_own(client: Client, route: Route) -> None:
    late = today() - timedelta(days=30)
    RouteItemFactory(route=route, status="submitted", due_on=late)
    until = add_working_days(today(), 5)
    methodist = colleague(route, Role.METHODIST)

    for reader in (route.person, methodist, colleague(route, Role.HEAD)):
        text = page(client, route, reader)
        assert text.count(f'<time datetime="{until}">') == 2  # on top and beside the item
        assert "просроч" not in text  # what is handed in is no delay of the teacher's


def test_the_nearest_item_is_the_limit_others_read(client: Client, route: Route) -> None:
    near = RouteItemFactory(route=route, due_on=today() + timedelta(days=9))
    RouteItemFactory(route=route, due_on=today() + timedelta(days=90))

    text = page(client, route, colleague(route, Role.HEAD)).split('id="items"')[0]

    assert f'<time datetime="{near.due_on}">' in text


def test_late_is_said_in_words_beside_a_picture(client: Client, route: Route) -> None:
    RouteItemFactory(route=route, due_on=today() - timedelta(days=2))

    text = page(client, route, route.person)

    assert "просрочено на 2\u00a0дня" in text
    assert 'class="due due-late"><svg' in text


def test_what_was_handed_in_anew_must_be_seen(client: Client, route: Route) -> None:
    item = RouteItemFactory(route=route, status="submitted", done_text="Первый вариант")
    methodist = colleague(route, Role.METHODIST)
    seen = item.revision
    carrying.return_item(item, actor=methodist, comment="Приложите конспект")
    carrying.submit_item(item, actor=route.person, text="Второй вариант")
    client.force_login(methodist)

    refused = client.post(act(item, "confirm"), {"revision": seen})
    client.post(reverse("iom:items_confirm", args=[route.pk]), {"item": f"{item.pk}:{seen}"})

    item.refresh_from_db()
    assert (refused.status_code, item.status) == (422, "submitted")
    assert "Второй вариант" in refused.text
    assert "Просили доработать: Приложите конспект" in page(client, route, methodist)
    assert client.post(act(item, "confirm"), {"revision": item.revision}).status_code == 302


@pytest.mark.parametrize(
    ("name", "before", "who", "data"),
    [
        ("start", "planned", "teacher", {}),
        ("submit", "planned", "teacher", {"text": "Провела урок"}),
        ("confirm", "submitted", "methodist", {}),
        ("return", "submitted", "methodist", {"comment": "Приложите конспект"}),
        ("remove", "planned", "methodist", {"reason": "Семинар отменён"}),
    ],
)
def test_second_click_is_no_mistake(
    client: Client, route: Route, name: str, before: str, who: str, data: dict[str, str]
) -> None:
    item = RouteItemFactory(route=route, status=before)
    client.force_login(route.person if who == "teacher" else colleague(route, Role.METHODIST))
    sent = data | {"revision": str(item.revision)}

    assert [client.post(act(item, name), sent).status_code for _ in range(2)] == [302, 302]
    assert LogEntry.objects.filter(action=LogEntry.Action.MOVED, note__contains=item.activity).count() == 1


def test_one_checker_confirms_while_another_returns(client: Client, route: Route) -> None:
    item = RouteItemFactory(route=route, status="submitted")
    seen = item.revision
    carrying.confirm_item(item, actor=colleague(route, Role.METHODIST))
    client.force_login(colleague(route, Role.METHODIST))

    refused = client.post(act(item, "return"), {"comment": "Добавьте цель", "revision": seen})

    assert refused.status_code == 422
    assert "Добавьте цель" in refused.text
    item.refresh_from_db()
    assert item.status == "confirmed"


@pytest.mark.parametrize("name", ["start", "submit", "confirm", "return", "remove", "reopen", "practice_off"])
def test_looking_changes_nothing(client: Client, route: Route, name: str) -> None:
    item = RouteItemFactory(route=route, in_practice_since=today())
    for user in (route.person, colleague(route, Role.METHODIST)):
        client.force_login(user)
        client.get(act(item, name))

    item.refresh_from_db()
    assert (item.status, item.revision, item.in_practice_since) == ("planned", 1, today())


def test_act_whose_time_has_gone_shows_no_button(client: Client, route: Route) -> None:
    item = RouteItemFactory(route=route, status="confirmed")
    client.force_login(colleague(route, Role.METHODIST))

    text = client.get(act(item, "remove")).text

    assert "Сейчас это не нужно" in text
    assert "Исключить</button>" not in text


def test_removal_names_assignments_left_open(client: Client, route: Route) -> None:
    item = RouteItemFactory(route=route)
    AssignmentFactory(route=route, item=item)
    client.force_login(colleague(route, Role.METHODIST))

    assert "1\u00a0незаконченное задание" in client.get(act(item, "remove")).text


def test_topic_of_a_change_is_said(client: Client, route: Route) -> None:
    RouteItemFactory(route=route, in_practice_since=today())
    RouteItemFactory(route=route, in_practice_since=today(), practice_topic="Рефлексия")

    text = page(client, route, route.person)

    assert "по тематике курса" in text
    assert "другая тематика: Рефлексия" in text
    assert text.count("Изменение уже осуществляется</span>") == 2


def test_colleague_fetches_no_files(client: Client, route: Route) -> None:
    item = RouteItemFactory(route=route)
    stored = store_upload(SimpleUploadedFile("konspekt.txt", "Конспект".encode()), item, route.person)

    for user, code in ((UserFactory(organization=route.organization), 404), (colleague(route, Role.HEAD), 200)):
        client.force_login(user)
        assert client.get(stored.get_absolute_url()).status_code == code


def test_more_files_than_may_be_are_refused_in_a_sentence(client: Client, route: Route) -> None:
    item = RouteItemFactory(route=route)
    client.force_login(route.person)
    files = [SimpleUploadedFile(f"{n}.txt", b"x") for n in range(11)]

    response = client.post(act(item, "submit"), {"text": "Готово", "files": files})

    assert response.status_code == 422
    assert "до 10 файлов" in response.text
    assert "выбрать ещё раз" in response.text


def test_archive_of_a_revision_names_what_closes_with_it(client: Client) -> None:
    route = RouteFactory(status=Status.REVISION, agreed_version=1)
    AssignmentFactory(route=route)
    client.force_login(route.person)

    assert "закроется 1\u00a0незаконченное задание" in client.get(reverse("iom:archive", args=[route.pk])).text
