"""Stopping a case and restoring it; pausing it for a leave and going on."""

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

import rma.services as rma_services
from cabinet.core.clock import Deadline, add_months, after_quiet, next_working_day, today
from cabinet.mail.services import cancel_letters
from cabinet.planner.services import reopen_task, waive_task
from cabinet.users.models import User
from motor.models import Case, Status, StopReason
from motor.moves import MoveRefused, move
from motor.services import irregular_notices as notices
from motor.services.follow_up import steps_of
from motor.services.limits import limit_of
from motor.services.responsible import find_responsible
from motor.services.returns import refuse_empty
from motor.services.review import want_rma
from rma.models import Request

STOPPED_STEP = "Отслеживание прекращено."


def stop_case(case: Case, *, actor: User, reason: str, comment: str = "") -> None:
    """End the tracking with a reason; open steps and requests are taken back, letters not sent yet as well."""
    if reason not in StopReason.values:
        raise MoveRefused("Выберите причину из списка.")
    if reason == StopReason.OTHER:
        comment = refuse_empty(comment, "Напишите причину: «другое» без пояснения никто не поймёт.")
    was_opened = case.opened_at is not None
    words = StopReason(reason).label + (f": {comment.strip()}" if comment.strip() else "")
    with transaction.atomic():
        move(case, "stop", actor=actor, due=None, comment=words, stop_reason=reason)
        cancel_letters(case, "motor")
        told = {
            request.member.user_id
            for kind in Request.Kind.values
            for request in rma_services.withdraw_open(case, kind, actor=actor, reason=STOPPED_STEP)
            if request.member is not None
        }
        for task in steps_of(case):
            if task.is_open:
                waive_task(task, actor, STOPPED_STEP)
        notices.stopped(case, actor, was_opened, told)


def restore_case(case: Case, *, actor: User, reason: str) -> None:
    """Back to the state it was stopped in, with that state's whole time again."""
    reason = refuse_empty(reason, "Напишите, почему отслеживание возобновляется.")
    former = former_state(case)
    if former is None:
        raise MoveRefused("Эта карта не остановлена. Обновите страницу.")
    fields: dict[str, Any] = {"stop_reason": ""}
    if former == Status.RMA_REVIEW:
        # The member was released when the case stopped: he is asked anew.
        former, fields["rma_member"] = Status.RMA_REQUESTED, None
    if former in Case.UNDER_WAY:
        fields["responsible"] = case.responsible or find_responsible(case)
    if former == Status.SCHEDULED and case.opens_on < today():
        fields["opens_on"] = next_working_day(today())
    with transaction.atomic():
        move(case, "restore", actor=actor, due=limit_of(case, former), comment=reason, target=former, **fields)
        if former == Status.RMA_REQUESTED:
            want_rma(case, author=case.responsible or actor, actor=actor)
        for task in steps_of(case):
            if task.outcome == STOPPED_STEP:
                reopen_task(task)
        notices.restored(case, actor)


def former_state(case: Case) -> Status | None:
    """Where a stopped case stood."""
    if case.status != Status.STOPPED:
        return None
    stop = case.transitions.filter(move="stop").order_by("at", "pk").last()
    return Status(stop.from_status) if stop else Status.SCHEDULED


def pause_case(case: Case, *, actor: User, until: date, reason: str) -> None:
    """A long leave: the time limit moves by the length of the pause, and nobody is reminded."""
    reason = refuse_empty(reason, "Напишите, почему нужна пауза. Сведения о здоровье и семье указывать не нужно.")
    latest = add_months(today(), settings.MOTOR_PAUSE_MONTHS)
    if case.paused_until is not None:
        raise MoveRefused(f"Карта уже на паузе до {case.paused_until:%d.%m.%Y}. Сначала закончите её.")
    if until <= today():
        raise MoveRefused("Эта дата уже прошла: выберите день в будущем.")
    if until > latest:
        raise MoveRefused(f"Так далеко сдвинуть нельзя: самое позднее — {latest:%d.%m.%Y}.")
    fields: dict[str, Any] = {"paused_on": today(), "paused_until": until}
    due = None
    if case.due_on is not None:
        # A day off is passed over when the pause ends, once: else every pause taken back would leave days behind.
        moved = max(case.due_on, today()) + (until - today())
        due = Deadline(moved, f"срок сдвинут на время паузы до {until:%d.%m.%Y}")
    if case.status == Status.SCHEDULED:
        opening = after_quiet(max(case.opens_on, until))
        fields |= {"opens_on": opening.on, "opens_why": f"пауза до {until:%d.%m.%Y}; {opening.why}".strip("; ")}
    with transaction.atomic():
        move(case, "pause", actor=actor, due=due, comment=f"до {until:%d.%m.%Y}: {reason}", **fields)
        cancel_letters(case, "motor.remind")
        notices.paused(case, actor)


def resume_case(case: Case, *, actor: User | None, day: date | None = None) -> None:
    """The pause ends, by its date or earlier; what is left of it is taken off the time limit."""
    day = day or today()
    if case.paused_until is None:
        raise MoveRefused("Карта не на паузе. Обновите страницу.")
    left = max(case.paused_until - day, timedelta())
    fields: dict[str, Any] = {"paused_on": None, "paused_until": None}
    due = None
    if case.due_on is not None:
        due = Deadline(
            next_working_day(max(case.due_on - left, day)), f"{case.due_why}; пауза закончилась {day:%d.%m.%Y}"[:400]
        )
    if case.status == Status.SCHEDULED and left:
        opening = after_quiet(max(case.opens_on - left, day))
        fields |= {"opens_on": opening.on, "opens_why": f"пауза закончилась {day:%d.%m.%Y}; {opening.why}".strip("; ")}
    if case.remind_on is not None and case.remind_on <= day:
        fields["remind_on"] = None  # the day passed during the pause, and the letter about its end reminds as well
    with transaction.atomic():
        move(case, "resume", actor=actor, due=due, **fields)
        notices.resumed(case, actor)


def end_pauses(day: date | None = None) -> int:
    """Pauses whose day has come; returns how many ended."""
    day = day or today()
    ended = 0
    over = Case.objects.filter(paused_until__lte=day).exclude(status__in=Case.ENDED).with_names()
    for case in over:
        try:
            resume_case(case, actor=None, day=day)
            ended += 1
        except MoveRefused:
            continue
    return ended
