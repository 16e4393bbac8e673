"""What institutes write in the columns of the roster, cell by cell."""

from datetime import date
from typing import Any

import pytest

from cabinet.core.spreadsheet import Row, SheetHead
from cabinet.courses.importing.fields import COMPLETIONS, Field
from cabinet.courses.importing.headers import find_mapping
from cabinet.courses.importing.words import meaning
from rma.importing import values
from rma.importing.columns import MEMBERS, OWN, Column
from rma.importing.values import Said

NOW = date(2026, 11, 29)

HEADINGS = {
    Column.EXPERIENCE: ["Стаж", "Стаж (лет)", "Стаж работы по специальности", "Педагогический стаж, лет"],
    Column.EXPERIENCE_SINCE: ["Работает по специальности с", "Стаж по специальности с", "Дата начала стажа"],
    Column.CATEGORY: ["Категория", "Квалификационная категория", "Кв. категория", "Категория (дата присвоения)"],
    Column.CATEGORY_SINCE: ["Дата присвоения категории", "Категория → дата присвоения", "Дата аттестации"],
    Column.ASSESSMENT: ["Оценка компетенций", "Прошёл оценку компетенций (да/нет)", "Результат оценки"],
    Column.ASSESSED_ON: ["Дата оценки компетенций", "Оценка компетенций → дата"],
    Column.EDUCATION: ["Образование", "Уровень образования", "Образование (вуз, год)"],
    Column.ROLES: ["Роль", "Роли в РМА"],
    Column.FUNCTIONS: ["Функции", "Функции методиста РМА"],
    Column.DIRECTIONS: ["Направления", "Приоритетные направления деятельности"],
    Column.STATUS: ["Статус", "Состояние"],
    Column.STATUS_SINCE: ["Дата приказа", "Состояние с"],
    Column.ORDER: ["Приказ", "Приказ (номер, дата)"],
    Column.CASE_LIMIT: ["Предел запросов", "Лимит"],
    Column.CONSENT: ["Согласие", "Согласие на показ карточки"],
    Field.FULL_NAME: ["ФИО", "Методист РМА", "ФИО методиста РМА"],
    Field.ORGANIZATION: ["Образовательная организация", "Место работы"],
    Field.MUNICIPALITY: ["Муниципальное образование", "Муниципалитет", "Район"],
    Field.SUBJECT: ["Предмет", "Предметы"],
    None: ["Общий стаж", "Дата рождения", "СНИЛС", "Согласие на обработку персональных данных", "№ п/п", "Примечание"],
}


@pytest.mark.parametrize(
    ("heading", "meant"), [(one, meant) for meant, headings in HEADINGS.items() for one in headings]
)
def test_heading(heading: str, meant: str | None) -> None:
    assert meaning(heading, OWN)[0] == meant


def test_other_lists_still_never_take_these_columns() -> None:
    header = ["ФИО", "Школа", "Район", "Программа", "Дата окончания", "Стаж", "Категория", "Образование педагога"]
    mapping = find_mapping([SheetHead(0, "Лист", [Row(1, list(header))])], COMPLETIONS)
    assert mapping is not None
    assert sorted(mapping.columns) == [0, 1, 2, 3, 4]


def test_header_of_two_rows() -> None:
    upper = ["ФИО", "ОО", "МО", "Категория", None, "Оценка компетенций", None]
    lower = [None, None, None, "категория", "дата присвоения", "результат оценки", "дата оценки"]
    mapping = find_mapping([SheetHead(0, "Лист", [Row(1, list(upper)), Row(2, list(lower))])], MEMBERS)
    assert mapping is not None
    assert [mapping.columns.get(column) for column in range(3, 7)] == [
        "category",
        "category_since",
        "assessment",
        "assessed_on",
    ]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("высшее", Said("higher")),
        ("ВО", Said("higher")),
        ("Высшее педагогическое", Said("higher", result="Высшее педагогическое")),
        ("ПГПУ, бакалавриат", Said("higher", result="ПГПУ, бакалавриат")),
        ("среднее специальное; высшее", Said("higher", result="среднее специальное; высшее")),
        ("среднее профессиональное", Said("secondary")),
        ("Педагогический колледж", Said("secondary", result="Педагогический колледж")),
        ("-", None),
        (None, None),
    ],
)
def test_education(cell: Any, expected: Said | None) -> None:
    assert values.education(cell) == expected


