"""Routes as an Excel file: exactly what is filtered, those without a route beside it."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from cabinet.files.models import StoredFile
from cabinet.jobs.models import Job
from cabinet.jobs.services import run_owed
from cabinet.users.models import LogEntry, Membership, Role, User
from iom.models import Status
from tests.factories import OrganizationFactory, RouteFactory, RouteItemFactory, UserFactory, person_with

pytestmark = pytest.mark.django_db
EXPORT = reverse("iom:export")


@pytest.fixture
def school() -> Any:
    return OrganizationFactory()


@pytest.fixture
def head(client: Client, school: Any) -> User:
    person = person_with(Role.HEAD, school)
    client.force_login(person)
    return person


def written(job: Job) -> dict[str, list[tuple[Any, ...]]]:
    stored = StoredFile.objects.get(owner_id=job.pk)
    with stored.file.open("rb") as file:
        book = load_workbook(file)
        return {sheet.title: list(sheet.iter_rows(min_row=2, values_only=True)) for sheet in book}


def test_file_holds_what_the_page_shows(client: Client, head: User, school: Any) -> None:
    route = RouteFactory(person=UserFactory(organization=school), status=Status.ACTIVE, title="=1+1")
    RouteItemFactory(route=route, status="confirmed")
    RouteFactory(person=UserFactory(organization=school), status=Status.DRAFT)
    RouteFactory(status=Status.ACTIVE)
    without = UserFactory(organization=school)

    answer = client.post(f"{EXPORT}?turn=doing")
    job = Job.objects.get()
    run_owed(job.pk)

    assert answer.headers["Location"] == job.get_absolute_url()
    sheets = written(job)
    ((name, *_, done, total, _, _, _),) = sheets["Маршруты"]
    assert (name, done, total, sheets["Маршруты"][0][5]) == (route.person.full_name, 1, 1, "=1+1")
    assert [row[0] for row in sheets["Без маршрута"]] == [without.full_name]
    assert ("Отбор: Чей ход", "педагог: выполнять мероприятия") in sheets["О файле"]
    assert LogEntry.objects.filter(action=LogEntry.Action.EXPORTED, actor=head).count() == 1


def test_second_click_orders_nothing_more(client: Client, head: User) -> None:
    client.post(EXPORT)
    client.post(EXPORT)

    assert Job.objects.count() == 1


def test_lost_role_gets_no_file(client: Client, head: User) -> None:
    client.post(EXPORT)
    Membership.objects.filter(user=head).delete()

    job = Job.objects.get()
    run_owed(job.pk)

    job.refresh_from_db()
    assert (job.state, "роли" in job.error) == (Job.State.FAILED, True)
    assert not StoredFile.objects.exists()


def test_teacher_exports_nothing(client: Client) -> None:
    client.force_login(UserFactory())

    assert client.post(EXPORT).status_code == 404
