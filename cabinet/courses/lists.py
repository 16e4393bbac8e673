"""The lists of courses: слушатели; organizations and responsible persons."""

from datetime import date
from typing import Any

from cabinet.core.spreadsheet import SheetSpec
from cabinet.courses.importing.fields import COMPLETIONS, STAFF
from cabinet.courses.models import ImportBatch
from cabinet.courses.services.kinds import ListKind, Sample, Words, register
from cabinet.courses.services.planning import CompletionPlan
from cabinet.courses.services.staff import StaffPlan, write_staff
from cabinet.courses.services.undoing import restore_completions
from cabinet.courses.services.writing import write_completions

LISTENERS = SheetSpec(
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
RESPONSIBLE = SheetSpec(
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


def restore(made: dict[str, Any]) -> None:
    restore_completions(made.get("changed", []))


register(
    ListKind(
        code=ImportBatch.Kind.COMPLETIONS,
        layout=COMPLETIONS,
        plan=CompletionPlan,
        write=write_completions,
        take_back=restore,
        sample=Sample("Образец – слушатели.xlsx", LISTENERS),
        words=Words(
            tab="Слушатели",
            lead="Слушатели курсов из таблицы Excel. По этому списку откроется отслеживание.",
            created="Новых прохождений",
            updated="Изменены часы или даты",
            written="Люди, организации и курсы на своих местах. Карты откроются в свой срок сами.",
            undone="прохождения курсов, запланированные карты, а также люди и организации, на которые больше ничего "
            "не ссылается",
            until="Пока не ушло первое письмо, загрузку можно отменить целиком.",
            too_late="По этому списку уже ушли письма, поэтому целиком его отменить нельзя. Отдельную карту можно "
            "остановить с указанием причины.",
        ),
    )
)
register(
    ListKind(
        code=ImportBatch.Kind.STAFF,
        layout=STAFF,
        plan=StaffPlan,
        write=write_staff,
        sample=Sample("Образец – ответственные.xlsx", RESPONSIBLE),
        words=Words(
            tab="Организации и ответственные",
            lead="Организации и те, кто отвечает в них за МОТОР. Без ответственных картами некому заниматься.",
            created="Новых назначений и организаций",
            updated="Дополнено",
            written="Организации и ответственные на своих местах. Карты, которые ждали ответственных, достанутся им.",
            undone="роли, а также люди и организации, на которые больше ничего не ссылается",
            until="Загрузку можно отменить целиком.",
            too_late="",
        ),
    )
)
