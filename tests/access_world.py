"""A small world for the access matrix: a teacher and everybody around him, and the same roles elsewhere."""

from dataclasses import dataclass

from cabinet.core.clock import today
from cabinet.core.models import CalendarDay, QuietPeriod
from cabinet.courses.models import Course, ImportBatch
from cabinet.files.models import PreviewPage, StoredFile
from cabinet.files.services import store_bytes
from cabinet.jobs.models import Job
from cabinet.mail.models import Letter
from cabinet.planner.models import Event, Task
from cabinet.users.models import OrganizationPair, PersonPair, Role, User
from iom.models import Answer, Assignment, Deficit, Diagnosis, Goal, LineComment, Route, RouteItem, RouteTemplate
from motor.models import Case, Consultation, Evidence, MunicipalRecord, Objection, Presentation, Status, Visit
from rma.models import Activity, Request
from tests.factories import (
    AssignmentFactory,
    CalendarDayFactory,
    CaseFactory,
    CompletionFactory,
    ConsultationFactory,
    CourseFactory,
    DeficitFactory,
    DiagnosisFactory,
    EvidenceFactory,
    GoalFactory,
    ImportBatchFactory,
    JobFactory,
    LetterFactory,
    MemberFactory,
    OrganizationFactory,
    QuietPeriodFactory,
    RouteFactory,
    RouteItemFactory,
    TaskFactory,
    TemplateVersionFactory,
    VisitFactory,
    person_with,
)
from tests.planner.events import EventFactory, PresentationFactory


@dataclass
class World:
    """`near`: one person per role with the teacher in his scope; `far`: the same roles with another scope."""

    near: dict[str, User]
    far: dict[str, User]
    cases: dict[str, Case]
    course: Course
    file: StoredFile
    evidence: Evidence
    letter: Letter
    job: Job
    task: Task
    step: Task
    request: Request
    batch: ImportBatch
    calendar_day: CalendarDay
    quiet_period: QuietPeriod
    people_pair: PersonPair
    schools_pair: OrganizationPair
    consultation: Consultation
    visit: Visit
    route: Route
    item: RouteItem
    deficit: Deficit
    goal: Goal
    assignment: Assignment
    answer: Answer
    diagnosis: Diagnosis
    template: RouteTemplate
    comment: LineComment
    event: Event
    presentation: Presentation
    activity: Activity


def people_of_a_school() -> dict[str, User]:
    """A teacher and everybody with a role towards him; the РМА member works elsewhere, as he must."""
    school = OrganizationFactory()
    teacher = person_with("teacher", organization=school)
    return {
        "teacher": teacher,
        "head": person_with(Role.HEAD, school),
        "methodist": person_with(Role.METHODIST, school),
        "mentor": person_with(Role.MENTOR, teacher),
        "regional": person_with(Role.REGIONAL),
        "municipal": person_with(Role.MUNICIPAL, school.municipality),
        "curator": person_with(Role.CURATOR),
        "observer": person_with(Role.OBSERVER),
        "admin": person_with(Role.ADMIN),
    }


def make_world() -> World:
    near, far = people_of_a_school(), people_of_a_school()
    teacher, member = near["teacher"], MemberFactory(user=near["regional"])
    MemberFactory(user=far["regional"])
    cases = {}
    for status in Status.values:
        completion = CompletionFactory(person=teacher, course=CourseFactory(curator=near["curator"]))
        asked = member if status in ("rma_requested", "rma_review") else None
        cases[status] = CaseFactory(
            completion=completion, status=status, responsible=near["methodist"], rma_member=asked
        )
    evidence = EvidenceFactory(case=cases["rma_review"])
    stored = store_bytes("конспект.pdf", b"%PDF-1.7", owner=evidence, content_type="application/pdf")
    evidence.file = stored
    evidence.save()
    name = stored.file.name  # what is in it does not matter here
    PreviewPage.objects.create(preview=stored.preview, number=1, file=name, small=name, width=1, height=1)
    route = RouteFactory(person=teacher, status="active", rma_member=member)
    assignment = AssignmentFactory(route=route, author=near["methodist"], status="submitted")
    Objection.objects.create(case=cases["closed"], text="Урок был показан", due_on=today())
    MunicipalRecord.objects.filter(case=cases["closed"]).update(in_pool=True, theme="Квест")
    event = EventFactory(author=near["methodist"], organization=teacher.organization)
    activity = Activity.objects.create(
        member=member, on=today(), kind="other", title="Занятие", hours=1, source=cases["rma_review"]
    )
    return World(
        near=near,
        far=far,
        cases=cases,
        course=cases["follow_up"].completion.course,
        file=stored,
        evidence=evidence,
        letter=LetterFactory(to=teacher, about=cases["survey_open"]),
        job=JobFactory(owner=teacher),
        task=TaskFactory(assignee=teacher, author=teacher),
        step=TaskFactory(assignee=near["methodist"], about=cases["follow_up"], kind="test"),
        request=Request.objects.get(source_id=cases["rma_requested"].pk),
        batch=ImportBatchFactory(state=ImportBatch.State.RUNNING),
        calendar_day=CalendarDayFactory(),
        quiet_period=QuietPeriodFactory(),
        people_pair=PersonPair.objects.create(first=teacher, second=far["teacher"], weight=3, reasons="name"),
        schools_pair=OrganizationPair.objects.create(
            first=teacher.organization, second=far["teacher"].organization, weight=3, reasons="number"
        ),
        consultation=ConsultationFactory(author=near["methodist"], cases=[cases["follow_up"]]),
        visit=VisitFactory(visitor=near["methodist"], cases=[cases["school_review"]]),
        route=route,
        item=RouteItemFactory(route=route),
        deficit=DeficitFactory(route=route),
        goal=GoalFactory(route=route),
        assignment=assignment,
        answer=Answer.objects.create(assignment=assignment, text="Сделано"),
        diagnosis=DiagnosisFactory(person=teacher),
        template=TemplateVersionFactory(template__owner=teacher).template,
        event=event,
        activity=activity,
        presentation=PresentationFactory(case=cases["closed"], event=event),
        comment=LineComment.objects.create(route=route, line="header", text="Уточните цель", author=near["methodist"]),
    )
