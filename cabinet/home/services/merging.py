"""Two cards made one, whatever they are of: everything that points at one of them is brought to the other."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry as AdminLogEntry
from django.db.models import Model

from cabinet.core.relations import Pointer, count_pointers, is_pointed_at, pointers_to
from cabinet.courses.models import ImportBatch
from cabinet.users.models import LogEntry, Membership, OrganizationPair, PersonPair, User
from cabinet.users.services import record
from registry.models import Entry

if TYPE_CHECKING:
    from django.http import HttpRequest

# The log is append-only and keeps saying what was done on which card; it is read through the card that stays.
LOGS: tuple[type[Model], ...] = (LogEntry, AdminLogEntry)
# Built from other tables, and built anew from them.
PROJECTIONS: tuple[type[Model], ...] = (Entry,)
PAIRS: tuple[type[Model], ...] = (PersonPair, OrganizationPair)


def _rights() -> tuple[type[Model], ...]:
    """Links to rights and groups and what opens a login: they go with the login or not at all."""
    return (User.groups.through, User.user_permissions.through, EmailAddress, Authenticator)


class MergeRefused(Exception):
    """The two stay two; the text says why and what to do first."""


@dataclass(frozen=True)
class Moving:
    """One line of the preview: what, in which part, how many rows come over, and how many there are already."""

    what: str
    part: str
    count: int
    own: int


@dataclass(frozen=True)
class Clash:
    """Something both cards have, and what will become of it."""

    what: str
    result: str


@dataclass
class Plan:
    """Everything a merge will do, before it is done. `refusals` are sentences: with any, nothing can be done.

    `collisions`: rows of `drop` met at `keep` too, id → id; `staying`: rows that join the two and may not move.
    """

    keep: Any
    drop: Any
    moving: list[Moving] = field(default_factory=list)
    clashes: list[Clash] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    log_lines: int = 0
    counts: dict[Pointer, dict[int, int]] = field(default_factory=dict)
    collisions: dict[Pointer, dict[int, int]] = field(default_factory=dict)
    staying: dict[Pointer, list[int]] = field(default_factory=dict)

    def has(self, model: type[Model], name: str) -> bool:
        """Does any row of this table point at either of the two by this column?"""
        return any(
            any(counts.values()) for one, counts in self.counts.items() if (one.model, one.field) == (model, name)
        )

    @property
    def fingerprint(self) -> str:
        """Differs when what the merge would do differs: whoever confirms has seen this very plan."""
        told = (self.keep.pk, self.drop.pk, self.keep.updated_at, self.drop.updated_at, self.moving, self.clashes)
        return hashlib.sha256(repr((*told, self.warnings, self.refusals)).encode()).hexdigest()[:16]


def refuse_while_importing() -> None:
    """A list being written knows the people and organizations it read at its beginning."""
    if ImportBatch.objects.filter(state=ImportBatch.State.RUNNING).exists():
        raise MergeRefused("Сейчас записывается список. Подождите, пока загрузка закончится, и попробуйте снова.")


def movable(target: type[Model]) -> list[Pointer]:
    """Pointers that follow the person or the organization wherever it goes."""
    passed = {*LOGS, *PROJECTIONS, *PAIRS, *_rights()}
    return [one for one in pointers_to(target) if one.model not in passed]


def survey(plan: Plan) -> None:
    """Fill in what comes over, what cannot and what is met twice."""
    old, new = plan.drop.pk, plan.keep.pk
    target: type[Model] = type(plan.keep)
    pointers = movable(target)
    logs = [one for one in pointers_to(target) if one.model in LOGS and not one.type_field]
    plan.counts = counts = count_pointers([*pointers, *logs], old, new)
    plan.log_lines = sum(counts[one][old] for one in logs)
    for pointer in pointers:
        own, other = counts[pointer][new], counts[pointer][old]
        if not other:
            continue
        plan.moving.append(Moving(*_named(pointer), other, own))
        if own and (collisions := pointer.collisions(old, new)):
            plan.collisions[pointer] = collisions
        if staying := pointer.between(old, new):
            plan.staying[pointer] = staying
    plan.moving.sort(key=lambda one: (-one.count, one.what))


def _named(pointer: Pointer) -> tuple[str, str]:
    meta = pointer.model._meta
    if pointer.type_field:
        return str(meta.verbose_name_plural), "к чему относится"
    return str(meta.verbose_name_plural), str(getattr(meta.get_field(pointer.field), "verbose_name", ""))


def bring_over(plan: Plan) -> None:
    """Move every row that can be moved; those met twice wait for their own rules or stay where they are."""
    for pointer in movable(type(plan.keep)):
        met = (*plan.collisions.get(pointer, {}), *plan.staying.get(pointer, ()))
        pointer.move(plan.drop.pk, plan.keep.pk, without=met)


def fold_rows(old: Model, new: Model) -> bool:
    """Bring everything that points at `old` to `new`, a row of the same table, and delete `old` once it is free.

    A link that `new` has already is dropped; any other row met twice stays, and `old` with it. Says whether
    `old` is gone.
    """
    for pointer in pointers_to(type(old)):
        if pointer.model in PROJECTIONS or pointer.model in LOGS:
            continue
        met = pointer.collisions(old.pk, new.pk)
        pointer.move(old.pk, new.pk, without=met)
        if pointer.is_link:
            pointer.model._base_manager.filter(pk__in=met).delete()
    if is_pointed_at(old, besides=(*PROJECTIONS, *LOGS)):
        return False
    old.delete()
    return True


def join_roles(plan: Plan, request: HttpRequest | None) -> None:
    """Of two equal roles one stays: from the earlier day, for the subjects of both."""
    for pointer, met in plan.collisions.items():
        if pointer.model is not Membership:
            continue
        rows = Membership.objects.prefetch_related("subjects").select_related("user").in_bulk([*met, *met.values()])
        for other, own in ((rows[other_pk], rows[own_pk]) for other_pk, own_pk in met.items()):
            days = [one.starts_on for one in (own, other)]
            own.starts_on = None if None in days else min(day for day in days if day is not None)
            own.save(update_fields=["starts_on"])
            if own.subjects.all() and other.subjects.all():
                own.subjects.add(*other.subjects.all())
            else:
                own.subjects.clear()  # no subjects named: answers for all of them
            note = f"одна роль вместо двух при объединении: {other}"
            record(LogEntry.Action.RIGHTS, person=other.user, about=other.user, note=note, request=request)
            other.delete()


def remember_pairs(plan: Plan, pair: type[PersonPair] | type[OrganizationPair]) -> None:
    """Pairs of the closed card go; what was said to be different from it is different from the one that stays."""
    old, new = plan.drop.pk, plan.keep.pk
    for first, second in (("first", "second"), ("second", "first")):
        for one in pair.objects.filter(**{first: old}).exclude(different_at=None):
            other = getattr(one, f"{second}_id")
            if other == new:
                continue
            elder, younger = sorted((other, new))
            pair.objects.update_or_create(
                first_id=elder,
                second_id=younger,
                defaults={
                    "reasons": one.reasons,
                    "weight": one.weight,
                    "different_at": one.different_at,
                    "different_by": one.different_by,
                },
            )
    for side in ("first", "second"):
        pair.objects.filter(**{side: old}).delete()
