"""Cases with their history, requests to РМА and follow-up steps."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby
from random import Random
from typing import NamedTuple

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db.models import OuterRef, Subquery

from cabinet.core.clock import add_months, today
from cabinet.courses.models import Completion
from cabinet.home.demo import texts
from cabinet.home.demo.programmes import Story
from cabinet.home.simulation.answers import Answers, make_answers
from cabinet.home.simulation.bulk import write
from cabinet.home.simulation.people import Population
from cabinet.home.simulation.timeline import Way, draw_way, opening_day
from cabinet.planner.models import Task
from motor.models import Case, Outcome, Status, StopReason, Transition
from motor.services.follow_up import STEPS
from rma.models import Member, Request

CHUNK = 2500
WEEK, MONTH = timedelta(days=7), timedelta(days=28)


class Draft(NamedTuple):
    case: Case
    way: Way
    story: Story


def make_cases(random: Random, population: Population, completions: list[Completion], words: dict[int, Story]) -> int:
    """One case to a completion, in chunks: cases first, then all that points at them."""
    source = ContentType.objects.get_for_model(Case)
    drafts = _draft(random, population, completions, words)
    made = 0
    while chunk := [draft for _, draft in zip(range(CHUNK), drafts, strict=False)]:
        write(Case, [draft.case for draft in chunk])
        answers = make_answers(random, chunk)
        write(Transition, _history(chunk))
        write(Request, _requests(random, chunk, source))
        write(Task, _steps(random, chunk, answers, source))
        made += len(chunk)
    latest = Outcome.objects.filter(case=OuterRef("pk")).order_by("-version").values("pk")[:1]
    Case.objects.filter(outcome=None).update(outcome=Subquery(latest))
    return made


def _draft(
    random: Random, population: Population, completions: list[Completion], words: dict[int, Story]
) -> Iterator[Draft]:
    day = today()
    homes = {person.pk: person.organization for person in population.people if person.organization is not None}
    for person_id, own in groupby(completions, key=lambda completion: completion.person_id):
        mine = [(completion, opening_day(completion.course.ends_on, 3)) for completion in own]
        opened = [opens_on for _, opens_on in mine if opens_on < day]
        for completion, opens_on in mine:
            way = draw_way(random, opens_on, day, is_last=bool(opened) and opens_on == opened[-1])
            if opened and opens_on == opened[-1]:
                opened = []  # two courses may end on one day, but only one case is under way
            organization = homes[person_id]
            responsible = population.methodists.get(organization.pk)
            if responsible in (None, person_id):
                responsible = population.specialists[organization.municipality_id]
            case = _case(completion, way, responsible if way.steps else None)
            case.was_late = way.status != Status.SCHEDULED and random.random() < 0.1
            asked = way.at("accept_rma") is not None
            case.rma_member = _other_member(random, population.members, organization.pk, person_id) if asked else None
            case.without_rma = way.at("without_rma") is not None
            yield Draft(case, way, words[completion.course.programme_id])


def _case(completion: Completion, way: Way, responsible_id: int | None) -> Case:
    last = way.steps[-1].at if way.steps else None
    fields = {} if last is None else {"status_since": last, "opened_at": way.at("open"), "touched_at": last}
    return Case(
        completion=completion,
        person_id=completion.person_id,
        organization_id=completion.organization_id,
        status=way.status,
        opens_on=way.opens_on,
        due_on=_due_on(way),
        responsible_id=responsible_id,
        closed_at=way.at("close"),
        stop_reason=StopReason.LEFT if way.status == Status.STOPPED else "",
        revision=1 + len(way.steps),
        **fields,
    )


def _due_on(way: Way) -> date | None:
    """As the services set it, give or take a holiday."""
    if not way.steps:
        return None
    since = way.steps[-1].at.date()
    limits = {
        Status.SURVEY_OPEN: since + timedelta(days=settings.MOTOR_SURVEY_DAYS),
        Status.SCHOOL_REVIEW: since + MONTH,
        Status.RMA_REQUESTED: since + WEEK,
        Status.RMA_REVIEW: since + MONTH,
        Status.FOLLOW_UP: add_months(since, settings.MOTOR_FOLLOW_UP_MONTHS),
    }
    return limits.get(way.status)


def _other_member(random: Random, members: list[Member], organization_id: int, person_id: int) -> Member | None:
    """A few tries are enough: hardly any member works in the same organization."""
    for _ in range(5):
        member = random.choice(members)
        if member.user_id != person_id and member.user.organization_id != organization_id:
            return member
    return None


def _actor(case: Case, move: str) -> int | None:
    if move in ("open", "expire", "stop"):
        return None
    if move == "submit":
        return case.person_id
    if move in ("accept_rma", "assess_rma"):
        return case.rma_member.user_id if case.rma_member else None
    return case.responsible_id


def _history(chunk: list[Draft]) -> Iterator[Transition]:
    for case, way, _ in chunk:
        status = Status.SCHEDULED
        for step in way.steps:
            yield Transition(
                case=case,
                at=step.at,
                move=step.move,
                from_status=status,
                to_status=step.to,
                actor_id=_actor(case, step.move),
                comment=texts.STOP_REASONS[0] if step.move == "stop" else "",
            )
            status = step.to


REQUEST_STATES = {
    Status.RMA_REQUESTED: Request.Status.SENT,
    Status.RMA_REVIEW: Request.Status.ACCEPTED,
    Status.FOLLOW_UP: Request.Status.DONE,
    Status.CLOSED: Request.Status.DONE,
}


def _requests(random: Random, chunk: list[Draft], source: ContentType) -> Iterator[Request]:
    for case, way, _ in chunk:
        asked = way.at("ask_rma")
        if asked is None or case.rma_member is None or case.responsible_id is None:
            continue  # nobody named yet, or nobody found
        yield Request(
            kind=Request.Kind.ASSESSMENT,
            status=REQUEST_STATES[way.status],
            member=case.rma_member,
            author_id=case.responsible_id,
            person_id=case.person_id,
            organization_id=case.organization_id,
            source_type=source,
            source_id=case.pk,
            reason=random.choice(texts.RMA_REASONS),
            due_on=asked.date() + WEEK,
            answer=random.choice(texts.RMA_ANSWERS),
            answered_at=way.at("accept_rma"),
            created_at=asked,
        )


def _steps(random: Random, chunk: list[Draft], answers: Answers, source: ContentType) -> Iterator[Task]:
    """The steps of the variant: all ended in a closed case, some in one at work."""
    for case, way, _ in chunk:
        outcome = answers.outcomes.get(case.pk)
        if outcome is None or case.responsible_id is None:
            continue
        for step in STEPS[outcome.variant]:
            is_done = way.status == Status.CLOSED or random.random() < 0.3
            waived = is_done and not step.is_required and random.random() < 0.5
            ended = Task.Status.WAIVED if waived else Task.Status.DONE
            yield Task(
                title=step.title,
                text=step.text,
                assignee_id=case.responsible_id,
                organization_id=case.organization_id,
                due_on=add_months(outcome.computed_at.date(), settings.MOTOR_FOLLOW_UP_MONTHS),
                is_required=step.is_required,
                kind=f"motor.v{case.version}.{step.code}",
                about_type=source,
                about_id=case.pk,
                status=ended if is_done else Task.Status.OPEN,
                outcome=random.choice(texts.STEP_RESULTS) if is_done else "",
                done_at=(case.closed_at or outcome.computed_at) if is_done else None,
                done_by_id=case.responsible_id if is_done else None,
            )
