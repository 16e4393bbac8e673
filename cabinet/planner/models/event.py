"""Methodical events: what people come together for, who runs them, and who may know of them."""

from datetime import time

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.core.words import long_date
from cabinet.structure.models import Municipality, Organization
from cabinet.users.models import User
from cabinet.users.scope import NOTHING, scope_q


class EventQuerySet(models.QuerySet["Event"]):
    def visible_to(self, user: User | AnonymousUser) -> "EventQuerySet":
        """Of the region, of own municipality and organization, and those one runs; the observer reads no rows."""
        if not isinstance(user, User):
            return self.none()
        if "admin" in user.roles:
            return self.all()
        return self.filter(_audience_q(user) | _run_q(user))

    def editable_by(self, user: User | AnonymousUser) -> "EventQuerySet":
        if not isinstance(user, User):
            return self.none()
        return self.all() if "admin" in user.roles else self.filter(author=user)

    def run_by(self, user: User | AnonymousUser) -> "EventQuerySet":
        """Those one answers for himself: as the author, or as one of the leaders."""
        return self.filter(_run_q(user)) if isinstance(user, User) else self.none()

    def fillable_by(self, user: User | AnonymousUser) -> "EventQuerySet":
        """Coming events whose programme one may fill: run by himself, or of a scope he serves."""
        if not isinstance(user, User):
            return self.none()
        school = scope_q(user, organization="organization")
        place = scope_q(user, organization="organization", municipality="municipality")
        return self.ahead().filter(school | place | _run_q(user), is_cancelled=False)

    def ahead(self) -> "EventQuerySet":
        return self.filter(on__gte=today())

    def past(self) -> "EventQuerySet":
        return self.filter(on__lt=today())

    def with_names(self) -> "EventQuerySet":
        return self.select_related("author", "organization", "municipality")


def _run_q(user: User) -> Q:
    # A subquery, not a join: an event with three leaders is one event.
    led = Event.leaders.through.objects.filter(user=user).values("event")
    return Q(author=user) | Q(pk__in=led)


def _audience_q(user: User) -> Q:
    """Whom an event is for, by where the person works and what he serves."""
    if "observer" in user.roles and user.roles <= {"observer", "teacher"}:
        return NOTHING
    own = [one.organization_id for one in user.active_memberships] + [user.organization_id]
    schools = [pk for pk in own if pk is not None]
    of_schools = Organization.objects.filter(pk__in=schools).values("municipality")
    return (
        Q(scope=Event.Scope.REGION)
        | Q(organization__in=schools)
        | Q(municipality__in=of_schools)
        | Q(municipality__in=user.own_municipalities)
        | scope_q(user, organization="organization")
    )


class Event(models.Model):
    """`version` rises with every edit; `changed_at` moves when day, hour or place do, or the event is called off.

    Whoever told people of an event finds by `changed_at` that he has to tell them anew.
    """

    class Kind(models.TextChoices):
        # The first seven are the forms a municipal record names, code for code.
        MO = "mo", "заседание МО"
        SEMINAR = "seminar", "семинар"
        WORKSHOP = "workshop", "мастер-класс"
        OPEN_LESSON = "open_lesson", "открытый урок (занятие)"
        CONFERENCE = "conference", "конференция"
        CONTEST = "contest", "профессиональный конкурс"
        PUBLICATION = "publication", "публикация опыта"
        CONSULTATION = "consultation", "консультация"
        OTHER = "other", "другое событие"

    class Scope(models.TextChoices):
        ORGANIZATION = "organization", "институциональный"
        MUNICIPALITY = "municipality", "муниципальный"
        REGION = "region", "региональный"

    kind = models.CharField("вид", max_length=12, choices=Kind, default=Kind.SEMINAR)
    title = models.CharField("название", max_length=300)
    on = models.DateField("день")
    starts_at = models.TimeField("начало", null=True, blank=True)
    ends_at = models.TimeField("окончание", null=True, blank=True)
    place = models.CharField("место", max_length=300, blank=True)
    link = models.URLField("ссылка", max_length=500, blank=True)
    text = models.TextField("о событии", blank=True)
    scope = models.CharField("уровень", max_length=12, choices=Scope)
    organization = models.ForeignKey(
        Organization, models.PROTECT, verbose_name="организация", null=True, blank=True, related_name="events"
    )
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, verbose_name="муниципалитет", null=True, blank=True, related_name="events"
    )
    author = models.ForeignKey(User, models.PROTECT, verbose_name="кто внёс", related_name="authored_events")
    leaders = models.ManyToManyField(User, verbose_name="кто проводит", related_name="led_events", blank=True)
    is_cancelled = models.BooleanField("отменено", default=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    changed_at = models.DateTimeField("день или место изменены", default=timezone.now, editable=False)
    created_at = models.DateTimeField("внесено", default=timezone.now, editable=False)
    updated_at = models.DateTimeField("изменено", auto_now=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = "методическое событие"
        verbose_name_plural = "методические события"
        ordering = ["on", "starts_at", "pk"]
        indexes = [models.Index(fields=["on", "id"], name="event_on")]
        constraints = [
            models.CheckConstraint(
                name="event_scope_has_its_place",
                condition=Q(scope="organization", organization__isnull=False, municipality=None)
                | Q(scope="municipality", organization=None, municipality__isnull=False)
                | Q(scope="region", organization=None, municipality=None),
            ),
            models.CheckConstraint(
                name="event_ends_after_it_starts", condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} «{self.title}»"

    def get_absolute_url(self) -> str:
        return reverse("planner:event", args=[self.pk])

    @property
    def is_past(self) -> bool:
        return self.on < today()

    @property
    def has_come(self) -> bool:
        """From its day on one may say how it went."""
        return self.on <= today()

    @property
    def hours(self) -> str:
        """«14:00–15:30», «14:00», or nothing."""
        return "–".join(f"{one:%H:%M}" for one in (self.starts_at, self.ends_at) if isinstance(one, time))

    @property
    def when(self) -> str:
        """«12 марта 2026, 14:00–15:30»."""
        return ", ".join(one for one in (long_date(self.on), self.hours) if one)

    @property
    def audience(self) -> str:
        """For whom it is, in words: the organization, the municipality, the region."""
        return str(self.organization or self.municipality or "весь край")
