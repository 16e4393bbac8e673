"""What a case tells its reader: whose turn, which steps are behind and ahead, what was said."""

from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, OuterRef

from cabinet.core.clock import today
from cabinet.files.models import StoredFile
from cabinet.planner.models import Task
from cabinet.users.models import User
from motor.models import (
    Agreement,
    Case,
    Change,
    Checklist,
    Evidence,
    MunicipalRecord,
    Objection,
    Outcome,
    Presentation,
    Status,
    Survey,
    Transition,
)
from motor.moves import MOVES
from motor.services.differences import Difference, differences_of
from motor.services.experience_story import records_of
from motor.services.follow_up import STEPS, steps_of
from motor.services.opening import busy_with
from motor.services.stays import Stay, held_since, stays_of
from rma.models import Request, RequestQuerySet


@dataclass(frozen=True)
class Stage:
    """One of the four steps of a case as the indicator shows it: done, now, todo or skip."""

    label: str
    state: str
    note: str = ""


@dataclass
class Story:
    """Everything a reader of the case page may see; `is_inside` opens assessors' notes, never to the teacher."""

    case: Case
    is_inside: bool
    stages: list[Stage]
    turn: str
    survey: Survey | None = None
    scan: StoredFile | None = None  # of the paper form
    evidence: list[Evidence] = field(default_factory=list)
    checklists: list[Checklist] = field(default_factory=list)
    hidden_opinion: bool = False
    record: MunicipalRecord | None = None
    presentations: list[Presentation] = field(default_factory=list)  # of his experience, planned and made
    steps: list[Task] = field(default_factory=list)
    next_steps: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    history: list[Transition] = field(default_factory=list)
    objection: Objection | None = None
    agreement: Agreement | None = None
    former: "list[Former]" = field(default_factory=list)
    assessors: list[Checklist] = field(default_factory=list)  # of the present version, hidden or not
    stays: list[Stay] = field(default_factory=list)
    held_since: datetime | None = None
    differences: list[Difference] | None = None
    sees_notes: bool = False  # what assessors write for one another: not for the teacher, the curator, the mentor

    @property
    def headline(self) -> str:
        """«У кого сейчас?» in one line."""
        if not self.turn or self.case.status in (Status.CLOSED, Status.STOPPED):
            return self.case.get_status_display()
        nobodys = self.case.status == Status.SCHEDULED or self.case.paused_until is not None
        return self.turn[:1].upper() + self.turn[1:] if nobodys else f"Чей ход: {self.turn}"

    @property
    def is_settled(self) -> bool:
        """The two assessors came to one conclusion."""
        return self.agreement is not None and self.agreement.confirmed_at is not None

    @property
    def standing(self) -> Transition | None:
        """Who said, when and why the case stands still, is over without a result or was sent back."""
        wanted = _word_wanted(self.case)
        return next((one for one in reversed(self.history) if one.move in wanted), None)

    @property
    def open_request(self) -> Request | None:
        kinds = [one for one in self.requests if one.kind == Request.Kind.ASSESSMENT and one.status in Request.OPEN]
        return kinds[0] if kinds else None

    @property
    def other_changes(self) -> list[Change]:
        """Changes the teacher himself ascribes to another topic: a hint for the assessor."""
        if self.survey is None:
            return []
        return [one for one in (*self.survey.practised, *self.survey.changes.all()) if not one.is_on_topic]

    @property
    def is_single(self) -> bool:
        """One opinion takes the whole width; two stand side by side."""
        return len(self.checklists) == 1

    @property
    def has_open_steps(self) -> bool:
        """Required steps that are not done yet; the case does not end without them."""
        return any(task.is_required and task.is_open for task in self.steps)


@dataclass
class Former:
    """What was said before a reopening or a return; it stays readable."""

    version: int
    surveys: list[Survey] = field(default_factory=list)
    checklists: list[Checklist] = field(default_factory=list)
    outcome: Outcome | None = None
    record: MunicipalRecord | None = None


def _word_wanted(case: Case) -> tuple[str, ...]:
    """Moves one of which explains where the case stands."""
    if case.paused_until is not None:
        return ("pause",)
    match case.status:
        case Status.STOPPED:
            return ("stop",)
        case Status.SURVEY_OPEN:
            return ("return",)
        case Status.SCHOOL_REVIEW:
            return ("postpone",) if case.postponed_until else ("return_school", "without_survey", "reopen")
        case Status.CLOSED if case.outcome_id is None:
            return ("not_assessed",)
    return ()


