"""The outbox: every letter is a row written in the same transaction as its cause; and the texts an admin changed."""

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.urls import reverse
from django.utils import timezone

from cabinet.core.owed import Owed, OwedQuerySet
from cabinet.mail.refusals import BOUNCED, in_words
from cabinet.users.models import User


class LetterQuerySet(OwedQuerySet["Letter"]):
    def visible_to(self, user: User | AnonymousUser) -> "LetterQuerySet":
        """Letters hold names and links: an admin's business only."""
        return self.all() if isinstance(user, User) and "admin" in user.roles else self.none()

    def owed(self) -> "LetterQuerySet":
        """What waits for a daily letter goes in that one, not by itself."""
        return super().owed().exclude(state=Letter.State.HELD)

    def undelivered(self) -> "LetterQuerySet":
        """Did not reach the person so far: failed, without an address, or waiting after a refusal."""
        waiting = models.Q(state=Letter.State.OWED) & ~models.Q(last_error="")
        return self.filter(models.Q(state__in=(Letter.State.FAILED, Letter.State.NO_ADDRESS)) | waiting)

    def retryable(self) -> "LetterQuerySet":
        """Those a person may order to be tried again: nobody is sending them at this moment."""
        return self.undelivered().filter(models.Q(leased_until=None) | models.Q(leased_until__lt=timezone.now()))

    def about(self, row: models.Model) -> "LetterQuerySet":
        """Letters about the row, alone or among others."""
        pointer = {"about_type": ContentType.objects.get_for_model(row), "about_id": row.pk}
        # A union keeps both indexes in use, where OR would read the whole outbox.
        mentioned = Mention.objects.order_by().filter(**pointer).values("letter_id")
        return self.filter(pk__in=Letter.objects.order_by().filter(**pointer).values("pk").union(mentioned))


class Letter(Owed):
    """A letter to one person. `{ссылка}` in the body is filled at the moment of sending or showing."""

    class State(models.TextChoices):
        OWED = "owed", "ждёт отправки"
        SENT = "sent", "отправлено"
        KEPT = "kept", "в кабинете"  # no mail server: read in the outbox
        NO_ADDRESS = "no_address", "нет адреса"
        FAILED = "failed", "не отправлено"
        CANCELLED = "cancelled", "отменено"
        HELD = "held", "ждёт ежедневного письма"
        DIGESTED = "digested", "вошло в ежедневное письмо"

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

    digest = models.ForeignKey(
        "self", models.SET_NULL, verbose_name="вошло в письмо", null=True, blank=True, related_name="digested"
    )

    objects = LetterQuerySet.as_manager()

    class Meta:
        verbose_name = "письмо"
        verbose_name_plural = "письма"
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(finished_at=None), name="letter_owed"),
            models.Index(fields=["about_type", "about_id"], name="letter_about"),
            models.Index(fields=["-created_at", "-id"], name="letter_created"),
            models.Index(fields=["to"], condition=models.Q(state__in=("owed", "failed")), name="letter_not_delivered"),
            models.Index(fields=["to"], condition=models.Q(state="held"), name="letter_held"),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def trouble(self) -> str:
        """Why it has not arrived, in words; empty when nothing went wrong."""
        if self.state == self.State.NO_ADDRESS:
            return "У человека не указан адрес почты."
        return in_words(self.last_error, self.address)

    @property
    def is_bounced(self) -> bool:
        """Came back from the very address the person still has."""
        return self.last_error == BOUNCED and self.to is not None and self.to.address == self.address

    @property
    def is_secret(self) -> bool:
        """Letters of the login hold a code or a link that opens the account."""
        return self.kind.startswith(self.LOGIN)


class Mention(models.Model):
    """A further row the letter is about; the nearest of them is `Letter.about`."""

    letter = models.ForeignKey(Letter, models.CASCADE, related_name="mentions")
    about_type = models.ForeignKey(ContentType, models.CASCADE, related_name="+")
    about_id = models.PositiveBigIntegerField()
    about = GenericForeignKey("about_type", "about_id")

    class Meta:
        verbose_name = "о чём ещё письмо"
        verbose_name_plural = "о чём ещё письма"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["letter", "about_type", "about_id"], name="mention_once")]
        indexes = [models.Index(fields=["about_type", "about_id"], name="mention_about")]

    def __str__(self) -> str:
        return f"{self.letter_id}: {self.about_type_id}.{self.about_id}"


class LetterText(models.Model):
    """What an administrator wrote in place of a default text; a text nobody changed has no row."""

    code = models.CharField("вид письма", max_length=60, unique=True)
    subject = models.CharField("тема", max_length=200, blank=True)
    body = models.TextField("текст")
    updated_at = models.DateTimeField("изменён", default=timezone.now)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="кто изменил", related_name="+"
    )

    class Meta:
        verbose_name = "текст письма"
        verbose_name_plural = "тексты писем"
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class LetterChoice(models.Model):
    """How a person wants letters of one group: at once, in or in one letter a day; no row means at once."""

    class How(models.TextChoices):
        AT_ONCE = "at_once", "сразу"
        DAILY = "daily", "одним письмом раз в день"

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="кто", related_name="letter_choices"
    )
    group = models.CharField("о чём письма", max_length=40)
    how = models.CharField("как", max_length=8, choices=How, default=How.AT_ONCE)
    updated_at = models.DateTimeField("изменено", auto_now=True)

    class Meta:
        verbose_name = "выбор писем"
        verbose_name_plural = "выбор писем"
        ordering = ["person", "group"]
        constraints = [models.UniqueConstraint(fields=["person", "group"], name="letter_choice_once")]

    def __str__(self) -> str:
        return f"{self.group}: {self.get_how_display()}"


class MailingQuerySet(models.QuerySet["Mailing"]):
    def visible_to(self, user: User | AnonymousUser) -> "MailingQuerySet":
        """One's own; the administrator's are all."""
        if not isinstance(user, User):
            return self.none()
        return self.all() if "admin" in user.roles else self.filter(author=user)


class Mailing(models.Model):
    """One letter to many: written, looked at with the list of recipients, then ordered."""

    class State(models.TextChoices):
        DRAFT = "draft", "Черновик"
        ORDERED = "ordered", "Пишем письма"
        WRITTEN = "written", "Письма написаны"
        STOPPED = "stopped", "Остановлена"

    LETTERS = "mailing"  # their kind

    subject = models.CharField("тема", max_length=200)
    body = models.TextField("текст")
    # {"scope": "region" | "municipality" | "organization" | "community", "pk": id, "roles": […]}
    audience = models.JSONField("кому", default=dict)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="кто пишет", related_name="mailings"
    )
    state = models.CharField("состояние", max_length=8, choices=State, default=State.DRAFT)
    version = models.PositiveIntegerField(default=1, editable=False)
    recipients = models.PositiveIntegerField("получателей", default=0, editable=False)
    ordered_at = models.DateTimeField("отправлено", null=True, blank=True, editable=False)
    created_at = models.DateTimeField("создано", default=timezone.now, editable=False)

    objects = MailingQuerySet.as_manager()

    class Meta:
        verbose_name = "рассылка"
        verbose_name_plural = "рассылки"
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.subject

    def get_absolute_url(self) -> str:
        return reverse("mail:mailing", args=[self.pk])
