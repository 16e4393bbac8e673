"""Lists of слушатели: exactly the expected answers, and what a list may and may not change."""

import json
from collections.abc import Callable, Iterable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook, load_workbook

from cabinet.courses.models import Completion, Course, ImportBatch, Programme
from cabinet.home.reference import load_reference
from cabinet.structure.models import Municipality, Organization, OrganizationAlias, Position
from cabinet.users.models import User

DATA = Path(__file__).parents[1] / "data"
HEADER = ["ФИО", "Школа", "Район", "E-mail", "Программа", "Часы", "Начало", "Окончание"]
ROW = ["Иванова Анна Петровна", "МБОУ «СОШ № 5»", "Кунгурский МО", "ivanova@example.org", "Урок", 36]
ROW += ["02.03.2026", "16.03.2026"]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def region(db: None) -> None:
    load_reference()


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., Path]:
    def save_list(*rows: Iterable[Any], header: Iterable[Any] = HEADER) -> Path:
        book = Workbook()
        sheet = book.active
        assert sheet is not None
        for row in (header, *rows):
            sheet.append(list(row))
        path = tmp_path / "list.xlsx"
        book.save(path)
        return path

    return save_list


def run(path: Path, *flags: str) -> dict[str, Any]:
    out = StringIO()
    call_command("import_completions", str(path), "--json", *flags, stdout=out)
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


def refused(path: Path, *flags: str) -> str:
    out = StringIO()
    with pytest.raises(SystemExit) as stop:
        call_command("import_completions", str(path), "--json", *flags, stdout=out)
    assert stop.value.code == 2
    answer = json.loads(out.getvalue())
    assert list(answer) == ["refused"]
    return str(answer["refused"])


def changed(**values: Any) -> list[Any]:
    names = ["name", "school", "place", "email", "programme", "hours", "start", "end"]
    return [values.get(name, was) for name, was in zip(names, ROW, strict=True)]


def counts() -> dict[str, int]:
    models = (User, Organization, OrganizationAlias, Programme, Course, Completion)
    return {model.__name__: model._default_manager.count() for model in models}


@pytest.mark.parametrize("name", ["simple", "messy"])
def test_roster_gives_the_expected_answer(name: str) -> None:
    path = DATA / f"roster-{name}.xlsx"
    expected = json.loads(path.with_suffix(".json").read_text())
    answer = run(path)
    assert {key: answer[key] for key in ("rows", "created", "unchanged")} == {
        key: expected[key] for key in ("rows", "created", "unchanged")
    }
    assert [error["row"] for error in answer["errors"]] == [error["row"] for error in expected["errors"]]
    assert set(answer) == {"rows", "created", "unchanged", "updated", "people_created", "errors", "warnings"}
    assert Completion.objects.count() == expected["created"]
    after = counts()
    again = run(path)
    assert (again["created"], again["updated"], again["people_created"]) == (0, 0, 0)
    assert again["unchanged"] == expected["created"] + expected["unchanged"]
    assert counts() == after


def test_dry_run_writes_nothing_and_says_the_same() -> None:
    path = DATA / "roster-messy.xlsx"
    before = counts()
    dry = run(path, "--dry-run")
    assert counts() == before
    assert not ImportBatch.objects.exists()
    assert dry == run(path)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("empty-file.xlsx", "пустой"),
        ("empty-sheet.xlsx", "не найдены заголовки"),
        ("inflates.xlsx", "слишком большой"),
        ("missing-columns.xlsx", "не найдены столбцы: Организация"),
        ("no-known-columns.xlsx", "не найдены заголовки"),
        ("not-a-spreadsheet.xlsx", "не таблица"),
        ("truncated.xlsx", "повреждён"),
        ("absent.xlsx", "Такого файла нет"),
    ],
)
def test_broken_file_is_refused_and_nothing_is_written(name: str, words: str) -> None:
    before = counts()
    assert words in refused(DATA / "broken" / name)
    assert counts() == before
    assert not ImportBatch.objects.exists()


def test_formula_without_a_value_is_a_missing_name() -> None:
    answer = run(DATA / "broken" / "formulas.xlsx")
    assert (answer["rows"], answer["created"]) == (5, 3)
    assert [(error["row"], error["column"]) for error in answer["errors"]] == [
        (2, "Фамилия, имя, отчество"),
        (3, "Фамилия, имя, отчество"),
    ]


def test_header_without_rows_is_refused(save: Callable[..., Path]) -> None:
    assert "нет ни одной заполненной строки" in refused(save())


def test_failed_rows_come_back_ready_to_be_sent_again(save: Callable[..., Path]) -> None:
    run(save(ROW, changed(name=None), changed(name="Петрова Вера", place="Марсианский округ", email="=1+1")))
    batch = ImportBatch.objects.get()
    assert batch.failed_rows is not None
    with batch.failed_rows.file.open("rb") as stream:
        rows = list(load_workbook(stream).worksheets[0].iter_rows(values_only=True))
    assert rows[0] == (*HEADER, "Строка исходного файла", "Что исправить")
    assert [row[-2] for row in rows[1:]] == [3, 4]
    assert rows[1][-1] == "Фамилия, имя, отчество: не указаны фамилия, имя, отчество"
    assert "«Марсианский округ» не найдено" in str(rows[2][-1])


