"""Settings of the suite: the real ones, with everything that is written kept in a folder of this run.

Without DATABASE_URL and REDIS_URL the suite runs on SQLite (a file, so that a worker can join in) and the
filesystem broker; with them, on PostgreSQL and Redis.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_worker = os.environ.get("PYTEST_XDIST_WORKER", "")
_number = int(_worker.removeprefix("gw") or 0)

# Before the real settings are read: var/ of the checkout stays untouched, and workers of xdist stay apart.
_folder = Path(tempfile.mkdtemp(prefix="cabinet-tests-"))
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
os.environ["VAR_DIR"] = str(_folder)
os.environ["SECRET_KEY"] = "secret-of-the-test-suite-0123456789-abcdefghij"
os.environ["LINK_PEPPER"] = "pepper-of-the-test-suite-9876543210-zyxwvutsrq"
for _name in ("MEDIA_ROOT", "EMAIL_URL", "SITE_URL", "DEBUG", "ALLOWED_HOSTS", "TRUSTED_PROXIES"):
    os.environ.pop(_name, None)
os.environ["DEMO"] = "1"  # the default of SQLite, on PostgreSQL too: both runs test the same
if os.environ.get("REDIS_URL"):
    _address, _, _first = os.environ["REDIS_URL"].rpartition("/")
    os.environ["REDIS_URL"] = f"{_address}/{(int(_first or 0) + _number) % 16}"

from cabinet.settings import *  # noqa: E402, F403
from cabinet.settings import CACHES, DATABASES, IS_EMBEDDED, STORAGES  # noqa: E402

if IS_EMBEDDED:
    DATABASES["default"]["TEST"] = {"NAME": str(_folder / "test.sqlite3")}
    # Thrown away after the run: nothing has to survive a power cut.
    DATABASES["default"]["OPTIONS"]["init_command"] += " PRAGMA synchronous=OFF;"

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# No manifest: tests need no collectstatic, only the folder.
(_folder / "static").mkdir()
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
# In memory on every engine: clearing it between tests asks no database.
CACHES["default"] = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
