"""What a member's deputy holds while the member is away: each thing goes back when the period ends."""

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone

from cabinet.users.models import Substitution


class Loan(models.Model):
    """A request, or a route without one, that stands in the deputy's name until `returned_at`."""

    substitution = models.ForeignKey(Substitution, models.CASCADE, verbose_name="замещение", related_name="loans")
    thing_type = models.ForeignKey(ContentType, models.CASCADE, related_name="+")
    thing_id = models.PositiveBigIntegerField()
    thing = GenericForeignKey("thing_type", "thing_id")
    lent_at = models.DateTimeField("передано", default=timezone.now)
    returned_at = models.DateTimeField("вернулось", null=True, blank=True)

    class Meta:
        verbose_name = "переданное на время"
        verbose_name_plural = "переданное на время"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["thing_type", "thing_id"], condition=models.Q(returned_at=None), name="loan_once_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.thing} ({self.substitution})"
