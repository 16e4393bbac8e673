"""What every test gets: no network, an empty media folder, nothing skipped where nothing may be."""

import gc
import importlib
import os
import socket
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

REQUIRE_ALL = os.environ.get("CABINET_REQUIRE_ALL") == "1"
FEW = 2


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--few-values", action="store_true", help=f"of a test with many values run the first {FEW}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("few_values"):
        return
    seen: Counter[str] = Counter()
    few, many = [], []
    for item in items:
        test, _, value = item.nodeid.partition("[")
        seen[test] += 1
        is_left_out = value and seen[test] > FEW and not item.get_closest_marker("services")
        (many if is_left_out else few).append(item)
    config.hook.pytest_deselected(items=many)
    items[:] = few


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """In `make check` a skipped test is a failed one: green must mean that everything ran."""
    outcome: Any = yield
    report = outcome.get_result()
    if REQUIRE_ALL and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and nothing may be: {report.longrepr}"


def pytest_collection_finish() -> None:
    """What is imported stays: the collector of garbage need not look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The test database, left by everybody at the end: a killed worker's session may outlive it and forbid the drop.

    Its tables come from the models (tests/core/test_migrations.py says that migrations make the same); what only a
    migration makes is made here.
    """
    if connection.vendor == "postgresql":
        append_only = importlib.import_module("cabinet.users.migrations.0002_log_is_append_only")
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(append_only.FORWARD)
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture(autouse=True)
def media_root(settings: Any, tmp_path: Path) -> Path:
    """Uploads of a test go to a folder of its own."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    """Rate limits and cached dictionaries of one test must not meet those of another."""
    for cache in caches.all(initialized_only=True):
        cache.clear()


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that asks another machine is a mistake, on a train as in CI."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        is_local = self.family == socket.AF_UNIX or str(address[0]) in {"127.0.0.1", "::1", "localhost"}
        if not is_local:
            raise AssertionError(f"a test tried to reach {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
