"""Background work of the gathering pages: importing this module registers its jobs."""

from celery import shared_task

from cabinet.home.services import lists, merging_search

__all__ = ["lists", "merging_search"]


@shared_task(name="home.search_pairs", ignore_result=True)
def search_pairs() -> None:
    """Run by beat: have cards that look alike looked for; a search that waits already is enough."""
    merging_search.order_search(None)
