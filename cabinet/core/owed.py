"""Rows that order work: the row is the order, a queue message only a hint (design.md section 2)."""

from datetime import timedelta
from typing import Self, TypeVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

M = TypeVar("M", bound="Owed")


class OwedQuerySet(models.QuerySet[M]):
    def owed(self) -> Self:
        """Due, unfinished and not held by a living worker."""
        now = timezone.now()
        return self.filter(finished_at=None, due_at__lte=now).filter(Q(leased_until=None) | Q(leased_until__lt=now))

    def claim(self, pk: int, lease: timedelta) -> M | None:
        """Take one owed row for `lease`, or None if it is done or someone else holds it.

        The returned row's `attempts` is the claim's number: results are written only where it still stands,
        so a worker that outlived its lease cannot overwrite the next one's result.
        """
        until = timezone.now() + lease
        if not self.owed().filter(pk=pk).update(leased_until=until, attempts=F("attempts") + 1):
            return None
        return self.get(pk=pk)

    def held(self, row: M) -> Self:
        """The row, if the claim that returned it still stands: results are written through this only."""
        return self.filter(pk=row.pk, attempts=row.attempts, finished_at=None)


class Owed(models.Model):
    """What every ordered piece of work carries: when it is due, who holds it until when, how it ended."""

    due_at = models.DateTimeField("к исполнению", default=timezone.now)
    leased_until = models.DateTimeField("занято до", null=True, blank=True, editable=False)
    attempts = models.PositiveIntegerField("попыток", default=0, editable=False)
    finished_at = models.DateTimeField("закончено", null=True, blank=True, editable=False)
    last_error = models.CharField("последняя ошибка", max_length=500, blank=True, editable=False)
    created_at = models.DateTimeField("создано", default=timezone.now, editable=False)

    class Meta:
        abstract = True
