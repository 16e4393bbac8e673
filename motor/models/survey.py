"""Опросный лист: the teacher's own words, domain.md section 5.2."""

from django.contrib.auth.models import AnonymousUser
from django.contrib.contenttypes.fields import GenericRelation
from django.db import models
from django.db.models import Q
from django.utils import timezone

from cabinet.files.models import StoredFile
from cabinet.users.models import User
from motor.models.case import Case


class SurveyQuerySet(models.QuerySet["Survey"]):
    def visible_to(self, user: User | AnonymousUser) -> "SurveyQuerySet":
        """Whoever may read the case; asked when the scan of a paper form is fetched."""
        return self.filter(case__in=Case.objects.visible_to(user).values("pk"))

    def submitted(self) -> "SurveyQuerySet":
        """Answers in the order they were given; the last one counts, a returned one until the next arrives."""
        return self.filter(submitted_at__isnull=False).order_by("version", "pk")


class Survey(models.Model):
    """One in force per case and version: a row with submitted_at is an answer, without it a beginning.

    An answer returned to the teacher stays readable; the next one is a new row.
    """

    class InRoute(models.TextChoices):
        OWN = "own", "Да, мой ИОМ в кабинете"
        OUTSIDE = "outside", "Да, мой ИОМ ведётся вне кабинета"
        NO = "no", "Нет, не отразил(а)"
        NONE = "none", "ИОМ не разработан"

    class Reason(models.TextChoices):
        TIME = "time", "не было времени"
        RESOURCES = "resources", "нет условий или ресурсов"
        CONTENT = "content", "содержание не подошло"
        HELP = "help", "нужна помощь методиста"
        NO_ROUTE = "no_route", "ИОМ не разработан"
        OTHER = "other", "другое"

    class Channel(models.TextChoices):
        LINK = "link", "по ссылке из письма"
        MESSAGE = "message", "по ссылке из сообщения"
        SLIP = "slip", "по листку: QR или код"
        CABINET = "cabinet", "из кабинета"
        PAPER = "paper", "на бумаге"

    case = models.ForeignKey(Case, models.CASCADE, verbose_name="карта", related_name="surveys")
    version = models.PositiveSmallIntegerField("версия карты", default=1)
    important = models.TextField("важное и нужное содержание", blank=True)
    in_route = models.CharField("отражено в ИОМ", max_length=8, choices=InRoute, blank=True)
    route_note = models.TextField("об ИОМ вне кабинета", blank=True)
    # Items of his own route the teacher ticked, in the words they had then: [{"item", "route", "activity", "reflected",
    # "in_practice", "topic"}], an empty topic being the course's. A route changes later, the answer does not.
    route_items = models.JSONField("отмечено в ИОМ", default=list, blank=True)
    has_started = models.BooleanField("реализация начата", null=True)
    reason = models.CharField("почему нет", max_length=10, choices=Reason, blank=True)
    reason_text = models.TextField("пояснение", blank=True)
    nothing_yet = models.BooleanField("пока подтвердить нечем", default=False)
    channel = models.CharField("как ответил", max_length=8, choices=Channel, default=Channel.LINK)
    author = models.ForeignKey(User, models.SET_NULL, verbose_name="кто заполнил", null=True, related_name="+")
    filled_on = models.DateField("дата на бумаге", null=True, blank=True)
    scans = GenericRelation(StoredFile, "owner_id", "owner_type")  # of the paper form
    started_at = models.DateTimeField("начат", default=timezone.now)
    saved_at = models.DateTimeField("сохранён", auto_now=True)
    submitted_at = models.DateTimeField("отправлен", null=True, blank=True)
    returned_at = models.DateTimeField("возвращён педагогу", null=True, blank=True)
    return_comment = models.TextField("о чём просит методист", blank=True)

    objects = SurveyQuerySet.as_manager()

    class Meta:
        verbose_name = "опросный лист"
        verbose_name_plural = "опросные листы"
        ordering = ["case", "version", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "version"], condition=Q(returned_at=None), name="survey_in_force_once"
            ),
            models.CheckConstraint(
                name="survey_date_iff_paper",
                condition=Q(channel="paper", filled_on__isnull=False) | (~Q(channel="paper") & Q(filled_on=None)),
            ),
            models.CheckConstraint(
                name="survey_return_has_comment", condition=Q(returned_at=None) | ~Q(return_comment="")
            ),
            models.CheckConstraint(
                name="survey_submitted_is_answered",
                condition=Q(submitted_at=None) | (~Q(important="") & ~Q(in_route="") & Q(has_started__isnull=False)),
            ),
            models.CheckConstraint(
                name="survey_no_has_reason",
                condition=Q(submitted_at=None) | Q(has_started=True) | ~Q(reason=""),
            ),
        ]
        indexes = [models.Index(fields=["case"], condition=~Q(returned_at=None), name="survey_returned")]

    def __str__(self) -> str:
        return f"Опросный лист к карте № {self.case_id}"

    @property
    def practised(self) -> list["Change"]:
        """The ticked changes as if described in words; they are rows of no table."""
        return [
            Change(survey=self, text=one["activity"], is_on_topic=not one["topic"], topic=one["topic"])
            for one in self.route_items
            if one["in_practice"]
        ]


class Change(models.Model):
    """A change in practice in the teacher's words, with its topic: the course's or another one."""

    survey = models.ForeignKey(Survey, models.CASCADE, verbose_name="опросный лист", related_name="changes")
    text = models.TextField("что изменилось")
    is_on_topic = models.BooleanField("по тематике курса", default=True)
    topic = models.CharField("другая тематика", max_length=200, blank=True)

    class Meta:
        verbose_name = "изменение в практике"
        verbose_name_plural = "изменения в практике"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.text[:80]
