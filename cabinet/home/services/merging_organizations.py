"""Two entries of one organization made one: its names become aliases, its people and cases move together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import QuerySet

from cabinet.core.search import key
from cabinet.courses.models import ImportBatch
from cabinet.home.services.merging import (
    Clash,
    MergeRefused,
    Plan,
    bring_over,
    join_roles,
    refuse_while_importing,
    remember_pairs,
    survey,
)
from cabinet.home.services.merging_communities import join_communities, tell_communities
from cabinet.mail.mailings import ORGANIZATION, follow_merge
from cabinet.structure.models import Community, Municipality, Organization, OrganizationAlias
from cabinet.users.models import LogEntry, Membership, OrganizationPair, User
from cabinet.users.services import record
from motor.models import Case
from motor.services.merging import touch_all

if TYPE_CHECKING:
    from django.http import HttpRequest

FIELDS = ("name", "kind", "municipality", "low_results", "is_active")
MERGED = " (объединена, запись № {})"


def mergeable() -> QuerySet[Organization]:
    return Organization.objects.exclude(name__contains=MERGED.split("{}")[0])


def named(organizations: QuerySet[Organization], text: str) -> QuerySet[Organization]:
    """Every typed word occurs in the name."""
    for word in key(text).split():
        organizations = organizations.filter(name_key__contains=word)
    return organizations


def differing(keep: Organization, drop: Organization) -> list[str]:
    return [name for name in FIELDS if getattr(keep, name) != getattr(drop, name)]


def default_for(name: str, keep: Organization, drop: Organization) -> Organization:
    """That of the entry that stays; only a mark somebody has set outweighs one that nobody has."""
    return drop if name in ("low_results", "is_active") and getattr(drop, name) else keep


def prefer(first: Organization, second: Organization) -> Organization:
    return max(first, second, key=lambda one: (one.is_active, -one.pk))


def plan_organizations(keep: Organization, drop: Organization, *, actor: User) -> Plan:
    plan = Plan(keep, drop)
    if keep.pk == drop.pk:
        plan.refusals.append("Это одна и та же запись.")
    for one in (keep, drop):
        if one.name.endswith(MERGED.format(one.pk)):
            plan.refusals.append(f"Запись «{one.name}» уже объединена с другой.")
    survey(plan)
    for pointer, met in plan.collisions.items():
        if pointer.model is Membership:
            for role in Membership.objects.filter(pk__in=met).select_related("user"):
                what = f"{role.user.full_name}: {role.get_role_display()} в обеих записях"
                plan.clashes.append(Clash(what, "Останется одна роль, с более ранней даты."))
        elif pointer.model is not Community:
            what = f"{pointer.model._meta.verbose_name_plural}: такое же есть в обеих записях ({len(met)})"
            plan.clashes.append(Clash(what, "Второе останется в закрытой записи."))
    tell_communities(plan)
    if keep.municipality_id != drop.municipality_id:
        plan.warnings.append(
            "Записи из разных муниципалитетов: люди и карты второй перейдут в муниципалитет, который вы выберете, "
            "и сводки по муниципалитетам изменятся."
        )
    return plan


def doubts(first: Organization, second: Organization) -> list[str]:
    """What speaks against the two being one."""
    said = []
    if first.municipality_id != second.municipality_id:
        said.append("разные муниципалитеты")
    if first.kind != second.kind:
        said.append("разный тип")
    return said


@transaction.atomic
def merge_organizations(
    keep: Organization,
    drop: Organization,
    take: Mapping[str, int],
    *,
    actor: User,
    seen: str,
    request: HttpRequest | None = None,
) -> Organization:
    """Make two entries one. `take`: field → id of the entry whose value stays; `seen`: fingerprint of the plan.

    The second entry stays, closed and under a name of its own, so that the log has something to point at; lists
    that use its former name mean the one that stayed. Raises MergeRefused and changes nothing.
    """
    refuse_while_importing()
    rows = Organization.objects.select_related("municipality").select_for_update(of=("self",))
    locked = rows.order_by("pk").in_bulk([keep.pk, drop.pk])
    keep, drop = locked[keep.pk], locked[drop.pk]
    plan = plan_organizations(keep, drop, actor=actor)
    if plan.refusals:
        raise MergeRefused(plan.refusals[0])
    if plan.fingerprint != seen:
        raise MergeRefused("Пока вы смотрели, данные изменились. Проверьте ещё раз, что будет сделано.")
    cases = list(Case.objects.filter(organization=drop).values_list("pk", flat=True))
    join_roles(plan, request)
    join_communities(plan, request)
    bring_over(plan)
    remember_pairs(plan, OrganizationPair)
    names = [(keep.name, keep.municipality), (drop.name, drop.municipality)]
    _take_values(keep, drop, take)
    for name, municipality in names:
        _remember_name(keep, name, municipality)
    _follow_choices(keep, drop)
    follow_merge(ORGANIZATION, drop.pk, keep.pk)
    # Those of the entry that stays follow its own `updated_at`.
    touch_all(Case.objects.filter(pk__in=cases))
    moved = ", ".join(f"{one.what} {one.count}" for one in plan.moving) or "ничего"
    note = f"организация № {drop.pk} «{names[1][0]}» объединена с № {keep.pk} «{names[0][0]}»; перенесено: {moved}"
    for one in (keep, drop):
        record(LogEntry.Action.CHANGED, actor=actor, about=one, note=note, request=request)
    return keep


def _take_values(keep: Organization, drop: Organization, take: Mapping[str, int]) -> None:
    values = {name: getattr(drop, name) for name in differing(keep, drop) if take.get(name, keep.pk) == drop.pk}
    mark = MERGED.format(drop.pk)
    drop.name, drop.is_active = drop.name[: 300 - len(mark)] + mark, False
    drop.save()  # its name is unique in the municipality, and free from here on
    for name, value in values.items():
        setattr(keep, name, value)
    namesakes = Organization.objects.filter(municipality=keep.municipality, name_key=key(keep.name))
    if namesakes.exclude(pk=keep.pk).exists():
        raise MergeRefused(
            f"В муниципалитете «{keep.municipality}» уже есть третья запись «{keep.name}». Выберите другое название "
            "или объедините сначала с ней."
        )
    keep.save()


def _remember_name(keep: Organization, name: str, municipality: Municipality) -> None:
    """Lists may go on using the former name. One that means a third organization already goes on meaning it."""
    name_key = key(name)
    if (municipality, name_key) == (keep.municipality, keep.name_key):
        return
    OrganizationAlias.objects.get_or_create(
        municipality=municipality, name_key=name_key, defaults={"organization": keep, "name": name}
    )


def _follow_choices(keep: Organization, drop: Organization) -> None:
    """Lists checked but not yet written may have been told that a name means the closed entry."""
    waiting = ImportBatch.objects.filter(state__in=(ImportBatch.State.UPLOADED, ImportBatch.State.FAILED))
    for batch in waiting.only("choices"):
        chosen = batch.choices.get("organizations", {})
        if drop.pk in chosen.values():
            batch.choices["organizations"] = {
                name: keep.pk if value == drop.pk else value for name, value in chosen.items()
            }
            batch.save(update_fields=["choices"])
