"""The route: one teacher's plan of professional development, where it stands and whose turn it is."""

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.core.search import lemmas
from cabinet.courses.models import Completion
from cabinet.files.models import StoredFile
from cabinet.structure.models import Organization, Position, Subject
from cabinet.users.models import Membership, Role, User
from cabinet.users.scope import EVERYTHING, NOTHING, helps_q, scope_q
from rma.models import Member


class Status(models.TextChoices):
    DRAFT = "draft", "Черновик"
    IN_REVIEW = "in_review", "На согласовании"
    RETURNED = "returned", "Возвращён"
    AGREED = "agreed", "Согласован"
    ACTIVE = "active", "Реализуется"
    REVISION = "revision", "Актуализация"
    COMPLETED = "completed", "Завершён"
    ARCHIVED = "archived", "В архиве"


class Step(models.TextChoices):
    """Who is asked to agree; the municipal specialist stands in where a person would agree his own route."""

    METHODIST = "methodist", "методист ОО"
    HEAD = "head", "руководитель ОО"
    MUNICIPAL = "municipal", "специалист ММС"


class Category(models.TextChoices):
    NONE = "none", "без категории"
    FIT = "fit", "соответствие занимаемой должности"
    FIRST = "first", "первая"
    HIGHEST = "highest", "высшая"
    METHODIST = "methodist", "педагог-методист"
    MENTOR = "mentor", "педагог-наставник"


def _specialists() -> models.QuerySet[Membership]:
    """Who could agree the municipal step of the outer route; where there is nobody, the admin does."""
    posts = Membership.objects.active().filter(role=Role.MUNICIPAL, user__is_active=True)
    return posts.filter(municipality=OuterRef("organization__municipality")).exclude(user=OuterRef("person"))


class RouteQuerySet(models.QuerySet["Route"]):
    def visible_to(self, user: User | AnonymousUser) -> "RouteQuerySet":
        """Own, of those one mentors, of own organization or municipality, and those a regional methodist helps with.

        The observer and the curator see none.
        """
        if not isinstance(user, User):
            return self.none()
        scope = scope_q(user, person="person", organization="organization", subject="subject")
        return self.filter(scope | self.helped_q(user))

    @staticmethod
    def helped_q(user: User) -> Q:
        """The regional methodist of the route; a mentor's right is his role for the teacher, while it lasts."""
        if "regional" not in user.roles:
            return NOTHING
        return Q(rma_member__user=user.pk, rma_member__status=Member.Status.ACTIVE)

    def designable_by(self, user: User | AnonymousUser) -> "RouteQuerySet":
        """Routes whose content this person may change now: the teacher, his methodist, mentor or РМА.

        The head reads and agrees. A route that is carried out is changed by opening a new version.
        """
        return self.helpable_by(user).filter(status__in=Route.OPEN_TO_CHANGE, is_outside=False)

    def helpable_by(self, user: User | AnonymousUser) -> "RouteQuerySet":
        """Routes this person builds and carries on with the teacher, whatever their state."""
        if not isinstance(user, User):
            return self.none()
        return self.filter(Q(person=user.pk) | self.checked_q(user))

    def checkable_by(self, user: User | AnonymousUser) -> "RouteQuerySet":
        """Routes in which this person gives assignments and confirms items: never in his own."""
        return self.filter(self.checked_q(user)).exclude(person=user.pk) if isinstance(user, User) else self.none()

    @classmethod
    def checked_q(cls, user: User) -> Q:
        """The side that helps: a methodist within his subjects, a mentor, РМА on the route, the admin."""
        return EVERYTHING if "admin" in user.roles else cls.helped_q(user) | helps_q(user, person="person")

    def approvable_by(self, user: User | AnonymousUser) -> "RouteQuerySet":
        """Waiting for this person's agreement; nobody agrees his own route."""
        if not isinstance(user, User):
            return self.none()
        found = NOTHING
        for one in (*user.active_memberships, *user.deputized_memberships):
            if one.role == Role.METHODIST:
                subjects = {"subject__in": one.subject_ids} if one.subject_ids else {}
                found |= Q(step=Step.METHODIST, organization=one.organization_id, **subjects)
            elif one.role == Role.HEAD:
                found |= Q(step=Step.HEAD, organization=one.organization_id)
            elif one.role == Role.MUNICIPAL:
                found |= Q(step=Step.MUNICIPAL, organization__municipality=one.municipality_id)
        if "admin" in user.roles:
            found |= Q(~Exists(_specialists()), step=Step.MUNICIPAL)
        return self.filter(found, status=Status.IN_REVIEW).exclude(person=user.pk)

    def running(self) -> "RouteQuerySet":
        """Of each person at most one: there are never two routes in parallel."""
        return self.filter(status__in=Route.RUNNING, is_outside=False)

    def current(self) -> "RouteQuerySet":
        """Running here, or kept elsewhere for a period that has not ended."""
        return self.filter(
            Q(status__in=Route.RUNNING, is_outside=False)
            | Q(is_outside=True, ends_on__gte=today()) & ~Q(status=Status.ARCHIVED)
        )

    def with_names(self) -> "RouteQuerySet":
        """Everything a line of a list shows, in one query."""
        return self.select_related(
            "person", "organization__municipality", "position", "subject", "mentor", "rma_member__user"
        )

    def search(self, text: str) -> "RouteQuerySet":
        """Every word, in whatever form it is typed: «дефицит» finds «дефициты». On both engines."""
        routes = self
        for word in lemmas(text):
            same = {"word": word} if word.isdigit() else {"word__startswith": word}  # «7» is not «70»
            found = RouteWord.objects.filter(route=OuterRef("pk"), **same)
            routes = routes.filter(Exists(found))
        return routes


