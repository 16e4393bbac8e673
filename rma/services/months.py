"""A month of work: its lines are looked through, put right or left out, and agreed; agreed ones are locked."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Sum, When

from cabinet.core.clock import add_months, today
from cabinet.core.words import month_words
from cabinet.structure.models import Organization
from cabinet.users.models import LogEntry, User
from cabinet.users.services import record
from rma.models import Activity, AgreedMonth, Member, MemberQuerySet, Request
from rma.models.activity import ActivityQuerySet
from rma.services.hours import hours_words

State = Activity.State
LOCKED = "Месяц с этой строкой уже согласован: она больше не меняется. Чтобы изменить её, верните месяц."
CHANGED = (
    "Эту строку тем временем изменили в другом окне. Ваш текст не потерян: сверьте его с тем, что записано сейчас."
)
LEFT_OUT = "Эту строку решено не учитывать. Верните её в месяц, чтобы изменить."
WRITTEN = "Эта строка уже записана, но с другими словами. Откройте её в месяце и измените там."
NOT_BEGUN = "Этот месяц ещё не начался: согласовать в нём пока нечего."
BY_HAND = "hand:"  # what offered the line: the member himself
LINES_SHOWN = 100  # of those that wait, and of those left out; the next follow once these are agreed
NEAR_ORGANIZATIONS = 8  # of recent lines and requests, offered as ticks


class LineRefused(Exception):
    """The line cannot be changed any more; the text is for the user, `now` is the row as it stands."""

    def __init__(self, text: str, now: Activity) -> None:
        super().__init__(text)
        self.now = now


class MonthRefused(Exception):
    """The month cannot be agreed; the text is for the user."""


class Tally(NamedTuple):
    """Lines, hours and people together."""

    lines: int
    hours: Decimal
    people: int

    @property
    def hours_words(self) -> str:
        return hours_words(self.hours)


@dataclass(frozen=True)
class Month:
    """`waiting` are offered and not yet agreed, the complete ones of them `ready`."""

    member: Member
    month: date
    agreed_at: Any
    waiting: list[Activity]
    agreed: list[Activity]
    left_out: list[Activity]

    @property
    def words(self) -> str:
        """«ноябрь 2026»."""
        return month_words(self.month)

    @property
    def code(self) -> str:
        """As the address says it."""
        return f"{self.month:%Y-%m}"

    @property
    def shown(self) -> list[Activity]:
        """Of those that wait, as many as one looks through at once."""
        return self.waiting[:LINES_SHOWN]

    @property
    def left_out_shown(self) -> list[Activity]:
        return self.left_out[:LINES_SHOWN]

    @property
    def ready(self) -> list[Activity]:
        """Nothing is agreed that was not before one's eyes."""
        return [line for line in self.shown if line.is_complete]

    @property
    def lacking(self) -> int:
        return len(self.shown) - len(self.ready)

    @property
    def seen(self) -> str:
        """What the reader has before his eyes, for `agree`: «pk:revision» of every line that can be agreed."""
        return ",".join(f"{line.pk}:{line.revision}" for line in self.ready)

    @property
    def total(self) -> Tally:
        return added(self.agreed)

    @property
    def to_agree(self) -> Tally:
        return added(self.ready)

    @property
    def is_current(self) -> bool:
        return self.month == today().replace(day=1)

    @property
    def has_newer(self) -> bool:
        """Everything that waits came after the month was agreed."""
        return bool(self.agreed_at) and all(line.created_at > self.agreed_at for line in self.waiting)

    @property
    def is_empty(self) -> bool:
        return not (self.waiting or self.agreed or self.left_out)


def added(lines: Iterable[Activity]) -> Tally:
    found = list(lines)
    return Tally(len(found), sum((one.hours for one in found), Decimal(0)), sum(one.people_count for one in found))


def month_named(text: str) -> date | None:
    """«2026-11» → its first day; None for anything else and for months to come."""
    year, _, number = text.partition("-")
    if not (year.isascii() and year.isdigit() and len(year) == 4 and number.isascii() and number.isdigit()):
        return None
    if not (int(year) > 1 and 1 <= int(number) <= 12 and len(number) == 2):
        return None
    found = date(int(year), int(number), 1)
    return found if found <= today() else None


