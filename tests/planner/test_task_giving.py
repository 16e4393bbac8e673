"""Giving a task: to oneself, to one, to each of several, to all together; changing it; what it is about."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from cabinet.core.clock import today
from cabinet.files.models import StoredFile
from cabinet.mail.models import Letter
from cabinet.planner.models import Task
from cabinet.planner.services import complete_task, task_giving
from cabinet.users.models import LogEntry, Role, User
from motor.models import Status
from tests.factories import CaseFactory, OrganizationFactory, UserFactory, person_with
from tests.planner.events import EventFactory
from tests.planner.tasks import given, texts_of

pytestmark = pytest.mark.django_db
SOON = today() + timedelta(days=5)
TXT = "Конспект урока".encode()


@pytest.fixture
def head(client: Client) -> User:
    user = person_with(Role.HEAD, OrganizationFactory())
    client.force_login(user)
    return user


def colleagues(head: User, count: int) -> list[User]:
    return [UserFactory(email=f"c{n}@example.org", organization=head.organization) for n in range(count)]


def send(client: Client, **data: Any) -> Any:
    return client.post(reverse("planner:add"), {"title": "Открытый урок", "mark": "m1"} | data)


def test_nobody_named_means_oneself(client: Client, head: User) -> None:
    assert send(client).status_code == 302

    task = Task.objects.get()
    assert (task.assignee, task.author, task.organization) == (head, head, head.organization)
    assert not Letter.objects.exists()


def test_to_each_a_task_of_his_own_once(client: Client, head: User) -> None:
    people = colleagues(head, 3)
    data = {"people": [one.pk for one in people], "points": "Тема\n\n Класс \nТема", "due_on": SOON.isoformat()}

    response = send(client, **data)
    send(client, **data)

    tasks = list(Task.objects.order_by("pk"))
    assert [task.assignee for task in tasks] == people
    assert {task.batch for task in tasks} == {"m1"}
    assert [texts_of(task) for task in tasks] == [["Тема", "Класс"]] * 3
    assert Letter.objects.filter(kind="task.given").count() == 3
    assert response["Location"] == reverse("planner:tasks", query={"whose": "given", "batch": "m1"})
    complete_task(tasks[1], people[1], "да")
    assert "1 из 3 выполнили" in client.get(tasks[0].get_absolute_url()).content.decode()
    page = client.get(response["Location"])
    assert list(page.context["page"]) == [tasks[0], tasks[2]]


def test_those_of_a_batch_do_not_see_one_another(client: Client, head: User) -> None:
    people = colleagues(head, 2)
    send(client, people=[one.pk for one in people])
    client.force_login(people[0])

    page = client.get(Task.objects.get(assignee=people[0]).get_absolute_url()).content.decode()

    assert "выполнили" not in page
    assert people[1].last_name not in page
    assert client.get(Task.objects.get(assignee=people[1]).get_absolute_url()).status_code == 404


def test_one_for_all_is_done_by_any_of_them(client: Client, head: User) -> None:
    people = colleagues(head, 3)
    send(client, people=[one.pk for one in people], how="shared")

    task = Task.objects.get()
    assert task.assignee == people[0]
    assert set(task.participants.all()) == set(people[1:])
    assert Letter.objects.filter(kind="task.given").count() == 3
    client.force_login(people[2])
    assert list(client.get(reverse("planner:tasks")).context["page"]) == [task]
    client.post(reverse("planner:complete", args=[task.pk]), {"outcome": "Провели"})
    task.refresh_from_db()
    assert (task.status, task.done_by) == ("done", people[2])


def test_too_many_at_once_are_refused_with_the_number(client: Client, head: User, monkeypatch: Any) -> None:
    monkeypatch.setattr("cabinet.planner.forms.task.MOST_PEOPLE", 2)
    response = send(client, people=[one.pk for one in colleagues(head, 3)])

    assert response.status_code == 422
    assert "не больше чем 2 людям" in response.content.decode()
    assert not Task.objects.exists()


def test_search_keeps_what_is_typed_and_gives_nothing_out(client: Client, head: User) -> None:
    first, second = colleagues(head, 2)
    User.objects.filter(pk=second.pk).update(last_name="Кузнецова", name_key="кузнецова анна")
    stranger = UserFactory(last_name="Кузнецов", email="s@example.org")

    data = {"find": "1", "who": "кузн", "people": first.pk, "text": "Подробно"}
    response = client.post(reverse("planner:add"), {"title": ""} | data)

    assert response.status_code == 200
    assert response.context["chosen"] == [first]
    assert response.context["found"] == [second]
    page = response.content.decode()
    assert "Подробно" in page
    assert "Напишите, что нужно сделать" not in page
    assert stranger not in response.context["found"]
    assert not Task.objects.exists()


def test_address_fills_the_form_in(client: Client, head: User) -> None:
    (person,) = colleagues(head, 1)
    stranger = UserFactory(email="s@example.org")

    query = {"due_on": SOON.isoformat(), "person": [str(person.pk), str(stranger.pk), "x"], "title": "<b>Урок"}
    response = client.get(reverse("planner:add"), query)

    page = response.content.decode()
    assert f'value="{SOON.isoformat()}"' in page
    assert response.context["chosen"] == [person]
    assert "&lt;b&gt;Урок" in page
    for odd in ("", "вчера", "2020-01-01", "2026-99-99"):
        assert client.get(reverse("planner:add"), {"due_on": odd}).status_code == 200


def test_about_a_row_one_sees_and_no_other(client: Client) -> None:
    case, foreign = CaseFactory(status=Status.FOLLOW_UP), CaseFactory(status=Status.FOLLOW_UP)
    client.force_login(case.responsible)
    address = reverse("planner:add")

    for one in (f"motor.case-{foreign.pk}", "users.user-1", "motor.case-x", "motor.case-", f"planner.task-{case.pk}"):
        client.post(f"{address}?about={one}", {"title": "Ни о чём", "mark": one.replace(".", "")[:22]})
    client.post(f"{address}?about=motor.case-{case.pk}", {"title": "О карте"})

    assert Task.objects.get(title="О карте").about == case
    assert set(Task.objects.exclude(title="О карте").values_list("about_id", flat=True)) == {None}


def test_what_it_is_about_is_named_only_to_those_who_see_it(client: Client, head: User) -> None:
    (person,) = colleagues(head, 1)
    event = EventFactory(title="Закрытое совещание", organization=OrganizationFactory())
    task = given(event.author, [person], about=event)

    client.force_login(person)
    assert "Закрытое совещание" not in client.get(task.get_absolute_url()).content.decode()
    client.force_login(event.author)
    assert event.get_absolute_url() in client.get(task.get_absolute_url()).content.decode()


def test_file_is_for_those_who_see_the_task(client: Client, head: User) -> None:
    (person,) = colleagues(head, 1)
    send(client, people=person.pk, uploads=SimpleUploadedFile("план.txt", TXT))
    stored = StoredFile.objects.get()
    assert stored.owner == Task.objects.get()

    for user, status in ((head, 200), (person, 200), (UserFactory(email="s@example.org"), 404)):
        client.force_login(user)
        assert client.get(stored.get_absolute_url()).status_code == status


def test_files_are_added_and_taken_away_by_whoever_brought_them(client: Client, head: User) -> None:
    (person,) = colleagues(head, 1)
    task = given(head, [person])
    bad = {"uploads": SimpleUploadedFile("a.exe", b"MZ\x00\x01" * 30)}
    assert client.post(reverse("planner:attach", args=[task.pk]), bad).status_code == 422
    client.post(reverse("planner:attach", args=[task.pk]), {"uploads": SimpleUploadedFile("план.txt", TXT)})
    stored = task.files.get()
    address = reverse("planner:detach", args=[task.pk, stored.public_id])

    client.force_login(person)
    assert client.post(address).status_code == 404
    client.force_login(head)
    assert client.get(address).status_code == 200
    assert client.post(address).status_code == 302
    assert client.post(address).status_code == 404
    assert not task.files.exists()


# --- Changing ------------------------------------------------------------------------------------------------------


def edit(client: Client, task: Task, **data: Any) -> Any:
    sent = {"title": task.title, "version": task.version, "people": task.assignee_id} | data
    return client.post(reverse("planner:edit", args=[task.pk]), sent)


def test_author_alone_changes_it_while_it_is_open(client: Client, head: User) -> None:
    (person,) = colleagues(head, 1)
    task = given(head, [person])
    for user in (person, person_with(Role.HEAD, head.organization), person_with(Role.ADMIN)):
        client.force_login(user)
        assert edit(client, task, title="Чужое").status_code == 404
    client.force_login(head)

    assert edit(client, task, title="Мастер-класс", due_on=SOON.isoformat()).status_code == 302

    task.refresh_from_db()
    assert (task.title, task.due_on, task.version) == ("Мастер-класс", SOON, 2)
    assert list(Task.objects.search("мастер-класса")) == [task]
    letter = Letter.objects.get(kind="task.changed")
    assert letter.to == person
    assert "Название: Мастер-класс" in letter.body
    complete_task(task, head, "да")
    assert edit(client, task, title="Поздно").status_code == 404


def test_second_editor_gets_a_comparison(client: Client, head: User) -> None:
    task = given(head)
    old = task.version
    edit(client, task, title="Первый")

    response = edit(client, task, version=old, title="Второй")

    assert response.status_code == 422
    assert [tuple(one) for one in response.context["differences"]] == [("название", "Первый", "Второй")]
    task.refresh_from_db()
    assert task.title == "Первый"
    assert edit(client, task, version=response.context["form"]["version"].value(), title="Второй").status_code == 302
    task.refresh_from_db()
    assert task.title == "Второй"


def test_another_person_is_told_and_the_old_one_has_it_no_more(client: Client, head: User) -> None:
    first, second = colleagues(head, 2)
    task = given(head, [first])

    edit(client, task, people=[second.pk])

    task.refresh_from_db()
    assert task.assignee == second
    assert [letter.to for letter in Letter.objects.filter(kind="task.given").order_by("pk")] == [first, second]
    told = Letter.objects.get(kind="task.changed")
    assert told.to == first
    assert "Теперь её делают другие" in told.body
    assert task.get_absolute_url() not in told.body
    assert LogEntry.objects.filter(note="Изменено: кому", about_id=task.pk).count() == 1


def test_saving_without_a_change_writes_to_nobody(client: Client, head: User) -> None:
    (person,) = colleagues(head, 1)
    task = given(head, [person])
    Letter.objects.all().delete()

    edit(client, task)

    assert not Letter.objects.exists()


def test_hostile_words_stay_words(client: Client, head: User) -> None:
    (person,) = colleagues(head, 1)
    send(client, people=person.pk, title="<script>{ссылка}", text="{имя} {{", points="<b>")

    task = Task.objects.get()
    page = client.get(task.get_absolute_url()).content.decode()
    assert "<script>{" not in page
    assert "<b>" not in page
    letter = Letter.objects.get()
    assert letter.subject == "Новая задача: <script>{ссылка}"
    assert "{{ссылка}}" in letter.body


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"title": " "}, "Напишите, что нужно сделать"),
        ({"repeats": "month"}, "Укажите первый срок"),
        ({"repeats": "week", "due_on": SOON.isoformat(), "repeats_until": SOON.isoformat()}, "повторять будет нечего"),
        ({"points": "\n".join(f"п{n}" for n in range(task_giving.MOST_POINTS + 1))}, "Не больше 40 пунктов"),
        ({"points": "д" * 301}, "длиннее 300 знаков"),
    ],
)
def test_mistakes_are_said_at_their_fields(client: Client, head: User, data: dict[str, str], words: str) -> None:
    response = send(client, **data)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Task.objects.exists()
