"""What is expected of a person today, what waits for others, how things stand and what is done: the first page."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any, Protocol

from django.db import models
from django.db.models import Case as Choose
from django.db.models import Count, F, OuterRef, Q, Value, When
from django.urls import reverse
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.core.words import counted
from cabinet.core.works import Work, WorkLine
from cabinet.planner.models import Task
from cabinet.users.models import Role, User
from iom.services import desk as routes
from motor.models import (
    Case,
    MunicipalRecord,
    Status,
    Survey,
    Transition,
)
from motor.services import response
from motor.services.appointing import organizations_of, without_methodist
from motor.services.experience import unmarked_by
from motor.services.story import turns_of
from motor.services.talking import TALK
from motor.services.turns import turns
from rma.services import desk as requests

SHOWN = 4  # lines of one kind of work within one stretch of time
LATE, WEEK, LATER = "late", "week", "later"
TASKS = "tasks"  # stands where the role does: a task belongs to the person


class Owing(Protocol):
    """A package's module that says what it asks of a person: rows of one query, their kinds, the words of a line."""

    WORKS: dict[str, Work]

    def owed(self, user: User) -> list[Any]: ...
    def line_of(self, row: Any) -> WorkLine: ...


@dataclass(frozen=True)
class Line:
    """One thing to do: what, about whom, until when, and the button that does it."""

    title: str
    about: str
    due_on: date | None
    url: str
    button: str
    note: str = ""

    @property
    def is_overdue(self) -> bool:
        return self.due_on is not None and self.due_on < today()

    @property
    def when(self) -> str:
        return when(self.due_on)


@dataclass
class Group:
    """One kind of work: some lines of each stretch of time, and how many there are in all."""

    title: str
    hint: str
    role: str
    code: str = ""
    more_url: str = ""
    lines: list[Line] = field(default_factory=list)
    totals: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.totals.values())

    def add(self, line: Line, count: int | None = None) -> None:
        """`count` is of the whole stretch, when it has more than the lines shown."""
        self.lines.append(line)
        self.totals[line.when] = self.totals.get(line.when, 0) + 1 if count is None else count


@dataclass(frozen=True)
class Block:
    """What a section shows of one kind: the first lines, or only their number and the nearest limit."""

    group: Group
    lines: list[Line]
    total: int
    url: str
    is_folded: bool = False

    @property
    def nearest(self) -> date | None:
        return self.lines[0].due_on if self.lines else None


@dataclass(frozen=True)
class Section:
    title: str
    code: str
    blocks: list[Block]

    @property
    def total(self) -> int:
        return sum(block.total for block in self.blocks)


@dataclass(frozen=True)
class Waiting:
    """Who has it now instead of the reader: the nearest of them by name, and how many."""

    title: str
    nearest: str
    since: datetime
    due_on: date | None
    total: int
    url: str


@dataclass(frozen=True)
class Own:
    """A case of the reader or of somebody he helps: with whom it is, and what was answered when."""

    case: Case
    turn: str
    answered_at: datetime | None
    is_own: bool


@dataclass(frozen=True)
class Standing:
    """How people answer within the reader's scope since the day said, and where least of them do."""

    total: response.Line
    places: list[response.Line]
    by: str
    since: date


