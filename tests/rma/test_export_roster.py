"""The roster as a workbook: what stands in it, and that it comes back as it went."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from cabinet.core.clock import today
from cabinet.home.reference import load_reference
from cabinet.structure.models import Municipality, Position, Subject
from cabinet.users.models import Role
from rma.exports import write_roster
from rma.models import Direction, Function, Indicator, Member, MemberRole, StatusChange
from rma.services.roster import add_indicator, change_status, create_member
from tests.factories import OrganizationFactory, person_with

pytestmark = pytest.mark.django_db
Make = Callable[..., Member]


@pytest.fixture
def make(db: None) -> Make:
    load_reference()

    def make_member(name: str = "Белова", **fields: Any) -> Member:
        organization = fields.pop("organization", None) or OrganizationFactory(
            municipality=Municipality.objects.get(name="Кунгурский")
        )
        number = Member.objects.count()
        fields = {"position": Position.objects.get(name="Учитель"), "phone": "8 900", "email": None, **fields}
        fields.setdefault("contact_email", f"m{number}@example.org")
        user = person_with("teacher", organization, last_name=name, **fields)
        member = create_member(user, on=date(2022, 9, 15), order="№ 289")
        member.subjects.set(Subject.objects.filter(name__in=("Математика", "Физика")))
        member.roles.set(MemberRole.objects.filter(code__in=("mentor", "expert")))
        member.functions.set(Function.objects.all())
        member.directions.set(Direction.objects.all())
        add_indicator(member, "education", "higher", result="ПГПУ, 1998")
        add_indicator(member, "experience", "years", since=date(2004, 8, 25))
        add_indicator(member, "category", "top", since=date(2024, 3, 12))
        add_indicator(member, "assessment", "passed", since=date(2025, 11, 20), result="82 балла")
        return member

    return make_member


def export(members: Any = None, day: date | None = None) -> list[dict[str, Any]]:
    target = BytesIO()
    write_roster(target, Member.objects.all() if members is None else members, day or today())
    sheet = load_workbook(target).worksheets[0]
    headings, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(headings, row, strict=True)) for row in rows]


def test_row_of_a_card(make: Make) -> None:
    member = make()
    [row] = export()
    years = today().year - 2004 - ((today().month, today().day) < (8, 25))
    assert {name: value for name, value in row.items() if name not in ("Функции", "Направления")} == {
        "ФИО": "Белова Мария Петровна",
        "Образовательная организация": str(member.user.organization),
        "Муниципальное образование": "Кунгурский муниципальный округ",
        "Территория": member.user.organization.municipality.territory
        and str(member.user.organization.municipality.territory),
        "Должность": "Учитель",
        "Предметы": "Математика; Физика",
        "E-mail": "m0@example.org",
        "Телефон": "8 900",
        "Образование": "высшее: ПГПУ, 1998",
        "Работает по специальности с": row["Работает по специальности с"],
        "Стаж, лет": years,
        "Квалификационная категория": "высшая",
        "Дата присвоения категории": row["Дата присвоения категории"],
        "Оценка компетенций": "пройдена: 82 балла",
        "Дата оценки компетенций": row["Дата оценки компетенций"],
        "Формальных показателей из 4": 4,
        "Роли в РМА": "наставник; эксперт",
        "Состояние": "действует",
        "Состояние с": row["Состояние с"],
        "Приказ": "№ 289",
        "Предел запросов": 5,
        "Согласие показывать карточку": "нет",
    }
    assert row["Работает по специальности с"].date() == date(2004, 8, 25)
    assert row["Функции"].count(";") == 7


def send_back(members: Any, path: Path) -> dict[str, Any]:
    write_roster(path, members, today())
    out = StringIO()
    call_command("import_members", str(path), "--json", stdout=out)
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


def test_what_went_out_comes_back_and_changes_nothing(make: Make, tmp_path: Path) -> None:
    make()
    bare = make("Серова", contact_email=None, phone="")
    for name in ("subjects", "roles", "functions", "directions"):
        getattr(bare, name).clear()
    bare.indicators.all().delete()
    low = make("Титова")
    low.indicators.all().delete()
    add_indicator(low, "education", "secondary", result="колледж при институте")
    add_indicator(low, "category", "none")
    add_indicator(low, "assessment", "failed", since=date(2025, 3, 1), result="45 баллов")
    change_status(low, "suspended", on=date(2026, 3, 1), order="№ 5", reason="отпуск")
    before = [list(model._default_manager.order_by("pk").values()) for model in (Member, Indicator, StatusChange)]
    answer = send_back(Member.objects.all(), tmp_path / "roster.xlsx")
    assert (answer["created"], answer["unchanged"], answer["updated"], answer["errors"]) == (0, 3, 0, [])
    assert answer["people_created"] == 0
    after = [list(model._default_manager.order_by("pk").values()) for model in (Member, Indicator, StatusChange)]
    assert after == before


def test_what_went_out_makes_the_same_roster_where_there_is_none(make: Make, tmp_path: Path) -> None:
    make()
    before = export()
    path = tmp_path / "roster.xlsx"
    write_roster(path, Member.objects.all(), today())
    Indicator.objects.all().delete()
    StatusChange.objects.all().delete()
    Member.objects.all().delete()
    out = StringIO()
    call_command("import_members", str(path), "--json", stdout=out)
    assert json.loads(out.getvalue())["created"] == 1
    again = export()
    assert again[0] | {"Образование": ""} == before[0] | {"Образование": ""}
    assert Indicator.objects.count() == 4


def test_only_the_members_given(make: Make) -> None:
    other = OrganizationFactory()
    make("Белова")
    make("Серова", organization=other)
    specialist = person_with(Role.MUNICIPAL, other.municipality)
    assert [row["ФИО"] for row in export(Member.objects.kept_by(specialist))] == ["Серова Мария Петровна"]


def test_another_day_is_another_roster(make: Make) -> None:
    member = make()
    change_status(member, "suspended", on=date(2026, 3, 1), reason="отпуск")
    [row] = export(day=date(2023, 1, 1))
    assert (row["Состояние"], row["Квалификационная категория"], row["Оценка компетенций"]) == ("действует", None, None)
    assert (row["Стаж, лет"], row["Формальных показателей из 4"]) == (18, 2)


def test_category_that_has_ended_is_not_shown(make: Make) -> None:
    member = make()
    member.indicators.filter(kind="category").delete()
    add_indicator(member, "category", "top", since=date(2019, 2, 1))
    assert export()[0]["Квалификационная категория"] is None


def test_nothing_is_a_formula(make: Make) -> None:
    member = make("=SUM(A1)")
    member.roles.clear()
    StatusChange.objects.update(order="=1+1")
    target = BytesIO()
    write_roster(target, Member.objects.all(), today())
    cells = [cell for row in load_workbook(target).worksheets[0].iter_rows(min_row=2) for cell in row]
    assert [cell.data_type for cell in cells if str(cell.value).startswith("=")] == ["s", "s"]


def test_queries_do_not_depend_on_the_number(make: Make, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for count in (1, 5):
        while Member.objects.count() < count:
            make(f"Белова-{Member.objects.count()}")
        with django_assert_num_queries(7):
            assert write_roster(BytesIO(), Member.objects.all(), today()) == count


def test_experience_begins_to_count_on_its_day(make: Make) -> None:
    member = make()
    member.indicators.filter(kind="experience").delete()
    add_indicator(member, "experience", "years", since=today() - timedelta(days=4 * 365))
    assert export()[0]["Формальных показателей из 4"] == 3
