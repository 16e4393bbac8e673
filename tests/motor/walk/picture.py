"""All that is known of the cases at one moment, and what must hold of it."""

from collections import defaultdict
from typing import Any

from django.db.models import F

from cabinet.mail.models import Letter
from cabinet.planner.models import Task
from cabinet.users.models import LogEntry, User
from motor.decision import decide
from motor.models import (
    Agreement,
    Case,
    Change,
    Checklist,
    Evidence,
    MunicipalRecord,
    Objection,
    Outcome,
    Status,
    Study,
    Survey,
    Transition,
)
from motor.moves import MOVES
from motor.services.follow_up import COUNTING
from motor.services.responsible import STEP_PREFIX
from rma.models import Member, Request

Row = dict[str, Any]
# Model → where its case stands, seen from a row.
OF_CASE = {
    Case: "id",
    Transition: "case_id",
    Survey: "case_id",
    Change: "survey__case_id",
    Evidence: "case_id",
    Checklist: "case_id",
    Study: "checklist__case_id",
    Outcome: "case_id",
    MunicipalRecord: "case_id",
    Objection: "case_id",
    Agreement: "case_id",
    Request: "source_id",
}
# Steps are ended in the list of tasks too, which knows nothing of cases; the rest belongs to no case.
BESIDE = {Task: "about_id", Letter: "about_id", LogEntry: "about_id", User: "id"}
# Columns that may change in what somebody has said once; everything else of it stands for ever.
MUTABLE = {
    Survey: {"returned_at", "return_comment", "saved_at"},
    Checklist: {"superseded_at"},
    Change: set(),
    Study: set(),
    Transition: set(),
    LogEntry: set(),
}
OF_A_VERSION = (Outcome, MunicipalRecord, Agreement)  # may change while their version is the present one


class Picture:
    def __init__(self) -> None:
        self.rows: dict[type, dict[int, Row]] = {}
        for model, path in (OF_CASE | BESIDE).items():
            rows = model.objects.order_by("pk").annotate(of_case=F(path)).values()  # type: ignore[attr-defined]
            self.rows[model] = {row["id"]: row for row in rows}
        self.members = dict(Member.objects.values_list("pk", "user"))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Picture) and self.rows == other.rows

    @property
    def cases(self) -> list[Row]:
        return list(self.rows[Case].values())

    def of(self, model: type, case: Row, **values: Any) -> list[Row]:
        """Rows of the case with these values, in the order they were written."""
        own = [row for row in self.rows[model].values() if row["of_case"] == case["id"]]
        return [row for row in own if all(row[name] == value for name, value in values.items())]

    def by_case(self) -> dict[int, set[tuple[Any, ...]]]:
        """Case → everything that is the case's own, to compare two pictures."""
        found: dict[int, set[tuple[Any, ...]]] = defaultdict(set)
        for model in OF_CASE:
            for row in self.rows[model].values():
                # A reminder changes nothing but the number of reminders.
                values = tuple((name, str(value)) for name, value in row.items() if name != "reminders")
                found[row["of_case"]].add((model.__name__, *values))
        return found


def check(picture: Picture) -> None:
    for case in picture.cases:
        history_is_whole(picture, case)
        columns_fit_the_state(case)
        requests_fit_the_state(picture, case)
        assessors_are_independent(picture, case)
        result_follows_from_the_checklists(picture, case)
        steps_fit_the_state(picture, case)
        nobody_is_bothered(picture, case)


def history_is_whole(picture: Picture, case: Row) -> None:
    """From «Запланировано» on without a gap, each move as the table allows it."""
    here, stopped_in = Status.SCHEDULED.value, ""
    lines = picture.of(Transition, case)
    assert lines == sorted(lines, key=lambda line: (line["at"], line["id"]))
    for line in lines:
        move = MOVES[line["move"]]
        assert line["from_status"] == here in move.sources, line
        here = line["to_status"]
        if line["move"] == "restore":
            # The member was released when the case stopped: he is asked anew.
            assert here == (Status.RMA_REQUESTED if stopped_in == Status.RMA_REVIEW else stopped_in), line
        else:
            assert here == (move.target or line["from_status"]), line
        stopped_in = line["from_status"] if line["move"] == "stop" else stopped_in
    assert case["status"] == here
    versions = [line["version"] for line in lines]
    assert versions == sorted(versions)
    assert case["version"] == 1 + sum(line["move"] == "reopen" for line in lines)


def columns_fit_the_state(case: Row) -> None:
    status = case["status"]
    assert (case["due_on"] is not None) == (status in Case.UNDER_WAY), case
    assert bool(case["due_why"]) == (case["due_on"] is not None), case
    assert bool(case["stop_reason"]) == (status == Status.STOPPED), case
    assert (case["closed_at"] is not None) == (status == Status.CLOSED), case
    assert case["paused_until"] is None or status in (Status.SCHEDULED, *Case.UNDER_WAY), case
    assert case["postponed_until"] is None or status == Status.SCHOOL_REVIEW, case
    assert case["responsible_id"] is not None or status not in Case.UNDER_WAY, case


