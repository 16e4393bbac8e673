"""Hints never fail a request; the heartbeat says who is alive."""

from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from cabinet.core import services, tasks
from cabinet.core.models import Heartbeat

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[int, ...]]]:
    """Hints that went out."""
    hints: list[tuple[str, tuple[int, ...]]] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, args, **options: hints.append((name, args)))
    monkeypatch.setattr(services, "_silent_until", 0.0)
    monkeypatch.setattr(services, "_last_hint", {})
    return hints


def test_hint_goes_out_after_the_commit_only(sent: list[Any], django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        services.hurry("jobs.run_job", 5)
        assert sent == []

    assert sent == [("jobs.run_job", (5,))]


def test_rolled_back_work_hints_at_nothing(sent: list[Any], django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        services.hurry("jobs.run_job", 5)
        transaction.set_rollback(True)

    assert sent == []


def test_hints_for_a_sweep_are_thinned_out(sent: list[Any], django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(10):
            services.hurry("mail.sweep_letters", every=1.0)

    assert len(sent) == 1


@pytest.mark.parametrize("error", [OperationalError("no broker"), ConnectionRefusedError(), OSError("disk full")])
def test_broker_that_is_down_fails_nothing_and_is_left_alone_for_a_while(
    sent: list[Any], monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any, error: Exception
) -> None:
    tried: list[str] = []

    def refuse(name: str, **options: Any) -> None:
        tried.append(name)
        raise error

    monkeypatch.setattr(current_app, "send_task", refuse)
    for _ in range(3):
        with django_capture_on_commit_callbacks(execute=True):
            services.hurry("jobs.run_job", 5)

    assert len(tried) == 1, "a hanging broker must not slow every request"


def test_heartbeat_is_one_row_and_grows_old() -> None:
    assert not services.is_alive()

    tasks.heartbeat()
    tasks.heartbeat()

    assert Heartbeat.objects.count() == 1
    assert services.is_alive()
    Heartbeat.objects.update(seen_at=timezone.now() - timedelta(seconds=61))
    assert not services.is_alive()
