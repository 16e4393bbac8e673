"""МОТОР: cases and what people say in them."""

from motor.models.case import Case, CaseQuerySet, Status, StopReason
from motor.models.checklist import Checklist, Study
from motor.models.draft import Draft, DraftFile
from motor.models.evidence import Evidence
from motor.models.link import LinkEvent, ShortCode
from motor.models.meeting import Consultation, Visit
from motor.models.objection import Agreement, Objection
from motor.models.outcome import MunicipalRecord, Outcome
from motor.models.presentation import Presentation, PresentationQuerySet
from motor.models.survey import Change, Survey
from motor.models.transition import Transition

__all__ = [
    "Agreement",
    "Case",
    "CaseQuerySet",
    "Change",
    "Checklist",
    "Consultation",
    "Draft",
    "DraftFile",
    "Evidence",
    "LinkEvent",
    "MunicipalRecord",
    "Objection",
    "Outcome",
    "Presentation",
    "PresentationQuerySet",
    "ShortCode",
    "Status",
    "StopReason",
    "Study",
    "Survey",
    "Transition",
    "Visit",
]
