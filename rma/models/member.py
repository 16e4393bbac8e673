"""The roster card of a regional methodist."""

from datetime import date

from django.contrib.auth.models import AnonymousUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, Count, Exists, OuterRef, Q, Subquery, When
from django.urls import reverse
from django.utils import timezone

from cabinet.structure.models import Subject
from cabinet.users.models import User
from rma.models.indicator import Indicator
from rma.models.status import Status, StatusChange
from rma.models.vocabulary import Direction, Function, MemberRole

# Whose work brings him to members: they may read cards whose owner has agreed to it.
READERS = frozenset({"head", "methodist", "mentor", "regional", "municipal", "curator", "admin"})
OPEN_REQUESTS = ("sent", "proposed", "accepted")  # Request.OPEN, which stands above this module


class MemberQuerySet(models.QuerySet["Member"]):
    def visible_to(self, user: User | AnonymousUser) -> "MemberQuerySet":
        """Own card, those one keeps, and cards whose owners have agreed to be seen by colleagues."""
        if not isinstance(user, User):
            return self.none()
        if "admin" in user.roles:
            return self.all()
        shown = Q(status=Member.Status.ACTIVE) & ~Q(shown_at=None) if user.roles & READERS else Q(pk__in=())
        return self.filter(Q(user=user.pk) | _of_own_municipality(user) | shown)

    def kept_by(self, user: User | AnonymousUser) -> "MemberQuerySet":
        """Whose whole card this person reads, with orders and proofs: own, of own municipality, the admin all."""
        if not isinstance(user, User):
            return self.none()
        if "admin" in user.roles:
            return self.all()
        return self.filter(Q(user=user.pk) | _of_own_municipality(user))

    def editable_by(self, user: User | AnonymousUser) -> "MemberQuerySet":
        """The roster is the institute's."""
        return self.all() if isinstance(user, User) and "admin" in user.roles else self.none()

    def available(self) -> "MemberQuerySet":
        """Who may be asked at all."""
        return self.filter(status=Member.Status.ACTIVE, user__is_active=True)

    def with_load(self) -> "MemberQuerySet":
        """Adds `load`: accepted and unfinished requests plus those waiting for an answer."""
        return self.annotate(load=Count("requests", filter=Q(requests__status__in=OPEN_REQUESTS)))

    def in_status_on(self, day: date, *statuses: str) -> "MemberQuerySet":
        """As the roster stood on the day, by the orders."""
        last = StatusChange.objects.filter(member=OuterRef("pk"), on__lte=day).order_by("-on", "-pk")
        return self.annotate(status_then=Subquery(last.values("status")[:1])).filter(status_then__in=statuses)

    def with_indicators(self, day: date) -> "MemberQuerySet":
        """Adds `has_education`, `has_experience`, `has_category`, `has_assessment`: met on the day, true or false."""
        return self.annotate(
            **{
                f"has_{kind}": Exists(Indicator.objects.met(kind, day, OuterRef("pk")))
                for kind in Indicator.Kind.values
            }
        ).annotate(met=sum(Case(When(**{f"has_{kind}": True}, then=1), default=0) for kind in Indicator.Kind.values))


def _of_own_municipality(user: User) -> Q:
    return Q(user__organization__municipality__in=user.own_municipalities)


class Member(models.Model):
    """Who and where he is stands on the person's own card; here is what he does in the group."""

    Status = Status
    WORKING = (Status.ACTIVE, Status.SUSPENDED)  # suspended, one is asked no more and finishes what one has

    load: int  # open requests; only on rows of with_load()
    has_education: bool  # these five only on rows of with_indicators()
    has_experience: bool
    has_category: bool
    has_assessment: bool
    met: int

    user = models.OneToOneField(User, models.PROTECT, verbose_name="человек", related_name="rma_member")
    subjects = models.ManyToManyField(Subject, verbose_name="предметы", blank=True)
    roles = models.ManyToManyField(MemberRole, verbose_name="роли", blank=True, related_name="members")
    functions = models.ManyToManyField(Function, verbose_name="функции", blank=True, related_name="members")
    directions = models.ManyToManyField(Direction, verbose_name="направления", blank=True, related_name="members")
    status = models.CharField("состояние", max_length=10, choices=Status, default=Status.ACTIVE, editable=False)
    case_limit = models.PositiveSmallIntegerField(
        "предел одновременных запросов", default=5, validators=[MinValueValidator(1), MaxValueValidator(50)]
    )
    shown_at = models.DateTimeField("согласие показывать карточку", null=True, blank=True, editable=False)
    note = models.CharField("заметка", max_length=300, blank=True)
    revision = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField("добавлен", default=timezone.now, editable=False)
    updated_at = models.DateTimeField("изменено", auto_now=True)

    objects = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = "методист РМА"
        verbose_name_plural = "методисты РМА"
        ordering = ["user__last_name", "user__first_name", "pk"]
        indexes = [models.Index(fields=["status"], name="member_status")]
        constraints = [models.CheckConstraint(name="member_limit_not_zero", condition=Q(case_limit__gte=1))]

    def __str__(self) -> str:
        return self.user.full_name

    def get_absolute_url(self) -> str:
        return reverse("rma:member", args=[self.pk])

    @property
    def is_shown(self) -> bool:
        return self.shown_at is not None

    @property
    def is_available(self) -> bool:
        return self.status == self.Status.ACTIVE and self.user.is_active
