"""Ordered exports: the file belongs to the order, and the order to one person with the rights of its day."""

from hashlib import sha256

from django.contrib.auth.models import AnonymousUser
from django.db import models

from cabinet.jobs.models import Job
from cabinet.users.models import User
from registry.models.entry import READERS


def scope_key(user: User) -> str:
    """What the person may read, as a key: it changes with any of his roles in the registry, borrowed ones too."""
    if "admin" in user.roles:
        return sha256(b"admin").hexdigest()
    parts = sorted(
        f"{one.role}:{one.organization_id}:{one.municipality_id}:{sorted(one.subject_ids)}"
        for one in (*user.active_memberships, *user.deputized_memberships)
        if one.role in READERS
    )
    return sha256("|".join(parts).encode()).hexdigest()


class ExportQuerySet(models.QuerySet["Export"]):
    def visible_to(self, user: User | AnonymousUser) -> "ExportQuerySet":
        """Own exports, as long as the roles they were made under stand: the file holds what those roles showed."""
        if not isinstance(user, User) or not user.roles & READERS:
            return self.none()
        return self.filter(owner=user, scope=scope_key(user))


class Export(models.Model):
    """`query`: the filters as in the address; `filters`: the same in words, [[label, value], …]."""

    job = models.OneToOneField(Job, models.CASCADE, verbose_name="работа", related_name="+")
    owner = models.ForeignKey(User, models.CASCADE, verbose_name="кто заказал", related_name="+")
    scope = models.CharField(max_length=64, editable=False)
    query = models.TextField("фильтры адреса", blank=True)
    filters = models.JSONField("фильтры", default=list, blank=True)
    rows = models.PositiveIntegerField("строк", null=True)
    created_at = models.DateTimeField("заказана", auto_now_add=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        verbose_name = "выгрузка реестра"
        verbose_name_plural = "выгрузки реестра"
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["owner", "-created_at"], name="export_owner")]

    def __str__(self) -> str:
        return f"Выгрузка реестра от {self.created_at:%d.%m.%Y}"
