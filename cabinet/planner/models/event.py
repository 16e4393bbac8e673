"""Methodical events: what people come together for, who runs them, and who may know of them."""

from datetime import time
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.core.search import stored_words, with_words
from cabinet.core.words import long_date
from cabinet.library.models import Material
from cabinet.structure.models import Community, Municipality, Organization
from cabinet.users.models import User
from cabinet.users.scope import NOTHING, scope_q


class EventQuerySet(models.QuerySet["Event"]):
    def visible_to(self, user: User | AnonymousUser) -> "EventQuerySet":
        """Of the region, of own municipality, organization and communities, those one runs and is invited to.

        A personal event is its author's and his guests', the administrator's no more than anybody's. The observer
        reads no rows.
        """
        if not isinstance(user, User):
            return self.none()
        near = _run_q(user) | Q(pk__in=Participation.objects.filter(person=user).values("event"))
        if "admin" in user.roles:
            return self.filter(~Q(scope=Event.Scope.PERSONAL) | near)
        return self.filter(_audience_q(user) | near)

    def editable_by(self, user: User | AnonymousUser) -> "EventQuerySet":
        if not isinstance(user, User):
            return self.none()
        own = _author_q(user)
        return self.filter(own | ~Q(scope=Event.Scope.PERSONAL)) if "admin" in user.roles else self.filter(own)

    def run_by(self, user: User | AnonymousUser) -> "EventQuerySet":
        """Those one answers for himself: as the author who still serves there, or as one of the leaders."""
        return self.filter(_run_q(user)) if isinstance(user, User) else self.none()

    def kept_by(self, user: User | AnonymousUser) -> "EventQuerySet":
        """Those whose guests one sees, invites and marks: run by himself; of the administrator all but personal."""
        if not isinstance(user, User):
            return self.none()
        own = _run_q(user)
        return self.filter(own | ~Q(scope=Event.Scope.PERSONAL)) if "admin" in user.roles else self.filter(own)

    def fillable_by(self, user: User | AnonymousUser) -> "EventQuerySet":
        """Coming events whose programme one may fill: run by himself, or of a scope he serves."""
        if not isinstance(user, User):
            return self.none()
        school = scope_q(user, organization="organization")
        place = scope_q(user, organization="organization", municipality="municipality")
        found = self.ahead().filter(school | place | _run_q(user), is_cancelled=False)
        return found.exclude(scope=Event.Scope.PERSONAL)

    def ahead(self) -> "EventQuerySet":
        return self.filter(on__gte=today())

    def past(self) -> "EventQuerySet":
        return self.filter(on__lt=today())

    def search(self, text: str) -> "EventQuerySet":
        """Every typed word, whatever its form, begins a word of the title, the text or the place."""
        return with_words(self, text)

    def with_names(self) -> "EventQuerySet":
        return self.select_related("author", "organization", "municipality", "community")


def _run_q(user: User) -> Q:
    # A subquery, not a join: an event with three leaders is one event.
    led = Event.leaders.through.objects.filter(user=user).values("event")
    return _author_q(user) | Q(pk__in=led)


def _author_q(user: User) -> Q:
    """Put in by himself, while he serves the place or heads the community: who left his post runs nothing there."""
    own = Q(author=user)
    heads = user.communities.active().heads().values("community")
    serves = scope_q(user, organization="organization", municipality="municipality")
    serves |= scope_q(user, organization="organization") | Q(community__in=heads) | Q(scope=Event.Scope.PERSONAL)
    if user.roles & {"admin", "regional"}:
        serves |= Q(scope=Event.Scope.REGION)
    return own & serves


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
        | Q(community__in=user.communities.active().values("community"))
    )


