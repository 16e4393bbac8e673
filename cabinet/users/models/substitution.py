"""Handing over for a period: who does a person's work while he is on leave."""

from datetime import date

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.users.models.role import Role
from cabinet.users.models.user import User


class SubstitutionQuerySet(models.QuerySet["Substitution"]):
    def active(self, on: date | None = None) -> "SubstitutionQuerySet":
        day = on or today()
        return self.filter(cancelled_at=None, starts_on__lte=day, ends_on__gte=day)

    def for_school(self) -> "SubstitutionQuerySet":
        """Those whose deputies do the school's work: of a pair the one written down last."""
        return self.exclude(Exists(_twins().filter(pk__gt=OuterRef("pk"))))

    def for_rma(self) -> "SubstitutionQuerySet":
        """Those whose deputies do the work of РМА: of a pair the one written down first."""
        return self.exclude(Exists(_twins().filter(pk__lt=OuterRef("pk"))))

    def visible_to(self, user: User | AnonymousUser) -> "SubstitutionQuerySet":
        """Own, either way; a head those of his organization, a municipal specialist of his municipality."""
        if not isinstance(user, User):
            return self.none()
        if "admin" in user.roles:
            return self.all()
        scope = Q(person=user) | Q(deputy=user)
        heads = [one.organization_id for one in user.active_memberships if one.role == Role.HEAD]
        municipal = user.own_municipalities
        scope |= Q(person__organization__in=heads) | Q(person__organization__municipality__in=municipal)
        return self.filter(scope)


def _twins() -> SubstitutionQuerySet:
    """Inside a query over substitutions: those agreed on together with the outer one."""
    return Substitution.objects.order_by().filter(**{name: OuterRef(name) for name in TOGETHER})


# A methodist who is a member of РМА as well may have two deputies; their rows were written at the same moment.
TOGETHER = ("person", "created_at", "starts_on", "ends_on")


class Substitution(models.Model):
    """Within the period, both ends included, the deputy answers for what the person answers for.

    Two rows agreed on together are a pair: the first deputy does the work of РМА, the second that of the school.
    """

    person = models.ForeignKey(User, models.CASCADE, verbose_name="кого замещают", related_name="substitutions")
    deputy = models.ForeignKey(User, models.CASCADE, verbose_name="кто замещает", related_name="deputizes")
    starts_on = models.DateField("с")
    ends_on = models.DateField("по")
    reason = models.CharField("причина", max_length=200, blank=True)
    author = models.ForeignKey(User, models.SET_NULL, verbose_name="кто назначил", null=True, related_name="+")
    cancelled_at = models.DateTimeField("отменено", null=True, blank=True)
    created_at = models.DateTimeField("назначено", default=timezone.now, editable=False)

    objects = SubstitutionQuerySet.as_manager()

    class Meta:
        verbose_name = "замещение"
        verbose_name_plural = "замещения"
        ordering = ["-starts_on", "-pk"]
        indexes = [models.Index(fields=["starts_on", "ends_on"], name="substitution_period")]
        constraints = [
            models.CheckConstraint(name="substitution_ends_after_start", condition=Q(ends_on__gte=F("starts_on"))),
            models.CheckConstraint(name="substitution_by_another", condition=~Q(person=F("deputy"))),
        ]

    def __str__(self) -> str:
        return f"{self.person.short_name} → {self.deputy.short_name}, {self.starts_on:%d.%m.%Y}–{self.ends_on:%d.%m.%Y}"

    @property
    def together(self) -> SubstitutionQuerySet:
        """This row, and the other one of its pair."""
        return Substitution.objects.filter(**{name: getattr(self, name) for name in TOGETHER}).order_by("pk")
