"""Routes as an Excel file: exactly what is filtered, those without a route beside it."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

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


def test_cells_of_people_are_text_and_the_sheet_says_how_it_was_chosen(
    client: Client, head: User, school: Any, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    teacher = UserFactory(organization=school, last_name="=cmd|calc")
    RouteFactory(person=teacher, title="@SUM(A1)", status=Status.ACTIVE, is_outside=True, outside_note="+7")
    UserFactory(organization=school, last_name="-1")

    client.post(f"{EXPORT}?view=all&sort=person")
    job = Job.objects.get()
    with django_assert_max_num_queries(40):
        run_owed(job.pk)

    stored = StoredFile.objects.get(owner_id=job.pk)
    assert (stored.name.startswith("Маршруты 20"), stored.name.endswith(".xlsx")) == (True, True)
    with stored.file.open("rb") as file:
        book = load_workbook(file)
        cells = [cell for sheet in book for row in sheet for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    assert {"@SUM(A1)", "+7"} <= {cell.value for cell in cells}
    about = written(job)["О файле"]
    assert ("Маршрутов в файле", 1) in about
    assert ("Без маршрута в файле", 1) in about
    job.refresh_from_db()
    assert (job.done, job.total) == (2, 2)


def test_people_are_narrowed_by_the_same_words(client: Client, head: User, school: Any) -> None:
    UserFactory(organization=school, last_name="Абрамова")
    UserFactory(organization=school, last_name="Яковлева")

    client.post(f"{EXPORT}?view=none&q=яков")
    job = Job.objects.get()
    run_owed(job.pk)

    sheets = written(job)
    assert [row[0].split()[0] for row in sheets["Без маршрута"]] == ["Яковлева"]
    assert ("Без маршрута, отбор: ФИО или организация", "яков") in sheets["О файле"]
