"""«У кого сейчас?»: who has a case, since when, and how long it has been with each."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from motor.models import Case, Status, Transition
from motor.services.stays import Side, bar_of, held_since, stays_of, totals_of
from motor.services.story import story_of
from tests import factories

pytestmark = pytest.mark.django_db

OPENED = timezone.now() - timedelta(days=60)


def day(number: int) -> datetime:
    return OPENED + timedelta(days=number)


def case_with(*moves: tuple[str, int, str, str], **fields: Any) -> tuple[Case, list[Transition]]:
    """(move, day after the opening, from, to); the case stands where the last one led."""
    case = factories.CaseFactory(bare=True, status=moves[-1][3], opened_at=OPENED, **fields)
    case.transitions.all().delete()
    rows = [
        Transition.objects.create(case=case, move=move, at=day(at), from_status=source, to_status=target)
        for move, at, source, target in moves
    ]
    return case, rows


def told(case: Case, history: list[Transition]) -> list[tuple[str, int]]:
    return [(total.side.value, total.days) for total in totals_of(stays_of(case, history))]


USUAL = (
    ("open", 0, "scheduled", "survey_open"),
    ("submit", 12, "survey_open", "school_review"),
    ("ask_rma", 20, "school_review", "rma_requested"),
    ("accept_rma", 23, "rma_requested", "rma_review"),
    ("assess_rma", 40, "rma_review", "follow_up"),
)


def test_every_side_has_its_days() -> None:
    case, history = case_with(*USUAL)
    assert told(case, history) == [("teacher", 12), ("school", 8), ("search", 3), ("rma", 17), ("work", 20)]
    assert [total.is_now for total in totals_of(stays_of(case, history))] == [False] * 4 + [True]
    assert held_since(stays_of(case, history), history) == day(40)


def test_pauses_stand_apart() -> None:
    case, history = case_with(
        *USUAL[:1],
        ("pause", 5, "survey_open", "survey_open"),
        ("reassign", 9, "survey_open", "survey_open"),
        ("resume", 35, "survey_open", "survey_open"),
        ("submit", 37, "survey_open", "school_review"),
    )
    totals = totals_of(stays_of(case, history))
    assert [(one.side, one.days, one.times) for one in totals] == [
        (Side.TEACHER, 7, 2),
        (Side.SCHOOL, 23, 1),
        (Side.PAUSE, 30, 1),
    ]
    assert "30" not in str(bar_of(totals))


def test_pause_that_lasts_and_one_ended_by_a_move() -> None:
    case, history = case_with(*USUAL[:2], ("pause", 20, "school_review", "school_review"))
    assert told(case, history) == [("teacher", 12), ("school", 8), ("pause", 40)]
    case, history = case_with(*USUAL[:1], ("pause", 5, "survey_open", "survey_open"), *USUAL[1:2])
    assert told(case, history) == [("teacher", 5), ("school", 48), ("pause", 7)]


def test_nobody_has_it_before_the_opening_and_after_the_end() -> None:
    case, history = case_with(
        ("pause", -20, "scheduled", "scheduled"), ("resume", -10, "scheduled", "scheduled"), *USUAL[:2]
    )
    assert told(case, history) == [("teacher", 12), ("school", 48)]
    case, history = case_with(*USUAL[:2], ("not_assessed", 15, "school_review", "closed"))
    assert told(case, history) == [("teacher", 12), ("school", 3)]
    assert held_since(stays_of(case, history), history) is None
    case, history = case_with(
        *USUAL[:2],
        ("assess", 13, "school_review", "follow_up"),
        ("close", 15, "follow_up", "closed"),
        ("reopen", 50, "closed", "school_review"),
    )
    assert told(case, history) == [("teacher", 12), ("school", 11), ("work", 2)]


def test_colleague_who_took_it_over_has_it_since_then() -> None:
    case, history = case_with(*USUAL[:2], ("reassign", 30, "school_review", "school_review"))
    assert told(case, history) == [("teacher", 12), ("school", 48)]
    assert held_since(stays_of(case, history), history) == day(30)


def test_case_without_history_counts_from_its_state() -> None:
    case = factories.CaseFactory(status=Status.SCHOOL_REVIEW, bare=True, status_since=day(50))
    assert told(case, []) == [("school", 10)]
    assert told(factories.CaseFactory(status=Status.SCHEDULED, bare=True), []) == []


def test_bar_needs_two_sides() -> None:
    case, history = case_with(*USUAL[:1])
    assert bar_of(totals_of(stays_of(case, history))) is None
    case, history = case_with(*USUAL[:2])
    assert "20" in str(bar_of(totals_of(stays_of(case, history))))  # 12 of 60 days are a fifth


@pytest.mark.parametrize(
    ("status", "states"),
    [
        (Status.SURVEY_OPEN, ["now", "todo", "todo", "todo"]),
        (Status.SCHOOL_REVIEW, ["done", "now", "todo", "todo"]),
        (Status.RMA_REVIEW, ["done", "done", "now", "todo"]),
        (Status.FOLLOW_UP, ["done", "done", "skip", "now"]),
        (Status.CLOSED, ["done", "done", "skip", "done"]),
    ],
)
def test_there_are_always_four_steps(status: str, states: list[str]) -> None:
    case = factories.CaseFactory(status=status)
    assert [stage.state for stage in story_of(case, case.responsible).stages] == states


def test_survey_gone_without_is_skipped() -> None:
    case = factories.CaseFactory(status=Status.SCHOOL_REVIEW, bare=True, without_survey=True)
    assert story_of(case, case.responsible).stages[0].note == "без листа"


def test_headline_says_whose_turn_or_where_it_rests() -> None:
    open_case = factories.CaseFactory(status=Status.SURVEY_OPEN)
    assert (
        story_of(open_case, open_case.responsible).headline == f"Чей ход: {open_case.person.short_name} — опросный лист"
    )
    for status in (Status.CLOSED, Status.STOPPED):
        case = factories.CaseFactory(status=status)
        assert story_of(case, case.responsible).headline == Status(status).label
    scheduled = factories.CaseFactory(status=Status.SCHEDULED)
    assert story_of(scheduled, scheduled.responsible).headline.startswith("Откроется ")
