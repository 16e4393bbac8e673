"""What happens to tasks: given, completed, waived, reopened."""

from datetime import date

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from cabinet.mail.services import queue_letter
from cabinet.planner.models import Task
from cabinet.structure.models import Organization
from cabinet.users.models import User


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


def tell_assignee(task: Task) -> None:
    """A letter to whoever got a task from somebody else; once per task."""
    if task.author_id == task.assignee_id:
        return
    giver = f" от коллеги ({task.author.short_name})" if task.author else ""
    due = f"\n\nСрок: {task.due_on:%d.%m.%Y}." if task.due_on else ""
    text = f"\n\n{task.text}" if task.text else ""
    queue_letter(
        key=f"task.given.{task.pk}",
        kind="task.given",
        to=task.assignee,
        subject=f"Новая задача: {task.title}",
        body=(
            f"Здравствуйте, {task.assignee.polite_name}!\n\nУ вас новая задача{giver}: {task.title}.{text}{due}\n\n"
            f"Открыть в кабинете: {settings.SITE_URL}{task.get_absolute_url()}"
        ),
        about=task,
    )


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
    done = open_now.filter(pk=task.pk).update(status=status, chosen=chosen or [], **ended)
    if done:
        # Whoever was asked to do it has nothing left to do.
        open_now.filter(step=task.pk).update(status=Task.Status.WAIVED, **ended)
        if task.step is not None and status == Task.Status.DONE and _end(task.step, user, status, outcome):
            tell_of_errand(task)
    task.refresh_from_db()
    return bool(done)


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


def tell_of_errand(errand: Task) -> None:
    """A letter to whoever answers for the step: what was asked for is done."""
    step = errand.step
    if step is None or step.assignee_id == errand.done_by_id:
        return
    queue_letter(
        key=f"task.errand.{errand.pk}",
        kind="task.errand",
        to=step.assignee,
        subject=f"Поручение выполнено: {step.title}",
        body=(
            f"Здравствуйте, {step.assignee.polite_name}!\n\n{errand.assignee.full_name} — выполнено: {step.title}.\n"
            f"Чем закончилось: {errand.outcome}\n\nОткрыть в кабинете: {settings.SITE_URL}{step.get_absolute_url()}"
        ),
        about=step,
    )


def reopen_task(task: Task) -> bool:
    """Open an ended task again; what was said of it stays as its text until it is completed anew."""
    changed = Task.objects.filter(pk=task.pk).exclude(status=Task.Status.OPEN)
    done = changed.update(status=Task.Status.OPEN, done_at=None, done_by=None, updated_at=timezone.now())
    task.refresh_from_db()
    return bool(done)
