"""Requests to the regional methodists: who asks whom for what, whose turn it is and until when."""

from django.contrib.auth.models import AnonymousUser
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.core.words import counted
from cabinet.structure.models import Organization, Subject
from cabinet.users.models import User
from cabinet.users.scope import scope_q
from rma.models.member import Member
from rma.models.vocabulary import Direction


class RequestQuerySet(models.QuerySet["Request"]):
    def visible_to(self, user: User | AnonymousUser) -> "RequestQuerySet":
        """The member asked, the one who asked, and those who answer for the organization."""
        if not isinstance(user, User):
            return self.none()
        # A methodist named for some subjects reads of their teachers, and of what is about no teacher.
        scope = scope_q(user, organization="organization") & Q(person=None)
        for subject in ("person__subject", "subject"):
            scope |= scope_q(user, organization="organization", subject=subject)
        # The teacher is not among them, nor one of a group, whatever his roles: a request holds the assessor's reasons.
        taking_part = Exists(Request.people.through.objects.filter(request=OuterRef("pk"), user=user.pk))
        is_about_others = (Q(person=None) | ~Q(person=user)) & ~taking_part
        return self.filter(Q(author=user) | (scope | Q(member__user=user)) & is_about_others)

    def of(self, source: models.Model) -> "RequestQuerySet":
        """Born of this case, route or other source."""
        return self.filter(source_type=ContentType.objects.get_for_model(source), source_id=source.pk)

    def of_kind_for(self, model: type[models.Model], user: User) -> "RequestQuerySet":
        """Requests this member was given about rows of a model and did not decline; excluded, he reads none."""
        return self.filter(
            source_type=ContentType.objects.get_for_model(model),
            member__user=user,
            member__status__in=Member.WORKING,
            status__in=(*Request.OPEN, Request.Status.DONE),
        )

    def asked_to_assess(self, model: type[models.Model], user: User) -> "RequestQuerySet":
        """Requests for a second opinion this member has neither given nor declined; taken back ones may come again."""
        return self.filter(
            source_type=ContentType.objects.get_for_model(model),
            member__user=user,
            kind=Request.Kind.ASSESSMENT,
            status__in=(*Request.OPEN, Request.Status.WITHDRAWN),
        )

    def live(self) -> "RequestQuerySet":
        return self.filter(status__in=Request.LIVE)

    def answerable_by(self, user: User | AnonymousUser) -> "RequestQuerySet":
        """Waiting for this member's word."""
        if not isinstance(user, User):
            return self.none()
        return self.filter(member__user=user, status=Request.Status.SENT)

    def doable_by(self, user: User | AnonymousUser) -> "RequestQuerySet":
        """Accepted by this member: his to do, to finish or to hand over."""
        if not isinstance(user, User):
            return self.none()
        return self.filter(member__user=user, status=Request.Status.ACCEPTED)

    def askable_by(self, user: User | AnonymousUser) -> "RequestQuerySet":
        """Whose asking side this person is: he agrees to another date, names another member, takes it back."""
        if not isinstance(user, User):
            return self.none()
        live = self.live()
        if "admin" in user.roles:
            return live
        return live.filter(Q(author=user) | _of_own_municipality(user))

    def nameable_by(self, user: User | AnonymousUser) -> "RequestQuerySet":
        """Waiting for a member to be named, by whoever asked, the municipal service or the institute."""
        return self.askable_by(user).filter(status=Request.Status.WANTED)

    def queued_for(self, user: User | AnonymousUser) -> "RequestQuerySet":
        """The queue: nobody named yet, or the one who was named keeps silent or acts no more."""
        if not isinstance(user, User):
            return self.none()
        return self._watched_by(user, _nobodys() | Q(status=Request.Status.SENT, due_on__lt=today()))

    def nobodys_for(self, user: User) -> "RequestQuerySet":
        """Of the queue, what has nobody to do it; a silent member may still answer."""
        return self._watched_by(user, _nobodys())

    def _watched_by(self, user: User, stands: Q) -> "RequestQuerySet":
        return self.filter(stands if "admin" in user.roles else stands & _of_own_municipality(user))

    def nobodys(self) -> "RequestQuerySet":
        """Nobody to do it: not named yet, or whoever was named acts no more."""
        return self.filter(_nobodys())

    def overdue(self) -> "RequestQuerySet":
        return self.live().filter(due_on__lt=today())

    def with_names(self) -> "RequestQuerySet":
        """Everything a line of a list shows, in one query."""
        return self.select_related(
            "member__user__organization", "author", "person", "organization__municipality", "subject", "direction"
        )


def _of_own_municipality(user: User) -> Q:
    return Q(organization__municipality__in=user.own_municipalities)


def _nobodys() -> Q:
    """By two short lists of members: one condition across the joins takes PostgreSQL longer to plan than to answer."""
    cards = Member.objects.order_by()
    gone = Q(member__in=cards.exclude(status=Member.Status.ACTIVE).values("pk"))
    closed = Q(member__in=cards.filter(user__is_active=False).values("pk"))
    return Q(status=Request.Status.WANTED) | Q(status__in=Request.OPEN) & (gone | closed)


