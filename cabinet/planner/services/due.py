"""What falls due of tasks and events."""

import logging
from datetime import date

from cabinet.planner.services import event_reminding, reminding

logger = logging.getLogger(__name__)


def run_due(day: date | None = None) -> dict[str, int]:
    """Everything that has come due by `day`, today by default; a repeat finds nothing left to do."""
    done: dict[str, int] = {}
    for reminders in (reminding, event_reminding):
        try:
            done |= reminders.run_due(day)
        except Exception:  # those of tasks must not take those of events with them; tried again by the next run
            logger.exception("%s failed", reminders.__name__)
    return done
