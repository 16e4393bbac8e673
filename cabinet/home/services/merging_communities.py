"""Communities of what becomes one: a person twice in one, and a community of the same name in both organizations."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import combinations
from typing import TYPE_CHECKING

from django.db.models import QuerySet

from cabinet.home.services.merging import Clash, Plan, fold_rows
from cabinet.mail.mailings import COMMUNITY, follow_merge
from cabinet.structure.models import Community
from cabinet.users.models import CommunityMember, LogEntry, User
from cabinet.users.services import record

if TYPE_CHECKING:
    from django.http import HttpRequest

ONE_STAYS = "Останется одна запись, с более ранней даты; руководитель останется руководителем."
Members = QuerySet[CommunityMember]


def tell_members(plan: Plan) -> None:
    """Both cards are in one community at one time: one row of them stays."""
    if not plan.has(CommunityMember, "person"):
        return
    met = [pk for pointer, pairs in plan.collisions.items() if pointer.model is CommunityMember for pk in pairs]
    rows = list(CommunityMember.objects.filter(person__in=(plan.keep, plan.drop)).select_related("community"))
    for row in rows:
        row.person_id = plan.keep.pk  # as it will be
    told = {row.community for row in rows if row.pk in met} | {own.community for own, _ in _same_times(rows)}
    for community in sorted(told, key=lambda one: (one.name, one.pk)):
        plan.clashes.append(Clash(f"Обе карточки в сообществе «{community}»", ONE_STAYS))


def join_terms(rows: Members, request: HttpRequest | None) -> None:
    """After the rows have moved: of two of one person in one community at one time one stays, for all of it."""
    while pair := next(_same_times(list(rows.select_related("community", "person"))), None):
        _fold(pair[1], pair[0], request)


def _same_times(rows: list[CommunityMember]) -> Iterator[tuple[CommunityMember, CommunityMember]]:
    """Rows that say the same of days they share; a head for some days is not made one for ever."""
    for own, other in combinations(sorted(rows, key=lambda one: one.pk), 2):
        same = (own.community_id, own.person_id, own.role) == (other.community_id, other.person_id, other.role)
        if same and _begins_by(own, other.ends_on) and _begins_by(other, own.ends_on):
            yield own, other


def _begins_by(row: CommunityMember, day: date | None) -> bool:
    return row.starts_on is None or day is None or row.starts_on <= day


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
            old_pk = other.pk
            fold_rows(other, own)
            join_terms(CommunityMember.objects.filter(community=own), request)
            follow_merge(COMMUNITY, old_pk, own.pk)


def _join_members_of(old: Community, new: Community, request: HttpRequest | None) -> None:
    endless = CommunityMember.objects.filter(ends_on=None).select_related("community", "person")
    own = {row.person_id: row for row in endless.filter(community=new)}
    for row in endless.filter(community=old, person__in=own):
        _fold(row, own[row.person_id], request)


def _fold(other: CommunityMember, own: CommunityMember, request: HttpRequest | None) -> None:
    own.starts_on = _elder(own.starts_on, other.starts_on)
    if CommunityMember.Role.HEAD in (own.role, other.role):
        own.role = CommunityMember.Role.HEAD
    own.ends_on = max(own.ends_on, other.ends_on) if own.ends_on and other.ends_on else None
    _note(own.person, own, request)
    other.delete()  # first: without an end there is one row
    own.save(update_fields=["starts_on", "ends_on", "role"])


def _elder(first: date | None, second: date | None) -> date | None:
    """An empty day is «always»."""
    return min(first, second) if first and second else None


def _note(person: User, row: CommunityMember, request: HttpRequest | None) -> None:
    note = f"одна запись вместо двух при объединении: {row.get_role_display()}, {row.community}"
    record(LogEntry.Action.RIGHTS, person=person, about=row.community, note=note, request=request)
