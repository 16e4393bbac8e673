"""What happens to a roster card: made, its state by an order, its indicators, the consent to show it. All is logged."""

from datetime import date

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.core.words import long_date
from cabinet.users.models import LogEntry, Membership, Role, User
from cabinet.users.services import record
from rma.models import Indicator, Member, StatusChange


class RosterRefused(Exception):
    """The card cannot be changed this way; the text is for the user."""


@transaction.atomic
def create_member(
    user: User,
    *,
    status: str = Member.Status.ACTIVE,
    on: date | None = None,
    order: str = "",
    actor: User | None = None,
) -> Member:
    """A card with its first state. A person has one card: the second call raises RosterRefused."""
    if Member.objects.filter(user=user).exists():
        raise RosterRefused(f"Карточка РМА у этого человека уже есть: {user.full_name}.")
    member = Member.objects.create(user=user, status=status)
    StatusChange.objects.create(member=member, status=status, on=on or today(), order=order, author=actor)
    note_on(member, f"карточка РМА: {member.get_status_display()}", actor)
    give_role(member)
    return member


@transaction.atomic
def change_status(
    member: Member, status: str, *, on: date, order: str = "", reason: str = "", actor: User | None = None
) -> None:
    """Write down an order. Raises RosterRefused for a day to come: until then the order changes nothing."""
    if on > today():
        raise RosterRefused("Этот день ещё не наступил: внесите приказ, когда он вступит в силу.")
    if status in (Member.Status.SUSPENDED, Member.Status.EXCLUDED) and not (order.strip() or reason.strip()):
        raise RosterRefused("Укажите приказ или причину: без них состояние не изменить.")
    Member.objects.select_for_update(no_key=True, of=("self",)).get(pk=member.pk)
    StatusChange.objects.create(
        member=member, status=status, on=on, order=order.strip(), reason=reason.strip(), author=actor
    )
    settle_status(member)
    words = f"состояние: {Member.Status(status).label} с {long_date(on)}"
    note_on(member, f"{words} ({order or reason})" if order or reason else words, actor)
    give_role(member)


def settle_status(member: Member) -> None:
    """The card says what the last order says."""
    last = member.status_changes.order_by("-on", "-pk").first()
    if last is not None:
        member.status = last.status
        Member.objects.filter(pk=member.pk).update(
            status=last.status, revision=F("revision") + 1, updated_at=timezone.now()
        )


def give_role(member: Member) -> None:
    """Who acts in the group has the regional methodist's role: without it the pages are closed to him."""
    if member.status != Member.Status.ACTIVE:
        return
    if not member.user.memberships.active().filter(role=Role.REGIONAL).exists():
        Membership.objects.create(user=member.user, role=Role.REGIONAL)


@transaction.atomic
def add_indicator(
    member: Member,
    kind: str,
    grade: str,
    *,
    since: date | None = None,
    until: date | None = None,
    result: str = "",
    proof: str = "",
    actor: User | None = None,
) -> Indicator:
    """A dated row; the same row twice is one. A category awarded before 1 September 2023 ends after five years."""
    if kind == Indicator.Kind.CATEGORY and until is None:
        until = category_end(grade, since)
    row, is_new = Indicator.objects.get_or_create(
        member=member,
        kind=kind,
        grade=grade,
        since=since,
        until=until,
        result=result.strip(),
        proof=proof.strip(),
        defaults={"author": actor},
    )
    if is_new:
        words = f"с {since:%d.%m.%Y}" if since else "без даты"
        note_on(member, f"показатель: {row.get_kind_display()} — {row.get_grade_display()}, {words}", actor)
    return row


ENDLESS_SINCE = date(
    2023, 9, 1
)  # приказ Минпросвещения России от 24.03.2023 № 196: categories have no end from here on


def category_end(grade: str, since: date | None) -> date | None:
    """Five years, for a category awarded before September 2023; later ones have no end."""
    dated = (Indicator.Grade.TOP, Indicator.Grade.FIRST)
    if since is None or since >= ENDLESS_SINCE or grade not in dated:
        return None
    return (
        since.replace(year=since.year + 5, day=28)
        if (since.month, since.day) == (2, 29)
        else since.replace(year=since.year + 5)
    )


@transaction.atomic
def show_card(member: Member, *, is_shown: bool, actor: User) -> bool:
    """The consent to show the card to others, or its withdrawal; says whether anything changed."""
    changed = Member.objects.filter(pk=member.pk, shown_at__isnull=is_shown).update(
        shown_at=timezone.now() if is_shown else None, updated_at=timezone.now()
    )
    if changed:
        words = "согласие показывать карточку" if is_shown else "согласие показывать карточку отозвано"
        note_on(member, words, actor)
    member.refresh_from_db()
    return bool(changed)


def note_on(member: Member, what: str, actor: User | None) -> None:
    record(LogEntry.Action.CHANGED, actor=actor, person=member.user, about=member, note=what)
