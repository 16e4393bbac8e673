"""Experience of a teacher put into a methodical event: planned, presented, or not."""

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from cabinet.planner.models import Event
from cabinet.users.models import User
from motor.models.case import Case


class PresentationQuerySet(models.QuerySet["Presentation"]):
    def visible_to(self, user: User | AnonymousUser) -> "PresentationQuerySet":
        """Of cases one may read, and those in the events one runs."""
        if not isinstance(user, User):
            return self.none()
        if "admin" in user.roles:
            return self.all()
        cases, events = Case.objects.visible_to(user), Event.objects.run_by(user)
        return self.filter(Q(case__in=cases.order_by().values("pk")) | Q(event__in=events.order_by().values("pk")))

    def markable_by(self, user: User | AnonymousUser) -> "PresentationQuerySet":
        """How it went is said by those who run the event and by the admin; never of oneself."""
        if not isinstance(user, User):
            return self.none()
        others = self.exclude(case__person=user)
        if "admin" in user.roles:
            return others
        return others.filter(event__in=Event.objects.run_by(user).order_by().values("pk"))

    def in_force(self) -> "PresentationQuerySet":
        """Made, or in the programme of an event that takes place."""
        planned = Q(status=Presentation.Status.PLANNED, event__is_cancelled=False)
        return self.filter(planned | Q(status=Presentation.Status.PRESENTED))

    def unmarked(self) -> "PresentationQuerySet":
        """Of events of the past that nobody has said anything about."""
        past = Event.objects.past().filter(is_cancelled=False)
        return self.filter(status=Presentation.Status.PLANNED, event__in=past.order_by().values("pk"))

    def with_names(self) -> "PresentationQuerySet":
        return self.select_related(
            "case__person",
            "case__organization__municipality",
            "case__completion__position",
            "case__completion__subject",
            "event__organization",
            "event__municipality",
            "event__author",
            "marked_by",
        )


class Presentation(models.Model):
    """One case in one event. `told_at` says when the teacher was last told of its day and place."""

    class Status(models.TextChoices):
        PLANNED = "planned", "запланировано"
        PRESENTED = "presented", "опыт представлен"
        CANCELLED = "cancelled", "не состоялось"
        REMOVED = "removed", "убрано из события"

    IN_FORCE = (Status.PLANNED, Status.PRESENTED)

    case = models.ForeignKey(Case, models.CASCADE, verbose_name="карта", related_name="presentations")
    event = models.ForeignKey(Event, models.PROTECT, verbose_name="событие", related_name="presentations")
    title = models.CharField("что представляется", max_length=300)
    status = models.CharField("состояние", max_length=10, choices=Status, default=Status.PLANNED)
    author = models.ForeignKey(User, models.PROTECT, verbose_name="кто включил", related_name="+")
    marked_by = models.ForeignKey(
        User, models.PROTECT, verbose_name="кто отметил", null=True, blank=True, related_name="+"
    )
    marked_at = models.DateTimeField("когда отмечено", null=True, blank=True)
    told_at = models.DateTimeField("педагог извещён", default=timezone.now, editable=False)
    created_at = models.DateTimeField("включено", default=timezone.now, editable=False)

    objects = PresentationQuerySet.as_manager()

    class Meta:
        verbose_name = "представление опыта"
        verbose_name_plural = "представления опыта"
        ordering = ["event__on", "pk"]
        indexes = [models.Index(fields=["event"], condition=Q(status="planned"), name="presentation_to_mark")]
        constraints = [
            models.UniqueConstraint(fields=["case", "event"], name="presentation_once_in_event"),
            models.CheckConstraint(
                name="presentation_marked_iff_not_planned",
                condition=Q(status="planned", marked_at=None, marked_by=None)
                | (~Q(status="planned") & Q(marked_at__isnull=False, marked_by__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}: {self.get_status_display()}"

    def get_absolute_url(self) -> str:
        return reverse("motor:confirmation", args=[self.pk])

    @property
    def is_presented(self) -> bool:
        return self.status == self.Status.PRESENTED

    @property
    def words(self) -> str:
        """The state as the reader sees it: a cancelled event takes its whole programme along."""
        if self.status == self.Status.PLANNED and self.event.is_cancelled:
            return "событие отменено"
        if self.status == self.Status.PLANNED and self.event.is_past:
            return "ждёт отметки организатора"
        return str(self.get_status_display())
