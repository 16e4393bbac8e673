"""A task for a whole group, its files stored once, and the author's line of what is done."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from cabinet.core.clock import today
from cabinet.files.models import Preview, PreviewPage, StoredFile
from cabinet.files.services import make_owed, remove_orphans, share_files
from cabinet.mail.choices import choices_of, choose
from cabinet.mail.digests import write_digests
from cabinet.mail.models import Letter
from cabinet.mail.services import send_all_owed
from cabinet.planner import services
from cabinet.planner.models import Task
from cabinet.planner.services.task_giving import attach
from cabinet.users.models import Role, User
from tests.factories import OrganizationFactory, UserFactory, person_with
from tests.planner.tasks import given

pytestmark = pytest.mark.django_db
SOON = today() + timedelta(days=5)
ADD = reverse("planner:add")


@pytest.fixture
def head(client: Client) -> User:
    user = person_with(Role.HEAD, OrganizationFactory())
    client.force_login(user)
    return user


def colleagues(head: User, count: int) -> list[User]:
    return [UserFactory(email=f"c{n}@example.org", organization=head.organization) for n in range(count)]


def txt(name: str = "план.txt") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, "Конспект урока".encode())


def on_disk() -> int:
    return sum(one.is_file() for one in Path(settings.MEDIA_ROOT).glob("*/*"))


# --- A whole group ---------------------------------------------------------------------------------------------------


def test_group_is_added_before_anything_is_given(client: Client, head: User) -> None:
    people = colleagues(head, 3)
    UserFactory(email=None, organization=head.organization)
    UserFactory(email="s@example.org")
    group = {"find": "group", "group": f"organization-{head.organization_id}", "role": ""}

    response = client.post(ADD, {"title": "Темы", "people": people[0].pk} | group)

    assert set(response.context["chosen"]) == set(people), "whoever is added is seen by him and has a login"
    assert "добавлено 2\xa0человека" in response.context["said"]
    assert 'value="Темы"' in response.content.decode()
    assert not Task.objects.exists()
    again = client.post(ADD, {"people": [one.pk for one in people]} | group)
    assert "добавлять больше некого" in again.context["said"]


def test_foreign_group_adds_nobody(client: Client, head: User) -> None:
    stranger = UserFactory(email="s@example.org")
    for code in (f"organization-{stranger.organization_id}", "region", "organization-x", "community-", ""):
        response = client.post(ADD, {"find": "group", "group": code})
        assert (response.status_code, response.context["chosen"]) == (200, []), code
        assert response.context["said"] == "Выберите группу."


def test_group_too_large_is_not_cut(client: Client, head: User, monkeypatch: Any) -> None:
    colleagues(head, 3)
    monkeypatch.setattr("cabinet.planner.services.task_giving.MOST_PEOPLE", 2)

    response = client.post(ADD, {"find": "group", "group": f"organization-{head.organization_id}"})

    assert response.context["chosen"] == []
    assert "3\xa0человека. За один раз — не больше 2" in response.context["said"]


def test_one_task_for_all_is_for_few(client: Client, head: User, monkeypatch: Any) -> None:
    monkeypatch.setattr("cabinet.planner.forms.task.MOST_TOGETHER", 2)
    data = {"title": "Темы", "people": [one.pk for one in colleagues(head, 3)], "mark": "m1"}

    assert "Поставьте каждому свою" in client.post(ADD, data | {"how": "shared"}).content.decode()
    assert not Task.objects.exists()
    client.post(ADD, data)
    assert Task.objects.count() == 3


def test_many_cost_what_few_do(head: User) -> None:
    people = colleagues(head, 13)
    given(head, people[:1])  # what a process reads once is read
    counts = []
    for part in (people[1:3], people[3:]):
        with CaptureQueriesContext(connection) as found:
            given(head, part, mark=f"m{len(part)}", points=["Тема", "Класс"], files=[txt()])
        counts.append(len(found))
    assert counts[0] == counts[1]
    assert Letter.objects.filter(kind="task.given").count() == 13
    assert list(Task.objects.search("открытого урока").order_by("pk")) == list(Task.objects.order_by("pk"))


# --- Files stored once -----------------------------------------------------------------------------------------------


def test_upload_for_each_lies_on_the_disk_once(client: Client, head: User) -> None:
    people = colleagues(head, 3)
    before = on_disk()
    client.post(ADD, {"title": "Темы", "people": [one.pk for one in people], "uploads": txt(), "mark": "m1"})

    files = list(StoredFile.objects.order_by("pk"))
    assert [one.owner.assignee for one in files] == people
    assert on_disk() == before + 1
    client.force_login(people[0])
    assert [client.get(one.get_absolute_url()).status_code for one in files] == [200, 404, 404]


def test_next_one_has_the_files_of_the_order_and_not_what_came_of_it(client: Client, head: User) -> None:
    (person,) = colleagues(head, 1)
    task = given(head, [person], repeats="month", due_on=SOON, files=[txt("образец.txt")])
    attach(task, [txt("отчёт за месяц.txt")], person)
    before = on_disk()

    services.complete_task(task, person, "да")

    task.refresh_from_db()
    assert task.next is not None
    (stored,) = task.next.files.all()
    assert (stored.name, stored.uploaded_by) == ("образец.txt", head)
    assert on_disk() == before
    Task.objects.filter(pk=task.pk).delete()
    remove_orphans(timedelta(seconds=-1))
    for user, status in ((head, 200), (person, 200), (UserFactory(email="s@example.org"), 404)):
        client.force_login(user)
        assert client.get(stored.get_absolute_url()).status_code == status


@pytest.mark.parametrize("is_drawn_before", [True, False])
def test_preview_is_drawn_once_for_all(head: User, is_drawn_before: bool) -> None:
    task, other = given(head, files=[_picture()]), given(head)
    (stored,) = task.files.all()
    if is_drawn_before:
        assert make_owed(Preview.objects.get().pk)
    share_files([stored], [other])
    if not is_drawn_before:
        assert make_owed(Preview.objects.get().pk)

    assert Preview.objects.owed().count() == 0
    assert [list(one.preview.numbers) for one in StoredFile.objects.order_by("pk")] == [[1], [1]]
    assert PreviewPage.objects.order_by().values("file").distinct().count() == 1


def _picture() -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", (40, 30), "white").save(out, "PNG")
    return SimpleUploadedFile("схема.png", out.getvalue())


# --- The author learns -----------------------------------------------------------------------------------------------


def lines() -> list[str]:
    """What the authors' daily letters would say now."""
    send_all_owed()
    return list(Letter.objects.filter(kind="task.done", state="held").order_by("pk").values_list("subject", flat=True))


