"""Two opinions differ: the assessors settle it with one agreed conclusion."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from cabinet.users.models import User
from motor.models import Agreement, Case, Checklist, Status
from motor.moves import MoveRefused, hold, move, same_due, touch
from motor.services import irregular_notices as notices
from motor.services.follow_up import start_follow_up
from motor.services.returns import refuse_empty


@dataclass(frozen=True)
class Conclusion:
    """A, B and D of both, checked by the form; `comment` says how they came to it."""

    is_significant: bool
    practice: str
    other_topic_found: bool
    other_topic: str = ""
    comment: str = ""


def assessors_of(case: Case) -> list[User]:
    """The two whose checklists stand side by side: the school's first."""
    checklists = case.checklists.in_force().filter(version=case.version).select_related("assessor")
    found = {one.assessor_kind: one.assessor for one in checklists}
    kinds = (Checklist.AssessorKind.SCHOOL, Checklist.AssessorKind.RMA)
    return [found[kind] for kind in kinds if kind in found]


def may_agree(case: Case, user: User) -> bool:
    is_open = case.status == Status.FOLLOW_UP and case.outcome is not None and case.outcome.has_disagreement
    return is_open and user in assessors_of(case) and not _settled(case)


def _settled(case: Case) -> bool:
    return case.agreements.filter(version=case.version, confirmed_at__isnull=False).exists()


def propose_agreement(case: Case, conclusion: Conclusion, *, actor: User) -> Agreement:
    """Offer the other assessor a common conclusion; a counter-proposal takes the place of the former one."""
    comment = refuse_empty(conclusion.comment, "Напишите, как вы пришли к общему заключению.")
    with transaction.atomic():
        _lock(case)
        _refuse_others(case, actor)
        agreement, _ = Agreement.objects.update_or_create(
            case=case,
            version=case.version,
            confirmed_at=None,
            defaults={
                "is_significant": conclusion.is_significant,
                "practice": conclusion.practice,
                "other_topic_found": conclusion.other_topic_found,
                "other_topic": conclusion.other_topic,
                "comment": comment,
                "proposed_by": actor,
                "proposed_at": timezone.now(),
            },
        )
        touch(case)
        other = next((one for one in assessors_of(case) if one.pk != actor.pk), None)
        notices.agreement_proposed(case, agreement, other)
    return agreement


def confirm_agreement(case: Case, *, actor: User) -> None:
    """The other assessor agrees: the result is computed from the common conclusion, steps follow it."""
    with transaction.atomic():
        _lock(case)
        _refuse_others(case, actor)
        agreement = Agreement.objects.filter(case=case, version=case.version, confirmed_at=None).first()
        if agreement is None:
            raise MoveRefused("Подтверждать пока нечего: общего заключения ещё не предложили.")
        if agreement.proposed_by_id == actor.pk:
            raise MoveRefused("Это ваше предложение: подтвердить его должен другой методист.")
        move(case, "agree", actor=actor, due=same_due(case), comment=agreement.comment)
        Agreement.objects.filter(pk=agreement.pk).update(confirmed_by=actor, confirmed_at=timezone.now())
        Checklist.objects.create(
            case=case,
            version=case.version,
            assessor_kind=Checklist.AssessorKind.AGREED,
            assessor=agreement.proposed_by,
            is_significant=agreement.is_significant,
            practice=agreement.practice,
            other_topic_found=agreement.other_topic_found,
            other_topic=agreement.other_topic,
            comment=agreement.comment,
        )
        start_follow_up(case)
        notices.agreement_confirmed(case, agreement)


def _lock(case: Case) -> None:
    """Two proposals at once: the second waits, then sees what the first one left."""
    hold(case)
    case.refresh_from_db(fields=["status", "version", "revision", "outcome"])


def _refuse_others(case: Case, actor: User) -> None:
    if case.status != Status.FOLLOW_UP or case.outcome is None or not case.outcome.has_disagreement:
        raise MoveRefused("Согласовывать нечего: мнения не расходятся или карта уже ушла дальше.")
    if actor not in assessors_of(case):
        raise MoveRefused("Общее заключение принимают те двое, кто заполнял чек-листы.")
    if _settled(case):
        raise MoveRefused("Общее заключение уже принято.")
