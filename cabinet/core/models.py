"""The calendar of working days and quiet periods, and the heartbeat of the worker."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q


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


class QuietPeriod(models.Model):
    """Days on which no case opens, both ends included. A yearly one repeats by day and month, whatever its years."""

    LONGEST = timedelta(days=200)  # of a yearly one: some of the year must be left to open cases in

    title = models.CharField("название", max_length=120)
    starts_on = models.DateField("с")
    ends_on = models.DateField("по")
    is_yearly = models.BooleanField("каждый год", default=True, help_text="Повторяется в те же дни и месяцы.")

    class Meta:
        verbose_name = "период без открытия карт"
        verbose_name_plural = "каникулы: карты не открываются"
        ordering = ["-is_yearly", "starts_on"]
        constraints = [
            models.CheckConstraint(name="quiet_period_ends_after_start", condition=Q(ends_on__gte=F("starts_on")))
        ]

    def __str__(self) -> str:
        return f"{self.title}: {self.starts_on:%d.%m}–{self.ends_on:%d.%m}" + ("" if self.is_yearly else " (один раз)")

    def clean(self) -> None:
        if self.starts_on and self.ends_on:
            if self.ends_on < self.starts_on:
                raise ValidationError({"ends_on": "Конец раньше начала: проверьте даты."})
            if self.ends_on - self.starts_on > self.LONGEST:
                raise ValidationError({"ends_on": "Период длиннее 200 дней: картам некогда будет открываться."})

    def covering(self, day: date) -> tuple[date, date] | None:
        """The very days of the period around `day`, or nothing when the day is outside it."""
        if not self.is_yearly:
            return (self.starts_on, self.ends_on) if self.starts_on <= day <= self.ends_on else None
        for year in (day.year, day.year - 1):  # one that spans New Year began the year before
            start = _in_year(self.starts_on, year)
            end = _in_year(self.ends_on, year + self.ends_on.year - self.starts_on.year)
            if start <= day <= end:
                return start, end
        return None


def _in_year(day: date, year: int) -> date:
    """The same day and month of another year; 29 February is the 28th where there is none."""
    return date(year, day.month, min(day.day, 28) if day.month == 2 else day.day)


class Heartbeat(models.Model):
    """When a process was last seen alive."""

    name = models.CharField("процесс", max_length=40, unique=True)
    seen_at = models.DateTimeField("замечен")

    class Meta:
        verbose_name = "отметка процесса"
        verbose_name_plural = "отметки процессов"

    def __str__(self) -> str:
        return self.name
