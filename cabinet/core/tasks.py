"""The worker's pulse."""

from celery import shared_task

from cabinet.core import services


@shared_task(name="core.heartbeat", ignore_result=True)
def heartbeat() -> None:
    """Run by beat: says that beat, the queue and a worker are all alive."""
    services.beat()
