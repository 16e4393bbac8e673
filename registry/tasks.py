"""Background work on the registry."""

from celery import shared_task

from registry import services
from registry.services import hiding


@shared_task(name="registry.sweep", ignore_result=True)
def sweep() -> int:
    """Run by beat every two seconds: a saved checklist is in the registry well within five."""
    return services.sweep()


@shared_task(name="registry.take_snapshot", ignore_result=True)
def take_snapshot() -> None:
    """Run by beat every ten minutes: the first run of a day takes the figures for readers of aggregates."""
    hiding.take_snapshot()
