"""Worker processes of the tests: started on the live test database, killed as a power cut would."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import connection

from cabinet.celery import app

ROOT = Path(__file__).resolve().parent.parent.parent


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

    def __init__(self, log: Path, with_beat: bool, app: str = "cabinet") -> None:
        self.log = log
        # fmt: off
        command = [sys.executable, "-m", "celery", "-A", app, "worker", "--loglevel=info", "--concurrency=1",
                   "--without-gossip", "--without-mingle", "--without-heartbeat"]
        # fmt: on
        if with_beat:
            command += ["--beat", "--schedule", str(log.with_suffix(".beat"))]
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=worker_environment(), stdout=output, stderr=output, start_new_session=True
            )

    def wait_until_ready(self, seconds: float = 90) -> None:
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


def empty_queue() -> None:
    """Throw away every message; the database alone must be enough."""
    with app.connection_for_write() as broker:
        broker.default_channel.queue_purge(app.conf.task_default_queue)
