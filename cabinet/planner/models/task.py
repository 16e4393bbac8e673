"""Tasks people give one another, or the process gives them, and the rules on who sees them."""

from datetime import date, timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.urls import reverse

from cabinet.core.clock import add_months, next_working_day, today
from cabinet.core.search import stored_words, with_words
from cabinet.files.models import StoredFile
from cabinet.structure.models import Organization
from cabinet.users.models import User
from cabinet.users.scope import scope_q


class TaskQuerySet(models.QuerySet["Task"]):
    def visible_to(self, user: User | AnonymousUser) -> "TaskQuerySet":
        """What `user` may read. Every view, export and search starts here."""
        if not isinstance(user, User):
            return self.none()  # compared by pk, None would match every unassigned row
        with_others = Task.participants.through.objects.filter(user=user).values("task")
        return self.filter(
            scope_q(user, person="assignee", organization="organization") | Q(author=user) | Q(pk__in=with_others)
        )

    def completable_by(self, user: User | AnonymousUser) -> "TaskQuerySet":
        """Narrower than reading: a head looks, the people named act.

        A step of a process is ended on the page of what it is about, where the process learns of it.
        """
        with_others = Task.participants.through.objects.filter(user=user.pk).values("task")
        return self.visible_to(user).filter(Q(assignee=user.pk) | Q(author=user.pk) | Q(pk__in=with_others), kind="")

    def of(self, about: models.Model) -> "TaskQuerySet":
        """About this row: a case, a route."""
        return self.filter(about_type=ContentType.objects.get_for_model(about), about_id=about.pk)

    def editable_by(self, user: User | AnonymousUser) -> "TaskQuerySet":
        """Open ones whose author he is; an errand is what the process has asked for and is not reworded."""
        if not isinstance(user, User):
            return self.none()
        return self.open().filter(author=user, kind="", step=None)

    def waivable_by(self, user: User | AnonymousUser) -> "TaskQuerySet":
        """Whoever gave a task takes it away, an errand too: its step is then its owner's again."""
        return self.filter(author=user, kind="") if isinstance(user, User) else self.none()

    def with_person(self, user: User) -> "TaskQuerySet":
        """Those he does himself, alone or with others."""
        return self.filter(done_by_q(user))

    def search(self, text: str) -> "TaskQuerySet":
        """Every typed word, whatever its form, begins a word of the title or the text."""
        return with_words(self, text)

    def with_names(self) -> "TaskQuerySet":
        return self.select_related("assignee", "author", "organization", "done_by")

    def open(self) -> "TaskQuerySet":
        return self.filter(status=Task.Status.OPEN)

    def overdue(self) -> "TaskQuerySet":
        return self.open().filter(due_on__lt=today())


def done_by_q(user: User) -> Q:
    """Who does it himself, alone or with others."""
    return Q(assignee=user) | Q(pk__in=Task.participants.through.objects.filter(user=user).values("task"))


