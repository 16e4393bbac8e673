"""Background work on files."""

from celery import shared_task

from cabinet.files import services


@shared_task(name="files.make_previews", ignore_result=True)
def make_previews() -> int:
    """Run by beat every few seconds and hurried by every stored picture. The sweep is the retry."""
    return services.sweep_previews()


@shared_task(name="files.remove_orphans", ignore_result=True)
def remove_orphans() -> None:
    """Run by beat a few times a day: what killed workers and rolled back transactions left on the disk."""
    services.remove_orphans()
