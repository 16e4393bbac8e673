"""What happens to tasks and to methodical events."""

from cabinet.planner.services.task_letters import tell_assignee
from cabinet.planner.services.tasks import (
    complete_task,
    give_task,
    hand_over,
    pause_task,
    reopen_task,
    start_task,
    take_back,
    waive_task,
)

__all__ = [
    "complete_task",
    "give_task",
    "hand_over",
    "pause_task",
    "reopen_task",
    "start_task",
    "take_back",
    "tell_assignee",
    "waive_task",
]
