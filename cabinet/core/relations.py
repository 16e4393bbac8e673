"""Which tables point at a row: every foreign key, every link table, every generic pointer.

Merging, «Мои данные» and erasing walk this one list, so a table added tomorrow is not forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db.models import (
    BooleanField,
    Case,
    CheckConstraint,
    Count,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    UniqueConstraint,
    Value,
    When,
)
from django.utils import timezone

Unique = tuple[tuple[str, ...], Q | None]  # names of the columns, and the condition under which they are unique


@dataclass(frozen=True)
class Pointer:
    """A column of `model` that holds the id of a row of `target`; a generic one has a `type_field` beside it."""

    model: type[Model]
    field: str
    target: type[Model]
    type_field: str = ""

    def rows(self, *pks: int) -> QuerySet[Any]:
        """Rows that point at any of these."""
        return self.model._base_manager.filter(**{f"{self.field}__in": pks}, **self._type())

    def _type(self) -> dict[str, Any]:
        return {self.type_field: ContentType.objects.get_for_model(self.target)} if self.type_field else {}

    @property
    def column(self) -> str:
        """Where the id itself stands."""
        return self.model._meta.get_field(self.field).attname  # type: ignore[union-attr]

    @property
    def is_link(self) -> bool:
        """A row of a many-to-many table: it says nothing but that two rows belong together."""
        return bool(self.model._meta.auto_created)

    @property
    def uniques(self) -> list[Unique]:
        """What the database holds unique together with this column."""
        meta = self.model._meta
        found: list[Unique] = [((self.field,), None)] if getattr(meta.get_field(self.field), "unique", False) else []
        found += [(tuple(names), None) for names in meta.unique_together]
        found += [(tuple(one.fields), one.condition) for one in meta.constraints if isinstance(one, UniqueConstraint)]
        return [(names, condition) for names, condition in found if self.field in names]

    @property
    def rivals(self) -> list[str]:
        """Further columns to the same table that a check forbids to hold the same row as this one."""
        checks = [one.condition for one in self.model._meta.constraints if isinstance(one, CheckConstraint)]
        named = {name for one in checks if isinstance(one, Q) for name in one.referenced_base_fields}
        others = [one.field for one in pointers_to(self.target) if one.model is self.model and one.field != self.field]
        return [name for name in others if {name, self.field} <= named]

    def collisions(self, old: int, new: int) -> dict[int, int]:
        """Rows of `old` that may not point at `new` because a row of `new` says the same: id → id. One query."""
        names = sorted({name for one, _ in self.uniques for name in one})
        if not names:
            return {}
        holds = {
            f"holds_{number}": Case(
                When(condition or Q(pk__isnull=False), then=Value(True)),
                default=Value(False),
                output_field=BooleanField(),
            )
            for number, (_, condition) in enumerate(self.uniques)
        }
        rows = list(self.rows(old, new).annotate(**holds).values("pk", *names, *holds).order_by("pk"))
        found: dict[int, int] = {}
        for number, (unique, _) in enumerate(self.uniques):
            rest = [name for name in unique if name != self.field]
            keys: dict[int, dict[tuple[Any, ...], int]] = {old: {}, new: {}}
            for row in rows:
                key = tuple(row[name] for name in rest)
                if row[f"holds_{number}"] and None not in key:
                    keys[row[self.field]][key] = row["pk"]
            found |= {pk: keys[new][key] for key, pk in keys[old].items() if key in keys[new]}
        return found

    def between(self, old: int, new: int) -> list[int]:
        """Rows that join the two where a check forbids one to be both: nobody deputizes for himself."""
        if not self.rivals:
            return []
        joined = Q()
        for name in self.rivals:
            joined |= Q(**{name: new})
        return list(self.rows(old).filter(joined).values_list("pk", flat=True))

    def move(self, old: int, new: int, *, without: Iterable[int] = ()) -> int:
        """Let rows of `old` point at `new`; how many."""
        values: dict[str, Any] = {self.column: new}
        if any(field.name == "updated_at" for field in self.model._meta.concrete_fields):
            values["updated_at"] = timezone.now()
        return self.rows(old).exclude(pk__in=list(without)).update(**values)


@cache
def pointers_to(target: type[Model]) -> tuple[Pointer, ...]:
    """Everything that may point at a row of `target`, tables in between included."""
    found = []
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.concrete_fields:
            if field.remote_field is not None and field.related_model is target:
                found.append(Pointer(model, field.name, target))
        for generic in model._meta.private_fields:
            if isinstance(generic, GenericForeignKey):
                found.append(Pointer(model, generic.fk_field, target, generic.ct_field))
    return tuple(found)


def count_pointers(pointers: Iterable[Pointer], *pks: int) -> dict[Pointer, dict[int, int]]:
    """How many rows of each pointer point at each of these rows of one table: one query for all of them."""
    listed = list(pointers)
    counts = {f"count_{number}": _count(pointer) for number, pointer in enumerate(listed)}
    if not listed:
        return {}
    rows = listed[0].target._base_manager.filter(pk__in=pks).annotate(**counts).values("pk", *counts)
    by_pk = {row["pk"]: row for row in rows}
    return {
        pointer: {pk: by_pk[pk][f"count_{number}"] or 0 for pk in pks if pk in by_pk}
        for number, pointer in enumerate(listed)
    }


def _count(pointer: Pointer) -> Subquery:
    rows = pointer.model._base_manager.filter(**{pointer.field: OuterRef("pk")}, **pointer._type()).order_by()
    return Subquery(rows.values(pointer.field).annotate(counted=Count("pk")).values("counted"))


def is_pointed_at(row: Model, *, besides: Iterable[type[Model]] = ()) -> bool:
    """Does anything point at the row still? `besides`: tables that do not count."""
    passed = set(besides)
    return any(one.rows(row.pk).exists() for one in pointers_to(type(row)) if one.model not in passed)
