"""What happens to tasks: given, completed, waived, reopened."""

from datetime import date

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
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
    queue_letter(
        key=f"task.given.{task.pk}",
        kind="task.given",
        to=task.assignee,
        subject=f"Новая задача: {task.title}",
        body=(
            f"Здравствуйте, {task.assignee.polite_name}!\n\nУ вас новая задача{giver}: {task.title}.{due}\n\n"
            f"Открыть в кабинете: {settings.SITE_URL}{task.get_absolute_url()}"
        ),
        about=task,
    )


def _pointer(about: models.Model | None) -> dict[str, object]:
    if about is None:
        return {"about_type": None, "about_id": None}
    return {"about_type": ContentType.objects.get_for_model(about), "about_id": about.pk}


def complete_task(task: Task, user: User, outcome: str) -> bool:
    """Mark an open task as done, with what came of it; says whether it was still open."""
    return _end(task, user, Task.Status.DONE, outcome)


def waive_task(task: Task, user: User | None, reason: str) -> bool:
    """Take an open task away, with the reason; says whether it was still open."""
    return _end(task, user, Task.Status.WAIVED, reason)


def _end(task: Task, user: User | None, status: Task.Status, outcome: str) -> bool:
    now = timezone.now()
    changed = Task.objects.open().filter(pk=task.pk)
    done = changed.update(status=status, outcome=outcome.strip(), done_at=now, done_by=user, updated_at=now)
    task.refresh_from_db()
    return bool(done)


def reopen_task(task: Task) -> bool:
    """Open an ended task again; what was said of it stays as its text until it is completed anew."""
    changed = Task.objects.filter(pk=task.pk).exclude(status=Task.Status.OPEN)
    done = changed.update(status=Task.Status.OPEN, done_at=None, done_by=None, updated_at=timezone.now())
    task.refresh_from_db()
    return bool(done)
