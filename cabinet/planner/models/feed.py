"""A person's calendar for other programs: a secret address that shows only, and can be taken back."""

from django.db import models
from django.utils import timezone

from cabinet.core.links import make_link, new_public_id
from cabinet.users.models import User


class CalendarFeed(models.Model):
    """Its address is signed with `version`: a new one closes the former."""

    person = models.OneToOneField(User, models.CASCADE, verbose_name="чей", related_name="calendar_feed")
    public_id = models.CharField(max_length=22, unique=True, default=new_public_id, editable=False)
    version = models.PositiveSmallIntegerField(default=1, editable=False)
    is_revoked = models.BooleanField("отозван", default=False)
    created_at = models.DateTimeField("создан", default=timezone.now, editable=False)
    read_at = models.DateTimeField("когда читали", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "лента календаря"
        verbose_name_plural = "ленты календаря"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"Календарь: {self.person.short_name}"

    @property
    def link(self) -> str:
        return make_link(self.public_id, self.version)
