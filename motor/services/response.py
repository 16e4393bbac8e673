"""Who was asked, who has answered and with whom it stands: by organization and by course, down to each person."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import Case as Choose
from django.db.models import Count, ExpressionWrapper, F, Max, OuterRef, Q, Subquery, When
from django.urls import reverse
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.core.words import NBSP
from cabinet.courses.models import Course
from cabinet.mail.models import Letter
from cabinet.structure.models import Municipality, Organization
from cabinet.users.models import User
from cabinet.users.scope import scope_q
from motor.models import Case, CaseQuerySet, Draft, LinkEvent, Status, Survey

NOT_ASKED = (Status.SCHEDULED, Status.STOPPED)
BEYOND = (*Case.REVIEWED, Status.FOLLOW_UP, Status.CLOSED)  # the survey lies behind
AT_SCHOOL = (Status.SCHOOL_REVIEW, Status.FOLLOW_UP)
AT_RMA = (Status.RMA_REQUESTED, Status.RMA_REVIEW)
PATHS = {
    "organization": "organization",
    "course": "completion__course",
    "municipality": "organization__municipality",
}

# State of a person's case → what the list of people calls it.
STATES = {
    "waiting": "Ждём ответа",
    "late": "Просрочили",
    "began": "Начали и не отправили",
    "no_address": "Нет адреса почты",
    "undelivered": "Письмо не дошло",
    "no_contact": "Нет связи",
    "paused": "На паузе",
    "silent": "Ответ не получен",
    "answered": "Ответили",
    "school": "Сейчас у методиста ОО",
    "rma": "Сейчас у РМА",
    "nobody": "Ответственный не назначен",
}
COUNTS = ("asked", *STATES)


@dataclass
class Line:
    """One organization, course or municipality; `counts` has every name of COUNTS."""

    pk: int
    counts: dict[str, int]
    title: str = ""
    place: str = ""
    ends_on: date | None = None

    def __getattr__(self, name: str) -> int:
        if name in COUNTS:
            return self.counts[name]
        raise AttributeError(name)

    @property
    def share(self) -> float:
        return self.counts["answered"] / self.counts["asked"] if self.counts["asked"] else 0

    @property
    def percent(self) -> str:
        return f"{100 * self.share:.0f}{NBSP}%" if self.counts["asked"] else "—"


@dataclass
class Table:
    lines: list[Line]
    total: Line


def response_scope(user: User) -> CaseQuerySet:
    """Everybody who was asked within the reader's scope: region, own municipality, own organization, own courses."""
    scope = scope_q(user, organization="organization", subject="completion__subject")
    if "curator" in user.roles:
        scope |= Q(completion__course__curator=user)
    return Case.objects.filter(scope).exclude(status__in=NOT_ASKED).order_by()


# Each set is named without the case it is asked about: the database finds it once, not for every case of a region.


def returned() -> models.QuerySet[Survey, Any]:
    """Cases whose answer was sent back; of those that are open, only they have one."""
    return Survey.objects.filter(returned_at__isnull=False).order_by().values("case")


def answered_after_all() -> models.QuerySet[Survey, Any]:
    """Cases that went on without a survey before it came."""
    return Survey.objects.filter(submitted_at__isnull=False, case__without_survey=True).order_by().values("case")


LOST = (Letter.State.FAILED, Letter.State.OWED)


def with_lost_letter() -> models.QuerySet[Letter, Any]:
    """People one of whose letters did not arrive or waits: their last letter alone has to be looked up."""
    return Letter.objects.filter(state__in=LOST, to__isnull=False).order_by().values("to")


def last_letter() -> Subquery:
    """State of the last letter of МОТОР to the person that was tried at all."""
    tried = Q(state__in=(Letter.State.SENT, Letter.State.KEPT, Letter.State.FAILED)) | (
        Q(state=Letter.State.OWED) & ~Q(last_error="")
    )
    letters = Letter.objects.filter(tried, to=OuterRef("person"), kind__startswith="motor.")
    return Subquery(letters.order_by("-created_at", "-pk").values("state")[:1])


def in_state(cases: CaseQuerySet, code: str) -> CaseQuerySet:
    """The people behind one figure of the table; `counted` counts by the same conditions."""
    if code == "waiting" or code in _of_waiting():
        waiting = cases.filter(_OPEN).exclude(pk__in=returned())
        return waiting.alias(letter=last_letter()).filter(_of_waiting().get(code, Q()))
    match code:
        case "answered":
            late = Q(status__in=BEYOND, pk__in=answered_after_all())
            return cases.filter(Q(status__in=BEYOND, without_survey=False) | late | _OPEN & Q(pk__in=returned()))
        case "silent" | "school" | "rma":
            return cases.filter(status__in=_STATUSES[code])
        case "nobody":
            return cases.filter(status__in=Case.UNDER_WAY, responsible=None)
    return cases


_OPEN = Q(status=Status.SURVEY_OPEN)
_STATUSES = {"silent": (Status.NO_RESPONSE,), "school": AT_SCHOOL, "rma": AT_RMA}