def requests_fit_the_state(picture: Picture, case: Row) -> None:
    """One question at a time, and a regional methodist assesses only what he has accepted."""
    for kind in ("iom_help", "consultation"):
        assert len([one for one in picture.of(Request, case, kind=kind) if one["status"] in Request.LIVE]) <= 1
    asked = [one for one in picture.of(Request, case, kind="assessment") if one["status"] in Request.LIVE]
    match case["status"]:
        case Status.RMA_REVIEW:
            assert [(one["status"], one["member_id"]) for one in asked] == [("accepted", case["rma_member_id"])], case
        case Status.RMA_REQUESTED:
            assert [one["status"] for one in asked] in (["wanted"], ["sent"], ["proposed"]), case
            assert case["rma_member_id"] is None, case
        case _:
            assert asked == [], case
    if case["status"] not in Case.UNDER_WAY:
        assert [one for one in picture.of(Request, case) if one["status"] in Request.LIVE] == [], case
    for one in picture.of(Request, case):
        if one["status"] in Request.LIVE:
            assert one["organization_id"] == case["organization_id"], case


def assessors_are_independent(picture: Picture, case: Row) -> None:
    """Nobody assesses himself, nobody twice, no regional methodist in his own organization."""
    assert case["responsible_id"] != case["person_id"], case
    in_force = picture.of(Checklist, case, version=case["version"], superseded_at=None)
    opinions = [one["assessor_id"] for one in in_force if one["assessor_kind"] != "agreed"]
    assert len(opinions) == len(set(opinions)), case
    assert all(one["assessor_id"] != case["person_id"] for one in picture.of(Checklist, case)), case
    for one in picture.of(Request, case, kind="assessment"):
        if one["status"] in Request.OPEN:
            user = picture.rows[User][picture.members[one["member_id"]]]
            assert user["organization_id"] != case["organization_id"], case
            assert user["id"] not in (case["person_id"], *opinions), case


def result_follows_from_the_checklists(picture: Picture, case: Row) -> None:
    in_force = {
        one["assessor_kind"]: one for one in picture.of(Checklist, case, version=case["version"], superseded_at=None)
    }
    deciding = next((in_force[kind] for kind in COUNTING if kind in in_force), None)
    outcomes = picture.of(Outcome, case, version=case["version"])
    assert [one["id"] for one in outcomes] == ([case["outcome_id"]] if case["outcome_id"] else []), case
    match case["status"]:
        case Status.SCHEDULED | Status.SURVEY_OPEN | Status.NO_RESPONSE | Status.SCHOOL_REVIEW:
            assert (in_force, outcomes) == ({}, []), case
        case Status.RMA_REQUESTED | Status.RMA_REVIEW:
            assert (list(in_force), outcomes) == (["school"], []), case
        case Status.FOLLOW_UP | Status.CLOSED:
            assert bool(outcomes) == (deciding is not None), case
            assert deciding or picture.of(Transition, case)[-1]["move"] == "not_assessed", case
    if outcomes and deciding is not None:
        (outcome,) = outcomes
        decision = decide(deciding["is_significant"], deciding["practice"], deciding["other_topic_found"])
        assert (outcome["variant"], outcome["completeness"]) == (decision.variant, decision.completeness), case
        assert outcome["basis_id"] == deciding["id"], case
        names = ("is_significant", "practice", "other_topic_found")
        said = {tuple(one[name] for name in names) for kind, one in in_force.items() if kind != "agreed"}
        assert outcome["has_disagreement"] == (len(said) > 1), case


def steps_fit_the_state(picture: Picture, case: Row) -> None:
    """Steps are open in «Работа с результатом» only, in the hands of whoever answers for the case."""
    tasks = picture.of(Task, case)
    steps = [one for one in tasks if one["kind"].startswith(STEP_PREFIX)]
    open_steps = [one for one in steps if one["status"] == Task.Status.OPEN]
    errands = [one for one in tasks if one["step_id"] and one["status"] == Task.Status.OPEN]
    if case["status"] == Status.FOLLOW_UP:
        present = f"{STEP_PREFIX}{case['version']}."
        assert all(one["kind"].startswith(present) for one in open_steps), case
        assert {one["assignee_id"] for one in open_steps} <= {case["responsible_id"]}, case
        assert any(one["is_required"] and one["kind"].startswith(present) for one in steps), case
    else:
        assert (open_steps, errands) == ([], []), case
    assert {one["step_id"] for one in errands} <= {one["id"] for one in open_steps}, case


def nobody_is_bothered(picture: Picture, case: Row) -> None:
    """Of a stopped case no letter goes out but the one that says so."""
    if case["status"] == Status.STOPPED:
        owed = picture.of(Letter, case, finished_at=None)
        assert {one["kind"] for one in owed if one["kind"].startswith("motor.")} <= {
            "motor.stopped",
            "motor.stopped_teacher",
        }, case


def check_change(before: Picture, after: Picture) -> None:
    """Whatever changed raised the revision, and what was said once is still there."""
    former, present = before.by_case(), after.by_case()
    for pk, case in after.rows[Case].items():
        rise = case["revision"] - before.rows[Case][pk]["revision"]
        assert rise > 0 if former[pk] != present[pk] else rise == 0, case
    for model, mutable in MUTABLE.items():
        for pk, row in before.rows[model].items():
            kept = after.rows[model].get(pk)
            assert kept is not None, row
            assert all(kept[name] == value for name, value in row.items() if name not in mutable), (row, kept)
    for model in OF_A_VERSION:
        for pk, row in before.rows[model].items():
            if row["version"] < after.rows[Case][row["case_id"]]["version"]:
                assert after.rows[model][pk] == row, row


def check_conclusions(picture: Picture) -> None:
    """After a sweep: nothing under way waits for nothing."""
    for case in picture.cases:
        if case["status"] == Status.FOLLOW_UP and picture.of(MunicipalRecord, case, version=case["version"]):
            steps = [one for one in picture.of(Task, case, status="open") if one["is_required"]]
            assert steps, f"{case['id']}: recorded, all steps done, and still open"
