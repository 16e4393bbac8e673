"""Background work of the library."""

from celery import shared_task

from cabinet.library.services import links


@shared_task(name="library.check_links", ignore_result=True)
def check_links() -> int:
    """Run by beat every ten minutes; what is due stands in the rows."""
    return links.check_links()
