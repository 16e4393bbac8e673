"""What falls due of tasks and events."""

from datetime import date

from cabinet.planner.services import event_reminding, reminding


def run_due(day: date | None = None) -> dict[str, int]:
    """Everything that has come due by `day`, today by default; a repeat finds nothing left to do."""
    return reminding.run_due(day) | event_reminding.run_due(day)
