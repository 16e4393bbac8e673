"""Who is asked, and what those answered who gave their names.

Of an anonymous poll a person's row says only whether he has answered. It is written when the poll opens, carries no
moment, and the answer itself is nothing but one more in a sum: there is nothing to join the two by.
"""

from django.db import models
from django.utils import timezone

from cabinet.polls.models.poll import Option, Poll
from cabinet.users.models import User


class Participant(models.Model):
    poll = models.ForeignKey(Poll, models.CASCADE, verbose_name="опрос", related_name="participants")
    person = models.ForeignKey(User, models.CASCADE, verbose_name="кто", related_name="poll_participations")
    has_answered = models.BooleanField("ответил(а)", default=False)

    class Meta:
        verbose_name = "участник опроса"
        verbose_name_plural = "участники опросов"
        ordering = ["poll", "person"]
        constraints = [models.UniqueConstraint(fields=["poll", "person"], name="poll_participant_once")]

    def __str__(self) -> str:
        return f"{self.poll}: {self.person.short_name}"


class Answer(models.Model):
    """Only of polls with names."""

    participant = models.ForeignKey(Participant, models.CASCADE, verbose_name="кто", related_name="answers")
    option = models.ForeignKey(Option, models.CASCADE, verbose_name="вариант", related_name="answers")
    answered_at = models.DateTimeField("когда", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "ответ"
        verbose_name_plural = "ответы"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["participant", "option"], name="poll_answer_once")]

    def __str__(self) -> str:
        return str(self.option)
