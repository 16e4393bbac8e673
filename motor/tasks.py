"""Background work of МОТОР. The rows say what is due; beat only asks often."""

from celery import shared_task

from motor import services
from motor.services import bulk as bulk  # its job's handler registers itself


@shared_task(name="motor.run_due", ignore_result=True)
def run_due() -> None:
    """Run by beat every half minute; a missed run is made up by the next one."""
    services.run_due()
