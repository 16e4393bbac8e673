"""What is expected of a person today, what waits for others, how things stand and what is done: the first page."""

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol

from django.db import models
from django.db.models import Count, F, OuterRef, Q, Value
from django.urls import reverse
from django.utils import timezone

from cabinet.core.clock import school_year, today
from cabinet.core.stretches import by_stretch
from cabinet.core.words import counted
from cabinet.core.works import Asked, Work, WorkLine
from cabinet.home.services.day_lines import WORDS, Coming, Desk, Group, Line, Own, Standing, Waiting
from cabinet.library.services import desk as library
from cabinet.planner.models import Task
from cabinet.planner.services import desk as planner
from cabinet.polls.services import desk as polls
from cabinet.users.models import Role, User
from iom.services import desk as routes
from motor.models import Case, MunicipalRecord, Status, Survey, Transition
from motor.services import desk as cases_beside
from motor.services import response
from motor.services.appointing import organizations_of, without_methodist
from motor.services.story import turns_of
from motor.services.turns import turns
from rma.services import desk as requests

SHOWN = 4  # lines of one kind of work within one stretch of time
COMING_SHOWN = 5
UNASSIGNED_FOR = {"head", "municipal", "admin"}


class Owing(Protocol):
    """A package's module that says what it asks of a person: rows of one query, their kinds, the words of a line."""

    WORKS: dict[str, Work]

    def owed(self, user: User) -> list[Any]: ...
    def line_of(self, row: Any) -> WorkLine: ...


class Asking(Protocol):
    """The same of a package that asks little: it gives arms of a query that several of them share."""

    WORKS: dict[str, Work]

    def asked(self, user: User) -> list[Any]: ...
    def line_of(self, row: Asked) -> WorkLine: ...


ASKING: tuple[Asking, ...] = (cases_beside, planner, polls, library)


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
    result, counts = Desk(), _counts(user)
    found, watched = _turns(user), _watched(user)
    cases = _cases(found, watched)
    _add_turns(result, user, found, cases)
    # Somebody stands still until a request is answered: they come first.
    _add_owed(result, user, requests, first=True)
    if user.roles & UNASSIGNED_FOR:
        _add_unassigned(result, user, counts)
    _add_owed(result, user, routes)
    _add_asked(result, user)
    _add_watched(result, user, watched, cases)
    _add_standing(result, user)
    result.done = [counted(counts[move], *DONE[move]) for move in DONE if counts.get(move)]
    return result


def _turns(user: User) -> dict[str, list[list[Any]]]:
    """Whose turn it is by kind of work and stretch of time: all kinds by one query of few columns."""
    arms: list[Any] = [
        cases.order_by()
        .annotate(code=Value(code), limit=F("objection__due_on" if code == "objection" else "due_on"))
        .values_list("code", "limit", "pk", named=True)
        for code, cases in turns(user).items()
    ]
    rows: dict[str, list[Any]] = defaultdict(list)
    for row in arms[0].union(*arms[1:], all=True):
        rows[row.code].append(row)
    return {code: by_stretch(rows[code]) for code in WORDS if code in rows}


def _cases(found: dict[str, list[list[Any]]], watched: dict[str, list[Any]]) -> dict[int, Any]:
    """The names and answers of the cases that are shown, of others' turns too: one query."""
    shown = {row.pk for stretches in found.values() for same in stretches for row in same[:SHOWN]}
    shown |= {row.pk for whose, same in watched.items() for row in _shown(whose, same)}
    answered = Survey.objects.submitted().filter(case=OuterRef("pk")).order_by("-submitted_at").values("submitted_at")
    cases = Case.objects.with_names().select_related("objection")
    return cases.annotate(answered_at=models.Subquery(answered[:1])).in_bulk(shown)


def _add_turns(result: Desk, user: User, stretches: dict[str, list[list[Any]]], cases: dict[int, Any]) -> None:
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
    found = _groups(of, user, of.owed(user))
    result.groups[:] = [*found, *result.groups] if first else [*result.groups, *found]


def _groups(of: Owing | Asking, user: User, rows: list[Any]) -> list[Group]:
    kinds: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
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
    return found


def _add_asked(result: Desk, user: User) -> None:
    """What several packages ask, where one is going to be, and what one waits for: all by one query."""
    arms = [arm for one in ASKING for arm in one.asked(user)]
    rows = [Asked(*row) for row in arms[0].union(*arms[1:], all=True)]
    for one in ASKING:
        result.groups += _groups(one, user, [row for row in rows if row.code in one.WORKS])
    for row in rows:
        if row.code == planner.COMING:
            starts_at = None if row.number is None else time(*divmod(row.number, 60))
            result.coming.append(Coming(row.pk, row.title, row.limit or today(), starts_at))
        elif row.code == planner.GIVEN and row.number:
            url = f"{reverse('planner:tasks')}?whose=given"
            result.waiting.append(Waiting("Задачи, которые вы поставили", "", None, row.limit, row.number, url))
        elif row.code == library.OFFERED and row.number:
            url = reverse("library:own")
            result.waiting.append(Waiting("Решение хранителя библиотеки", "", None, None, row.number, url))
    result.coming.sort(key=lambda one: (one.on, one.starts_at or time.min, one.pk))
    del result.coming[COMING_SHOWN:]


