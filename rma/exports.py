"""The roster as a workbook: for people to read, and for `import_members` to read back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import IO, Any

from cabinet.core.clock import full_years
from cabinet.core.spreadsheet import SheetSpec, write_workbook
from rma.importing.values import joined
from rma.models import Indicator, Member, MemberQuerySet, StatusChange
from rma.services.cards import current

Kind = Indicator.Kind
# Header → width. The years of service are for people: the day before them is what is read back.
COLUMNS = {
    "ФИО": 34,
    "Образовательная организация": 36,
    "Муниципальное образование": 32,
    "Территория": 18,
    "Должность": 24,
    "Предметы": 24,
    "E-mail": 28,
    "Телефон": 18,
    "Образование": 26,
    "Работает по специальности с": 16,
    "Стаж, лет": 8,
    "Квалификационная категория": 20,
    "Дата присвоения категории": 14,
    "Оценка компетенций": 24,
    "Дата оценки компетенций": 14,
    "Формальных показателей из 4": 14,
    "Роли в РМА": 26,
    "Функции": 44,
    "Направления": 44,
    "Состояние": 16,
    "Состояние с": 14,
    "Приказ": 34,
    "Предел запросов": 10,
    "Согласие показывать карточку": 14,
}


def write_roster(target: str | Path | IO[bytes], members: MemberQuerySet, day: date) -> int:
    """Write the cards of `members` as they stood on the day; says how many. Eight queries, whatever the number."""
    cards = list(
        members.select_related("user__organization__municipality__territory", "user__position").prefetch_related(
            "subjects", "roles", "functions", "directions", "indicators", "status_changes"
        )
    )
    spec = SheetSpec("Методисты РМА", list(COLUMNS), rows_of(cards, day), list(COLUMNS.values()))
    if isinstance(target, str | Path):
        with Path(target).open("wb") as file:
            write_workbook(file, [spec])
    else:
        write_workbook(target, [spec])
    return len(cards)


def rows_of(cards: list[Member], day: date) -> Iterator[list[Any]]:
    for card in cards:
        yield [*person_cells(card), *indicator_cells(card, day), *group_cells(card, day)]


def person_cells(card: Member) -> list[Any]:
    person, organization = card.user, card.user.organization
    municipality = organization.municipality if organization else None
    return [
        person.full_name,
        organization,
        municipality,
        municipality.territory if municipality else None,
        person.position,
        joined(sorted(one.name for one in card.subjects.all())),
        person.address,
        person.phone,
    ]


def indicator_cells(card: Member, day: date) -> list[Any]:
    """The two of each kind that say something: what, and since when."""
    rows = {kind: current(card.indicators.all(), kind, day) for kind in Kind}
    education, experience = rows[Kind.EDUCATION], rows[Kind.EXPERIENCE]
    category, assessment = rows[Kind.CATEGORY], rows[Kind.ASSESSMENT]
    return [
        in_words(education),
        experience.since if experience else None,
        full_years(experience.since, day) if experience and experience.since else None,
        category.get_grade_display() if category else None,
        category.since if category else None,
        in_words(assessment),
        assessment.since if assessment else None,
        sum(row.meets(day) for row in rows.values() if row),
    ]


def in_words(row: Indicator | None) -> str:
    """The grade first: by it the list is understood when it comes back."""
    if row is None:
        return ""
    label = row.get_grade_display()
    said = row.result.casefold().startswith(label)
    return row.result if said else f"{label}: {row.result}" if row.result else label


def group_cells(card: Member, day: date) -> list[Any]:
    order = last_order(card, day)
    return [
        joined(one.short for one in card.roles.all()),
        joined(one.short for one in card.functions.all()),
        joined(one.short for one in card.directions.all()),
        order.get_status_display() if order else card.get_status_display(),
        order.on if order else None,
        order.order if order else "",
        card.case_limit,
        "да" if card.is_shown else "нет",
    ]


def last_order(card: Member, day: date) -> StatusChange | None:
    return max(
        (one for one in card.status_changes.all() if one.on <= day), key=lambda one: (one.on, one.pk), default=None
    )
