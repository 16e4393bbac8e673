"""What tasks and events ask of a person today, what they know for him; the first page puts it beside his other work."""

from datetime import timedelta
from typing import Any

from django.db.models import Count, Min, Q
from django.db.models.functions import ExtractHour, ExtractMinute
from django.urls import reverse
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.core.words import counted
from cabinet.core.works import PERSONAL, Asked, Work, WorkLine, asked_rows
from cabinet.planner.models import Event, Participation, Task
from cabinet.users.models import User

WORKS = {
    "invitation": Work(
        "Приглашения",
        "Ответьте, придёте ли вы",
        "Ответить на приглашение",
        "Ответить",
        (PERSONAL,),
        "planner:events",
    ),
    "attendance": Work(
        "Отметить, кто пришёл", "Событие прошло", "Отметить, кто пришёл", "Отметить", (PERSONAL,), "planner:events"
    ),
    "task": Work("Задачи", "от коллег и себе", "Задача", "Открыть", (PERSONAL,), "planner:tasks"),
}
COMING = "coming"  # no work: where one is going to be
GIVEN = "given"  # what one waits for: tasks given to others, all of them in one row
AHEAD = timedelta(days=13)  # two weeks of events
BACK = timedelta(days=30)  # who came is marked while it is remembered


def asked(user: User) -> list[Any]:
    """Arms of one query. Steps of processes are not here: they stand with what they are about."""
    by_hand = Task.objects.open().filter(kind="")
    shared = Task.participants.through.objects.filter(user=user).values("task")
    given = Task.objects.open().filter(author=user, kind="").exclude(assignee=user)
    day = today()
    events = Event.objects.filter(on__gte=day, on__lte=day + AHEAD, is_cancelled=False)
    run = Event.objects.run_by(user)
    led = Event.leaders.through.objects.filter(user=user).values("event")
    # Whoever typed in an event that others lead need not be there: as clashes.attended_by has it.
    own = run.exclude(pk__in=Event.leaders.through.objects.values("event")).order_by().values("pk")
    goes = Participation.objects.coming().filter(person=user).values("event")
    invited = Participation.objects.unanswered().filter(person=user, event__on__gte=day, event__is_cancelled=False)
    invited = invited.exclude(event__on=day, event__starts_at__lte=timezone.localtime().time())
    minutes = ExtractHour("starts_at") * 60 + ExtractMinute("starts_at")
    unmarked = run.filter(on__lt=day, on__gte=day - BACK, is_cancelled=False).filter(
        participations__state=Participation.State.COMING,
        participations__attended=None,
        participations__person__merged_into=None,
    )
    return [
        asked_rows(by_hand.filter(assignee=user), "task", limit="due_on", title="title"),
        asked_rows(by_hand.filter(pk__in=shared).exclude(assignee=user), "task", limit="due_on", title="title"),
        asked_rows(invited, "invitation", limit="event__on", pk="event", title="event__title"),
        asked_rows(
            unmarked.values("pk", "title", "on").annotate(people=Count("participations")),
            "attendance",
            title="title",
            number="people",
        ),
        asked_rows(
            events.filter(Q(pk__in=own) | Q(pk__in=led) | Q(pk__in=goes)),
            COMING,
            limit="on",
            title="title",
            number=minutes,
        ),
        asked_rows(
            given.values("author").annotate(nearest=Min("due_on"), count=Count("pk")),
            GIVEN,
            limit="nearest",
            pk="author",
            number="count",
        ),
    ]


def line_of(row: Asked) -> WorkLine:
    work = WORKS[row.code]
    if row.code == "task":
        return WorkLine(row.title, row.title, "", Task(pk=row.pk).get_absolute_url())
    if row.code == "attendance":
        people = counted(row.number or 0, "человек собирался", "человека собирались", "человек собирались")
        return WorkLine(work.line, row.title, people, reverse("planner:event_attendance", args=[row.pk]))
    return WorkLine(work.line, row.title, "", reverse("planner:event", args=[row.pk]))
