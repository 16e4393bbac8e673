"""Agreement: the organization's steps, agreed versions, decisions line by line, remarks pinned to lines."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from cabinet.structure.models import Organization
from cabinet.users.models import User
from iom.models.route import Route, Step


class AgreementRule(models.Model):
    """In how many steps an organization agrees routes; without a row, by the setting IOM_AGREEMENT."""

    class Steps(models.TextChoices):
        NONE = "none", "без согласования"
        METHODIST = "methodist", "методист ОО"
        HEAD = "head", "руководитель ОО"
        BOTH = "both", "методист ОО, затем руководитель"

    organization = models.OneToOneField(
        Organization, models.CASCADE, verbose_name="организация", related_name="agreement_rule"
    )
    steps = models.CharField("кто согласует маршруты", max_length=10, choices=Steps)
    approves = models.CharField("кто утверждает: должность", max_length=200, blank=True)  # of the printed form
    approver_name = models.CharField("кто утверждает: И. О. Фамилия", max_length=100, blank=True)
    updated_by = models.ForeignKey(User, models.SET_NULL, verbose_name="кто изменил", null=True, related_name="+")
    updated_at = models.DateTimeField("изменено", auto_now=True)

    class Meta:
        verbose_name = "порядок согласования"
        verbose_name_plural = "порядок согласования маршрутов"

    def __str__(self) -> str:
        return f"{self.organization}: {self.get_steps_display()}"


class RouteRevision(models.Model):
    """An agreed version as it was agreed: `content` is the snapshot of services.snapshot, and stays readable."""

    route = models.ForeignKey(Route, models.CASCADE, verbose_name="маршрут", related_name="revisions")
    version = models.PositiveSmallIntegerField("версия")
    content = models.JSONField("содержание")
    agreed_by = models.ForeignKey(
        User, models.SET_NULL, verbose_name="кто согласовал", null=True, blank=True, related_name="+"
    )
    agreed_at = models.DateTimeField("когда", default=timezone.now)
    reason = models.CharField("почему открыта следующая", max_length=500, blank=True)

    class Meta:
        verbose_name = "версия маршрута"
        verbose_name_plural = "версии маршрутов"
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["route", "version"], name="revision_version_once")]

    def __str__(self) -> str:
        return f"Версия {self.version}"


class LineDecision(models.Model):
    """The approver's word on one line of one version; it counts only while the line is as he read it (`digest`)."""

    class Verdict(models.TextChoices):
        ACCEPT = "accept", "принято"
        CLARIFY = "clarify", "уточнить"
        REMOVE = "remove", "убрать"

    route = models.ForeignKey(Route, models.CASCADE, verbose_name="маршрут", related_name="decisions")
    version = models.PositiveSmallIntegerField("версия")
    step = models.CharField("шаг", max_length=10, choices=Step)
    line = models.CharField("строка", max_length=40)  # Line.line, or «header»
    verdict = models.CharField("решение", max_length=8, choices=Verdict)
    comment = models.TextField("комментарий", blank=True)
    digest = models.CharField(max_length=64)  # services.snapshot.digest_of the line
    author = models.ForeignKey(User, models.SET_NULL, verbose_name="кто", null=True, related_name="+")
    at = models.DateTimeField("когда", default=timezone.now)

    class Meta:
        verbose_name = "решение по строке"
        verbose_name_plural = "решения по строкам"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["route", "version", "step", "line"], name="decision_line_once"),
            models.CheckConstraint(name="decision_no_has_comment", condition=Q(verdict="accept") | ~Q(comment="")),
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.get_verdict_display()}"


class LineComment(models.Model):
    """A remark pinned to a line, until somebody settles it."""

    route = models.ForeignKey(Route, models.CASCADE, verbose_name="маршрут", related_name="comments")
    line = models.CharField("строка", max_length=40)
    text = models.TextField("текст")
    author = models.ForeignKey(User, models.SET_NULL, verbose_name="кто", null=True, related_name="+")
    at = models.DateTimeField("когда", default=timezone.now)
    settled_at = models.DateTimeField("учтено", null=True, blank=True)
    settled_by = models.ForeignKey(
        User, models.SET_NULL, verbose_name="кто учёл", null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = "комментарий к строке"
        verbose_name_plural = "комментарии к строкам"
        ordering = ["pk"]
        indexes = [models.Index(fields=["route", "line"], name="comment_line")]

    def __str__(self) -> str:
        return self.text[:80]
