"""What happens to tasks and to methodical events."""

from cabinet.planner.services.tasks import (
    complete_task,
    give_task,
    hand_over,
    reopen_task,
    take_back,
    tell_assignee,
    waive_task,
)

__all__ = ["complete_task", "give_task", "hand_over", "reopen_task", "take_back", "tell_assignee", "waive_task"]
