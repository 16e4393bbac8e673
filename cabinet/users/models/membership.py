"""Roles: who is what, where, from when and until when. Rights are the union of a person's roles."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from cabinet.core.clock import today
from cabinet.structure.models import Municipality, Organization, Subject
from cabinet.users.models.role import ORGANIZATION_ROLES, Role
from cabinet.users.models.user import User


class MembershipQuerySet(models.QuerySet["Membership"]):
    def active(self, on: date | None = None) -> "MembershipQuerySet":
        """In force on the day."""
        day = on or today()
        return self.filter(Q(starts_on=None) | Q(starts_on__lte=day)).filter(Q(ends_on=None) | Q(ends_on__gte=day))


class Membership(models.Model):
    """One role of one person with its scope: an organization, a municipality, a person, or the region."""

    user = models.ForeignKey(User, models.CASCADE, verbose_name="пользователь", related_name="memberships")
    role = models.CharField("роль", max_length=10, choices=Role)
    organization = models.ForeignKey(
        Organization, models.CASCADE, verbose_name="организация", null=True, blank=True, related_name="memberships"
    )
    municipality = models.ForeignKey(
        Municipality, models.CASCADE, verbose_name="муниципалитет", null=True, blank=True, related_name="memberships"
    )
    person = models.ForeignKey(
        User, models.CASCADE, verbose_name="сопровождаемый", null=True, blank=True, related_name="mentorships"
    )
    subjects = models.ManyToManyField(
        Subject,
        verbose_name="предметы",
        blank=True,
        help_text="Для методиста ОО: отвечает только за эти предметы. Пусто — за все.",
    )
    starts_on = models.DateField("с", null=True, blank=True)
    ends_on = models.DateField("по", null=True, blank=True)
    created_at = models.DateTimeField("назначена", auto_now_add=True)

    subject_ids: frozenset[int] = frozenset()  # of `subjects`; filled by User.active_memberships alone

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = "роль"
        verbose_name_plural = "роли"
        ordering = ["user", "role", "pk"]
        constraints = [
            models.CheckConstraint(
                name="membership_scope_fits_role",
                condition=Q(
                    role__in=ORGANIZATION_ROLES,
                    organization__isnull=False,
                    municipality__isnull=True,
                    person__isnull=True,
                )
                | Q(
                    role=Role.MUNICIPAL,
                    organization__isnull=True,
                    municipality__isnull=False,
                    person__isnull=True,
                )
                | Q(role=Role.MENTOR, organization__isnull=True, municipality__isnull=True, person__isnull=False)
                | Q(
                    role__in=(Role.REGIONAL, Role.CURATOR, Role.ADMIN, Role.OBSERVER),
                    organization__isnull=True,
                    municipality__isnull=True,
                    person__isnull=True,
                ),
            ),
            models.CheckConstraint(
                name="membership_ends_after_start",
                condition=Q(ends_on=None) | Q(starts_on=None) | Q(ends_on__gte=F("starts_on")),
            ),
            models.UniqueConstraint(
                fields=["user", "role", "organization"],
                condition=Q(organization__isnull=False, ends_on=None),
                name="membership_organization_once",
            ),
            models.UniqueConstraint(
                fields=["user", "role", "municipality"],
                condition=Q(municipality__isnull=False, ends_on=None),
                name="membership_municipality_once",
            ),
            models.UniqueConstraint(
                fields=["user", "role"],
                condition=Q(organization=None, municipality=None, person=None, ends_on=None),
                name="membership_region_once",
            ),
        ]

    def __str__(self) -> str:
        scope = self.organization or self.municipality or self.person
        return f"{self.get_role_display()}{f', {scope}' if scope else ''}"

    def clean(self) -> None:
        wanted = {
            Role.HEAD: "organization",
            Role.METHODIST: "organization",
            Role.MUNICIPAL: "municipality",
            Role.MENTOR: "person",
        }.get(Role(self.role) if self.role in Role.values else Role.ADMIN)
        for field in ("organization", "municipality", "person"):
            given = getattr(self, f"{field}_id") is not None
            if field == wanted and not given:
                raise ValidationError({field: "Для этой роли укажите, где она действует."})
            if field != wanted and given:
                raise ValidationError({field: "Для этой роли поле оставьте пустым."})
