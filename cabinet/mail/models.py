"""The outbox: every letter is a row written in the same transaction as its cause."""

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models

from cabinet.core.owed import Owed, OwedQuerySet
from cabinet.users.models import User


class LetterQuerySet(OwedQuerySet["Letter"]):
    def visible_to(self, user: User | AnonymousUser) -> "LetterQuerySet":
        """Letters hold names and links: an admin's business only."""
        return self.all() if isinstance(user, User) and "admin" in user.roles else self.none()

    def retryable(self) -> "LetterQuerySet":
        """Those a person may order to be tried again."""
        return self.filter(state__in=(Letter.State.FAILED, Letter.State.NO_ADDRESS))


class Letter(Owed):
    """A letter to one person. `{ссылка}` in the body is filled at the moment of sending or showing."""

    class State(models.TextChoices):
        OWED = "owed", "ждёт отправки"
        SENT = "sent", "отправлено"
        KEPT = "kept", "в кабинете"  # no mail server: read in the outbox
        NO_ADDRESS = "no_address", "нет адреса"
        FAILED = "failed", "не отправлено"
        CANCELLED = "cancelled", "отменено"

    PLACEHOLDER = "{ссылка}"
    LOGIN = "account."  # kinds whose text is erased once sent

    key = models.CharField("ключ", max_length=120, unique=True, help_text="Одно событие — одно письмо.")
    kind = models.CharField("вид", max_length=40)
    to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="кому", null=True, related_name="letters"
    )
    address = models.EmailField("адрес", blank=True)
    subject = models.CharField("тема", max_length=200)
    body = models.TextField("текст")
    state = models.CharField("состояние", max_length=10, choices=State, default=State.OWED)
    about_type = models.ForeignKey(ContentType, models.CASCADE, null=True, related_name="+")
    about_id = models.PositiveBigIntegerField(null=True)
    about = GenericForeignKey("about_type", "about_id")

    objects = LetterQuerySet.as_manager()

    class Meta:
        verbose_name = "письмо"
        verbose_name_plural = "письма"
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(finished_at=None), name="letter_owed"),
            models.Index(fields=["about_type", "about_id"], name="letter_about"),
            models.Index(fields=["-created_at", "-id"], name="letter_created"),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def is_secret(self) -> bool:
        """Letters of the login hold a code or a link that opens the account."""
        return self.kind.startswith(self.LOGIN)
