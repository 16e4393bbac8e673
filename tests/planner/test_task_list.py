"""The list of tasks and the board: whose, which, by words, people, limits; the counts of the tabs."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.planner import services
from cabinet.planner.models import Task
from cabinet.users.models import Role, User
from motor.models import Status
from tests.factories import CaseFactory, OrganizationFactory, TaskFactory, UserFactory, person_with
from tests.planner.tasks import given

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def head(client: Client) -> User:
    user = person_with(Role.HEAD, OrganizationFactory())
    client.force_login(user)
    return user


def titles(client: Client, **query: str) -> list[str]:
    return [task.title for task in client.get(reverse("planner:tasks"), query).context["page"]]


def columns(client: Client, **query: str) -> dict[str, list[str]]:
    page = client.get(reverse("planner:tasks"), {"look": "board"} | query)
    return {one["code"]: [task.title for task in one["cards"]] for one in page.context["columns"]}


def test_found_by_words_people_and_limits(client: Client, head: User) -> None:
    anna = UserFactory(last_name="Ёлкина", email="a@example.org", organization=head.organization)
    given(head, [anna], title="Собрать темы для методических дней", due_on=today() + 3 * DAY)
    given(head, [head], title="Позвонить", text="О диагностике", due_on=today() + 9 * DAY)
    given(head, [head], title="Без срока")

    def given_titles(**query: str) -> list[str]:
        return titles(client, whose="given", **query)

    assert given_titles() == ["Собрать темы для методических дней", "Позвонить", "Без срока"]
    assert given_titles(q="тема методического дня") == ["Собрать темы для методических дней"]
    assert given_titles(q="ДИАГНОСТИКУ") == ["Позвонить"]
    assert given_titles(who="елк") == ["Собрать темы для методических дней"]
    assert given_titles(until=(today() + 5 * DAY).isoformat()) == ["Собрать темы для методических дней"]
    assert given_titles(since=(today() + 5 * DAY).isoformat()) == ["Позвонить"]
    assert given_titles(sort="-due") == ["Позвонить", "Собрать темы для методических дней", "Без срока"]
    assert given_titles(sort="new") == ["Без срока", "Позвонить", "Собрать темы для методических дней"]
    assert given_titles(since="вчера") == []
    assert "Так отобрать не получится" in client.get(reverse("planner:tasks"), {"since": "вчера"}).content.decode()


def test_found_by_what_it_is_about(client: Client) -> None:
    case = CaseFactory(status=Status.FOLLOW_UP, bare=True)
    me = case.responsible
    client.force_login(me)
    TaskFactory(assignee=me, title="шаг", kind="talk", about=case)
    TaskFactory(assignee=me, title="о карте", about=case)
    TaskFactory(assignee=me, title="сама по себе")

    assert sorted(titles(client, about="motor.case")) == ["о карте", "шаг"]
    assert titles(client, about="process") == ["шаг"]
    assert titles(client, about="nothing") == ["сама по себе"]


def test_search_by_name_tells_of_nobody_out_of_scope(client: Client) -> None:
    teacher = UserFactory(email="t@example.org")
    TaskFactory(assignee=UserFactory(last_name="Чужой"))
    client.force_login(teacher)

    for whose in ("mine", "given", "others"):
        assert titles(client, who="чужой", whose=whose) == []


def test_teacher_has_two_tabs_and_no_third_by_the_address(client: Client) -> None:
    teacher = UserFactory(email="t@example.org")
    TaskFactory(assignee=teacher, title="моя")
    client.force_login(teacher)

    page = client.get(reverse("planner:tasks"), {"whose": "others"})

    assert [code for code, _, _ in page.context["whose"]] == ["mine", "given"]
    assert [task.title for task in page.context["page"]] == ["моя"]


def test_tabs_count_open_ones(client: Client, head: User) -> None:
    colleague = UserFactory(email="c@example.org", organization=head.organization)
    TaskFactory(assignee=head, due_on=today() - DAY)
    services.start_task(TaskFactory(assignee=head), head)
    services.complete_task(TaskFactory(assignee=head), head, "да")
    TaskFactory(assignee=colleague, author=head)
    shared = TaskFactory(assignee=colleague)
    shared.participants.add(head)
    TaskFactory()

    context = client.get(reverse("planner:tasks")).context

    assert {code: count for code, _, count in context["whose"]} == {"mine": 3, "given": 1, "others": 2}
    assert {code: count for code, _, count in context["states"]} == {
        "open": None,
        "work": 1,
        "overdue": 1,
        "ended": None,
    }


def test_administrator_is_not_told_the_sum_of_the_region(client: Client) -> None:
    admin = person_with(Role.ADMIN)
    TaskFactory(assignee=admin)
    TaskFactory()
    client.force_login(admin)

    context = client.get(reverse("planner:tasks"), {"whose": "others"}).context

    assert {code: count for code, _, count in context["whose"]} == {"mine": 1, "given": 0, "others": None}
    assert len(context["page"].object_list) == 1


def test_board_has_three_columns(client: Client, head: User) -> None:
    given(head, title="впереди")
    services.start_task(given(head, title="начата"), head)
    services.complete_task(given(head, title="готова"), head, "да")
    old = given(head, title="давно готова")
    services.complete_task(old, head, "да")
    Task.objects.filter(pk=old.pk).update(done_at=timezone.now() - 31 * DAY)
    services.waive_task(given(head, title="снята"), head, "нет")

    assert columns(client) == {"open": ["впереди"], "work": ["начата"], "done": ["готова"]}
    assert columns(client, q="начать") == {"open": [], "work": ["начата"], "done": []}
    assert columns(client, whose="others") == {"open": [], "work": [], "done": []}


def test_cards_of_others_and_steps_stand_still(client: Client, head: User) -> None:
    colleague = UserFactory(email="c@example.org", organization=head.organization)
    given(head, [colleague], title="коллеги")
    page = client.get(reverse("planner:tasks"), {"look": "board", "whose": "given"})

    assert [task.can_move for task in page.context["columns"][0]["cards"]] == [False]
    assert "data-move=" not in page.content.decode()
    client.force_login(colleague)
    assert "data-move=" in client.get(reverse("planner:tasks"), {"look": "board"}).content.decode()


@pytest.mark.parametrize("count", [1, 5])
@pytest.mark.parametrize(("look", "queries"), [("", 9), ("board", 10)])
def test_queries_do_not_grow(
    client: Client, head: User, look: str, queries: int, count: int, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        one = given(head, points=["Тема"], about=CaseFactory(status=Status.FOLLOW_UP, bare=True))
        services.start_task(given(head, points=["Тема"]), head)
        services.complete_task(given(head, points=["Тема"]), head, "да")
        one.participants.add(UserFactory())
    client.get(reverse("planner:tasks"))

    with django_assert_num_queries(queries):
        client.get(reverse("planner:tasks"), {"look": look})


def test_empty_lists_say_what_would_fill_them(client: Client, head: User) -> None:
    for state, words in (("open", "Задач нет"), ("work", "В работе ничего нет"), ("ended", "Законченных")):
        assert words in client.get(reverse("planner:tasks"), {"state": state}).content.decode()
    assert "Таких задач нет" in client.get(reverse("planner:tasks"), {"q": "нет"}).content.decode()
    assert "В работе" in client.get(reverse("planner:tasks"), {"look": "board"}).content.decode()


def test_hostile_words_in_a_list(client: Client, head: User) -> None:
    given(head, title="<script>alert(1)</script>")

    for look in ("", "board"):
        page = client.get(reverse("planner:tasks"), {"look": look, "q": '"><script>'}).content.decode()
        assert "<script>alert" not in page
        assert '"><script>' not in page