def _of_waiting() -> dict[str, Q]:
    """States of a case whose answer is awaited; `letter` is an alias. What is cheap to ask stands first."""
    no_address = Q(person__in=User.objects.filter(contact_email=None, email=None).order_by().values("pk"))
    undelivered = Q(person__in=with_lost_letter()) & Q(letter__in=LOST)
    return {
        "late": Q(due_on__lt=today(), paused_until=None),
        "began": Q(pk__in=Draft.objects.order_by().values("case")),
        "no_address": no_address,
        "undelivered": undelivered,
        "no_contact": no_address | undelivered,
        "paused": Q(paused_until__isnull=False),
    }


def counted(cases: CaseQuerySet, by: str) -> dict[int, dict[str, int]]:
    """Group → its counts; two queries, whatever the number of cases.

    How many cases of each state a group has an index alone can tell; the few that need it are looked at closely.
    """
    path = PATHS[by]
    found: dict[int, dict[str, int]] = defaultdict(lambda: dict.fromkeys(COUNTS, 0))
    by_status = {"waiting": _OPEN} | {name: Q(status__in=_STATUSES[name]) for name in ("silent", "school", "rma")}
    figures = {name: Count("status", filter=condition) for name, condition in by_status.items()}
    for row in cases.values(path).annotate(asked=Count("status"), **figures):
        counts = found[row.pop(path)]
        counts |= row
        counts["answered"] = row["asked"] - row["silent"] - row["waiting"]
    for row in _closer(cases, path):
        counts = found[row[path]]
        counts["nobody"] += row["nobody"]
        counts["answered"] -= row["unanswered"]
        if row["is_returned"]:
            counts["answered"] += row["open"]
            counts["waiting"] -= row["open"]
            continue
        counts["no_contact"] = row["no_address"] + row["undelivered"] - row["both"]
        for name in ("late", "began", "no_address", "undelivered", "paused"):
            counts[name] = row[name]
    return found


def _closer(cases: CaseQuerySet, path: str) -> models.QuerySet[Case, dict[str, Any]]:
    """Cases that wait for an answer, that nobody answers for, or that went on without a survey."""
    waiting = _of_waiting()
    del waiting["no_contact"]  # the longest to find out, and known from the others
    waiting["both"] = waiting["no_address"] & waiting["undelivered"]
    nobodys = Q(status__in=Case.UNDER_WAY, responsible=None)
    by_word = Q(status__in=BEYOND, without_survey=True)
    figures = {name: _OPEN & condition for name, condition in waiting.items()} | {
        "open": _OPEN,
        "nobody": nobodys,
        "unanswered": by_word & ~Q(pk__in=answered_after_all()),
    }
    is_returned = ExpressionWrapper(_OPEN & Q(pk__in=returned()), models.BooleanField())
    rows = cases.filter(_OPEN | nobodys | by_word).alias(letter=last_letter())
    grouped = rows.annotate(is_returned=is_returned).values(path, "is_returned")
    return grouped.annotate(**{name: Count("status", filter=condition) for name, condition in figures.items()})


def response_table(cases: CaseQuerySet, by: str) -> Table:
    lines = [Line(pk, counts) for pk, counts in counted(cases, by).items()]
    return Table(lines, Line(0, {name: sum(line.counts[name] for line in lines) for name in COUNTS}, "Всего"))


SORTS = ("name", "asked", "share", "waiting", "late", "no_contact", "silent")
DEFAULT_SORT = "-late"


def sorted_lines(lines: list[Line], by: str, sort: str) -> list[Line]:
    """By a figure, equal ones by the lower share; by name the database says in which order."""
    sign, name = ("-", sort[1:]) if sort.startswith("-") else ("", sort)
    if name not in SORTS:
        return sorted_lines(lines, by, DEFAULT_SORT)
    if name == "name":
        places = {pk: number for number, pk in enumerate(_in_order(by))}
        return sorted(lines, key=lambda one: places.get(one.pk, -1), reverse=bool(sign))
    times = -1 if sign else 1
    return sorted(lines, key=lambda one: (times * getattr(one, name), one.share, one.pk))


def _in_order(by: str) -> models.QuerySet[Any, int]:
    if by == "course":
        return Course.objects.order_by("programme__title", "-ends_on", "pk").values_list("pk", flat=True)
    if by == "municipality":
        return Municipality.objects.values_list("pk", flat=True)
    return Organization.objects.order_by("name", "pk").values_list("pk", flat=True)


def name_lines(lines: Sequence[Line], by: str) -> None:
    """Give the lines of a page their names: one query."""
    pks = [line.pk for line in lines]
    if by == "course":
        courses = Course.objects.select_related("programme").in_bulk(pks)
        for line in lines:
            line.title, line.ends_on = courses[line.pk].programme.title, courses[line.pk].ends_on
    elif by == "municipality":
        places = Municipality.objects.select_related("territory").in_bulk(pks)
        for line in lines:
            line.title, line.place = str(places[line.pk]), str(places[line.pk].territory or "Территория не указана")
    else:
        schools = Organization.objects.select_related("municipality").in_bulk(pks)
        for line in lines:
            line.title, line.place = str(schools[line.pk]), str(schools[line.pk].municipality)