@dataclass
class Desk:
    groups: list[Group] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)
    own: list[Own] = field(default_factory=list)
    helped: list[Own] = field(default_factory=list)
    standing: Standing | None = None
    done: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(group.total for group in self.groups)

    def count(self, when: str) -> int:
        return sum(group.totals.get(when, 0) for group in self.groups)

    @property
    def late(self) -> int:
        return self.count(LATE)

    @property
    def ahead(self) -> str:
        """«На этой неделе: 5, позже: 20»."""
        words = {WEEK: "на этой неделе", LATER: "позже"}
        said = [f"{label}: {count}" for code, label in words.items() if (count := self.count(code))]
        text = ", ".join(said)
        return text if self.late or not text else text[0].upper() + text[1:]

    @property
    def first(self) -> Line | None:
        """The one next thing: the nearest time limit of all groups."""
        lines = [line for group in self.groups for line in group.lines]
        return min(lines, key=lambda line: line.due_on or date.max, default=None)

    @property
    def sections(self) -> list[Section]:
        """Late ones apart and first; then by role for who has several, by time for who has one."""
        roles = list(dict.fromkeys(group.role for group in self.groups))
        found = [self._section("Просрочено", LATE, self.groups, (LATE,))]
        if len(set(roles) - {TASKS}) > 1:
            for role in roles:
                mine = [group for group in self.groups if group.role == role]
                found.append(self._section(role_title(role), role, mine, (WEEK, LATER)))
        else:
            found.append(self._section("На этой неделе", WEEK, self.groups, (WEEK,)))
            found.append(self._section("Позже", LATER, self.groups, (LATER,)))
        return [section for section in found if section.blocks]

    def _section(self, title: str, code: str, groups: list[Group], stretches: tuple[str, ...]) -> Section:
        blocks = [block for group in groups for when in stretches if (block := self._block(group, when))]
        return Section(title, code, blocks)

    def _block(self, group: Group, when: str) -> Block | None:
        """Nothing is said twice: the line on top of the page is left out; what is far ahead is only counted."""
        total = group.totals.get(when, 0)
        lines = [line for line in group.lines if line.when == when]
        if self.first in lines:
            lines, total = [line for line in lines if line is not self.first], total - 1
        if not total:
            return None
        url = f"{group.more_url}&when={when}" if group.code in WORDS else group.more_url
        return Block(group, lines, total, url, is_folded=when == LATER and total > 1 and bool(url))


def week_end() -> date:
    """Sunday of this week."""
    return today() + timedelta(days=6 - today().weekday())


def role_title(role: str) -> str:
    """«Методист ОО»: whose work a section holds."""
    if role not in Role.values:
        return "Вы как педагог" if role == "teacher" else "Задачи"
    label = str(Role(role).label)
    return label[0].upper() + label[1:]


# Kind of work → what it is called, what one is to do, the button.
WORDS = {
    "survey": ("Рассказать, что изменилось после курсов", "Четыре вопроса, около трёх минут", "Ответить"),
    "review": ("Заполнить чек-лист", "Педагог ответил, изучите подтверждения", "Открыть чек-лист"),
    "naming": ("Назвать методиста РМА", "Без него оценка не продолжится", "Назвать"),
    "steps": ("Провести шаги по результату", "Отмечайте сделанное в карте", "Открыть шаги"),
    "rma": ("Дать второе мнение", "Вы приняли запрос об участии в оценке", "Открыть чек-лист"),
    "agreement": ("Прочитать общее заключение", "Второй методист предлагает прийти к одному мнению", "Прочитать"),
    "objection": ("Рассмотреть возражение педагога", "Решение с основаниями прочитает педагог", "Рассмотреть"),
    "record": ("Отметить, может ли педагог представить опыт", "Учёт результата в ММС", "Отметить"),
}
TITLES = {
    "survey": "Опросные листы",
    "review": "Чек-листы",
    "naming": "Назвать методиста РМА",
    "steps": "Шаги по результату",
    "rma": "Второе мнение",
    "agreement": "Общее заключение",
    "objection": "Возражения",
    "record": "Учёт в ММС",
}
PAGES = {"survey": "motor:survey", "review": "motor:checklist", "rma": "motor:checklist"}
ACTS = {"agreement": "confirm", "objection": "decide"}
PLACES = {"steps": "#steps", "record": "#record"}  # where on the case's page the work is done
# In whose name the work is done, of those whose turn it may be: the first role the person has.
DOERS = {
    "survey": ("teacher",),
    "rma": ("regional",),
    "record": ("municipal",),
    "agreement": ("methodist", "regional", "municipal"),
    "objection": ("municipal", "admin"),
}


def _line(code: str, case: Case) -> Line:
    title, _, button = WORDS[code]
    programme = case.completion.course.programme.title
    about, note = (programme, "") if code == "survey" else (case.person.full_name, programme)
    if code in ACTS:
        address = reverse("motor:act", args=[case.pk, ACTS[code]])
    else:
        address = reverse(PAGES.get(code, "motor:case"), args=[case.pk]) + PLACES.get(code, "")
    due_on = case.objection.due_on if code == "objection" else case.due_on
    return Line(title, about, due_on, address, button, note)


