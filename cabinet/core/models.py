"""The calendar of working days and the heartbeat of the worker."""

from django.db import models


class CalendarDay(models.Model):
    """A day that differs from its weekday: a holiday on a weekday, or a Saturday that is worked."""

    day = models.DateField("дата", unique=True)
    is_working = models.BooleanField("рабочий день", default=False)
    title = models.CharField("название", max_length=120)

    class Meta:
        verbose_name = "особый день"
        verbose_name_plural = "производственный календарь"
        ordering = ["-day"]

    def __str__(self) -> str:
        return f"{self.day:%d.%m.%Y} — {self.title}"


class Heartbeat(models.Model):
    """When a process was last seen alive."""

    name = models.CharField("процесс", max_length=40, unique=True)
    seen_at = models.DateTimeField("замечен")

    class Meta:
        verbose_name = "отметка процесса"
        verbose_name_plural = "отметки процессов"

    def __str__(self) -> str:
        return self.name
