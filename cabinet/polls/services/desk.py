"""What polls ask of a person today; the first page puts it beside his other work."""

from typing import Any

from django.urls import reverse

from cabinet.core.works import PERSONAL, Asked, Work, WorkLine, asked_rows
from cabinet.polls.models import Participant, Poll
from cabinet.users.models import User

WORKS = {
    "poll": Work(
        "Опросы", "Несколько вопросов, если хочется ответить", "Ответить", "Ответить", (PERSONAL,), "polls:polls"
    ),
}


def asked(user: User) -> list[Any]:
    """Arms of one query."""
    waiting = Participant.objects.filter(person=user, has_answered=False, poll__in=Poll.objects.open_now())
    return [asked_rows(waiting, "poll", limit="poll__closes_on", pk="poll", title="poll__title")]


def line_of(row: Asked) -> WorkLine:
    return WorkLine(row.title, row.title, "", reverse("polls:poll", args=[row.pk]))
