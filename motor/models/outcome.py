"""The delayed result and its record by the municipal service, domain.md sections 5.4 and 5.6."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from cabinet.users.models import User
from motor.models.case import Case
from motor.models.checklist import Checklist


class Outcome(models.Model):
    """Computed when the last assessment arrives; one per case and version, former versions stay."""

    class Variant(models.IntegerChoices):
        NONE = 1, "Отсроченные результаты по тематике курсов отсутствуют"
        OTHER_TOPIC = (
            2,
            "Отсроченные результаты по тематике курсов отсутствуют, но выявлены изменения по другой тематике",
        )
        ON_TOPIC = 3, "Отсроченные результаты по тематике курсов имеют место"

    case = models.ForeignKey(Case, models.CASCADE, verbose_name="карта", related_name="outcomes")
    version = models.PositiveSmallIntegerField("версия карты", default=1)
    variant = models.PositiveSmallIntegerField("вариант", choices=Variant)
    completeness = models.CharField(
        "полнота", max_length=8, choices=[("full", "полностью"), ("partial", "частично")], blank=True
    )
    basis = models.ForeignKey(Checklist, models.PROTECT, verbose_name="основание", related_name="+")
    has_disagreement = models.BooleanField("мнения разошлись", default=False)
    reason = models.TextField("почему")
    computed_at = models.DateTimeField("когда", default=timezone.now)
    agreed_at = models.DateTimeField("педагог согласен", null=True, blank=True)

    class Meta:
        verbose_name = "отсроченный результат"
        verbose_name_plural = "отсроченные результаты"
        ordering = ["case", "version"]
        constraints = [
            models.UniqueConstraint(fields=["case", "version"], name="outcome_case_version"),
            models.CheckConstraint(
                name="outcome_completeness_iff_third",
                condition=Q(variant=3, completeness__in=("full", "partial")) | Q(variant__in=(1, 2), completeness=""),
            ),
        ]

    def __str__(self) -> str:
        return f"Вариант {self.variant}"


class MunicipalRecord(models.Model):
    """C: can the teacher present own experience, and at which kinds of event."""

    class EventKind(models.TextChoices):
        MO = "mo", "заседание МО"
        SEMINAR = "seminar", "семинар"
        WORKSHOP = "workshop", "мастер-класс"
        OPEN_LESSON = "open_lesson", "открытый урок (занятие)"
        CONFERENCE = "conference", "конференция"
        CONTEST = "contest", "профессиональный конкурс"
        PUBLICATION = "publication", "публикация опыта"

    case = models.ForeignKey(Case, models.CASCADE, verbose_name="карта", related_name="records")
    version = models.PositiveSmallIntegerField("версия карты", default=1)
    can_present = models.BooleanField("C: может представить опыт", null=True, help_text="Пусто — учёт не требуется.")
    event_kinds = models.JSONField("варианты методических событий", default=list, blank=True)
    in_pool = models.BooleanField("в банк опыта", default=False)
    theme = models.CharField("какой опыт", max_length=300, blank=True)
    note = models.TextField("заметка", blank=True)
    specialist = models.ForeignKey(User, models.PROTECT, verbose_name="специалист ММС", related_name="+")
    recorded_at = models.DateTimeField("когда", default=timezone.now)

    class Meta:
        verbose_name = "учёт результата в ММС"
        verbose_name_plural = "учёт результатов в ММС"
        ordering = ["case", "version"]
        constraints = [
            models.UniqueConstraint(fields=["case", "version"], name="record_case_version"),
            models.CheckConstraint(
                name="record_waiver_has_reason", condition=Q(can_present__isnull=False) | ~Q(note="")
            ),
            models.CheckConstraint(
                name="record_pool_needs_experience", condition=Q(in_pool=False) | Q(can_present=True)
            ),
        ]

    def __str__(self) -> str:
        return f"Учёт к карте № {self.case_id}"

    @property
    def event_labels(self) -> list[str]:
        return [self.EventKind(kind).label for kind in self.event_kinds]

    @property
    def words(self) -> str:
        """The answer in a line: «может: семинар; в банке опыта: квест по физике»."""
        if not self.can_present:
            return "учёт не требуется" if self.can_present is None else "не может"
        pool = f"; в банке опыта: {self.theme}" if self.in_pool else ""
        return f"может: {', '.join(self.event_labels)}{pool}"
