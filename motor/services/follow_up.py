"""After the assessment: the outcome, the steps by variant, closing."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

import rma.services as rma_services
from cabinet.planner.models import Task, TaskQuerySet
from cabinet.planner.services import complete_task, give_task, reopen_task, waive_task
from cabinet.users.models import User
from motor.decision import decide, reason_in_words
from motor.models import Case, Checklist, MunicipalRecord, Outcome, Status
from motor.moves import MoveRefused, hold, move, touch
from motor.services import notices
from motor.services.responsible import STEP_PREFIX


@dataclass(frozen=True)
class Step:
    """One follow-up step; `code` is kept in the task's kind."""

    code: str
    title: str
    text: str
    is_required: bool = True


# Wording of the follow-up is the institute's (domain.md section 5.6), the steps made of it are ours.
STEPS: dict[int, tuple[Step, ...]] = {
    1: (
        Step(
            "talk",
            "Диагностика затруднений, работа с их причинами",
            "Поговорите с педагогом или проведите диагностику и запишите главное.",
        ),
        Step(
            "interests",
            "Система работы на основе интересов / потребностей педагога",
            "Предложите черновик индивидуального маршрута, исходя из интересов педагога.",
            is_required=False,
        ),
    ),
    2: (
        Step(
            "directions",
            "Работа с направлениями деятельности, где отмечены изменения",
            "Выберите с педагогом направления, где изменения уже есть, и запишите их.",
        ),
        Step(
            "mentor",
            "Работа с методистом РМА / наставником",
            "Договоритесь о помощи методиста РМА или наставника; групповая консультация тоже считается.",
        ),
        Step("route", "Актуализация ИОМ", "Обновите маршрут вместе с педагогом; если его нет — составьте черновик."),
    ),
    3: (
        Step(
            "directions",
            "Работа с направлениями деятельности, где отмечены изменения и есть результат",
            "Выберите с педагогом направления, которые стоит развивать дальше, и запишите их.",
        ),
        Step("route", "Проектирование ИОМ", "Продолжите действующий маршрут или составьте черновик нового."),
        Step(
            "rma",
            "Работа с методистом РМА",
            "Если это поможет, договоритесь о работе с методистом РМА.",
            is_required=False,
        ),
    ),
}
DIRECTIONS = "directions"
HELP = ("mentor", "rma")  # the steps a group consultation ends

# Offered with variant 3 once the municipal service has said that the experience can be presented.
POOL = Step(
    "pool",
    "Место в банке опыта",
    "Подскажите специалисту ММС, какой опыт педагога стоит внести в банк: он отметит это в учёте результата.",
    is_required=False,
)


# Whose checklist counts, the first that exists.
COUNTING = (Checklist.AssessorKind.AGREED, Checklist.AssessorKind.RMA, Checklist.AssessorKind.SCHOOL)


def step_kind(case: Case, step: Step) -> str:
    return f"{STEP_PREFIX}{case.version}.{step.code}"


def deciding_checklist(checklists: list[Checklist]) -> Checklist | None:
    """The agreed conclusion counts, else the РМА's whole checklist, never question by question (ours)."""
    found = {one.assessor_kind: one for one in checklists}
    return next((found[kind] for kind in COUNTING if kind in found), None)


def compute_outcome(case: Case) -> Outcome:
    """Apply the decision table to the checklist that counts and keep the result on the case."""
    checklists = list(case.checklists.in_force().filter(version=case.version))
    basis = deciding_checklist(checklists)
    if basis is None:
        raise MoveRefused("Чек-листа ещё нет, результат определить не по чему.")
    decision = decide(basis.is_significant, basis.practice, basis.other_topic_found)
    opinions = {
        (one.is_significant, one.practice, one.other_topic_found)
        for one in checklists
        if one.assessor_kind != Checklist.AssessorKind.AGREED
    }
    outcome, _ = Outcome.objects.update_or_create(
        case=case,
        version=case.version,
        defaults={
            "variant": decision.variant,
            "completeness": decision.completeness,
            "basis": basis,
            "has_disagreement": len(opinions) > 1,
            "reason": reason_in_words(basis, decision),
            "computed_at": timezone.now(),
        },
    )
    Case.objects.filter(pk=case.pk).update(outcome=outcome)
    case.outcome = outcome
    touch(case)
    return outcome


def start_follow_up(case: Case) -> None:
    """Called inside the move to follow_up: the outcome, the steps as tasks, and everybody told."""
    outcome = compute_outcome(case)
    steps = STEPS[outcome.variant]
    kept = [*steps, POOL] if outcome.variant == Outcome.Variant.ON_TOPIC else steps
    _drop_other_steps(case, {step_kind(case, step) for step in kept})
    for step in steps:
        _give(case, step)
    notices.outcome_ready(case, [step.title for step in steps if step.is_required])


def _give(case: Case, step: Step) -> None:
    if case.responsible is None:
        return
    give_task(
        title=f"{step.title} — {case.person.short_name}",
        text=step.text,
        assignee=case.responsible,
        organization=case.organization,
        due_on=case.due_on,
        about=case,
        kind=step_kind(case, step),
        is_required=step.is_required,
    )


def _drop_other_steps(case: Case, wanted: set[str]) -> None:
    """An agreed conclusion may change the variant: steps of the former one that are still open fall away."""
    for task in _steps(case).open():
        if task.kind not in wanted:
            waive_task(task, None, "Вариант изменился: этот шаг больше не нужен.")


