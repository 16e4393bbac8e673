"""Where a member stands in the group, and by which order since when."""

from django.db import models
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.users.models import User


class Status(models.TextChoices):
    CANDIDATE = "candidate", "кандидат"
    ACTIVE = "active", "действует"
    SUSPENDED = "suspended", "приостановлен"
    EXCLUDED = "excluded", "исключён"


class StatusChange(models.Model):
    """`Member.status` is the last of these; the roster of any past day is read from them."""

    member = models.ForeignKey("rma.Member", models.CASCADE, verbose_name="методист РМА", related_name="status_changes")
    status = models.CharField("состояние", max_length=10, choices=Status)
    on = models.DateField("с какого дня", default=today)
    order = models.CharField("приказ", max_length=200, blank=True, help_text="Номер и дата.")
    reason = models.CharField("причина", max_length=300, blank=True)
    author = models.ForeignKey(User, models.SET_NULL, verbose_name="кто внёс", null=True, blank=True, related_name="+")
    created_at = models.DateTimeField("внесено", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "смена состояния методиста РМА"
        verbose_name_plural = "смены состояний методистов РМА"
        ordering = ["-on", "-pk"]
        indexes = [models.Index(fields=["member", "on"], name="status_change_member")]

    def __str__(self) -> str:
        return f"{self.get_status_display()} с {self.on:%d.%m.%Y}"
