"""Everything that can be done to a case by a service: from which states it may, and with what."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from cabinet.core.clock import today
from cabinet.planner.models import Task
from cabinet.planner.services import complete_task
from motor import services
from motor.models import Case, Objection, Status, StopReason
from motor.moves import ALIVE, ANSWERED_FOR, CONCLUDED, MoveRefused
from motor.services import agreement, consultations, errands, halting, naming, objections, returns, review, transfer
from motor.services.evidence import former_evidence
from rma.models import Request
from rma.origins import Done, origin_named
from rma.services import RequestRefused
from tests.motor.walk.world import Clock, World, member, organization

Draw = Callable[[st.SearchStrategy[Any]], Any]
UNDER_WAY = (Status.SCHEDULED, *Case.UNDER_WAY)
ANYWHERE = tuple(Status)
NEVER: tuple[Status, ...] = ()
WORDS = st.sampled_from(["Так решили вместе", "", "  "])  # empty words are refused
REASON = st.sampled_from(["Причина названа"] * 9 + [" "])


@dataclass(frozen=True)
class Walker:
    """What an act sees: the world, its clock, the case as the actor knows it."""

    world: World
    clock: Clock
    case: Case
    draw: Draw


@dataclass(frozen=True)
class Act:
    name: str
    states: tuple[Status, ...]  # in every other state it has to be refused
    run: Callable[[Walker], object]


ACTS: dict[str, Act] = {}


def act(name: str, *states: Status) -> Callable[[Callable[[Walker], object]], Callable[[Walker], object]]:
    def register(run: Callable[[Walker], object]) -> Callable[[Walker], object]:
        ACTS[name] = Act(name, states, run)
        return run

    return register


class NothingToDo(MoveRefused):
    """The walk has nothing to call the service with (no step, no request): as good as a refusal."""


# --- The teacher ---------------------------------------------------------------------------------------------


@act("submit", Status.SURVEY_OPEN, Status.NO_RESPONSE, *Case.REVIEWED)
def submit(walker: Walker) -> None:
    has_started, ahead = walker.draw(st.booleans()), walker.draw(st.sampled_from([None, 3, 40]))
    event = today() + timedelta(days=ahead) if ahead else None
    shared = next(iter(former_evidence(walker.case)), None) if walker.draw(st.booleans()) else None
    answers = services.SurveyAnswers(
        important="Приёмы оценивания",
        in_route="no",
        has_started=has_started,
        reason="" if has_started else "time",
        changes=[services.ChangeAnswer("Листы самооценки")] if has_started else [],
        evidence=[services.EvidenceAnswer("open_lesson", event_on=event)],
        shared=[shared] if shared else [],
    )
    services.submit_survey(walker.case, answers, author=None, channel="link")


@act("object", *CONCLUDED)
def object_to(walker: Walker) -> None:
    objections.object_to(walker.case, text=walker.draw(REASON), actor=None)


# --- The one who answers for the case ------------------------------------------------------------------------


def answers_of(draw: Draw, rma_help: str = "") -> services.ChecklistAnswers:
    practice = draw(st.sampled_from(["full", "partial", "absent", ""]))
    other = draw(st.booleans())
    return services.ChecklistAnswers(
        is_significant=practice != "",
        practice=practice,
        other_topic_found=other,
        other_topic="Робототехника" if other else "",
        rma_help=rma_help,
        rma_reason="Нужен взгляд со стороны" if rma_help else "",
        studies=[services.StudyAnswer("talk", today())],
    )


@act("checklist", Status.SCHOOL_REVIEW)
def checklist(walker: Walker) -> None:
    draw, world = walker.draw, walker.world
    rma_help = draw(st.sampled_from(["", *["assessment"] * 3, "iom_help"]))
    asked = draw(st.sampled_from([None, *world.members])) if rma_help else None
    services.save_school_checklist(
        walker.case,
        answers_of(draw, rma_help),
        assessor=world.leader(walker.case),
        member=member(asked) if asked else None,
    )


@act("assess himself")
def assess_himself(walker: Walker) -> None:
    save = walker.draw(st.sampled_from([services.save_school_checklist, services.save_rma_checklist]))
    save(walker.case, answers_of(walker.draw), assessor=walker.case.person)


@act("return", Status.SCHOOL_REVIEW)
def return_to_teacher(walker: Walker) -> None:
    returns.return_to_teacher(walker.case, actor=walker.world.leader(walker.case), comment=walker.draw(REASON))


@act("without_survey", Status.SURVEY_OPEN, Status.NO_RESPONSE)
def without_survey(walker: Walker) -> None:
    returns.go_without_survey(walker.case, actor=walker.world.leader(walker.case), reason=walker.draw(REASON))


@act("postpone", Status.SCHOOL_REVIEW)
def postpone(walker: Walker) -> None:
    until = today() + timedelta(days=walker.draw(st.sampled_from([30, 90, 0, 400])))
    returns.postpone(walker.case, actor=walker.world.leader(walker.case), until=until, reason=walker.draw(REASON))


@act("not_assessed", Status.SCHOOL_REVIEW)
def not_assessed(walker: Walker) -> None:
    returns.leave_not_assessed(walker.case, actor=walker.world.leader(walker.case), reason=walker.draw(REASON))


@act("name_rma", Status.RMA_REQUESTED)
def name_rma(walker: Walker) -> None:
    chosen = member(walker.draw(st.sampled_from(walker.world.members)))
    services.name_rma(walker.case, chosen, actor=walker.world.leader(walker.case), reason="Нужен взгляд со стороны")


@act("without_rma", Status.RMA_REQUESTED)
def without_rma(walker: Walker) -> None:
    services.go_without_rma(walker.case, actor=walker.world.leader(walker.case), reason=walker.draw(REASON))


@act("replace_rma", Status.RMA_REQUESTED, Status.RMA_REVIEW)
def replace_rma(walker: Walker) -> None:
    review.replace_rma(walker.case, actor=walker.world.leader(walker.case), reason=walker.draw(REASON))


@act("name_responsible", *ANSWERED_FOR)
def name_responsible(walker: Walker) -> None:
    world = walker.world
    person = world.user(walker.draw(st.sampled_from(world.deputies)))
    naming.name_responsible(walker.case, person, world.user(world.admin), walker.draw(REASON))


# --- РМА -----------------------------------------------------------------------------------------------------


def a_request(walker: Walker, *, named: bool = True) -> Request:
    """One of the case's requests, the latest most often."""
    rows = Request.objects.of(walker.case).select_related("member__user", "author", "person", "former")
    found = list((rows.exclude(member=None) if named else rows).order_by("-pk"))
    if not found:
        raise NothingToDo
    return walker.draw(st.sampled_from([found[0]] * 4 + found))


