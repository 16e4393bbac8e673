"""Assignments («задания») given to a teacher inside a route, and the answers to them."""

from django.contrib.auth.models import AnonymousUser
from django.contrib.contenttypes.fields import GenericRelation
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.files.models import StoredFile
from cabinet.users.models import User
from iom.models.content import RouteItem
from iom.models.route import Route


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def visible_to(self, user: User | AnonymousUser) -> "AssignmentQuerySet":
        """Of the routes one may read: who gave one and no longer helps reads it no longer."""
        return self.filter(route__in=Route.objects.visible_to(user).order_by().values("pk"))

    def answerable_by(self, user: User | AnonymousUser) -> "AssignmentQuerySet":
        """Given to this person and waiting for his answer."""
        return self.running().filter(route__person=user.pk, status__in=Assignment.WITH_TEACHER)

    def checkable_by(self, user: User | AnonymousUser) -> "AssignmentQuerySet":
        """Whose answers this person may check: those who help with the route, never his own."""
        return self.filter(route__in=Route.objects.checkable_by(user).order_by().values("pk"))

    def running(self) -> "AssignmentQuerySet":
        """A route that is completed or put away closes its assignments with it."""
        return self.filter(route__status__in=Route.RUNNING, route__is_outside=False)

    def to_check(self) -> "AssignmentQuerySet":
        return self.running().filter(status=Assignment.Status.SUBMITTED)

    def overdue(self) -> "AssignmentQuerySet":
        return self.filter(due_on__lt=today(), status__in=Assignment.WITH_TEACHER)


class Assignment(models.Model):
    class Status(models.TextChoices):
        GIVEN = "given", "Выдано"
        SUBMITTED = "submitted", "На проверке"
        RETURNED = "returned", "На доработке"
        ACCEPTED = "accepted", "Принято"
        WITHDRAWN = "withdrawn", "Отозвано"

    WITH_TEACHER = (Status.GIVEN, Status.RETURNED)

    route = models.ForeignKey(Route, models.CASCADE, verbose_name="маршрут", related_name="assignments")
    item = models.ForeignKey(
        RouteItem, models.SET_NULL, verbose_name="пункт маршрута", null=True, blank=True, related_name="assignments"
    )
    title = models.CharField("задание", max_length=200)
    text = models.TextField("что сделать", blank=True)
    due_on = models.DateField("срок", null=True, blank=True)
    material_title = models.CharField("материал", max_length=200, blank=True)
    material_link = models.URLField("ссылка на материал", max_length=500, blank=True)
    files = GenericRelation(StoredFile, "owner_id", "owner_type")
    author = models.ForeignKey(User, models.PROTECT, verbose_name="кто дал", related_name="+")
    batch = models.CharField(max_length=22, blank=True, editable=False)  # given to several at once
    status = models.CharField("состояние", max_length=10, choices=Status, default=Status.GIVEN)
    status_since = models.DateTimeField("в этом состоянии с", default=timezone.now)
    revision = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField("выдано", default=timezone.now, editable=False)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = "задание"
        verbose_name_plural = "задания"
        ordering = ["due_on", "pk"]
        indexes = [
            models.Index(fields=["route", "status", "due_on"], name="assignment_route"),
            models.Index(fields=["author", "status", "due_on"], name="assignment_author"),
            models.Index(fields=["status", "due_on"], name="assignment_due"),  # whom to remind
        ]
        constraints = [
            models.CheckConstraint(
                name="assignment_status_known",
                condition=Q(status__in=("given", "submitted", "returned", "accepted", "withdrawn")),
            ),
            models.UniqueConstraint(fields=["batch", "route"], condition=~Q(batch=""), name="assignment_once_in_batch"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("iom:assignment", args=[self.pk])

    @property
    def is_overdue(self) -> bool:
        return self.status in self.WITH_TEACHER and self.due_on is not None and self.due_on < today()


class AnswerQuerySet(models.QuerySet["Answer"]):
    def visible_to(self, user: User | AnonymousUser) -> "AnswerQuerySet":
        """Whoever may read the assignment; asked when a file is fetched."""
        return self.filter(assignment__in=Assignment.objects.visible_to(user).order_by().values("pk"))


class Answer(models.Model):
    """One attempt: what the teacher sent, and the word of whoever checked it. Former ones stay readable."""

    assignment = models.ForeignKey(Assignment, models.CASCADE, verbose_name="задание", related_name="answers")
    text = models.TextField("ответ", blank=True)
    link = models.URLField("ссылка", max_length=500, blank=True)
    files = GenericRelation(StoredFile, "owner_id", "owner_type")
    sent_at = models.DateTimeField("отправлен", default=timezone.now)
    is_accepted = models.BooleanField("принят", null=True)
    comment = models.TextField("комментарий проверившего", blank=True)
    checked_by = models.ForeignKey(
        User, models.SET_NULL, verbose_name="кто проверил", null=True, blank=True, related_name="+"
    )
    checked_at = models.DateTimeField("когда проверен", null=True, blank=True)

    objects = AnswerQuerySet.as_manager()

    class Meta:
        verbose_name = "ответ на задание"
        verbose_name_plural = "ответы на задания"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["assignment"], condition=Q(is_accepted=None), name="answer_one_unchecked"),
            models.CheckConstraint(
                name="answer_checked_at_iff_checked",
                condition=Q(is_accepted=None, checked_at=None) | Q(is_accepted__isnull=False, checked_at__isnull=False),
            ),
            models.CheckConstraint(
                name="answer_return_has_comment",
                condition=Q(is_accepted=None) | Q(is_accepted=True) | ~Q(comment=""),
            ),
        ]

    def __str__(self) -> str:
        return f"Ответ от {timezone.localtime(self.sent_at):%d.%m.%Y}"
