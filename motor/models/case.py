"""The case: one teacher, one completed course, one срез, and where it stands."""

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.core.links import make_link, new_public_id
from cabinet.core.words import counted, plural
from cabinet.courses.models import Completion
from cabinet.mail.lines import Line
from cabinet.structure.models import Organization
from cabinet.users.models import Role, User
from cabinet.users.scope import scope_q
from rma.models import Member, Request


class Status(models.TextChoices):
    SCHEDULED = "scheduled", "Запланировано"
    SURVEY_OPEN = "survey_open", "Ожидает опросного листа"
    SCHOOL_REVIEW = "school_review", "Оценка методистом ОО"
    RMA_REQUESTED = "rma_requested", "Запрос к РМА"
    RMA_REVIEW = "rma_review", "Оценка методистом РМА"
    FOLLOW_UP = "follow_up", "Работа с результатом"
    CLOSED = "closed", "Завершено"
    NO_RESPONSE = "no_response", "Ответ не получен"
    STOPPED = "stopped", "Отслеживание прекращено"


class StopReason(models.TextChoices):
    LEFT = "left", "педагог уволился"
    IMPORT_ERROR = "import_error", "ошибка в списке слушателей"
    NOT_TEACHING = "not_teaching", "больше не ведёт эту работу"
    REFUSED = "refused", "педагог не хочет участвовать"
    OTHER = "other", "другое"


LEADERS = frozenset({"head", "methodist", "municipal"})  # see every case they answer for, wherever it is


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, user: User | AnonymousUser) -> "CaseQuerySet":
        """Own, of own organization, municipality or courses, and those a regional methodist was asked about.

        The observer and a member who declined see none of them.
        """
        if not isinstance(user, User):
            return self.none()
        scope = scope_q(user, person="person", organization="organization", subject="completion__subject")
        if "admin" in user.roles:
            return self.filter(scope)
        if user.roles & LEADERS:
            scope |= Q(responsible=user)  # a deputy, or a methodist of other subjects
        if "curator" in user.roles:
            scope |= Q(completion__course__curator=user)
        if "regional" in user.roles:
            asked = Request.objects.of_kind_for(Case, user)
            scope |= Q(pk__in=asked.values("source_id"))
        return self.filter(scope)

    def assessable_by(self, user: User | AnonymousUser) -> "CaseQuerySet":
        """Waiting for this person's school checklist; nobody assesses himself."""
        return self.led_by(user).filter(status=Status.SCHOOL_REVIEW)

    def led_by(self, user: User | AnonymousUser) -> "CaseQuerySet":
        """Whose follow-up, steps and requests this person runs."""
        # Who sees whatever he answers for needs no scope: without it the database goes by his own cases at once.
        rows = self if isinstance(user, User) and user.roles & LEADERS else self.visible_to(user)
        return rows.filter(responsible=user.pk).exclude(person=user.pk)

    def rma_assessable_by(self, user: User | AnonymousUser) -> "CaseQuerySet":
        """Accepted by this regional methodist and waiting for his checklist."""
        return self.filter(status=Status.RMA_REVIEW, rma_member__user=user.pk).exclude(person=user.pk)

    def owed_second_opinion_by(self, user: User) -> "CaseQuerySet":
        """This person was asked for it and has not given it: until then the first one is not for his eyes.

        Sent back and stopped as well: such a case may come to him again.
        """
        asked = Request.objects.asked_to_assess(Case, user)
        return self.filter(status__in=(*Case.REVIEWED, Status.STOPPED), pk__in=asked.order_by().values("source_id"))

    def recordable_by(self, user: User | AnonymousUser) -> "CaseQuerySet":
        """Cases with a result whose C a municipal specialist may record: own municipality, never his own case."""
        if not isinstance(user, User):
            return self.none()
        # «Не оценено» leaves nothing to record, and a reopening takes the former result off the case.
        concluded = self.filter(status__in=(Status.FOLLOW_UP, Status.CLOSED), outcome__isnull=False)
        cases = concluded.exclude(person=user)
        if "admin" in user.roles:
            return cases
        return cases.filter(organization__municipality__in=user.own_municipalities)

    def plannable_by(self, user: User | AnonymousUser) -> "CaseQuerySet":
        """Scheduled cases whose day of opening this person may move; nobody has heard of them yet."""
        if not isinstance(user, User):
            return self.none()
        cases = self.filter(status=Status.SCHEDULED, waits_for_word=False)
        if "admin" in user.roles:
            return cases
        return cases.filter(organization__municipality__in=user.own_municipalities)

    def with_names(self) -> "CaseQuerySet":
        """Everything a line of a list shows, in one query."""
        return self.select_related(
            "person",
            "organization__municipality",
            "completion__course__programme",
            "completion__position",
            "completion__subject",
            "responsible",
            "rma_member__user",
            "outcome",
        )

    def overdue(self) -> "CaseQuerySet":
        return self.filter(due_on__lt=today(), paused_until=None).exclude(status__in=Case.ENDED)

    def stoppable_by(self, user: User | AnonymousUser) -> "CaseQuerySet":
        """Who may stop, pause or move a case: the one who answers for it, the municipal service, the admin."""
        if not isinstance(user, User):
            return self.none()
        cases = self.exclude(person=user)
        if "admin" in user.roles:
            return cases
        own = user.own_municipalities
        led = Q(responsible=user.pk) if user.roles & LEADERS else Q(pk__in=self.led_by(user).values("pk"))
        return cases.filter(led | Q(organization__municipality__in=own) if own else led)

    def nameable_by(self, user: User | AnonymousUser) -> "CaseQuerySet":
        """For which this person names who answers: a head, the municipal service, the admin; never his own case."""
        if not isinstance(user, User):
            return self.none()
        cases = self.filter(status__in=(*Case.UNDER_WAY, Status.NO_RESPONSE)).exclude(person=user)
        if "admin" in user.roles:
            return cases
        own = user.own_municipalities
        headed = [one.organization_id for one in user.active_memberships if one.role == Role.HEAD]
        return cases.filter(Q(organization__municipality__in=own) | Q(organization__in=headed))