def test_author_reads_it_in_the_daily_letter_whatever_he_chose(head: User) -> None:
    (person,) = colleagues(head, 1)
    choose(head, dict.fromkeys(choices_of(head), "at_once"))
    task = given(head, [person])

    services.complete_task(task, person, "Провели")

    assert lines() == [f"Выполнено: Открытый урок ({person.short_name})"]
    choose(head, dict.fromkeys(choices_of(head), "at_once"))
    assert len(lines()) == 1, "saving the choices sends it no sooner"
    Letter.objects.filter(state="held").update(due_at=timezone.now() - timedelta(minutes=1))
    assert write_digests() == 1
    daily = Letter.objects.get(kind="digest.daily")
    assert daily.to == head
    assert f"— Выполнено: Открытый урок ({person.short_name})" in daily.body
    assert task.get_absolute_url() in daily.body


def test_who_did_it_himself_or_gave_it_to_himself_reads_nothing(head: User) -> None:
    (person,) = colleagues(head, 1)
    services.complete_task(given(head, [person]), head, "Сделала сама")
    services.complete_task(given(head), head, "")

    assert lines() == []


def test_of_many_one_line_says_how_many(head: User) -> None:
    people = colleagues(head, 4)
    given(head, people, mark="m1")
    tasks = list(Task.objects.order_by("pk"))
    services.waive_task(tasks[0], head, "Не нужно")

    for task in tasks[1:3]:
        services.complete_task(task, task.assignee, "да")
    assert lines() == ["Выполнено 2 из 3: Открытый урок"]

    services.reopen_task(tasks[2], head)
    assert lines() == ["Выполнено 1 из 3: Открытый урок"]
    services.reopen_task(tasks[1], head)
    assert lines() == []


def test_opened_again_before_the_morning_it_is_not_told(head: User) -> None:
    (person,) = colleagues(head, 1)
    task = given(head, [person])
    services.complete_task(task, person, "да")
    services.reopen_task(task, person)
    assert lines() == []

    services.complete_task(task, person, "теперь да")
    assert len(lines()) == 1
