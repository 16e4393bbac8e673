"""The suite makes its tables from the models, which is quicker; migrations make the same ones, as is seen here."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

# In a process of its own, where nothing keeps the migrations away; what it prints last is the tables they made.
MIGRATE = """
import json, sys
import django

django.setup()
from django.db import connection
from tests.core.test_migrations import tables

name = connection.settings_dict["NAME"]
connection.settings_dict["TEST"]["NAME"] = sys.argv[1]
connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
made = tables()
connection.creation.destroy_test_db(name, verbosity=0)
print(json.dumps(made))
"""


# Each asks for the rows of a table, what has a name by its name, what has none without it.
STRUCTURE = {
    "sqlite": (
        'SELECT name, type, "notnull", dflt_value FROM pragma_table_info(%s)',
        'SELECT "from", "table", "to" FROM pragma_foreign_key_list(%s)',
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = %s",
    ),
    "postgresql": (
        "SELECT column_name, data_type, is_nullable, column_default, character_maximum_length"
        " FROM information_schema.columns WHERE table_name = %s",
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass",
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s",
    ),
}


# Django's own: its key is of the kind of the day when the framework first made it.
OTHERS = {"django_migrations", "auth_group_permissions"}


def tables() -> dict[str, list[str]]:
    """Columns, keys and indexes of every table; in which order they stand is nobody's concern."""
    with connection.cursor() as cursor:
        names = set(connection.introspection.table_names(cursor)) - OTHERS
        return {name: sorted(_structure(cursor, name)) for name in names}


def _structure(cursor: Any, name: str) -> Iterator[str]:
    for query in STRUCTURE[connection.vendor]:
        cursor.execute(query, [name])
        yield from (repr(row) for row in cursor.fetchall())


@pytest.mark.once
@pytest.mark.django_db
def test_migrations_make_the_tables_of_the_models(tmp_path: Path) -> None:
    is_embedded = connection.vendor == "sqlite"
    own = str(tmp_path / "migrated.sqlite3") if is_embedded else f"{connection.settings_dict['NAME']}_migrated"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    command = [sys.executable, "-c", MIGRATE, own]
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    made, wanted = json.loads(done.stdout.splitlines()[-1]), tables()
    assert made.keys() == wanted.keys()
    assert {name: set(made[name]) ^ set(wanted[name]) for name in made if made[name] != wanted[name]} == {}
