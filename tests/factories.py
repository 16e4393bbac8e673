"""One small, true row of every model. `CaseFactory(status=...)` comes with the answers its state presupposes."""

from datetime import date, timedelta
from typing import Any

import factory
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.utils import timezone
from factory.django import DjangoModelFactory

from cabinet.core.clock import today
from cabinet.core.models import CalendarDay, QuietPeriod
from cabinet.courses.models import Completion, Course, ImportBatch, Programme
from cabinet.files.models import StoredFile
from cabinet.jobs.models import Job
from cabinet.mail.models import Letter
from cabinet.planner.models import Task
from cabinet.structure.models import (
    Municipality,
    Organization,
    OrganizationAlias,
    Position,
    Subject,
    Territory,
    Topic,
)
from cabinet.users.models import Membership, Role, User
from cabinet.users.models.role import ORGANIZATION_ROLES
from iom.models import (
    Assignment,
    Deficit,
    Diagnosis,
    DiagnosisBlock,
    Goal,
    Route,
    RouteItem,
    RouteTemplate,
    TemplateVersion,
)
from iom.models import Status as RouteStatus
from motor.models import (
    Case,
    Change,
    Checklist,
    Consultation,
    Evidence,
    MunicipalRecord,
    Outcome,
    Status,
    StopReason,
    Study,
    Survey,
    Transition,
    Visit,
)
from rma.models import Member, Request, StatusChange

PASSWORD = "Пароль-для-проверки-1"

# The states that presuppose an answer of the teacher, a school checklist, and a request to РМА.
SURVEYED = (Status.SCHOOL_REVIEW, Status.RMA_REQUESTED, Status.RMA_REVIEW, Status.FOLLOW_UP, Status.CLOSED)
ASSESSED = (Status.RMA_REQUESTED, Status.RMA_REVIEW, Status.FOLLOW_UP, Status.CLOSED)
CONCLUDED = (Status.FOLLOW_UP, Status.CLOSED)
WITH_REQUEST = (Status.RMA_REQUESTED, Status.RMA_REVIEW)


# --- Structure and people ------------------------------------------------------------------------------------


class CalendarDayFactory(DjangoModelFactory):
    class Meta:
        model = CalendarDay

    day = factory.Sequence(lambda n: date(2030, 1, 1) + timedelta(days=n))
    title = "Праздник"


class QuietPeriodFactory(DjangoModelFactory):
    class Meta:
        model = QuietPeriod

    title = "Каникулы"
    starts_on = date(2030, 3, 25)
    ends_on = date(2030, 3, 31)
    is_yearly = False


class TerritoryFactory(DjangoModelFactory):
    class Meta:
        model = Territory

    name = factory.Sequence(lambda n: f"Территория {n}")


class MunicipalityFactory(DjangoModelFactory):
    class Meta:
        model = Municipality

    name = factory.Sequence(lambda n: f"Район-{n}")
    kind = Municipality.Kind.MUNICIPAL
    territory = factory.SubFactory(TerritoryFactory)


class OrganizationFactory(DjangoModelFactory):
    class Meta:
        model = Organization

    name = factory.Sequence(lambda n: f"МБОУ «СОШ № {n}»")
    kind = Organization.Kind.SCHOOL
    municipality = factory.SubFactory(MunicipalityFactory)


class OrganizationAliasFactory(DjangoModelFactory):
    class Meta:
        model = OrganizationAlias

    organization = factory.SubFactory(OrganizationFactory)
    municipality = factory.SelfAttribute("organization.municipality")
    name = factory.Sequence(lambda n: f"Школа {n}")


class SubjectFactory(DjangoModelFactory):
    class Meta:
        model = Subject

    name = factory.Sequence(lambda n: f"предмет {n}")


class PositionFactory(DjangoModelFactory):
    class Meta:
        model = Position

    name = factory.Sequence(lambda n: f"учитель {n}")


class TopicFactory(DjangoModelFactory):
    class Meta:
        model = Topic

    name = factory.Sequence(lambda n: f"тематика {n}")


