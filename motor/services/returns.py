"""The assessor's ways beside the checklist: back to the teacher, later, without a survey, not assessed."""

from datetime import date

from django.conf import settings
from django.db import transaction
from django.utils import timezone

import rma.services as rma_services
from cabinet.core.clock import Deadline, add_months, today
from cabinet.users.models import User
from motor.models import Case, Checklist
from motor.moves import MoveRefused, move
from motor.services import irregular_notices as notices
from motor.services.limits import review_limit, survey_limit
from motor.services.responsible import find_responsible
from rma.models import Request


def refuse_empty(text: str, sentence: str) -> str:
    """The text without its edges; an empty one is refused with the sentence."""
    text = text.strip()
    if not text:
        raise MoveRefused(sentence)
    return text


def return_to_teacher(case: Case, *, actor: User, comment: str) -> None:
    """The answer needs more: the survey opens again with the former words in it."""
    comment = refuse_empty(comment, "Напишите педагогу, чего не хватает: без этого он не поймёт, что дополнить.")
    with transaction.atomic():
        # The move comes first: of two clicks the second is refused before it writes anything.
        move(case, "return", actor=actor, due=survey_limit(today()), comment=comment, reminders=0)
        last = case.surveys.submitted().filter(returned_at=None).last()
        if last is None:
            raise MoveRefused("Опросного листа ещё нет: возвращать нечего. Продолжите без него или дождитесь ответа.")
        case.surveys.filter(pk=last.pk).update(returned_at=timezone.now(), return_comment=comment)
        notices.returned_to_teacher(case, comment)


def go_without_survey(case: Case, *, actor: User, reason: str) -> None:
    """The methodist learns in a conversation what the survey would have told."""
    reason = refuse_empty(reason, "Напишите, почему продолжаете без опросного листа.")
    with transaction.atomic():
        move(
            case,
            "without_survey",
            actor=actor,
            due=review_limit(today()),
            comment=reason,
            without_survey=True,
            responsible=case.responsible or find_responsible(case),
        )
        notices.went_without_survey(case)


def postpone(case: Case, *, actor: User, until: date, reason: str) -> None:
    """Nothing to study yet: the checklist is expected by a later day."""
    reason = refuse_empty(reason, "Напишите, почему оценка переносится.")
    latest = add_months(today(), settings.MOTOR_POSTPONE_MONTHS)
    if until <= today():
        raise MoveRefused("Эта дата уже прошла: выберите день в будущем.")
    if until > latest:
        raise MoveRefused(f"Так далеко перенести нельзя: самое позднее — {latest:%d.%m.%Y}.")
    with transaction.atomic():
        due = Deadline(until, f"оценка перенесена до этого дня: {reason}"[:400])
        move(case, "postpone", actor=actor, due=due, comment=reason, postponed_until=until)
        notices.postponed(case)


def leave_not_assessed(case: Case, *, actor: User, reason: str) -> None:
    """The case ends without an opinion; absence of evidence is never recorded as absence of a result."""
    reason = refuse_empty(reason, "Напишите, почему оценить не получилось.")
    with transaction.atomic():
        move(case, "not_assessed", actor=actor, due=None, comment=reason, closed_at=timezone.now())
        rma_services.settle(case, actor=actor)
        notices.not_assessed(case)


def return_to_school(case: Case, *, actor: User, comment: str) -> None:
    """The regional methodist misses something: the school fills its checklist in anew, the former stays readable."""
    comment = refuse_empty(comment, "Напишите методисту ОО, чего не хватает.")
    with transaction.atomic():
        # Without the member: should the school ask again, it names whom.
        move(case, "return_school", actor=actor, due=review_limit(today()), comment=comment, rma_member=None)
        case.checklists.in_force().filter(version=case.version, assessor_kind=Checklist.AssessorKind.SCHOOL).update(
            superseded_at=timezone.now()
        )
        rma_services.withdraw_open(case, Request.Kind.ASSESSMENT, actor=actor)
        notices.returned_to_school(case, comment)
