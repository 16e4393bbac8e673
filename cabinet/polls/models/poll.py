"""A poll, its questions and their options. Of an anonymous one only sums are kept: `Option.tally`, `Question.base`."""

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.core.links import make_link, new_public_id
from cabinet.structure.models import Community, Municipality, Organization
from cabinet.users.models import Role, User


class PollQuerySet(models.QuerySet["Poll"]):
    def visible_to(self, user: User | AnonymousUser) -> "PollQuerySet":
        """Those one made, is asked in, or the institute's examples; the admin sees all of them.

        The observer besides: what came of polls of the whole region, once they are over.
        """
        if not isinstance(user, User):
            return self.none()
        if "admin" in user.roles:
            return self.all()
        asked = user.poll_participations.values("poll")
        found = Q(author=user) | Q(pk__in=asked) & ~Q(state=Poll.State.DRAFT) | Q(is_example=True)
        if "observer" in user.roles:
            found |= Q(scope=Poll.Scope.REGION, community=None, state=Poll.State.CLOSED)
        return self.filter(found)

    def asking(self, user: User | AnonymousUser) -> "PollQuerySet":
        """Those `user` is asked in, answered or not."""
        if not isinstance(user, User):
            return self.none()
        return self.filter(pk__in=user.poll_participations.values("poll")).exclude(state=Poll.State.DRAFT)

    def waiting_for(self, user: User | AnonymousUser) -> "PollQuerySet":
        if not isinstance(user, User):
            return self.none()
        return self.open_now().filter(pk__in=user.poll_participations.filter(has_answered=False).values("poll"))

    def with_results_for(self, user: User | AnonymousUser) -> "PollQuerySet":
        """Whose results page opens: one's own from the opening on, the others' when they are over.

        What the page shows of them, and to whom, is said in services/results.py.
        """
        if not isinstance(user, User):
            return self.none()
        own = Q(state=Poll.State.OPEN) if "admin" in user.roles else Q(state=Poll.State.OPEN, author=user)
        return self.visible_to(user).filter(own | Q(state=Poll.State.CLOSED))

    def editable_by(self, user: User | AnonymousUser) -> "PollQuerySet":
        if not isinstance(user, User):
            return self.none()
        own = self.filter(is_example=False)
        return own if "admin" in user.roles else own.filter(author=user)

    def copyable_by(self, user: User | AnonymousUser) -> "PollQuerySet":
        """One's own and the examples."""
        own = self.editable_by(user).order_by().values("pk")
        return self.visible_to(user).filter(Q(pk__in=own) | Q(is_example=True))

    def with_names(self) -> "PollQuerySet":
        return self.select_related("author", "organization", "municipality", "community")

    def open_now(self) -> "PollQuerySet":
        return self.filter(Q(closes_on=None) | Q(closes_on__gte=today()), state=Poll.State.OPEN)


# «Педагоги» are those who have no other role named here.
ROLE_WORDS = {
    "teacher": "педагоги",
    Role.HEAD.value: "руководители",
    Role.METHODIST.value: "методисты",
    Role.MENTOR.value: "наставники",
    Role.REGIONAL.value: "методисты РМА",
    Role.MUNICIPAL.value: "специалисты ММС",
}


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

    def personal_url(self) -> str:
        """Where a letter sends its reader: the common link, or the page in the cabinet."""
        if self.is_by_link:
            return settings.SITE_URL + reverse("polls:answer_link", args=[self.link])
        return settings.SITE_URL + reverse("polls:answer", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN and (self.closes_on is None or self.closes_on >= today())

    @property
    def is_over(self) -> bool:
        """Nobody can answer any more, whether it has been closed by now or not."""
        return self.state == self.State.CLOSED or (self.state == self.State.OPEN and not self.is_open)

    @property
    def way(self) -> str:
        """How one answers, in a few words."""
        if self.is_by_link:
            return "без имён, по ссылке"
        return "без имён" if self.is_anonymous else "с именами"

    @property
    def audience(self) -> str:
        """For whom, in words."""
        place = str(self.community or self.organization or self.municipality or "весь край")
        roles = [ROLE_WORDS[code] for code in self.roles if code in ROLE_WORDS]
        return f"{place}: {', '.join(roles)}" if roles else place


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