class UserFactory(DjangoModelFactory):
    """A person of a school. With `email=...` the person has a login, its password is `PASSWORD`."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    last_name = factory.Sequence(lambda n: f"Иванова-{n}")
    first_name = "Мария"
    patronymic = "Петровна"
    contact_email = factory.Sequence(lambda n: f"person{n}@example.org")
    organization = factory.SubFactory(OrganizationFactory)

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        password = kwargs.pop("password", PASSWORD)
        user = model_class(*args, **kwargs)
        if user.email:
            user.set_password(password)
        else:
            user.set_unusable_password()
        user.save()
        return user


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership
        skip_postgeneration_save = True

    user = factory.SubFactory(UserFactory)
    role = Role.METHODIST
    organization = factory.LazyAttribute(lambda one: one.user.organization if one.role in ORGANIZATION_ROLES else None)

    @factory.post_generation
    def subjects(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        if create and extracted:
            self.subjects.set(extracted)


def person_with(role: str, scope: Any = None, *, subjects: Any = None, **fields: Any) -> User:
    """A person with a login and one role: `person_with(Role.HEAD, organization)`, `person_with(Role.ADMIN)`.

    `scope` is an organization, a municipality or a person, whichever the role needs; "teacher" needs no row.
    """
    number = User.objects.count()
    fields.setdefault("email", f"{role}{number}@example.org")
    if isinstance(scope, Organization):
        fields.setdefault("organization", scope)
    user = UserFactory(**fields)
    if role == "teacher":
        return user
    place: dict[str, Any] = {}
    if scope is not None:
        field = {Organization: "organization", Municipality: "municipality", User: "person"}[type(scope)]
        place = {field: scope}
    MembershipFactory(user=user, role=role, subjects=subjects, **place)
    return user


# --- Files, letters, jobs, tasks -----------------------------------------------------------------------------


class StoredFileFactory(DjangoModelFactory):
    """With `owner=...`, handed out to whoever may read the owner."""

    class Meta:
        model = StoredFile

    file = factory.LazyFunction(lambda: ContentFile(b"%PDF-1.7 test", name="file"))
    name = "конспект.pdf"
    content_type = "application/pdf"
    size = 13


class LetterFactory(DjangoModelFactory):
    class Meta:
        model = Letter

    key = factory.Sequence(lambda n: f"test.{n}")
    kind = "test"
    to = factory.SubFactory(UserFactory)
    address = factory.LazyAttribute(lambda letter: letter.to.address if letter.to else "")
    subject = factory.Sequence(lambda n: f"Письмо {n}")
    body = "Здравствуйте! Ваша ссылка: {ссылка}"


class JobFactory(DjangoModelFactory):
    class Meta:
        model = Job

    kind = "test"
    title = factory.Sequence(lambda n: f"Работа {n}")
    owner = factory.SubFactory(UserFactory)


class TaskFactory(DjangoModelFactory):
    class Meta:
        model = Task

    title = factory.Sequence(lambda n: f"Задача {n}")
    assignee = factory.SubFactory(UserFactory)
    organization = factory.SelfAttribute("assignee.organization")
    due_on = factory.LazyFunction(lambda: today() + timedelta(days=7))


# --- Courses -------------------------------------------------------------------------------------------------


class ProgrammeFactory(DjangoModelFactory):
    class Meta:
        model = Programme

    title = factory.Sequence(lambda n: f"Современный урок, часть {n}")
    topic = factory.SubFactory(TopicFactory)


class CourseFactory(DjangoModelFactory):
    class Meta:
        model = Course

    programme = factory.SubFactory(ProgrammeFactory)
    ends_on = factory.LazyFunction(lambda: today() - timedelta(days=100))


class ImportBatchFactory(DjangoModelFactory):
    class Meta:
        model = ImportBatch

    file_name = factory.Sequence(lambda n: f"список-{n}.xlsx")


class CompletionFactory(DjangoModelFactory):
    class Meta:
        model = Completion

    person = factory.SubFactory(UserFactory)
    course = factory.SubFactory(CourseFactory)
    organization = factory.SelfAttribute("person.organization")
    position = factory.SubFactory(PositionFactory)
    subject = factory.SubFactory(SubjectFactory)
    hours = 36


# --- РМА -----------------------------------------------------------------------------------------------------


class MemberFactory(DjangoModelFactory):
    """A roster card of a person with a login and the regional methodist's role."""

    class Meta:
        model = Member
        skip_postgeneration_save = True

    user = factory.LazyFunction(lambda: person_with(Role.REGIONAL))

    @factory.post_generation
    def first_order(self: Any, create: bool, extracted: Any, **more: Any) -> None:
        """Three years in the state it has."""
        if create:
            on = today() - timedelta(days=3 * 365)
            StatusChange.objects.create(member=self, status=self.status, on=on, order="приказ № 1")