class Route(models.Model):
    """`revision` guards the header and rises with any change of status; lines have revisions of their own."""

    OPEN_TO_CHANGE = (Status.DRAFT, Status.IN_REVIEW, Status.RETURNED, Status.REVISION)
    CARRIED_OUT = (Status.AGREED, Status.ACTIVE)
    RUNNING = (*OPEN_TO_CHANGE, *CARRIED_OUT)

    person = models.ForeignKey(User, models.PROTECT, verbose_name="педагог", related_name="routes")
    organization = models.ForeignKey(Organization, models.PROTECT, verbose_name="организация", related_name="routes")
    position = models.ForeignKey(
        Position, models.PROTECT, verbose_name="должность", null=True, blank=True, related_name="+"
    )
    subject = models.ForeignKey(
        Subject, models.PROTECT, verbose_name="предмет", null=True, blank=True, related_name="+"
    )
    category = models.CharField("квалификационная категория", max_length=10, choices=Category, blank=True)
    experience_years = models.PositiveSmallIntegerField(
        "стаж, лет", null=True, blank=True, validators=[MaxValueValidator(70)]
    )
    title = models.CharField("название маршрута", max_length=200)
    starts_on = models.DateField("начало")
    ends_on = models.DateField("окончание")
    mentor = models.ForeignKey(
        User, models.SET_NULL, verbose_name="наставник, тьютор", null=True, blank=True, related_name="+"
    )
    rma_member = models.ForeignKey(
        Member, models.SET_NULL, verbose_name="методист РМА", null=True, blank=True, related_name="routes"
    )
    aim = models.TextField("цель", blank=True)
    wish = models.TextField("индивидуальный запрос", blank=True)
    results = models.TextField("результаты и представление опыта", blank=True)
    reflection = models.TextField("рефлексия", blank=True)
    order_number = models.CharField("номер приказа", max_length=40, blank=True)
    order_on = models.DateField("дата приказа", null=True, blank=True)

    status = models.CharField("состояние", max_length=10, choices=Status, default=Status.DRAFT)
    status_since = models.DateTimeField("в этом состоянии с", default=timezone.now)
    step = models.CharField("кто согласует", max_length=10, choices=Step, blank=True)
    due_on = models.DateField("срок", null=True, blank=True)
    due_why = models.CharField("почему такой срок", max_length=400, blank=True)
    version = models.PositiveSmallIntegerField("версия", default=1)
    agreed_version = models.PositiveSmallIntegerField("согласованная версия", null=True, blank=True)
    return_comment = models.TextField("с чем возвращён", blank=True)
    completed_at = models.DateTimeField("завершён", null=True, blank=True)

    is_outside = models.BooleanField("ведётся вне кабинета", default=False)
    outside_link = models.URLField("ссылка", max_length=500, blank=True)
    outside_note = models.CharField("где ведётся", max_length=300, blank=True)
    files = GenericRelation(StoredFile, "owner_id", "owner_type")  # of a route kept elsewhere

    previous = models.ForeignKey(
        "self", models.SET_NULL, verbose_name="продолжает маршрут", null=True, blank=True, related_name="followers"
    )
    template_version = models.ForeignKey(
        "iom.TemplateVersion", models.SET_NULL, verbose_name="шаблон", null=True, blank=True, related_name="routes"
    )
    author = models.ForeignKey(
        User, models.SET_NULL, verbose_name="кто составил", null=True, blank=True, related_name="+"
    )
    revision = models.PositiveIntegerField(default=1, editable=False)
    changed_by = models.ForeignKey(User, models.SET_NULL, verbose_name="кто изменил", null=True, related_name="+")
    changed_at = models.DateTimeField("заголовок изменён", default=timezone.now, editable=False)
    touched_at = models.DateTimeField(default=timezone.now, editable=False, db_index=True)  # moves with any change
    created_at = models.DateTimeField("создан", default=timezone.now, editable=False)

    objects = RouteQuerySet.as_manager()

    class Meta:
        verbose_name = "маршрут"
        verbose_name_plural = "ИОМ: маршруты"
        ordering = ["-starts_on", "-pk"]
        constraints = [
            models.CheckConstraint(name="route_ends_after_start", condition=Q(ends_on__gt=F("starts_on"))),
            models.CheckConstraint(name="route_status_known", condition=Q(status__in=Status.values)),
            models.CheckConstraint(
                name="route_agreed_version_exists",
                condition=Q(agreed_version=None) | Q(agreed_version__lte=F("version")),
            ),
            models.CheckConstraint(
                name="route_carried_out_is_agreed",
                condition=~Q(status__in=("agreed", "active", "completed"))
                | Q(is_outside=True)
                | Q(agreed_version__isnull=False),
            ),
            models.CheckConstraint(
                name="route_completed_has_moment", condition=~Q(status="completed") | Q(completed_at__isnull=False)
            ),
            models.CheckConstraint(
                name="route_step_iff_in_review",
                condition=Q(status="in_review") & ~Q(step="") | ~Q(status="in_review") & Q(step=""),
            ),
            models.CheckConstraint(
                name="route_return_has_comment", condition=~Q(status="returned") | ~Q(return_comment="")
            ),
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(
                    status__in=("draft", "in_review", "returned", "revision", "agreed", "active"), is_outside=False
                ),
                name="route_one_running_per_person",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "status", "due_on"], name="route_organization"),
            models.Index(fields=["person", "-starts_on"], name="route_person"),
            models.Index(fields=["status", "due_on"], name="route_status_due"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("iom:route", args=[self.pk])

    @property
    def is_running(self) -> bool:
        return self.status in self.RUNNING and not self.is_outside

    @property
    def is_overdue(self) -> bool:
        return self.is_running and self.due_on is not None and self.due_on < today()

    @property
    def period(self) -> str:
        return f"{self.starts_on:%d.%m.%Y} — {self.ends_on:%d.%m.%Y}"


class RouteWord(models.Model):
    """The search index: the lemmas of a route's text, one row each, the same on both engines."""

    route = models.ForeignKey(Route, models.CASCADE, related_name="words")
    word = models.CharField(max_length=60)

    class Meta:
        verbose_name = "слово маршрута"
        verbose_name_plural = "слова маршрутов"
        constraints = [models.UniqueConstraint(fields=["route", "word"], name="route_word_once")]
        # The operator class lets PostgreSQL find words by their beginning; SQLite passes it over.
        indexes = [
            models.Index(
                fields=["word", "route"], name="route_word_begins", opclasses=["varchar_pattern_ops", "int8_ops"]
            )
        ]

    def __str__(self) -> str:
        return self.word


class Ground(models.Model):
    """Why the route was made; several are possible. What lies above this package is a generic source."""

    class Kind(models.TextChoices):
        COURSE = "course", "курсы повышения квалификации"
        DIAGNOSIS = "diagnosis", "диагностика"
        REQUEST = "request", "запрос педагога"
        MOTOR = "motor", "результат МОТОР"

    route = models.ForeignKey(Route, models.CASCADE, verbose_name="маршрут", related_name="grounds")
    kind = models.CharField("основание", max_length=10, choices=Kind)
    text = models.CharField("что именно", max_length=400, blank=True)
    completion = models.ForeignKey(
        Completion, models.PROTECT, verbose_name="курс", null=True, blank=True, related_name="+"
    )
    diagnosis = models.ForeignKey(
        "iom.Diagnosis", models.CASCADE, verbose_name="диагностика", null=True, blank=True, related_name="+"
    )
    source_type = models.ForeignKey(ContentType, models.CASCADE, null=True, blank=True, related_name="+")
    source_id = models.PositiveBigIntegerField(null=True, blank=True)
    source = GenericForeignKey("source_type", "source_id")

    class Meta:
        verbose_name = "основание маршрута"
        verbose_name_plural = "основания маршрутов"
        ordering = ["pk"]
        indexes = [models.Index(fields=["source_type", "source_id"], name="ground_source")]
        constraints = [
            models.CheckConstraint(
                name="ground_completion_needs_course", condition=Q(kind="course") | Q(completion__isnull=True)
            ),
            models.CheckConstraint(
                name="ground_diagnosis_needs_its_kind", condition=Q(kind="diagnosis") | Q(diagnosis__isnull=True)
            ),
            models.UniqueConstraint(
                fields=["route", "completion"], condition=Q(completion__isnull=False), name="ground_course_once"
            ),
            models.UniqueConstraint(
                fields=["route", "diagnosis"], condition=Q(diagnosis__isnull=False), name="ground_diagnosis_once"
            ),
            models.UniqueConstraint(
                fields=["route", "source_type", "source_id"],
                condition=Q(source_id__isnull=False),
                name="ground_source_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.text}" if self.text else str(self.get_kind_display())


class Transition(models.Model):
    """One line of the route's history: who, when, from where to where, in what words."""

    route = models.ForeignKey(Route, models.CASCADE, verbose_name="маршрут", related_name="transitions")
    at = models.DateTimeField("когда", default=timezone.now)
    move = models.CharField("ход", max_length=20)
    from_status = models.CharField("из", max_length=10, choices=Status, blank=True)
    to_status = models.CharField("в", max_length=10, choices=Status)
    version = models.PositiveSmallIntegerField("версия", default=1)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name="кто", null=True, blank=True, related_name="+"
    )
    comment = models.TextField("комментарий", blank=True)

    class Meta:
        verbose_name = "ход маршрута"
        verbose_name_plural = "история маршрутов"
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["route", "-at"], name="route_transition")]

    def __str__(self) -> str:
        return f"{timezone.localtime(self.at):%d.%m.%Y} {self.get_to_status_display()}"
