"""The guests of an event as a workbook."""

from collections.abc import Iterator
from typing import IO, Any

from cabinet.core.spreadsheet import SheetSpec, write_workbook
from cabinet.planner.models import Participation, ParticipationQuerySet

COLUMNS = {"№": 6, "ФИО": 36, "Должность": 26, "Организация": 44, "Ответ": 18, "Был(а)": 10}
CAME = {True: "да", False: "нет", None: ""}


def write_guests(target: IO[bytes], guests: ParticipationQuerySet) -> None:
    """One line per person, in the order given; the caller has chosen whose guests they are."""
    spec = SheetSpec("Участники", list(COLUMNS), _rows(guests), list(COLUMNS.values()))
    write_workbook(target, [spec])


def _rows(guests: ParticipationQuerySet) -> Iterator[list[Any]]:
    for number, one in enumerate(guests.iterator(chunk_size=2000), 1):
        person: Any = one.person
        answer = Participation.State(one.state).label
        where = str(person.organization or "")
        yield [number, person.full_name, str(person.position or ""), where, answer, CAME[one.attended]]
