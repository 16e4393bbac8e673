"""Headers of many institutes: which row, which columns."""

import json
from pathlib import Path

import pytest

from cabinet.core.spreadsheet import Row, SheetHead, peek, read_rows
from cabinet.courses.importing.fields import COMPLETIONS, STAFF, Field
from cabinet.courses.importing.headers import Mapping, find_mapping
from cabinet.courses.importing.rows import parse_rows
from cabinet.courses.importing.words import meaning

DATA = Path(__file__).parents[1] / "data"

HEADINGS = {
    Field.FULL_NAME: ["ФИО", "Ф.И.О. слушателя", "ф. и. о.", "Фамилия, имя, отчество (полностью)", "Слушатель"],
    Field.SURNAME: ["Фамилия", "ФАМИЛИЯ слушателя"],
    Field.GIVEN_NAMES: ["Имя, отчество", "Имя и отчество"],
    Field.ORGANIZATION: [
        "Школа",
        "Место работы (полностью)",
        "ОО",
        "Наименование образовательной организации (по уставу)",
        "Муниципальное общеобразовательное учреждение",
        "Учебное заведение",
    ],
    Field.MUNICIPALITY: [
        "Район",
        "МО",
        "Муниципальное  образование",
        "Муници-\nпальное образование",
        "Территория (МО)",
    ],
    Field.PROGRAMME: [
        "Тема курса",
        "Программа повышения квалификации",
        "Наименование ДПП",
        "КПК",
        "Название КПК (тема)",
    ],
    Field.HOURS: ["Часы", "Объём, ч", "Кол-во часов программы", "Количество академических часов", "Трудоемкость"],
    Field.PERIOD: ["Сроки обучения", "Период обучения", "Даты начала и окончания обучения", "Дата проведения курсов"],
    Field.STARTS_ON: ["Начало", "Дата начала курсов", "Дата зачисления", "Сроки обучения → с"],
    Field.ENDS_ON: ["Окончание", "Завершение", "Дата окончания обучения по программе", "Сроки → по", "Дата отчисления"],
    Field.ISSUED_ON: ["Дата выдачи удостоверения"],
    Field.EMAIL: ["E-mail", "Эл. почта", "Телефон, e-mail", "Адрес электронной почты педагога"],
    Field.PHONE: ["Телефон", "Контактный телефон"],
    Field.POSITION: ["Должность ", "Занимаемая должность", "Должность (предмет)"],
    Field.SUBJECT: ["Предмет", "Преподаваемый предмет"],
    None: [
        "№ п/п",
        "№",
        "Дата рождения",
        "СНИЛС",
        "ФИО директора",
        "Номер удостоверения",
        "Форма обучения",
        "Вид программы",
        "Квалификационная категория",
        "Стаж работы",
        "Место прохождения обучения",
    ],
}


@pytest.mark.parametrize(
    ("heading", "expected"), [(heading, meant) for meant, headings in HEADINGS.items() for heading in headings]
)
def test_heading_is_understood(heading: str, expected: Field | None) -> None:
    assert meaning(heading)[0] == expected


def head(*rows: list[object], start: int = 1, title: str = "Лист1", index: int = 0) -> SheetHead:
    return SheetHead(index, title, [Row(number, list(values)) for number, values in enumerate(rows, start)])  # type: ignore[arg-type]


FULL = ["ФИО", "Школа", "Район", "Тема", "Окончание"]


def test_header_below_titles() -> None:
    found = find_mapping(
        [head(["Список слушателей курсов"], ["Программа «А»", "36 часов"], FULL, start=7)], COMPLETIONS
    )
    assert found is not None
    assert (found.header_row, sorted(found.columns)) == (9, [0, 1, 2, 3, 4])


def test_header_below_row_20_is_not_looked_for() -> None:
    assert find_mapping([head(FULL, start=21)], COMPLETIONS) is None


def test_first_sheet_that_has_a_header() -> None:
    sheets = [head(["Инструкция"], title="Как заполнять"), head(FULL, title="Список", index=1)]
    found = find_mapping(sheets, COMPLETIONS)
    assert found is not None
    assert (found.sheet, found.sheet_title) == (1, "Список")


def test_two_rows_with_merged_cells() -> None:
    upper = ["№", "Слушатель", None, None, "Школа", "Район", "Программа", "Сроки обучения", None]
    lower = [None, "Фамилия", "Имя", "Отчество", None, None, None, "начало", "окончание"]
    found = find_mapping([head(upper, lower)], COMPLETIONS)
    assert found is not None
    assert found.first_data_row == 3
    assert found.headings[8] == "Сроки обучения → окончание"
    assert list(found.columns.values()) == [
        Field.SURNAME,
        Field.FIRST_NAME,
        Field.PATRONYMIC,
        Field.ORGANIZATION,
        Field.MUNICIPALITY,
        Field.PROGRAMME,
        Field.STARTS_ON,
        Field.ENDS_ON,
    ]