OTHERS = {
    Status.SURVEY_OPEN: "Опросные листы педагогов",
    Status.RMA_REQUESTED: "Ответ РМА по картам",
    Status.RMA_REVIEW: "Второе мнение методиста РМА",
}


def _watched(user: User) -> dict[str, list[Any]]:
    """Cases that are somebody else's turn, own ones and those of helped people: few columns, the nearest first."""
    helped = [one.person_id for one in user.active_memberships if one.role == Role.MENTOR]
    led = Q(responsible=user, status__in=OTHERS) & ~Q(person=user)
    # What the reader has to answer himself stands above among the things to do.
    answers = Q(status__in=(Status.SURVEY_OPEN, Status.NO_RESPONSE), paused_until=None)
    own = Q(person=user) & ~Q(status__in=(Status.SCHEDULED, Status.STOPPED)) & ~answers
    near = own | Q(person__in=helped) & ~Q(status=Status.STOPPED)
    rows = Case.objects.filter(led | near).order_by().values_list("pk", "person", "status", "due_on", named=True)
    kinds: dict[str, list[Any]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.status in Case.ENDED, row.due_on or date.max, -row.pk)):
        kinds["own" if row.person == user.pk else "helped" if row.person in helped else row.status].append(row)
    return kinds


def _shown(whose: str, same: list[Any]) -> list[Any]:
    """By kind the nearest; own ones and those of helped people one by one."""
    return same[: 1 if whose in OTHERS else SHOWN]


def _add_watched(result: Desk, user: User, kinds: dict[str, list[Any]], cases: dict[int, Any]) -> None:
    shown = [cases[row.pk] for whose, same in kinds.items() for row in _shown(whose, same) if row.pk in cases]
    turn_of = {case.pk: turn for case, turn in turns_of(shown)}
    for whose, same in kinds.items():
        for pk in [row.pk for row in _shown(whose, same) if row.pk in turn_of]:
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


def _unassigned(user: User) -> dict[str, Any]:
    if not user.roles & UNASSIGNED_FOR:
        return {}
    nobodys = Case.objects.nameable_by(user).filter(responsible=None, status__in=Case.UNDER_WAY)
    found: dict[str, Any] = {"organizations": without_methodist(organizations_of(user)), "cases": nobodys}
    if "admin" in user.roles:
        found["held"] = Case.objects.filter(status=Status.SCHEDULED, waits_for_word=True)
    return found


def _add_unassigned(result: Desk, user: User, counts: dict[str, int]) -> None:
    """Organizations with cases and nobody appointed, cases nobody answers for, and openings that wait for the admin."""
    role = next(one for one in ("admin", "municipal", "head") if one in user.roles)
    group = Group("Ответственный не назначен", "Некому изучать подтверждения", role)
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


DONE = {
    "submit": ("опросный лист", "опросных листа", "опросных листов"),
    "assess": ("чек-лист", "чек-листа", "чек-листов"),
    "assess_rma": ("второе мнение", "вторых мнения", "вторых мнений"),
    "record": ("учёт в ММС", "учёта в ММС", "учётов в ММС"),
    "task": ("задача или шаг", "задачи и шага", "задач и шагов"),
    "accept_rma": ("принятый запрос", "принятых запроса", "принятых запросов"),
    "close": ("завершённая карта", "завершённые карты", "завершённых карт"),
}


def _counts(user: User) -> dict[str, int]:
    """What this person has done since Monday, and what has nobody to answer for it: one query."""
    monday = timezone.make_aware(datetime.combine(today() - timedelta(days=today().weekday()), time.min))
    moves = Transition.objects.filter(actor=user, at__gte=monday, move__in=DONE).order_by()
    tasks = Task.objects.filter(done_by=user, done_at__gte=monday, status=Task.Status.DONE)
    records = MunicipalRecord.objects.filter(specialist=user, recorded_at__gte=monday)
    named: dict[str, Any] = {"task": tasks, "record": records} | _unassigned(user)
    arms = [
        rows.order_by().annotate(what=Value(what)).values_list("what").annotate(count=Count("pk"))
        for what, rows in named.items()
    ]
    return dict(moves.values_list("move").annotate(count=Count("pk")).union(*arms, all=True))
