"""Long work: done once, taken over from dead workers, never by two at once."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from cabinet.jobs import services, tasks
from cabinet.jobs.models import Job
from cabinet.jobs.registry import HANDLERS, LEASE, JobFailed, LostLease, Run, handler
from tests.factories import JobFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def seen() -> Iterator[list[int]]:
    """Jobs of kind «test» note that they ran."""
    ran: list[int] = []

    @handler("test")
    def do(run: Run) -> dict[str, Any]:
        run.progress(1, 2)
        ran.append(run.job.pk)
        return {"rows": 2}

    yield ran
    HANDLERS.pop("test")


def does(job: Job, function: Any) -> Job:
    """Run `job` once with `function` as its handler."""
    HANDLERS["test"] = function
    try:
        tasks.run_job(job.pk)
    finally:
        HANDLERS.pop("test")
    job.refresh_from_db()
    return job


def test_ordered_job_is_owed_and_then_done(seen: list[int]) -> None:
    job = services.order_job("test", "Выгрузка", UserFactory(), {"a": 1})
    assert job.state == Job.State.OWED

    tasks.run_job(job.pk)

    job.refresh_from_db()
    assert job.state == Job.State.DONE
    assert job.is_finished
    assert job.result == {"rows": 2}
    assert (job.done, job.total) == (1, 2)


def test_message_arriving_twice_does_the_job_once(seen: list[int]) -> None:
    job = JobFactory()

    tasks.run_job(job.pk)
    tasks.run_job(job.pk)

    assert seen == [job.pk]


def test_sweep_hints_at_owed_jobs_only(seen: list[int]) -> None:
    JobFactory()
    JobFactory(finished_at=timezone.now())
    JobFactory(due_at=timezone.now() + timedelta(hours=1))
    JobFactory(leased_until=timezone.now() + LEASE)

    assert tasks.sweep_jobs() == 1


def test_sentence_for_the_user_is_kept() -> None:
    def refuse(run: Run) -> None:
        raise JobFailed("Файл не похож на таблицу.")

    job = does(JobFactory(), refuse)

    assert job.state == Job.State.FAILED
    assert job.error == "Файл не похож на таблицу."


def test_mistake_of_ours_is_told_in_general_words() -> None:
    def fall(run: Run) -> None:
        raise ZeroDivisionError("secret detail")

    job = does(JobFactory(), fall)

    assert job.state == Job.State.FAILED
    assert job.error == services.GENERIC
    assert "secret detail" in job.last_error


def test_unknown_kind_fails_instead_of_hanging() -> None:
    job = JobFactory(kind="nobody")

    tasks.run_job(job.pk)

    job.refresh_from_db()
    assert job.state == Job.State.FAILED


def test_database_away_postpones_and_the_next_attempt_succeeds() -> None:
    job = JobFactory()

    def away(run: Run) -> None:
        raise OperationalError("connection lost")

    does(job, away)
    assert job.state == Job.State.OWED
    assert job.due_at > timezone.now()

    Job.objects.update(due_at=timezone.now())
    does(job, lambda run: {"rows": 1})
    assert job.state == Job.State.DONE
    assert job.attempts == 2
    assert job.last_error == ""


def test_dead_workers_job_is_taken_over_after_its_lease(seen: list[int]) -> None:
    job = JobFactory()
    assert Job.objects.claim(job.pk, LEASE), "a worker takes it and dies"

    tasks.run_job(job.pk)
    assert seen == [], "the lease still holds"
    Job.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert tasks.sweep_jobs() == 1
    tasks.run_job(job.pk)

    job.refresh_from_db()
    assert seen == [job.pk]
    assert job.state == Job.State.DONE


def test_progress_renews_the_lease_at_most_twice_a_second(django_assert_num_queries: Any) -> None:
    job = JobFactory()

    def count(run: Run) -> None:
        with django_assert_num_queries(2):
            for number in range(1, 1001):
                run.progress(number, 1000)

    does(job, count)

    assert (job.done, job.total) == (1000, 1000)


def test_worker_that_lost_its_lease_stops_and_changes_nothing() -> None:
    job = JobFactory()

    def overtaken(run: Run) -> None:
        Job.objects.update(attempts=run.job.attempts + 1, done=7)  # another worker has it
        with pytest.raises(LostLease):
            run.progress(1, 10)
        raise LostLease

    does(job, overtaken)

    assert job.state == Job.State.RUNNING
    assert job.done == 7
    assert not job.is_finished


def test_late_result_is_dropped() -> None:
    def overtaken(run: Run) -> dict[str, Any]:
        Job.objects.update(attempts=run.job.attempts + 1)
        return {"rows": 1}

    job = does(JobFactory(), overtaken)

    assert job.result == {}


def test_handler_may_finish_inside_its_own_transaction() -> None:
    def finish(run: Run) -> dict[str, Any]:
        run.finish({"rows": 3})
        return {"rows": 0}

    job = does(JobFactory(), finish)

    assert job.result == {"rows": 3}


def test_job_whose_workers_keep_dying_ends_with_a_sentence(seen: list[int]) -> None:
    job = JobFactory(attempts=services.ATTEMPTS)

    tasks.run_job(job.pk)

    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert job.error == services.INTERRUPTED
    assert seen == []
