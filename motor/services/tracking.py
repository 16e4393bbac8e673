"""What of a course is followed, decided on its page: flags, the rule for listeners to come, ticks for single ones."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.core.services import hurry
from cabinet.courses.models import Completion, Course, Programme
from cabinet.courses.services import Rule
from cabinet.users.models import LogEntry, User
from cabinet.users.services import record
from motor.models import Case, Status
from motor.services.opening import withdraw_untracked


@dataclass(frozen=True)
class Counts:
    """Listeners, those chosen, their cases to come, and cases people have already heard of."""

    listeners: int
    chosen: int
    scheduled: int
    opened: int


def counts_of(course: Course) -> Counts:
    listeners = course.completions.aggregate(all=Count("pk"), chosen=Count("pk", filter=Q(is_selected=True)))
    scheduled = Count("pk", filter=Q(status=Status.SCHEDULED))
    cases = Case.objects.filter(completion__course=course).aggregate(all=Count("pk"), scheduled=scheduled)
    return Counts(listeners["all"], listeners["chosen"], cases["scheduled"], cases["all"] - cases["scheduled"])


def track_course(course: Course, *, is_tracked: bool, programme_tracked: bool, rule: Rule, actor: User) -> int:
    """Keep the flags and the rule; returns how many scheduled cases went away. Opened ones go on."""
    with transaction.atomic():
        # The whole programme is concerned: its other courses follow this flag too.
        Programme.objects.filter(pk=course.programme_id).exclude(is_tracked=programme_tracked).update(
            is_tracked=programme_tracked, updated_at=timezone.now()
        )
        Course.objects.filter(pk=course.pk).update(is_tracked=is_tracked, updated_at=timezone.now(), **rule.fields())
        words = "отслеживается" if is_tracked and programme_tracked else "не отслеживается"
        record(LogEntry.Action.CHANGED, actor=actor, about=course, note=f"Курс {words}; новых слушателей: {rule.words}")
        gone = withdraw_untracked()
    hurry("motor.run_due")
    return gone


def decided(completions: list[Completion]) -> dict[int, Case]:
    """Completion → its case that can no longer be taken away: it is open, or somebody has acted on it."""
    cases = Case.objects.filter(completion__in=completions).annotate(moves=Count("transitions"))
    return {case.completion_id: case for case in cases if case.status != Status.SCHEDULED or case.moves}


def choose_listeners(completions: list[Completion], ticked: set[int], *, actor: User) -> tuple[int, int]:
    """Follow those ticked of `completions`, leave the others; returns how many were added and taken away."""
    fixed = decided(completions)
    add = [one.pk for one in completions if one.pk in ticked]
    leave = [one.pk for one in completions if one.pk not in ticked and one.pk not in fixed]
    who = f"{actor.short_name}, {today():%d.%m.%Y}"
    with transaction.atomic():
        added = Completion.objects.filter(pk__in=add, is_selected=False).update(
            is_selected=True, selection_why=f"отмечен: {who}", updated_at=timezone.now()
        )
        left = Completion.objects.filter(pk__in=leave, is_selected=True).update(
            is_selected=False, selection_why=f"отметка снята: {who}", updated_at=timezone.now()
        )
        if added or left:
            note = f"Слушателей отмечено: {added}, отметка снята: {left}"
            record(LogEntry.Action.CHANGED, actor=actor, about=completions[0].course, note=note)
            withdraw_untracked()
    hurry("motor.run_due")
    return added, left
