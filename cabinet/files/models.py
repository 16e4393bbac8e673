"""Uploads and results, kept outside the web root under random names."""

import secrets

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.urls import reverse

from cabinet.core.owed import Owed, OwedQuerySet


def new_public_id() -> str:
    return secrets.token_urlsafe(16)


def random_path(instance: models.Model, filename: str) -> str:
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

    @property
    def ordered_preview(self) -> "Preview | None":
        """Files that cannot be drawn, and those older than previews, have none."""
        return getattr(self, "preview", None)


class Preview(Owed):
    """The order to draw a file; once it is finished, its pages, or `pages_total` 0 if it could not be drawn."""

    DRAWN = 5  # pages, at most

    stored = models.OneToOneField(StoredFile, models.CASCADE, verbose_name="файл", related_name="preview")
    pages_total = models.PositiveIntegerField("страниц в файле", default=0)

    objects = OwedQuerySet.as_manager()

    class Meta:
        verbose_name = "предпросмотр"
        verbose_name_plural = "предпросмотры"
        indexes = [models.Index(fields=["due_at"], condition=Q(finished_at=None), name="preview_owed")]

    def __str__(self) -> str:
        return f"Предпросмотр файла «{self.stored}»"

    @property
    def numbers(self) -> range:
        """Of the pages that were drawn: the first few of the file."""
        return range(1, min(self.pages_total, self.DRAWN) + 1)

    @property
    def has_failed(self) -> bool:
        return self.finished_at is not None and self.pages_total == 0


class PreviewPage(models.Model):
    """One page as pictures of our own making: what stood in the file besides its pixels is gone."""

    preview = models.ForeignKey(Preview, models.CASCADE, verbose_name="предпросмотр", related_name="pages")
    number = models.PositiveSmallIntegerField("страница")
    file = models.FileField("картинка", upload_to=random_path, max_length=120)
    small = models.FileField("маленькая картинка", upload_to=random_path, max_length=120)
    width = models.PositiveIntegerField("ширина")
    height = models.PositiveIntegerField("высота")

    class Meta:
        verbose_name = "страница предпросмотра"
        verbose_name_plural = "страницы предпросмотра"
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["preview", "number"], name="preview_page_once")]

    def __str__(self) -> str:
        return f"Страница {self.number}"
