"""Giving a task to one or several people, together or a task each; what it is about, its files."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.core.files.uploadedfile import UploadedFile
from django.db import models, transaction
from django.db.models import Max, Q

from cabinet.core.search import stored_words
from cabinet.core.words import counted
from cabinet.files.models import StoredFile
from cabinet.files.services import share_files, store_upload
from cabinet.planner.models import Task, TaskPoint
from cabinet.planner.services.invitations import of_group
from cabinet.planner.services.task_letters import tell_all_given
from cabinet.planner.services.tasks import note
from cabinet.users.models import User, UserQuerySet

MOST_PEOPLE = 500  # at once, each a task and a letter
MOST_TOGETHER = 50  # who do one task: its page names them all
MOST_POINTS = 40
MOST_FILES = 10
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


def add_group(
    user: User, chosen: Sequence[int], groups: Sequence[tuple[str, str]], group: str, role: str
) -> tuple[list[int], str]:
    """Those chosen and all of one of `groups`, and what is to be said of it; too many are not added."""
    words = dict(groups).get(group)
    if words is None:
        return list(chosen), "Выберите группу."
    people = of_group(people_for(user), group, role).exclude(pk__in=[user.pk, *chosen])
    found = list(people.order_by("name_key", "pk").values_list("pk", flat=True)[: MOST_PEOPLE + 1])
    if len(found) + len(chosen) > MOST_PEOPLE:
        count = counted(people.count(), "человек", "человека", "человек")
        return list(chosen), f"{words}: {count}. За один раз — не больше {MOST_PEOPLE}, выберите группу поменьше."
    added = counted(len(found), "человек", "человека", "человек")
    return [*chosen, *found], f"{words}: {f'добавлено {added}' if found else 'добавлять больше некого'}."


def give(wanted: Wanted, author: User, mark: str) -> list[Task]:
    """Give it and tell everybody; what was sent twice from one page (`mark`) to the same people is given once."""
    with transaction.atomic():
        list(User.objects.select_for_update(no_key=True).filter(pk=author.pk).values_list("pk"))
        known = _given(wanted, author, mark) if mark else {}
        groups = [tuple(wanted.people)] if wanted.is_shared else [(person,) for person in wanted.people]
        known |= _give_new(wanted, [one for one in groups if frozenset(one) not in known], author, mark)
        return [known[frozenset(group)] for group in groups]


def _given(wanted: Wanted, author: User, mark: str) -> dict[frozenset[User], Task]:
    """Who does it → the very same task, given from this page already."""
    columns = {"title": wanted.title[:300], "text": wanted.text, "due_on": wanted.due_on}
    same = Task.objects.filter(author=author, batch=mark, **columns).order_by("-pk")
    rows = same.select_related("assignee").prefetch_related("participants")
    return {frozenset((task.assignee, *task.participants.all())): task for task in rows}


def _give_new(
    wanted: Wanted, groups: Sequence[tuple[User, ...]], author: User, mark: str
) -> dict[frozenset[User], Task]:
    """A task for each group, its first answers for it: the same few statements for one and for hundreds."""
    words = stored_words(wanted.title[:300], wanted.text)
    tasks = Task.objects.bulk_create(
        [
            Task(
                title=wanted.title[:300],
                text=wanted.text,
                assignee=group[0],
                author=author,
                organization_id=group[0].organization_id,
                due_on=wanted.due_on,
                about=wanted.about,
                is_required=False,
                batch=mark,
                repeats=wanted.repeats,
                repeats_until=wanted.repeats_until,
                repeats_from=wanted.due_on if wanted.repeats else None,
                words=words,
            )
            for group in groups
        ],
        batch_size=500,
    )
    given = list(zip(tasks, groups, strict=True))
    for task, group in given:
        if len(group) > 1:
            task.participants.set(group[1:])
    points = [TaskPoint(task=task, place=at, text=one) for task in tasks for at, one in enumerate(wanted.points)]
    TaskPoint.objects.bulk_create(points, batch_size=500)
    if tasks:
        files = [store_upload(upload, tasks[0], author) for upload in wanted.files]
        share_files(files, tasks[1:])
    tell_all_given((task, person) for task, group in given for person in group)
    return {frozenset(group): task for task, group in given}


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