class RequestFactory(DjangoModelFactory):
    """With `source=case`, about that case's teacher."""

    class Meta:
        model = Request
        exclude = ("source",)

    source = factory.LazyFunction(lambda: CaseFactory(status=Status.SCHOOL_REVIEW))
    source_type = factory.LazyAttribute(lambda one: ContentType.objects.get_for_model(one.source))
    source_id = factory.SelfAttribute("source.pk")
    kind = Request.Kind.ASSESSMENT
    member = factory.SubFactory(MemberFactory)
    author = factory.LazyAttribute(lambda one: one.source.responsible)
    person = factory.SelfAttribute("source.person")
    organization = factory.SelfAttribute("source.organization")
    reason = "Нужен взгляд со стороны"
    due_on = factory.LazyFunction(lambda: today() + timedelta(days=7))


# --- МОТОР ---------------------------------------------------------------------------------------------------


class CaseFactory(DjangoModelFactory):
    """A case in any state, with the survey, checklist, outcome and request that state presupposes.

    `bare=True` leaves them out. The responsible methodist of the organization is made too.
    """

    class Meta:
        model = Case
        skip_postgeneration_save = True

    completion = factory.SubFactory(CompletionFactory)
    person = factory.SelfAttribute("completion.person")
    organization = factory.SelfAttribute("completion.organization")
    status = Status.SURVEY_OPEN
    opens_on = factory.LazyFunction(lambda: today() - timedelta(days=5))
    opened_at = factory.LazyAttribute(lambda one: None if one.status == Status.SCHEDULED else timezone.now())
    due_on = factory.LazyAttribute(
        lambda one: None if one.status in (Status.SCHEDULED, *Case.ENDED) else today() + timedelta(days=14)
    )
    closed_at = factory.LazyAttribute(lambda one: timezone.now() if one.status == Status.CLOSED else None)
    stop_reason = factory.LazyAttribute(lambda one: StopReason.LEFT if one.status == Status.STOPPED else "")
    responsible = factory.LazyAttribute(lambda one: person_with(Role.METHODIST, one.organization))
    rma_member = factory.LazyAttribute(lambda one: MemberFactory() if one.status in WITH_REQUEST else None)

    @factory.post_generation
    def bare(self, create: bool, extracted: bool, **kwargs: Any) -> None:
        if create and not extracted:
            tell_story(self)


def tell_story(case: Case) -> None:
    """Write what must have happened before the case could stand where it stands."""
    if case.status in SURVEYED:
        survey = SurveyFactory(case=case)
        ChangeFactory(survey=survey)
        EvidenceFactory(case=case)
    if case.status in ASSESSED:
        asks = {"rma_help": "assessment", "rma_reason": "Нужен взгляд со стороны"}
        checklist = ChecklistFactory(case=case, **(asks if case.status in WITH_REQUEST else {}))
        StudyFactory(checklist=checklist)
    if case.status in WITH_REQUEST:
        status = Request.Status.ACCEPTED if case.status == Status.RMA_REVIEW else Request.Status.SENT
        RequestFactory(source=case, member=case.rma_member, status=status)
    if case.status in CONCLUDED:
        case.outcome = OutcomeFactory(case=case, basis=checklist)
        case.save(update_fields=["outcome"])
    if case.status == Status.CLOSED:
        MunicipalRecordFactory(case=case)
    if case.status != Status.SCHEDULED:
        TransitionFactory(case=case, to_status=case.status)


