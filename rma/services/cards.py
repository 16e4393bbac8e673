"""A roster card in words: which formal requirements are met and by what, what is missing, who changed what."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, F, OuterRef, Prefetch, Q, prefetch_related_objects

from cabinet.core.clock import full_years, today
from cabinet.core.words import counted, long_date
from cabinet.files.models import StoredFile
from cabinet.users.models import LogEntry, User
from rma.models import Indicator, Member, MemberRole, Request, RequestQuerySet
from rma.services.roster import order_words

Kind = Indicator.Kind
# What the indicator is about; the label of the kind is the requirement, in the source's wording.
NAMES = {
    Kind.EDUCATION: "Образование",
    Kind.EXPERIENCE: "Стаж по специальности",
    Kind.CATEGORY: "Квалификационная категория",
    Kind.ASSESSMENT: "Оценка компетенций",
}
# What a member holds through a request of the kind.
HELD = {
    Request.Kind.ASSESSMENT: "оценка по картам",
    Request.Kind.IOM_HELP: "маршруты",
    Request.Kind.CONSULTATION: "консультации",
}
LONGEST_HISTORY = 500


def missing(member: Member) -> list[str]:
    """Kinds the member does not meet, of a row of with_indicators()."""
    return [kind for kind in Kind.values if not getattr(member, f"has_{kind}")]


def lacks_words(member: Member) -> str:
    """«нет высшей категории и оценки компетенций»; empty when all is met. Of a row of with_indicators()."""
    words = [Indicator.LACKS[Kind(kind)] for kind in missing(member)]
    if not words:
        return ""
    return f"нет {' и '.join([', '.join(words[:-1]), words[-1]] if len(words) > 1 else words)}"


def formal_words(member: Member) -> str:
    """«3 из 4: нет оценки компетенций». Of a row of with_indicators()."""
    lacks = lacks_words(member)
    score = f"{len(Kind) - len(missing(member))} из {len(Kind)}"
    return f"{score}: {lacks}" if lacks else score


def current(rows: Iterable[Indicator], kind: str, day: date) -> Indicator | None:
    """Of the rows in force, one by which the requirement is met, else the latest; of service, the longest."""
    found = [row for row in rows if row.kind == kind and row.is_in_force(day)]
    if kind == Kind.EXPERIENCE:
        return min(found, key=lambda row: row.since or day, default=None)
    return max(found, key=lambda row: (row.meets(day), row.since or date.min, row.pk), default=None)


@dataclass(frozen=True)
class Proven:
    """A dated row with the files that prove it."""

    row: Indicator
    in_force: bool
    files: list[StoredFile]


@dataclass(frozen=True)
class Line:
    """One formal requirement on a card: met or not, by what; `rows` are all that was ever written, the newest first.

    `words` is for those who keep the card, `open_words` for colleagues: a failed assessment is nobody's business.
    """

    kind: str
    name: str
    is_met: bool
    words: str
    open_words: str
    rows: list[Proven]


def lines_of(member: Member, *, with_files: bool) -> list[Line]:
    """The four requirements of a card whose indicators are prefetched."""
    day = today()
    rows = sorted(member.indicators.all(), key=lambda row: (row.since or date.min, row.pk), reverse=True)
    if with_files:
        prefetch_related_objects(rows, Prefetch("files", StoredFile.objects.order_by("pk")))
    lines = []
    for kind in Kind:
        row = current(rows, kind, day)
        proven = [
            Proven(one, one.is_in_force(day), list(one.files.all()) if with_files else [])
            for one in rows
            if one.kind == kind
        ]
        words = words_of(row, day)
        is_met = row is not None and row.meets(day)
        open_words = row.get_grade_display() if row and kind != Kind.EXPERIENCE else words
        if kind == Kind.ASSESSMENT and not is_met:
            open_words = "нет"
        # «Высшая квалификационная категория: первая — нет», not «Категория: первая — нет».
        name = NAMES[kind] if kind == Kind.ASSESSMENT else kind.label
        lines.append(Line(kind, name, is_met, words, open_words, proven))
    return lines


def words_of(row: Indicator | None, day: date) -> str:
    """«12 лет, с 1 сентября 2013», «высшая, присвоена 12 марта 2024», «пройдена 20 ноября 2025: высокий уровень»."""
    if row is None:
        return "сведений нет"
    if row.kind == Kind.EXPERIENCE and row.since:
        years = full_years(row.since, day)
        length = counted(years, "год", "года", "лет") if years else "меньше года"
        return f"{length}, с {long_date(row.since)}"
    words: str = row.get_grade_display()
    if row.since:
        given = ", присвоена" if row.kind == Kind.CATEGORY else "" if row.kind == Kind.ASSESSMENT else ", с"
        words += f"{given} {long_date(row.since)}"
    if row.until:
        words += f", действует по {long_date(row.until)}"
    return f"{words}: {row.result}" if row.result else words


def roles_of(member: Member) -> list[tuple[str, bool]]:
    """All six roles: the name and whether this member has it."""
    held = Member.roles.through._default_manager.filter(member=member.pk, memberrole=OuterRef("pk"))
    return [(one.name, one.is_held) for one in MemberRole.objects.annotate(is_held=Exists(held))]


def open_requests(member: Member, reader: User) -> RequestQuerySet:
    """What the member has on his hands, with `is_visible`: whether the reader may open it."""
    own = Request.objects.visible_to(reader).filter(pk=OuterRef("pk"))
    found = Request.objects.filter(member=member, status__in=Request.OPEN).with_names()
    return found.annotate(is_visible=Exists(own)).order_by(F("due_on"), "pk")


def kinds_of(requests: Iterable[Request]) -> list[tuple[str, int]]:
    """What the requests are about, and how many there are of each."""
    counts = Counter(one.kind for one in requests)
    return [(label, counts[kind]) for kind, label in HELD.items() if counts[kind]]


class Entry(NamedTuple):
    """A line of the card's history, as components/history.html shows it."""

    at: datetime
    who: str
    title: str
    text: str


def history_of(member: Member) -> list[Entry]:
    """Who changed what and when, the newest first; `status_changes` are prefetched with their authors.

    Looks are not changes; they stay in the log. What the log says about orders and months stands there by itself.
    """
    # By the person, which has an index; lines of a card that was merged into his are his too.
    people = User.objects.filter(Q(pk=member.user_id) | Q(merged_into=member.user_id)).order_by().values("pk")
    log = (
        LogEntry.objects.filter(person__in=people, about_type=ContentType.objects.get_for_model(Member))
        .filter(about_id=member.pk)
        .exclude(action=LogEntry.Action.VIEWED)
        .select_related("actor")
    )
    entries = [
        Entry(one.at, _name(one.actor), _capital(one.note or one.get_action_display()), "")
        for one in log[:LONGEST_HISTORY]
    ]
    entries += [
        Entry(one.created_at, _name(one.author), _capital(order_words(one)), one.reason)
        for one in member.status_changes.all()
    ]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def _name(user: User | None) -> str:
    return user.full_name if user else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
