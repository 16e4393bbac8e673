"""A worker that stops dead at a chosen step, so that a test can kill it exactly there.

    celery -A tests.services.stalling worker      with STALL_AT="motor.services.notices:invite:before:3"

The third call of `motor.services.notices.invite` then writes the file STALL_MARK and waits for the kill. `after`
stops when the function has done its work. LEASE_SECONDS shortens the leases of jobs and letters, for a worker that
takes over, and sweeps come every second. Nothing of the cabinet's own code knows of this.
"""

import os
import time
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from celery.signals import worker_process_init

from cabinet.celery import app

__all__ = ["app"]

for sweep in app.conf.beat_schedule.values():
    sweep["schedule"] = min(sweep["schedule"], timedelta(seconds=1))


@worker_process_init.connect
def prepare(**_: Any) -> None:
    """In the child that does the work: by now the apps are loaded."""
    if seconds := os.environ.get("LEASE_SECONDS"):
        for module in ("cabinet.jobs.registry", "cabinet.jobs.services", "cabinet.mail.services"):
            import_module(module).LEASE = timedelta(seconds=float(seconds))  # type: ignore[attr-defined]
    if where := os.environ.get("STALL_AT"):
        path, name, moment, number = where.split(":")
        owner: Any = import_module(path)
        *outer, last = name.split(".")
        for part in outer:
            owner = getattr(owner, part)
        setattr(owner, last, stalling(getattr(owner, last), moment, int(number)))


def stalling(function: Callable[..., Any], moment: str, number: int) -> Callable[..., Any]:
    calls = 0

    def replacement(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == number and moment == "before":
            stall()
        result = function(*args, **kwargs)
        if calls == number and moment == "after":
            stall()
        return result

    return replacement


def stall() -> None:
    Path(os.environ["STALL_MARK"]).touch()
    while True:
        time.sleep(1)
