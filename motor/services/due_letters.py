"""One letter a week to whoever has several things due: checklists, requests, steps, talks; the nearest first."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

from django.contrib.contenttypes.models import ContentType
from django.core.cache import caches
from django.db.models import Q
from django.urls import reverse

from cabinet.core.clock import is_working_day, today
from cabinet.mail.models import Letter
from cabinet.planner.models import Task, TaskQuerySet
from cabinet.users.models import User
from motor.models import Case, CaseQuerySet, Status
from motor.services import notices
from motor.services.responsible import STEP_PREFIX
from motor.services.talking import TALK
from rma.models import Request, RequestQuerySet

AHEAD = timedelta(days=7)
AT_ONCE = 300  # people whose things are read together
SHOWN = 20  # lines of a letter; the rest is said in one
LOOKED_KEY, LOOKED = "motor.due_letters", 3600  # each process looks once an hour, not with every sweep

Line = notices.DueLine
TURNS = {
    Status.SCHOOL_REVIEW: ("Чек-лист", "motor:checklist"),
    Status.RMA_REQUESTED: ("Назвать методиста РМА", "motor:case"),
}


def due_reminders(day: date | None = None) -> int:
    """Write to everybody who has something due within a week or late, at most once a week; returns how many.

    On working days only. What one person gets is read with that of others: the queries do not grow with people.
    """
    day = day or today()
    if not is_working_day(day) or caches["local"].get(LOOKED_KEY) == day:
        return 0
    written = 0
    people = sorted(_people(day))
    for at in range(0, len(people), AT_ONCE):
        written += _write(people[at : at + AT_ONCE], day)
    caches["local"].set(LOOKED_KEY, day, LOOKED)
    return written


def _write(pks: list[int], day: date) -> int:
    keys = {pk: _key(pk, day) for pk in pks}
    had = set(Letter.objects.filter(key__in=keys.values()).values_list("key", flat=True))
    users = User.objects.filter(pk__in=[pk for pk, key in keys.items() if key not in had], is_active=True)
    people = users.in_bulk()
    lines = _lines(people, day)
    for pk, person in people.items():
        notices.due_list(person, _shortened(lines[pk]), key=keys[pk])
    return len(people)


def _key(pk: int, day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"motor.due.{pk}.{year}-{week:02}"


def _people(day: date) -> set[int]:
    """Ids of those who have something due; no names yet."""
    found: set[int] = set()
    for rows, owner in (
        (_reviews(day), "responsible"),
        (_second_opinions(day), "rma_member__user"),
        (_requests(day), "member__user"),
        (_steps(day), "assignee"),
    ):
        found.update(rows.order_by().values_list(owner, flat=True).distinct())
    return found


def _lines(people: dict[int, User], day: date) -> dict[int, list[Line]]:
    lines: dict[int, list[Line]] = defaultdict(list)
    for owner, line in (*_of_cases(people, day), *_of_requests(people, day), *_of_steps(people, day)):
        lines[owner].append(line)
    return lines


def _of_cases(people: dict[int, User], day: date) -> Iterator[tuple[int, Line]]:
    for case in _reviews(day).filter(responsible__in=people).select_related("person"):
        what, page = TURNS[Status(case.status)]
        yield case.responsible_id or 0, (what, case.person.short_name, case.due_on, reverse(page, args=[case.pk]))
    opinions = _second_opinions(day).filter(rma_member__user__in=people)
    for case in opinions.select_related("person", "rma_member"):
        owner = case.rma_member.user_id if case.rma_member else 0
        address = reverse("motor:checklist", args=[case.pk])
        yield owner, ("Второе мнение", case.person.short_name, case.due_on, address)


def _of_requests(people: dict[int, User], day: date) -> Iterator[tuple[int, Line]]:
    rows = _requests(day).select_related("person", "organization", "member")
    for one in rows.filter(member__user__in=people):
        if one.member is not None:
            what = f"Ответить на запрос ({one.get_kind_display()})"
            yield one.member.user_id, (what, _whom(one), one.due_on, one.get_absolute_url())


def _whom(request: Request) -> str:
    return request.person.short_name if request.person else request.about


def _of_steps(people: dict[int, User], day: date) -> Iterator[tuple[int, Line]]:
    for task in _steps(day).filter(assignee__in=people):
        if task.kind == TALK:
            address = reverse("motor:link", args=[task.about_id])
        else:
            address = f"{reverse('motor:case', args=[task.about_id])}#steps"
        what, _, whom = task.title.rpartition(" — ")  # «шаг — о ком», as it was given
        yield task.assignee_id, (what or whom, whom if what else "", task.due_on, address)


def _reviews(day: date) -> CaseQuerySet:
    return Case.objects.filter(
        status__in=TURNS, due_on__lte=day + AHEAD, paused_until=None, responsible__isnull=False
    ).exclude(_is_asked())


def _is_asked() -> Q:
    """Somebody of РМА has been asked already: it is his turn, not the methodist's."""
    asked = Request.objects.filter(
        source_type=ContentType.objects.get_for_model(Case),
        kind=Request.Kind.ASSESSMENT,
        status__in=Request.OPEN,
    )
    return Q(status=Status.RMA_REQUESTED, pk__in=asked.values("source_id"))


def _second_opinions(day: date) -> CaseQuerySet:
    return Case.objects.filter(
        status=Status.RMA_REVIEW, due_on__lte=day + AHEAD, paused_until=None, rma_member__isnull=False
    )


def _requests(day: date) -> RequestQuerySet:
    return Request.objects.filter(status=Request.Status.SENT, due_on__lte=day + AHEAD)


def _steps(day: date) -> TaskQuerySet:
    """Open steps of cases at work, and talks; a step of a paused case waits with it."""
    steps = Q(kind__startswith=STEP_PREFIX, is_required=True) | Q(kind=TALK)
    paused = Case.objects.filter(paused_until__isnull=False).values("pk")
    tasks = Task.objects.open().filter(steps, due_on__lte=day + AHEAD)
    return tasks.filter(about_type=ContentType.objects.get_for_model(Case)).exclude(about_id__in=paused)


def _shortened(lines: list[Line]) -> list[Line]:
    nearest = sorted(lines, key=lambda line: line[2] or date.max)
    rest = len(nearest) - SHOWN
    if rest <= 0:
        return nearest
    return [*nearest[:SHOWN], (f"И ещё {rest} — в кабинете", "", nearest[SHOWN][2], reverse("motor:cases"))]
