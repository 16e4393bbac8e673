"""Background work of polls."""

from celery import shared_task

from cabinet.polls.services import due


@shared_task(name="polls.run_due", ignore_result=True)
def run_due() -> dict[str, int]:
    """Run by beat every ten minutes."""
    return due.run_due()