class SurveyFactory(DjangoModelFactory):
    class Meta:
        model = Survey

    case = factory.SubFactory(CaseFactory)
    important = "Приёмы формирующего оценивания"
    in_route = Survey.InRoute.OUTSIDE
    has_started = True
    submitted_at = factory.LazyFunction(timezone.now)


class ChangeFactory(DjangoModelFactory):
    class Meta:
        model = Change

    survey = factory.SubFactory(SurveyFactory)
    text = "На каждом уроке есть лист самооценки"


class EvidenceFactory(DjangoModelFactory):
    class Meta:
        model = Evidence

    case = factory.SubFactory(CaseFactory)
    kind = Evidence.Kind.PLAN
    text = "Конспект урока"
    link = "https://example.org/lesson"


class ChecklistFactory(DjangoModelFactory):
    class Meta:
        model = Checklist

    case = factory.SubFactory(CaseFactory)
    assessor_kind = Checklist.AssessorKind.SCHOOL
    assessor = factory.LazyAttribute(
        lambda one: (
            one.case.rma_member.user
            if one.assessor_kind == "rma" and one.case.rma_member
            else one.case.responsible or person_with(Role.METHODIST, one.case.organization)
        )
    )
    is_significant = True
    practice = factory.LazyAttribute(lambda one: Checklist.Practice.FULL if one.is_significant else "")
    other_topic_found = False
    other_topic = factory.LazyAttribute(lambda one: "другая тематика" if one.other_topic_found else "")


class StudyFactory(DjangoModelFactory):
    class Meta:
        model = Study

    checklist = factory.SubFactory(ChecklistFactory)
    kind = Study.Kind.PLAN


class OutcomeFactory(DjangoModelFactory):
    class Meta:
        model = Outcome

    case = factory.SubFactory(CaseFactory)
    variant = Outcome.Variant.ON_TOPIC
    completeness = factory.LazyAttribute(lambda one: "full" if one.variant == 3 else "")
    basis = factory.SubFactory(ChecklistFactory, case=factory.SelfAttribute("..case"))
    reason = "Содержание значимо и находит полное отражение в практике."


class MunicipalRecordFactory(DjangoModelFactory):
    class Meta:
        model = MunicipalRecord

    case = factory.SubFactory(CaseFactory)
    can_present = True
    event_kinds = ["mo"]
    specialist = factory.LazyAttribute(lambda one: person_with(Role.MUNICIPAL, one.case.organization.municipality))


