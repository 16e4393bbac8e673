"""The history of a case: who moved it, when, from where, to where, and why."""

from django.db import models
from django.utils import timezone

from cabinet.users.models import User
from motor.models.case import Case, Status


class Transition(models.Model):
    case = models.ForeignKey(Case, models.CASCADE, verbose_name="карта", related_name="transitions")
    at = models.DateTimeField("когда", default=timezone.now)
    move = models.CharField("действие", max_length=20)
    from_status = models.CharField("откуда", max_length=14, choices=Status)
    to_status = models.CharField("куда", max_length=14, choices=Status)
    actor = models.ForeignKey(User, models.PROTECT, verbose_name="кто", null=True, related_name="+")
    comment = models.TextField("комментарий", blank=True)
    version = models.PositiveSmallIntegerField("версия карты", default=1)

    class Meta:
        verbose_name = "переход"
        verbose_name_plural = "история"
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.get_from_status_display()} → {self.get_to_status_display()}"
