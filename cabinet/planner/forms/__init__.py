"""Forms of tasks and of methodical events."""

from cabinet.planner.forms.event import EventForm, WhichForm
from cabinet.planner.forms.task import OutcomeForm, ReasonForm, TaskEditForm, TaskForm
from cabinet.planner.forms.task_bulk import BulkForm
from cabinet.planner.forms.task_files import AttachForm

__all__ = ["AttachForm", "BulkForm", "EventForm", "OutcomeForm", "ReasonForm", "TaskEditForm", "TaskForm", "WhichForm"]
