"""Collections: materials put together under one heading, for oneself or for everybody."""

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from cabinet.library.models.material import Material
from cabinet.users.models import User


class CollectionQuerySet(models.QuerySet["Collection"]):
    def visible_to(self, user: User | AnonymousUser) -> "CollectionQuerySet":
        if not isinstance(user, User):
            return self.none()
        return self.filter(Q(is_public=True) | Q(owner=user))

    def editable_by(self, user: User | AnonymousUser) -> "CollectionQuerySet":
        """One's own; those for everybody are the keeper's too."""
        if not isinstance(user, User):
            return self.none()
        return self.filter(Q(owner=user) | Q(is_public=True)) if "admin" in user.roles else self.filter(owner=user)


class Collection(models.Model):
    title = models.CharField("название", max_length=200)
    text = models.TextField("для чего", blank=True)
    owner = models.ForeignKey(
        User, models.SET_NULL, verbose_name="кто собрал", null=True, blank=True, related_name="collections"
    )
    is_public = models.BooleanField("видна всем", default=False)
    materials = models.ManyToManyField(Material, through="CollectionItem", related_name="collections")
    created_at = models.DateTimeField("создана", default=timezone.now, editable=False)
    updated_at = models.DateTimeField("изменена", auto_now=True)

    objects = CollectionQuerySet.as_manager()

    class Meta:
        verbose_name = "подборка"
        verbose_name_plural = "подборки"
        ordering = ["title", "pk"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("library:collection", args=[self.pk])


class CollectionItem(models.Model):
    collection = models.ForeignKey(Collection, models.CASCADE, verbose_name="подборка", related_name="items")
    material = models.ForeignKey(Material, models.CASCADE, verbose_name="материал", related_name="collection_items")
    place = models.PositiveIntegerField("место", default=0)
    note = models.CharField("пояснение", max_length=300, blank=True)

    class Meta:
        verbose_name = "материал подборки"
        verbose_name_plural = "материалы подборок"
        ordering = ["place", "pk"]
        constraints = [models.UniqueConstraint(fields=["collection", "material"], name="collection_item_once")]

    def __str__(self) -> str:
        return f"{self.collection}: {self.material}"
