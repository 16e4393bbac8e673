"""Who completed which course: the fact everything in МОТОР starts from."""

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from cabinet.courses.models.batch import ImportBatch
from cabinet.courses.models.course import Course
from cabinet.structure.models import Organization, Position, Subject
from cabinet.users.models import User
from cabinet.users.scope import scope_q


class CompletionQuerySet(models.QuerySet["Completion"]):
    def visible_to(self, user: User | AnonymousUser) -> "CompletionQuerySet":
        """Own, of own organization or municipality, of own courses."""
        if not isinstance(user, User):
            return self.none()
        scope = scope_q(user, person="person", organization="organization", subject="subject")
        return self.filter(scope | Q(course__curator=user))

    def tracked(self) -> "CompletionQuerySet":
        """Of tracked programmes and courses, and chosen among their listeners."""
        return self.filter(is_selected=True, course__is_tracked=True, course__programme__is_tracked=True)


class Completion(models.Model):
    """person × course. Organization, position and subject are those of the time of training."""

    person = models.ForeignKey(User, models.PROTECT, verbose_name="слушатель", related_name="completions")
    course = models.ForeignKey(Course, models.PROTECT, verbose_name="курс", related_name="completions")
    organization = models.ForeignKey(
        Organization, models.PROTECT, verbose_name="организация", related_name="completions"
    )
    position = models.ForeignKey(
        Position, models.PROTECT, verbose_name="должность", null=True, blank=True, related_name="+"
    )
    subject = models.ForeignKey(
        Subject, models.PROTECT, verbose_name="предмет", null=True, blank=True, related_name="+"
    )
    hours = models.PositiveSmallIntegerField("часы", null=True, blank=True)
    starts_on = models.DateField("начало", null=True, blank=True)
    is_selected = models.BooleanField("выбран для отслеживания", default=True)
    selection_why = models.CharField("почему выбран или нет", max_length=200, blank=True)
    # What the list last said: a later list changes hours and start only where it says something new,
    # so what was corrected by hand in between stays.
    listed_hours = models.PositiveSmallIntegerField(null=True, editable=False)
    listed_starts_on = models.DateField(null=True, editable=False)
    batch = models.ForeignKey(
        ImportBatch, models.SET_NULL, verbose_name="загрузка", null=True, blank=True, related_name="completions"
    )
    created_at = models.DateTimeField("добавлено", default=timezone.now, editable=False)
    updated_at = models.DateTimeField("изменено", auto_now=True)

    objects = CompletionQuerySet.as_manager()

    class Meta:
        verbose_name = "прохождение курса"
        verbose_name_plural = "слушатели"
        ordering = ["-created_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["person", "course"], name="completion_person_course")]
        indexes = [models.Index(fields=["updated_at"], name="completion_updated")]

    def __str__(self) -> str:
        return f"{self.person} — {self.course}"
