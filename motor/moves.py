"""The one table of allowed moves of a case (domain.md section 5.5), and how a move is made."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.users.models import LogEntry, User
from cabinet.users.services import record
from motor.models import Case, Status, Transition


class MoveRefused(Exception):
    """The case cannot go this way now; the text is for the user."""


@dataclass(frozen=True)
class Move:
    """From which states, to which one, and what the history calls it."""

    label: str
    sources: tuple[Status, ...]
    target: Status
    action: LogEntry.Action = LogEntry.Action.MOVED


MOVES: dict[str, Move] = {
    "open": Move("Отслеживание начато", (Status.SCHEDULED,), Status.SURVEY_OPEN),
    "submit": Move(
        "Опросный лист заполнен",
        (Status.SURVEY_OPEN, Status.NO_RESPONSE),
        Status.SCHOOL_REVIEW,
        LogEntry.Action.ANSWERED,
    ),
    "expire": Move("Ответ не получен в срок", (Status.SURVEY_OPEN,), Status.NO_RESPONSE),
    "assess": Move("Методист ОО заполнил чек-лист", (Status.SCHOOL_REVIEW,), Status.FOLLOW_UP),
    "ask_rma": Move("Запрошено участие РМА в оценке", (Status.SCHOOL_REVIEW,), Status.RMA_REQUESTED),
    "name_rma": Move("Назван методист РМА", (Status.RMA_REQUESTED,), Status.RMA_REQUESTED),
    "accept_rma": Move("Методист РМА принял запрос", (Status.RMA_REQUESTED,), Status.RMA_REVIEW),
    "decline_rma": Move("Методист РМА отказался", (Status.RMA_REQUESTED,), Status.RMA_REQUESTED),
    "without_rma": Move("Продолжено без РМА", (Status.RMA_REQUESTED,), Status.FOLLOW_UP),
    "assess_rma": Move("Методист РМА заполнил чек-лист", (Status.RMA_REVIEW,), Status.FOLLOW_UP),
    "close": Move("Завершено", (Status.FOLLOW_UP,), Status.CLOSED),
    "stop": Move("Отслеживание прекращено", (Status.SCHEDULED, *Case.UNDER_WAY, Status.NO_RESPONSE), Status.STOPPED),
}


def move(
    case: Case,
    name: str,
    *,
    actor: User | None,
    due_on: date | None,
    comment: str = "",
    **fields: Any,
) -> None:
    """Make one move, once, with its trace; `fields` are further columns of the case to set with it.

    Raises MoveRefused when the case is no longer where the caller saw it: a double click, a colleague's move.
    """
    step = MOVES[name]
    before = Status(case.status)
    now = timezone.now()
    values = fields | {
        "status": step.target,
        "status_since": now,
        "due_on": due_on,
        "was_late": case.was_late or (case.due_on is not None and case.due_on < today()),
        "revision": case.revision + 1,
        "touched_at": now,
    }
    # The revision is part of the condition: a second move into the same state must notice the first one too.
    here = Case.objects.filter(pk=case.pk, status=before, status__in=step.sources, revision=case.revision)
    with transaction.atomic(savepoint=False):
        changed = here.update(**values)
        if changed:
            Transition.objects.create(
                case_id=case.pk,
                at=now,
                move=name,
                from_status=before,
                to_status=step.target,
                actor=actor,
                comment=comment,
                version=case.version,
            )
            note = f"{step.label}: {before.label} → {step.target.label}"
            record(step.action, actor=actor, person=case.person, about=case, note=note)
    if not changed:
        case.refresh_from_db()
        raise MoveRefused(
            f"Карта уже изменилась: сейчас она в состоянии «{case.get_status_display()}». "
            "Обновите страницу — ничего не потеряно."
        )
    for field, value in values.items():
        setattr(case, field, value)


def touch(case: Case) -> None:
    """Raise the revision after a change that moves nothing; the registry looks at it."""
    Case.objects.filter(pk=case.pk).update(revision=F("revision") + 1, touched_at=timezone.now())
    case.refresh_from_db(fields=["revision", "touched_at"])
