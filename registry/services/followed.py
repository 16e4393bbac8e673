"""Dictionaries, courses and completions change without their cases: lines that differ are brought after them."""

from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery

from cabinet.courses.models import Completion, Course, Programme
from cabinet.structure.models import Municipality, Organization
from registry.models import Entry
from registry.services.projection import PATHS


@dataclass(frozen=True)
class Followed:
    """A model, the way to it from a line, and the columns of a line that depend on it."""

    model: type[models.Model]
    path: str
    columns: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.model._meta.model_name or ""


_PROGRAMME = ("topic_id", "in_federal_register")
_COURSE = ("programme_id", "ends_on", *_PROGRAMME)
FOLLOWED = (
    Followed(Municipality, "case__organization__municipality", ("territory_id",)),
    Followed(
        Organization,
        "case__organization",
        ("municipality_id", "territory_id", "organization_kind", "low_results"),
    ),
    Followed(Programme, "case__completion__course__programme", _PROGRAMME),
    Followed(Course, "case__completion__course", _COURSE),
    Followed(Completion, "case__completion", ("course_id", "position_id", "subject_id", "hours", *_COURSE)),
)


def changed_since(source: Followed, moment: datetime) -> bool:
    """Is there anything to follow at all? One look at an index or a small table."""
    return source.model._default_manager.filter(updated_at__gt=moment).exists()


def follow(source: Followed, since: datetime | None) -> int:
    """Bring lines after what changed in `source` since; touches only lines that differ."""
    lines = Entry.objects.filter(_differs(source.columns))
    if since is not None:
        lines = lines.filter(**{f"{source.path}__updated_at__gt": since})
    pks = list(lines.values_list("pk", flat=True))
    changed = 0
    for start in range(0, len(pks), 5000):
        changed += Entry.objects.filter(pk__in=pks[start : start + 5000]).update(
            **{column: _now(column) for column in source.columns}
        )
    return changed


def _differs(columns: tuple[str, ...]) -> Q:
    """IS DISTINCT FROM, said so that both engines understand it."""
    differs = Q()
    for column in columns:
        there = f"case__{PATHS[column]}"
        differs |= ~Q(**{column: F(there)}) & ~Q(**{f"{column}__isnull": True, f"{there}__isnull": True})
    return differs


def _now(column: str) -> Subquery:
    return Subquery(Entry.objects.filter(pk=OuterRef("pk")).order_by().values(f"case__{PATHS[column]}")[:1])
