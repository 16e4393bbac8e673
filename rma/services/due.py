"""Everything of РМА that falls due by itself: lines of work for events gone by, then reminders."""

from datetime import date

from cabinet.core.clock import today
from rma.services import reminding
from rma.services.events import offer_for_events


def run_due(day: date | None = None) -> dict[str, int]:
    """Safe at any moment, twice, or by two processes; lines are offered at night too, letters wait for the morning."""
    return {"lines": offer_for_events(day or today())} | reminding.run_due(day)
