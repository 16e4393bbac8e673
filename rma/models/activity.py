"""«Работа методиста РМА»: a line per piece of work, offered by what was done, agreed by the member month by month."""

from django.contrib.auth.models import AnonymousUser
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from cabinet.structure.models import Organization
from cabinet.users.models import User
from rma.models.member import Member
from rma.models.vocabulary import Direction, Function


class ActivityQuerySet(models.QuerySet["Activity"]):
    def visible_to(self, user: User | AnonymousUser) -> "ActivityQuerySet":
        """Own lines; the municipal specialist those of his members, the admin all."""
        if not isinstance(user, User):
            return self.none()
        if "admin" in user.roles:
            return self.all()
        return self.filter(member__in=Member.objects.kept_by(user).order_by().values("pk"))

    def editable_by(self, user: User | AnonymousUser) -> "ActivityQuerySet":
        """Only the member himself says what he did."""
        return self.filter(member__user=user.pk) if isinstance(user, User) else self.none()

    def agreed(self) -> "ActivityQuerySet":
        return self.filter(state=Activity.State.AGREED)

    def offered(self) -> "ActivityQuerySet":
        return self.filter(state=Activity.State.OFFERED)


class Activity(models.Model):
    """`key` names what offered the line, so that it is offered once; of a line by hand it is the page's own mark.

    `people_count` counts everybody of a meeting once, those without a card too. `month` is the first of it.
    """

    class Kind(models.TextChoices):
        CHECKLIST = "checklist", "чек-лист РМА"
        CONSULTATION = "consultation", "консультация"
        GROUP = "group", "групповая консультация"
        ROUTE = "route", "помощь по ИОМ"
        EVENT = "event", "методическое событие"
        TRAINING = "training", "занятие на курсах"
        OTHER = "other", "другое"

    class State(models.TextChoices):
        OFFERED = "offered", "Предложена"
        AGREED = "agreed", "Согласована"
        DISMISSED = "dismissed", "Не учитывать"

    member = models.ForeignKey(Member, models.PROTECT, verbose_name="методист РМА", related_name="activities")
    on = models.DateField("когда")
    month = models.DateField("месяц", editable=False)
    kind = models.CharField("вид работы", max_length=12, choices=Kind)
    title = models.CharField("что сделано", max_length=300)
    direction = models.ForeignKey(
        Direction, models.PROTECT, verbose_name="направление", null=True, blank=True, related_name="activities"
    )
    function = models.ForeignKey(
        Function, models.PROTECT, verbose_name="функция", null=True, blank=True, related_name="activities"
    )
    people = models.ManyToManyField(User, verbose_name="с кем", blank=True, related_name="+")
    people_count = models.PositiveSmallIntegerField("сколько человек", default=0)
    organizations = models.ManyToManyField(Organization, verbose_name="организации", blank=True, related_name="+")
    hours = models.DecimalField(
        "часы",
        max_digits=4,
        decimal_places=1,
        validators=[MinValueValidator(0.5), MaxValueValidator(24)],
    )
    note = models.CharField("заметка", max_length=500, blank=True)
    source_type = models.ForeignKey(ContentType, models.SET_NULL, null=True, blank=True, related_name="+")
    source_id = models.PositiveBigIntegerField(null=True, blank=True)
    source = GenericForeignKey("source_type", "source_id")
    key = models.CharField(max_length=80, blank=True, editable=False)
    state = models.CharField("состояние", max_length=10, choices=State, default=State.OFFERED)
    revision = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField("записана", default=timezone.now, editable=False)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = "работа методиста РМА"
        verbose_name_plural = "работа методистов РМА"
        ordering = ["-on", "-pk"]
        indexes = [
            models.Index(fields=["member", "month", "state"], name="activity_member_month"),
            # All that the statistics read of a line, without reading the line.
            models.Index(
                fields=["state", "month"],
                include=["on", "direction", "function", "member", "hours", "people_count"],
                name="activity_statistics",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["member", "key"], condition=~Q(key=""), name="activity_offered_once"),
            models.CheckConstraint(
                name="activity_agreed_is_complete",
                condition=~Q(state="agreed") | Q(direction__isnull=False, function__isnull=False),
            ),
            models.CheckConstraint(name="activity_has_hours", condition=Q(hours__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.on:%d.%m.%Y} — {self.title}"

    def save(self, *args: object, **kwargs: object) -> None:
        self.month = self.on.replace(day=1)
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    @property
    def is_complete(self) -> bool:
        """Whether it can be agreed as it is."""
        return self.direction_id is not None and self.function_id is not None


class AgreedMonth(models.Model):
    """The member has looked through the month: its lines count from now on and change no more."""

    member = models.ForeignKey(Member, models.CASCADE, verbose_name="методист РМА", related_name="agreed_months")
    month = models.DateField("месяц")
    agreed_at = models.DateTimeField("согласован", default=timezone.now)

    class Meta:
        verbose_name = "согласованный месяц"
        verbose_name_plural = "согласованные месяцы"
        ordering = ["-month"]
        constraints = [models.UniqueConstraint(fields=["member", "month"], name="agreed_month_once")]

    def __str__(self) -> str:
        return f"{self.member}: {self.month:%m.%Y}"
