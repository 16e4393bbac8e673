"""One uploaded list: its file, what was recognised, what was chosen, what came of it."""

from django.contrib.auth.models import AnonymousUser
from django.db import models

from cabinet.files.models import StoredFile
from cabinet.jobs.models import Job
from cabinet.users.models import User


class ImportBatchQuerySet(models.QuerySet["ImportBatch"]):
    def visible_to(self, user: User | AnonymousUser) -> "ImportBatchQuerySet":
        """Lists of people are the admin's."""
        return self.all() if isinstance(user, User) and "admin" in user.roles else self.none()


class ImportBatch(models.Model):
    """`mapping`: column index → field; `choices`: decisions of the preview; `result`: the answer of design.md
    section 4; `created_rows`: {"people": [ids], "organizations": [ids], …}, what an undo may take back."""

    class Kind(models.TextChoices):
        COMPLETIONS = "completions", "слушатели"
        STAFF = "staff", "организации и ответственные"
        MEMBERS = "members", "методисты РМА"

    class State(models.TextChoices):
        UPLOADED = "uploaded", "загружен"
        RUNNING = "running", "записывается"
        DONE = "done", "записан"
        FAILED = "failed", "не записан"
        UNDONE = "undone", "отменён"

    kind = models.CharField("вид", max_length=12, choices=Kind, default=Kind.COMPLETIONS)
    state = models.CharField("состояние", max_length=10, choices=State, default=State.UPLOADED)
    file_name = models.CharField("файл", max_length=200)
    source = models.ForeignKey(StoredFile, models.SET_NULL, verbose_name="исходный файл", null=True, related_name="+")
    failed_rows = models.ForeignKey(
        StoredFile, models.SET_NULL, verbose_name="отклонённые строки", null=True, related_name="+"
    )
    mapping = models.JSONField("столбцы", default=dict, blank=True)
    choices = models.JSONField("решения", default=dict, blank=True)
    result = models.JSONField("итог", default=dict, blank=True)
    created_rows = models.JSONField("созданные строки", default=dict, blank=True)
    job = models.ForeignKey(Job, models.SET_NULL, verbose_name="работа", null=True, related_name="+")
    created_by = models.ForeignKey(User, models.SET_NULL, verbose_name="кто загрузил", null=True, related_name="+")
    created_at = models.DateTimeField("когда", auto_now_add=True)
    done_at = models.DateTimeField("записан", null=True)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = "загрузка списка"
        verbose_name_plural = "загрузки списков"
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.get_kind_display()})"
