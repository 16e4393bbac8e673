"""Hints: without beat nothing sweeps, so what gets done here was done by the hint alone."""

from collections.abc import Callable

from cabinet.jobs.models import Job
from cabinet.jobs.services import order_job
from cabinet.mail.models import Letter
from cabinet.mail.services import queue_letter
from tests.factories import UserFactory
from tests.services.processes import Worker, wait_for


def test_ordered_job_and_queued_letter_need_no_sweep(start_worker: Callable[..., Worker]) -> None:
    start_worker(with_beat=False)

    job = order_job("nobody", "Работа", None)  # of no known kind: it ends with a word about that
    queue_letter(key="code", kind="account.login_code", to=UserFactory(), subject="Код", body="Код: 1")

    wait_for(lambda: Job.objects.get(pk=job.pk).is_finished, what="the job")
    wait_for(lambda: Letter.objects.get().state == Letter.State.KEPT, what="the letter")
