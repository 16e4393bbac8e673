"""A poll, its questions and their options. Of an anonymous one only sums are kept: `Option.tally`, `Question.base`."""

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.core.links import make_link, new_public_id
from cabinet.structure.models import Community, Municipality, Organization
from cabinet.users.models import User


class PollQuerySet(models.QuerySet["Poll"]):
    def visible_to(self, user: User | AnonymousUser) -> "PollQuerySet":
        """Those one made, is asked in, or the institute's examples; the admin sees all of them."""
        if not isinstance(user, User):
            return self.none()
        if "admin" in user.roles:
            return self.all()
        asked = user.poll_participations.values("poll")
        return self.filter(Q(author=user) | Q(pk__in=asked) & ~Q(state=Poll.State.DRAFT) | Q(is_example=True))

    def editable_by(self, user: User | AnonymousUser) -> "PollQuerySet":
        if not isinstance(user, User):
            return self.none()
        own = self.filter(is_example=False)
        return own if "admin" in user.roles else own.filter(author=user)

    def open_now(self) -> "PollQuerySet":
        return self.filter(Q(closes_on=None) | Q(closes_on__gte=today()), state=Poll.State.OPEN)


class Poll(models.Model):
    """`is_example` polls show shares of a named source; nobody answers them here."""

    class State(models.TextChoices):
        DRAFT = "draft", "Черновик"
        OPEN = "open", "Идёт"
        CLOSED = "closed", "Завершён"

    class Scope(models.TextChoices):
        ORGANIZATION = "organization", "организация"
        MUNICIPALITY = "municipality", "муниципалитет"
        REGION = "region", "край"

    title = models.CharField("название", max_length=300)
    text = models.TextField("о чём опрос", blank=True)
    is_anonymous = models.BooleanField("без имён", default=True)
    is_by_link = models.BooleanField("отвечают по ссылке, без входа", default=False)
    scope = models.CharField("для кого", max_length=12, choices=Scope, default=Scope.ORGANIZATION)
    organization = models.ForeignKey(
        Organization, models.PROTECT, verbose_name="организация", null=True, blank=True, related_name="polls"
    )
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, verbose_name="муниципалитет", null=True, blank=True, related_name="polls"
    )
    community = models.ForeignKey(
        Community, models.PROTECT, verbose_name="сообщество", null=True, blank=True, related_name="polls"
    )
    roles = models.JSONField("роли", default=list, blank=True, help_text="Пусто — все, кто здесь работает.")
    author = models.ForeignKey(
        User, models.SET_NULL, verbose_name="кто проводит", null=True, blank=True, related_name="polls"
    )
    is_example = models.BooleanField("пример с источником", default=False, editable=False)
    source = models.CharField("источник", max_length=500, blank=True)
    state = models.CharField("состояние", max_length=6, choices=State, default=State.DRAFT)
    closes_on = models.DateField("отвечают по", null=True, blank=True)
    public_id = models.CharField(max_length=22, unique=True, default=new_public_id, editable=False)
    link_version = models.PositiveSmallIntegerField(default=1, editable=False)
    by_link = models.PositiveIntegerField("ответов по ссылке", default=0, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    opened_at = models.DateTimeField("начат", null=True, blank=True, editable=False)
    closed_at = models.DateTimeField("завершён", null=True, blank=True, editable=False)
    created_at = models.DateTimeField("создан", default=timezone.now, editable=False)

    objects = PollQuerySet.as_manager()

    class Meta:
        verbose_name = "опрос"
        verbose_name_plural = "опросы"
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="poll_scope_has_its_place",
                condition=Q(scope="organization", organization__isnull=False, municipality=None)
                | Q(scope="municipality", organization=None, municipality__isnull=False)
                | Q(scope="region", organization=None, municipality=None),
            ),
            # A link knows no names: what comes by it cannot be joined with people.
            models.CheckConstraint(
                name="poll_by_link_is_anonymous", condition=Q(is_by_link=False) | Q(is_anonymous=True)
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("polls:poll", args=[self.pk])

    @property
    def link(self) -> str:
        return make_link(self.public_id, self.link_version)

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN and (self.closes_on is None or self.closes_on >= today())


class Question(models.Model):
    class Kind(models.TextChoices):
        YES_NO = "yes_no", "да или нет"
        ONE = "one", "один вариант"
        MANY = "many", "несколько вариантов"

    poll = models.ForeignKey(Poll, models.CASCADE, verbose_name="опрос", related_name="questions")
    place = models.PositiveSmallIntegerField("место", default=0)
    text = models.CharField("вопрос", max_length=500)
    kind = models.CharField("вид", max_length=6, choices=Kind, default=Kind.YES_NO)
    is_required = models.BooleanField("ответ нужен", default=True)
    base = models.PositiveIntegerField("ответивших", default=0, editable=False)  # of answers without a name

    class Meta:
        verbose_name = "вопрос опроса"
        verbose_name_plural = "вопросы опросов"
        ordering = ["place", "pk"]

    def __str__(self) -> str:
        return self.text


class Option(models.Model):
    question = models.ForeignKey(Question, models.CASCADE, verbose_name="вопрос", related_name="options")
    place = models.PositiveSmallIntegerField("место", default=0)
    text = models.CharField("вариант", max_length=300)
    tally = models.PositiveIntegerField("ответов", default=0, editable=False)  # of answers without a name
    source_percent = models.DecimalField("доля в источнике, %", max_digits=4, decimal_places=1, null=True, blank=True)

    class Meta:
        verbose_name = "вариант ответа"
        verbose_name_plural = "варианты ответов"
        ordering = ["place", "pk"]

    def __str__(self) -> str:
        return self.text
