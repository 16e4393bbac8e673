"""A stretch of days with what is on them: events one may see, time limits one answers for, days off, clashes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, Subquery
from django.urls import reverse

from cabinet.core.clock import is_working_day, quiet_periods, today
from cabinet.core.limits import FEW, Limit
from cabinet.core.models import CalendarDay
from cabinet.core.words import MONTHS, counted
from cabinet.planner.models import Event, Participation
from cabinet.planner.services import due_days as tasks
from cabinet.planner.services.clashes import AT, overlapping
from cabinet.planner.services.ical import OWN_STATE
from cabinet.users.models import User
from iom.services import due_days as routes
from motor.services import due_days as cases
from rma.services import due_days as requests

SCOPES = {"personal": "личные", "organization": "организации", "municipality": "муниципалитета", "region": "края"}
LIMITS = {
    "cases": "карты МОТОР",
    "routes": "маршруты ИОМ",
    "assignments": "задания",
    "requests": "запросы к РМА",
    "tasks": "задачи",
}
ASSIGNMENTS = frozenset({"answer", "check", "answers"})
QUIET_FOR = {"methodist", "head", "municipal", "admin"}
SHORT = ("пн", "вт", "ср", "чт", "пт", "сб", "вс")
WEEKDAYS = ("понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье")


@dataclass(frozen=True)
class Shown:
    """What of the calendar is asked for: levels of events, kinds of limits, only one's own."""

    scopes: frozenset[str] = frozenset(SCOPES)
    limits: frozenset[str] = frozenset(LIMITS)
    only_mine: bool = False


class Row(NamedTuple):
    """An event, as few columns of it as a line needs; the last three say what the reader has to do with it."""

    pk: int
    on: date
    starts_at: time | None
    ends_at: time | None
    title: str
    kind: str
    scope: str
    place: str
    is_cancelled: bool
    author: int
    leads: bool
    is_led: bool
    state: str | None
    reader: int

    @property
    def is_there(self) -> bool:
        """The same as clashes.attended_by asks the database."""
        runs = self.leads or (self.author == self.reader and not self.is_led)
        return not self.is_cancelled and (runs or self.state in AT)

    @property
    def hours(self) -> str:
        return "–".join(f"{one:%H:%M}" for one in (self.starts_at, self.ends_at) if one)

    @property
    def kind_words(self) -> str:
        return Event.Kind(self.kind).label

    @property
    def scope_words(self) -> str:
        return Event.Scope(self.scope).label

    @property
    def state_words(self) -> str:
        """«вы проводите», «вы придёте»."""
        if self.leads:
            return "вы проводите"
        if self.state is None and self.author == self.reader and self.scope != Event.Scope.PERSONAL:
            return "вы внесли"
        return OWN_STATE.get(self.state or "", "")

    @property
    def state_look(self) -> tuple[str, str]:
        """Tone and icon of the reader's own part."""
        if self.leads:
            return "primary", "person-check"
        looks = {"invited": ("warn", "envelope"), "coming": ("ok", "check-lg"), "declined": ("calm", "x-lg")}
        return looks.get(self.state or "", ("calm", "hourglass-split" if self.state else "pencil"))

    @property
    def address(self) -> str:
        return reverse("planner:event", args=[self.pk])


ON_PAPER = 12  # lines in a cell of a printed month


@dataclass
class Day:
    """`off` is why it is not worked, `worked` why it is in spite of its weekday."""

    day: date
    off: str = ""
    worked: str = ""
    is_outside: bool = False
    is_chosen: bool = False
    events: list[Row] = field(default_factory=list)
    limits: list[Limit] = field(default_factory=list)
    clashes: list[Any] = field(default_factory=list)
    cap: int = 3
    address: str = ""

    @property
    def is_today(self) -> bool:
        return self.day == today()

    @property
    def iso(self) -> str:
        return self.day.isoformat()

    @property
    def title(self) -> str:
        """«12 марта, четверг»."""
        return f"{self.day.day} {MONTHS[self.day.month - 1]}, {WEEKDAYS[self.day.weekday()]}"

    @property
    def short(self) -> str:
        """«Чт, 12 марта»."""
        return f"{SHORT[self.day.weekday()].capitalize()}, {self.day.day} {MONTHS[self.day.month - 1]}"

    @property
    def sign(self) -> str:
        """A day off in the middle of a week, in a cell with room for one short word."""
        if self.worked:
            return "раб."
        return "вых." if self.off and self.day.weekday() < 5 else ""

    @property
    def limit_count(self) -> int:
        return sum(one.many for one in self.limits)

    @property
    def count(self) -> int:
        return len(self.events) + self.limit_count

    @property
    def count_short(self) -> str:
        return str(self.count) if self.count < 100 else "99+"

    @property
    def is_empty(self) -> bool:
        return not (self.events or self.limits)

    @property
    def shown_events(self) -> list[Row]:
        """Limits keep a line at least: a day of many events must not hide that something ends."""
        return self.events[: self.cap - 1 if self.limits and len(self.events) >= self.cap else self.cap]

    @property
    def shown_limits(self) -> list[Limit]:
        return self.limits[: self.cap - len(self.shown_events)]

    @property
    def more(self) -> int:
        """How many lines are left out."""
        return len(self.events) + len(self.limits) - len(self.shown_events) - len(self.shown_limits)

    @property
    def left_events(self) -> list[Row]:
        """What a screen has no room for, a cell on paper shows, as far as it is a cell."""
        return self.events[len(self.shown_events) : ON_PAPER]

    @property
    def left_limits(self) -> list[Limit]:
        return self.limits[len(self.shown_limits) :][: max(ON_PAPER - len(self.events), 0)]

    @property
    def more_on_paper(self) -> int:
        return self.more - len(self.left_events) - len(self.left_limits)

    @property
    def has_late(self) -> bool:
        return any(one.is_overdue and one.is_mine for one in self.limits)

    @property
    def voice(self) -> str:
        """What a reader of screens is told of the cell's number."""
        said = ["сегодня"] if self.is_today else []
        said += [one for one in (self.off, self.worked) if one]
        if self.events:
            said.append(counted(len(self.events), "событие", "события", "событий"))
        if self.limits:
            said.append(counted(self.limit_count, "срок", "срока", "сроков"))
        if self.clashes:
            said.append("события в одно время")
        return f", {'; '.join(said)}" if said else ""


