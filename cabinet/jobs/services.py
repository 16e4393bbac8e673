"""What happens to jobs: ordered, taken, done or failed."""

import logging
from datetime import timedelta
from typing import Any

from django.db import InterfaceError, OperationalError
from django.utils import timezone

from cabinet.core.services import hurry
from cabinet.jobs.models import Job
from cabinet.jobs.registry import HANDLERS, LEASE, JobFailed, LostLease, Run, handler
from cabinet.users.models import User

__all__ = ["JobFailed", "LostLease", "Run", "handler", "order_job", "run_owed"]

logger = logging.getLogger(__name__)

ATTEMPTS = 5
PAUSE = timedelta(seconds=10)
GENERIC = "Внутренняя ошибка, она записана в журнал сервера. Попробуйте ещё раз или сообщите администратору."
INTERRUPTED = "Работа несколько раз прерывалась и остановлена. Попробуйте ещё раз или сообщите нам."


def order_job(kind: str, title: str, owner: User | None, params: dict[str, Any] | None = None) -> Job:
    """Write the order in the caller's transaction; a worker takes it right after the commit."""
    job = Job.objects.create(kind=kind, title=title[:200], owner=owner, params=params or {})
    hurry("jobs.run_job", job.pk)
    return job


def run_owed(pk: int) -> None:
    """Do one job if it is owed; the result or the error is on its row afterwards."""
    job = Job.objects.claim(pk, LEASE)
    if job is None:
        return
    run = Run(job)
    try:
        _attempt(run)
    except LostLease:
        logger.warning("job %s: attempt %s lost its lease and stops", pk, job.attempts)


def _attempt(run: Run) -> None:
    job = run.job
    if job.attempts > ATTEMPTS:
        _fail(run, INTERRUPTED)
        return
    run.write(state=Job.State.RUNNING, done=0, total=0, error="")
    try:
        result = HANDLERS[job.kind](run)
    except LostLease:
        raise
    except JobFailed as error:
        _fail(run, str(error))
    except (OperationalError, InterfaceError, OSError) as error:
        logger.exception("job %s: attempt %s failed", job.pk, job.attempts)
        _postpone(run, error)
    except Exception as error:
        logger.exception("job %s failed", job.pk)
        _fail(run, GENERIC, error)
    else:
        if not Job.objects.filter(pk=job.pk, finished_at__isnull=False).exists():
            run.finish(result)


def _fail(run: Run, sentence: str, error: Exception | None = None) -> None:
    run.write(
        state=Job.State.FAILED,
        error=sentence[:500],
        last_error=f"{type(error).__name__}: {error}"[:500] if error else "",
        finished_at=timezone.now(),
        leased_until=None,
    )


def _postpone(run: Run, error: Exception) -> None:
    """The database or the disk was away: the same again a little later."""
    if run.job.attempts >= ATTEMPTS:
        _fail(run, GENERIC, error)
        return
    run.write(
        state=Job.State.OWED,
        last_error=f"{type(error).__name__}: {error}"[:500],
        due_at=timezone.now() + PAUSE * run.job.attempts,
        leased_until=None,
    )
