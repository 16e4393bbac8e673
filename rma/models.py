"""The regional methodists' roster card and requests to them."""

from django.contrib.auth.models import AnonymousUser
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Count, Q
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.structure.models import Organization, Subject
from cabinet.users.models import User
from cabinet.users.scope import scope_q


class MemberQuerySet(models.QuerySet["Member"]):
    def available(self) -> "MemberQuerySet":
        """Who may be asked at all."""
        return self.filter(status=Member.Status.ACTIVE, user__is_active=True)

    def with_load(self) -> "MemberQuerySet":
        """Adds `load`: accepted and unfinished requests plus those waiting for an answer."""
        return self.annotate(load=Count("requests", filter=Q(requests__status__in=Request.OPEN)))


class Member(models.Model):
    """A plain roster card."""

    class Status(models.TextChoices):
        CANDIDATE = "candidate", "кандидат"
        ACTIVE = "active", "действует"
        SUSPENDED = "suspended", "приостановлен"
        EXCLUDED = "excluded", "исключён"

    load: int  # open requests; only on rows of with_load()

    user = models.OneToOneField(User, models.PROTECT, verbose_name="человек", related_name="rma_member")
    subjects = models.ManyToManyField(Subject, verbose_name="предметы", blank=True)
    status = models.CharField("состояние", max_length=10, choices=Status, default=Status.ACTIVE)
    case_limit = models.PositiveSmallIntegerField("предел одновременных запросов", default=5)
    note = models.CharField("заметка", max_length=300, blank=True)
    updated_at = models.DateTimeField("изменено", auto_now=True)

    objects = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = "методист РМА"
        verbose_name_plural = "методисты РМА"
        ordering = ["user__last_name", "user__first_name", "pk"]

    def __str__(self) -> str:
        return self.user.full_name


class RequestQuerySet(models.QuerySet["Request"]):
    def visible_to(self, user: User | AnonymousUser) -> "RequestQuerySet":
        """The member asked, the one who asked, and those who answer for the organization."""
        if not isinstance(user, User):
            return self.none()
        # The teacher is not among them: a request holds the assessor's reasons.
        return self.filter(scope_q(user, organization="organization") | Q(member__user=user) | Q(author=user))

    def of(self, source: models.Model) -> "RequestQuerySet":
        """Born of this case, route or other source."""
        return self.filter(source_type=ContentType.objects.get_for_model(source), source_id=source.pk)

    def of_kind_for(self, model: type[models.Model], user: User) -> "RequestQuerySet":
        """Requests this member was given about rows of a model and did not decline."""
        return self.filter(
            source_type=ContentType.objects.get_for_model(model),
            member__user=user,
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

    def answerable_by(self, user: User | AnonymousUser) -> "RequestQuerySet":
        """Waiting for this member's word."""
        if not isinstance(user, User):
            return self.none()
        return self.filter(member__user=user, status=Request.Status.SENT)


class Request(models.Model):
    """One request to one named member; a refusal ends it, and another member gets a request of his own."""

    class Kind(models.TextChoices):
        ASSESSMENT = "assessment", "участие в оценке"
        IOM_HELP = "iom_help", "помощь по ИОМ"

    class Status(models.TextChoices):
        SENT = "sent", "Ждёт ответа"
        ACCEPTED = "accepted", "Принят"
        DECLINED = "declined", "Отклонён"
        DONE = "done", "Выполнен"
        WITHDRAWN = "withdrawn", "Снят"

    OPEN = (Status.SENT, Status.ACCEPTED)

    kind = models.CharField("вид", max_length=12, choices=Kind)
    status = models.CharField("состояние", max_length=10, choices=Status, default=Status.SENT)
    member = models.ForeignKey(Member, models.PROTECT, verbose_name="методист РМА", related_name="requests")
    author = models.ForeignKey(User, models.PROTECT, verbose_name="кто просит", related_name="+")
    person = models.ForeignKey(User, models.PROTECT, verbose_name="педагог", related_name="+")
    organization = models.ForeignKey(Organization, models.PROTECT, verbose_name="организация", related_name="+")
    source_type = models.ForeignKey(ContentType, models.CASCADE, null=True, related_name="+")
    source_id = models.PositiveBigIntegerField(null=True)
    source = GenericForeignKey("source_type", "source_id")
    reason = models.TextField("о чём просят")
    answer_due_on = models.DateField("ответить до")
    answer = models.TextField("ответ", blank=True)
    answered_at = models.DateTimeField("когда ответил", null=True, blank=True)
    created_at = models.DateTimeField("когда", default=timezone.now, editable=False)

    objects = RequestQuerySet.as_manager()

    class Meta:
        verbose_name = "запрос к РМА"
        verbose_name_plural = "запросы к РМА"
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["member", "status"], name="request_member"),
            models.Index(fields=["source_type", "source_id"], name="request_source"),
        ]
        constraints = [
            models.CheckConstraint(name="request_decline_has_reason", condition=~Q(status="declined") | ~Q(answer="")),
            models.UniqueConstraint(
                fields=["source_type", "source_id", "kind"],
                condition=Q(status__in=("sent", "accepted")),
                name="request_one_open_per_source",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.person}"

    @property
    def is_overdue(self) -> bool:
        return self.status == self.Status.SENT and self.answer_due_on < today()
