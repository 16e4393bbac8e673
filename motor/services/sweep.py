"""Everything of МОТОР that falls due by a day."""

from datetime import date

from motor.services.follow_up import close_finished
from motor.services.halting import end_pauses
from motor.services.opening import open_due_cases, schedule_cases
from motor.services.responsible import bring_home, hand_over_absent, reassign_orphans
from motor.services.review import give_up_search
from motor.services.survey import expire_unanswered, remind_waiting


def run_due(day: date | None = None) -> dict[str, int]:
    """Do what is due; safe to run at any moment, twice, or by two processes at once. Returns what was done."""
    return {
        "resumed": end_pauses(day),
        "scheduled": schedule_cases(),
        "opened": open_due_cases(day),
        "reminded": remind_waiting(day),
        "expired": expire_unanswered(day),
        "reassigned": reassign_orphans(),
        "came_home": bring_home(),
        "handed_over": hand_over_absent(day),
        "without_rma": give_up_search(day),
        "closed": close_finished(),
    }
