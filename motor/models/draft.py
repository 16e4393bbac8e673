"""What the teacher has begun and not sent yet: words and files that outlive a closed tab and a lost connection."""

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils import timezone

from cabinet.files.models import StoredFile
from cabinet.users.models import User
from motor.models.case import Case
from motor.models.evidence import Evidence


class Draft(models.Model):
    """One per case, whatever the device; it is gone once the answers are sent."""

    case = models.OneToOneField(Case, models.CASCADE, verbose_name="карта", related_name="draft")
    answers = models.JSONField("что набрано", default=dict, help_text="Имя поля формы → набранный текст.")
    # Raised with every save: a device that holds an older number is shown the difference instead of overwriting it.
    number = models.PositiveIntegerField("номер сохранения", default=1)
    device = models.CharField("устройство", max_length=32, blank=True)
    started_at = models.DateTimeField("начат", default=timezone.now)
    saved_at = models.DateTimeField("сохранён", default=timezone.now)

    class Meta:
        verbose_name = "черновик опросного листа"
        verbose_name_plural = "черновики опросных листов"

    def __str__(self) -> str:
        return f"Черновик к карте № {self.case_id}"


class DraftFileQuerySet(models.QuerySet["DraftFile"]):
    def visible_to(self, user: User | AnonymousUser) -> "DraftFileQuerySet":
        """Nobody but the teacher sees what is not sent yet."""
        return self.filter(case__person=user.pk) if isinstance(user, User) else self.none()


class DraftFile(models.Model):
    """A file brought before the answers are sent; with them it becomes a piece of evidence."""

    case = models.ForeignKey(Case, models.CASCADE, verbose_name="карта", related_name="draft_files")
    kind = models.CharField("вид", max_length=12, choices=Evidence.Kind)
    file = models.ForeignKey(StoredFile, models.CASCADE, verbose_name="файл", related_name="+")
    created_at = models.DateTimeField("добавлен", default=timezone.now)

    objects = DraftFileQuerySet.as_manager()

    class Meta:
        verbose_name = "файл к черновику"
        verbose_name_plural = "файлы к черновикам"
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.file)
