"""Which function does which kind of job, and what that function is given."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from typing import Any

from django.utils import timezone

from cabinet.jobs.models import Job

LEASE = timedelta(seconds=60)
PROGRESS_EVERY = 0.5  # seconds between two writes of the progress

Result = dict[str, Any]
Handler = Callable[["Run"], Result | None]
HANDLERS: dict[str, Handler] = {}


class JobFailed(Exception):
    """The job cannot be done; the text is one sentence for the person who ordered it."""


class LostLease(Exception):
    """Another worker has taken the job over: stop at once and write nothing more."""


def handler(kind: str) -> Callable[[Handler], Handler]:
    """Name the function that does jobs of `kind`; it lives in a module that its app's `tasks` imports.

    A handler is idempotent: a worker may die at any moment, and another one begins again.
    """

    def register(function: Handler) -> Handler:
        HANDLERS[kind] = function
        return function

    return register


@dataclass
class Run:
    """One attempt at a job. `job.attempts` is the claim's number: only the standing claim may write."""

    job: Job
    _written_at: float = field(default=0.0, init=False)

    def progress(self, done: int, total: int, *, force: bool = False) -> None:
        """Show how far the work is and keep the lease; at most two writes a second unless forced.

        Inside a transaction the renewed lease becomes visible only at its commit. So begin a long one with
        `force=True`, which holds the row until then, and let `finish` be its last line.
        """
        now = monotonic()
        if not force and done < total and now - self._written_at < PROGRESS_EVERY:
            return
        self._written_at = now
        self.write(done=done, total=total, leased_until=timezone.now() + LEASE)

    def finish(self, result: Result | None = None) -> None:
        """Record the result. Called by the handler inside its own transaction, effect and result are one."""
        self.write(
            state=Job.State.DONE, result=result or {}, finished_at=timezone.now(), leased_until=None, last_error=""
        )
        self.job.refresh_from_db()

    def write(self, **fields: Any) -> None:
        """Change the job's row while this attempt still holds it; raises LostLease otherwise."""
        if not Job.objects.held(self.job).update(**fields):
            raise LostLease(self.job.pk)
