"""On what ground a person's data are processed, and what he was shown before (152-ФЗ; domain.md section 9)."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from cabinet.users.models.user import User


class DataNotice(models.Model):
    """One version of the notice shown before the first answer; the latest in force is shown."""

    class Ground(models.TextChoices):
        CONSENT = "consent", "согласие на обработку персональных данных"
        EMPLOYMENT = "employment", "трудовые отношения и поручение работодателя"
        PUBLIC_TASK = "public_task", "полномочия, возложенные законом на оператора"

    version = models.PositiveSmallIntegerField("версия", unique=True)
    ground = models.CharField("основание", max_length=12, choices=Ground)
    title = models.CharField("заголовок", max_length=200)
    text = models.TextField("что делается с данными")
    in_force_from = models.DateField("действует с")
    created_at = models.DateTimeField("добавлена", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "уведомление о данных"
        verbose_name_plural = "уведомления о данных"
        ordering = ["-version"]

    def __str__(self) -> str:
        return f"Версия {self.version}: {self.get_ground_display()}"


class DataGround(models.Model):
    """The record: who, by which version of the text, when, from where; a withdrawal stays beside it."""

    class Channel(models.TextChoices):
        LINK = "link", "по личной ссылке"
        CABINET = "cabinet", "в кабинете"
        PAPER = "paper", "на бумаге"

    person = models.ForeignKey(User, models.CASCADE, verbose_name="человек", related_name="data_grounds")
    notice = models.ForeignKey(DataNotice, models.PROTECT, verbose_name="текст", related_name="+")
    channel = models.CharField("как", max_length=8, choices=Channel)
    ip_address = models.GenericIPAddressField("адрес", null=True, blank=True)
    given_at = models.DateTimeField("когда", default=timezone.now)
    withdrawn_at = models.DateTimeField("отозвано", null=True, blank=True)

    class Meta:
        verbose_name = "основание обработки данных"
        verbose_name_plural = "основания обработки данных"
        ordering = ["-given_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "notice"], condition=Q(withdrawn_at=None), name="ground_in_force_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person.short_name}: {self.notice.get_ground_display()}"
