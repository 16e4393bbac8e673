"""Background work of polls."""

from celery import shared_task

from cabinet.polls.services import due, opening  # noqa: F401  # the worker learns here how a poll is opened


@shared_task(name="polls.run_due", ignore_result=True)
def run_due() -> dict[str, int]:
    """Run by beat every ten minutes."""
    return due.run_due()
