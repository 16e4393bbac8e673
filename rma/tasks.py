"""Background work of РМА. The rows say what is due; beat only asks often."""

from celery import shared_task

from rma.services import due


@shared_task(name="rma.run_due", ignore_result=True)
def run_due() -> None:
    """Run by beat every ten minutes; a missed run is made up by the next one."""
    due.run_due()