def _steps(case: Case) -> TaskQuerySet:
    return Task.objects.of(case).filter(kind__startswith=f"{STEP_PREFIX}{case.version}.")


def steps_of(case: Case) -> list[Task]:
    """The case's follow-up tasks of the present version, required first; `errand` is whom an open one was handed to."""
    prefix = f"{STEP_PREFIX}{case.version}."
    handed = Q(step__kind__startswith=prefix, status=Task.Status.OPEN)
    tasks = Task.objects.of(case).filter(Q(kind__startswith=prefix) | handed).select_related("assignee", "done_by")
    rows = list(tasks.order_by("-is_required", "pk"))
    errands = {one.step_id: one for one in rows if one.step_id is not None}
    steps = [one for one in rows if one.step_id is None]
    for step in steps:
        step.errand = errands.get(step.pk)  # type: ignore[attr-defined]
    return steps


def code_of(task: Task) -> str:
    """The step's code: what stands after the version in the task's kind."""
    return task.kind.rpartition(".")[2]


def directions_of(case: Case, checklists: list[Checklist]) -> list[str]:
    """What may be chosen as a direction: the course's topic with variant 3, the other topic wherever one was found."""
    basis = deciding_checklist(checklists)
    if case.outcome is None or basis is None:
        return []
    programme = case.completion.course.programme
    course = [programme.topic.name if programme.topic else programme.title]
    other = [basis.other_topic] if basis.other_topic_found else []
    return (course if case.outcome.variant == Outcome.Variant.ON_TOPIC else []) + other


def finish_step(case: Case, task: Task, *, actor: User, note: str, chosen: Iterable[str] = ()) -> None:
    """A step is done; the last one closes the case when the municipal record is there too.

    Of the directions each line of the note is one more, beside those chosen.
    """
    directions: list[str] = []
    if code_of(task) == DIRECTIONS:
        lines = (" ".join(line.split()) for line in note.splitlines())
        directions = list(dict.fromkeys([*chosen, *(line for line in lines if line)]))
        note = "; ".join(directions)
    if not note.strip():
        raise MoveRefused("Напишите коротко, что сделано: эта запись останется в карте.")
    with transaction.atomic():
        hold(case)
        if not complete_task(task, actor, note, directions):
            raise MoveRefused("Этот шаг уже отмечен.")
        touch(case)
        close_if_ready(case, actor)


def waive_step(case: Case, task: Task, *, actor: User, reason: str) -> None:
    """A step that does not fit is waived with a reason."""
    if not reason.strip():
        raise MoveRefused("Напишите, почему шаг не нужен.")
    with transaction.atomic():
        hold(case)
        if not waive_task(task, actor, reason):
            raise MoveRefused("Этот шаг уже отмечен.")
        touch(case)
        close_if_ready(case, actor)


def settle_pool(case: Case, record: MunicipalRecord) -> None:
    """The pool step follows the record: offered with «может», done by the mark «в банк опыта»."""
    is_wanted = case.outcome is not None and case.outcome.variant == Outcome.Variant.ON_TOPIC and record.can_present
    steps = _steps(case).filter(kind=step_kind(case, POOL))
    task = steps.first()
    if not is_wanted:
        if task is not None:
            waive_task(task, None, "По учёту в ММС опыт пока не представляется.")
        return
    if not record.in_pool and case.status != Status.FOLLOW_UP:
        return  # a closed case gets no new work
    if task is None:
        _give(case, POOL)
        task = steps.first()
    elif (task.status == Task.Status.DONE) != record.in_pool:
        reopen_task(task)
        # While it was done, the case may have come to somebody else.
        Task.objects.filter(pk=task.pk).update(assignee=case.responsible or task.assignee)
    if task is not None and record.in_pool:
        complete_task(task, record.specialist, f"Опыт в банке: {record.theme}")


def open_required(case: Case) -> list[Task]:
    return list(_steps(case).open().filter(is_required=True))


def close_if_ready(case: Case, actor: User | None) -> bool:
    """Close when every required step is done or waived and C is answered or waived."""
    if case.status != Status.FOLLOW_UP or open_required(case):
        return False
    if not case.records.filter(version=case.version).exists():
        return False
    _close(case, actor, "Все шаги выполнены, учёт в ММС сделан.")
    return True


def close_case(case: Case, *, actor: User, reason: str) -> None:
    """Close before everything is done, with a reason."""
    if not reason.strip():
        raise MoveRefused("Напишите, почему работа завершается раньше.")
    with transaction.atomic():
        hold(case)
        for task in open_required(case):
            waive_task(task, actor, reason)
        _close(case, actor, reason)


def _close(case: Case, actor: User | None, comment: str) -> None:
    move(case, "close", actor=actor, due=None, comment=comment, closed_at=timezone.now())
    for task in _steps(case).open():
        waive_task(task, actor, "Карта завершена.")
    rma_services.settle(case, actor=actor)


def close_finished() -> int:
    """Steps ticked off in the task list close their case too; the sweep looks, planner knows nothing of cases."""
    closed = 0
    recorded = MunicipalRecord.objects.filter(case=OuterRef("pk"), version=OuterRef("version"))
    unfinished = Task.objects.open().filter(
        about_type=ContentType.objects.get_for_model(Case), about_id=OuterRef("pk"), is_required=True
    )
    ready = Case.objects.filter(Exists(recorded), ~Exists(unfinished), status=Status.FOLLOW_UP)
    for case in ready.select_related("person"):
        try:
            with transaction.atomic():
                closed += close_if_ready(case, None)
        except MoveRefused:
            continue
    return closed
