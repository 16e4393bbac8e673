"""Several tasks at once: what is said before is what is done, once, and what stays says why."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.core.clock import today
from cabinet.mail.models import Letter
from cabinet.planner import services
from cabinet.planner.models import Task
from cabinet.planner.services import task_bulk
from cabinet.planner.services.task_bulk import Order
from cabinet.users.models import Role, User
from motor.models import Status
from tests.factories import CaseFactory, OrganizationFactory, TaskFactory, UserFactory, person_with
from tests.planner.tasks import given

pytestmark = pytest.mark.django_db
BULK = "planner:bulk"
DUE, LATER = today() + timedelta(days=3), today() + timedelta(days=10)


@pytest.fixture
def head(client: Client) -> User:
    user = person_with(Role.HEAD, OrganizationFactory())
    client.force_login(user)
    return user


@pytest.fixture
def teacher(head: User) -> User:
    user: User = UserFactory(email="t@example.org", organization=head.organization)
    return user


def send(client: Client, tasks: list[Task], **data: Any) -> Any:
    return client.post(reverse(BULK), {"chosen": ",".join(str(task.pk) for task in tasks)} | data)


def said(plan: task_bulk.Plan) -> tuple[dict[str, str], dict[str, str]]:
    return {task.title: note for task, note in plan.will}, {task.title: why for task, why in plan.stay}


def test_plan_says_of_each_task_what_becomes_of_it(head: User, teacher: User) -> None:
    case = CaseFactory(status=Status.FOLLOW_UP, organization=head.organization, responsible=head, bare=True)
    ended = given(head, title="законченная")
    services.complete_task(ended, head, "да")
    step = TaskFactory(title="шаг", assignee=head, kind="talk", about=case)
    errand = services.hand_over(step, to=teacher, author=head, due_on=DUE)
    assert errand is not None
    Task.objects.filter(pk=errand.pk).update(title="поручение")
    tasks = [
        ended,
        step,
        errand,
        given(head, [teacher], title="учителю", due_on=DUE, points=["Тема"]),
        given(teacher, title="чужая", due_on=DUE),
        given(head, title="своя", due_on=LATER),
        TaskFactory(title="невидимая"),
    ]
    pks = [task.pk for task in tasks]

    will, stay = said(task_bulk.plan(pks, Order("move", due_on=LATER), head))
    assert list(will) == ["учителю"]
    assert "→" in will["учителю"]
    assert stay == {
        "законченная": task_bulk.ENDED,
        "шаг": task_bulk.OF_PROCESS,
        "поручение": task_bulk.OF_ERRAND,
        "чужая": task_bulk.NOT_AUTHOR["move"],
        "своя": "срок уже такой",
    }
    assert task_bulk.plan(pks, Order("move", due_on=LATER), head).gone == 1
    will, stay = said(task_bulk.plan(pks, Order("done", words="да"), head))
    assert will == {
        "поручение": "выполнена",
        "учителю": "выполнена, отмечено 0 из 1 пунктов",
        "своя": "выполнена",
    }
    assert stay["чужая"] == task_bulk.NOT_NAMED
    will, _ = said(task_bulk.plan(pks, Order("pass", person=teacher), head))
    assert list(will) == ["своя"]
    will, _ = said(task_bulk.plan(pks, Order("waive", words="нет"), head))
    assert sorted(will) == ["поручение", "своя", "учителю"]


def test_limit_is_moved_after_a_preview_and_once(client: Client, head: User, teacher: User) -> None:
    tasks = [given(head, [teacher], title=f"№ {n}", due_on=DUE) for n in range(3)]
    Letter.objects.all().delete()
    asked = send(client, tasks, do="move")
    assert asked.status_code == 200
    assert send(client, tasks, do="move", step="preview", due_on="2020-01-01").status_code == 422
    preview = send(client, tasks, do="move", step="preview", due_on=LATER.isoformat())
    assert len(preview.context["plan"].will) == 3
    assert set(Task.objects.values_list("due_on", flat=True)) == {DUE}

    order = {"do": "move", "step": "write", "due_on": LATER.isoformat(), "token": preview.context["token"]}
    first = send(client, tasks, **order)
    second = send(client, tasks, **order)

    assert first["Location"] == second["Location"]
    assert set(Task.objects.values_list("due_on", flat=True)) == {LATER}
    letter = Letter.objects.get()
    assert (letter.to, letter.kind) == (teacher, "task.several")
    assert len(re.findall("№ ", letter.body)) == 3
    assert "изменено 3\u00a0задачи" in client.get(first["Location"]).content.decode()


def test_moved_limits_are_given_back(client: Client, head: User, teacher: User) -> None:
    tasks = [given(head, [teacher], title="первая", due_on=DUE), given(head, title="без срока")]
    touched = given(head, title="тронутая", due_on=DUE)
    sent = send(client, [*tasks, touched], do="move", step="write", due_on=LATER.isoformat(), token="t1")
    Task.objects.filter(pk=touched.pk).update(due_on=LATER + timedelta(days=1))
    token = sent["Location"].rstrip("/").rpartition("/")[2]

    for _ in range(2):
        client.post(reverse("planner:bulk_undo", args=[token]))

    assert dict(Task.objects.values_list("title", "due_on")) == {
        "первая": DUE,
        "без срока": None,
        "тронутая": LATER + timedelta(days=1),
    }
    assert "Прежние сроки возвращены" in client.get(sent["Location"]).content.decode()


def test_result_is_for_whoever_ordered_it(client: Client, head: User, teacher: User) -> None:
    sent = send(client, [given(head)], do="done", step="write", words="да", token="t1")
    client.force_login(teacher)

    assert client.get(sent["Location"]).status_code == 404
    assert client.post(f"{sent['Location']}undo/").status_code == 404


def test_done_together_each_with_what_follows(client: Client, head: User, teacher: User) -> None:
    case = CaseFactory(status=Status.FOLLOW_UP, organization=head.organization, responsible=head, bare=True)
    step = TaskFactory(assignee=head, kind="talk", about=case)
    errand = services.hand_over(step, to=teacher, author=head, due_on=DUE)
    assert errand is not None
    plain, monthly = given(head), given(head, repeats="month", due_on=DUE)

    for _ in range(2):
        send(client, [errand, plain, monthly], do="done", step="write", words="Готово")

    for task in (step, errand, plain, monthly):
        task.refresh_from_db()
        assert (task.status, task.outcome, task.done_by) == ("done", "Готово", head)
    assert Task.objects.filter(previous=monthly).count() == 1
    assert Task.objects.open().count() == 1


def test_passed_to_another_who_reads_of_it_in_one_letter(client: Client, head: User, teacher: User) -> None:
    tasks = [given(head, title=f"№ {n}") for n in range(2)]
    tasks[0].participants.add(teacher)
    stranger = UserFactory(email="s@example.org")
    assert send(client, tasks, do="pass", step="write", person=stranger.pk).status_code == 422
    found = send(client, tasks, do="pass", step="preview", find="1", who=teacher.last_name)
    assert found.context["found"] == [teacher]

    for _ in range(2):
        send(client, tasks, do="pass", step="write", person=teacher.pk, token="t1")

    assert set(Task.objects.values_list("assignee", flat=True)) == {teacher.pk}
    assert not tasks[0].participants.exists()
    assert Letter.objects.get().to == teacher


def test_taken_away_together(client: Client, head: User, teacher: User) -> None:
    tasks = [given(head, [teacher]) for _ in range(2)]
    assert send(client, tasks, do="waive", step="preview", words="").status_code == 422

    send(client, tasks, do="waive", step="write", words="Не нужно")

    assert set(Task.objects.values_list("status", "outcome")) == {("waived", "Не нужно")}
    assert Letter.objects.filter(kind="task.several").count() == 1


def test_all_found_by_the_filter(client: Client, head: User, teacher: User) -> None:
    wanted = [given(head, [teacher], title="методический день") for _ in range(3)]
    given(head, [teacher], title="другое")
    data = {"all": "1", "whose": "given", "state": "open", "q": "день"}

    page = client.post(reverse(BULK), {"do": "waive"} | data)

    assert [task for task, _ in page.context["plan"].will] == wanted
    assert page.context["chosen"] == ",".join(str(task.pk) for task in wanted)


def test_a_teacher_widens_nothing(client: Client, head: User, teacher: User) -> None:
    foreign = given(head, [UserFactory(email="x@example.org", organization=head.organization)])
    client.force_login(teacher)

    page = send(client, [foreign], do="done", step="write", words="да")

    foreign.refresh_from_db()
    assert foreign.is_open
    assert client.get(page["Location"]).context["result"]["gone"] == 1


def test_nothing_chosen_or_nothing_known_goes_back(client: Client, head: User) -> None:
    for data in ({}, {"do": "erase"}, {"do": "done", "chosen": "a,b,-1"}, {"do": "done", "task": "x"}):
        response = client.post(reverse(BULK), {"query": "whose=given"} | data)
        assert response["Location"] == f"{reverse('planner:tasks')}?whose=given"


@pytest.mark.parametrize("count", [1, 5])
def test_preview_takes_the_same_queries(
    client: Client, head: User, teacher: User, count: int, django_assert_num_queries: Any
) -> None:
    tasks = [given(head, [teacher], due_on=DUE, points=["Тема"]) for _ in range(count)]
    client.get(reverse("planner:tasks"))

    with django_assert_num_queries(5):
        send(client, tasks, do="move", step="preview", due_on=LATER.isoformat())


def test_writing_does_not_grow_with_tasks(head: User, teacher: User, django_assert_max_num_queries: Any) -> None:
    tasks = [given(head, [teacher], due_on=DUE) for _ in range(30)]

    with django_assert_max_num_queries(16):
        task_bulk.carry_out([task.pk for task in tasks], Order("move", due_on=LATER), head, "m")
    with django_assert_max_num_queries(16):
        task_bulk.carry_out([task.pk for task in tasks], Order("done", words="да"), head, "d")
    assert Task.objects.filter(status="done", due_on=LATER).count() == 30


@pytest.mark.parametrize("order", [Order("move", due_on=LATER), Order("waive", "Не нужна")], ids=["move", "waive"])
def test_who_helps_reads_of_it_too(order: Order, head: User, teacher: User) -> None:
    helper = UserFactory(email="h@example.org", organization=head.organization)
    task = given(head, [teacher, helper], is_shared=True, due_on=DUE)
    Letter.objects.all().delete()
    task_bulk.carry_out([task.pk], order, head, "m")
    assert [one.to for one in Letter.objects.filter(kind="task.several").order_by("to")] == [teacher, helper]


def test_who_had_it_reads_that_it_is_handed_on(head: User, teacher: User) -> None:
    other = UserFactory(email="o@example.org", organization=head.organization)
    task = given(head, [teacher])
    Letter.objects.all().delete()
    task_bulk.carry_out([task.pk], Order("pass", person=other), head, "m")
    told = {one.to: one for one in Letter.objects.filter(kind="task.several")}
    assert "Задачи переданы другому" in told[teacher].subject
    assert task.get_absolute_url() not in told[teacher].body
    assert "Вам переданы задачи" in told[other].subject
