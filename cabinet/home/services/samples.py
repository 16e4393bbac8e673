"""Sample lists to start from, and how a cell is shown on a page."""

from __future__ import annotations

from datetime import date
from io import BytesIO

from cabinet.core.spreadsheet import SheetSpec, write_workbook
from cabinet.core.spreadsheet.reader import Value
from cabinet.courses.models import ImportBatch

Kind = ImportBatch.Kind
NAMES: dict[str, str] = {Kind.COMPLETIONS: "Образец – слушатели.xlsx", Kind.STAFF: "Образец – ответственные.xlsx"}
LONGEST = 60

COMPLETIONS = SheetSpec(
    "Слушатели",
    [
        "ФИО",
        "Должность",
        "Предмет",
        "Образовательная организация",
        "Муниципальное образование",
        "E-mail",
        "Телефон",
        "Программа",
        "Часы",
        "Дата начала",
        "Дата окончания",
    ],
    [
        [
            "Образцова Анна Петровна",
            "Учитель",
            "Математика",
            "МБОУ «СОШ № 1»",
            "Кунгурский муниципальный округ",
            "obraztsova@example.org",
            "",
            "Формирующее оценивание на уроке",
            36,
            date(2026, 3, 2),
            date(2026, 3, 20),
        ]
    ],
    [32, 18, 18, 32, 32, 28, 18, 44, 8, 14, 14],
)
STAFF = SheetSpec(
    "Ответственные",
    [
        "Образовательная организация",
        "Муниципальное образование",
        "ФИО",
        "Должность",
        "E-mail",
        "Роль",
        "Предмет",
        "ШНОР",
    ],
    [
        [
            "МБОУ «СОШ № 1»",
            "Кунгурский муниципальный округ",
            "Образцова Анна Петровна",
            "Заместитель директора",
            "obraztsova@example.org",
            "методист ОО",
            "",
            "нет",
        ],
        [
            "Управление образования",
            "Кунгурский муниципальный округ",
            "Примеров Олег Ильич",
            "Методист",
            "primerov@example.org",
            "специалист ММС",
            "",
            "",
        ],
    ],
    [32, 32, 32, 24, 28, 18, 22, 8],
)


def sample_file(kind: str) -> BytesIO:
    target = BytesIO()
    write_workbook(target, [STAFF if kind == Kind.STAFF else COMPLETIONS])
    target.seek(0)
    return target


def shown(value: Value) -> str:
    text = f"{value:%d.%m.%Y}" if isinstance(value, date) else " ".join(str(value).split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
