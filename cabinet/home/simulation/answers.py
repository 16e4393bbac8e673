"""What people say in the simulated cases: surveys, evidence, checklists, outcomes, records."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from cabinet.home.demo import texts
from cabinet.home.simulation.bulk import write
from motor.decision import decide, reason_in_words
from motor.models import Change, Checklist, Evidence, MunicipalRecord, Outcome, Status, Study, Survey

if TYPE_CHECKING:
    from cabinet.home.simulation.cases import Draft

ROUTES = ((Survey.InRoute.OUTSIDE, 0.45), (Survey.InRoute.NO, 0.3), (Survey.InRoute.NONE, 0.25))
PRACTICES = ((Checklist.Practice.FULL, 0.4), (Checklist.Practice.PARTIAL, 0.35), (Checklist.Practice.ABSENT, 0.25))


class Answers(NamedTuple):
    outcomes: dict[int, Outcome]


def pick(random: Random, shares: tuple[tuple[str, float], ...]) -> str:
    values, weights = zip(*shares, strict=True)
    return str(random.choices(values, weights)[0])


def make_answers(random: Random, chunk: "list[Draft]") -> Answers:
    """Everything said in these cases, a table at a time."""
    surveys = write(Survey, _surveys(random, chunk))
    drafts = {draft.case.pk: draft for draft in chunk}
    write(Change, _changes(random, surveys, drafts))
    write(Evidence, _evidence(random, surveys, drafts))
    checklists = write(Checklist, _checklists(random, chunk))
    write(Study, _studies(random, checklists, drafts))
    outcomes = write(Outcome, _outcomes(checklists, drafts))
    write(MunicipalRecord, _records(random, outcomes, drafts))
    return Answers({outcome.case_id: outcome for outcome in outcomes})


def _surveys(random: Random, chunk: "list[Draft]") -> Iterator[Survey]:
    for case, way, story in chunk:
        submitted_at = way.at("submit")
        if submitted_at is None:
            continue
        in_route = pick(random, ROUTES)
        started = in_route != Survey.InRoute.NONE and random.random() < 0.75
        reasons = [code for code in Survey.Reason.values if code != Survey.Reason.NO_ROUTE]
        reason = Survey.Reason.NO_ROUTE if in_route == Survey.InRoute.NONE else random.choice(reasons)
        yield Survey(
            case=case,
            important=random.choice(story.important),
            in_route=in_route,
            has_started=started,
            reason="" if started else reason,
            reason_text="" if started else texts.REASON_TEXTS[reason],
            nothing_yet=not started and random.random() < 0.5,
            author_id=case.person_id,
            submitted_at=submitted_at,
        )


def _changes(random: Random, surveys: list[Survey], drafts: "dict[int, Draft]") -> Iterator[Change]:
    for survey in surveys:
        if survey.has_started:
            yield Change(survey=survey, text=random.choice(drafts[survey.case_id].story.changes))
        if random.random() < 0.25:
            topic, text = random.choice(texts.OTHER_TOPICS)
            yield Change(survey=survey, text=text, is_on_topic=False, topic=topic)


def _evidence(random: Random, surveys: list[Survey], drafts: "dict[int, Draft]") -> Iterator[Evidence]:
    kinds = (Evidence.Kind.PLAN, Evidence.Kind.OPEN_LESSON, Evidence.Kind.WORKSHOP)
    for survey in surveys:
        if survey.nothing_yet or survey.submitted_at is None:
            continue
        titles = drafts[survey.case_id].story.evidence
        for number in random.sample(range(len(kinds)), random.choice((1, 1, 2))):
            is_event = kinds[number] != Evidence.Kind.PLAN
            yield Evidence(
                case_id=survey.case_id,
                kind=kinds[number],
                text=titles[number],
                link="" if is_event else f"https://materials.example.org/{survey.pk}",
                event_on=survey.submitted_at.date() + timedelta(days=random.randint(3, 20)) if is_event else None,
            )


def _checklists(random: Random, chunk: "list[Draft]") -> Iterator[Checklist]:
    for case, way, _ in chunk:
        if way.at("assess", "ask_rma") is None or case.responsible_id is None:
            continue
        school = _checklist(random, Checklist.AssessorKind.SCHOOL)
        school.case, school.assessor_id = case, case.responsible_id
        if way.at("ask_rma"):
            school.rma_help, school.rma_reason = Checklist.RmaHelp.ASSESSMENT, random.choice(texts.RMA_REASONS)
        yield school
        if way.at("assess_rma") and case.rma_member is not None:
            rma = _checklist(random, Checklist.AssessorKind.RMA)
            if random.random() < 0.7:  # mostly of one mind
                for name in ("is_significant", "practice", "other_topic_found", "other_topic"):
                    setattr(rma, name, getattr(school, name))
            rma.case, rma.assessor_id = case, case.rma_member.user_id
            rma.recommendations = random.choice(texts.RECOMMENDATIONS)
            yield rma


def _checklist(random: Random, kind: str) -> Checklist:
    is_significant = random.random() < 0.82
    practice = pick(random, PRACTICES) if is_significant else ""
    has_other = random.random() < 0.3
    return Checklist(
        assessor_kind=kind,
        is_significant=is_significant,
        practice=practice,
        other_topic_found=has_other,
        other_topic=random.choice(texts.OTHER_TOPICS)[0] if has_other else "",
        recommends_experience=random.choice((True, False, None)),
        comment=random.choice(texts.COMMENTS[practice]),
    )


def _studies(random: Random, checklists: list[Checklist], drafts: "dict[int, Draft]") -> Iterator[Study]:
    kinds = [Study.Kind.PLAN, Study.Kind.LESSON, Study.Kind.WORKSHOP, Study.Kind.TALK]
    for checklist in checklists:
        saved = drafts[checklist.case_id].way.at("assess", "ask_rma")
        for kind in random.sample(kinds, random.choice((1, 2))):
            on = saved.date() if saved else None
            yield Study(checklist=checklist, kind=kind, on=on, note=texts.STUDY_NOTES[kind])


def _outcomes(checklists: list[Checklist], drafts: "dict[int, Draft]") -> Iterator[Outcome]:
    by_case: dict[int, list[Checklist]] = {}
    for checklist in checklists:
        by_case.setdefault(checklist.case_id, []).append(checklist)
    for case_id, given in by_case.items():
        way = drafts[case_id].way
        computed_at = way.at("assess", "assess_rma", "without_rma")
        if computed_at is None:
            continue
        basis = given[-1]  # the РМА's, when there is one
        decision = decide(basis.is_significant, basis.practice, basis.other_topic_found)
        opinions = {(one.is_significant, one.practice, one.other_topic_found) for one in given}
        yield Outcome(
            case_id=case_id,
            variant=decision.variant,
            completeness=decision.completeness,
            basis=basis,
            has_disagreement=len(opinions) > 1,
            reason=reason_in_words(basis, decision),
            computed_at=computed_at,
        )


def _records(random: Random, outcomes: list[Outcome], drafts: "dict[int, Draft]") -> Iterator[MunicipalRecord]:
    kinds = MunicipalRecord.EventKind.values
    for outcome in outcomes:
        case, way, _ = drafts[outcome.case_id]
        if case.responsible_id is None or (way.status != Status.CLOSED and random.random() < 0.6):
            continue
        can_present = outcome.variant == Outcome.Variant.ON_TOPIC and random.random() < 0.6
        yield MunicipalRecord(
            case=case,
            can_present=can_present,
            event_kinds=sorted(random.sample(kinds, random.choice((1, 2)))) if can_present else [],
            note=random.choice(texts.MUNICIPAL_NOTES) if can_present else "",
            specialist_id=case.responsible_id,
            recorded_at=outcome.computed_at,
        )
