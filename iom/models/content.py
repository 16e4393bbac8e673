"""What a route consists of: deficits, goals tied to them, items (карта мероприятий) with what is attached to them.

Every line has a `revision`: two people at once never overwrite each other silently.
"""

from typing import ClassVar

from django.contrib.auth.models import AnonymousUser
from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.courses.models import Completion
from cabinet.files.models import StoredFile
from cabinet.library.models import Material
from cabinet.planner.models import Event
from cabinet.users.models import User
from iom.models.diagnosis import DiagnosisBlock
from iom.models.route import Route


class LearningForm(models.TextChoices):
    """The three forms are the institute's (domain.md section 4)."""

    FORMAL = "formal", "формальная"
    NONFORMAL = "nonformal", "неформальная"
    INFORMAL = "informal", "информальная"


class Level(models.TextChoices):
    INSTITUTIONAL = "institutional", "институциональный"
    MUNICIPAL = "municipal", "муниципальный"
    REGIONAL = "regional", "региональный"
    FEDERAL = "federal", "федеральный"


class Support(models.TextChoices):
    MENTOR = "mentor", "наставник"
    TUTOR = "tutor", "тьютор"
    RMA = "rma", "методист РМА"
    SELF = "self", "самостоятельно"


class Line(models.Model):
    """What the three kinds of lines share. `source` says where the words came from: an answer of the survey, a step."""

    route: models.ForeignKey[Route, Route]
    place = models.PositiveIntegerField("место", default=0)
    revision = models.PositiveIntegerField(default=1, editable=False)
    source_type = models.ForeignKey(ContentType, models.SET_NULL, null=True, blank=True, related_name="+")
    source_id = models.PositiveBigIntegerField(null=True, blank=True)
    source = GenericForeignKey("source_type", "source_id")
    source_label = models.CharField("откуда", max_length=200, blank=True)
    created_at = models.DateTimeField("добавлено", default=timezone.now, editable=False)
    changed_at = models.DateTimeField("изменено", default=timezone.now, editable=False)
    changed_by = models.ForeignKey(User, models.SET_NULL, verbose_name="кто изменил", null=True, related_name="+")

    KIND: ClassVar[str]

    class Meta:
        abstract = True

    @property
    def line(self) -> str:
        """The name of the line on pages, in snapshots, decisions and comments: «item:12»."""
        return f"{self.KIND}:{self.pk}"


