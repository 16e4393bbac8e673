"""Previews: drawn by a worker from files that people brought, one at a time."""

import logging
import time
from datetime import timedelta

from django.core.files import File
from django.db import transaction
from django.utils import timezone

from cabinet.files.drawing import Drawn, Stopped, Undrawable, draw
from cabinet.files.models import Preview, PreviewPage
from cabinet.files.services.sharing import lend_pages
from cabinet.files.services.storing import work_folder

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=90)  # longer than a child may live
ATTEMPTS = 3
PAUSE = timedelta(seconds=30)
SECONDS = 4.0  # then the worker's place goes to other tasks; the rest waits for the next sweep
BATCH = 20


def sweep_previews() -> int:
    """Draw what is owed for a few seconds, unless another worker is at it: checklists must not wait for pictures."""
    until = time.monotonic() + SECONDS
    made = 0
    for pk in Preview.objects.owed().order_by("due_at", "pk").values_list("pk", flat=True)[:BATCH]:
        if time.monotonic() > until or _is_drawing():
            break
        made += make_owed(pk)
    return made


def _is_drawing() -> bool:
    return Preview.objects.filter(finished_at=None, leased_until__gt=timezone.now()).exists()


def make_owed(pk: int) -> bool:
    """Draw one file if it is owed; the pages or the error are on its row afterwards."""
    preview = Preview.objects.claim(pk, LEASE)
    if preview is None:
        return False
    if preview.attempts > ATTEMPTS:  # a file that takes the worker down with it
        return _give_up(preview, "рисование несколько раз прерывалось")
    try:
        with work_folder() as folder:
            drawn = draw(preview.stored.file.path, preview.stored.content_type, folder, Preview.DRAWN)
            return _keep(preview, drawn)
    except Undrawable as error:
        return _give_up(preview, str(error))
    except (Stopped, OSError) as error:
        return _postpone(preview, error)


def _keep(preview: Preview, drawn: Drawn) -> bool:
    with transaction.atomic():
        # Only where this claim still stands: a worker that outlived its lease must not add a second set of pages.
        if not Preview.objects.held(preview).update(
            finished_at=timezone.now(), leased_until=None, pages_total=drawn.total, last_error=""
        ):
            return False
        for one in drawn.pages:
            page = PreviewPage(preview=preview, number=one.number, width=one.width, height=one.height)
            with one.file.open("rb") as file, one.small.open("rb") as small:
                page.file.save("page.jpg", File(file), save=False)
                page.small.save("small.jpg", File(small), save=False)
            page.save()
        preview.pages_total = drawn.total
        lend_pages(preview)
    return True


def _give_up(preview: Preview, why: str) -> bool:
    held = Preview.objects.held(preview)
    return bool(held.update(finished_at=timezone.now(), leased_until=None, pages_total=0, last_error=why[:500]))


def _postpone(preview: Preview, error: Exception) -> bool:
    """The child was stopped or the disk was away: the same again a little later, and not for ever."""
    why = f"{type(error).__name__}: {error}".rstrip(": ")
    logger.warning("preview %s: attempt %s failed: %s", preview.pk, preview.attempts, why)
    if preview.attempts >= ATTEMPTS:
        return _give_up(preview, why)
    due_at = timezone.now() + PAUSE * preview.attempts
    Preview.objects.held(preview).update(due_at=due_at, leased_until=None, last_error=why[:500])
    return False
