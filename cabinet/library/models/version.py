"""What a reader opens: a file, a link or a text; a former one stays readable for the author and the keeper."""

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from cabinet.files.models import StoredFile
from cabinet.library.models.material import Material
from cabinet.users.models import User


class MaterialVersionQuerySet(models.QuerySet["MaterialVersion"]):
    def visible_to(self, user: User | AnonymousUser) -> "MaterialVersionQuerySet":
        """The one in the library for whoever may read the material; others for its author and the keeper."""
        if not isinstance(user, User):
            return self.none()
        if "admin" in user.roles:
            return self.all()
        return self.filter(
            Q(material__owner=user) | Q(material__state=Material.State.PUBLISHED, material__current=models.F("pk"))
        )

    def offered(self) -> "MaterialVersionQuerySet":
        return self.filter(state=MaterialVersion.State.OFFERED)


class MaterialVersion(models.Model):
    class State(models.TextChoices):
        DRAFT = "draft", "черновик"
        OFFERED = "offered", "ждёт решения"
        RETURNED = "returned", "возвращена"
        PUBLISHED = "published", "принята"

    class Form(models.TextChoices):
        FILE = "file", "файл"
        LINK = "link", "ссылка"
        TEXT = "text", "текст"

    material = models.ForeignKey(Material, models.CASCADE, verbose_name="материал", related_name="versions")
    number = models.PositiveSmallIntegerField("версия")
    form = models.CharField("что это", max_length=4, choices=Form)
    file = models.ForeignKey(StoredFile, models.SET_NULL, verbose_name="файл", null=True, blank=True, related_name="+")
    link = models.URLField("ссылка", max_length=500, blank=True)
    body = models.TextField("текст", blank=True)
    note = models.CharField("что изменилось", max_length=300, blank=True)
    state = models.CharField("состояние", max_length=10, choices=State, default=State.DRAFT)
    author = models.ForeignKey(User, models.SET_NULL, verbose_name="кто внёс", null=True, related_name="+")
    created_at = models.DateTimeField("внесена", default=timezone.now, editable=False)
    published_at = models.DateTimeField("принята", null=True, blank=True, editable=False)

    objects = MaterialVersionQuerySet.as_manager()

    class Meta:
        verbose_name = "версия материала"
        verbose_name_plural = "версии материалов"
        ordering = ["material", "-number"]
        indexes = [
            models.Index(fields=["material"], condition=Q(state="offered"), name="material_version_offered"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["material", "number"], name="material_version_once"),
            models.CheckConstraint(
                name="material_version_has_its_form",
                condition=Q(form="file", link="", body="")
                | Q(form="link", body="") & ~Q(link="")
                | Q(form="text", link="") & ~Q(body=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.material}, версия {self.number}"