def read_month(member: Member, month: date, lines: ActivityQuerySet) -> Month:
    """`lines` are those the reader may see; three states of one month in one query, their names in a few more."""
    found = (
        lines.filter(member=member, month=month)
        .select_related("direction", "function")
        .prefetch_related("organizations")
        .order_by("on", "pk")
    )
    by_state: dict[str, list[Activity]] = defaultdict(list)
    for line in found:
        by_state[line.state].append(line)
    agreed = AgreedMonth.objects.filter(member=member, month=month).first()
    return Month(
        member,
        month,
        agreed.agreed_at if agreed else None,
        by_state[State.OFFERED],
        by_state[State.AGREED],
        by_state[State.DISMISSED],
    )


def hide_names(month: Month, reader: User) -> None:
    """Titles and notes name people: whoever keeps the card reads of those alone whom he may see at all."""
    lines = [*month.waiting, *month.agreed, *month.left_out]
    known = User.objects.visible_to(reader).order_by().values("pk")
    people = Activity.people.through.objects.filter(activity__in=[line.pk for line in lines])
    veiled = set(people.exclude(user__in=known).values_list("activity", flat=True))
    for line in lines:
        if line.pk in veiled:
            line.title, line.note = line.get_kind_display(), ""


class Bar(NamedTuple):
    month: date
    hours: Decimal
    lines: int
    waiting: int


def year_of(member: Member, last: date) -> list[Bar]:
    """Twelve months up to `last`: agreed hours and lines, and how many lines wait; months without work too."""
    months = [add_months(last, -back) for back in range(11, -1, -1)]
    rows = (
        Activity.objects.filter(member=member, month__range=(months[0], last))
        .order_by()
        .values_list("month")
        .annotate(
            hours=Sum("hours", filter=Q(state=State.AGREED)),
            lines=Count("pk", filter=Q(state=State.AGREED)),
            waiting=Count("pk", filter=Q(state=State.OFFERED)),
        )
    )
    found = {month: (hours or Decimal(0), lines, waiting) for month, hours, lines, waiting in rows}
    return [Bar(month, *found.get(month, (Decimal(0), 0, 0))) for month in months]


# --- Lines -----------------------------------------------------------------------------------------------------


@transaction.atomic
def add_line(
    member: Member, values: Mapping[str, Any], organizations: Collection[Organization], *, once: str
) -> Activity:
    """What left no trace in the cabinet; it waits to be agreed like every other line.

    `once` is made with the form: sent twice, it is written once; sent again with other words, it raises LineRefused.
    """
    fields = {**values, "month": values["on"].replace(day=1)}
    line, is_new = Activity.objects.get_or_create(member=member, key=f"{BY_HAND}{once}", defaults=fields)
    if is_new:
        line.organizations.set(organizations)
    elif any(getattr(line, name) != value for name, value in fields.items()):
        raise LineRefused(WRITTEN, line)
    return line


@transaction.atomic
def save_line(
    line: Activity, values: Mapping[str, Any], revision: int, organizations: Collection[Organization] | None = None
) -> None:
    """Write the fields over the revision they were typed over, else raise LineRefused. None keeps organizations."""
    fields = dict(values)
    if "on" in fields:
        fields["month"] = fields["on"].replace(day=1)
    standing = Activity.objects.offered().filter(pk=line.pk, revision=revision)
    if not standing.update(**fields, revision=F("revision") + 1):
        raise _refusal(line)
    line.refresh_from_db()
    if organizations is not None:
        line.organizations.set(organizations)


def _refusal(line: Activity) -> LineRefused:
    now = Activity.objects.select_related("direction", "function").prefetch_related("organizations").get(pk=line.pk)
    words = {State.AGREED: LOCKED, State.DISMISSED: LEFT_OUT}
    return LineRefused(words.get(State(now.state), CHANGED), now)


def leave_out(line: Activity) -> bool:
    """«Не учитывать»; says whether anything changed. What has been agreed stays."""
    changed = Activity.objects.offered().filter(pk=line.pk)
    return bool(changed.update(state=State.DISMISSED, revision=F("revision") + 1))


def put_back(line: Activity) -> bool:
    changed = Activity.objects.filter(pk=line.pk, state=State.DISMISSED)
    return bool(changed.update(state=State.OFFERED, revision=F("revision") + 1))


