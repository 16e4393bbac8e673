"""Forms of tasks and of methodical events."""

from cabinet.planner.forms.event import EventForm
from cabinet.planner.forms.task import OutcomeForm, TaskForm

__all__ = ["EventForm", "OutcomeForm", "TaskForm"]
