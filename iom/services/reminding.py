"""What falls due by itself: items and assignments around their dates, an answer that lies, a route that waits.

Nothing is counted: what a letter was written about says what was reminded of. One letter of a kind a person a day.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import TypeVar

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone

from cabinet.core.clock import is_working_day, today
from cabinet.core.words import counted, days_until, long_date
from cabinet.mail.models import Letter, Mention
from cabinet.mail.services import Draft, queue_letters
from cabinet.mail.texts import compose
from cabinet.users.models import User
from iom.models import Assignment, Route, RouteItem, Status
from iom.models.assignment import AssignmentQuerySet
from iom.moves import IN_HAND
from iom.services.agreeing import pass_on_waiting
from iom.services.assigning import checkers_of
from iom.services.limits import to_check
from iom.services.moving import follow_moved
from iom.services.notices import write
from iom.services.steps import stand_in

BEFORE, AFTER, LAST = timedelta(days=-3), timedelta(days=1), timedelta(days=7)  # from the due date
FORGET = timedelta(days=30)  # a month late, letters have said what they could
SHOWN = 15  # lines of a letter

Row = TypeVar("Row", Assignment, RouteItem, Route)
Work = Assignment | RouteItem


def run_due(day: date | None = None) -> dict[str, int]:
    """Safe at any moment, twice, or by two processes; without a day it is now, and then no letters at night."""
    passed_on = follow_moved() + pass_on_waiting()
    hour = timezone.localtime().hour
    is_night = day is None and not settings.MOTOR_LETTERS_FROM_HOUR <= hour < settings.IOM_LETTERS_UNTIL_HOUR
    day = day or today()
    if is_night or not is_working_day(day):
        return {"routes": passed_on, "assignments": 0, "answers": 0}
    return {
        "routes": passed_on + remind_of_routes(day),
        "assignments": remind_teachers(day) + remind_of_items(day),
        "answers": remind_checkers(day),
    }


def remind_of_routes(day: date) -> int:
    """Once about each route that has not been agreed, corrected or sent again in its time: to whoever's turn it is."""
    waiting = (Status.IN_REVIEW, Status.RETURNED, Status.REVISION)
    late = Route.objects.running().filter(status__in=waiting, due_on__lt=day, due_on__gte=day - FORGET)
    rows = _not_told(late.with_names().order_by("pk"), "iom.late", lambda one, _: one.due_on, day)
    for one in rows:
        is_sent = one.status == Status.IN_REVIEW
        for person in stand_in(one).people if is_sent else [one.person]:
            write(one, "late", person, page="agree" if is_sent else "design")
    return len(rows)


def remind_teachers(day: date) -> int:
    """Three days before, the day after, a week after; a day without a worker is made up for by one letter."""
    near = _running().filter(status__in=Assignment.WITH_TEACHER, due_on__gte=day - FORGET, due_on__lte=day - BEFORE)
    rows = _not_told(near, "iom.assignments_due", _stage, day)
    return _write(((one, [one.route.person]) for one in rows), "assignments_due", day, "do")


def remind_of_items(day: date) -> int:
    """The same about items of the карта мероприятий; what is handed in waits for somebody else."""
    routes = Route.objects.running().filter(status__in=Route.CARRIED_OUT).order_by().values("pk")
    near = RouteItem.objects.filter(
        route__in=routes, status__in=IN_HAND, due_on__gte=day - FORGET, due_on__lte=day - BEFORE
    )
    rows = _not_told(near.select_related("route__person").order_by("due_on", "pk"), "iom.items_due", _stage, day)
    return _write(((one, [one.route.person]) for one in rows), "items_due", day, "do")


def remind_checkers(day: date) -> int:
    """Once about each answer that has waited longer than the limit of checking."""
    oldest = timezone.make_aware(datetime.combine(day - FORGET * 2, time.min))
    waiting = _running().filter(status=Assignment.Status.SUBMITTED, status_since__gte=oldest)
    rows = _not_told(waiting, "iom.assignments_to_check", _check_limit, day)
    return _write(((one, checkers_of(one)) for one in rows), "assignments_to_check", day, "check")