def through(answer: Callable[[], object]) -> None:
    """As the pages of requests do it: what the case refuses, the request refuses."""
    try:
        answer()
    except RequestRefused as refusal:
        raise MoveRefused(str(refusal)) from refusal


ORIGIN: Any = origin_named("case")


@act("ask_help", *Case.UNDER_WAY)
def ask_help(walker: Walker) -> None:
    kind = walker.draw(st.sampled_from(["iom_help", "consultation"]))
    asked = walker.draw(st.sampled_from([None, *walker.world.members]))
    need = ORIGIN.need(walker.world.leader(walker.case), walker.case.pk, kind)
    if need is None:
        raise NothingToDo
    need = replace(need, source=walker.case, reason="Нужен совет")
    through(lambda: ORIGIN.ask(need, member(asked) if asked else None, author=walker.world.leader(walker.case)))


@act("name_queued", *Case.UNDER_WAY)
def name_queued(walker: Walker) -> None:
    request = a_request(walker, named=False)
    chosen = member(walker.draw(st.sampled_from(walker.world.members)))
    through(lambda: ORIGIN.name(request, chosen, actor=walker.world.user(walker.world.specialist)))


@act("accept", *Case.UNDER_WAY)
def accept(walker: Walker) -> None:
    request = a_request(walker)
    services.accept_request(walker.case, request, actor=request.member.user)


@act("decline", *Case.UNDER_WAY)
def decline(walker: Walker) -> None:
    request = a_request(walker)
    services.decline_request(walker.case, request, actor=request.member.user, reason=walker.draw(REASON))


@act("propose_day", *Case.UNDER_WAY)
def propose_day(walker: Walker) -> None:
    request, day = a_request(walker), today() + timedelta(days=10)
    through(lambda: ORIGIN.propose(request, day, actor=request.member.user, comment="Позже"))


@act("agree_day", *Case.UNDER_WAY)
def agree_day(walker: Walker) -> None:
    request = a_request(walker)
    through(lambda: ORIGIN.agree_date(request, actor=walker.world.leader(walker.case)))