ORDER = {
    Status.SCHEDULED: 0,
    Status.SURVEY_OPEN: 1,
    Status.NO_RESPONSE: 1,
    Status.SCHOOL_REVIEW: 2,
    Status.RMA_REQUESTED: 3,
    Status.RMA_REVIEW: 3,
    Status.FOLLOW_UP: 4,
    Status.CLOSED: 5,
    Status.STOPPED: 0,
}


STAGES = {1: "Опросный лист", 2: "Оценка методистом ОО", 3: "Оценка методистом РМА", 4: "Результат и работа с ним"}


def stages_of(case: Case, *, with_rma: bool) -> list[Stage]:
    """Опросный лист → методист ОО → РМА (when engaged in the assessment) → результат и работа: always four."""
    here = ORDER[Status(case.status)]
    return [Stage(title, *_state(case, number, here, with_rma)) for number, title in STAGES.items()]


def _state(case: Case, number: int, here: int, with_rma: bool) -> tuple[str, str]:
    if number == 1 and case.without_survey and here > 1:
        return "skip", "без листа"
    if number == 3 and not with_rma:
        return ("skip", "не понадобилась") if here > 3 else ("todo", "если понадобится")
    return ("done", "") if number < here else ("now", "") if number == here else ("todo", "")


def turn_of(case: Case, request: Request | None = None, busy: int | None = None) -> str:
    """Whose turn it is, by name: nothing waits silently. `busy` is the person's case that must end first."""
    if case.paused_until is not None:
        return f"пауза до {case.paused_until:%d.%m.%Y}"
    responsible = case.responsible.short_name if case.responsible else "ответственный не назначен"
    match case.status:
        case Status.SCHEDULED:
            if case.waits_for_word:
                return "ждёт решения администратора"
            if busy and case.opens_on <= today():
                return f"ждёт завершения карты № {busy}"
            after = f", если завершится карта № {busy}" if busy else ""
            return f"откроется {case.opens_on:%d.%m.%Y}{after}"
        case Status.SURVEY_OPEN | Status.NO_RESPONSE:
            return f"{case.person.short_name} — опросный лист"
        case Status.SCHOOL_REVIEW:
            return f"{responsible} — чек-лист"
        case Status.RMA_REQUESTED:
            if request is not None and request.status == Request.Status.PROPOSED:
                return f"{responsible} — согласовать день с методистом РМА"
            if request is not None and request.member is not None:
                return f"{request.member.user.short_name} — ответ на запрос"
            return f"{responsible} — назвать методиста РМА"
        case Status.RMA_REVIEW:
            return f"{case.rma_member.user.short_name if case.rma_member else 'РМА'} — чек-лист"
        case Status.FOLLOW_UP:
            return f"{responsible} — шаги по результату"
    return ""


def turns_of(cases: list[Case]) -> list[tuple[Case, str]]:
    """Each case of a page with whose turn it is; one query for all their requests, one for what they wait for."""
    waiting = [case.pk for case in cases if case.status == Status.RMA_REQUESTED]
    asked: dict[int | None, Request] = {}
    if waiting:
        requests = Request.objects.filter(
            source_type=ContentType.objects.get_for_model(Case),
            source_id__in=waiting,
            kind=Request.Kind.ASSESSMENT,
            status__in=Request.OPEN,
        )
        asked = {request.source_id: request for request in requests.select_related("member__user")}
    busy = busy_with(cases)
    return [(case, turn_of(case, asked.get(case.pk), busy.get(case.person_id))) for case in cases]


COLLEAGUES = frozenset({"head", "methodist", "municipal", "regional", "admin"})


