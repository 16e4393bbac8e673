"""What a teacher reads of the events his experience is put into: one letter, however many of his cases it is about."""

from collections.abc import Iterable, Mapping
from itertools import groupby

from django.conf import settings
from django.urls import reverse

from cabinet.mail.services import cancel_letters
from cabinet.mail.texts import Value
from cabinet.users.models import User
from motor.models import Case, Presentation
from motor.services.notices import write

DONE = "experience_presented"


def tell(rows: Iterable[Presentation], what: str, actor: User | None = None) -> int:
    """A letter to each person about his rows of one event; how many people. The rows' revisions are already raised.

    Whoever acts upon himself is told nothing he does not know.
    """
    told = 0
    for _, group in groupby(sorted(rows, key=lambda row: (row.case.person_id, row.pk)), lambda row: row.case.person_id):
        own = list(group)
        first = own[0]
        if actor is None or actor.pk != first.case.person_id:
            write(first.case, what, first.case.person, _values(own, actor), also=[row.case for row in own[1:]])
            told += 1
    return told


def take_back_thanks(case: Case) -> None:
    """Thanks not sent yet for what was marked by mistake."""
    cancel_letters(case, f"motor.{DONE}")


def _values(rows: list[Presentation], actor: User | None) -> Mapping[str, Value]:
    event = rows[0].event
    values: dict[str, Value] = {
        "событие": str(event),
        "день": event.when,
        "место": f"Где: {event.place}." if event.place else "",
        "опыт": "\n".join(f"— {row.title}" for row in rows),
        "адрес": settings.SITE_URL + reverse("motor:confirmation", args=[rows[0].pk]),
    }
    return values | ({"коллега": actor.full_name} if actor else {})
