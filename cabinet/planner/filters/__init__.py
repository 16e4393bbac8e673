"""Filters of the lists of tasks and of events."""

from cabinet.planner.filters.event import MINE, PLACES, EventFilter
from cabinet.planner.filters.task import STATES, WHOSE, TaskFilter

__all__ = ["MINE", "PLACES", "STATES", "WHOSE", "EventFilter", "TaskFilter"]
