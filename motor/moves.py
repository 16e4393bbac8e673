"""The one table of allowed moves of a case (domain.md section 5.5), and how a move is made."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from cabinet.core.clock import Deadline, today
from cabinet.users.models import LogEntry, User
from cabinet.users.services import record
from motor.models import Case, Status, Transition
from rma.models import Request


class MoveRefused(Exception):
    """The case cannot go this way now; the text is for the user."""


@dataclass(frozen=True)
class Move:
    """From which states, to which one (None: it stays, or the caller says where), and what the history calls it."""

    label: str
    sources: tuple[Status, ...]
    target: Status | None
    action: LogEntry.Action = LogEntry.Action.MOVED


# A case that can still be worked on: everything but the two ends a person has to undo.
ALIVE = (Status.SCHEDULED, *Case.UNDER_WAY, Status.NO_RESPONSE)
ANSWERED_FOR = (*Case.UNDER_WAY, Status.NO_RESPONSE)  # somebody answers for the case
CONCLUDED = (Status.FOLLOW_UP, Status.CLOSED)

MOVES: dict[str, Move] = {
    "open": Move("Отслеживание начато", (Status.SCHEDULED,), Status.SURVEY_OPEN),
    "submit": Move(
        "Опросный лист заполнен",
        (Status.SURVEY_OPEN, Status.NO_RESPONSE),
        Status.SCHOOL_REVIEW,
        LogEntry.Action.ANSWERED,
    ),
    "attach": Move("Опросный лист пришёл позже и приложен", Case.REVIEWED, None, LogEntry.Action.ANSWERED),
    "return": Move("Возвращено педагогу", (Status.SCHOOL_REVIEW,), Status.SURVEY_OPEN),
    "without_survey": Move(
        "Продолжено без опросного листа", (Status.SURVEY_OPEN, Status.NO_RESPONSE), Status.SCHOOL_REVIEW
    ),
    "extend": Move("Срок ответа продлён", (Status.SURVEY_OPEN, Status.NO_RESPONSE), Status.SURVEY_OPEN),
    "expire": Move("Ответ не получен в срок", (Status.SURVEY_OPEN,), Status.NO_RESPONSE),
    "assess": Move("Методист ОО заполнил чек-лист", (Status.SCHOOL_REVIEW,), Status.FOLLOW_UP),
    "postpone": Move("Оценка перенесена", (Status.SCHOOL_REVIEW,), None),
    "not_assessed": Move("Не оценено", (Status.SCHOOL_REVIEW,), Status.CLOSED),
    "ask_rma": Move("Запрошено участие РМА в оценке", (Status.SCHOOL_REVIEW,), Status.RMA_REQUESTED),
    "name_rma": Move("Назван методист РМА", (Status.RMA_REQUESTED,), Status.RMA_REQUESTED),
    "accept_rma": Move("Методист РМА принял запрос", (Status.RMA_REQUESTED,), Status.RMA_REVIEW),
    "decline_rma": Move("Методист РМА отказался", (Status.RMA_REQUESTED,), Status.RMA_REQUESTED),
    "without_rma": Move("Продолжено без РМА", (Status.RMA_REQUESTED,), Status.FOLLOW_UP),
    "assess_rma": Move("Методист РМА заполнил чек-лист", (Status.RMA_REVIEW,), Status.FOLLOW_UP),
    "return_school": Move("Возвращено методисту ОО", (Status.RMA_REVIEW,), Status.SCHOOL_REVIEW),
    "lose_rma": Move("Нужен другой методист РМА", (Status.RMA_REQUESTED, Status.RMA_REVIEW), Status.RMA_REQUESTED),
    "ask_help": Move("Отправлен запрос к РМА", Case.UNDER_WAY, None),
    "propose_rma": Move("Методист РМА предложил другой день", (Status.RMA_REQUESTED,), None),
    "hand_over_rma": Move("Запрос передан другому методисту РМА", Case.UNDER_WAY, None),
    "lend_rma": Move("Методист РМА на время сменился", Case.UNDER_WAY, None),
    "consult": Move("Групповая консультация", (Status.FOLLOW_UP,), None),
    "consult_one": Move("Консультация методиста РМА", (Status.FOLLOW_UP,), None),
    "agree": Move("Принято согласованное заключение", (Status.FOLLOW_UP,), None),
    "object": Move("Педагог возразил против результата", CONCLUDED, None),
    "decline_objection": Move("Возражение отклонено", CONCLUDED, None),
    "close": Move("Завершено", (Status.FOLLOW_UP,), Status.CLOSED),
    "reopen": Move("Открыто заново", CONCLUDED, Status.SCHOOL_REVIEW),
    "pause": Move("Пауза", (Status.SCHEDULED, *Case.UNDER_WAY), None),
    "resume": Move("Пауза закончена", (Status.SCHEDULED, *Case.UNDER_WAY), None),
    "transfer": Move("Переход в другую организацию", ALIVE, None),
    "name_responsible": Move("Назначен ответственный", ANSWERED_FOR, None),
    "reassign": Move("Ответственный сменился", ANSWERED_FOR, None),
    "hand_over": Move("Передача на время отсутствия", ANSWERED_FOR, None),
    "stop": Move("Отслеживание прекращено", ALIVE, Status.STOPPED),
    "restore": Move("Отслеживание возобновлено", (Status.STOPPED,), None),
}


def move(
    case: Case,
    name: str,
    *,
    actor: User | None,
    due: Deadline | None,
    comment: str = "",
    target: Status | None = None,
    **fields: Any,
) -> None:
    """Make one move, once, with its trace; `fields` are further columns of the case to set with it.

    `target` is for a move whose table line names none: where to go, the state it is in when left out.

    Raises MoveRefused when the case is no longer where the caller saw it: a double click, a colleague's move.
    """
    step = MOVES[name]
    before = Status(case.status)
    after = step.target or target or before
    now = timezone.now()
    # Whoever moves the case on has ended its pause, and answered the wish to be reminded later.
    moved = {"status_since": now, "postponed_until": None, "paused_on": None, "paused_until": None, "remind_on": None}
    values = ({} if after == before else moved) | fields
    values |= {
        "status": after,
        "due_on": due.on if due else None,
        "due_why": due.why if due else "",
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
                to_status=after,
                actor=actor,
                comment=comment,
                version=values.get("version", case.version),
            )
            note = f"{step.label}: {before.label} → {after.label}" if after != before else step.label
            record(step.action, actor=actor, person=case.person, about=case, note=note)
            if "responsible" in fields:
                _keep_asking(case, fields["responsible"])
    if not changed:
        case.refresh_from_db()
        raise MoveRefused(
            f"Карта уже изменилась: сейчас она в состоянии «{case.get_status_display()}». "
            "Обновите страницу — ничего не потеряно."
        )
    for field, value in values.items():
        setattr(case, field, value)


def _keep_asking(case: Case, holder: User | None) -> None:
    """What whoever answered for the case has asked РМА for is asked by the one who does so from now on."""
    former = case.responsible_id
    if former is None or holder is None or holder.pk == former:
        return
    # Nobody asks himself: what he was asked for stays with the former author.
    asked = Request.objects.of(case).live().filter(author=former)
    asked.filter(Q(member=None) | ~Q(member__user=holder)).update(author=holder)


def same_due(case: Case) -> Deadline | None:
    """The limit as it stands, for a move that does not touch it."""
    return Deadline(case.due_on, case.due_why) if case.due_on else None


def hold(case: Case) -> None:
    """Take the case's row before changing a part of it, inside the caller's transaction.

    Every service takes the case first and its parts after it: in two orders two of them would wait for each other
    for ever. NO KEY: what merely points at the case need not wait.
    """
    list(Case.objects.select_for_update(no_key=True).filter(pk=case.pk).values_list("pk"))


def touch(case: Case) -> None:
    """Raise the revision after a change that moves nothing; the registry looks at it."""
    Case.objects.filter(pk=case.pk).update(revision=F("revision") + 1, touched_at=timezone.now())
    case.refresh_from_db(fields=["revision", "touched_at"])