def story_of(case: Case, reader: User | None = None) -> Story:
    """Collect the case for a reader; without one, for the teacher by his link. Constant queries."""
    is_inside = reader is not None and reader.pk != case.person_id
    surveys = list(case.surveys.submitted().select_related("author").prefetch_related("changes"))
    survey = surveys[-1] if surveys else None
    every_checklist = list(case.checklists.select_related("assessor").prefetch_related("studies"))
    checklists = [one for one in every_checklist if one.superseded_at is None and one.version == case.version]
    requests = list(_requests(case, reader))
    records, presentations = records_of(case, reader)
    story = Story(
        case=case,
        is_inside=is_inside,
        stages=stages_of(case, with_rma=_has_rma(case, checklists)),
        turn="",
        survey=survey,
        scan=_scan(survey),
        evidence=_evidence(case),
        checklists=checklists,
        record=records.pop(case.version, None),
        presentations=presentations,
        requests=requests,
        objection=getattr(case, "objection", None),
        assessors=checklists,
        sees_notes=is_inside and reader is not None and bool(reader.roles & COLLEAGUES),
    )
    story.turn = turn_of(case, story.open_request, busy_with([case]).get(case.person_id))
    if case.outcome is not None:
        story.next_steps = [step.title for step in STEPS[case.outcome.variant]]
    history = _history(case) if reader is not None else []
    story.stays = stays_of(case, history)
    story.held_since = held_since(story.stays, history)
    if not is_inside:
        story.former = _former(case, surveys[:-1], [], {}, {})
        # The teacher reads conclusions once there is a result, and never a half of the opinions.
        story.checklists = checklists if case.outcome is not None else []
        return story
    if reader is not None and _waits_for_second_opinion(case, reader):
        # A second opinion is worth something only while the first is not known.
        story.checklists, story.hidden_opinion = [], True
    else:
        past = [one for one in every_checklist if one not in checklists]
        story.former = _former(case, surveys[:-1], past, _past_outcomes(case), records)
    story.differences = differences_of(story.checklists)
    if case.outcome is not None and case.outcome.has_disagreement:
        agreements = case.agreements.filter(version=case.version).select_related("proposed_by", "confirmed_by")
        story.agreement = agreements.first()
    story.steps = steps_of(case) if case.outcome is not None else []
    for task in story.steps:
        # The task's title names the person for lists; the case's page has that name in its heading.
        task.label = task.title.rsplit(" — ", 1)[0]  # type: ignore[attr-defined]
    if case.status == Status.FOLLOW_UP and not story.record and not story.has_open_steps:
        story.turn = "специалист ММС — учёт результата"
    story.history = history
    return story


def material_of(case: Case) -> Story:
    """What an assessor reads beside his checklist: the teacher's words, the evidence, why it was sent back."""
    survey = case.surveys.submitted().select_related("author").prefetch_related("changes").last()
    story = Story(
        case=case,
        is_inside=True,
        stages=[],
        turn="",
        survey=survey,
        scan=_scan(survey),
        evidence=_evidence(case),
    )
    story.history = _history(case)
    return story


def _requests(case: Case, reader: User | None) -> RequestQuerySet:
    """The latest first; `is_open`: the reader may open its page."""
    seen = Request.objects.visible_to(reader) if reader is not None else Request.objects.none()
    rows = Request.objects.of(case).select_related("member__user", "author", "organization", "person")
    return rows.annotate(is_open=Exists(seen.filter(pk=OuterRef("pk")))).order_by("-pk")


def _scan(survey: Survey | None) -> StoredFile | None:
    if survey is None or survey.channel != Survey.Channel.PAPER:
        return None
    return survey.scans.select_related("preview").first()


def _evidence(case: Case) -> list[Evidence]:
    return list(case.evidence.in_force().select_related("file__preview"))


def _history(case: Case) -> list[Transition]:
    history = list(case.transitions.select_related("actor"))
    for line in history:
        line.label = MOVES[line.move].label  # type: ignore[attr-defined]
    return history


def _past_outcomes(case: Case) -> dict[int, Outcome]:
    """Version → outcome of the versions before a reopening; no query for a case never reopened."""
    if case.version == 1:
        return {}
    return {one.version: one for one in case.outcomes.filter(version__lt=case.version)}


def _former(
    case: Case,
    surveys: list[Survey],
    checklists: list[Checklist],
    outcomes: dict[int, Outcome],
    records: dict[int, MunicipalRecord],
) -> list[Former]:
    """By version, the latest first; versions with nothing to read are left out."""
    found = [
        Former(
            version,
            [one for one in surveys if one.version == version],
            [one for one in checklists if one.version == version],
            outcomes.get(version),
            records.get(version),
        )
        for version in range(case.version, 0, -1)
    ]
    return [one for one in found if one.surveys or one.checklists or one.outcome or one.record]


def _has_rma(case: Case, checklists: list[Checklist]) -> bool:
    """Is a second opinion wanted or given? Help with the ИОМ alone is not."""
    given = any(one.assessor_kind == Checklist.AssessorKind.RMA for one in checklists)
    return given or case.status in (Status.RMA_REQUESTED, Status.RMA_REVIEW)


def _waits_for_second_opinion(case: Case, reader: User) -> bool:
    if case.status == Status.RMA_REVIEW and case.rma_member is not None and case.rma_member.user_id == reader.pk:
        return True
    if "regional" not in reader.roles:
        return False
    # While a request has no answer, any member may yet be the one who is asked.
    is_open_to_all = case.status == Status.RMA_REQUESTED
    return is_open_to_all or Case.objects.owed_second_opinion_by(reader).filter(pk=case.pk).exists()
