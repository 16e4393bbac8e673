"""Communities of what becomes one: a person twice in one, and a community of the same name in both organizations."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from cabinet.home.services.merging import Clash, Plan, fold_rows
from cabinet.structure.models import Community
from cabinet.users.models import CommunityMember, LogEntry, User
from cabinet.users.services import record

if TYPE_CHECKING:
    from django.http import HttpRequest

ONE_STAYS = "Останется одна запись, с более ранней даты; руководитель останется руководителем."


def tell_members(plan: Plan) -> None:
    """Both cards are in one community without an end: one row of them stays."""
    met = [pk for pointer, pairs in plan.collisions.items() if pointer.model is CommunityMember for pk in pairs]
    for row in CommunityMember.objects.filter(pk__in=met).select_related("community") if met else ():
        plan.clashes.append(Clash(f"Обе карточки в сообществе «{row.community}»", ONE_STAYS))


def join_members(plan: Plan, request: HttpRequest | None) -> None:
    """Before the rows move: of two the elder's day and the higher place stay."""
    for pointer, pairs in plan.collisions.items():
        if pointer.model is CommunityMember:
            rows = CommunityMember.objects.select_related("community", "person").in_bulk([*pairs, *pairs.values()])
            for other, own in pairs.items():
                _fold(rows[other], rows[own], request)


def tell_communities(plan: Plan) -> None:
    met = [pk for pointer, pairs in plan.collisions.items() if pointer.model is Community for pk in pairs]
    for row in Community.objects.filter(pk__in=met) if met else ():
        what = f"Сообщество «{row}» есть в обеих записях"
        plan.clashes.append(
            Clash(what, "Останется одно: участники, события, материалы и опросы второго перейдут к нему.")
        )


def join_communities(plan: Plan, request: HttpRequest | None) -> None:
    """Before the rows move: everything of the second community comes to the first, and the second goes."""
    for pointer, pairs in plan.collisions.items():
        if pointer.model is not Community:
            continue
        rows = Community.objects.in_bulk([*pairs, *pairs.values()])
        for other, own in ((rows[first], rows[second]) for first, second in pairs.items()):
            _join_members_of(other, own, request)
            own.text = own.text or other.text
            own.subject_id = own.subject_id or other.subject_id
            own.is_active = own.is_active or other.is_active
            own.save()
            note = f"сообщество № {other.pk} «{other}» объединено с № {own.pk} при объединении организаций"
            record(LogEntry.Action.CHANGED, about=own, note=note, request=request)
            fold_rows(other, own)


def _join_members_of(old: Community, new: Community, request: HttpRequest | None) -> None:
    endless = CommunityMember.objects.filter(ends_on=None).select_related("community", "person")
    own = {row.person_id: row for row in endless.filter(community=new)}
    for row in endless.filter(community=old, person__in=own):
        _fold(row, own[row.person_id], request)


def _fold(other: CommunityMember, own: CommunityMember, request: HttpRequest | None) -> None:
    own.starts_on = _elder(own.starts_on, other.starts_on)
    if CommunityMember.Role.HEAD in (own.role, other.role):
        own.role = CommunityMember.Role.HEAD
    own.save(update_fields=["starts_on", "role"])
    _note(own.person, own, request)
    other.delete()


def _elder(first: date | None, second: date | None) -> date | None:
    """An empty day is «always»."""
    return min(first, second) if first and second else None


def _note(person: User, row: CommunityMember, request: HttpRequest | None) -> None:
    note = f"одна запись вместо двух при объединении: {row.get_role_display()}, {row.community}"
    record(LogEntry.Action.RIGHTS, person=person, about=row.community, note=note, request=request)
