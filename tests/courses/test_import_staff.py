"""Lists of organizations and responsible persons."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from openpyxl import Workbook

from cabinet.home.reference import load_reference
from cabinet.structure.models import Organization
from cabinet.users.models import Membership, User

HEADER = ["Наименование ОО", "Муниципалитет", "ФИО ответственного", "Должность", "E-mail", "Роль", "Предмет", "ШНОР"]
SCHOOL = ["МБОУ «СОШ № 5»", "Кунгурский МО"]
METHODIST = [*SCHOOL, "Сидорова Ольга Львовна", "завуч", "s@example.org", "методист ОО", "Математика; Физика", "да"]

pytestmark = pytest.mark.django_db
Send = Callable[..., dict[str, Any]]


@pytest.fixture
def send(db: None, tmp_path: Path) -> Send:
    load_reference()

    def send_list(*rows: list[Any], header: list[str] = HEADER) -> dict[str, Any]:
        book = Workbook()
        sheet = book.active
        assert sheet is not None
        for row in (header, *rows):
            sheet.append(row)
        path = tmp_path / "staff.xlsx"
        book.save(path)
        out = StringIO()
        call_command("import_staff", str(path), "--json", stdout=out)
        answer: dict[str, Any] = json.loads(out.getvalue())
        return answer

    return send_list


def roles() -> list[tuple[str, str, str]]:
    found = Membership.objects.order_by("role").select_related("user", "organization", "municipality")
    return [(one.user.last_name, one.role, str(one.organization or one.municipality or "")) for one in found]


def test_methodist_with_subjects_and_login(send: Send) -> None:
    answer = send(METHODIST)
    assert (answer["rows"], answer["created"], answer["people_created"], answer["errors"]) == (1, 1, 1, [])
    assert roles() == [("Сидорова", "methodist", "МБОУ «СОШ № 5»")]
    assert sorted(one.name for one in Membership.objects.get().subjects.all()) == ["Математика", "Физика"]
    person = User.objects.get()
    assert (person.email, person.contact_email) == ("s@example.org", "s@example.org")
    assert Organization.objects.get().low_results


def test_second_time_nothing_changes(send: Send) -> None:
    send(METHODIST)
    answer = send(METHODIST)
    assert (answer["created"], answer["unchanged"], answer["updated"], answer["people_created"]) == (0, 1, 0, 0)
    assert Membership.objects.count() == 1


def test_two_roles_in_one_cell(send: Send) -> None:
    send([*SCHOOL, "Сидорова Ольга Львовна", "директор", "s@example.org", "Руководитель, методист", None, None])
    assert [role for _name, role, _scope in roles()] == ["head", "methodist"]


def test_role_by_position_when_none_is_named(send: Send) -> None:
    answer = send(
        [*SCHOOL, "Сидорова Ольга Львовна", "И. о. директора", "s@example.org", None, None, None],
        [*SCHOOL, "Белова Ольга Львовна", "учитель", "b@example.org", None, None, None],
    )
    assert [(name, role) for name, role, _scope in roles()] == [("Сидорова", "head"), ("Белова", "methodist")]
    assert "роль не указана" in answer["warnings"][0]["message"]


def test_municipal_specialist_has_the_municipality(send: Send) -> None:
    send(["Управление образования", "Кунгурский МО", "Сидорова Ольга Львовна", None, "s@example.org", "специалист ММС"])
    assert roles() == [("Сидорова", "municipal", "Кунгурский муниципальный округ")]


@pytest.mark.parametrize("role", ["администратор", "наблюдатель министерства", "волшебник"])
def test_role_that_no_list_may_give(send: Send, role: str) -> None:
    answer = send([*SCHOOL, "Сидорова Ольга Львовна", None, "s@example.org", role])
    assert [error["column"] for error in answer["errors"]] == ["Роль"]
    assert not Membership.objects.exists()


def test_organization_without_a_person(send: Send) -> None:
    answer = send([*SCHOOL, None, None, None, None, None, "нет"])
    assert (answer["created"], answer["errors"]) == (1, [])
    assert not User.objects.exists()
    assert send([*SCHOOL])["unchanged"] == 1


def test_address_of_another_person_gives_no_login(send: Send) -> None:
    send(METHODIST)
    send([*SCHOOL, "Белова Вера Львовна", "учитель", "s@example.org", "методист"])
    assert User.objects.get(last_name="Белова").email is None
