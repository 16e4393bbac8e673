"""What happens to tasks: given, taken in hand, completed, waived, reopened, handed over."""

from collections.abc import Iterable
from datetime import date

from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, models, transaction
from django.db.models import F
from django.utils import timezone

from cabinet.planner.models import Task
from cabinet.planner.services.repeating import give_next
from cabinet.planner.services.task_letters import (
    tell_assignee,
    tell_changed,
    tell_done,
    tell_not_done,
    tell_of_errand,
)
from cabinet.structure.models import Organization
from cabinet.users.models import LogEntry, User
from cabinet.users.services import record


def give_task(
    *,
    title: str,
    assignee: User,
    author: User | None = None,
    text: str = "",
    organization: Organization | None = None,
    due_on: date | None = None,
    about: models.Model | None = None,
    kind: str = "",
    is_required: bool = True,
) -> Task:
    """Give a task. A step of a process (`about` and `kind`) is given once: a repeat returns the first one."""
    fields = {
        "title": title[:300],
        "text": text,
        "assignee": assignee,
        "author": author,
        "organization": organization,
        "due_on": due_on,
        "is_required": is_required,
    }
    if about is None or not kind:
        return Task.objects.create(kind=kind, **_pointer(about), **fields)
    task, _ = Task.objects.get_or_create(kind=kind, **_pointer(about), defaults=fields)
    return task


def _pointer(about: models.Model | None) -> dict[str, object]:
    if about is None:
        return {"about_type": None, "about_id": None}
    return {"about_type": ContentType.objects.get_for_model(about), "about_id": about.pk}


def complete_task(task: Task, user: User, outcome: str, chosen: list[str] | None = None) -> bool:
    """Mark an open task as done, with what came of it; says whether it was still open.

    An errand done is its step done, in the same words; the process finds that by looking.
    """
    return _end(task, user, Task.Status.DONE, outcome, chosen)


def waive_task(task: Task, user: User | None, reason: str) -> bool:
    """Take an open task away, with the reason; says whether it was still open."""
    return _end(task, user, Task.Status.WAIVED, reason)


@transaction.atomic
def _end(task: Task, user: User | None, status: Task.Status, outcome: str, chosen: list[str] | None = None) -> bool:
    if task.step_id is not None:
        # The step first, as whoever ends the step itself takes them: in two orders both would wait for ever.
        list(Task.objects.select_for_update(no_key=True).filter(pk=task.step_id).values_list("pk"))
    now = timezone.now()
    open_now = Task.objects.open()
    ended = {"outcome": outcome.strip(), "done_at": now, "done_by": user, "updated_at": now}
    done = open_now.filter(pk=task.pk).update(status=status, chosen=chosen or [], version=F("version") + 1, **ended)
    if done:
        # Whoever was asked to do it has nothing left to do.
        open_now.filter(step=task.pk).update(status=Task.Status.WAIVED, **ended)
    task.refresh_from_db()
    if done:
        if task.step is not None and status == Task.Status.DONE and _end(task.step, user, status, outcome):
            tell_of_errand(task)
        if not task.is_step:
            _after(task, user, status)
    return bool(done)


def _after(task: Task, user: User | None, status: Task.Status) -> None:
    """What follows the end of a task that a person gave."""
    said = f": {task.outcome}" if task.outcome else ""
    note(task, user, f"{task.get_status_display()}{said}")
    if status == Task.Status.DONE:
        give_next(task)
        tell_done(task)
    else:
        tell_changed(task, f"Задачу сняли{said or '.'}", user)


def hand_over(step: Task, *, to: User, author: User, due_on: date, text: str = "") -> Task | None:
    """Ask somebody to take an open step; None when it has ended or somebody else was asked a moment ago."""
    with transaction.atomic():
        if Task.objects.open().select_for_update().filter(pk=step.pk).first() is None:
            return None
        try:
            with transaction.atomic():
                errand = Task.objects.create(
                    title=step.title,
                    text=text or step.text,
                    assignee=to,
                    author=author,
                    organization=step.organization,
                    due_on=due_on,
                    is_required=False,  # the step itself is what the process waits for
                    step=step,
                    about_type=step.about_type,
                    about_id=step.about_id,
                )
        except IntegrityError:
            return None
        tell_assignee(errand)
    return errand


def take_back(step: Task, user: User) -> bool:
    """The step is its owner's again; says whether anybody had it."""
    errand = Task.objects.open().filter(step=step.pk).first()
    return errand is not None and waive_task(errand, user, "Поручение отозвано.")


def start_task(task: Task, user: User) -> bool:
    """Take an open task in hand; says whether nobody had before."""
    return _take(task, user, is_started=True)


def pause_task(task: Task, user: User) -> bool:
    """Put it back among those to be done."""
    return _take(task, user, is_started=False)


@transaction.atomic
def _take(task: Task, user: User, *, is_started: bool) -> bool:
    now = timezone.now()
    rows = Task.objects.open().filter(pk=task.pk, started_at__isnull=is_started)
    done = rows.update(started_at=now if is_started else None, updated_at=now)
    task.refresh_from_db()
    if done:
        note(task, user, "Взята в работу" if is_started else "Возвращена в «К выполнению»")
    return bool(done)


def note(task: Task, user: User | None, words: str) -> None:
    """A line of the task's history."""
    record(LogEntry.Action.MOVED, actor=user, person=task.assignee, about=task, note=words)


def log_rows(tasks: Iterable[Task], user: User, words: str) -> None:
    """The same line in the histories of many, by one statement."""
    about_type = ContentType.objects.get_for_model(Task)
    LogEntry.objects.bulk_create(
        LogEntry(
            action=LogEntry.Action.MOVED,
            actor=user,
            person_id=task.assignee_id,
            about_type=about_type,
            about_id=task.pk,
            note=words[:500],
        )
        for task in tasks
    )


@transaction.atomic
def reopen_task(task: Task, user: User | None = None) -> bool:
    """Open an ended task again; what was said of it stays as its text until it is completed anew."""
    changed = Task.objects.filter(pk=task.pk).exclude(status=Task.Status.OPEN)
    reopened = {"status": Task.Status.OPEN, "done_at": None, "done_by": None, "started_at": None}
    done = changed.update(version=F("version") + 1, updated_at=timezone.now(), **reopened)
    task.refresh_from_db()
    if done and not task.is_step:
        note(task, user, "Открыта снова")
        tell_changed(task, "Задачу открыли снова: нужно что-то доделать.", user)
        tell_not_done(task)
    return bool(done)