@pytest.mark.parametrize("cell", ["неоконченное высшее", "11 классов", "студент 4 курса университета"])
def test_education_that_is_not_understood(cell: str) -> None:
    with pytest.raises(ValueError, match="не понято"):
        values.education(cell)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (12, date(2014, 11, 29)),
        ("12", date(2014, 11, 29)),
        ("12 лет", date(2014, 11, 29)),
        ("21 год", date(2005, 11, 29)),
        ("3 г. 6 мес.", date(2023, 5, 29)),
        ("12,5", date(2014, 5, 29)),
        ("более 20 лет", date(2006, 11, 29)),
        ("8 мес", date(2026, 3, 29)),
        (2010, date(2010, 9, 1)),
        ("с 2010 года", date(2010, 9, 1)),
        (2026, date(2026, 9, 1)),
        (date(1985, 8, 15), date(1985, 8, 15)),
        ("15.08.1985", date(1985, 8, 15)),
        ("нет", None),
        ("", None),
    ],
)
def test_experience(cell: Any, expected: date | None) -> None:
    assert values.experience(cell, NOW) == expected


@pytest.mark.parametrize("cell", ["давно", 90, 2031, 40422, "31.02.2010", date(2027, 1, 1), "-5"])
def test_experience_that_cannot_be(cell: Any) -> None:
    with pytest.raises(ValueError):
        values.experience(cell, NOW)


@pytest.mark.parametrize(
    ("cell", "since", "expected"),
    [
        ("высшая", None, Said("top")),
        ("ВЫСШАЯ категория", "12.03.2024", Said("top", date(2024, 3, 12))),
        ("первая", date(2021, 2, 10), Said("first", date(2021, 2, 10))),
        ("1", None, Said("first", proof="1")),
        ("педагог-методист", None, Said("methodist")),
        ("Педагог-наставник", None, Said("mentor")),
        ("высшая, педагог-методист", None, Said("methodist", proof="высшая, педагог-методист")),
        (
            "высшая, приказ № 5 от 12.03.2024",
            None,
            Said("top", date(2024, 3, 12), proof="высшая, приказ № 5 от 12.03.2024"),
        ),
        ("высшая до 12.03.2029", None, Said("top", proof="высшая до 12.03.2029")),
        ("б/к", None, Said("none")),
        ("нет", None, Said("none")),
        ("соответствие занимаемой должности", None, Said("none", proof="соответствие занимаемой должности")),
        ("-", None, None),
        (None, None, None),
    ],
)
def test_category(cell: Any, since: Any, expected: Said | None) -> None:
    assert values.category(cell, since, NOW) == expected


@pytest.mark.parametrize(("cell", "since"), [("вторая", None), (None, "12.03.2024"), ("высшая", "12.03.2027")])
def test_category_that_cannot_be(cell: Any, since: Any) -> None:
    with pytest.raises(ValueError):
        values.category(cell, since, NOW)


@pytest.mark.parametrize(
    ("cell", "on", "expected"),
    [
        ("да", None, Said("passed")),
        ("+", "20.11.2025", Said("passed", date(2025, 11, 20))),
        ("Пройдена", None, Said("passed")),
        ("пройдена 20.11.2025", None, Said("passed", date(2025, 11, 20))),
        (date(2025, 11, 20), None, Said("passed", date(2025, 11, 20))),
        (None, "20.11.2025", Said("passed", date(2025, 11, 20))),
        ("высокий уровень", None, Said("passed", result="высокий уровень")),
        (82, None, Said("passed", result="82")),
        ("пройдена: ниже среднего", None, Said("passed", result="пройдена: ниже среднего")),
        ("не пройдена", None, Said("failed")),
        ("не прошёл", "20.11.2025", Said("failed", date(2025, 11, 20), result="не прошёл")),
        ("низкий уровень", None, Said("failed", result="низкий уровень")),
        ("нет", "20.11.2025", Said("failed", date(2025, 11, 20))),
        # Nobody assessed him: the absence of an assessment is not a failed one.
        ("нет", None, None),
        ("не проходила", None, None),
        ("-", None, None),
    ],
)
def test_assessment(cell: Any, on: Any, expected: Said | None) -> None:
    assert values.assessment(cell, on, NOW) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("Действующий", "active"),
        ("кандидат", "candidate"),
        ("исключена", "excluded"),
        ("Не действует", "excluded"),
        ("Приостановлено", "suspended"),
        (None, None),
    ],
)
def test_status(cell: Any, expected: str | None) -> None:
    assert values.status(cell) == expected


def test_several_values_of_one_cell() -> None:
    cell = "1) Помощь (урок; занятие)\n2) Экспертиза;  ; \u2022 Консультации"
    assert values.parts(cell) == ("Помощь (урок; занятие)", "Экспертиза", "Консультации")
