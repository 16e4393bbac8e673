"""Tasks and methodical events."""

from cabinet.planner.models.event import Event, EventQuerySet
from cabinet.planner.models.task import Task, TaskQuerySet

__all__ = ["Event", "EventQuerySet", "Task", "TaskQuerySet"]
