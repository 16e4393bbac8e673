"""Diagnosis of deficits: scores are for the teacher and those who help him; the head sees topics only."""

from django.contrib.auth.models import AnonymousUser
from django.contrib.contenttypes.fields import GenericRelation
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from cabinet.files.models import StoredFile
from cabinet.users.models import Role, User, UserQuerySet
from cabinet.users.scope import NOTHING, helps_q
from iom.models.route import Route


def people_measured_by(user: User | AnonymousUser) -> UserQuerySet:
    """Himself, and those whose diagnoses this person reads with their scores and writes down."""
    if not isinstance(user, User):
        return User.objects.none()
    found = Q(pk=user.pk) | helps_q(user, person="pk", borrowed=False)
    if "regional" in user.roles:
        helped = Route.objects.filter(Route.objects.helped_q(user), status__in=Route.RUNNING)
        found |= Q(pk__in=helped.order_by().values("person"))
    return User.objects.filter(found)


class DiagnosisQuerySet(models.QuerySet["Diagnosis"]):
    def visible_to(self, user: User | AnonymousUser) -> "DiagnosisQuerySet":
        """With scores: the teacher, his methodist, his mentor and the РМА on his route. Not even the admin."""
        return self.filter(person__in=people_measured_by(user).order_by().values("pk"))

    def editable_by(self, user: User | AnonymousUser) -> "DiagnosisQuerySet":
        """Whoever wrote it down, while he may read it."""
        return self.visible_to(user).filter(author=user.pk)

    def topics_visible_to(self, user: User | AnonymousUser) -> "DiagnosisQuerySet":
        """Without scores: besides those, the head of the teacher's organization."""
        if not isinstance(user, User):
            return self.none()
        headed = [one.organization_id for one in user.active_memberships if one.role == Role.HEAD]
        topics = Q(person__organization__in=headed) if headed else NOTHING
        return self.filter(topics | Q(pk__in=self.visible_to(user).order_by().values("pk")))


class Diagnosis(models.Model):
    """One measurement by one instrument on one day."""

    person = models.ForeignKey(User, models.PROTECT, verbose_name="педагог", related_name="diagnoses")
    instrument = models.CharField("чем проводилась", max_length=200)
    on = models.DateField("дата")
    note = models.TextField("вывод", blank=True)
    author = models.ForeignKey(User, models.SET_NULL, verbose_name="кто внёс", null=True, related_name="+")
    files = GenericRelation(StoredFile, "owner_id", "owner_type")
    created_at = models.DateTimeField("внесена", default=timezone.now, editable=False)

    objects = DiagnosisQuerySet.as_manager()

    class Meta:
        verbose_name = "диагностика"
        verbose_name_plural = "диагностики"
        ordering = ["-on", "-pk"]
        indexes = [models.Index(fields=["person", "-on"], name="diagnosis_person")]

    def __str__(self) -> str:
        return f"{self.instrument}, {self.on:%d.%m.%Y}"

    def get_absolute_url(self) -> str:
        return reverse("iom:diagnosis", args=[self.pk])


class DiagnosisBlock(models.Model):
    """A part of the instrument with its score and the level it means."""

    class Level(models.TextChoices):
        DEFICIT = "deficit", "дефицит"
        LOW = "low", "ниже среднего"
        MIDDLE = "middle", "средний"
        HIGH = "high", "высокий"

    diagnosis = models.ForeignKey(Diagnosis, models.CASCADE, verbose_name="диагностика", related_name="blocks")
    topic = models.CharField("блок", max_length=200)
    score = models.DecimalField("балл", max_digits=6, decimal_places=1, null=True, blank=True)
    top = models.DecimalField("из", max_digits=6, decimal_places=1, null=True, blank=True)
    level = models.CharField("уровень", max_length=8, choices=Level, blank=True)

    class Meta:
        verbose_name = "блок диагностики"
        verbose_name_plural = "блоки диагностик"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="block_score_within",
                condition=Q(score=None) | Q(score__gte=0) & (Q(top=None) | Q(score__lte=F("top"))),
            )
        ]

    def __str__(self) -> str:
        return self.topic