class Case(models.Model):
    """`revision` rises and `touched_at` moves with any change, in its transaction: the registry looks at them."""

    UNDER_WAY = (
        Status.SURVEY_OPEN,
        Status.SCHOOL_REVIEW,
        Status.RMA_REQUESTED,
        Status.RMA_REVIEW,
        Status.FOLLOW_UP,
    )
    REVIEWED = (Status.SCHOOL_REVIEW, Status.RMA_REQUESTED, Status.RMA_REVIEW)
    ENDED = (Status.CLOSED, Status.NO_RESPONSE, Status.STOPPED)
    TALK = "motor.talk"  # kind of the task to talk to who does not answer
    LETTER_NEEDS = ("completion__course__programme",)  # what letter_line reads

    completion = models.ForeignKey(Completion, models.PROTECT, verbose_name="прохождение курса", related_name="cases")
    months = models.PositiveSmallIntegerField(
        "срез", choices=[(3, "3 месяца"), (6, "6 месяцев"), (12, "12 месяцев")], default=3
    )
    person = models.ForeignKey(User, models.PROTECT, verbose_name="педагог", related_name="cases")
    organization = models.ForeignKey(Organization, models.PROTECT, verbose_name="организация", related_name="cases")
    status = models.CharField("состояние", max_length=14, choices=Status, default=Status.SCHEDULED)
    status_since = models.DateTimeField("в этом состоянии с", default=timezone.now)
    opens_on = models.DateField("открывается")
    opens_why = models.CharField("почему открывается в этот день", max_length=400, blank=True)
    opened_at = models.DateTimeField("открыто", null=True, blank=True)
    due_on = models.DateField("срок", null=True, blank=True)
    due_why = models.CharField("почему такой срок", max_length=400, blank=True)
    was_late = models.BooleanField("срок нарушался", default=False)
    responsible = models.ForeignKey(
        User, models.SET_NULL, verbose_name="ответственный", null=True, blank=True, related_name="led_cases"
    )
    on_behalf_of = models.ForeignKey(
        User, models.SET_NULL, verbose_name="за кого отвечает", null=True, blank=True, related_name="+"
    )
    rma_member = models.ForeignKey(
        Member, models.SET_NULL, verbose_name="методист РМА", null=True, blank=True, related_name="cases"
    )
    outcome = models.OneToOneField(
        "motor.Outcome", models.SET_NULL, verbose_name="результат", null=True, blank=True, related_name="+"
    )
    waits_for_word = models.BooleanField(
        "ждёт решения об открытии", default=False, help_text="Срок открытия прошёл ещё до загрузки списка."
    )
    reminders = models.PositiveSmallIntegerField("напоминаний", default=0, editable=False)
    remind_on = models.DateField("просил напомнить", null=True, blank=True)
    without_survey = models.BooleanField("продолжено без опросного листа", default=False)
    without_rma = models.BooleanField("РМА не подключён", default=False)
    postponed_until = models.DateField("оценка перенесена до", null=True, blank=True)
    paused_on = models.DateField("пауза с", null=True, blank=True)
    paused_until = models.DateField("пауза до", null=True, blank=True)
    stop_reason = models.CharField("почему прекращено", max_length=12, choices=StopReason, blank=True)
    version = models.PositiveSmallIntegerField("версия", default=1)
    closed_at = models.DateTimeField("завершено", null=True, blank=True)
    public_id = models.CharField(max_length=22, unique=True, default=new_public_id, editable=False)
    link_version = models.PositiveSmallIntegerField(default=1, editable=False)
    revision = models.PositiveIntegerField(default=1, editable=False)
    touched_at = models.DateTimeField(default=timezone.now, editable=False, db_index=True)
    created_at = models.DateTimeField("создано", default=timezone.now, editable=False)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = "карта отслеживания"
        verbose_name_plural = "МОТОР: карты отслеживания"
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["completion", "months"], name="case_completion_months"),
            models.CheckConstraint(name="case_status_known", condition=Q(status__in=Status.values)),
            models.CheckConstraint(
                name="case_opened_unless_scheduled",
                condition=Q(status__in=("scheduled", "stopped")) | Q(opened_at__isnull=False),
            ),
            models.CheckConstraint(
                name="case_stopped_has_reason",
                condition=~Q(status="stopped") | ~Q(stop_reason=""),
            ),
            models.CheckConstraint(
                name="case_pause_is_a_period",
                condition=Q(paused_on=None, paused_until=None) | Q(paused_until__gt=F("paused_on")),
            ),
        ]
        indexes = [
            # With the day of opening inside, the response is counted without reading a case.
            models.Index(fields=["organization", "status", "due_on"], include=["opened_at"], name="case_organization"),
            models.Index(fields=["responsible", "status", "due_on"], name="case_responsible"),
            models.Index(fields=["status", "due_on"], name="case_status_due"),
            models.Index(fields=["due_on", "id"], name="case_due"),
            models.Index(
                fields=["opens_on"], condition=Q(status="scheduled", waits_for_word=False), name="case_to_open"
            ),
            models.Index(fields=["status"], condition=Q(without_survey=True), name="case_without_survey"),
        ]

    def __str__(self) -> str:
        return f"Карта № {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("motor:case", args=[self.pk])

    def step_url(self, kind: str) -> str:
        """The page where a step of this case is ended: a talk on the card of the link."""
        return reverse("motor:link", args=[self.pk]) if kind == self.TALK else self.get_absolute_url()

    @property
    def link(self) -> str:
        return make_link(self.public_id, self.link_version)

    def personal_url(self) -> str:
        """The teacher's link to the survey; letters ask for it at the moment of sending or showing."""
        return settings.SITE_URL + reverse("motor:personal", args=[self.link])

    def letter_line(self) -> Line | None:
        """What a letter asks for this case; None once the teacher is not waited for any more."""
        if self.status not in (Status.SURVEY_OPEN, Status.NO_RESPONSE) or self.paused_until is not None:
            return None
        days = -1 if self.days_left is None else self.days_left  # a case that gave up waiting has no limit any more
        left = "срок прошёл, ответить ещё можно" if days < 0 else "сегодня последний день"
        if days > 0:
            left = f"{plural(days, 'остался', 'осталось', 'осталось')} {counted(days, 'день', 'дня', 'дней')}"
        return Line(f"Курс «{self.completion.course.programme.title}»", self.due_on, left)

    @property
    def is_head(self) -> bool:
        """«руководитель» rather than «педагог», by position."""
        position = self.completion.position
        return position is not None and position.is_head

    @property
    def is_overdue(self) -> bool:
        is_running = self.status not in self.ENDED and self.paused_until is None
        return is_running and self.due_on is not None and self.due_on < today()

    @property
    def days_left(self) -> int | None:
        return None if self.due_on is None else (self.due_on - today()).days
