"""The append-only log: changes of status, answers and rights, views of cards, exports and downloads."""

from typing import Any

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone

from cabinet.users.models.user import User


class LogEntry(models.Model):
    """Who did what to whose data, when and from where. PostgreSQL refuses UPDATE and DELETE by a trigger."""

    class Action(models.TextChoices):
        VIEWED = "viewed", "просмотр карточки"
        CHANGED = "changed", "изменение"
        MOVED = "moved", "смена состояния"
        ANSWERED = "answered", "ответы"
        RIGHTS = "rights", "права"
        IMPORTED = "imported", "загрузка"
        EXPORTED = "exported", "выгрузка"
        DOWNLOADED = "downloaded", "скачивание файла"

    at = models.DateTimeField("когда", default=timezone.now, db_index=True)
    actor = models.ForeignKey(User, models.PROTECT, verbose_name="кто", null=True, related_name="+")
    action = models.CharField("действие", max_length=12, choices=Action)
    person = models.ForeignKey(User, models.PROTECT, verbose_name="о ком", null=True, related_name="+")
    about_type = models.ForeignKey(ContentType, models.PROTECT, null=True, related_name="+")
    about_id = models.PositiveBigIntegerField("номер", null=True)
    about = GenericForeignKey("about_type", "about_id")
    note = models.CharField("подробности", max_length=500, blank=True)
    ip_address = models.GenericIPAddressField("адрес", null=True)

    class Meta:
        verbose_name = "запись журнала"
        verbose_name_plural = "журнал"
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["person", "-at"], name="log_person_at"),
            models.Index(fields=["about_type", "about_id"], name="log_about"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%d.%m.%Y %H:%M} {self.get_action_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk:
            raise TypeError("The log is append-only.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("The log is append-only.")
