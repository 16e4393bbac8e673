"""The directory as a workbook: what the page shows, with contacts, for those who keep or reach these people."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cabinet.core.spreadsheet import SheetSpec
from cabinet.core.spreadsheet.long import DAY, write_long
from cabinet.home.services.people import role_names
from cabinet.structure.models import Municipality
from cabinet.users.models import Membership

COLUMNS = {
    "ФИО": 36,
    "Прежние фамилии": 20,
    "Муниципальное образование": 32,
    "Образовательная организация": 40,
    "Должность": 26,
    "Предмет": 22,
    "Роли в кабинете": 30,
    "Почта для писем": 30,
    "Почта для входа": 30,
    "Телефон": 18,
    "Последний вход": 14,
}


FIELDS = (
    "pk",
    "last_name",
    "first_name",
    "patronymic",
    "former_names",
    "organization__municipality",
    "organization__name",
    "position__name",
    "subject__name",
    "contact_email",
    "email",
    "phone",
    "last_login",
)


def write_people(path: Path, people: Any) -> int:
    """Write the people in their order; says how many. Three queries, whatever the number."""
    roles = role_names(Membership.objects.active().filter(user__in=people.order_by().values("pk")))
    places = {one.pk: str(one) for one in Municipality.objects.all()}
    count = 0

    def lines() -> Iterator[list[Any]]:
        nonlocal count
        # Values and not cards: thirty thousand of those would take thrice the time.
        for pk, last, first, patronymic, former, place, *rest, seen in people.values_list(*FIELDS).iterator():
            count += 1
            name = " ".join(part for part in (last, first, patronymic) if part)
            organization, position, subject, *contacts = rest
            said = ", ".join(roles.get(pk, []))
            day = seen.date() if seen else None
            yield [name, former, places.get(place), organization, position, subject, said, *contacts, day]

    write_long(path, SheetSpec("Люди", list(COLUMNS), lines(), list(COLUMNS.values())), {"Последний вход": DAY})
    return count
