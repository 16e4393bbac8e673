"""The teacher disagrees; the admin or the municipal service opens a case anew."""

from django.db import IntegrityError, transaction
from django.utils import timezone

import rma.services as rma_services
from cabinet.core.clock import today
from cabinet.planner.services import waive_task
from cabinet.users.models import User
from motor.models import Case, Objection
from motor.moves import CONCLUDED, MoveRefused, move, same_due
from motor.services import irregular_notices as notices
from motor.services import offering
from motor.services.follow_up import steps_of
from motor.services.limits import objection_limit, review_limit
from motor.services.responsible import find_responsible
from motor.services.returns import refuse_empty


def may_object(case: Case) -> bool:
    """Once per case, against a result that is there and that the teacher has not agreed with."""
    has_result = case.outcome is not None and case.outcome.agreed_at is None and case.status in CONCLUDED
    return has_result and not Objection.objects.filter(case=case).exists()


def object_to(case: Case, *, text: str, actor: User | None) -> Objection:
    """«Есть возражение»: the municipal service decides in ten working days, the work goes on meanwhile."""
    text = refuse_empty(text, "Напишите, с чем Вы не согласны.")
    if not may_object(case):
        raise MoveRefused("Возразить можно один раз и только когда результат определён.")
    due = objection_limit(today())
    with transaction.atomic():
        move(case, "object", actor=actor or case.person, due=same_due(case))
        try:
            with transaction.atomic():
                objection = Objection.objects.create(
                    case=case, version=case.version, text=text, due_on=due.on, due_why=due.why
                )
        except IntegrityError as error:
            raise MoveRefused("Возражение уже отправлено.") from error
        notices.objected(case, objection)
    return objection


def decline_objection(case: Case, *, actor: User, answer: str) -> None:
    """The result stands, with reasons the teacher reads."""
    answer = refuse_empty(answer, "Напишите основания: педагог прочитает их.")
    with transaction.atomic():
        objection = _decide(case, Objection.Decision.DECLINED, answer, actor)
        move(case, "decline_objection", actor=actor, due=same_due(case), comment=answer)
        notices.objection_declined(case, objection, actor)


def uphold_objection(case: Case, *, actor: User, answer: str) -> None:
    """The teacher is right: the case is opened anew."""
    answer = refuse_empty(answer, "Напишите основания: их прочитают педагог и методист.")
    with transaction.atomic():
        _decide(case, Objection.Decision.UPHELD, answer, actor)
        reopen_case(case, actor=actor, reason=f"Возражение педагога принято: {answer}")


def _decide(case: Case, decision: str, answer: str, actor: User) -> Objection:
    if actor.pk == case.person_id:
        raise MoveRefused("Это ваша собственная карта: возражение рассматривает другой человек.")
    changed = Objection.objects.filter(case=case, decision="").update(
        decision=decision, answer=answer, decided_by=actor, decided_at=timezone.now()
    )
    if not changed:
        raise MoveRefused("Возражение уже рассмотрено. Обновите страницу, чтобы увидеть решение.")
    return Objection.objects.get(case=case)


def reopen_case(case: Case, *, actor: User, reason: str) -> None:
    """A new version of the same case: assessed anew, the former answers stay readable, the registry keeps its row."""
    reason = refuse_empty(reason, "Напишите, почему карта открывается заново.")
    member = case.rma_member.user if case.rma_member else None
    with transaction.atomic():
        former_steps = steps_of(case)
        offering.take_back_checklists(case)  # while the version is still the former one
        move(
            case,
            "reopen",
            actor=actor,
            due=review_limit(today()),
            comment=reason,
            version=case.version + 1,
            outcome=None,
            rma_member=None,
            without_rma=False,
            closed_at=None,
            responsible=case.responsible or find_responsible(case),
        )
        for task in former_steps:
            if task.is_open:
                waive_task(task, actor, "Карта открыта заново.")
        rma_services.settle(case, actor=actor)
        notices.reopened(case, actor, reason, member)