def _running() -> AssignmentQuerySet:
    rows = Assignment.objects.running().order_by("due_on", "pk")
    return rows.select_related("route__person", "route__mentor", "route__rma_member__user", "author", "item")


def _stage(one: Work, day: date) -> date | None:
    """Since when this reminder has been due; None while nothing is, or while the teacher was told a moment ago."""
    if one.due_on is None:
        return None
    reached = [one.due_on + step for step in (BEFORE, AFTER, LAST) if one.due_on + step <= day]
    if not reached or timezone.localdate(one.status_since) >= max(reached):
        return None  # given or returned since then: that letter has named the day already
    return max(reached)


def _check_limit(one: Assignment, day: date) -> date | None:
    limit = to_check(timezone.localdate(one.status_since)).on
    return limit if limit < day else None


def _not_told(rows: Iterable[Row], kind: str, since: Callable[[Row, date], date | None], day: date) -> list[Row]:
    due = [(one, start) for one in rows if (start := since(one, day)) is not None]
    told = _last_letters(kind, [one for one, _ in due])
    return [one for one, start in due if one.pk not in told or timezone.localdate(told[one.pk]) < start]


def _last_letters(kind: str, rows: Sequence[models.Model]) -> dict[int, datetime]:
    """Row → the last letter of this kind about it, alone or among others."""
    if not rows:
        return {}
    about = {"about_type": ContentType.objects.get_for_model(rows[0]), "about_id__in": [one.pk for one in rows]}
    alone = Letter.objects.filter(kind=kind, **about).order_by().values_list("about_id").annotate(Max("created_at"))
    among = Mention.objects.filter(letter__kind=kind, **about).order_by().values_list("about_id")
    found: dict[int, datetime] = {}
    for pk, at in (*alone, *among.annotate(Max("letter__created_at"))):
        found[pk] = max(at, found.get(pk, at))
    return found


def _write(rows: Iterable[tuple[Work, list[User]]], what: str, day: date, tab: str) -> int:
    """A letter for each person; its key is his and the day's, so that a second process writes none."""
    of_person: dict[User, list[Work]] = defaultdict(list)
    for one, people in rows:
        for person in people:
            if person.is_active:
                of_person[person].append(one)
    queue_letters(_letter(person, own, what, day, tab) for person, own in of_person.items())
    return len(of_person)


def _letter(person: User, own: list[Work], what: str, day: date, tab: str) -> Draft:
    lines = [_line(number, one, day, tab) for number, one in enumerate(own[:SHOWN], 1)]
    if rest := len(own) - SHOWN:
        lines += [f"И ещё {rest} — в кабинете."] if rest > 0 else []
    values = {
        "имя": person.polite_name,
        "сколько": _how_many(own),
        "перечень": "\n\n".join(lines),
        "адрес": settings.SITE_URL + _all_of(own[0], tab),
    }
    subject, body = compose(f"iom.{what}", values)
    return Draft(f"iom.{what}.{person.pk}.{day}", f"iom.{what}", person, subject, body, own[0], also=own[1:])


def _how_many(own: list[Work]) -> str:
    if isinstance(own[0], RouteItem):
        return counted(len(own), "мероприятие", "мероприятия", "мероприятий")
    return counted(len(own), "задание", "задания", "заданий")


def _all_of(one: Work, tab: str) -> str:
    return (
        one.route.get_absolute_url() if isinstance(one, RouteItem) else reverse("iom:assignments", query={"tab": tab})
    )


def _line(number: int, one: Work, day: date, tab: str) -> str:
    whose = f"{one.route.person.short_name}: " if tab == "check" else ""
    until = f" — до {long_date(one.due_on)} ({days_until(one.due_on, day)})" if one.due_on and tab == "do" else ""
    return f"{number}. {whose}{one}{until}\n{settings.SITE_URL}{one.get_absolute_url()}"