class EventSeries(models.Model):
    """A repeated event: each time is an event of its own, made when the series is; `until` is the last possible day."""

    class Every(models.TextChoices):
        WEEK = "week", "каждую неделю"
        TWO_WEEKS = "two_weeks", "раз в две недели"
        MONTH = "month", "каждый месяц, в тот же день недели"

    every = models.CharField("как часто", max_length=9, choices=Every)
    until = models.DateField("по какой день")
    author = models.ForeignKey(User, models.PROTECT, verbose_name="кто внёс", related_name="+")
    created_at = models.DateTimeField("внесено", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "повторяющееся событие"
        verbose_name_plural = "повторяющиеся события"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.get_every_display()} по {self.until:%d.%m.%Y}"


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
        PERSONAL = "personal", "личное"
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
    community = models.ForeignKey(
        Community, models.SET_NULL, verbose_name="сообщество", null=True, blank=True, related_name="events"
    )
    series = models.ForeignKey(
        EventSeries, models.SET_NULL, verbose_name="повторяется", null=True, blank=True, related_name="events"
    )
    materials = models.ManyToManyField(Material, verbose_name="материалы", related_name="events", blank=True)
    has_registration = models.BooleanField("нужна запись", default=False)
    registers_until = models.DateField("запись по", null=True, blank=True)
    seats = models.PositiveIntegerField("мест", null=True, blank=True, help_text="Пусто — без ограничения.")
    words = models.TextField(editable=False, blank=True)  # lemmas, each with a space before: for finding word forms
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
                | Q(scope__in=("region", "personal"), organization=None, municipality=None),
            ),
            models.CheckConstraint(
                name="event_ends_after_it_starts", condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"«{self.title}»" if self.says_its_kind else f"{self.get_kind_display()} «{self.title}»"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.words = stored_words(self.title, self.text, self.place)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("planner:event", args=[self.pk])

    @property
    def says_its_kind(self) -> bool:
        """«Семинар по оцениванию»: the kind before such a title would be said twice."""
        return self.title.casefold().startswith(self.get_kind_display().casefold())

    @property
    def is_past(self) -> bool:
        return self.on < today()

    @property
    def has_come(self) -> bool:
        """From its day on one may say how it went."""
        return self.on <= today()

    @property
    def has_begun(self) -> bool:
        """Nobody says any more whether he will come."""
        now = timezone.localtime()
        if self.on != now.date() or not isinstance(self.starts_at, time):
            return self.on < now.date()
        return self.starts_at <= now.time()

    @property
    def is_open(self) -> bool:
        return not self.is_cancelled and not self.has_begun

    @property
    def takes_registrations(self) -> bool:
        """May one come without having been invited?"""
        return self.has_registration and self.is_open and today() <= (self.registers_until or self.on)

    @property
    def hours(self) -> str:
        """«14:00–15:30», «14:00», or nothing."""
        return "–".join(f"{one:%H:%M}" for one in (self.starts_at, self.ends_at) if isinstance(one, time))

    @property
    def when(self) -> str:
        """«12 марта 2026, 14:00–15:30»."""
        return ", ".join(one for one in (long_date(self.on), self.hours) if one)

    @property
    def log_name(self) -> str:
        """In the log: what a personal event is about is nobody else's business."""
        return "личное событие" if self.scope == self.Scope.PERSONAL else str(self)

    @property
    def audience(self) -> str:
        """For whom it is, in words: the organization, the municipality, the region, oneself."""
        if self.scope == self.Scope.PERSONAL:
            return "личное"
        return str(self.organization or self.municipality or "весь край")


class ParticipationQuerySet(models.QuerySet["Participation"]):
    def visible_to(self, user: User | AnonymousUser) -> "ParticipationQuerySet":
        """One's own, and those of events one runs or edits: a list of guests is not for the other guests."""
        if not isinstance(user, User):
            return self.none()
        run = Event.objects.run_by(user).order_by().values("pk")
        own = Q(person=user) | Q(event__in=run)
        if "admin" in user.roles:
            own |= ~Q(event__scope=Event.Scope.PERSONAL)
        return self.filter(own)

    def standing(self) -> "ParticipationQuerySet":
        """Without second cards closed by a merge: the same person is counted once."""
        return self.filter(person__merged_into=None)

    def coming(self) -> "ParticipationQuerySet":
        return self.filter(state=Participation.State.COMING)

    def unanswered(self) -> "ParticipationQuerySet":
        return self.filter(state=Participation.State.INVITED)


class Participation(models.Model):
    """A person and an event: invited by somebody or registered by himself, and whether he came."""

    class State(models.TextChoices):
        INVITED = "invited", "приглашён"
        COMING = "coming", "придёт"
        DECLINED = "declined", "не придёт"
        WAITING = "waiting", "в листе ожидания"

    event = models.ForeignKey(Event, models.CASCADE, verbose_name="событие", related_name="participations")
    person = models.ForeignKey(User, models.CASCADE, verbose_name="участник", related_name="participations")
    state = models.CharField("придёт ли", max_length=8, choices=State, default=State.INVITED)
    invited_by = models.ForeignKey(
        User, models.SET_NULL, verbose_name="кто пригласил", null=True, blank=True, related_name="+"
    )
    attended = models.BooleanField("был(а)", null=True, blank=True)
    marked_by = models.ForeignKey(
        User, models.SET_NULL, verbose_name="кто отметил", null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField("когда ответил(а)", null=True, blank=True)
    created_at = models.DateTimeField("добавлен", default=timezone.now, editable=False)

    objects = ParticipationQuerySet.as_manager()

    class Meta:
        verbose_name = "участие в событии"
        verbose_name_plural = "участие в событиях"
        ordering = ["event", "created_at", "pk"]
        indexes = [models.Index(fields=["person", "state"], name="participation_person")]
        constraints = [models.UniqueConstraint(fields=["event", "person"], name="participation_once")]

    def __str__(self) -> str:
        return f"{self.person.short_name}: {self.event}"

    @property
    def was_invited(self) -> bool:
        return self.invited_by_id is not None or self.state == self.State.INVITED
