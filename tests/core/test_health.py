"""/livez and /readyz, for supervisors and monitors."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from cabinet.core.services import beat
from cabinet.home.views import health
from tests.factories import JobFactory, LetterFactory


def test_livez_asks_nothing(client: Client) -> None:
    # No database mark: a query would fail the test.
    response = client.get("/livez")

    assert (response.status_code, response.content) == (200, b"ok\n")
    assert client.post("/livez").status_code == 405


@pytest.mark.django_db
def test_ready_when_the_worker_lives_and_nothing_waits(client: Client) -> None:
    beat()
    LetterFactory()

    response = client.get("/readyz")

    assert response.status_code == 200
    answer = response.json()
    assert answer.pop("oldest_owed_seconds") in (0, 1)
    assert answer == {"ready": True, "database": True, "migrations": True, "worker": True, "owed": True}
    assert client.post("/readyz").status_code == 405


@pytest.mark.django_db
def test_dead_worker_and_an_old_debt_are_named(client: Client) -> None:
    JobFactory(due_at=timezone.now() - timedelta(seconds=400))
    LetterFactory(due_at=timezone.now() - timedelta(days=1), finished_at=timezone.now())

    response = client.get("/readyz")

    assert response.status_code == 503
    answer = response.json()
    assert (answer["ready"], answer["worker"], answer["owed"]) == (False, False, False)
    assert 400 <= answer["oldest_owed_seconds"] < 500


@pytest.mark.django_db
def test_unfinished_migration_is_named(client: Client, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setattr(health, "_migrated", set())
    settings.MIGRATION_MODULES = {}  # the suite's database is made without migrations, so none of them is finished

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json() == {"ready": False, "database": True, "migrations": False}


@pytest.mark.django_db
def test_database_away_is_an_answer_not_an_error(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: Any) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(health, "_checks", away)

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json() == {"ready": False, "database": False}
