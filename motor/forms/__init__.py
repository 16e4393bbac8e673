"""Forms of МОТОР: what people type, checked and turned into answers."""

from motor.forms.checklist import ChecklistForm
from motor.forms.record import RecordForm
from motor.forms.survey import SurveyForm

__all__ = ["ChecklistForm", "RecordForm", "SurveyForm"]
