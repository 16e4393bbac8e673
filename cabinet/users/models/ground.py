"""On what ground a person's data are processed, and what he was shown before (152-ФЗ; domain.md section 9)."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.users.models.user import User


class DataNotice(models.Model):
    """One version of the notice shown before the first answer; the latest in force is shown.

    A version people were shown stays as they saw it: a change is a new version.
    """

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

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding and self.was_shown():
            raise TypeError("People were shown this version; make a new one.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        if self.was_shown():
            raise TypeError("People were shown this version.")
        return super().delete(*args, **kwargs)

    def was_shown(self) -> bool:
        """Asked of the database: the date may just have been changed in the form."""
        return DataNotice.objects.filter(pk=self.pk, in_force_from__lte=today()).exists()

    @property
    def asks_consent(self) -> bool:
        return self.ground == self.Ground.CONSENT

    @property
    def short(self) -> str:
        """The first paragraph: what everybody reads at once."""
        return self.text.strip().partition("\n")[0]

    @property
    def rest(self) -> str:
        return self.text.strip().partition("\n")[2].strip()


class DataGroundQuerySet(models.QuerySet["DataGround"]):
    def in_force(self) -> "DataGroundQuerySet":
        return self.filter(withdrawn_at=None)

    def consents(self) -> "DataGroundQuerySet":
        return self.filter(notice__ground=DataNotice.Ground.CONSENT)


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

    objects = DataGroundQuerySet.as_manager()

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