def test_first_row_of_data_is_not_taken_for_a_second_header() -> None:
    data = ["Иванова Анна", "МБОУ «Школа № 1»", "Пермский ГО", "Начало урока", "16.03.2026"]
    found = find_mapping([head(FULL, data)], COMPLETIONS)
    assert found is not None
    assert found.header_rows == 1


def test_theme_stands_in_for_a_missing_programme() -> None:
    found = find_mapping([head(["ФИО", "Школа", "Район", "Тематика", "Окончание"])], COMPLETIONS)
    assert found is not None
    assert found.columns[3] == Field.PROGRAMME


def test_missing_columns_are_named() -> None:
    found = find_mapping(peek(DATA / "broken" / "missing-columns.xlsx"), COMPLETIONS)
    assert found is not None
    assert COMPLETIONS.missing(found.columns.values()) == [
        "Организация",
        "Муниципальное образование",
        "Программа",
        "Дата окончания",
    ]


@pytest.mark.parametrize("name", ["no-known-columns.xlsx", "empty-sheet.xlsx"])
def test_no_header_at_all(name: str) -> None:
    assert find_mapping(peek(DATA / "broken" / name), COMPLETIONS) is None


def test_mapping_survives_as_data() -> None:
    found = find_mapping([head(FULL)], COMPLETIONS)
    assert found is not None
    assert Mapping.from_json(json.loads(json.dumps(found.as_json()))) == found


def test_staff_list() -> None:
    found = find_mapping([head(["Организация", "Муниципалитет", "Ответственный", "E-mail", "Роль", "ШНОР"])], STAFF)
    assert found is not None
    assert found.columns[4] == Field.ROLE
    assert not STAFF.missing(found.columns.values())


@pytest.mark.parametrize("name", ["simple", "messy"])
def test_rows_with_errors_are_those_expected(name: str) -> None:
    path = DATA / f"roster-{name}.xlsx"
    expected = json.loads(path.with_suffix(".json").read_text())
    found = find_mapping(peek(path), COMPLETIONS)
    assert found is not None
    rows = list(parse_rows(read_rows(path, found.sheet), found, COMPLETIONS))
    assert len(rows) == expected["rows"]
    assert [row.number for row in rows if row.errors] == [error["row"] for error in expected["errors"]]
    assert all(len(row.errors) == 1 for row in rows if row.errors)


def test_what_is_not_a_row_is_passed_over() -> None:
    sheet = head(
        FULL,
        [1, 2, 3, 4, 5],
        ["Иванова Анна", "МБОУ «Школа № 1»", "Пермский ГО", "Тема", "16.03.2026"],
        ["  ", None, "\xa0"],
        FULL,
        ["Итого:", 1],
        ["Исполнитель: Петрова А. А."],
    )
    found = find_mapping([sheet], COMPLETIONS)
    assert found is not None
    assert [row.number for row in parse_rows(sheet.rows, found, COMPLETIONS)] == [3]


def test_date_of_the_certificate_serves_when_there_is_no_other() -> None:
    sheet = head(
        ["ФИО", "Школа", "Район", "Программа", "Дата выдачи удостоверения"],
        ["Иванова Анна", "Школа № 1", "Пермский ГО", "Тема", "16.03.2026"],
    )
    found = find_mapping([sheet], COMPLETIONS)
    assert found is not None
    [row] = parse_rows(sheet.rows, found, COMPLETIONS)
    assert str(row.ends_on) == "2026-03-16"
    assert [problem.column for problem in row.warnings] == ["Электронная почта", "Дата выдачи удостоверения"]


def test_impossible_start_spoils_the_row() -> None:
    sheet = head(
        ["ФИО", "Школа", "Район", "Программа", "Начало", "Окончание"],
        ["Иванова Анна", "Школа № 1", "Пермский ГО", "Тема", "31.02.2026", "16.03.2026"],
        ["Иванова Анна", "Школа № 1", "Пермский ГО", "Тема", "17.03.2026", "16.03.2026"],
    )
    found = find_mapping([sheet], COMPLETIONS)
    assert found is not None
    first, second = parse_rows(sheet.rows, found, COMPLETIONS)
    assert [(problem.column, problem.message) for problem in first.errors] == [
        ("Дата начала", "дата «31.02.2026» невозможна")
    ]
    assert second.errors[0].message == "окончание 16.03.2026 раньше начала 17.03.2026"