def desk(user: User) -> Desk:
    """Everything the first page says; a constant number of queries per role, whatever the rows."""
    result = Desk()
    _add_turns(result, user)
    # Somebody stands still until a request is answered: they come first.
    _add_owed(result, user, requests, first=True)
    if user.roles & {"head", "municipal", "admin"}:
        _add_unassigned(result, user)
    _add_owed(result, user, routes)
    _add_events(result, user)
    _add_tasks(result, user)
    _add_watched(result, user)
    _add_standing(result, user)
    result.done = _done(user)
    return result


def stretch(due: str) -> Choose:
    """late, week or later, by the column of the time limit."""
    return Choose(
        When(**{f"{due}__lt": today()}, then=Value(LATE)),
        When(**{f"{due}__gt": week_end()}, then=Value(LATER)),
        default=Value(WEEK),
        output_field=models.CharField(),
    )


def when(due_on: date | None) -> str:
    """The same for one day; what has no limit is done this week."""
    if due_on is None:
        return WEEK
    return LATE if due_on < today() else WEEK if due_on <= week_end() else LATER


def by_stretch(rows: Iterable[Any]) -> list[list[Any]]:
    """Rows of one stretch of time together, the nearest `limit` first.

    What waits for one person fits into memory. A query that picks the nearest by itself takes Django longer to write
    than all of them take to be read.
    """
    found: dict[str, list[Any]] = defaultdict(list)
    in_order = sorted(rows, key=lambda row: (row.limit or date.max, row.pk))
    for limit, same in groupby(in_order, key=lambda row: row.limit):
        found[when(limit)] += same
    return list(found.values())


def _add_turns(result: Desk, user: User) -> None:
    """All kinds of work by one query for the limits and one for the names of those shown."""
    arms: list[Any] = [
        cases.order_by()
        .annotate(code=Value(code), limit=F("objection__due_on" if code == "objection" else "due_on"))
        .values_list("code", "limit", "pk", named=True)
        for code, cases in turns(user).items()
    ]
    rows: dict[str, list[Any]] = defaultdict(list)
    for row in arms[0].union(*arms[1:], all=True):
        rows[row.code].append(row)
    stretches = {code: by_stretch(rows[code]) for code in WORDS if code in rows}
    shown = [row.pk for found in stretches.values() for same in found for row in same[:SHOWN]]
    cases = Case.objects.select_related("person", "completion__course__programme", "objection").in_bulk(shown)
    for code, found in stretches.items():
        group = Group(TITLES[code], WORDS[code][1], _doer(code, user), code, _more(code))
        for same in found:
            for row in same[:SHOWN]:
                if row.pk in cases:
                    group.add(_line(code, cases[row.pk]), len(same))
        result.groups.append(group)


def _doer(code: str, user: User) -> str:
    return next((role for role in DOERS.get(code, ("methodist", "municipal", "admin")) if role in user.roles), "admin")


def _more(code: str) -> str:
    return f"{reverse('motor:cases')}?turn={code}"


def _add_owed(result: Desk, user: User, of: Owing, *, first: bool = False) -> None:
    """What waits for the reader in another package: what it is comes from there, the stretches of time are here."""
    kinds: dict[str, list[Any]] = defaultdict(list)
    for row in of.owed(user):
        kinds[row.code].append(row)
    found = []
    for code, work in of.WORKS.items():
        if code not in kinds:
            continue
        doer = next((role for role in work.doers if role in user.roles), work.doers[0])
        group = Group(work.title, work.hint, doer, "", work.address)
        for same in by_stretch(kinds[code]):
            for row in same[:SHOWN]:
                line = of.line_of(row)
                group.add(Line(line.title, line.about, row.limit, line.address, work.button, line.note), len(same))
        found.append(group)
    result.groups[:] = [*found, *result.groups] if first else [*result.groups, *found]


def _add_events(result: Desk, user: User) -> None:
    """Past events whose presentations nobody has marked."""
    rows = unmarked_by(user).order_by().values("event__pk", "event__title", "event__on").annotate(people=Count("pk"))
    hint = "Опыт представлен или событие не состоялось"
    group = Group("Отметить представивших опыт", hint, "methodist", "", reverse("planner:events"))
    for row in sorted(rows, key=lambda row: row["event__on"])[:SHOWN]:
        address = f"{reverse('planner:event', args=[row['event__pk']])}#experience"
        who = counted(row["people"], "человек", "человека", "человек")
        group.add(Line("Отметить, кто представил опыт", row["event__title"], None, address, "Отметить", who))
    if group.lines:
        result.groups.append(group)


