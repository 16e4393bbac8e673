"""A worked-out roster written in bulk, and taken back as a whole."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from cabinet.core.relations import pointers_to
from cabinet.core.search import fold
from cabinet.courses.models import ImportBatch
from cabinet.courses.services import UndoRefused
from cabinet.courses.services.listing import CHUNK
from cabinet.courses.services.organizations import saved
from cabinet.courses.services.writing import (
    fill_people,
    slices,
    write_dictionaries,
    write_organizations,
    write_people,
)
from cabinet.files.models import StoredFile
from cabinet.users.models import LogEntry, Membership, Role
from rma.importing.planning import MemberPlan, MemberRef, link
from rma.models import Indicator, Member, StatusChange
from rma.services.editing import LINKS
from rma.services.roster import take_role

# What goes together with a card that is taken back; anything else that points at it is somebody's work.
PARTS = frozenset({Indicator, StatusChange, *(link(name)[0] for name in LINKS)})
AT_WORK = (
    "С методистами из этого списка уже работают: есть запросы, записи о работе, новые показатели, приказы или "
    "согласия. Целиком загрузку не отменить; отдельную карточку можно исключить приказом."
)


def write_members(plan: MemberPlan, batch: ImportBatch) -> None:
    """Call inside a transaction. The ids of what was made go to the batch, for an undo, and what the list has said."""
    made: dict[str, Any] = {}
    batch.created_rows = made
    write_dictionaries(made, plan.positions, plan.subjects)
    write_organizations(made, plan.organizations)
    known = {ref.person.pk for ref in plan.members.values() if ref.person.pk}
    write_people(made, plan.people.created)
    fill_people(made, plan.people.by_pk.values())
    write_cards(made, plan.created)
    touched = [*plan.created, *plan.updated]
    write_roles(made, touched)
    write_sets(made, touched, subject_ids(plan))
    write_indicators(made, touched, batch)
    write_statuses(made, touched, batch)
    take_roles(made, plan.updated, batch)
    write_limits(made, plan.updated)
    write_log(touched, batch, known)
    made["listed"] = {
        str(ref.pk): ref.says for ref in plan.members.values() if ref.row and not ref.says.items() <= ref.listed.items()
    }


def subject_ids(plan: MemberPlan) -> dict[str, int]:
    return {fold(one.name): saved(one.pk) for one in plan.subjects.by_name.values()}


def write_cards(made: dict[str, Any], refs: list[MemberRef]) -> None:
    now = timezone.now()
    rows = [
        Member(
            user_id=ref.person.saved,
            status=ref.status,
            shown_at=now if ref.is_shown else None,
            **({"case_limit": ref.new_limit} if ref.new_limit else {}),
        )
        for ref in refs
    ]
    for ref, row in zip(refs, Member.objects.bulk_create(rows, batch_size=CHUNK), strict=True):
        ref.pk = row.pk
    made["member"] = [row.pk for row in rows]


def write_roles(made: dict[str, Any], refs: Iterable[MemberRef]) -> None:
    rows = [Membership(user_id=ref.person.saved, role=Role.REGIONAL) for ref in refs if ref.gets_role]
    made["membership"] = [row.pk for row in Membership.objects.bulk_create(rows, batch_size=CHUNK)]


def write_sets(made: dict[str, Any], refs: list[MemberRef], subjects: dict[str, int]) -> None:
    """`linked`: name of a dictionary → ids of links this list added; `unlinked`: [card, id] pairs it took away."""
    made["linked"], made["unlinked"] = {}, {}
    for name in LINKS:
        through, column = link(name)
        ids = subjects if name == "subjects" else None
        added = pairs(refs, "added", name, ids)
        removed = pairs(refs, "removed", name, ids)
        rows = through._default_manager.bulk_create(
            [through(**{"member_id": member, column: pk}) for member, pk in added], batch_size=CHUNK
        )
        for member, pk in removed:
            through._default_manager.filter(**{"member_id": member, column: pk}).delete()
        made["linked"][name], made["unlinked"][name] = [row.pk for row in rows], removed


def pairs(refs: list[MemberRef], what: str, name: str, ids: dict[str, int] | None) -> list[list[int]]:
    return [
        [saved(ref.pk), ids[one] if ids else one] for ref in refs for one in sorted(getattr(ref, what).get(name, ()))
    ]


def write_indicators(made: dict[str, Any], refs: list[MemberRef], batch: ImportBatch) -> None:
    rows = [
        Indicator(
            member_id=saved(ref.pk),
            kind=kind,
            grade=said.grade,
            since=said.since,
            until=until,
            result=said.result,
            proof=said.proof or from_list(batch),
            author_id=batch.created_by_id,
        )
        for ref in refs
        for kind, said, until in ref.indicators
    ]
    made["indicator"] = [row.pk for row in Indicator.objects.bulk_create(rows, batch_size=CHUNK)]


def from_list(batch: ImportBatch) -> str:
    return f"список «{batch.file_name}»"


def write_statuses(made: dict[str, Any], refs: list[MemberRef], batch: ImportBatch) -> None:
    """The card says what the last order says: `decide` let through only orders later than those it has."""
    rows = []
    for ref in refs:
        if ref.new_status:
            status, on, order = ref.new_status
            reason = from_list(batch)[:300]
            rows.append(
                StatusChange(
                    member_id=saved(ref.pk), status=status, on=on, order=order, reason=reason, author=batch.created_by
                )
            )
    made["statuschange"] = [row.pk for row in StatusChange.objects.bulk_create(rows, batch_size=CHUNK)]
    new = set(made["member"])
    for row in rows:
        if row.member_id not in new:
            Member.objects.filter(pk=row.member_id).update(status=row.status)


def take_roles(made: dict[str, Any], refs: list[MemberRef], batch: ImportBatch) -> None:
    """Known members whom the list puts out of the group. `ended`: [role, until when it was, until when it is now]."""
    since = {ref.person.saved: ref.loses_role_on for ref in refs if ref.loses_role_on}
    before = dict(Membership.objects.filter(user__in=since, role=Role.REGIONAL).values_list("pk", "ends_on"))
    for member in Member.objects.filter(user__in=since).select_related("user"):
        take_role(member, since[member.user_id], batch.created_by)
    after = dict(Membership.objects.filter(pk__in=before).values_list("pk", "ends_on"))
    made["ended"] = [[pk, as_json(before[pk]), as_json(now)] for pk, now in after.items() if now]


def as_json(day: date | None) -> str | None:
    return day.isoformat() if day else None


def write_limits(made: dict[str, Any], refs: list[MemberRef]) -> None:
    """Known cards that the list changed: their limit, and a revision for those who look at changes."""
    made["limits"] = [[ref.pk, ref.case_limit, ref.new_limit] for ref in refs if ref.new_limit]
    for pk, _was, now in made["limits"]:
        Member.objects.filter(pk=pk).update(case_limit=now)
    for part in slices([saved(ref.pk) for ref in refs if ref.is_changed]):
        Member.objects.filter(pk__in=part).update(revision=F("revision") + 1, updated_at=timezone.now())


def write_log(refs: list[MemberRef], batch: ImportBatch, known: set[int]) -> None:
    """A line on every card. A person this very list brings is found through his card, so that an undo may take him
    away: the log keeps everybody whom it names."""
    about = ContentType.objects.get_for_model(Member)
    made = set(batch.created_rows["member"])
    LogEntry.objects.bulk_create(
        [
            LogEntry(
                action=LogEntry.Action.IMPORTED,
                actor_id=batch.created_by_id,
                person_id=ref.person.pk if ref.person.pk in known else None,
                about_type=about,
                about_id=ref.pk,
                note=said_of(ref, batch, is_new=ref.pk in made)[:500],
            )
            for ref in refs
        ],
        batch_size=CHUNK,
    )


def said_of(ref: MemberRef, batch: ImportBatch, *, is_new: bool) -> str:
    words = f"карточка РМА {'создана' if is_new else 'дополнена'}: {from_list(batch)}"
    return f"{words}; согласие показывать карточку отмечено в нём" if is_new and ref.is_shown else words


# --- Taking back ---------------------------------------------------------------------------------------------


def can_take_back(batch: ImportBatch) -> bool:
    return not are_at_work(batch.created_rows)


def are_at_work(made: dict[str, Any]) -> bool:
    """Whether anybody relies on these cards by now: requests, work written down, whatever is added tomorrow.

    One query for a thousand of them, however many tables point at a card, and one for the files.
    """
    used: Any = by_hand(made)
    for one in pointers_to(Member):
        if not one.type_field and one.model not in PARTS:
            used |= Exists(one.model._base_manager.filter(**{one.field: OuterRef("pk")}))
    if any(Member.objects.filter(used, pk__in=part).exists() for part in slices(made.get("member", []))):
        return True
    # A proof may stand with a row that the list added to a card the cabinet had before.
    owner = ContentType.objects.get_for_model(Indicator)
    files = StoredFile.objects.filter(owner_type=owner)
    return any(files.filter(owner_id__in=part).exists() for part in slices(made.get("indicator", [])))


def by_hand(made: dict[str, Any]) -> Any:
    """Cards that hold more than the list gave them: rows of others, a note, a consent given by its owner."""
    rows: list[tuple[Any, list[int]]] = [
        (Indicator, made.get("indicator", [])),
        (StatusChange, made.get("statuschange", [])),
        *((link(name)[0], pks) for name, pks in made.get("linked", {}).items()),
    ]
    # The list's own consents are as old as the cards it made.
    found: Any = ~Q(note="") | Q(shown_at__gt=F("created_at"))
    for model, pks in rows:
        found |= Exists(model._default_manager.filter(member=OuterRef("pk")).exclude(pk__in=pks))
    return found


def take_back_members(made: dict[str, Any]) -> None:
    """Cards the list made go with all they hold; from known ones goes what it brought, and what it took comes back."""
    members = made.get("member", [])
    list(Member.objects.filter(pk__in=members).select_for_update(of=("self",)).values_list("pk", flat=True))
    if are_at_work(made):
        raise UndoRefused(AT_WORK)
    Member.objects.filter(pk__in=members).delete()
    Indicator.objects.filter(pk__in=made.get("indicator", [])).delete()
    take_back_statuses(made.get("statuschange", []))
    give_back_roles(made.get("ended", []))
    for name, pks in made.get("linked", {}).items():
        link(name)[0]._default_manager.filter(pk__in=pks).delete()
    for name, found in made.get("unlinked", {}).items():
        through, column = link(name)
        kept = set(Member.objects.filter(pk__in=[member for member, _pk in found]).values_list("pk", flat=True))
        rows = [through(**{"member_id": member, column: pk}) for member, pk in found if member in kept]
        through._default_manager.bulk_create(rows, ignore_conflicts=True)
    for pk, was, now in made.get("limits", []):
        # Changed by hand since: that is worth more than the order of things.
        Member.objects.filter(pk=pk, case_limit=now).update(case_limit=was)


def give_back_roles(ended: list[list[Any]]) -> None:
    """Of those who act again; a role given anew since stays the one they have."""
    for pk, was, now in ended:
        role = Membership.objects.filter(pk=pk, ends_on=now, user__rma_member__status=Member.Status.ACTIVE)
        anew = Membership.objects.filter(user=OuterRef("user"), role=Role.REGIONAL, ends_on=None)
        role.exclude(Exists(anew)).update(ends_on=was)


def take_back_statuses(pks: list[int]) -> None:
    changes = StatusChange.objects.filter(pk__in=pks)
    members = set(changes.order_by().values_list("member", flat=True))
    changes.delete()
    for member in Member.objects.filter(pk__in=members):
        last = member.status_changes.order_by("-on", "-pk").first()
        if last is not None:
            Member.objects.filter(pk=member.pk).update(status=last.status, revision=F("revision") + 1)
