"""Templates of routes: own, of the organization, of the region; each with its versions."""

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from cabinet.structure.models import Organization, Subject
from cabinet.users.models import Role, User


class TemplateQuerySet(models.QuerySet["RouteTemplate"]):
    def visible_to(self, user: User | AnonymousUser) -> "TemplateQuerySet":
        """The region's, those of the organizations one belongs to or works for, and own ones."""
        if not isinstance(user, User):
            return self.none()
        if "admin" in user.roles:
            return self.exclude(~Q(owner=user), scope=RouteTemplate.Scope.OWN)
        at = {one.organization_id for one in user.active_memberships} | {user.organization_id}
        return self.filter(
            Q(scope=RouteTemplate.Scope.REGION)
            | Q(scope=RouteTemplate.Scope.ORGANIZATION, organization__in=at - {None})
            | Q(owner=user)
        )

    def editable_by(self, user: User | AnonymousUser) -> "TemplateQuerySet":
        """Own ones; of an organization its methodist and head; of the region the admin."""
        if not isinstance(user, User):
            return self.none()
        at = [one.organization_id for one in user.active_memberships if one.role in (Role.METHODIST, Role.HEAD)]
        found = Q(scope=RouteTemplate.Scope.OWN, owner=user)
        found |= Q(scope=RouteTemplate.Scope.ORGANIZATION, organization__in=at)
        if "admin" in user.roles:
            found |= ~Q(scope=RouteTemplate.Scope.OWN)
        return self.filter(found)

    def in_use(self) -> "TemplateQuerySet":
        return self.filter(retired_at=None)


class RouteTemplate(models.Model):
    class Scope(models.TextChoices):
        OWN = "own", "мой"
        ORGANIZATION = "organization", "организации"
        REGION = "region", "региона"

    scope = models.CharField("чей", max_length=12, choices=Scope, default=Scope.OWN)
    owner = models.ForeignKey(User, models.PROTECT, verbose_name="кто составил", related_name="+")
    organization = models.ForeignKey(
        Organization, models.CASCADE, verbose_name="организация", null=True, blank=True, related_name="+"
    )
    title = models.CharField("название", max_length=200)
    subject = models.ForeignKey(
        Subject, models.SET_NULL, verbose_name="предмет", null=True, blank=True, related_name="+"
    )
    deficit = models.CharField("дефицит", max_length=300, blank=True)
    note = models.CharField("для кого и зачем", max_length=500, blank=True)
    version = models.PositiveSmallIntegerField("версия", default=1)
    retired_at = models.DateTimeField("больше не предлагается", null=True, blank=True)
    created_at = models.DateTimeField("создан", default=timezone.now, editable=False)

    objects = TemplateQuerySet.as_manager()

    class Meta:
        verbose_name = "шаблон маршрута"
        verbose_name_plural = "шаблоны маршрутов"
        ordering = ["title", "pk"]
        constraints = [
            models.CheckConstraint(
                name="template_organization_iff_its",
                condition=Q(scope="organization", organization__isnull=False)
                | ~Q(scope="organization") & Q(organization=None),
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("iom:template", args=[self.pk])


class TemplateVersion(models.Model):
    """`content` has the shape of a snapshot without people: aim, deficits, goals, items with days from the start."""

    template = models.ForeignKey(RouteTemplate, models.CASCADE, verbose_name="шаблон", related_name="versions")
    number = models.PositiveSmallIntegerField("версия", default=1)
    content = models.JSONField("содержание")
    author = models.ForeignKey(User, models.SET_NULL, verbose_name="кто", null=True, related_name="+")
    created_at = models.DateTimeField("когда", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "версия шаблона"
        verbose_name_plural = "версии шаблонов"
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["template", "number"], name="template_version_once")]

    def __str__(self) -> str:
        return f"{self.template}, версия {self.number}"
