"""Hurrying a worker, and knowing whether one is alive."""

import logging
import time
from datetime import timedelta

from celery import current_app
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import KombuError, OperationalError
from redis.exceptions import RedisError

from cabinet.core.models import Heartbeat

logger = logging.getLogger(__name__)

SILENCE = 30.0  # seconds without hints after a failed one: a broker that hangs must not slow every request
EXPIRES = 30  # seconds: by then a sweep has found the row itself

_silent_until = 0.0
_last_hint: dict[str, float] = {}


def hurry(task: str, *args: int, every: float = 0.0) -> None:
    """After the commit, hint that `task` has work to do; ids only.

    Never fails the request: what is owed is a row, and a sweep finds it without any hint. With `every`, at
    most one hint in that many seconds goes out from this process.
    """
    transaction.on_commit(lambda: _publish(task, args, every), robust=True)


def _publish(task: str, args: tuple[int, ...], every: float) -> None:
    global _silent_until
    now = time.monotonic()
    if now < _silent_until or (every and now - _last_hint.get(task, -every) < every):
        return
    _last_hint[task] = now
    try:
        current_app.send_task(task, args=args, expires=EXPIRES, ignore_result=True)
    except (KombuError, OperationalError, RedisError, OSError) as error:
        _silent_until = time.monotonic() + SILENCE
        logger.warning("no hint for %s, the sweep will find it: %s", task, error)


def beat(name: str = "worker") -> None:
    """Note that a process is alive."""
    Heartbeat.objects.update_or_create(name=name, defaults={"seen_at": timezone.now()})


def is_alive(name: str = "worker", within: timedelta = timedelta(seconds=60)) -> bool:
    return Heartbeat.objects.filter(name=name, seen_at__gte=timezone.now() - within).exists()