class Deficit(Line):
    """A professional deficit: from a block of a diagnosis, or named."""

    KIND = "deficit"
    route = models.ForeignKey(Route, models.CASCADE, verbose_name="маршрут", related_name="deficits")
    text = models.CharField("дефицит", max_length=500)
    block = models.ForeignKey(
        DiagnosisBlock, models.SET_NULL, verbose_name="из диагностики", null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = "дефицит"
        verbose_name_plural = "дефициты"
        ordering = ["place", "pk"]

    def __str__(self) -> str:
        return self.text


class Goal(Line):
    KIND = "goal"
    route = models.ForeignKey(Route, models.CASCADE, verbose_name="маршрут", related_name="goals")
    deficit = models.ForeignKey(
        Deficit, models.SET_NULL, verbose_name="дефицит", null=True, blank=True, related_name="goals"
    )
    text = models.CharField("цель", max_length=500)

    class Meta:
        verbose_name = "цель"
        verbose_name_plural = "цели"
        ordering = ["place", "pk"]

    def __str__(self) -> str:
        return self.text


class RouteItemQuerySet(models.QuerySet["RouteItem"]):
    def visible_to(self, user: User | AnonymousUser) -> "RouteItemQuerySet":
        """Whoever may read the route."""
        return self.filter(route__in=Route.objects.visible_to(user).order_by().values("pk"))

    def unfinished(self) -> "RouteItemQuerySet":
        return self.exclude(status__in=RouteItem.FINISHED)

    def overdue(self) -> "RouteItemQuerySet":
        return self.filter(status__in=RouteItem.WITH_TEACHER, due_on__lt=today())

    def in_practice(self) -> "RouteItemQuerySet":
        return self.filter(in_practice_since__isnull=False)


class RouteItem(Line):
    """One line of the карта мероприятий. «Просрочено» is computed, never stored."""

    class Status(models.TextChoices):
        PLANNED = "planned", "Запланировано"
        IN_PROGRESS = "in_progress", "Выполняется"
        SUBMITTED = "submitted", "На проверке"
        RETURNED = "returned", "На доработке"
        CONFIRMED = "confirmed", "Выполнено, подтверждено"
        REMOVED = "removed", "Исключено"

    KIND = "item"
    FINISHED = (Status.CONFIRMED, Status.REMOVED)
    WITH_TEACHER = (Status.PLANNED, Status.IN_PROGRESS, Status.RETURNED)

    route = models.ForeignKey(Route, models.CASCADE, verbose_name="маршрут", related_name="items")
    deficit = models.ForeignKey(
        Deficit, models.SET_NULL, verbose_name="дефицит", null=True, blank=True, related_name="items"
    )
    activity = models.CharField("мероприятие", max_length=500)
    form = models.CharField("форма", max_length=10, choices=LearningForm, blank=True)
    level = models.CharField("уровень", max_length=14, choices=Level, blank=True)
    support = models.CharField("сопровождение", max_length=8, choices=Support, default=Support.SELF)
    due_on = models.DateField("срок", null=True, blank=True)
    is_open_ended = models.BooleanField("бессрочно", default=False)
    product = models.CharField("ожидаемый продукт", max_length=500, blank=True)
    completion = models.ForeignKey(
        Completion, models.SET_NULL, verbose_name="из курса", null=True, blank=True, related_name="+"
    )
    status = models.CharField("состояние", max_length=12, choices=Status, default=Status.PLANNED)
    status_since = models.DateTimeField("в этом состоянии с", default=timezone.now)
    added_in = models.PositiveSmallIntegerField("с какой версии", default=1)
    done_text = models.TextField("что сделано", blank=True)
    done_link = models.URLField("ссылка на результат", max_length=500, blank=True)
    files = GenericRelation(StoredFile, "owner_id", "owner_type")
    return_comment = models.TextField("что доработать", blank=True)
    removed_reason = models.CharField("почему исключено", max_length=300, blank=True)
    confirmed_by = models.ForeignKey(
        User, models.SET_NULL, verbose_name="кто подтвердил", null=True, blank=True, related_name="+"
    )
    confirmed_at = models.DateTimeField("когда подтверждено", null=True, blank=True)
    # «изменение уже осуществляется»
    in_practice_since = models.DateField("изменение осуществляется с", null=True, blank=True)
    practice_text = models.TextField("что изменилось", blank=True)
    practice_topic = models.CharField("другая тематика", max_length=200, blank=True)  # empty: the course's own

    objects = RouteItemQuerySet.as_manager()

    class Meta:
        verbose_name = "пункт маршрута"
        verbose_name_plural = "пункты маршрутов"
        ordering = ["place", "pk"]
        indexes = [
            models.Index(fields=["route", "status", "due_on"], name="item_route"),
            models.Index(fields=["completion"], name="item_completion"),
            # What waits to be checked and what is late is a small part of all items, looked for by every list.
            models.Index(fields=["route"], name="item_sent", condition=Q(status="submitted")),
            models.Index(
                fields=["due_on", "route"],
                name="item_with_teacher",
                condition=Q(status__in=("planned", "in_progress", "returned")),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="item_status_known",
                condition=Q(status__in=("planned", "in_progress", "submitted", "returned", "confirmed", "removed")),
            ),
            models.CheckConstraint(
                name="item_date_or_open_ended", condition=Q(is_open_ended=False) | Q(due_on__isnull=True)
            ),
            models.CheckConstraint(
                name="item_removed_has_reason", condition=~Q(status="removed") | ~Q(removed_reason="")
            ),
            models.CheckConstraint(
                name="item_return_has_comment", condition=~Q(status="returned") | ~Q(return_comment="")
            ),
            models.CheckConstraint(
                name="item_confirmed_at_iff_confirmed",
                condition=Q(status="confirmed", confirmed_at__isnull=False)
                | ~Q(status="confirmed") & Q(confirmed_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.activity

    def get_absolute_url(self) -> str:
        return f"{self.route.get_absolute_url()}#item-{self.pk}"

    @property
    def is_overdue(self) -> bool:
        """What is handed in waits for somebody else: it is no delay of the teacher's."""
        return self.status in self.WITH_TEACHER and self.due_on is not None and self.due_on < today()

    @property
    def is_agreed(self) -> bool:
        """Added in a version nobody has agreed yet, an item is a proposal: it is not carried out."""
        agreed = self.route.agreed_version
        return agreed is None or self.added_in <= agreed

    @property
    def is_in_practice(self) -> bool:
        return self.in_practice_since is not None


class ItemAttachment(models.Model):
    """A material of the library or an event of the calendar beside an item, or one named in words and by a link."""

    class Kind(models.TextChoices):
        MATERIAL = "material", "материал"
        EVENT = "event", "событие"

    item = models.ForeignKey(RouteItem, models.CASCADE, verbose_name="пункт", related_name="attachments")
    kind = models.CharField("вид", max_length=8, choices=Kind)
    material = models.ForeignKey(
        Material, models.SET_NULL, verbose_name="из библиотеки", null=True, blank=True, related_name="item_attachments"
    )
    event = models.ForeignKey(
        Event, models.SET_NULL, verbose_name="из календаря", null=True, blank=True, related_name="item_attachments"
    )
    title = models.CharField("название", max_length=200)
    link = models.URLField("ссылка", max_length=500, blank=True)
    on = models.DateField("дата события", null=True, blank=True)
    place = models.CharField("место", max_length=200, blank=True)

    class Meta:
        verbose_name = "приложение пункта"
        verbose_name_plural = "материалы и события пунктов"
        ordering = ["kind", "on", "pk"]
        constraints = [
            models.CheckConstraint(name="attachment_date_needs_event", condition=Q(kind="event") | Q(on__isnull=True))
        ]

    def __str__(self) -> str:
        return self.title
