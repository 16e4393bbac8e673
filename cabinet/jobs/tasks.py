"""Background work on jobs: each runs in a message of its own, so a long one holds one place of the worker."""

from celery import shared_task

from cabinet.core.services import hurry
from cabinet.jobs import services
from cabinet.jobs.models import Job


@shared_task(name="jobs.sweep_jobs", ignore_result=True)
def sweep_jobs() -> int:
    """Hint at every job owed: new ones whose hint was lost, postponed ones, those of dead workers."""
    pks = list(Job.objects.owed().order_by("due_at", "pk").values_list("pk", flat=True)[:50])
    for pk in pks:
        hurry("jobs.run_job", pk)
    return len(pks)


@shared_task(name="jobs.run_job", ignore_result=True)
def run_job(pk: int) -> None:
    """Do one job, however often the message arrives."""
    services.run_owed(pk)