def _add_tasks(result: Desk, user: User) -> None:
    """Tasks people gave one another, and talks with the silent; steps of a process stand with their case."""
    tasks = Task.objects.open().filter(assignee=user, kind__in=("", TALK)).order_by()
    tasks = tasks.only("title", "due_on", "kind", "about_id").annotate(limit=F("due_on"))
    group = Group("Задачи", "от коллег и себе", TASKS, "", reverse("planner:tasks"))
    for same in by_stretch(tasks):
        for task in same[:SHOWN]:
            is_talk = task.kind == TALK and task.about_id
            address = reverse("motor:link", args=[task.about_id]) if is_talk else task.get_absolute_url()
            button = "К разговору" if is_talk else "Открыть"
            group.add(Line(task.title, task.title, task.due_on, address, button), len(same))
    if group.lines:
        result.groups.append(group)


OTHERS = {
    Status.SURVEY_OPEN: "Опросные листы педагогов",
    Status.RMA_REQUESTED: "Ответ методиста РМА",
    Status.RMA_REVIEW: "Чек-лист методиста РМА",
}


def _add_watched(result: Desk, user: User) -> None:
    """Cases that are somebody else's turn: by kind with the nearest, own ones and those of helped people one by one."""
    helped = [one.person_id for one in user.active_memberships if one.role == Role.MENTOR]
    led = Q(responsible=user, status__in=OTHERS) & ~Q(person=user)
    # What the reader has to answer himself stands above among the things to do.
    answers = Q(status__in=(Status.SURVEY_OPEN, Status.NO_RESPONSE), paused_until=None)
    own = Q(person=user) & ~Q(status__in=(Status.SCHEDULED, Status.STOPPED)) & ~answers
    near = own | Q(person__in=helped) & ~Q(status=Status.STOPPED)
    # Who has it is found out of few columns; names and answers are read of the shown ones only.
    rows = Case.objects.filter(led | near).order_by().values_list("pk", "person", "status", "due_on", named=True)
    kinds: dict[str, list[Any]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.status in Case.ENDED, row.due_on or date.max, -row.pk)):
        kinds["own" if row.person == user.pk else "helped" if row.person in helped else row.status].append(row)
    shown = [row.pk for whose, same in kinds.items() for row in same[: 1 if whose in OTHERS else SHOWN]]
    answered = Survey.objects.submitted().filter(case=OuterRef("pk")).order_by("-submitted_at").values("submitted_at")
    cases = Case.objects.with_names().annotate(answered_at=models.Subquery(answered[:1])).in_bulk(shown)
    turn_of = {case.pk: turn for case, turn in turns_of(list(cases.values()))}
    for whose, same in kinds.items():
        for pk in [row.pk for row in same if row.pk in turn_of]:
            case: Any = cases[pk]
            if whose not in OTHERS:
                where = result.own if whose == "own" else result.helped
                where.append(Own(case, turn_of[pk], case.answered_at, whose == "own"))
                continue
            url = f"{reverse('motor:cases')}?status={whose}&view=all&led=me"
            nearest = turn_of[pk].partition(" — ")[0] if whose != Status.SURVEY_OPEN else case.person.short_name
            title = OTHERS[Status(whose)]
            result.waiting.append(Waiting(title, nearest, case.status_since, case.due_on, len(same), url))
    for one in requests.awaited(user):
        result.waiting.append(Waiting(*one))
    result.waiting.sort(key=lambda one: one.due_on or date.max)