@act("pass_on", *Case.UNDER_WAY)
def pass_on(walker: Walker) -> None:
    request, reason = a_request(walker), walker.draw(REASON)
    to = member(walker.draw(st.sampled_from(walker.world.members)))
    through(lambda: ORIGIN.hand_over(request, to, actor=request.member.user, reason=reason))


@act("finish_help", *Case.UNDER_WAY)
def finish_help(walker: Walker) -> None:
    request = a_request(walker)
    through(lambda: ORIGIN.finish(request, Done(today(), "Разобрали вместе", 1), actor=request.member.user))


@act("withdraw_request", *Case.UNDER_WAY)
def withdraw_request(walker: Walker) -> None:
    request, reason = a_request(walker, named=False), walker.draw(REASON)
    through(lambda: ORIGIN.withdraw(request, actor=walker.world.leader(walker.case), reason=reason))


@act("lend", *Case.UNDER_WAY)
def lend(walker: Walker) -> None:
    request, to = a_request(walker), member(walker.draw(st.sampled_from(walker.world.members)))
    through(lambda: ORIGIN.lend(request, to, actor=None))


@act("rma_checklist", Status.RMA_REVIEW)
def rma_checklist(walker: Walker) -> None:
    asked = walker.case.rma_member or member(walker.world.members[0])
    services.save_rma_checklist(walker.case, answers_of(walker.draw), assessor=asked.user)


@act("return_school", Status.RMA_REVIEW)
def return_school(walker: Walker) -> None:
    asked = walker.case.rma_member or member(walker.world.members[0])
    returns.return_to_school(walker.case, actor=asked.user, comment=walker.draw(REASON))


# --- Two opinions --------------------------------------------------------------------------------------------


@act("propose", Status.FOLLOW_UP)
def propose(walker: Walker) -> None:
    practice = walker.draw(st.sampled_from(["full", "absent"]))
    conclusion = agreement.Conclusion(True, practice, False, comment=walker.draw(REASON))
    agreement.propose_agreement(walker.case, conclusion, actor=assessor(walker))


@act("confirm", Status.FOLLOW_UP)
def confirm(walker: Walker) -> None:
    agreement.confirm_agreement(walker.case, actor=assessor(walker))


def assessor(walker: Walker) -> Any:
    both = agreement.assessors_of(walker.case)
    return both[walker.draw(st.integers(0, len(both) - 1))] if both else walker.world.leader(walker.case)


# --- The result ----------------------------------------------------------------------------------------------


def a_step(walker: Walker) -> Task:
    steps = services.steps_of(walker.case)
    if not steps:
        raise NothingToDo
    return steps[walker.draw(st.integers(0, len(steps) - 1))]


@act("finish_step", Status.FOLLOW_UP)
def finish_step(walker: Walker) -> None:
    note = walker.draw(REASON)
    services.finish_step(walker.case, a_step(walker), actor=walker.world.leader(walker.case), note=note)


@act("waive_step", Status.FOLLOW_UP)
def waive_step(walker: Walker) -> None:
    reason = walker.draw(REASON)
    services.waive_step(walker.case, a_step(walker), actor=walker.world.leader(walker.case), reason=reason)


@act("hand_over_step", Status.FOLLOW_UP)
def hand_over_step(walker: Walker) -> None:
    step, people = a_step(walker), errands.people_for_step(walker.case)
    if not people:
        raise NothingToDo
    actor, due_on = walker.world.leader(walker.case), today() + timedelta(days=7)
    errands.hand_over_step(walker.case, step, to=people[0][0], actor=actor, due_on=due_on)


@act("take_back_step", Status.FOLLOW_UP)
def take_back_step(walker: Walker) -> None:
    errands.take_back_step(walker.case, a_step(walker), actor=walker.world.leader(walker.case))


@act("complete_errand", Status.FOLLOW_UP)
def complete_errand(walker: Walker) -> None:
    """In the list of tasks, where nothing is known of cases: the sweep finds it."""
    errand = Task.objects.of(walker.case).open().exclude(step=None).first()
    if errand is None or not complete_task(errand, errand.assignee, "Сделано"):
        raise NothingToDo


@act("record", *CONCLUDED)
def record(walker: Walker) -> None:
    can = walker.draw(st.sampled_from([True, False, None]))
    kinds, in_pool = (["mo"], walker.draw(st.booleans())) if can else ([], False)
    answer = services.RecordAnswer(
        can, kinds, in_pool, "Квест по физике" if in_pool else "", walker.draw(WORDS).strip()
    )
    services.record_result(walker.case, answer, specialist=walker.world.user(walker.world.specialist))


