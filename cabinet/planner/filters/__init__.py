"""Filters of the lists of tasks and of events."""

from cabinet.planner.filters.task import STATES, WHOSE, TaskFilter

__all__ = ["STATES", "WHOSE", "TaskFilter"]
