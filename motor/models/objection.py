"""What is said about a result: the teacher's objection, and the two assessors' agreed conclusion."""

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.users.models import User
from motor.models.case import Case
from motor.models.checklist import Checklist


class ObjectionQuerySet(models.QuerySet["Objection"]):
    def decidable_by(self, user: User | AnonymousUser) -> "ObjectionQuerySet":
        """Waiting for this municipal specialist or the admin; never for the teacher or who assessed him."""
        if not isinstance(user, User):
            return self.none()
        waiting = self.filter(decision="").exclude(case__person=user)
        if "admin" in user.roles:
            return waiting
        assessed = Checklist.objects.filter(assessor=user).values("case")
        return waiting.filter(case__organization__municipality__in=user.own_municipalities).exclude(case__in=assessed)


class Objection(models.Model):
    """«Есть возражение»: once per case, decided by the municipal service in ten working days."""

    class Decision(models.TextChoices):
        DECLINED = "declined", "Отклонено"
        UPHELD = "upheld", "Принято, карта открыта заново"

    case = models.OneToOneField(Case, models.CASCADE, verbose_name="карта", related_name="objection")
    version = models.PositiveSmallIntegerField("версия карты", default=1)
    text = models.TextField("возражение")
    due_on = models.DateField("рассмотреть до")
    due_why = models.CharField("почему такой срок", max_length=400, blank=True)
    decision = models.CharField("решение", max_length=8, choices=Decision, blank=True)
    answer = models.TextField("основания решения", blank=True)
    decided_by = models.ForeignKey(
        User, models.PROTECT, verbose_name="кто решил", null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField("когда решено", null=True, blank=True)
    created_at = models.DateTimeField("когда", default=timezone.now, editable=False)

    objects = ObjectionQuerySet.as_manager()

    class Meta:
        verbose_name = "возражение"
        verbose_name_plural = "возражения"
        ordering = ["due_on", "pk"]
        indexes = [models.Index(fields=["due_on"], condition=Q(decision=""), name="objection_waiting")]
        constraints = [
            models.CheckConstraint(
                name="objection_decided_with_reasons",
                condition=Q(decision="", decided_at=None)
                | (~Q(decision="") & ~Q(answer="") & Q(decided_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"Возражение к карте № {self.case_id}"

    @property
    def is_waiting(self) -> bool:
        return self.decision == ""

    @property
    def is_overdue(self) -> bool:
        return self.is_waiting and self.due_on < today()


class Agreement(models.Model):
    """An agreed conclusion of the school and the РМА: one proposes, the other confirms or proposes otherwise."""

    case = models.ForeignKey(Case, models.CASCADE, verbose_name="карта", related_name="agreements")
    version = models.PositiveSmallIntegerField("версия карты", default=1)
    is_significant = models.BooleanField("A: определил значимое содержание")
    practice = models.CharField("B: отражение в практике", max_length=8, choices=Checklist.Practice, blank=True)
    other_topic_found = models.BooleanField("D: изменения по другой тематике")
    other_topic = models.CharField("другая тематика", max_length=200, blank=True)
    comment = models.TextField("как пришли к согласию")
    proposed_by = models.ForeignKey(User, models.PROTECT, verbose_name="кто предложил", related_name="+")
    proposed_at = models.DateTimeField("когда предложено", default=timezone.now)
    confirmed_by = models.ForeignKey(
        User, models.PROTECT, verbose_name="кто подтвердил", null=True, blank=True, related_name="+"
    )
    confirmed_at = models.DateTimeField("когда подтверждено", null=True, blank=True)

    class Meta:
        verbose_name = "согласованное заключение"
        verbose_name_plural = "согласованные заключения"
        ordering = ["case", "version"]
        constraints = [
            models.UniqueConstraint(fields=["case", "version"], name="agreement_case_version"),
            models.CheckConstraint(
                name="agreement_practice_iff_significant",
                condition=Q(is_significant=True, practice__in=("full", "partial", "absent"))
                | Q(is_significant=False, practice=""),
            ),
            models.CheckConstraint(
                name="agreement_topic_iff_found",
                condition=Q(other_topic_found=False, other_topic="") | (Q(other_topic_found=True) & ~Q(other_topic="")),
            ),
        ]

    def __str__(self) -> str:
        return f"Согласованное заключение к карте № {self.case_id}"
