"""What the institute changes on a roster card: what it says, an order, an indicator with its proof and its end."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from cabinet.core.words import long_date
from cabinet.files.services import clean_name, store_upload
from cabinet.users.models import User
from rma.models import Indicator, Member
from rma.services.roster import RosterRefused, add_indicator, change_status, create_member, note_on

LINKS = {"subjects": "предметы", "roles": "роли", "functions": "функции", "directions": "направления"}
STALE = (
    "Пока вы писали, карточку изменил кто-то ещё. Набранное осталось на странице: сверьте его с тем, что записано "
    "сейчас, и сохраните ещё раз."
)


@dataclass(frozen=True)
class CardValues:
    """What the form of a card holds; the four sets are ids."""

    subjects: frozenset[int]
    roles: frozenset[int]
    functions: frozenset[int]
    directions: frozenset[int]
    case_limit: int
    note: str


def values_of(member: Member) -> CardValues:
    sets: dict[str, Any] = {name: frozenset(getattr(member, name).values_list("pk", flat=True)) for name in LINKS}
    return CardValues(**sets, case_limit=member.case_limit, note=member.note)


@transaction.atomic
def change_card(member: Member, values: CardValues, *, revision: int, actor: User) -> bool:
    """Says whether anything changed. Raises RosterRefused when the card is no longer the one that was shown."""
    member = Member.objects.select_for_update(no_key=True, of=("self",)).select_related("user").get(pk=member.pk)
    former = values_of(member)
    if former == values:
        return False  # the same form sent twice
    if member.revision != revision:
        raise RosterRefused(STALE)
    Member.objects.filter(pk=member.pk).update(
        case_limit=values.case_limit, note=values.note, revision=F("revision") + 1, updated_at=timezone.now()
    )
    for name, label in LINKS.items():
        if getattr(former, name) != getattr(values, name):
            before = names_of(member, name)
            getattr(member, name).set(getattr(values, name))
            note_on(member, difference(label, before, names_of(member, name)), actor)
    if former.case_limit != values.case_limit:
        note_on(member, f"предел запросов: {former.case_limit} → {values.case_limit}", actor)
    if former.note != values.note:
        note_on(member, f"заметка: {values.note or 'убрана'}", actor)
    return True


def names_of(member: Member, name: str) -> set[str]:
    return {str(one) for one in getattr(member, name).all()}


def difference(label: str, before: Iterable[str], after: Iterable[str]) -> str:
    """«направления: + помощь ШНОР; − демонстрация опыта»."""
    gone, new = sorted(set(before) - set(after)), sorted(set(after) - set(before))
    parts = [f"{sign} {', '.join(names)}" for sign, names in (("+", new), ("−", gone)) if names]
    return f"{label}: {'; '.join(parts)}"


@transaction.atomic
def put_in_status(member: Member, status: str, *, on: date, order: str, reason: str, actor: User) -> bool:
    """Write an order down once, however often the form is sent. Raises RosterRefused."""
    Member.objects.select_for_update(no_key=True, of=("self",)).get(pk=member.pk)
    same = {"status": status, "on": on, "order": order.strip(), "reason": reason.strip()}
    if member.status_changes.filter(**same).exists():
        return False
    change_status(member, status, on=on, order=order, reason=reason, actor=actor)
    return True


@transaction.atomic
def prove_indicator(
    member: Member, kind: str, values: dict[str, Any], upload: UploadedFile | None, *, actor: User
) -> Indicator:
    """A dated row with its proof; the same form sent twice is one row with one file."""
    row = add_indicator(member, kind, **values, actor=actor)
    if upload is None:
        return row
    if not row.files.filter(size=upload.size or 0, name=clean_name(upload.name or "")).exists():
        stored = store_upload(upload, row, actor)
        note_on(member, f"подтверждение показателя «{row}»: {stored.name}", actor)
    return row


@transaction.atomic
def end_indicator(row: Indicator, until: date, *, actor: User) -> bool:
    """The last day the row holds. It may come nearer, never go further: that is a row of its own."""
    open_ended = Q(until=None) | Q(until__gt=until)
    changed = Indicator.objects.filter(open_ended, pk=row.pk).update(until=until)
    if changed:
        note_on(row.member, f"показатель «{row}» действует по {long_date(until)}", actor)
    return bool(changed)


def open_card(user: User, *, status: str, on: date, order: str, actor: User) -> Member:
    """A new card. Two administrators at once get one card: the second is told. Raises RosterRefused."""
    try:
        with transaction.atomic():
            return create_member(user, status=status, on=on, order=order, actor=actor)
    except IntegrityError as error:
        raise RosterRefused(f"Карточка РМА у этого человека уже есть: {user.full_name}.") from error
