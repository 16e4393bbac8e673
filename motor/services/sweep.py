"""Everything of МОТОР that falls due by a day."""

from datetime import date

from django.conf import settings
from django.utils import timezone

from motor.services.address import tell_of_undelivered
from motor.services.due_letters import due_reminders
from motor.services.experience import tell_of_changes
from motor.services.follow_up import close_finished
from motor.services.halting import end_pauses
from motor.services.handing_over import settle_leaves
from motor.services.opening import open_due_cases, schedule_cases
from motor.services.reminders import expire_unanswered, remind_waiting
from motor.services.responsible import bring_home, reassign_orphans
from motor.services.review import give_up_search
from motor.services.talking import end_talks, give_talks


def run_due(day: date | None = None) -> dict[str, int]:
    """Do what is due; safe to run at any moment, twice, or by two processes at once. Returns what was done.

    Without a day it is now: reminders then wait for the morning, what somebody waits for does not.
    """
    is_night = day is None and timezone.localtime().hour < settings.MOTOR_LETTERS_FROM_HOUR
    return {
        "resumed": end_pauses(day),
        "scheduled": schedule_cases(),
        "opened": open_due_cases(day),
        # Before the reminders: after a month without a worker nobody is told that he is late and given up at once.
        "expired": expire_unanswered(day),
        "reminded": 0 if is_night else remind_waiting(day),
        "reassigned": reassign_orphans(),
        "came_home": bring_home(),
        **settle_leaves(day),
        "talks_over": end_talks(),
        "talks": give_talks(day),
        "without_rma": give_up_search(day),
        "closed": close_finished(),
        "events_told": tell_of_changes(),
        "unreached": 0 if is_night else tell_of_undelivered(day),
        "due_letters": 0 if is_night else due_reminders(day),
    }
