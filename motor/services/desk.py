"""What МОТОР asks of a person beside his turns in cases; the first page puts it beside his other work."""

from typing import Any

from django.db.models import Count
from django.urls import reverse

from cabinet.core.words import counted
from cabinet.core.works import PERSONAL, Asked, Work, WorkLine, asked_rows
from cabinet.planner.models import Task
from cabinet.users.models import User
from motor.services.experience import unmarked_by
from motor.services.talking import TALK

WORKS = {
    "presented": Work(
        "Отметить представивших опыт",
        "Опыт представлен или событие не состоялось",
        "Отметить, кто представил опыт",
        "Отметить",
        ("methodist",),
        "planner:events",
    ),
    "talk": Work("Разговоры", "Педагог пока не ответил", "Поговорить", "К разговору", (PERSONAL,), "planner:tasks"),
}


def asked(user: User) -> list[Any]:
    """Arms of one query: past events whose presentations nobody has marked, and talks with the silent."""
    events = unmarked_by(user).order_by().values("event", "event__title").annotate(people=Count("pk"))
    talks = Task.objects.open().filter(assignee=user, kind=TALK)
    return [
        asked_rows(events, "presented", pk="event", title="event__title", number="people"),
        asked_rows(talks, "talk", limit="due_on", title="title", number="about_id"),
    ]


def line_of(row: Asked) -> WorkLine:
    work = WORKS[row.code]
    if row.code == "presented":
        who = counted(row.number or 0, "человек", "человека", "человек")
        return WorkLine(work.line, row.title, who, f"{reverse('planner:event', args=[row.pk])}#experience")
    address = reverse("motor:link", args=[row.number]) if row.number else Task(pk=row.pk).get_absolute_url()
    return WorkLine(row.title, row.title, "", address)
