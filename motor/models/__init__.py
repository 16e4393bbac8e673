"""МОТОР: cases and what people say in them."""

from motor.models.case import Case, CaseQuerySet, Status
from motor.models.checklist import Checklist, Study
from motor.models.evidence import Evidence
from motor.models.outcome import MunicipalRecord, Outcome
from motor.models.survey import Change, Survey
from motor.models.transition import Transition

__all__ = [
    "Case",
    "CaseQuerySet",
    "Change",
    "Checklist",
    "Evidence",
    "MunicipalRecord",
    "Outcome",
    "Status",
    "Study",
    "Survey",
    "Transition",
]
