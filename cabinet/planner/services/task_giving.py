"""Giving a task to one or several people, together or a task each; what it is about, its files."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.core.files.uploadedfile import UploadedFile
from django.db import models, transaction
from django.db.models import Max, Q

from cabinet.files.models import StoredFile
from cabinet.files.services import store_upload
from cabinet.planner.models import Task, TaskPoint
from cabinet.planner.services.task_letters import tell_given
from cabinet.planner.services.tasks import give_task, note
from cabinet.users.models import User, UserQuerySet

MOST_PEOPLE = 50  # at once: each gets a task and a letter
MOST_POINTS = 40
MOST_FILES = 10
MOST_BYTES = 100 * 1024 * 1024  # of the files of all tasks given together
OFFERED = 8  # people one gave tasks to lately
FOUND = 20  # people a search shows


@dataclass
class Wanted:
    """What is to be given: `is_shared` is one task for all of them, the first answers for it."""

    title: str
    people: Sequence[User]
    text: str = ""
    due_on: date | None = None
    is_shared: bool = False
    repeats: str = ""
    repeats_until: date | None = None
    points: Sequence[str] = ()
    about: models.Model | None = None
    files: Sequence[UploadedFile] = field(default_factory=list)


def people_for(user: User) -> UserQuerySet:
    """Whom one may give a task: oneself and those whose card one sees, who can log in to answer."""
    can_answer = Q(email__isnull=False, is_active=True) | Q(pk=user.pk)
    return User.objects.visible_to(user).filter(can_answer)


def found_people(user: User, text: str) -> list[User]:
    """The first few by name; one more than is shown tells that there are others."""
    people = people_for(user).select_related("organization", "position")
    return list(people.search(text)[: FOUND + 1]) if text else []


def lately_given(user: User) -> list[User]:
    """Oneself, then those one gave tasks to lately."""
    given = Task.objects.filter(author=user).exclude(assignee=user).order_by().values("assignee")
    latest = given.annotate(last=Max("pk")).order_by("-last").values_list("assignee", flat=True)[:OFFERED]
    known = people_for(user).select_related("organization", "position").in_bulk([user.pk, *latest])
    return [known[pk] for pk in (user.pk, *latest) if pk in known]


def give(wanted: Wanted, author: User, mark: str) -> list[Task]:
    """Give it and tell everybody; what was sent twice from one page (`mark`) to the same people is given once."""
    with transaction.atomic():
        list(User.objects.select_for_update(no_key=True).filter(pk=author.pk).values_list("pk"))
        former = _given(wanted, author, mark) if mark else {}
        groups = [tuple(wanted.people)] if wanted.is_shared else [(person,) for person in wanted.people]
        return [
            former.get(frozenset(group)) or _give_one(wanted, group[0], group[1:], author, mark) for group in groups
        ]


def _given(wanted: Wanted, author: User, mark: str) -> dict[frozenset[User], Task]:
    """Who does it → the very same task, given from this page already."""
    columns = {"title": wanted.title[:300], "text": wanted.text, "due_on": wanted.due_on}
    same = Task.objects.filter(author=author, batch=mark, **columns).order_by("-pk")
    rows = same.select_related("assignee").prefetch_related("participants")
    return {frozenset((task.assignee, *task.participants.all())): task for task in rows}


def _give_one(wanted: Wanted, person: User, others: Sequence[User], author: User, mark: str) -> Task:
    task = give_task(
        title=wanted.title,
        text=wanted.text,
        assignee=person,
        author=author,
        organization=person.organization,
        due_on=wanted.due_on,
        about=wanted.about,
        is_required=False,
    )
    repeats_from = wanted.due_on if wanted.repeats else None
    more = {"repeats": wanted.repeats, "repeats_until": wanted.repeats_until, "repeats_from": repeats_from}
    Task.objects.filter(pk=task.pk).update(batch=mark, **more)
    task.refresh_from_db()
    task.participants.set(others)
    TaskPoint.objects.bulk_create(TaskPoint(task=task, place=at, text=one) for at, one in enumerate(wanted.points))
    for upload in wanted.files:
        upload.seek(0)  # one upload is kept once for each of the tasks
        store_upload(upload, task, author)
    tell_given(task, [person, *others])
    return task


def batch_of(task: Task, user: User) -> list[Task]:
    """The tasks given together with this one; of several people, and for their author only."""
    if not task.batch or task.author_id != user.pk:
        return []
    together = Task.objects.filter(author=user, batch=task.batch).select_related("assignee")
    found = list(together.order_by("assignee__name_key", "pk"))
    return found if len(found) > 1 else []


def attach(task: Task, uploads: Sequence[UploadedFile], user: User) -> None:
    with transaction.atomic():
        for upload in uploads:
            stored = store_upload(upload, task, user)
            note(task, user, f"Приложен файл: {stored.name}")


def detach(task: Task, stored: StoredFile, user: User) -> None:
    """A file on the disk goes later, with those no row knows."""
    with transaction.atomic():
        gone, _ = StoredFile.objects.filter(pk=stored.pk, owner_id=task.pk).delete()
        if gone:
            note(task, user, f"Убран файл: {stored.name}")