def test_new_hours_are_taken_and_old_ones_do_not_come_back(save: Callable[..., Path]) -> None:
    run(save(ROW))
    assert run(save(changed(hours=40, start="01.03.2026")))["updated"] == 1
    completion = Completion.objects.get()
    assert (completion.hours, str(completion.starts_on)) == (40, "2026-03-01")
    assert run(save(changed(hours=40, start="01.03.2026")))["unchanged"] == 1
    assert run(save(changed(hours=None, start=None)))["unchanged"] == 1


def test_what_people_decided_later_stays(save: Callable[..., Path]) -> None:
    run(save(ROW))
    other = Organization.objects.create(name="МБОУ «СОШ № 7»", municipality=Municipality.objects.get(name="Осинский"))
    User.objects.update(contact_email="own@example.org", organization=other, position=Position.objects.first())
    Organization.objects.filter(name__contains="5").update(kind="other", low_results=True)
    Completion.objects.update(hours=18, starts_on="2026-03-05")
    Programme.objects.update(is_tracked=False)
    tables = (User, Organization, Programme, Course, Completion)
    before = [list(model._default_manager.order_by("pk").values()) for model in tables]
    answer = run(save(ROW))
    assert (answer["created"], answer["unchanged"], answer["updated"], answer["people_created"]) == (0, 1, 0, 0)
    assert [list(model._default_manager.order_by("pk").values()) for model in tables] == before


def test_person_who_moved_is_found_by_the_school_of_then(save: Callable[..., Path]) -> None:
    run(save(changed(email=None)))
    User.objects.update(organization=None)
    answer = run(save(changed(email=None)))
    assert (answer["unchanged"], answer["people_created"]) == (1, 0)


def test_same_person_by_email_and_surname(save: Callable[..., Path]) -> None:
    run(save(ROW))
    answer = run(save(changed(school="МБОУ «СОШ № 6»", programme="Другая", name="ИВАНОВА Анна Петровна")))
    assert (answer["created"], answer["people_created"]) == (1, 0)
    assert "другая организация" in answer["warnings"][-1]["message"]
    assert str(User.objects.get().organization) == "МБОУ «СОШ № 5»"
    assert Completion.objects.latest("pk").organization.name == "МБОУ «СОШ № 6»"


def test_same_person_by_name_and_organization_gets_the_missing_email(save: Callable[..., Path]) -> None:
    assert run(save(changed(email=None)))["warnings"][0]["message"].startswith("без контакта")
    assert User.objects.get().contact_email is None
    answer = run(save(changed(email="Ivanova@Example.org")))
    assert (answer["unchanged"], answer["people_created"]) == (1, 0)
    assert User.objects.get().contact_email == "ivanova@example.org"
    assert User.objects.get().email is None  # the contact is not the login


def test_email_of_someone_else_becomes_a_note(save: Callable[..., Path]) -> None:
    run(save(ROW))
    answer = run(save(changed(name="Сидорова Вера Ильинична")))
    assert answer["people_created"] == 1
    assert "уже у другого человека" in answer["warnings"][0]["message"]
    person = User.objects.get(last_name="Сидорова")
    assert person.contact_email is None
    assert "ivanova@example.org" in person.contact_note


def test_namesakes_in_different_schools_are_two_people(save: Callable[..., Path]) -> None:
    answer = run(save(changed(email=None), changed(email=None, school="МБОУ «СОШ № 6»")))
    assert answer["people_created"] == 2


def test_near_date_is_a_warning_and_a_far_one_is_not(save: Callable[..., Path]) -> None:
    run(save(ROW))
    near = run(save(changed(end="20.03.2026")))
    assert "исправьте дату" in near["warnings"][0]["message"]
    assert near["created"] == 1
    assert run(save(changed(end="20.09.2026")))["warnings"] == []


def test_spelling_of_a_school_does_not_make_another(save: Callable[..., Path]) -> None:
    run(save(ROW, changed(name="Петрова Вера Ильинична", email=None, school='МБОУ  "сош №5"')))
    assert Organization.objects.count() == 1
    run(save(changed(name="Белова Вера Ильинична", email=None, school="МБОУ «СОШ № 55»")))
    assert Organization.objects.count() == 2


def test_alias_is_the_organization(save: Callable[..., Path]) -> None:
    run(save(ROW))
    organization = Organization.objects.get()
    OrganizationAlias.objects.create(
        organization=organization, municipality=organization.municipality, name="Пятая школа"
    )
    answer = run(save(changed(school="пятая  школа")))
    assert answer["unchanged"] == 1
    assert Organization.objects.count() == 1


def test_federal_number_of_queries(save: Callable[..., Path]) -> None:
    """One row or forty: the same queries. SQLite takes some fifty people in one INSERT."""

    def queries(number: int, start: int) -> int:
        rows = [
            changed(name=f"Иванова{'а' * n} Анна", email=f"a{n}@example.org", school=f"СОШ № {n}", programme=f"П {n}")
            for n in range(start, start + number)
        ]
        with CaptureQueriesContext(
            connection,
        ) as found:
            run(save(*rows))
        return len(found)

    assert queries(1, 100) == queries(40, 1)