@act("consult", Status.FOLLOW_UP)
def consult(walker: Walker) -> None:
    meeting = consultations.Meeting(today(), "Оценивание", leader="Наставник")
    author = walker.world.leader(walker.case)
    noted = walker.case.transitions.filter(move="consult").count()
    consultations.hold_consultation(meeting, [walker.case], author=author)
    if walker.case.transitions.filter(move="consult").count() == noted:
        raise NothingToDo


@act("close", Status.FOLLOW_UP)
def close(walker: Walker) -> None:
    services.close_case(walker.case, actor=walker.world.leader(walker.case), reason=walker.draw(REASON))


@act("decline_objection", *CONCLUDED)
def decline_objection(walker: Walker) -> None:
    specialist = walker.world.user(walker.world.specialist)
    objections.decline_objection(walker.case, actor=specialist, answer=walker.draw(REASON))


@act("uphold_objection", *CONCLUDED)
def uphold_objection(walker: Walker) -> None:
    specialist = walker.world.user(walker.world.specialist)
    objections.uphold_objection(walker.case, actor=specialist, answer=walker.draw(REASON))


@act("reopen", *CONCLUDED)
def reopen(walker: Walker) -> None:
    objections.reopen_case(walker.case, actor=walker.world.user(walker.world.admin), reason=walker.draw(REASON))


# --- Halts ---------------------------------------------------------------------------------------------------


@act("open", Status.SCHEDULED)
def open_now(walker: Walker) -> None:
    services.open_case(walker.case)


@act("pause", *UNDER_WAY)
def pause(walker: Walker) -> None:
    until = today() + timedelta(days=walker.draw(st.sampled_from([20, 200, 0])))
    halting.pause_case(walker.case, actor=walker.world.leader(walker.case), until=until, reason=walker.draw(REASON))


@act("resume", *UNDER_WAY)
def resume(walker: Walker) -> None:
    halting.resume_case(walker.case, actor=walker.world.leader(walker.case))


@act("stop", *ALIVE)
def stop(walker: Walker) -> None:
    reason = walker.draw(st.sampled_from([*StopReason.values, "неизвестно"]))
    comment = walker.draw(WORDS)
    halting.stop_case(walker.case, actor=walker.world.leader(walker.case), reason=reason, comment=comment)


@act("restore", Status.STOPPED)
def restore(walker: Walker) -> None:
    halting.restore_case(walker.case, actor=walker.world.user(walker.world.admin), reason=walker.draw(REASON))


@act("transfer", *ANYWHERE)
def move_person(walker: Walker) -> None:
    to = organization(walker.draw(st.sampled_from(walker.world.organizations)))
    transfer.transfer_person(walker.case.person, to, actor=walker.world.user(walker.world.admin), comment="С сентября")


# --- The regular way -----------------------------------------------------------------------------------------


def regular(walker: Walker) -> str:
    """The name of the act that brings a case on, so that walks go deep."""
    case, draw = walker.case, walker.draw
    match case.status:
        case Status.SURVEY_OPEN | Status.NO_RESPONSE:
            return "submit"
        case Status.SCHOOL_REVIEW:
            return str(draw(st.sampled_from(["checklist"] * 5 + ["submit" if case.without_survey else "return"])))
        case Status.RMA_REQUESTED if asked := services.open_request(case):
            if asked.status == Request.Status.PROPOSED:
                return "agree_day"
            return str(draw(st.sampled_from(["accept", "accept", "decline", "propose_day", "pass_on"])))
        case Status.RMA_REQUESTED:
            return "name_rma"
        case Status.RMA_REVIEW:
            return str(draw(st.sampled_from(["rma_checklist"] * 2 + ["return_school"])))
        case Status.FOLLOW_UP | Status.CLOSED:
            return of_result(case, draw)
        case Status.STOPPED:
            return "restore"
    return "open"


def of_result(case: Case, draw: Draw) -> str:
    if any(agreement.may_agree(case, one) for one in agreement.assessors_of(case)):
        return "confirm" if case.agreements.filter(version=case.version).exists() else "propose"
    if objections.may_object(case) and draw(st.booleans()):
        return "object"
    if Objection.objects.filter(case=case, decision="").exists():
        return str(draw(st.sampled_from(["decline_objection", "uphold_objection"])))
    if case.status == Status.CLOSED:
        return "reopen"
    return str(draw(st.sampled_from(["finish_step", "consult", "record"])))
