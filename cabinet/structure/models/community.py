"""Communities of the regional system: municipal services, unions of teachers of a subject, professional ones."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from cabinet.core.search import key, lemmas
from cabinet.structure.models.dictionary import Subject
from cabinet.structure.models.organization import Organization
from cabinet.structure.models.territory import Municipality

MANAGERS = ("head", "methodist")  # of an organization's communities; codes, for roles live a floor above


class CommunityQuerySet(models.QuerySet["Community"]):
    """`user` is any: this floor knows of a person only what it asks of him, his roles and where he has them."""

    def visible_to(self, user: Any) -> "CommunityQuerySet":
        """Of the region, of own municipality and organization, and those one belongs to wherever they are."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        if "admin" in user.roles:
            return self.all()
        own = [one.organization_id for one in user.active_memberships] + [user.organization_id]
        schools = [pk for pk in own if pk is not None]
        near = Organization.objects.filter(pk__in=schools).values("municipality")
        return self.filter(
            Q(organization=None, municipality=None)
            | Q(organization__in=schools)
            | Q(municipality__in=near)
            | Q(municipality__in=user.own_municipalities)
            | Q(organization__municipality__in=user.own_municipalities)
            | Q(pk__in=user.communities.active().values("community"))
        )

    def governed_by(self, user: Any) -> "CommunityQuerySet":
        """Whose name, place and heads this person decides: those of a place he serves."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        if "admin" in user.roles:
            return self.all()
        schools = [one.organization_id for one in user.active_memberships if one.role in MANAGERS]
        own = user.own_municipalities
        return self.filter(
            Q(organization__in=schools) | Q(municipality__in=own) | Q(organization__municipality__in=own)
        )

    def editable_by(self, user: Any) -> "CommunityQuerySet":
        """Whose text and members this person changes: the head of a community does it too."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        headed = Q(pk__in=user.communities.active().heads().values("community"))
        return self.filter(headed | Q(pk__in=self.model.objects.governed_by(user).order_by().values("pk")))

    def acting(self) -> "CommunityQuerySet":
        return self.filter(is_active=True)

    def search(self, text: str) -> "CommunityQuerySet":
        """Every typed word, whatever its form, begins a word of the name."""
        found = self
        for word in key(text[:200]).split()[:8]:
            begins = Q()
            for one in {word, *lemmas(word)}:
                begins |= Q(name_key__startswith=one) | Q(name_key__contains=f" {one}")
            found = found.filter(begins)
        return found


class Community(models.Model):
    """A subject of the regional system (domain.md section 8); of an organization, a municipality or the region."""

    class Kind(models.TextChoices):
        MMS = "mms", "ММС"
        RUMO = "rumo", "РУМО УГС 44.00.00"
        MO = "mo", "методическое объединение"
        PROFESSIONAL = "professional", "профессиональное сообщество"

    kind = models.CharField("вид", max_length=12, choices=Kind, default=Kind.MO)
    name = models.CharField("название", max_length=300)
    name_key = models.CharField("ключ названия", max_length=300, editable=False)
    text = models.TextField("о сообществе", blank=True)
    subject = models.ForeignKey(
        Subject, models.PROTECT, verbose_name="предмет", null=True, blank=True, related_name="communities"
    )
    organization = models.ForeignKey(
        Organization, models.PROTECT, verbose_name="организация", null=True, blank=True, related_name="communities"
    )
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, verbose_name="муниципалитет", null=True, blank=True, related_name="communities"
    )
    is_active = models.BooleanField("действует", default=True)
    created_at = models.DateTimeField("добавлено", default=timezone.now, editable=False)
    updated_at = models.DateTimeField("изменено", auto_now=True)

    objects = CommunityQuerySet.as_manager()

    class Meta:
        verbose_name = "сообщество"
        verbose_name_plural = "сообщества"
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                name="community_of_one_place", condition=Q(organization=None) | Q(municipality=None)
            ),
            # A null is unlike every other one: each kind of place has a constraint of its own.
            models.UniqueConstraint(fields=["name_key", "organization"], name="community_in_organization_once"),
            models.UniqueConstraint(fields=["name_key", "municipality"], name="community_in_municipality_once"),
            models.UniqueConstraint(
                fields=["name_key"],
                condition=Q(organization=None, municipality=None),
                name="community_in_region_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_key = key(self.name)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("home:community", args=[self.pk])

    @property
    def place(self) -> str:
        """Whose it is, in words: the organization, the municipality, the region."""
        return str(self.organization or self.municipality or "весь край")
