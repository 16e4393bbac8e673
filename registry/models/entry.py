"""One line of the summary registry per case (domain.md section 7)."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from cabinet.core.clock import today
from cabinet.courses.models import Course, Programme
from cabinet.structure.models import Municipality, Organization, Position, Subject, Territory, Topic
from cabinet.users.models import Role, User
from cabinet.users.scope import scope_q
from motor.models import Case, Checklist, Status, Survey
from rma.models import Member

READERS = frozenset({Role.ADMIN, Role.MUNICIPAL, Role.CURATOR, Role.HEAD, Role.METHODIST})


class Result(models.TextChoices):
    """Where a case is counted: a variant, or apart with the reason why there is none."""

    NONE = "1", "Вариант 1"
    OTHER_TOPIC = "2", "Вариант 2"
    ON_TOPIC = "3", "Вариант 3"
    NO_RESPONSE = "no_response", "Ответ не получен"
    NOT_ASSESSED = "not_assessed", "Не оценено"
    STOPPED = "stopped", "Отслеживание прекращено"
    PENDING = "pending", "Результата ещё нет"


WITH_VARIANT = (Result.NONE, Result.OTHER_TOPIC, Result.ON_TOPIC)  # the base of every share


class Experience(models.TextChoices):
    CAN = "can", "может"
    CANNOT = "cannot", "не может"
    WAIVED = "waived", "учёт не требуется"


class EntryQuerySet(models.QuerySet["Entry"]):
    def visible_to(self, user: User | AnonymousUser) -> "EntryQuerySet":
        """Lines of the reader's own scope. The teacher, the mentor, the regional methodist and the observer: none.

        A reader who is also asked for a second opinion meets that line once his own opinion is saved.
        """
        if not isinstance(user, User) or not user.roles & READERS:
            return self.none()
        if "regional" in user.roles:
            return self.exclude(case__in=Case.objects.owed_second_opinion_by(user))._in_scope_of(user)
        return self._in_scope_of(user)

    def _in_scope_of(self, user: User) -> "EntryQuerySet":
        if "admin" in user.roles:
            return self.all()
        scope = scope_q(user, organization="organization", municipality="municipality", subject="subject")
        if "curator" in user.roles:
            scope |= Q(course__in=Course.objects.filter(curator=user))
        return self.filter(scope)

    def countable_by(self, user: User | AnonymousUser) -> "EntryQuerySet":
        """What enters this reader's summaries: the observer counts the region, but reads no line of it."""
        if isinstance(user, User) and "observer" in user.roles:
            return self.all()
        return self.visible_to(user)

    def unrecorded(self) -> "EntryQuerySet":
        """With a result of which the municipal service has not said C yet."""
        return self.filter(experience="", variant__isnull=False, status__in=(Status.FOLLOW_UP, Status.CLOSED))

    def late(self) -> "EntryQuerySet":
        """«срок нарушен»: once in the past, or now. It changes with the day, so it is not stored."""
        return self.filter(self.late_q())

    @staticmethod
    def late_q() -> Q:
        return Q(was_late=True) | (Q(due_on__lt=today()) & ~Q(status__in=Case.ENDED))

    def with_names(self) -> "EntryQuerySet":
        """All that a line shows, in one query: names come by join, so a renamed thing is never stale."""
        return self.select_related(
            "territory",
            "municipality",
            "organization",
            "person",
            "position",
            "subject",
            "programme",
            "topic",
            "rma_member__user",
        )


def followed(to: type[models.Model], label: str, **options: Any) -> models.ForeignKey[Any, Any]:
    """A reference without a constraint: a projection follows the data a moment later and must never stop a change."""
    options.setdefault("on_delete", models.DO_NOTHING)
    return models.ForeignKey(to, verbose_name=label, related_name="+", db_constraint=False, **options)