class Request(models.Model):
    """One request to one member; when he cannot, it ends and another gets a request of his own.

    `people` are those of a group consultation; `person` is the one it is about, where there is one. `due_on` is the
    limit of whoever's turn it is.
    """

    class Kind(models.TextChoices):
        ASSESSMENT = "assessment", "участие в оценке"
        IOM_HELP = "iom_help", "помощь по ИОМ"
        CONSULTATION = "consultation", "консультация"

    class Status(models.TextChoices):
        WANTED = "wanted", "Ищем методиста"
        SENT = "sent", "Ждёт ответа"
        PROPOSED = "proposed", "Предложена другая дата"
        ACCEPTED = "accepted", "Принят"
        DECLINED = "declined", "Отклонён"
        HANDED = "handed", "Передан другому"
        DONE = "done", "Выполнен"
        WITHDRAWN = "withdrawn", "Снят"

    OPEN = (Status.SENT, Status.PROPOSED, Status.ACCEPTED)  # a member has it
    UNANSWERED = (Status.SENT, Status.PROPOSED)
    LIVE = (Status.WANTED, *OPEN)

    kind = models.CharField("вид", max_length=12, choices=Kind)
    status = models.CharField("состояние", max_length=10, choices=Status, default=Status.SENT)
    member = models.ForeignKey(
        Member, models.PROTECT, verbose_name="методист РМА", null=True, blank=True, related_name="requests"
    )
    author = models.ForeignKey(User, models.PROTECT, verbose_name="кто просит", related_name="+")
    person = models.ForeignKey(User, models.PROTECT, verbose_name="педагог", null=True, blank=True, related_name="+")
    people = models.ManyToManyField(User, verbose_name="участники", blank=True, related_name="+")
    organization = models.ForeignKey(Organization, models.PROTECT, verbose_name="организация", related_name="+")
    source_type = models.ForeignKey(ContentType, models.CASCADE, null=True, related_name="+")
    source_id = models.PositiveBigIntegerField(null=True)
    source = GenericForeignKey("source_type", "source_id")
    former = models.ForeignKey(
        "self", models.SET_NULL, verbose_name="после запроса", null=True, blank=True, related_name="later"
    )
    topic = models.CharField("тема", max_length=300, blank=True)
    subject = models.ForeignKey(
        Subject, models.SET_NULL, verbose_name="предмет", null=True, blank=True, related_name="+"
    )
    direction = models.ForeignKey(
        Direction, models.SET_NULL, verbose_name="направление", null=True, blank=True, related_name="+"
    )
    reason = models.TextField("о чём просят")
    wanted_on = models.DateField("желаемый день", null=True, blank=True)
    proposed_on = models.DateField("предложенный день", null=True, blank=True)
    agreed_on = models.DateField("день, о котором договорились", null=True, blank=True)
    due_on = models.DateField("срок")
    answer = models.TextField("ответ", blank=True)
    answered_at = models.DateTimeField("когда ответил", null=True, blank=True)
    result = models.TextField("чем закончилось", blank=True)
    done_at = models.DateTimeField("когда выполнен", null=True, blank=True)
    reminded_at = models.DateTimeField("напомнено о сроке", null=True, blank=True, editable=False)
    created_at = models.DateTimeField("когда", default=timezone.now, editable=False)

    objects = RequestQuerySet.as_manager()

    class Meta:
        verbose_name = "запрос к РМА"
        verbose_name_plural = "запросы к РМА"
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["member", "status"], name="request_member"),
            models.Index(fields=["organization", "status"], name="request_organization"),
            models.Index(fields=["status", "due_on"], name="request_status_due"),
            models.Index(fields=["source_type", "source_id"], name="request_source"),
        ]
        constraints = [
            models.CheckConstraint(name="request_decline_has_reason", condition=~Q(status="declined") | ~Q(answer="")),
            models.CheckConstraint(
                name="request_has_member_once_sent",
                condition=Q(member__isnull=True, status__in=("wanted", "withdrawn"))
                | Q(member__isnull=False) & ~Q(status="wanted"),
            ),
            models.CheckConstraint(
                name="request_proposal_has_day", condition=~Q(status="proposed") | Q(proposed_on__isnull=False)
            ),
            models.UniqueConstraint(
                fields=["source_type", "source_id", "kind"],
                condition=Q(status__in=("wanted", "sent", "proposed", "accepted")),
                name="request_one_open_per_source",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.about}"

    def get_absolute_url(self) -> str:
        return reverse("rma:request", args=[self.pk])

    @property
    def about(self) -> str:
        """Whom or what it is about, in a few words, for a line of a list: the people of a group are not read."""
        if self.person is not None:
            return self.person.full_name
        return self.topic or self.organization.name

    @property
    def whom(self) -> str:
        """The same where the organization is named beside it, and a group is counted."""
        if self.person is not None:
            return self.person.full_name
        if count := len(self.people.all()):
            return f"группа, {counted(count, 'человек', 'человека', 'человек')}"
        return f"«{self.topic}»" if self.topic else "для всей организации"

    @property
    def is_live(self) -> bool:
        return self.status in self.LIVE

    @property
    def is_overdue(self) -> bool:
        return self.is_live and self.due_on < today()

    @property
    def has_lost_member(self) -> bool:
        """Whoever has it acts no more: another is to be named."""
        return self.status in self.OPEN and self.member is not None and not self.member.is_available

    @property
    def is_day_past(self) -> bool:
        """The day proposed has gone by while it was waited for."""
        return self.status == self.Status.PROPOSED and self.proposed_on is not None and self.proposed_on < today()

    @property
    def is_for_low_results(self) -> bool:
        """A school with low results (ШНОР): its requests are marked."""
        return self.organization.low_results

    @property
    def turn(self) -> str:
        """Whose turn it is, in words; empty when nobody is waited for."""
        if self.status == self.Status.WANTED:
            return "муниципальная служба — назвать методиста"
        if self.has_lost_member:
            return "муниципальная служба — назвать другого методиста"
        if self.status == self.Status.PROPOSED:
            return f"{self.author.short_name} — согласовать день"
        if self.member is None or not self.is_live:
            return ""
        return f"{self.member.user.short_name} — {'ответить' if self.status == self.Status.SENT else 'провести работу'}"
