"""Tasks: given, completed, waived; who sees them and who may act."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import reverse

from cabinet.core.clock import today
from cabinet.mail.models import Letter
from cabinet.planner import services
from cabinet.planner.models import Task
from cabinet.users.models import Role, User
from motor.models import Status
from motor.services.talking import TALK
from tests.factories import CaseFactory, OrganizationFactory, TaskFactory, UserFactory, person_with

pytestmark = pytest.mark.django_db


# --- Services ------------------------------------------------------------------------------------------------


def test_step_of_a_process_is_given_once() -> None:
    case = CaseFactory(status=Status.FOLLOW_UP)
    first = services.give_task(title="Беседа", assignee=case.responsible, about=case, kind="talk")

    again = services.give_task(title="Другая беседа", assignee=case.person, about=case, kind="talk")

    assert again == first
    assert Task.objects.get().title == "Беседа"


def test_plain_tasks_may_repeat() -> None:
    user = UserFactory()

    for _ in range(2):
        services.give_task(title="Позвонить", assignee=user, author=user)

    assert Task.objects.count() == 2


def test_second_completion_changes_nothing() -> None:
    task, user = TaskFactory(), UserFactory()

    assert services.complete_task(task, user, " Поговорили ")
    assert not services.complete_task(task, UserFactory(), "Ещё раз")
    assert not services.waive_task(task, user, "Не нужно")

    assert (task.status, task.outcome, task.done_by) == ("done", "Поговорили", user)


def test_waived_task_keeps_its_reason_and_can_be_reopened() -> None:
    task = TaskFactory()

    assert services.waive_task(task, None, "Карта закрыта")
    assert (task.status, task.outcome) == ("waived", "Карта закрыта")

    assert services.reopen_task(task)
    assert not services.reopen_task(task)
    assert (task.status, task.done_at, task.done_by) == ("open", None, None)


def test_letter_tells_the_assignee_once() -> None:
    task = TaskFactory(author=UserFactory())

    services.tell_assignee(task)
    services.tell_assignee(task)

    letter = Letter.objects.get()
    assert letter.to == task.assignee
    assert task.get_absolute_url() in letter.body


def test_nobody_gets_a_letter_from_himself() -> None:
    user = UserFactory()

    services.tell_assignee(TaskFactory(author=user, assignee=user))

    assert not Letter.objects.exists()


# --- Who sees what -------------------------------------------------------------------------------------------


def test_visible_to_exact_lists() -> None:
    school, other = OrganizationFactory(), OrganizationFactory()
    teacher = UserFactory(organization=school)
    own = TaskFactory(assignee=teacher)
    given = TaskFactory(assignee=UserFactory(organization=other), author=teacher)
    foreign = TaskFactory(assignee=UserFactory(organization=other), author=None)

    def seen(user: User | AnonymousUser) -> list[Task]:
        return list(Task.objects.visible_to(user).order_by("pk"))

    assert seen(AnonymousUser()) == []
    assert seen(teacher) == [own, given]
    assert seen(UserFactory(organization=school)) == []
    assert seen(person_with(Role.HEAD, school)) == [own]
    assert seen(person_with(Role.HEAD, other)) == [given, foreign]
    assert seen(person_with(Role.MUNICIPAL, school.municipality)) == [own]
    assert seen(person_with(Role.OBSERVER)) == []
    assert seen(person_with(Role.ADMIN)) == [own, given, foreign]


def test_head_looks_but_only_the_named_act() -> None:
    task = TaskFactory(author=UserFactory())

    assert list(Task.objects.completable_by(task.assignee)) == [task]
    assert list(Task.objects.completable_by(task.author)) == [task]
    assert list(Task.objects.completable_by(person_with(Role.HEAD, task.organization))) == []


# --- Pages ---------------------------------------------------------------------------------------------------


@pytest.fixture
def me(client: Client) -> User:
    user: User = UserFactory(email="me@example.org")
    client.force_login(user)
    return user


def titles(client: Client, **query: str) -> list[str]:
    return [task.title for task in client.get(reverse("planner:tasks"), query).context["page"]]


def test_list_by_whose_and_which(client: Client) -> None:
    head = person_with(Role.HEAD, OrganizationFactory())
    client.force_login(head)
    colleague = UserFactory(organization=head.organization)
    TaskFactory(title="моя", assignee=head)
    TaskFactory(title="поздняя", assignee=head, due_on=today() - timedelta(days=1))
    services.complete_task(TaskFactory(title="законченная", assignee=head), head, "да")
    TaskFactory(title="поставленная", assignee=colleague, author=head)
    TaskFactory(title="чужая", assignee=colleague)
    TaskFactory(title="далёкая")

    assert titles(client) == ["поздняя", "моя"]
    assert titles(client, whose="mine", state="overdue") == ["поздняя"]
    assert titles(client, state="ended") == ["законченная"]
    assert titles(client, whose="given") == ["поставленная"]
    assert titles(client, whose="others") == ["поставленная", "чужая"]
    assert titles(client, whose="что-то", state="'") == ["поздняя", "моя"]


@pytest.mark.parametrize("count", [1, 5])
def test_list_takes_the_same_queries_whatever_the_rows(
    client: Client, me: User, count: int, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        TaskFactory(assignee=me, about=CaseFactory(status=Status.FOLLOW_UP, bare=True))

    with django_assert_num_queries(9):
        client.get(reverse("planner:tasks"))


def test_task_is_completed_with_its_outcome(client: Client) -> None:
    case = CaseFactory(status=Status.FOLLOW_UP)
    task, me = TaskFactory(assignee=case.responsible, about=case), case.responsible
    client.force_login(me)
    assert task.about.get_absolute_url() in client.get(task.get_absolute_url()).content.decode()

    client.post(reverse("planner:complete", args=[task.pk]), {"outcome": "Провели беседу"})

    task.refresh_from_db()
    assert (task.status, task.outcome, task.done_by) == ("done", "Провели беседу", me)


def test_completion_without_words_asks_for_them(client: Client, me: User) -> None:
    task = TaskFactory(assignee=me)

    response = client.post(reverse("planner:complete", args=[task.pk]), {"outcome": "  "})

    assert response.status_code == 422
    assert "чем закончилось" in response.content.decode()
    task.refresh_from_db()
    assert task.is_open


def test_colleague_and_stranger_get_404(client: Client) -> None:
    task = TaskFactory()
    for user in (
        UserFactory(email="colleague@example.org", organization=task.organization),
        person_with(Role.HEAD, OrganizationFactory()),
    ):
        client.force_login(user)
        assert client.get(task.get_absolute_url()).status_code == 404
        assert client.post(reverse("planner:complete", args=[task.pk]), {"outcome": "да"}).status_code == 404
        assert client.post(reverse("planner:reopen", args=[task.pk])).status_code == 404


def test_head_sees_a_colleagues_task_without_buttons(client: Client) -> None:
    task = TaskFactory()
    client.force_login(person_with(Role.HEAD, task.organization))

    page = client.get(task.get_absolute_url())

    assert page.status_code == 200
    assert "Отметить выполнение" not in page.content.decode()
    assert client.post(reverse("planner:complete", args=[task.pk]), {"outcome": "да"}).status_code == 404


def test_anonymous_and_wrong_methods(client: Client, me: User) -> None:
    task = TaskFactory(assignee=me)
    assert Client().get(reverse("planner:tasks")).status_code == 302
    assert Client().post(reverse("planner:complete", args=[task.pk])).status_code == 302
    assert client.get(reverse("planner:complete", args=[task.pk])).status_code == 405
    assert client.get(reverse("planner:reopen", args=[task.pk])).status_code == 405
    assert client.post(reverse("planner:tasks")).status_code == 405
    assert client.put(reverse("planner:add")).status_code == 405


def test_own_task_is_reopened(client: Client, me: User) -> None:
    task = TaskFactory(assignee=me)
    services.complete_task(task, me, "да")
    assert "Открыть снова" in client.get(task.get_absolute_url()).content.decode()

    assert client.post(reverse("planner:reopen", args=[task.pk])).status_code == 302

    task.refresh_from_db()
    assert task.is_open


def test_step_of_a_process_is_ended_where_the_process_learns_of_it(client: Client) -> None:
    case = CaseFactory(status=Status.FOLLOW_UP)
    step = TaskFactory(assignee=case.responsible, kind="talk", about=case)
    client.force_login(case.responsible)

    page = client.get(step.get_absolute_url()).content.decode()

    assert case.get_absolute_url() in page
    assert "Отметить выполнение" not in page
    assert client.post(reverse("planner:complete", args=[step.pk]), {"outcome": "да"}).status_code == 404
    assert client.post(reverse("planner:reopen", args=[step.pk])).status_code == 404
    row = f'href="{case.get_absolute_url()}">Открыть<'
    assert row in client.get(reverse("planner:tasks")).content.decode()


def test_talk_is_ended_on_the_card_of_the_link_by_whoever_has_it(client: Client) -> None:
    case = CaseFactory()
    talk = TaskFactory(assignee=case.responsible, organization=case.organization, kind=TALK, about=case)
    client.force_login(case.responsible)
    for address in (talk.get_absolute_url(), reverse("planner:tasks")):
        page = client.get(address).content.decode()
        assert f'href="{reverse("motor:link", args=[case.pk])}"' in page
    assert "Открыть и отметить" in client.get(talk.get_absolute_url()).content.decode()
    client.force_login(person_with(Role.HEAD, case.organization))
    page = client.get(talk.get_absolute_url()).content.decode()
    assert reverse("motor:link", args=[case.pk]) not in page
    assert f'href="{case.get_absolute_url()}">Перейти к карте' in page


def test_task_for_a_colleague_tells_him(client: Client) -> None:
    head = person_with(Role.HEAD, OrganizationFactory())
    colleague = UserFactory(email="colleague@example.org", organization=head.organization)
    client.force_login(head)
    data = {"title": "Открытый урок", "text": "", "people": colleague.pk, "due_on": today().isoformat()}

    response = client.post(reverse("planner:add"), data)

    assert response.status_code == 302
    task = Task.objects.get()
    assert (task.author, task.assignee, task.organization) == (head, colleague, head.organization)
    assert not task.is_required
    assert Letter.objects.get().to == colleague


def test_choices_name_nobody_out_of_scope(client: Client, me: User) -> None:
    stranger = UserFactory(email="stranger@example.org", organization=me.organization)

    page = client.get(reverse("planner:add")).content.decode()
    response = client.post(reverse("planner:add"), {"title": "Задача", "people": stranger.pk})

    assert stranger.last_name not in page
    assert response.status_code == 422
    assert not Task.objects.exists()


def test_past_date_is_refused_at_the_field(client: Client, me: User) -> None:
    yesterday = (today() - timedelta(days=1)).isoformat()

    response = client.post(reverse("planner:add"), {"title": "Задача", "people": me.pk, "due_on": yesterday})

    assert response.status_code == 422
    assert "Срок уже прошёл" in response.content.decode()
