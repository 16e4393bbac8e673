"""Run the suite on SQLite and, where the machine has them, on PostgreSQL and Redis; say loudly what was left out.

python -m tools.run_tests                  make test: all on SQLite, the `services` part on PostgreSQL + Redis
python -m tools.run_tests --everything     make check: both in full; whatever is missing is a failure
python -m tools.run_tests --only services  only the second half, in full

In full the second half leaves out what a browser draws and what is marked `once`, and of a test that runs with many
values it takes the first few: a page looks the same on both engines, a wrong number is refused before either is asked,
and CI has twenty minutes.
"""

import argparse
import os
import subprocess
import sys
import time
from urllib.parse import urlsplit

from tests.browser.chromium import find_chromium
from tests.registry.office import find_calc

DATABASE_URL = os.environ.get("TEST_DATABASE_URL", "postgres://127.0.0.1:5432/cabinet")
REDIS_URL = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/8")


def missing_on_this_machine() -> dict[str, str]:
    """What is not here, each with what would bring it."""
    missing = {}
    if find_chromium() is None:
        missing["Chromium"] = "the browser tests; install the package `chromium`"
    if find_calc() is None:
        missing["LibreOffice"] = "the registry's file opened there; install the package `libreoffice-calc`"
    if not _postgres_answers():
        missing["PostgreSQL"] = f"the suite on PostgreSQL + Redis; nothing usable at {_without_password(DATABASE_URL)}"
    if not _redis_answers():
        missing["Redis"] = f"the suite on PostgreSQL + Redis; nothing at {_without_password(REDIS_URL)}"
    return missing


def _postgres_answers() -> bool:
    import psycopg2

    parts = urlsplit(DATABASE_URL)
    try:
        psycopg2.connect(parts._replace(scheme="postgresql", path="/postgres").geturl(), connect_timeout=3).close()
    except psycopg2.OperationalError:
        return False
    return True


def _redis_answers() -> bool:
    import redis

    try:
        return bool(redis.Redis.from_url(REDIS_URL, socket_connect_timeout=3).ping())
    except redis.RedisError:
        return False


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}{parts.path}"


def pytest(title: str, arguments: list[str], environment: dict[str, str]) -> bool:
    """One run of pytest; whether it passed."""
    _banner(title)
    clean = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "REDIS_URL"}}
    started = time.monotonic()
    processes = ["-n", os.environ.get("TEST_PROCESSES", "auto"), "--dist", "worksteal"]
    command = [sys.executable, "-m", "pytest", "-q", *processes, *arguments]
    code = subprocess.run(command, env=clean | environment, check=False).returncode
    print(f"{title}: {'passed' if code == 0 else f'FAILED (code {code})'} in {time.monotonic() - started:.0f} s")
    return code == 0


def _banner(text: str) -> None:
    print(f"\n{'=' * 100}\n{text}\n{'=' * 100}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--everything", action="store_true", help="all on both engines, nothing skipped")
    parser.add_argument("--only", choices=["sqlite", "services"])
    parser.add_argument("rest", nargs="*", help="handed to pytest")
    options = parser.parse_args()

    missing = missing_on_this_machine()
    if options.everything and missing:
        _banner("NOT RUN, and nothing may be left out:\n" + "\n".join(f"  {k}: {v}" for k, v in missing.items()))
        return 1
    required = {"CABINET_REQUIRE_ALL": "1"} if options.everything else {}
    passed = True
    if options.only != "services":
        passed &= pytest("The suite on SQLite with the filesystem broker", options.rest, required)
    if options.only != "sqlite" and not {"PostgreSQL", "Redis"} & missing.keys():
        is_full = options.everything or options.only
        part = ["-m", "services or not (browser or once)", "--few-values"] if is_full else ["-m", "services"]
        services = {"DATABASE_URL": DATABASE_URL, "REDIS_URL": REDIS_URL}
        name = "The suite" if is_full else "What concerns a real worker,"
        passed &= pytest(f"{name} on PostgreSQL and Redis", [*part, *options.rest], required | services)
    if missing:
        _banner("NOT RUN on this machine:\n" + "\n".join(f"  {k} — {v}" for k, v in missing.items()))
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
