"""By what a summary counts: from the value a line carries to the group it stands in."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import models
from django.db.models import F
from django.db.models.functions import TruncQuarter
from django.utils.text import capfirst

from cabinet.courses.models import Programme
from cabinet.structure.models import Municipality, Organization, Position, Subject, Territory, Topic
from motor.models import Case

NONE = "none"
Key = tuple[str, str]  # breakdown, id in it
TOTAL: Key = ("total", "")


@dataclass(frozen=True)
class Breakdown:
    """`column` is what the database groups by: dates by quarters, their days would be thousands.

    `inside` names the wider breakdown that holds this one's groups; `links` gives the filters of the registry that
    find a group's lines, by its id (without it the filter has the breakdown's own name).
    """

    code: str
    title: str
    heading: str
    column: Any
    none: str = "не указано"
    model: type[models.Model] | None = None
    choices: dict[str, str] | None = None
    inside: str = ""
    links: Callable[[str], dict[str, str]] | None = None

    def names(self, ids: Collection[str]) -> dict[str, str]:
        """What the groups are called."""
        if self.code in PERIODS:
            return {pk: _period_name(pk) for pk in ids}
        if self.model is None:
            return self.choices or {}
        found = self.model._default_manager.filter(pk__in=[pk for pk in ids if pk != NONE])
        return {str(one.pk): str(one) for one in found} | {NONE: self.none}

    def order(self, label: str, pk: str) -> Any:
        """Groups stand by name, periods by time, codes as their choices do; «не указано» comes last."""
        if self.choices:
            return list(self.choices).index(pk) if pk in self.choices else len(self.choices)
        return pk if self.code in PERIODS else (pk == NONE, label)

    def address(self, pk: str) -> dict[str, str]:
        if self.links is not None:
            return self.links(pk)
        return {self.code: pk}


def quarter_of(day: date) -> str:
    return f"{day.year}-q{(day.month + 2) // 3}"


def half_of(day: date) -> str:
    return f"{day.year}-h{1 if day.month < 7 else 2}"


def period_of(pk: str) -> tuple[date, date]:
    """The first and the last day of «2026-q3» or «2026-h1»."""
    year, kind, number = int(pk[:4]), pk[5], int(pk[6])
    months = 3 if kind == "q" else 6
    first = date(year, months * (number - 1) + 1, 1)
    after = date(year + 1, 1, 1) if months * number == 12 else date(year, months * number + 1, 1)
    return first, after - timedelta(days=1)


def _period_name(pk: str) -> str:
    year, kind, number = pk[:4], pk[5], int(pk[6])
    return f"{year}, {['I', 'II', 'III', 'IV'][number - 1]} квартал" if kind == "q" else f"{year}, {number}-е полугодие"


def _period_links(pk: str) -> dict[str, str]:
    first, last = period_of(pk)
    return {"ends_from": first.isoformat(), "ends_to": last.isoformat()}


PERIODS = frozenset({"quarter", "half"})
_FLAGS = {"True": "ШНОР", "False": "Не ШНОР"}

BREAKDOWNS = (
    Breakdown(
        "territory",
        "По территориям",
        "Территория",
        F("municipality_id"),
        "Территория не указана",
        Territory,
        links=lambda pk: {"territory": pk},
    ),
    Breakdown(
        "municipality",
        "По муниципалитетам",
        "Муниципалитет",
        F("municipality_id"),
        model=Municipality,
        inside="territory",
    ),
    Breakdown(
        "kind",
        "По типам ОО",
        "Тип ОО",
        F("organization_kind"),
        choices={code: capfirst(label) for code, label in Organization.Kind.choices},
    ),
    Breakdown(
        "low_results",
        "По ШНОР",
        "ШНОР",
        F("low_results"),
        choices=_FLAGS,
        links=lambda pk: {"low_results": "yes" if pk == "True" else "no"},
    ),
    Breakdown("topic", "По тематикам", "Тематика", F("programme_id"), "Тематика не указана", Topic),
    Breakdown("programme", "По программам", "Программа", F("programme_id"), model=Programme, inside="topic"),
    Breakdown("subject", "По предметам", "Предмет", F("subject_id"), "Предмет не указан", Subject),
    Breakdown("position", "По должностям", "Должность", F("position_id"), "Должность не указана", Position),
    Breakdown("half", "По полугодиям окончания курса", "Полугодие", TruncQuarter("ends_on"), links=_period_links),
    Breakdown(
        "quarter",
        "По кварталам окончания курса",
        "Квартал",
        TruncQuarter("ends_on"),
        inside="half",
        links=_period_links,
    ),
    Breakdown(
        "months",
        "По срезам",
        "Срез",
        F("months"),
        choices={str(k): str(v) for k, v in Case._meta.get_field("months").choices},  # type: ignore[union-attr]
    ),
)
BY_CODE = {one.code: one for one in BREAKDOWNS}


def folding(breakdown: Breakdown) -> Callable[[Any], tuple[Key, ...]]:
    """How a grouped value falls into its groups, the wider one first. Reads at most one dictionary.

    Wider groups are added up here: they then equal the sum of what is inside them, whatever a sweep has not
    yet brought up to date.
    """
    if breakdown.column == F("municipality_id"):
        return _by(dict(Municipality.objects.order_by().values_list("pk", "territory_id")), "territory", breakdown)
    if breakdown.column == F("programme_id"):
        return _by(dict(Programme.objects.order_by().values_list("pk", "topic_id")), "topic", breakdown)
    if breakdown.code in PERIODS:
        halves = breakdown.code == "half"
        return lambda day: (
            (("half", half_of(day)),) if halves else (("half", half_of(day)), ("quarter", quarter_of(day)))
        )
    return lambda value: ((breakdown.code, NONE if value is None else str(value)),)


def _by(wider: dict[Any, Any], code: str, breakdown: Breakdown) -> Callable[[Any], tuple[Key, ...]]:
    def keys(value: Any) -> tuple[Key, ...]:
        outer = (code, str(wider.get(value) or NONE))
        return (outer,) if breakdown.code == code else (outer, (breakdown.code, str(value)))

    return keys
