"""Reminders of assignments: to the teacher around the due date, to whoever lets an answer lie.

Nothing is counted: what a letter was written about says what was reminded of. One letter a person a day.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone

from cabinet.core.clock import add_working_days, is_working_day, today
from cabinet.core.words import counted, days_until, long_date
from cabinet.mail.models import Letter, Mention
from cabinet.mail.services import Draft, queue_letters
from cabinet.mail.texts import compose
from cabinet.users.models import User
from iom.models import Assignment
from iom.models.assignment import AssignmentQuerySet
from iom.services.assigning import checkers_of

BEFORE, AFTER, LAST = timedelta(days=-3), timedelta(days=1), timedelta(days=7)  # from the due date
FORGET = timedelta(days=30)  # a month late, letters have said what they could
SHOWN = 15  # lines of a letter

Since = Callable[[Assignment, date], date | None]


def run_due(day: date | None = None) -> dict[str, int]:
    """Safe at any moment, twice, or by two processes; without a day it is now, and then not at night."""
    hour = timezone.localtime().hour
    is_night = day is None and not settings.MOTOR_LETTERS_FROM_HOUR <= hour < settings.IOM_LETTERS_UNTIL_HOUR
    day = day or today()
    if is_night or not is_working_day(day):
        return {"assignments": 0, "answers": 0}
    return {"assignments": remind_teachers(day), "answers": remind_checkers(day)}


def remind_teachers(day: date) -> int:
    """Three days before, the day after, a week after; a day without a worker is made up for by one letter."""
    near = _running().filter(status__in=Assignment.WITH_TEACHER, due_on__gte=day - FORGET, due_on__lte=day - BEFORE)
    rows = _not_told(near, "iom.assignments_due", _stage, day)
    return _write(rows, "assignments_due", lambda one: one.route.person, day, "do")


def remind_checkers(day: date) -> int:
    """Once about each answer that has waited longer than the limit of checking."""
    oldest = timezone.make_aware(datetime.combine(day - FORGET * 2, time.min))
    waiting = _running().filter(status=Assignment.Status.SUBMITTED, status_since__gte=oldest)
    rows = _not_told(waiting, "iom.assignments_to_check", _check_limit, day)
    return _write(rows, "assignments_to_check", _checker, day, "check")


def _running() -> AssignmentQuerySet:
    return Assignment.objects.running().select_related("route__person", "author").order_by("due_on", "pk")


def _checker(one: Assignment) -> User:
    return one.author if one.author.is_active else next(iter(checkers_of(one)), one.author)


def _stage(one: Assignment, day: date) -> date | None:
    """Since when this reminder has been due; None while nothing is, or while the teacher was told a moment ago."""
    if one.due_on is None:
        return None
    reached = [one.due_on + step for step in (BEFORE, AFTER, LAST) if one.due_on + step <= day]
    if not reached or timezone.localdate(one.status_since) >= max(reached):
        return None  # given or returned since then: that letter has named the day already
    return max(reached)


def _check_limit(one: Assignment, day: date) -> date | None:
    limit = add_working_days(timezone.localdate(one.status_since), settings.IOM_CHECK_WORKING_DAYS)
    return limit if limit < day else None


def _not_told(rows: Iterable[Assignment], kind: str, since: Since, day: date) -> list[Assignment]:
    due = [(one, start) for one in rows if (start := since(one, day)) is not None]
    told = _last_letters(kind, [one.pk for one, _ in due])
    return [one for one, start in due if one.pk not in told or timezone.localdate(told[one.pk]) < start]


def _last_letters(kind: str, pks: list[int]) -> dict[int, datetime]:
    """Assignment → its last letter of this kind, alone or among others."""
    about = {"about_type": ContentType.objects.get_for_model(Assignment), "about_id__in": pks}
    alone = Letter.objects.filter(kind=kind, **about).order_by().values_list("about_id").annotate(Max("created_at"))
    among = Mention.objects.filter(letter__kind=kind, **about).order_by().values_list("about_id")
    found: dict[int, datetime] = {}
    for pk, at in (*alone, *among.annotate(Max("letter__created_at"))):
        found[pk] = max(at, found.get(pk, at))
    return found


def _write(rows: Iterable[Assignment], what: str, to: Callable[[Assignment], User], day: date, tab: str) -> int:
    """A letter for each person; its key is his and the day's, so that a second process writes none."""
    of_person: dict[User, list[Assignment]] = defaultdict(list)
    for one in rows:
        if to(one).is_active:
            of_person[to(one)].append(one)
    queue_letters(_letter(person, own, what, day, tab) for person, own in of_person.items())
    return len(of_person)


def _letter(person: User, own: list[Assignment], what: str, day: date, tab: str) -> Draft:
    lines = [_line(number, one, day, tab) for number, one in enumerate(own[:SHOWN], 1)]
    if rest := len(own) - SHOWN:
        lines += [f"И ещё {rest} — в кабинете."] if rest > 0 else []
    values = {
        "имя": person.polite_name,
        "сколько": counted(len(own), "задание", "задания", "заданий"),
        "перечень": "\n\n".join(lines),
        "адрес": f"{settings.SITE_URL}{reverse('iom:assignments', query={'tab': tab})}",
    }
    subject, body = compose(f"iom.{what}", values)
    return Draft(f"iom.{what}.{person.pk}.{day}", f"iom.{what}", person, subject, body, own[0], also=own[1:])


def _line(number: int, one: Assignment, day: date, tab: str) -> str:
    whose = f"{one.route.person.short_name}: " if tab == "check" else ""
    until = f" — до {long_date(one.due_on)} ({days_until(one.due_on, day)})" if one.due_on and tab == "do" else ""
    return f"{number}. {whose}{one.title}{until}\n{settings.SITE_URL}{one.get_absolute_url()}"
