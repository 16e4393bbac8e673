"""What a column may mean, how people head it, and which of the columns a list cannot do without."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property


class Field(StrEnum):
    FULL_NAME = "full_name"
    SURNAME = "surname"
    FIRST_NAME = "first_name"
    PATRONYMIC = "patronymic"
    GIVEN_NAMES = "given_names"
    ORGANIZATION = "organization"
    MUNICIPALITY = "municipality"
    POSITION = "position"
    SUBJECT = "subject"
    EMAIL = "email"
    PHONE = "phone"
    PROGRAMME = "programme"
    TOPIC = "topic"
    HOURS = "hours"
    STARTS_ON = "starts_on"
    ENDS_ON = "ends_on"
    PERIOD = "period"
    ISSUED_ON = "issued_on"
    TRACK = "track"
    ROLE = "role"
    # For a list of staff.
    LOW_RESULTS = "low_results"


LABELS: dict[Field, str] = {
    Field.FULL_NAME: "Фамилия, имя, отчество",
    Field.SURNAME: "Фамилия",
    Field.FIRST_NAME: "Имя",
    Field.PATRONYMIC: "Отчество",
    Field.GIVEN_NAMES: "Имя и отчество",
    Field.ORGANIZATION: "Организация",
    Field.MUNICIPALITY: "Муниципальное образование",
    Field.POSITION: "Должность",
    Field.SUBJECT: "Предмет",
    Field.EMAIL: "Электронная почта",
    Field.PHONE: "Телефон",
    Field.PROGRAMME: "Программа",
    Field.TOPIC: "Тематика",
    Field.HOURS: "Часы",
    Field.STARTS_ON: "Дата начала",
    Field.ENDS_ON: "Дата окончания",
    Field.PERIOD: "Сроки обучения",
    Field.ISSUED_ON: "Дата выдачи удостоверения",
    Field.TRACK: "Отслеживать (да или нет)",
    Field.ROLE: "Роль",
    Field.LOW_RESULTS: "ШНОР",
}


@dataclass(frozen=True, slots=True)
class OwnColumn:
    """A column only one kind of list has, with its words: exact headings divided by «|», then a pattern.

    They are asked before the common ones, and even where those would never take the column. A common `Field` as
    the code gives it more words.
    """

    code: str
    label: str
    exact: str
    stem: str = ""


@dataclass(frozen=True)
class Layout:
    """A kind of list: the fields it may have and what must be there, each need met by any one of its sets."""

    code: str
    fields: frozenset[Field]
    needs: tuple[tuple[str, tuple[frozenset[Field], ...]], ...]
    own: tuple[OwnColumn, ...] = ()

    @cached_property
    def labels(self) -> dict[str, str]:
        """Every column of the list by its code, in the order of a form."""
        common = {str(one): LABELS[one] for one in Field if one in self.fields}
        return common | {str(column.code): column.label for column in self.own}

    @cached_property
    def needs_person(self) -> bool:
        """A staff list may name an organization without a person."""
        return any(ways == NAME_WAYS for _label, ways in self.needs)

    def missing(self, present: Iterable[str]) -> list[str]:
        """What the list lacks, in words."""
        have = set(present)
        return [label for label, ways in self.needs if not any(way <= have for way in ways)]


NAME_WAYS = (
    frozenset({Field.FULL_NAME}),
    frozenset({Field.SURNAME, Field.FIRST_NAME}),
    frozenset({Field.SURNAME, Field.GIVEN_NAMES}),
)
ONE_ORGANIZATION = (frozenset({Field.ORGANIZATION}),)
ONE_MUNICIPALITY = (frozenset({Field.MUNICIPALITY}),)
END_WAYS = (frozenset({Field.ENDS_ON}), frozenset({Field.PERIOD}), frozenset({Field.ISSUED_ON}))

COMPLETIONS = Layout(
    code="completions",
    fields=frozenset(Field) - {Field.ROLE, Field.LOW_RESULTS},
    needs=(
        (LABELS[Field.FULL_NAME], NAME_WAYS),
        (LABELS[Field.ORGANIZATION], ONE_ORGANIZATION),
        (LABELS[Field.MUNICIPALITY], ONE_MUNICIPALITY),
        (LABELS[Field.PROGRAMME], (frozenset({Field.PROGRAMME}),)),
        (LABELS[Field.ENDS_ON], END_WAYS),
    ),
)
# Who somebody is, where he works and how he is reached.
PERSON = frozenset(
    {
        Field.FULL_NAME,
        Field.SURNAME,
        Field.FIRST_NAME,
        Field.PATRONYMIC,
        Field.GIVEN_NAMES,
        Field.ORGANIZATION,
        Field.MUNICIPALITY,
        Field.POSITION,
        Field.SUBJECT,
        Field.EMAIL,
        Field.PHONE,
    }
)
STAFF = Layout(
    code="staff",
    fields=PERSON | {Field.ROLE, Field.LOW_RESULTS},
    needs=(
        (LABELS[Field.ORGANIZATION], ONE_ORGANIZATION),
        (LABELS[Field.MUNICIPALITY], ONE_MUNICIPALITY),
    ),
)
