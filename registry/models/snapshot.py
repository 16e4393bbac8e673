"""The figures that readers of aggregates see, with small groups already left out."""

from django.db import models


class Snapshot(models.Model):
    """One a day: figures of the same day, compared, would tell what happened to a single case.

    `figures`: breakdown → group → column → a number, or the mark that stands in its place. A hidden number is
    not stored at all.
    """

    day = models.DateField("день", unique=True)
    made_at = models.DateTimeField("составлен", auto_now_add=True)
    figures = models.JSONField("цифры")

    class Meta:
        verbose_name = "сводка без малых групп"
        verbose_name_plural = "сводки без малых групп"
        ordering = ["-day"]

    def __str__(self) -> str:
        return f"Сводка без малых групп на {self.day:%d.%m.%Y}"
