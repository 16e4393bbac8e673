"""The way of a list through the pages: file, columns, check, decisions, writing, undo."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook, load_workbook
from pytest_django.fixtures import DjangoAssertNumQueries

from cabinet.core.search import fold
from cabinet.courses.models import Completion, Course, ImportBatch, Programme
from cabinet.home.reference import load_reference
from cabinet.jobs.models import Job
from cabinet.jobs.services import run_owed
from cabinet.structure.models import Municipality, Organization, OrganizationAlias
from cabinet.users.models import Membership, Role, User
from motor.models import Case
from motor.services import open_due_cases, schedule_cases
from tests.factories import CompletionFactory, CourseFactory, person_with

HEADER = ["ФИО", "Школа", "Район", "E-mail", "Программа", "Часы", "Окончание"]
ROW = ["Сидорова Анна Петровна", "МБОУ «СОШ № 5»", "Кунгур", "sidorova@example.org", "Урок", 36, "16.03.2026"]
ADDRESSES = [
    "/courses/import/",
    "/courses/import/staff/",
    "/courses/import/members/",
    "/courses/import/sample/staff/",
    "/courses/import/{pk}/",
    "/courses/import/{pk}/columns/",
    "/courses/import/{pk}/undo/",
]

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(db: None) -> User:
    load_reference()
    return person_with(Role.ADMIN)


@pytest.fixture
def site(client: Client, admin: User) -> Client:
    client.force_login(admin)
    return client


def table(*rows: list[Any]) -> SimpleUploadedFile:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    target = BytesIO()
    book.save(target)
    return SimpleUploadedFile("список.xlsx", target.getvalue())


def upload(site: Client, *rows: list[Any], address: str = "/courses/import/") -> ImportBatch:
    response = site.post(address, {"file": table(*rows)})
    assert response.status_code == 302
    batch = ImportBatch.objects.latest("pk")
    assert response["Location"] == f"/courses/import/{batch.pk}/columns/"
    return batch


def accept_columns(site: Client, batch: ImportBatch, **changes: str) -> None:
    chosen = {f"column_{column}": meant for column, meant in batch.mapping["columns"].items()}
    response = site.post(f"/courses/import/{batch.pk}/columns/", chosen | changes)
    assert response.status_code == 302
    work()
    batch.refresh_from_db()


def work() -> None:
    for job in Job.objects.owed():
        run_owed(job.pk)


def confirm(site: Client, batch: ImportBatch, **choices: Any) -> None:
    tracked = {"track": [one["key"] for one in batch.result["preview"].get("programmes", [])]}
    response = site.post(f"/courses/import/{batch.pk}/confirm/", tracked | choices)
    assert response["Location"] == f"/courses/import/{batch.pk}/"
    work()
    batch.refresh_from_db()


def text_of(site: Client, batch: ImportBatch) -> str:
    response = site.get(f"/courses/import/{batch.pk}/")
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_from_file_to_completions(site: Client, admin: User) -> None:
    batch = upload(site, HEADER, ROW, [None, *ROW[1:]])
    page = site.get(f"/courses/import/{batch.pk}/columns/").content.decode()
    assert "Сидорова Анна Петровна" in page
    accept_columns(site, batch)
    assert not Completion.objects.exists()
    page = text_of(site, batch)
    assert "ещё ничего не записано" in page
    assert "не указаны фамилия, имя, отчество" in page
    assert "Всего 1 карта" in page
    confirm(site, batch)
    assert (batch.state, batch.result["created"], batch.result["failed"]) == ("done", 1, 1)
    assert Completion.objects.get().batch == batch
    assert Job.objects.latest("pk").state == Job.State.DONE
    page = text_of(site, batch)
    assert "Список загружен" in page
    assert batch.failed_rows is not None
    assert site.get(batch.failed_rows.get_absolute_url()).status_code == 200


def test_refused_file_is_an_error_at_the_field(site: Client) -> None:
    response = site.post("/courses/import/", {"file": SimpleUploadedFile("a.xlsx", "Это не таблица".encode())})
    assert response.status_code == 422
    assert "Это не таблица Excel" in response.content.decode()
    assert not ImportBatch.objects.exists()


def test_no_file_is_an_error_at_the_field(site: Client) -> None:
    response = site.post("/courses/import/", {})
    assert "Выберите файл со списком" in response.content.decode()


def test_column_is_corrected_by_hand(site: Client) -> None:
    batch = upload(site, [*HEADER[:4], "Что изучали", *HEADER[5:]], ROW)
    address = f"/courses/import/{batch.pk}/columns/"
    response = site.post(address, {f"column_{n}": one for n, one in batch.mapping["columns"].items()})
    assert response.status_code == 422
    assert "Укажите столбцы, без которых список не загрузить: Программа" in response.content.decode()
    accept_columns(site, batch, column_4="programme")
    assert batch.result["preview"]["created"] == 1


def test_one_meaning_for_one_column(site: Client) -> None:
    batch = upload(site, HEADER, ROW)
    chosen = {f"column_{column}": meant for column, meant in batch.mapping["columns"].items()}
    response = site.post(f"/courses/import/{batch.pk}/columns/", chosen | {"column_5": "organization"})
    assert "выбрано для нескольких столбцов" in response.content.decode()


def test_choice_of_an_organization_is_remembered(site: Client) -> None:
    place = Municipality.objects.get(name="Кунгурский")
    known = Organization.objects.create(name="МБОУ «Школа № 5»", municipality=place)
    Organization.objects.create(name="МБОУ «Школа № 55»", municipality=place)
    batch = upload(site, HEADER, ROW)
    accept_columns(site, batch)
    [entry] = batch.result["preview"]["organizations"]
    assert entry["nearest"] == [[known.pk, known.name]]
    confirm(site, batch, organization_0=str(known.pk))
    assert Completion.objects.get().organization == known
    assert [str(one) for one in OrganizationAlias.objects.all()] == ["МБОУ «СОШ № 5»"]
    again = upload(site, HEADER, ROW)
    accept_columns(site, again)
    assert again.result["preview"]["organizations"] == []
    assert again.result["preview"]["unchanged"] == 1


def test_organization_that_was_not_offered_cannot_be_chosen(site: Client) -> None:
    place = Municipality.objects.get(name="Кунгурский")
    Organization.objects.create(name="МБОУ «Школа № 5»", municipality=place)
    other = Organization.objects.create(name="Школа № 5", municipality=Municipality.objects.get(name="Осинский"))
    batch = upload(site, HEADER, ROW)
    accept_columns(site, batch)
    confirm(site, batch, organization_0=str(other.pk))
    assert Completion.objects.get().organization.name == "МБОУ «СОШ № 5»"


def test_unknown_municipality_is_chosen_and_the_list_checked_anew(site: Client) -> None:
    batch = upload(site, HEADER, [*ROW[:2], "Сельская территория", *ROW[3:]])
    accept_columns(site, batch)
    assert batch.result["preview"]["created"] == 0
    place = Municipality.objects.get(name="Осинский")
    confirm(site, batch, municipality_0=str(place.pk))
    assert batch.state == "uploaded"
    assert batch.choices["municipalities"] == {fold("Сельская территория"): place.pk}
    assert batch.result["preview"]["created"] == 1
    confirm(site, batch)
    assert Completion.objects.get().organization.municipality == place


def test_near_date_is_corrected_instead_of_added(site: Client) -> None:
    first = upload(site, HEADER, ROW)
    accept_columns(site, first)
    confirm(site, first)
    batch = upload(site, HEADER, [*ROW[:6], "20.03.2026"])
    accept_columns(site, batch)
    assert "16.03.2026 исправить на 20.03.2026" in text_of(site, batch)
    confirm(site, batch, redate="2")
    assert [str(one.course.ends_on) for one in Completion.objects.all()] == ["2026-03-20"]
    assert batch.result["updated"] == 1


def test_programme_may_stay_untracked(site: Client) -> None:
    batch = upload(site, HEADER, ROW)
    accept_columns(site, batch)
    confirm(site, batch, track=[])
    assert not Programme.objects.get().is_tracked
    assert schedule_cases() == 0


@pytest.mark.parametrize("word", [True, False])
def test_cases_already_due_wait_for_the_word(site: Client, word: bool) -> None:
    batch = upload(site, HEADER, [*ROW[:6], "16.03.2024"])
    accept_columns(site, batch)
    assert "срок которых уже наступил: 1" in text_of(site, batch)
    confirm(site, batch, **({"open_due_now": "yes"} if word else {}))
    schedule_cases()
    assert Case.objects.get().waits_for_word is not word


def test_second_click_orders_nothing(site: Client) -> None:
    batch = upload(site, HEADER, ROW)
    accept_columns(site, batch)
    jobs = Job.objects.count()
    site.post(f"/courses/import/{batch.pk}/confirm/")
    site.post(f"/courses/import/{batch.pk}/confirm/")
    assert Job.objects.count() == jobs + 1


def test_interrupted_writing_is_repeated_whole(site: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = upload(site, HEADER, ROW)
    accept_columns(site, batch)
    site.post(f"/courses/import/{batch.pk}/confirm/")

    def die(*args: Any, **kwargs: Any) -> None:
        raise OSError("the disk is gone")

    with monkeypatch.context() as patched:
        patched.setattr("cabinet.courses.services.writing.write_new", die)
        work()
    assert not Completion.objects.exists()
    Job.objects.update(due_at="2026-01-01T00:00:00Z")
    work()
    work()
    assert Completion.objects.count() == 1


def test_failed_job_can_be_tried_again(site: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = upload(site, HEADER, ROW)
    accept_columns(site, batch)
    site.post(f"/courses/import/{batch.pk}/confirm/")
    with monkeypatch.context() as patched:
        patched.setattr("cabinet.home.services.lists.import_list", lambda *a, **k: 1 / 0)
        work()
    assert "Попробовать ещё раз" in text_of(site, batch)
    site.post(f"/courses/import/{batch.pk}/confirm/")
    work()
    assert Completion.objects.count() == 1


def test_progress_is_a_fragment_until_it_ends(site: Client) -> None:
    batch = upload(site, HEADER, ROW)
    chosen = {f"column_{column}": meant for column, meant in batch.mapping["columns"].items()}
    site.post(f"/courses/import/{batch.pk}/columns/", chosen)
    part = site.get(f"/courses/import/{batch.pk}/", headers={"HX-Request": "true"})
    assert "<html" not in part.content.decode()
    assert "HX-Refresh" not in part
    assert 'http-equiv="refresh"' in text_of(site, batch)
    work()
    assert site.get(f"/courses/import/{batch.pk}/", headers={"HX-Request": "true"})["HX-Refresh"] == "true"


def test_undo_by_page(site: Client) -> None:
    batch = upload(site, HEADER, ROW)
    accept_columns(site, batch)
    confirm(site, batch)
    address = f"/courses/import/{batch.pk}/undo/"
    assert "Отменить загрузку?" in site.get(address).content.decode()
    assert Completion.objects.exists()
    site.post(address)
    assert not Completion.objects.exists()
    assert "Загрузка отменена" in text_of(site, batch)


def test_no_undo_button_after_the_first_letter(site: Client) -> None:
    batch = upload(site, HEADER, ROW)
    accept_columns(site, batch)
    confirm(site, batch, open_due_now="yes")
    schedule_cases()
    Case.objects.update(opens_on="2026-06-20", waits_for_word=False)
    open_due_cases()
    assert f"/courses/import/{batch.pk}/undo/" not in text_of(site, batch)
    assert "уже открыты карты" in site.post(f"/courses/import/{batch.pk}/undo/", follow=True).content.decode()
    assert Completion.objects.exists()


def test_staff_list_by_page(site: Client) -> None:
    batch = upload(
        site,
        ["Организация", "Муниципалитет", "ФИО", "E-mail", "Роль"],
        ["МБОУ «СОШ № 5»", "Кунгур", "Сидорова Ольга Львовна", "s@example.org", "методист"],
        address="/courses/import/staff/",
    )
    accept_columns(site, batch)
    confirm(site, batch)
    assert Membership.objects.get(user__last_name="Сидорова").role == Role.METHODIST


@pytest.mark.parametrize("kind", ["completions", "staff", "members"])
def test_sample_is_recognised(site: Client, kind: str) -> None:
    response = site.get(f"/courses/import/sample/{kind}/")
    content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    rows = [list(row) for row in load_workbook(BytesIO(content)).worksheets[0].iter_rows(values_only=True)]
    address = "/courses/import/" if kind == "completions" else f"/courses/import/{kind}/"
    batch = upload(site, *rows, address=address)
    accept_columns(site, batch)
    assert batch.result["preview"]["errors"] == []


@pytest.mark.parametrize("role", [Role.CURATOR, Role.OBSERVER, "teacher"])
def test_others_get_404(client: Client, site: Client, role: str) -> None:
    batch = upload(site, HEADER, ROW)
    client.force_login(person_with(role))
    for address in ADDRESSES:
        assert client.get(address.format(pk=batch.pk)).status_code == 404
    assert client.post("/courses/import/", {"file": table(HEADER, ROW)}).status_code == 404
    assert client.post(f"/courses/import/{batch.pk}/confirm/").status_code == 404


def test_anonymous_goes_to_the_entrance(client: Client, db: None) -> None:
    for address in ADDRESSES:
        assert client.get(address.format(pk=1))["Location"].startswith("/accounts/login/")


def test_list_of_lists_takes_the_same_queries(
    site: Client, admin: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for count in (1, 5):
        while ImportBatch.objects.count() < count:
            ImportBatch.objects.create(file_name="a.xlsx", created_by=admin)
        with django_assert_num_queries(5):
            site.get("/courses/import/")


def test_courses_take_the_same_queries(site: Client, django_assert_num_queries: Callable[[int], Any]) -> None:
    for count in (1, 5):
        while Course.objects.count() < count:
            CourseFactory()
        with django_assert_num_queries(5):
            assert site.get("/courses/?sort=-listeners").status_code == 200


def test_curator_sees_his_own_courses_only(client: Client, db: None) -> None:
    curator = person_with(Role.CURATOR)
    mine = CompletionFactory(course__curator=curator)
    other = CompletionFactory()
    client.force_login(curator)
    page = client.get("/courses/").content.decode()
    assert str(mine.course.programme) in page
    assert str(other.course.programme) not in page
    assert mine.person.full_name in client.get(f"/courses/{mine.course.pk}/").content.decode()
    assert client.get(f"/courses/{other.course.pk}/").status_code == 404


def test_filters_of_courses(site: Client) -> None:
    early, late = CourseFactory(ends_on="2026-02-01"), CourseFactory(ends_on="2026-05-01", is_tracked=False)
    for query, expected in (
        ("since=2026-03-01", [late]),
        ("tracked=yes", [early]),
        ("tracked=no", [late]),
        (f"programme={early.programme.title}", [early]),
        ("when=ahead", []),
        ("sort=ends", [early, late]),
    ):
        assert list(site.get(f"/courses/?{query}").context["page"]) == expected, query