def near_organizations(member: Member) -> list[Organization]:
    """Where he has worked of late or is asked to, and his own: what a line written by hand is mostly about."""
    asked = Request.objects.filter(member=member).order_by("-created_at").values_list("organization", flat=True)
    worked = Activity.organizations.through.objects.filter(activity__member=member).order_by("-activity__on")
    recent = list(asked[:NEAR_ORGANIZATIONS])
    recent += worked.values_list("organization", flat=True)[: NEAR_ORGANIZATIONS * 3]
    keys = dict.fromkeys([member.user.organization_id, *recent])
    wanted = [key for key in keys if key is not None][:NEAR_ORGANIZATIONS]
    found = Organization.objects.select_related("municipality").in_bulk(wanted)
    return [found[key] for key in wanted if key in found]


# --- The month -------------------------------------------------------------------------------------------------


def agree(member: Member, month: date, seen: Mapping[int, int], *, actor: User) -> Tally:
    """The lines of `seen` (pk → the revision that was looked at) count from now on and are locked.

    What has changed since, lacks a direction or a function, or came later stays and waits. Says what was agreed.
    """
    if month > today().replace(day=1):
        raise MonthRefused(NOT_BEGUN)
    by_revision: dict[int, list[int]] = defaultdict(list)
    for pk, revision in seen.items():
        by_revision[revision].append(pk)
    looked_at = Q(pk__in=())
    for revision, pks in by_revision.items():
        looked_at |= Q(revision=revision, pk__in=pks)
    with transaction.atomic():
        _lock(member)
        lines = Activity.objects.offered().filter(
            looked_at, member=member, month=month, direction__isnull=False, function__isnull=False
        )
        taken = list(lines.values_list("pk", flat=True))
        if not lines.filter(pk__in=taken).update(state=State.AGREED, revision=F("revision") + 1):
            return Tally(0, Decimal(0), 0)
        agreed, _ = AgreedMonth.objects.get_or_create(member=member, month=month)
        done = added(Activity.objects.agreed().filter(pk__in=taken))
        _note(agreed, f"согласован, строк: {done.lines}", actor)
    return done


def reopen(member: Member, month: date, *, actor: User) -> bool:
    """«Вернуть месяц»: its lines can be changed again and do not count meanwhile; says whether it was agreed."""
    with transaction.atomic():
        _lock(member)
        agreed = AgreedMonth.objects.filter(member=member, month=month).select_related("member__user").first()
        if agreed is None:
            return False
        lines = Activity.objects.agreed().filter(member=member, month=month)
        lines.update(state=State.OFFERED, revision=F("revision") + 1)
        _note(agreed, "возвращён", actor)
        agreed.delete()
    return True


def _lock(member: Member) -> None:
    """Agreeing and taking back in two windows go one after the other."""
    Member.objects.select_for_update(no_key=True, of=("self",)).get(pk=member.pk)


def _note(agreed: AgreedMonth, what: str, actor: User) -> None:
    """About the month: the history of the card is of the card."""
    note = f"работа за {month_words(agreed.month)}: {what}"
    record(LogEntry.Action.CHANGED, actor=actor, person=agreed.member.user, about=agreed, note=note)


# --- Whose months ----------------------------------------------------------------------------------------------


def busy_first(members: MemberQuerySet, month: date) -> MemberQuerySet:
    """Those with something to look through come first, then those who have agreed, then the rest; by name."""
    lines = Activity.objects.filter(member=OuterRef("pk"), month=month).order_by()
    places = [When(Exists(lines.offered()), then=0), When(Exists(lines.agreed()), then=1)]
    return members.annotate(place=Case(*places, default=2)).order_by("place", "user__name_key", "pk")


class MonthOf(NamedTuple):
    """A member's month in a list."""

    member: Member
    lines: int
    hours: Decimal
    waiting: int
    agreed_at: Any


def months_of(members: Collection[Member], month: date) -> list[MonthOf]:
    """How far each of these members is with the month, in two queries."""
    pks = [member.pk for member in members]
    rows = (
        Activity.objects.filter(member__in=pks, month=month)
        .order_by()
        .values_list("member")
        .annotate(
            lines=Count("pk", filter=Q(state=State.AGREED)),
            hours=Sum("hours", filter=Q(state=State.AGREED)),
            waiting=Count("pk", filter=Q(state=State.OFFERED)),
        )
    )
    found = {pk: (lines, hours or Decimal(0), waiting) for pk, lines, hours, waiting in rows}
    agreed = dict(AgreedMonth.objects.filter(member__in=pks, month=month).values_list("member", "agreed_at"))
    nothing = (0, Decimal(0), 0)
    return [MonthOf(one, *found.get(one.pk, nothing), agreed.get(one.pk)) for one in members]
