"""Every list of the Django admin as Excel: what is filtered is what leaves, as text, for staff only, with a trace."""

import re
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from cabinet.core.admin import WordSearchAdmin
from cabinet.core.models import CalendarDay
from cabinet.core.spreadsheet.long import unique_headers
from cabinet.home.views import admin_lists
from cabinet.mail.models import Letter
from cabinet.structure.models import Organization
from cabinet.users.models import LogEntry, Role, User
from motor.models import Case
from tests import factories
from tests.factories import CaseFactory, OrganizationFactory, UserFactory, person_with

pytestmark = pytest.mark.django_db

LISTS = sorted(
    (model for model, page in admin.site._registry.items() if isinstance(page, WordSearchAdmin) and page.has_excel),
    key=lambda model: model._meta.label,
)


@pytest.fixture
def staff(client: Client) -> User:
    user: User = person_with(Role.ADMIN, is_staff=True)
    client.force_login(user)
    return user


def address(model: Any) -> str:
    return reverse("home:admin_excel", args=[model._meta.app_label, model._meta.model_name])


def rows_of(response: Any) -> list[tuple[Any, ...]]:
    assert response.status_code == 200, response
    return list(load_workbook(BytesIO(b"".join(response.streaming_content))).active.values)


@pytest.mark.parametrize("model", LISTS, ids=lambda model: model._meta.label)
def test_every_list_becomes_a_file_in_a_constant_number_of_queries(
    client: Client, staff: User, model: Any, django_assert_max_num_queries: Any
) -> None:
    factory = getattr(factories, f"{model.__name__}Factory", None)

    def fetch() -> tuple[int, list[Any]]:
        with django_assert_max_num_queries(15) as queries:
            rows = rows_of(client.get(address(model)))
        return len(queries), rows

    if factory:
        factory()
    few, _ = fetch()
    if factory:
        factory.create_batch(4)
    many, rows = fetch()

    assert few == many
    assert len(rows[0]) == len(admin.site._registry[model].list_display)
    assert [header for header in rows[0] if re.search("[A-Za-z]{3}", header)] == []
    assert factory is None or len(rows) > 5


def test_filters_and_search_of_the_list_hold_for_its_file(client: Client, staff: User) -> None:
    wanted = OrganizationFactory(name="МБОУ «Гимназия № 7»", low_results=True)
    OrganizationFactory(name="МБОУ «Гимназия № 8»")

    rows = rows_of(client.get(address(Organization), {"q": "гимназия", "low_results__exact": "1"}))

    assert rows[0] == ("Название", "Тип ОО", "Муниципалитет", "ШНОР", "Действует")
    assert rows[1:] == [(wanted.name, wanted.get_kind_display(), str(wanted.municipality), "да", "да")]


def test_what_people_typed_stays_text(client: Client, staff: User) -> None:
    UserFactory(last_name="=1+1", first_name="@cmd")
    response = client.get(address(User), {"q": "=1+1"})

    sheet = load_workbook(BytesIO(b"".join(response.streaming_content))).active
    assert sheet is not None
    assert (sheet["A2"].value, sheet["A2"].data_type) == ("=1+1 @cmd Петровна", "s")


def test_case_list_says_states_and_names_in_words(client: Client, staff: User) -> None:
    case = CaseFactory(status="follow_up")

    row = rows_of(client.get(address(Case)))[1]

    assert row[1:5] == (
        case.person.full_name,
        case.organization.name,
        case.completion.course.programme.title,
        "Работа с результатом",
    )


def test_download_is_logged(client: Client, staff: User) -> None:
    rows_of(client.get(address(Organization)))

    line = LogEntry.objects.get(action="exported")
    assert (line.actor, line.note) == (staff, "администрирование: образовательные организации, строк: 1")


def test_letters_do_not_leave(client: Client, staff: User) -> None:
    assert client.get(address(Letter)).status_code == 404
    assert "Скачать Excel" not in client.get(reverse("admin:mail_letter_changelist")).content.decode()


def test_link_on_the_list_keeps_its_filters(client: Client, staff: User) -> None:
    OrganizationFactory()
    text = client.get(reverse("admin:structure_organization_changelist"), {"low_results__exact": "0"}).content.decode()

    assert f'href="{address(Organization)}?low_results__exact=0"' in text


@pytest.mark.parametrize("role", [Role.ADMIN, Role.HEAD, Role.OBSERVER])
def test_for_everybody_else_there_is_no_file(client: Client, role: Role) -> None:
    client.force_login(person_with(role, *([OrganizationFactory()] if role == Role.HEAD else [])))

    assert client.get(address(User)).status_code == 404
    assert not LogEntry.objects.filter(action="exported").exists()


@pytest.mark.parametrize("path", ["/lists/users/nothing/", "/lists/nowhere/user/", "/lists/auth/permission/"])
def test_what_is_not_a_list_is_404(client: Client, staff: User, path: str) -> None:
    assert client.get(path).status_code == 404


def test_nonsense_in_the_address_is_404(client: Client, staff: User) -> None:
    assert client.get(address(User), {"no_such_field__exact": "1"}).status_code == 404


def test_too_long_a_list_asks_for_a_filter(client: Client, staff: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admin_lists, "LIMIT", 0)

    response = client.get(address(Organization), {"q": "гимназия"}, follow=True)
    assert response.status_code == 200

    OrganizationFactory(name="Гимназия")
    response = client.get(address(Organization), {"q": "гимназия"})
    assert response["Location"].endswith("?q=%D0%B3%D0%B8%D0%BC%D0%BD%D0%B0%D0%B7%D0%B8%D1%8F")


def test_posting_is_not_a_way_to_read(client: Client, staff: User) -> None:
    assert client.post(address(User)).status_code == 405


def test_dates_are_dates_and_moments_are_of_the_region(client: Client, staff: User) -> None:
    moment = datetime(2026, 3, 12, 20, 30, tzinfo=UTC)
    LogEntry.objects.create(action="viewed", actor=staff, person=staff, at=moment)
    factories.CalendarDayFactory(day=date(2030, 1, 1))

    log = load_workbook(BytesIO(b"".join(client.get(address(LogEntry)).streaming_content))).active
    days = load_workbook(BytesIO(b"".join(client.get(address(CalendarDay)).streaming_content))).active

    assert log is not None
    assert days is not None
    assert (log["A2"].value, log["A2"].number_format) == (datetime(2026, 3, 13, 1, 30), "dd.mm.yyyy hh:mm")
    assert (days["A2"].value, days["A2"].number_format) == (datetime(2030, 1, 1), "dd.mm.yyyy")


def test_empty_list_is_a_heading(client: Client, staff: User) -> None:
    rows = rows_of(client.get(address(Case)))

    assert rows[0][1] == "Педагог"
    assert [value for row in rows[1:] for value in row if value is not None] == []


def test_equal_headings_are_told_apart() -> None:
    assert unique_headers(["Кто", "О ком", "Кто"]) == ["Кто", "О ком", "Кто 2"]
