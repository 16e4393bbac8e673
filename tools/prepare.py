"""Bring the database and the static files up to date before the site starts; demo data the first time only.

One process for all of it: starting Django five times would cost more than the work.
"""

import hashlib
import os
from pathlib import Path

import django
from django.core.management import call_command, get_commands
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cabinet.settings")
    django.setup()
    prepare_database()
    collect_static()


def prepare_database() -> None:
    """Migrate; after any migration load the reference data, and into a new database the demo data."""
    from django.conf import settings

    # Kept beside the database until the demo is in, so that a first start cut short is taken up again.
    demo_owed = Path(settings.VAR_DIR) / "demo-owed"
    if settings.IS_DEMO and "django_migrations" not in connection.introspection.table_names():
        demo_owed.touch()
    executor = MigrationExecutor(connection)
    has_new = bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if has_new:
        print("database: migrating …", flush=True)
        call_command("migrate", interactive=False, verbosity=0)
    if has_new or demo_owed.exists():
        run_if_there("seed_reference")
    if demo_owed.exists():
        print("demo data: loading, this happens once …", flush=True)
        if run_if_there("seed_demo"):
            demo_owed.unlink()


def run_if_there(command: str) -> bool:
    if command not in get_commands():
        print(f"{command}: no such command yet", flush=True)
        return False
    call_command(command)
    return True


def collect_static() -> None:
    """Collect again only when a file or a package has changed: hashing and compressing take seconds."""
    from django.conf import settings

    if settings.DEBUG:
        return
    stamp = Path(settings.STATIC_ROOT) / ".stamp"
    wanted = static_digest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print("static files: collecting …", flush=True)
    # Icons are inlined on the server; two thousand of them need no hashed copies.
    call_command("collectstatic", interactive=False, clear=True, verbosity=0, ignore_patterns=["bootstrap-icons"])
    stamp.write_text(wanted)


def static_digest() -> str:
    digest = hashlib.sha256((ROOT / "requirements.txt").read_bytes())
    for path in sorted((ROOT / "static").rglob("*")):
        if path.is_file() and "bootstrap-icons" not in path.parts:
            digest.update(str(path.relative_to(ROOT)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


if __name__ == "__main__":
    main()
