"""A real Celery worker beside the test, on whatever database and broker the suite runs with."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from cabinet.celery import app

ROOT = Path(__file__).resolve().parent.parent.parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs a worker; the mark need not be repeated."""
    for item in items:
        if "tests/services/" in item.path.as_posix():
            item.add_marker(pytest.mark.services)


def database_url() -> str:
    """The test database as a worker must be told it."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    address, _, _ = os.environ["DATABASE_URL"].partition("?")
    return f"{address.rpartition('/')[0]}/{name}"


def worker_environment() -> dict[str, str]:
    """The suite's own settings, handed over through the environment as in production."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "cabinet.settings",
        "DATABASE_URL": database_url(),
        "VAR_DIR": str(settings.VAR_DIR),
        "MEDIA_ROOT": str(settings.MEDIA_ROOT),
    }


class Worker:
    """One worker process that a test may kill as a power cut would."""

    def __init__(self, log: Path, with_beat: bool) -> None:
        self.log = log
        # fmt: off
        command = [sys.executable, "-m", "celery", "-A", "cabinet", "worker", "--loglevel=info", "--concurrency=1",
                   "--without-gossip", "--without-mingle", "--without-heartbeat"]
        # fmt: on
        if with_beat:
            command += ["--beat", "--schedule", str(log.with_suffix(".beat"))]
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=worker_environment(), stdout=output, stderr=output, start_new_session=True
            )

    def wait_until_ready(self, seconds: float = 30) -> None:
        wait_for(lambda: " ready." in self.log.read_text(errors="replace"), seconds, f"worker: see {self.log}")

    def kill(self) -> None:
        """Without warning, the whole process group."""
        self._signal(signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> None:
        """As a deployment does it: finish what runs, then leave."""
        self._signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        self.kill()

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)


def wait_for(condition: Callable[[], object], seconds: float = 20, what: str = "the condition") -> None:
    """Ask until it is so; a test with a real worker has nothing else to hold on to."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.1)


@pytest.fixture
def start_worker(transactional_db: None, tmp_path: Path) -> Iterator[Callable[..., Worker]]:
    """`start_worker(with_beat=True)`: a worker on the live test database, its queue empty at first."""
    with app.connection_for_write() as broker:
        broker.default_channel.queue_purge(app.conf.task_default_queue)
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


@pytest.fixture
def wait() -> Callable[..., None]:
    """`wait(lambda: Letter.objects.filter(...).exists())`."""
    return wait_for
