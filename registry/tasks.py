"""Background work on the registry."""

from celery import shared_task

from registry import services


@shared_task(name="registry.sweep", ignore_result=True)
def sweep() -> int:
    """Run by beat every two seconds: a saved checklist is in the registry well within five."""
    return services.sweep()
