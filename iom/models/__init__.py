"""Routes and everything that belongs to them."""

from iom.models.agreement import AgreementRule, LineComment, LineDecision, RouteRevision
from iom.models.assignment import Answer, Assignment, AssignmentQuerySet
from iom.models.content import (
    Deficit,
    Goal,
    ItemAttachment,
    LearningForm,
    Level,
    RouteItem,
    RouteItemQuerySet,
    Support,
)
from iom.models.diagnosis import Diagnosis, DiagnosisBlock, DiagnosisQuerySet
from iom.models.route import Category, Ground, Route, RouteQuerySet, RouteWord, Status, Step, Transition
from iom.models.template import RouteTemplate, TemplateQuerySet, TemplateVersion

__all__ = [
    "AgreementRule",
    "Answer",
    "Assignment",
    "AssignmentQuerySet",
    "Category",
    "Deficit",
    "Diagnosis",
    "DiagnosisBlock",
    "DiagnosisQuerySet",
    "Goal",
    "Ground",
    "ItemAttachment",
    "LearningForm",
    "Level",
    "LineComment",
    "LineDecision",
    "Route",
    "RouteItem",
    "RouteItemQuerySet",
    "RouteQuerySet",
    "RouteRevision",
    "RouteTemplate",
    "RouteWord",
    "Status",
    "Step",
    "Support",
    "TemplateQuerySet",
    "TemplateVersion",
    "Transition",
]
