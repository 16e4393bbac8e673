"""Подтверждения: what the teacher can show: a file, a link or the date of an event to visit."""

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from cabinet.files.models import StoredFile
from cabinet.users.models import User
from motor.models.case import Case


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    def visible_to(self, user: User | AnonymousUser) -> "EvidenceQuerySet":
        """Whoever may read the case may read its evidence, and a piece that serves this case too."""
        cases = Case.objects.visible_to(user).values("pk")
        return self.filter(Q(case__in=cases) | Q(pk__in=Evidence.objects.filter(case__in=cases).values("origin")))

    def in_force(self) -> "EvidenceQuerySet":
        return self.filter(removed_at=None)


class Evidence(models.Model):
    class Kind(models.TextChoices):
        PLAN = "plan", "конспект урока (занятия)"
        OPEN_LESSON = "open_lesson", "открытый показ урока (занятия)"
        WORKSHOP = "workshop", "проведение мастер-класса для коллег"
        DOCUMENT = "document", "управленческий документ или решение"
        OTHER = "other", "другое"

    case = models.ForeignKey(Case, models.CASCADE, verbose_name="карта", related_name="evidence")
    version = models.PositiveSmallIntegerField("версия карты", default=1)
    kind = models.CharField("вид", max_length=12, choices=Kind)
    text = models.CharField("что это", max_length=300, blank=True)
    link = models.URLField("ссылка", max_length=500, blank=True)
    event_on = models.DateField("дата", null=True, blank=True)
    file = models.ForeignKey(StoredFile, models.SET_NULL, verbose_name="файл", null=True, related_name="+")
    origin = models.ForeignKey(
        "self",
        models.SET_NULL,
        verbose_name="то же подтверждение в другой карте",
        null=True,
        blank=True,
        related_name="copies",
    )
    removed_at = models.DateTimeField("убрано педагогом", null=True, blank=True)
    created_at = models.DateTimeField("добавлено", auto_now_add=True)

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        verbose_name = "подтверждение"
        verbose_name_plural = "подтверждения"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(name="evidence_other_is_named", condition=~Q(kind="other") | ~Q(text="")),
        ]

    def __str__(self) -> str:
        return self.text or self.get_kind_display()
