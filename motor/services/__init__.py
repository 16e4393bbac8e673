"""What happens in МОТОР, as people say it. Each move is one function; the table of moves is motor.moves."""

from motor.moves import MoveRefused
from motor.services.follow_up import (
    close_case,
    close_finished,
    finish_step,
    steps_of,
    waive_step,
)
from motor.services.opening import forecast_openings, open_case, open_due_cases, release_cases, schedule_cases
from motor.services.recording import RecordAnswer, record_result
from motor.services.reminders import expire_unanswered, remind_waiting
from motor.services.responsible import reassign_orphans
from motor.services.review import (
    ChecklistAnswers,
    StudyAnswer,
    accept_request,
    decline_request,
    give_up_search,
    go_without_rma,
    name_rma,
    open_request,
    save_rma_checklist,
    save_school_checklist,
)
from motor.services.survey import (
    ChangeAnswer,
    EvidenceAnswer,
    SurveyAnswers,
    submit_survey,
)
from motor.services.sweep import run_due

__all__ = [
    "ChangeAnswer",
    "ChecklistAnswers",
    "EvidenceAnswer",
    "MoveRefused",
    "RecordAnswer",
    "StudyAnswer",
    "SurveyAnswers",
    "accept_request",
    "close_case",
    "close_finished",
    "decline_request",
    "expire_unanswered",
    "finish_step",
    "forecast_openings",
    "give_up_search",
    "go_without_rma",
    "name_rma",
    "open_case",
    "open_due_cases",
    "open_request",
    "reassign_orphans",
    "record_result",
    "release_cases",
    "remind_waiting",
    "run_due",
    "save_rma_checklist",
    "save_school_checklist",
    "schedule_cases",
    "steps_of",
    "submit_survey",
    "waive_step",
]