def days_between(
    user: User, since: date, until: date, shown: Shown, *, cap: int = 3, few: int = FEW, full: date | None = None
) -> list[Day]:
    """Every day of the stretch. `full` is the one that is opened: its limits are wanted line by line."""
    found = {day.day: day for day in _bare(since, until, cap)}
    events = _events(user, since, until, shown)
    for row in events:
        found[row.on].events.append(row)
    for limit in _limits(user, since, until, shown, few, full):
        found[limit.day].limits.append(limit)
    for on, pairs in overlapping([row for row in events if row.is_there]).items():
        found[on].clashes = pairs
    for day in found.values():
        day.limits.sort(key=lambda one: not one.is_mine)
        day.is_chosen = day.day == full
    return list(found.values())


def _bare(since: date, until: date, cap: int) -> list[Day]:
    """The days with the names of those that are not worked, or are worked on a weekend: one query."""
    special = {one.day: one for one in CalendarDay.objects.filter(day__range=(since, until))}
    days = []
    for number in range((until - since).days + 1):
        day = Day(since + timedelta(days=number), cap=cap)
        named = special.get(day.day)
        if named is not None:
            words = f"{'рабочий' if named.is_working else 'нерабочий'} день: {named.title}"
            day.off, day.worked = ("", words) if named.is_working else (words, "")
        elif not is_working_day(day.day):
            day.off = "выходной"
        days.append(day)
    return days


def _events(user: User, since: date, until: date, shown: Shown) -> list[Row]:
    """One query of the columns that are shown."""
    if not shown.scopes:
        return []
    of_event = {"event": OuterRef("pk")}
    through = Event.leaders.through.objects.filter(**of_event)
    mine = Participation.objects.filter(person=user, **of_event)
    rows = Event.objects.visible_to(user).filter(on__range=(since, until), scope__in=shown.scopes)
    rows = rows.annotate(
        leads=Exists(through.filter(user=user)), is_led=Exists(through), state=Subquery(mine.values("state")[:1])
    )
    if shown.only_mine:
        rows = rows.filter(Q(author=user) | Q(leads=True) | Q(state__isnull=False))
    names = [name for name in Row._fields if name != "reader"]
    return [Row._make((*row, user.pk)) for row in rows.order_by("on", "starts_at", "pk").values_list(*names)]


def _limits(user: User, since: date, until: date, shown: Shown, few: int, full: date | None) -> list[Limit]:
    """Each package says its own; those that are switched off are not asked."""
    sources: list[tuple[set[str], Callable[..., list[Limit]]]] = [
        ({"cases"}, cases.due_for),
        ({"routes", "assignments"}, routes.due_for),
        ({"requests"}, requests.due_for),
        ({"tasks"}, tasks.due_for),
    ]
    found: list[Limit] = []
    for kinds, due_for in sources:
        if kinds & shown.limits:
            rows = due_for(user, since, until, few=few, full=full, only_mine=shown.only_mine)
            found += rows if kinds <= shown.limits else [one for one in rows if _kind(one) in shown.limits]
    return found


def _kind(limit: Limit) -> str:
    return "assignments" if limit.kind in ASSIGNMENTS else "routes"


def own_limits(user: User, since: date, until: date) -> list[Limit]:
    """For the feed: own work only, by number, naming nobody."""
    modules = (cases, routes, requests, tasks)
    return [one for module in modules for one in module.due_for(user, since, until, few=0, only_mine=True)]


def quiet_words(user: User, since: date, until: date) -> list[str]:
    """Periods without openings that touch the days, each once; for those who wait for cases to open."""
    if not user.roles & QUIET_FOR:
        return []
    found: dict[str, None] = {}
    for number in range((until - since).days + 1):
        for period in quiet_periods():
            if around := period.covering(since + timedelta(days=number)):
                first, last = (f"{day.day} {MONTHS[day.month - 1]}" for day in around)
                found[f"{period.title}, {first} – {last}: новые карты не открываются"] = None
    return list(found)
