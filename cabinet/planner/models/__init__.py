"""Tasks, methodical events and who takes part in them, addresses of calendars."""

from cabinet.planner.models.event import (
    Event,
    EventQuerySet,
    EventSeries,
    Participation,
    ParticipationQuerySet,
)
from cabinet.planner.models.feed import CalendarFeed
from cabinet.planner.models.task import Task, TaskPoint, TaskQuerySet, done_by_q

__all__ = [
    "CalendarFeed",
    "Event",
    "EventQuerySet",
    "EventSeries",
    "Participation",
    "ParticipationQuerySet",
    "Task",
    "TaskPoint",
    "TaskQuerySet",
    "done_by_q",
]
