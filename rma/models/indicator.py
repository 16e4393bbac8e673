"""«Формальные показатели для кандидата РМА» (domain.md section 6), as dated rows."""

from datetime import date
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.contrib.contenttypes.fields import GenericRelation
from django.db import models
from django.db.models import F, OuterRef, Q
from django.utils import timezone

from cabinet.core.clock import add_months, full_years
from cabinet.files.models import StoredFile
from cabinet.users.models import User

EXPERIENCE_YEARS = 5


class IndicatorQuerySet(models.QuerySet["Indicator"]):
    def visible_to(self, user: User | AnonymousUser) -> "IndicatorQuerySet":
        """With its proof: whoever keeps the card. The download view asks."""
        members: Any = Indicator._meta.get_field("member").related_model  # Member stands above this module
        return self.filter(member__in=members.objects.kept_by(user).order_by().values("pk"))

    def in_force(self, day: date) -> "IndicatorQuerySet":
        return self.filter(Q(since=None) | Q(since__lte=day)).filter(Q(until=None) | Q(until__gte=day))

    def met(self, kind: str, day: date, member: OuterRef) -> "IndicatorQuerySet":
        """Rows by which the member meets the formal requirement on the day."""
        rows = self.filter(member=member, kind=kind).in_force(day)
        if kind == Indicator.Kind.EXPERIENCE:
            return rows.filter(since__lte=add_months(day, -12 * EXPERIENCE_YEARS))
        return rows.filter(grade__in=Indicator.MEETS[Indicator.Kind(kind)])


class Indicator(models.Model):
    """«Формальные показатели для кандидата РМА»: what was reached when, by which proof, until when.

    Rows are added, never overwritten, so that any past day can be counted. Without `since` it holds from the beginning.
    For «стаж» `since` is the day the work in the speciality began.
    """

    class Kind(models.TextChoices):
        EDUCATION = "education", "Высшее образование"
        EXPERIENCE = "experience", "Стаж работы по специальности не менее 5 лет"
        CATEGORY = "category", "Высшая квалификационная категория"
        ASSESSMENT = "assessment", "Прошли оценку компетенций"

    class Grade(models.TextChoices):
        HIGHER = "higher", "высшее"
        SECONDARY = "secondary", "среднее профессиональное"
        TOP = "top", "высшая"
        FIRST = "first", "первая"
        METHODIST = "methodist", "педагог-методист"
        MENTOR = "mentor", "педагог-наставник"
        NO_CATEGORY = "none", "без категории"
        PASSED = "passed", "пройдена"
        FAILED = "failed", "не пройдена"
        YEARS = "years", "стаж"

    # Категории «педагог-методист» и «педагог-наставник» are given to those who hold the highest one.
    MEETS = {
        Kind.EDUCATION: (Grade.HIGHER,),
        Kind.CATEGORY: (Grade.TOP, Grade.METHODIST, Grade.MENTOR),
        Kind.ASSESSMENT: (Grade.PASSED,),
    }
    GRADES = {
        Kind.EDUCATION: (Grade.HIGHER, Grade.SECONDARY),
        Kind.EXPERIENCE: (Grade.YEARS,),
        Kind.CATEGORY: (Grade.TOP, Grade.FIRST, Grade.METHODIST, Grade.MENTOR, Grade.NO_CATEGORY),
        Kind.ASSESSMENT: (Grade.PASSED, Grade.FAILED),
    }
    # What one lacks, as «3 из 4: нет оценки компетенций» says it.
    LACKS = {
        Kind.EDUCATION: "высшего образования",
        Kind.EXPERIENCE: "пяти лет стажа",
        Kind.CATEGORY: "высшей категории",
        Kind.ASSESSMENT: "оценки компетенций",
    }

    member = models.ForeignKey("rma.Member", models.CASCADE, verbose_name="методист РМА", related_name="indicators")
    kind = models.CharField("показатель", max_length=10, choices=Kind)
    grade = models.CharField("значение", max_length=10, choices=Grade)
    since = models.DateField("с", null=True, blank=True)
    until = models.DateField("по", null=True, blank=True, help_text="Пусто — бессрочно.")
    result = models.CharField("результат", max_length=200, blank=True)
    proof = models.CharField("чем подтверждено", max_length=300, blank=True)
    author = models.ForeignKey(User, models.SET_NULL, verbose_name="кто внёс", null=True, blank=True, related_name="+")
    created_at = models.DateTimeField("внесено", default=timezone.now, editable=False)
    files = GenericRelation(StoredFile, "owner_id", "owner_type")  # the proofs go with their row

    objects = IndicatorQuerySet.as_manager()

    class Meta:
        verbose_name = "показатель методиста РМА"
        verbose_name_plural = "показатели методистов РМА"
        ordering = ["kind", "-since", "-pk"]
        indexes = [models.Index(fields=["member", "kind", "grade"], name="indicator_member")]
        constraints = [
            models.CheckConstraint(
                name="indicator_ends_after_start", condition=Q(since=None) | Q(until=None) | Q(until__gte=F("since"))
            ),
            models.CheckConstraint(
                name="indicator_experience_has_start", condition=~Q(kind="experience") | Q(since__isnull=False)
            ),
            models.CheckConstraint(
                name="indicator_grade_fits_kind",
                condition=Q(kind="education", grade__in=("higher", "secondary"))
                | Q(kind="experience", grade="years")
                | Q(kind="category", grade__in=("top", "first", "methodist", "mentor", "none"))
                | Q(kind="assessment", grade__in=("passed", "failed")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.get_grade_display()}"

    def is_in_force(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or self.until >= day)

    def meets(self, day: date) -> bool:
        """The formal requirement, while the row is in force."""
        if self.kind == self.Kind.EXPERIENCE:
            return self.since is not None and full_years(self.since, day) >= EXPERIENCE_YEARS
        return self.grade in self.MEETS[self.Kind(self.kind)]
