"""Групповая консультация: one meeting that ends the step «работа с методистом РМА / наставником» of several cases."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone

from cabinet.planner.models import Task
from cabinet.users.models import User
from motor.models import Case, CaseQuerySet, Consultation, Outcome, Status
from motor.moves import MoveRefused, move, same_due
from motor.services import offering
from motor.services.follow_up import HELP, code_of, finish_step
from motor.services.responsible import STEP_PREFIX
from rma.models import Member, Request

CASES_AT_ONCE = 100


@dataclass(frozen=True)
class Meeting:
    """What is written down; a member of РМА or the name of whoever led it."""

    on: date
    topic: str
    member: Member | None = None
    leader: str = ""
    note: str = ""
    is_group: bool = True

    @property
    def led_by(self) -> str:
        return self.member.user.short_name if self.member else self.leader


@dataclass
class Plan:
    """What a consultation does to the chosen cases: ends an open step, or is only noted; with the reason."""

    ends: list[Case] = field(default_factory=list)
    notes: list[tuple[Case, str]] = field(default_factory=list)


def consultable_by(user: User) -> CaseQuerySet:
    """Cases the user leads whose result asks for help: variants 2 and 3, follow-up under way."""
    wanted = (Outcome.Variant.OTHER_TOPIC, Outcome.Variant.ON_TOPIC)
    return Case.objects.led_by(user).filter(status=Status.FOLLOW_UP, outcome__variant__in=wanted)


def plan_consultation(cases: Iterable[Case]) -> Plan:
    """Said first, before anything is written; two queries whatever the number of cases."""
    plan, chosen = Plan(), list(cases)
    steps = _help_steps(chosen)
    for case in chosen:
        step = steps.get(case.pk)
        if step is not None and step.is_open:
            plan.ends.append(case)
        else:
            why = "такого шага в карте нет" if step is None else f"шаг уже отмечен: {step.get_status_display().lower()}"
            plan.notes.append((case, why))
    return plan


def _help_steps(cases: list[Case]) -> dict[int, Task]:
    """Case id → its step about help of РМА or a mentor, of the present version."""
    versions = {case.pk: case.version for case in cases}
    about = ContentType.objects.get_for_model(Case)
    tasks = Task.objects.filter(about_type=about, about_id__in=versions, kind__startswith=STEP_PREFIX)
    return {
        task.about_id: task
        for task in tasks.order_by("pk")
        if task.about_id and code_of(task) in HELP and task.kind.startswith(f"{STEP_PREFIX}{versions[task.about_id]}.")
    }


def hold_consultation(
    meeting: Meeting, cases: Iterable[Case], *, author: User, request: Request | None = None
) -> tuple[Consultation, list[Case]]:
    """Write the meeting down and end the steps; returns the cases it could not be noted in, for they moved on.

    The same meeting again is the same row: cases already in it are passed over, others are added. `request` is the
    one the member ends by it: its own page offers him the line of work, and there is not to be a second one.
    """
    left = []
    with transaction.atomic():
        if request is None:
            # Of two clicks at once the second finds the first's row. A request ends once, its case is held already.
            User.objects.select_for_update(no_key=True).get(pk=author.pk)
        found, _ = Consultation.objects.get_or_create(
            author=author,
            on=meeting.on,
            topic=meeting.topic,
            member=meeting.member,
            leader=meeting.leader,
            defaults={"note": meeting.note},
        )
        known = set(found.cases.values_list("pk", flat=True))
        new = [case for case in cases if case.pk not in known]
        steps = _help_steps(new)
        for case in new:
            try:
                with transaction.atomic():
                    _note(found, meeting, case, steps.get(case.pk), author)
            except MoveRefused:
                left.append(case)
        if request is None:
            _end_requests(found, new)
            offering.offer_consultation(found)
    return found, left


def _end_requests(consultation: Consultation, cases: list[Case]) -> None:
    """A consultation this member was asked for in these cases has taken place with it."""
    asked = Request.objects.filter(
        source_type=ContentType.objects.get_for_model(Case),
        source_id__in=[case.pk for case in cases],
        kind=Request.Kind.CONSULTATION,
        status=Request.Status.ACCEPTED,
        member__isnull=False,
        member=consultation.member_id,
    )
    result = f"Консультация {consultation.on:%d.%m.%Y}: {consultation.topic}"
    asked.update(status=Request.Status.DONE, result=result, done_at=timezone.now())


def _note(consultation: Consultation, meeting: Meeting, case: Case, step: Task | None, author: User) -> None:
    words = f"{meeting.on:%d.%m.%Y}: {meeting.topic}. Провёл(а): {meeting.led_by}."
    move(case, "consult" if meeting.is_group else "consult_one", actor=author, due=same_due(case), comment=words)
    consultation.cases.add(case)
    if step is not None and step.is_open:
        what = "Групповая консультация" if meeting.is_group else "Консультация методиста РМА"
        finish_step(case, step, actor=author, note=f"{what} {words}")
