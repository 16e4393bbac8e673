"""Long work with progress: imports, exports, recounts. The row is the order and the result."""

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.urls import reverse

from cabinet.core.owed import Owed, OwedQuerySet
from cabinet.users.models import User


class JobQuerySet(OwedQuerySet["Job"]):
    def visible_to(self, user: User | AnonymousUser) -> "JobQuerySet":
        """A person's own jobs; an admin sees all."""
        if not isinstance(user, User):
            return self.none()
        return self.all() if "admin" in user.roles else self.filter(owner=user.pk)


class Job(Owed):
    """One piece of long work. `params` are ids and plain values; personal data stay in their own tables."""

    class State(models.TextChoices):
        OWED = "owed", "в очереди"
        RUNNING = "running", "выполняется"
        DONE = "done", "готово"
        FAILED = "failed", "не удалось"

    kind = models.CharField("вид", max_length=40)
    title = models.CharField("название", max_length=200)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="кто заказал", null=True, related_name="jobs"
    )
    params = models.JSONField("параметры", default=dict, blank=True)
    state = models.CharField("состояние", max_length=8, choices=State, default=State.OWED)
    done = models.PositiveIntegerField("сделано", default=0)
    total = models.PositiveIntegerField("всего", default=0)
    result = models.JSONField("результат", default=dict, blank=True)
    error = models.CharField("что случилось", max_length=500, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = "долгая работа"
        verbose_name_plural = "долгие работы"
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["due_at"], condition=models.Q(finished_at=None), name="job_owed")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("jobs:job", args=[self.pk])

    @property
    def is_finished(self) -> bool:
        return self.finished_at is not None

    @property
    def page(self) -> str:
        """Where the result is read, if the job names such a page of our own in `result["page"]`."""
        page = str(self.result.get("page", ""))
        return page if page.startswith("/") and not page.startswith("//") else ""
