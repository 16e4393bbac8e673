"""What happens to a roster card: made, its state by an order, its indicators, the consent to show it. All is logged."""

from datetime import date

from django.db import transaction
from django.db.models import F, Q
from django.http import HttpRequest
from django.utils import timezone

from cabinet.core.clock import add_months, today
from cabinet.core.words import long_date
from cabinet.users.models import LogEntry, Membership, Role, User
from cabinet.users.services import end_role, record
from rma import consent
from rma.models import Indicator, Member, StatusChange

Status = Member.Status
NOT_ACTING = (Status.CANDIDATE, Status.SUSPENDED, Status.EXCLUDED)
# Whoever is suspended finishes what he has, and keeps the pages for it.
WITHOUT_ROLE = (Status.CANDIDATE, Status.EXCLUDED)
CATEGORY_MONTHS = 60
# приказ Минпросвещения России от 24.03.2023 № 196: categories have no end from here on
ENDLESS_SINCE = date(2023, 9, 1)


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
    log_order(StatusChange.objects.create(member=member, status=status, on=on or today(), order=order, author=actor))
    settle_role(member, on or today(), actor)
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
    change = StatusChange.objects.create(
        member=member, status=status, on=on, order=order.strip(), reason=reason.strip(), author=actor
    )
    log_order(change)
    settle_status(member, actor)


def order_words(change: StatusChange) -> str:
    """«состояние: исключён с 1 июня 2026 (приказ № 5)»."""
    words = f"состояние: {change.get_status_display()} с {long_date(change.on)}"
    return f"{words} ({change.order})" if change.order else words


def log_order(change: StatusChange) -> None:
    """About the order and not the card: in the card's history the order itself stands already."""
    note = f"{order_words(change)}: {change.reason}" if change.reason else order_words(change)
    record(LogEntry.Action.CHANGED, actor=change.author, person=change.member.user, about=change, note=note)


def settle_status(member: Member, actor: User | None) -> None:
    """The card says what the last order says, and the role follows it."""
    last = member.status_changes.order_by("-on", "-pk").first()
    if last is not None:
        member.status = last.status
        Member.objects.filter(pk=member.pk).update(
            status=last.status, revision=F("revision") + 1, updated_at=timezone.now()
        )
        settle_role(member, last.on, actor)


def settle_role(member: Member, since: date, actor: User | None) -> None:
    """Who acts in the group has the regional methodist's role; who is not, or not yet, in it has none from the day."""
    if member.status in WITHOUT_ROLE:
        take_role(member, since, actor)
    elif member.status == Status.ACTIVE:
        give_role(member, actor)


def give_role(member: Member, actor: User | None) -> None:
    """Without it the pages of the group are closed to him."""
    if member.user.memberships.active().filter(role=Role.REGIONAL).exists():
        return
    role = Membership.objects.create(user=member.user, role=Role.REGIONAL)
    note = f"назначена роль: {role}"
    record(LogEntry.Action.RIGHTS, actor=actor, person=member.user, about=member.user, note=note)


def take_role(member: Member, since: date, actor: User | None) -> None:
    """One that never began leaves only its line in the log."""
    standing = Q(ends_on=None) | Q(ends_on__gte=since)
    for role in member.user.memberships.filter(standing, role=Role.REGIONAL):
        end_role(role, since=since, actor=actor)


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


def category_end(grade: str, since: date | None) -> date | None:
    """Five years, for a category awarded before September 2023; later ones have no end."""
    dated = (Indicator.Grade.TOP, Indicator.Grade.FIRST)
    if since is None or since >= ENDLESS_SINCE or grade not in dated:
        return None
    return add_months(since, CATEGORY_MONTHS)


@transaction.atomic
def show_card(
    member: Member,
    *,
    is_shown: bool,
    actor: User,
    version: int = consent.VERSION,
    request: HttpRequest | None = None,
) -> bool:
    """The consent to show the card to others, or its withdrawal; says whether anything changed.

    The log keeps what 152-ФЗ asks to be proven: who, when, from which address, having read which version of the text.
    """
    changed = Member.objects.filter(pk=member.pk, shown_at__isnull=is_shown).update(
        shown_at=timezone.now() if is_shown else None, updated_at=timezone.now()
    )
    if changed:
        given = f"согласие показывать карточку, текст версии {version}"
        words = given if is_shown else "согласие показывать карточку отозвано"
        note_on(member, words, actor, request)
    member.refresh_from_db()
    return bool(changed)


def note_on(member: Member, what: str, actor: User | None, request: HttpRequest | None = None) -> None:
    record(LogEntry.Action.CHANGED, actor=actor, person=member.user, about=member, note=what, request=request)
