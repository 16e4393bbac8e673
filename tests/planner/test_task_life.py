"""What is done with a task on its page: taken, ticked, ended, taken away, opened again, repeated."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cabinet.core.clock import next_working_day, today
from cabinet.mail.models import Letter
from cabinet.planner import services
from cabinet.planner.models import Task
from cabinet.planner.services import points
from cabinet.planner.services.task_giving import MOST_POINTS
from cabinet.users.models import Role, User
from motor.models import Status
from tests.factories import CaseFactory, OrganizationFactory, TaskFactory, UserFactory, person_with
from tests.planner.tasks import given, texts_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def teacher() -> User:
    user: User = UserFactory(email="teacher@example.org")
    return user


@pytest.fixture
def head(teacher: User) -> User:
    return person_with(Role.HEAD, teacher.organization)


@pytest.fixture
def task(head: User, teacher: User) -> Task:
    return given(head, [teacher], points=["Тема", "Класс", "День"], due_on=today() + timedelta(days=5))


def act(client: Client, name: str, task: Task, *more: Any, **data: Any) -> int:
    return client.post(reverse(f"planner:{name}", args=[task.pk, *more]), data).status_code


def titles(task: Task, client: Client) -> list[str]:
    return [one["title"] for one in client.get(task.get_absolute_url()).context["entries"]]


# --- Moving --------------------------------------------------------------------------------------------------------


def test_task_is_taken_put_back_and_done(client: Client, task: Task, teacher: User) -> None:
    client.force_login(teacher)
    act(client, "take", task, to="work")
    act(client, "take", task, to="work")
    task.refresh_from_db()
    assert task.started_at is not None
    assert [one.pk for one in client.get(reverse("planner:tasks"), {"state": "work"}).context["page"]] == [task.pk]

    act(client, "take", task, to="open")
    task.refresh_from_db()
    assert task.started_at is None

    response = client.post(reverse("planner:take", args=[task.pk]), {"to": "done"})
    assert response["Location"] == f"{task.get_absolute_url()}#task-complete"  # the head waits for words
    act(client, "complete", task, outcome="Провели <b>урок</b>")
    assert titles(task, client) == [
        "Выполнена: Провели <b>урок</b>",
        "Возвращена в «К выполнению»",
        "Взята в работу",
        "Поставлена",
    ]
    assert "<b>урок" not in client.get(task.get_absolute_url()).content.decode()


def test_what_one_gave_oneself_needs_no_words(client: Client, teacher: User) -> None:
    own = given(teacher)
    client.force_login(teacher)

    act(client, "take", own, to="done", next="/tasks/?look=board")
    own.refresh_from_db()
    assert own.status == "done"
    act(client, "take", own, to="work")
    own.refresh_from_db()
    assert own.is_open
    assert own.started_at is not None


def test_foreign_address_is_no_way_back(client: Client, teacher: User) -> None:
    own = given(teacher)
    client.force_login(teacher)
    for back in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        response = client.post(reverse("planner:take", args=[own.pk]), {"to": "work", "next": back})
        assert response["Location"] == own.get_absolute_url()


def test_author_alone_takes_it_away_and_says_why(client: Client, task: Task, head: User, teacher: User) -> None:
    client.force_login(teacher)
    assert client.get(reverse("planner:waive", args=[task.pk])).status_code == 404
    assert act(client, "waive", task, reason="Не хочу") == 404
    client.force_login(head)
    assert act(client, "waive", task, reason=" ") == 422

    act(client, "waive", task, reason="Урок отменён")
    act(client, "waive", task, reason="Ещё раз")

    task.refresh_from_db()
    assert (task.status, task.outcome) == ("waived", "Урок отменён")
    letter = Letter.objects.get(kind="task.changed")
    assert letter.to == teacher
    assert "Урок отменён" in letter.body


def test_opened_again_it_is_told_of(client: Client, task: Task, head: User, teacher: User) -> None:
    services.complete_task(task, teacher, "Провели")
    client.force_login(head)

    act(client, "reopen", task)
    act(client, "reopen", task)

    task.refresh_from_db()
    assert (task.is_open, task.started_at) == (True, None)
    assert [letter.to for letter in Letter.objects.filter(kind="task.changed")] == [teacher]
    assert "Раньше закончилось так" in client.get(task.get_absolute_url()).content.decode()


def test_strangers_and_lookers_do_nothing(client: Client, task: Task) -> None:
    point = task.points.first()
    assert point is not None
    near = person_with(Role.METHODIST, task.organization)
    stranger = person_with(Role.HEAD, OrganizationFactory())
    for user, reads in ((near, 200), (stranger, 404), (person_with(Role.OBSERVER), 404)):
        client.force_login(user)
        assert client.get(task.get_absolute_url()).status_code == reads
        for name, more in (("take", ()), ("complete", ()), ("waive", ()), ("edit", ()), ("attach", ())):
            assert act(client, name, task, *more, to="work", outcome="да", reason="да") == 404
        assert act(client, "point", task, point.pk, do="tick") == 404
        assert act(client, "point_add", task, text="Ещё") == 404
    client.logout()
    for name in ("task", "edit", "waive"):
        assert client.get(reverse(f"planner:{name}", args=[task.pk])).status_code == 302
    point.refresh_from_db()
    assert not point.is_done


def test_wrong_methods(client: Client, task: Task, teacher: User) -> None:
    client.force_login(teacher)
    for name in ("take", "complete", "reopen", "attach", "point_add"):
        assert client.get(reverse(f"planner:{name}", args=[task.pk])).status_code == 405
    assert client.get(reverse("planner:bulk")).status_code == 405
    assert client.put(reverse("planner:edit", args=[task.pk])).status_code == 405


def test_step_of_a_process_has_no_buttons(client: Client) -> None:
    case = CaseFactory(status=Status.FOLLOW_UP)
    step = TaskFactory(assignee=case.responsible, author=case.responsible, kind="talk", about=case)
    client.force_login(case.responsible)

    page = client.get(step.get_absolute_url()).content.decode()

    for word in ("Взять в работу", "Отметить выполнение", "Снять", "Изменить", "Приложить"):
        assert word not in page
    for name in ("take", "waive", "edit", "attach", "point_add"):
        assert act(client, name, step, to="work", reason="да", text="да") == 404


@pytest.mark.parametrize("count", [1, 5])
def test_page_takes_the_same_queries(client: Client, head: User, count: int, django_assert_num_queries: Any) -> None:
    people = [UserFactory(email=f"p{n}@example.org", organization=head.organization) for n in range(count + 1)]
    lines = [f"Пункт {n}" for n in range(count)]
    task = given(head, people, mark="m", points=lines, about=CaseFactory(organization=head.organization))
    for point in task.points.all():
        points.tick(point, people[0], is_done=True)
    task.participants.set(people[1:])
    client.force_login(head)
    client.get(task.get_absolute_url())

    with django_assert_num_queries(13):
        client.get(task.get_absolute_url())


# --- The checklist ---------------------------------------------------------------------------------------------------


def test_points_are_ticked_moved_added_and_removed(client: Client, task: Task, teacher: User) -> None:
    client.force_login(teacher)
    first, second, third = task.points.all()

    act(client, "point", task, first.pk, do="tick")
    act(client, "point", task, first.pk, do="tick")
    act(client, "point", task, third.pk, do="up")
    act(client, "point", task, second.pk, do="remove")
    act(client, "point", task, second.pk, do="tick")
    act(client, "point_add", task, text=" Гости \n\nТема\n<i>")

    assert texts_of(task) == ["Тема", "День", "Гости", "<i>"]
    first.refresh_from_db()
    assert (first.is_done, first.done_by) == (True, teacher)
    page = client.get(task.get_absolute_url()).content.decode()
    assert "1 из 4" in page
    assert "Все пункты отмечены" not in page
    for point in task.points.all():
        act(client, "point", task, point.pk, do="tick")
    assert "Все пункты отмечены" in client.get(task.get_absolute_url()).content.decode()
    act(client, "point", task, first.pk, do="untick")
    first.refresh_from_db()
    assert (first.is_done, first.done_by, first.done_at) == (False, None, None)


def test_removed_point_is_put_back_as_it_was(client: Client, task: Task, teacher: User) -> None:
    client.force_login(teacher)
    second = task.points.all()[1]
    points.tick(second, teacher, is_done=True)
    act(client, "point", task, second.pk, do="remove")
    assert texts_of(task) == ["Тема", "День"]
    assert "Пункт убран: Класс" in client.get(task.get_absolute_url()).content.decode()
    for _ in range(2):
        act(client, "point", task, second.pk, do="back")
    assert texts_of(task) == ["Тема", "Класс", "День"]
    again = task.points.all()[1]
    assert (again.is_done, again.done_by) == (True, teacher)
    page = client.get(task.get_absolute_url()).content.decode()
    assert page.count("Возвращён пункт: Класс") == page.count("Убран пункт: Класс") == 1


def test_first_stays_first_and_last_last(task: Task) -> None:
    first, _, last = task.points.all()

    assert not points.move(first, up=True)
    assert not points.move(last, up=False)
    assert texts_of(task) == ["Тема", "Класс", "День"]


def test_list_has_its_limit_and_an_ended_task_keeps_its_own(task: Task, teacher: User) -> None:
    assert points.add(task, [f"Пункт {n}" for n in range(60)]) == MOST_POINTS - 3
    services.complete_task(task, teacher, "да")
    point = task.points.all()[0]

    assert points.add(task, ["Ещё"]) == 0
    assert not points.tick(point, teacher, is_done=True)
    assert not points.remove(point, teacher)


def test_htmx_gets_the_list_only(client: Client, task: Task, teacher: User) -> None:
    client.force_login(teacher)
    point = task.points.all()[0]

    response = client.post(
        reverse("planner:point", args=[task.pk, point.pk]), {"do": "tick"}, headers={"HX-Request": "true"}
    )

    page = response.content.decode()
    assert response.status_code == 200
    assert "1 из 3" in page
    assert "<html" not in page


def test_point_of_another_task_is_not_touched(client: Client, task: Task, teacher: User) -> None:
    other = given(task.author, [task.author], points=["Чужой"])
    client.force_login(teacher)

    act(client, "point", task, other.points.get().pk, do="tick")

    assert not other.points.get().is_done


# --- Repeating -------------------------------------------------------------------------------------------------------


def repeated(head: User, teacher: User, every: str, due_on: date, until: date | None = None) -> Task:
    return given(head, [teacher], repeats=every, due_on=due_on, repeats_until=until, points=["Тема"])


def test_next_one_is_given_once(head: User, teacher: User) -> None:
    helper = UserFactory(email="h@example.org")
    task = repeated(head, teacher, "week", today() + timedelta(days=2))
    task.participants.add(helper)
    points.tick(task.points.get(), teacher, is_done=True)

    assert services.complete_task(task, teacher, "да")
    assert not services.complete_task(task, teacher, "ещё раз")
    services.reopen_task(task, head)
    services.complete_task(task, teacher, "и снова")

    following = Task.objects.exclude(pk=task.pk).get()
    task.refresh_from_db()
    assert task.next == following
    assert (following.title, following.assignee, following.author) == (task.title, teacher, head)
    assert following.due_on == next_working_day(today() + timedelta(days=9))
    assert [(point.text, point.is_done) for point in following.points.all()] == [("Тема", False)]
    assert list(following.participants.all()) == [helper]


def test_taken_away_it_is_not_repeated(head: User, teacher: User) -> None:
    task = repeated(head, teacher, "week", today() + timedelta(days=2))

    services.waive_task(task, head, "Больше не нужно")

    assert Task.objects.count() == 1


def test_last_one_is_the_last(head: User, teacher: User) -> None:
    due_on = today() + timedelta(days=2)
    task = repeated(head, teacher, "month", due_on, until=due_on + timedelta(days=20))

    services.complete_task(task, teacher, "да")

    assert Task.objects.count() == 1


def test_days_do_not_drift_and_none_is_past(head: User, teacher: User, monkeypatch: Any) -> None:
    for name in ("cabinet.planner.models.task.today", "cabinet.core.clock.today"):
        monkeypatch.setattr(name, lambda: date(2027, 1, 20))
    task = repeated(head, teacher, "month", date(2027, 1, 31))
    days = []
    for _ in range(3):
        services.complete_task(task, teacher, "да")
        assert task.next is not None
        task = task.next
        days.append(task.due_on)
    # 28.02 is a Sunday, 31.03 a Wednesday, 30.04 a Friday: of a short month the last day, of a long one the 31st.
    assert days == [next_working_day(date(2027, 2, 28)), next_working_day(date(2027, 3, 31)), date(2027, 4, 30)]
    late = repeated(head, teacher, "two_weeks", date(2026, 11, 2))
    services.complete_task(late, teacher, "да")
    assert late.next is not None
    assert late.next.due_on == next_working_day(date(2027, 1, 25))


def test_errand_done_ends_its_step_and_repeats_nothing() -> None:
    case = CaseFactory(status=Status.FOLLOW_UP)
    step = TaskFactory(assignee=case.responsible, kind="talk", about=case)
    mentor = UserFactory(email="m@example.org")
    errand = services.hand_over(step, to=mentor, author=case.responsible, due_on=timezone.localdate())
    assert errand is not None

    services.complete_task(errand, mentor, "Поговорили")

    step.refresh_from_db()
    assert (step.status, step.outcome) == ("done", "Поговорили")
    assert Letter.objects.get(kind="task.errand").to == case.responsible
    assert not services.complete_task(errand, mentor, "Ещё")


@pytest.mark.parametrize("has_helper", [True, False])
def test_next_one_goes_to_somebody_who_still_works(has_helper: bool) -> None:
    author, left, helper = (UserFactory(email=f"{name}@example.org") for name in ("a", "l", "h"))
    people = [left, helper] if has_helper else [left]
    task = given(author, people, is_shared=True, due_on=today() + timedelta(days=3), repeats="week")
    left.is_active = False
    left.save()
    task = Task.objects.get(pk=task.pk)
    assert services.complete_task(task, author, "да")
    task.refresh_from_db()
    assert (task.next.assignee if task.next else None) == (helper if has_helper else None)
    if task.next:
        assert list(task.next.participants.all()) == []