def _add_unassigned(result: Desk, user: User) -> None:
    """Organizations with cases and nobody appointed, cases nobody answers for, and openings that wait for the admin."""
    role = next(one for one in ("admin", "municipal", "head") if one in user.roles)
    group = Group("Ответственный не назначен", "Некому изучать подтверждения", role)
    nobodys = Case.objects.nameable_by(user).filter(responsible=None, status__in=Case.UNDER_WAY)
    asked = {"organizations": without_methodist(organizations_of(user)), "cases": nobodys}
    if role == "admin":
        asked["held"] = Case.objects.filter(status=Status.SCHEDULED, waits_for_word=True)
    arms: list[Any] = [
        rows.order_by().annotate(what=Value(what)).values_list("what").annotate(count=Count("pk"))
        for what, rows in asked.items()
    ]
    counts: dict[str, int] = dict(arms[0].union(*arms[1:], all=True))
    title, address = "Назначить ответственного", reverse("motor:responsible")
    if role != "head":
        address = reverse("motor:unassigned")
    if organizations := counts.get("organizations", 0):
        schools = counted(organizations, "организации", "организациях", "организациях")
        about = f"В {schools} никто не назначен" if organizations > 1 else "В организации никто не назначен"
        group.add(Line(title, about, None, address, "Назначить", "Их карты пока на уровень выше"))
    if count := counts.get("cases", 0):
        cards = counted(count, "карту", "карты", "карт")
        if role != "head":
            address = f"{reverse('motor:unassigned_cases')}?holder=nobody"
        group.add(Line(title, f"За {cards} не отвечает никто", None, address, "Назначить", "С ними некому работать"))
    if group.lines:
        result.groups.append(group)
    if held := counts.get("held", 0):
        about = f"Ждут вашего решения: {held}"
        opening = Group("Открыть карты", "Письма уйдут только после вашего слова", "admin")
        note = "Срок открытия прошёл ещё до загрузки списка"
        opening.add(Line("Решить об открытии карт", about, None, reverse("motor:held"), "Решить", note))
        result.groups.append(opening)


PLACES_SHOWN = 4


def _add_standing(result: Desk, user: User) -> None:
    """Progress of this school year; who sees several organizations or courses is told where fewest answer."""
    if not user.roles & {"head", "methodist", "municipal", "curator", "admin"}:
        return
    by = "municipality" if "admin" in user.roles else "organization"
    if "curator" in user.roles and not user.roles & {"admin", "municipal"}:
        by = "course"
    since = school_year()
    cases = response.response_scope(user).filter(opened_at__gte=timezone.make_aware(datetime.combine(since, time.min)))
    table = response.response_table(cases, by)
    if not table.total.asked:
        return
    places = [line for line in response.sorted_lines(table.lines, by, "-late") if line.waiting][:PLACES_SHOWN]
    if len(table.lines) < 2:
        places = []
    response.name_lines(places, by)
    result.standing = Standing(table.total, places, by, since)


def school_year(day: date | None = None) -> date:
    """The first of September that began it."""
    day = day or today()
    return date(day.year if day.month >= 9 else day.year - 1, 9, 1)


DONE = {
    "submit": ("опросный лист", "опросных листа", "опросных листов"),
    "assess": ("чек-лист", "чек-листа", "чек-листов"),
    "assess_rma": ("второе мнение", "вторых мнения", "вторых мнений"),
    "record": ("учёт в ММС", "учёта в ММС", "учётов в ММС"),
    "task": ("задача или шаг", "задачи и шага", "задач и шагов"),
    "accept_rma": ("принятый запрос", "принятых запроса", "принятых запросов"),
    "close": ("завершённая карта", "завершённые карты", "завершённых карт"),
}


def _done(user: User) -> list[str]:
    """What this person has done since Monday, in words: one query."""
    monday = timezone.make_aware(datetime.combine(today() - timedelta(days=today().weekday()), time.min))
    moves = Transition.objects.filter(actor=user, at__gte=monday, move__in=DONE).order_by()
    tasks = Task.objects.filter(done_by=user, done_at__gte=monday, status=Task.Status.DONE).order_by()
    records = MunicipalRecord.objects.filter(specialist=user, recorded_at__gte=monday).order_by()
    said = [
        moves.values_list("move").annotate(count=Count("pk")),
        tasks.annotate(move=Value("task")).values_list("move").annotate(count=Count("pk")),
        records.annotate(move=Value("record")).values_list("move").annotate(count=Count("pk")),
    ]
    counts = dict(said[0].union(*said[1:], all=True))
    return [counted(counts[move], *DONE[move]) for move in DONE if counts.get(move)]
