"""Reminders of tasks: one letter a day, whatever their number."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from cabinet.core.clock import add_working_days, is_working_day, today
from cabinet.core.words import days_until
from cabinet.mail.models import Letter
from cabinet.mail.services import Draft, queue_letters
from cabinet.mail.texts import compose
from cabinet.planner.models import Task, TaskQuerySet
from cabinet.planner.services.task_letters import SHOWN, how_many, line, listed
from cabinet.users.models import User

AT_ONCE = 500  # people whose tasks are read together
WEEK = timedelta(days=7)
WEEKS = 8  # two months late, letters have said what they could


def run_due(day: date | None = None) -> dict[str, int]:
    """Letters written, by kind; safe at any moment and twice. Without a day it is now, and then none at night."""
    hour = timezone.localtime().hour
    if day is None and not settings.MOTOR_LETTERS_FROM_HOUR <= hour < settings.IOM_LETTERS_UNTIL_HOUR:
        return {"tasks": 0}
    return {"tasks": remind(day or today())}


def remind(day: date) -> int:
    """Write to everybody who has tasks near their limit or past it and no letter yet that day."""
    written = 0
    people = sorted(set(_owners(day)))
    for at in range(0, len(people), AT_ONCE):
        written += _write(people[at : at + AT_ONCE], day)
    return written


def _write(pks: list[int], day: date) -> int:
    keys = {pk: f"task.daily.{pk}.{day}" for pk in pks}
    had = set(Letter.objects.filter(key__in=keys.values()).order_by().values_list("key", flat=True))
    waiting = [pk for pk, key in keys.items() if key not in had]
    if not waiting:
        return 0
    people = User.objects.filter(pk__in=waiting, is_active=True).in_bulk()
    tasks = _tasks_of(set(people), day)
    queue_letters(_letter(people[pk], tasks[pk], keys[pk], day) for pk in tasks)
    return len(tasks)


def _owners(day: date) -> Iterator[int]:
    rows = near(day).order_by()
    yield from rows.values_list("assignee", flat=True).distinct()
    shared = Task.participants.through.objects.filter(task__in=rows.values("pk"))
    yield from shared.values_list("user", flat=True).distinct()


def _tasks_of(people: set[int], day: date) -> dict[int, list[Task]]:
    """Person → his tasks, the nearest first."""
    found: dict[int, dict[int, Task]] = defaultdict(dict)
    for task in near(day).filter(assignee__in=people):
        found[task.assignee_id][task.pk] = task
    shared = Task.participants.through.objects.filter(user__in=people, task__in=near(day).order_by().values("pk"))
    for row in shared.select_related("task"):
        found[row.user_id][row.task_id] = row.task
    return {pk: sorted(own.values(), key=lambda one: (one.due_on, one.pk)) for pk, own in found.items()}


def near(day: date) -> TaskQuerySet:
    """Open tasks to remind of on a day, steps of a process aside: the process has reminders of its own.

    What was given the same day has just been told. On a day off only what is due at once.
    """
    morning = timezone.make_aware(datetime.combine(day, time.min))
    days = [day, day + timedelta(days=1)]
    if is_working_day(day):
        days += [add_working_days(day, 3), *_late(day)]
    return Task.objects.open().filter(kind="", due_on__in=days, created_at__lt=morning).order_by("due_on", "pk")


def _late(day: date) -> list[date]:
    """The limits past which one is reminded of today: of the week behind, then a week and more ago, once a week.

    A reminder that fell on a day off is made up for on the next working day.
    """
    late = [day - timedelta(days=number) for number in range(1, 8)]
    fresh = [day]
    while not is_working_day(fresh[-1] - timedelta(days=1)) and len(fresh) < 15:
        fresh.append(fresh[-1] - timedelta(days=1))
    late += [one - WEEK * number for one in fresh for number in range(2, WEEKS + 1)]
    # What a week off stood between: no limit is named twice.
    return list(dict.fromkeys(late))


def _letter(person: User, tasks: list[Task], key: str, day: date) -> Draft:
    lines = [
        line(number, task, days_until(task.due_on, day) if task.due_on else "")
        for number, task in enumerate(tasks[: SHOWN + 1], 1)
    ]
    values = {
        "имя": person.polite_name,
        "сколько": how_many(len(tasks)),
        "перечень": listed(lines + [""] * (len(tasks) - len(lines))),
        "адрес": settings.SITE_URL + reverse("planner:tasks"),
    }
    subject, body = compose("task.daily", values)
    return Draft(key, "task.daily", person, subject, body)
