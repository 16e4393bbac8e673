"""How far the sweep has looked."""

from django.db import models


class Watermark(models.Model):
    """Everything changed before `seen_at` is in the registry already."""

    name = models.CharField("источник", max_length=20, unique=True)
    seen_at = models.DateTimeField("просмотрено до")

    class Meta:
        verbose_name = "отметка обхода"
        verbose_name_plural = "отметки обхода"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
