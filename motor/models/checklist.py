"""Чек-лист: what an assessor studied and concluded, domain.md section 5.3."""

from django.db import models
from django.db.models import Q

from cabinet.users.models import User
from motor.models.case import Case


class ChecklistQuerySet(models.QuerySet["Checklist"]):
    def in_force(self) -> "ChecklistQuerySet":
        return self.filter(superseded_at=None)


class Checklist(models.Model):
    """One in force per case, version and kind of assessor. A saved checklist is final: reopening makes a new
    version, a return to the school supersedes it, and the former one stays readable.
    """

    class AssessorKind(models.TextChoices):
        SCHOOL = "school", "методист ОО"
        RMA = "rma", "методист РМА"
        AGREED = "agreed", "согласованное заключение"

    class Practice(models.TextChoices):
        FULL = "full", "полностью"
        PARTIAL = "partial", "частично"
        ABSENT = "absent", "не находит"

    class RmaHelp(models.TextChoices):
        ASSESSMENT = "assessment", "участие в оценке"
        IOM_HELP = "iom_help", "помощь по ИОМ"

    case = models.ForeignKey(Case, models.CASCADE, verbose_name="карта", related_name="checklists")
    version = models.PositiveSmallIntegerField("версия карты", default=1)
    assessor_kind = models.CharField("кто оценивает", max_length=6, choices=AssessorKind)
    assessor = models.ForeignKey(User, models.PROTECT, verbose_name="методист", related_name="+")
    is_significant = models.BooleanField("A: определил значимое содержание")
    practice = models.CharField("B: отражение в практике", max_length=8, choices=Practice, blank=True)
    other_topic_found = models.BooleanField("D: изменения по другой тематике")
    other_topic = models.CharField("другая тематика", max_length=200, blank=True)
    rma_help = models.CharField("E: подключение РМА", max_length=10, choices=RmaHelp, blank=True)
    rma_reason = models.TextField("зачем нужен РМА", blank=True)
    recommends_experience = models.BooleanField("рекомендует представить опыт", null=True)
    recommendations = models.TextField("рекомендации по корректировке ИОМ", blank=True)
    comment = models.TextField("комментарий", blank=True)
    from_conversation = models.BooleanField("A отмечено со слов педагога", default=False)
    superseded_at = models.DateTimeField("заменён", null=True, blank=True)
    saved_at = models.DateTimeField("сохранён", auto_now_add=True)

    objects = ChecklistQuerySet.as_manager()

    class Meta:
        verbose_name = "чек-лист"
        verbose_name_plural = "чек-листы"
        ordering = ["case", "version", "-assessor_kind", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "version", "assessor_kind"], condition=Q(superseded_at=None), name="checklist_once"
            ),
            models.CheckConstraint(
                name="checklist_practice_iff_significant",
                condition=Q(is_significant=True, practice__in=("full", "partial", "absent"))
                | Q(is_significant=False, practice=""),
            ),
            models.CheckConstraint(
                name="checklist_topic_iff_found",
                condition=Q(other_topic_found=False, other_topic="") | (Q(other_topic_found=True) & ~Q(other_topic="")),
            ),
            models.CheckConstraint(
                name="checklist_rma_has_reason",
                condition=Q(rma_help="") | (Q(assessor_kind="school") & ~Q(rma_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"Чек-лист ({self.get_assessor_kind_display()}) к карте № {self.case_id}"

    @property
    def is_on_topic(self) -> bool:
        return self.is_significant and self.practice in (self.Practice.FULL, self.Practice.PARTIAL)


class Study(models.Model):
    """One thing studied before answering."""

    class Kind(models.TextChoices):
        PLAN = "plan", "анализ конспекта урока (занятия)"
        LESSON = "lesson", "посещение открытого урока (занятия)"
        WORKSHOP = "workshop", "посещение мастер-класса педагога"
        DOCUMENT = "document", "изучение управленческого документа или решения"
        TALK = "talk", "беседа с педагогом"
        OTHER = "other", "другое"

    checklist = models.ForeignKey(Checklist, models.CASCADE, verbose_name="чек-лист", related_name="studies")
    kind = models.CharField("что изучено", max_length=10, choices=Kind)
    on = models.DateField("когда", null=True, blank=True)
    note = models.CharField("заметка", max_length=300, blank=True)

    class Meta:
        verbose_name = "изученный материал"
        verbose_name_plural = "изученные материалы"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.get_kind_display()
