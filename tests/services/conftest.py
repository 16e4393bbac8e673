"""A real Celery worker beside the test, on whatever database and broker the suite runs with."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.services.processes import Worker, empty_queue


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs a worker; the mark need not be repeated."""
    for item in items:
        if "tests/services/" in item.path.as_posix():
            item.add_marker(pytest.mark.services)


@pytest.fixture
def start_worker(transactional_db: None, tmp_path: Path) -> Iterator[Callable[..., Worker]]:
    """`start_worker(with_beat=True)`: a worker on the live test database, its queue empty at first."""
    empty_queue()
    workers: list[Worker] = []

    def start(with_beat: bool = True) -> Worker:
        worker = Worker(tmp_path / f"worker-{len(workers)}.log", with_beat)
        workers.append(worker)
        worker.wait_until_ready()
        return worker

    yield start
    for worker in workers:
        worker.kill()


@pytest.fixture
def worker(start_worker: Callable[..., Worker]) -> Worker:
    """One worker with beat, running."""
    return start_worker()