class Task(models.Model):
    """A step of a process may be handed to somebody else: the errand is a task of its own that points at it."""

    class Status(models.TextChoices):
        OPEN = "open", "Открыта"
        DONE = "done", "Выполнена"
        WAIVED = "waived", "Снята"

    class Repeat(models.TextChoices):
        WEEK = "week", "каждую неделю"
        TWO_WEEKS = "two_weeks", "раз в две недели"
        MONTH = "month", "каждый месяц"
        QUARTER = "quarter", "раз в квартал"
        YEAR = "year", "каждый год"

    title = models.CharField("задача", max_length=300)
    text = models.TextField("подробности", blank=True)
    assignee = models.ForeignKey(User, models.CASCADE, verbose_name="кому", related_name="tasks")
    author = models.ForeignKey(
        User, models.SET_NULL, verbose_name="кто поставил", null=True, blank=True, related_name="given_tasks"
    )
    participants = models.ManyToManyField(User, verbose_name="соисполнители", related_name="shared_tasks", blank=True)
    batch = models.CharField("поставлены вместе", max_length=22, blank=True, editable=False)
    organization = models.ForeignKey(
        Organization, models.SET_NULL, verbose_name="организация", null=True, blank=True, related_name="+"
    )
    due_on = models.DateField("срок", null=True, blank=True)
    is_required = models.BooleanField("обязательный шаг процесса", default=True)
    kind = models.CharField("шаг процесса", max_length=40, blank=True)
    step = models.ForeignKey(
        "self", models.CASCADE, verbose_name="поручение шага", null=True, blank=True, related_name="errands"
    )
    about_type = models.ForeignKey(ContentType, models.CASCADE, null=True, blank=True, related_name="+")
    about_id = models.PositiveBigIntegerField(null=True, blank=True)
    about = GenericForeignKey("about_type", "about_id")
    repeats = models.CharField("повторяется", max_length=9, choices=Repeat, blank=True)
    repeats_until = models.DateField("повторяется по", null=True, blank=True)
    # The day all later ones are counted from: a limit moved by a holiday or a short month does not drift.
    repeats_from = models.DateField("повторяется с", null=True, blank=True)
    # The next of a repeated task, once it is given: done twice, a task is not repeated twice.
    next = models.OneToOneField(
        "self", models.SET_NULL, verbose_name="следующая", null=True, blank=True, related_name="previous"
    )
    started_at = models.DateTimeField("взята в работу", null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    status = models.CharField("состояние", max_length=8, choices=Status, default=Status.OPEN)
    outcome = models.TextField("чем закончилось", blank=True)
    chosen = models.JSONField("выбранные направления", default=list, blank=True)
    done_at = models.DateTimeField("когда закончена", null=True, blank=True)
    done_by = models.ForeignKey(
        User, models.SET_NULL, verbose_name="кто закончил", null=True, blank=True, related_name="+"
    )
    words = models.TextField(editable=False, blank=True)  # lemmas, each with a space before: for finding word forms
    created_at = models.DateTimeField("поставлена", auto_now_add=True)
    updated_at = models.DateTimeField("изменена", auto_now=True)

    files = GenericRelation(StoredFile, "owner_id", "owner_type")

    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = "задача"
        verbose_name_plural = "задачи"
        ordering = ["due_on", "pk"]
        indexes = [
            models.Index(fields=["assignee", "status", "due_on"], name="task_assignee"),
            models.Index(fields=["about_type", "about_id"], name="task_about"),
            models.Index(fields=["author", "status", "due_on"], name="task_author"),
            models.Index(fields=["organization", "status", "due_on"], name="task_organization"),
            models.Index(fields=["batch"], condition=~Q(batch=""), name="task_batch"),
        ]
        constraints = [
            models.CheckConstraint(
                name="task_done_at_iff_done",
                condition=Q(status="open", done_at__isnull=True)
                | Q(status__in=("done", "waived"), done_at__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["about_type", "about_id", "kind"], condition=~Q(kind=""), name="task_step_once"
            ),
            models.CheckConstraint(
                name="task_repeats_from_a_day",
                condition=Q(repeats="") | Q(repeats_from__isnull=False, due_on__isnull=False),
            ),
            models.UniqueConstraint(fields=["step"], condition=Q(status="open"), name="task_one_open_errand"),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.words = stored_words(self.title, self.text)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("planner:task", args=[self.pk])

    def names(self, user: User) -> bool:
        """Is he among those who act, as `completable_by` says it of rows? Participants are best loaded before."""
        return user.pk == self.author_id or self.is_done_by(user)

    def is_done_by(self, user: User) -> bool:
        """Is it he who does it, alone or with others?"""
        return user.pk == self.assignee_id or any(one.pk == user.pk for one in self.participants.all())

    def is_own_of(self, user: User) -> bool:
        """Given to oneself alone: nobody waits for words about it."""
        return self.author_id == user.pk == self.assignee_id and not self.is_step and self.step_id is None

    @property
    def tally(self) -> tuple[int, int]:
        """How many points are ticked, of how many; points are best loaded before."""
        points = list(self.points.all())
        return sum(one.is_done for one in points), len(points)

    @property
    def is_open(self) -> bool:
        return self.status == self.Status.OPEN

    @property
    def is_step(self) -> bool:
        """Given by a process, not by a person."""
        return self.kind != ""

    @property
    def about_url(self) -> str:
        """The page of what the task is about, where there is one."""
        address = getattr(self.about, "get_absolute_url", None)
        return address() if address else ""

    @property
    def step_url(self) -> str:
        """Where a step is ended: what it is about may have a page of its own for that."""
        address = getattr(self.about, "step_url", None)
        return address(self.kind) if address else self.about_url

    @property
    def repeat_on(self) -> date | None:
        """When the next one is due: the first day of the row after this one's and after today, None past the last."""
        if not self.repeats or self.due_on is None or self.repeats_from is None:
            return None
        after, number = max(self.due_on, today()), 1
        while (day := _repeated(self.repeats_from, self.repeats, number)) <= after:
            number += 1
        return None if self.repeats_until and day > self.repeats_until else next_working_day(day)

    @property
    def is_overdue(self) -> bool:
        return self.status == self.Status.OPEN and self.due_on is not None and self.due_on < today()


MONTHS = {Task.Repeat.MONTH: 1, Task.Repeat.QUARTER: 3, Task.Repeat.YEAR: 12}
WEEKS = {Task.Repeat.WEEK: 1, Task.Repeat.TWO_WEEKS: 2}


def _repeated(start: date, every: str, number: int) -> date:
    repeat = Task.Repeat(every)
    if repeat in WEEKS:
        return start + timedelta(weeks=WEEKS[repeat] * number)
    return add_months(start, MONTHS[repeat] * number)


class TaskPoint(models.Model):
    """One line of the checklist inside a task."""

    task = models.ForeignKey(Task, models.CASCADE, verbose_name="задача", related_name="points")
    place = models.PositiveSmallIntegerField("место", default=0)
    text = models.CharField("пункт", max_length=300)
    is_done = models.BooleanField("сделано", default=False)
    done_by = models.ForeignKey(
        User, models.SET_NULL, verbose_name="кто отметил", null=True, blank=True, related_name="+"
    )
    done_at = models.DateTimeField("когда", null=True, blank=True)

    class Meta:
        verbose_name = "пункт задачи"
        verbose_name_plural = "пункты задач"
        ordering = ["place", "pk"]

    def __str__(self) -> str:
        return self.text