class ConsultationFactory(DjangoModelFactory):
    """`cases=[...]` took part."""

    class Meta:
        model = Consultation
        skip_postgeneration_save = True

    on = factory.LazyFunction(today)
    topic = factory.Sequence(lambda n: f"Листы самооценки, встреча {n}")
    leader = "Наставник школы"
    author = factory.LazyFunction(lambda: person_with(Role.METHODIST, OrganizationFactory()))

    @factory.post_generation
    def cases(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        if create and extracted:
            self.cases.set(extracted)


class TransitionFactory(DjangoModelFactory):
    class Meta:
        model = Transition

    case = factory.SubFactory(CaseFactory)
    move = "open"
    from_status = Status.SCHEDULED
    to_status = Status.SURVEY_OPEN


class VisitFactory(DjangoModelFactory):
    class Meta:
        model = Visit
        skip_postgeneration_save = True

    visitor = factory.SubFactory(UserFactory)
    on = factory.LazyFunction(lambda: today() + timedelta(days=7))

    @factory.post_generation
    def cases(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        if create and extracted:
            self.cases.set(extracted)


# --- ИОМ -----------------------------------------------------------------------------------------------------


class RouteFactory(DjangoModelFactory):
    """`RouteFactory(status=...)` sets what the state presupposes; the content is made apart."""

    class Meta:
        model = Route

    person = factory.SubFactory(UserFactory)
    organization = factory.SelfAttribute("person.organization")
    position = factory.SelfAttribute("person.position")
    subject = factory.SelfAttribute("person.subject")
    author = factory.SelfAttribute("person")
    title = factory.Sequence(lambda n: f"Маршрут {n}")
    starts_on = factory.LazyFunction(today)
    ends_on = factory.LazyFunction(lambda: today() + timedelta(days=200))
    aim = "Освоить формирующее оценивание"
    status = RouteStatus.DRAFT
    step = factory.LazyAttribute(lambda route: "methodist" if route.status == RouteStatus.IN_REVIEW else "")
    return_comment = factory.LazyAttribute(
        lambda route: "Уточните сроки" if route.status == RouteStatus.RETURNED else ""
    )
    agreed_version = factory.LazyAttribute(
        lambda route: 1 if route.status in (*Route.CARRIED_OUT, RouteStatus.COMPLETED) else None
    )
    completed_at = factory.LazyAttribute(
        lambda route: timezone.now() if route.status == RouteStatus.COMPLETED else None
    )


class DeficitFactory(DjangoModelFactory):
    class Meta:
        model = Deficit

    route = factory.SubFactory(RouteFactory)
    text = factory.Sequence(lambda n: f"Формирующее оценивание, часть {n}")


class GoalFactory(DjangoModelFactory):
    class Meta:
        model = Goal

    route = factory.SubFactory(RouteFactory)
    text = factory.Sequence(lambda n: f"Ввести листы самооценки, шаг {n}")


class RouteItemFactory(DjangoModelFactory):
    class Meta:
        model = RouteItem

    route = factory.SubFactory(RouteFactory)
    place = factory.Sequence(lambda n: n + 1)
    status = "planned"
    activity = factory.Sequence(lambda n: f"Семинар {n}")
    form = "nonformal"
    level = "institutional"
    due_on = factory.LazyFunction(lambda: today() + timedelta(days=60))
    product = "Конспект урока"
    return_comment = factory.LazyAttribute(lambda item: "Приложите конспект" if item.status == "returned" else "")
    removed_reason = factory.LazyAttribute(lambda item: "Семинар отменён" if item.status == "removed" else "")
    confirmed_at = factory.LazyAttribute(lambda item: timezone.now() if item.status == "confirmed" else None)


class AssignmentFactory(DjangoModelFactory):
    class Meta:
        model = Assignment

    route = factory.SubFactory(RouteFactory, status=RouteStatus.ACTIVE)
    title = factory.Sequence(lambda n: f"Конспект урока {n}")
    due_on = factory.LazyFunction(lambda: today() + timedelta(days=14))
    author = factory.SubFactory(UserFactory)


class DiagnosisFactory(DjangoModelFactory):
    class Meta:
        model = Diagnosis

    person = factory.SubFactory(UserFactory)
    instrument = "Оценка предметных и методических компетенций"
    on = factory.LazyFunction(today)
    author = factory.SelfAttribute("person")


class DiagnosisBlockFactory(DjangoModelFactory):
    class Meta:
        model = DiagnosisBlock

    diagnosis = factory.SubFactory(DiagnosisFactory)
    topic = factory.Sequence(lambda n: f"Оценивание {n}")
    score = 4
    top = 10
    level = "deficit"


class RouteTemplateFactory(DjangoModelFactory):
    class Meta:
        model = RouteTemplate

    owner = factory.SubFactory(UserFactory)
    title = factory.Sequence(lambda n: f"Шаблон {n}")


class TemplateVersionFactory(DjangoModelFactory):
    class Meta:
        model = TemplateVersion

    template = factory.SubFactory(RouteTemplateFactory)
    content = factory.LazyFunction(
        lambda: {
            "aim": "Освоить формирующее оценивание",
            "deficits": ["Формирующее оценивание"],
            "goals": [{"text": "Ввести листы самооценки", "deficit": 0}],
            "items": [
                {
                    "activity": "Семинар",
                    "deficit": 0,
                    "form": "nonformal",
                    "level": "institutional",
                    "days": 30,
                    "product": "Конспект урока",
                }
            ],
        }
    )
