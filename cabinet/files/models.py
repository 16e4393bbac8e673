"""Uploads and results, kept outside the web root under random names."""

import secrets

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.urls import reverse


def new_public_id() -> str:
    return secrets.token_urlsafe(16)


def random_path(instance: "StoredFile", filename: str) -> str:
    """Two levels of folders and a random name: the name on disk tells nothing."""
    name = secrets.token_hex(16)
    return f"{name[:2]}/{name[2:]}"


class StoredFile(models.Model):
    """A file and its owner; who may fetch it is asked of the owner's own `visible_to` at every fetch."""

    public_id = models.CharField(max_length=32, unique=True, default=new_public_id, editable=False)
    file = models.FileField("файл", upload_to=random_path, max_length=120)
    name = models.CharField("имя файла", max_length=200)
    content_type = models.CharField("вид", max_length=100)
    size = models.PositiveBigIntegerField("размер, байт")
    owner_type = models.ForeignKey(ContentType, models.CASCADE, null=True, related_name="+")
    owner_id = models.PositiveBigIntegerField(null=True)
    owner = GenericForeignKey("owner_type", "owner_id")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name="кто загрузил", null=True, related_name="+"
    )
    created_at = models.DateTimeField("когда", auto_now_add=True)

    class Meta:
        verbose_name = "файл"
        verbose_name_plural = "файлы"
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["owner_type", "owner_id"], name="file_owner")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("files:download", args=[self.public_id])