class Entry(models.Model):
    """Written by the sweep only. Lists of codes are joined by commas in the order of their choices."""

    case = models.OneToOneField(
        Case, models.CASCADE, verbose_name="карта", primary_key=True, related_name="registry_entry"
    )
    revision = models.PositiveIntegerField("изменение карты")

    territory = followed(Territory, "территория", null=True, on_delete=models.SET_NULL)
    municipality = followed(Municipality, "муниципалитет", db_index=False)
    organization = followed(Organization, "ОО", db_index=False)
    organization_kind = models.CharField("тип ОО", max_length=14, choices=Organization.Kind)
    low_results = models.BooleanField("ШНОР")
    person = followed(User, "ФИО")
    position = followed(Position, "должность", null=True, db_index=False)
    subject = followed(Subject, "предмет", null=True, db_index=False)
    course = followed(Course, "курс")
    programme = followed(Programme, "программа", db_index=False)
    topic = followed(Topic, "тематика", null=True)
    hours = models.PositiveSmallIntegerField("часы", null=True)
    ends_on = models.DateField("дата окончания")
    in_federal_register = models.BooleanField("федеральный реестр")
    months = models.PositiveSmallIntegerField("срез")

    survey_on = models.DateField("опросный лист (дата)", null=True)
    in_route = models.CharField("отражено в ИОМ", max_length=8, choices=Survey.InRoute, blank=True)
    has_started = models.BooleanField("реализация начата", null=True)
    reason = models.CharField("причина", max_length=10, choices=Survey.Reason, blank=True)
    reason_text = models.TextField("пояснение причины", blank=True)
    evidence = models.CharField("подтверждения", max_length=80, blank=True)

    studies = models.CharField("что изучено", max_length=80, blank=True)
    is_significant = models.BooleanField("значимое содержание", null=True)
    practice = models.CharField("отражение в практике", max_length=8, choices=Checklist.Practice, blank=True)
    other_topic_found = models.BooleanField("найдена другая тематика", null=True)
    other_topic = models.CharField("другая тематика", max_length=200, blank=True)
    is_rma_involved = models.BooleanField("РМА подключён")
    rma_member = followed(Member, "методист РМА", null=True, db_index=False, on_delete=models.SET_NULL)
    has_disagreement = models.BooleanField("расхождение", null=True)

    experience = models.CharField("может представить опыт", max_length=6, choices=Experience, blank=True)
    events = models.CharField("события", max_length=100, blank=True)
    variant = models.PositiveSmallIntegerField("вариант", null=True)
    completeness = models.CharField("полнота", max_length=8, blank=True)
    result = models.CharField("итог", max_length=12, choices=Result)
    result_on = models.DateField("дата результата", null=True)

    status = models.CharField("состояние", max_length=14, choices=Status)
    due_on = models.DateField("срок", null=True)
    was_late = models.BooleanField("срок нарушался")

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = "строка реестра"
        verbose_name_plural = "реестр сводных данных"
        ordering = ["-ends_on", "-pk"]
        indexes = [
            models.Index(fields=["-ends_on", "-case"], name="entry_end"),
            models.Index(fields=["result_on"], name="entry_result_on"),
            models.Index(fields=["municipality", "-ends_on", "-case"], name="entry_municipality"),
            models.Index(fields=["organization", "-ends_on", "-case"], name="entry_organization"),
            models.Index(fields=["programme", "-ends_on", "-case"], name="entry_programme"),
            models.Index(fields=["municipality", "programme", "result"], name="entry_by_municipality"),
            models.Index(fields=["programme", "result"], name="entry_by_programme"),
            models.Index(
                fields=["municipality", "-ends_on", "-case"],
                condition=Q(experience="", status="follow_up"),
                name="entry_waits_for_record",
            ),
        ]

    def __str__(self) -> str:
        return f"Строка реестра к карте № {self.pk}"

    def get_absolute_url(self) -> str:
        return self.case.get_absolute_url()

    @property
    def is_late(self) -> bool:
        if self.was_late:
            return True
        return self.due_on is not None and self.due_on < today() and self.status not in Case.ENDED