@dataclass(frozen=True)
class Person:
    """One person of the list: where his answer stands, in words, and when he was last written to."""

    case: Case
    code: str
    words: str
    tone: str
    icon: str
    note: str
    reminded: str

    @property
    def url(self) -> str:
        return reverse("motor:case", args=[self.case.pk])


def people_of(cases: Sequence[Case]) -> list[Person]:
    """The lines of a page; four queries, whatever their number. The cases come from `with_people`."""
    pks = [case.pk for case in cases]
    surveys = {one.case_id: one for one in Survey.objects.submitted().filter(case__in=pks)}
    opened = dict(
        LinkEvent.objects.filter(case__in=pks, kind=LinkEvent.Kind.OPENED)
        .order_by()
        .values_list("case")
        .annotate(Max("at"))
    )
    letters = _letters_of(cases)
    return [
        Person(
            case,
            *_standing(case, surveys.get(case.pk), opened.get(case.pk), letters.get(case.person_id, [])),
            _reminded(case, letters.get(case.person_id, [])),
        )
        for case in cases
    ]


def _letters_of(cases: Sequence[Case]) -> dict[int, list[Letter]]:
    """Person → letters of МОТОР to him that were tried, the newest first."""
    found: dict[int, list[Letter]] = {}
    people = [case.person_id for case in cases if case.status == Status.SURVEY_OPEN]
    letters = Letter.objects.filter(to__in=people, kind__startswith="motor.").exclude(state=Letter.State.CANCELLED)
    for letter in letters.defer("body").order_by("-created_at", "-pk"):
        found.setdefault(letter.to_id or 0, []).append(letter)
    return found


Words = tuple[str, str, str, str, str]  # code, words, tone, icon, note


def _standing(case: Case, survey: Survey | None, opened: datetime | None, letters: list[Letter]) -> Words:
    """What is known about the person's answer."""
    status = f"{case.get_status_display()}{f', {case.responsible.short_name}' if case.responsible else ''}"
    if case.status == Status.NO_RESPONSE:
        return "silent", "ответ не получен", "warn", "envelope-slash", "ответить ещё можно"
    if survey is not None and case.status != Status.SURVEY_OPEN:
        note = f"{survey.get_channel_display()}. {status}"
        return "answered", f"ответил(а) {_day(survey.submitted_at)}", "ok", "check-circle-fill", note
    if case.status != Status.SURVEY_OPEN:
        return "without", "без опросного листа", "calm", "slash-circle", status
    if case.paused_until is not None:
        return "paused", f"пауза до {case.paused_until:%d.%m.%Y}", "calm", "pause-circle", ""
    if survey is not None:
        return "returned", "ждём дополнения", "info", "arrow-return-left", "методист попросил дополнить ответ"
    return _waiting(case, opened, letters)


def _waiting(case: Case, opened: datetime | None, letters: list[Letter]) -> Words:
    draft = getattr(case, "draft", None)
    last = next((one for one in letters if one.state != Letter.State.OWED or one.last_error), None)
    if draft is not None:
        return "began", "начал(а) отвечать", "info", "pencil-square", f"сохранено {_day(draft.saved_at)}, не отправлено"
    if opened is not None:
        return "opened", f"открыл(а) ссылку {_day(opened)}", "info", "eye", ""
    if not case.person.address:
        return "no_address", "нет адреса почты", "bad", "envelope-slash", "передайте ссылку листком или сообщением"
    if last is not None and last.state in (Letter.State.FAILED, Letter.State.OWED):
        return "undelivered", "письмо не дошло", "bad", "exclamation-triangle-fill", f"от {_day(last.created_at)}"
    return "sent", "ссылку не открывал(а)", "calm", "envelope", "" if last else "письмо ждёт отправки"


def _reminded(case: Case, letters: list[Letter]) -> str:
    """«12.05, второе»: when he was last reminded and how many times in all."""
    if case.status != Status.SURVEY_OPEN:
        return ""
    last = next((one for one in letters if one.kind.startswith("motor.remind")), None)
    if case.reminders == 0 and last is None:
        return "не напоминали"
    times = f"всего {case.reminders}" if case.reminders else ""
    return ", ".join(part for part in (_day(last.created_at) if last else "", times) if part)


def _day(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%d.%m}" if moment else ""


def people_in_order(cases: CaseQuerySet) -> CaseQuerySet:
    """Those whose answer is awaited first, of them the late ones."""
    waits = Choose(When(status=Status.SURVEY_OPEN, then=0), When(status=Status.NO_RESPONSE, then=1), default=2)
    return cases.annotate(waits=waits).order_by("waits", F("due_on").asc(nulls_last=True), "pk")


def with_people(pks: Sequence[int]) -> list[Case]:
    """The cases of a page with all that its lines show, in the order given."""
    found = Case.objects.with_names().select_related("draft").in_bulk(pks)
    return [found[pk] for pk in pks if pk in found]
