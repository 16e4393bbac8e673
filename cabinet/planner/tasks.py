"""Background work of the planner: what falls due of tasks and events."""

from celery import shared_task

from cabinet.planner.services import due
from cabinet.planner.services import invitations as invitations  # its job's handler registers itself


@shared_task(name="planner.run_due", ignore_result=True)
def run_due() -> dict[str, int]:
    """Run by beat every ten minutes."""
    return due.run_due()
