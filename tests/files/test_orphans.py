"""What killed workers leave on the disk does not stay: it holds personal data."""

import os
import time
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import transaction

from cabinet.files import services
from cabinet.files.models import StoredFile

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def var_dir(settings: LazySettings, tmp_path: Path) -> Path:
    settings.VAR_DIR = tmp_path
    return tmp_path


def make_old(path: Path) -> None:
    os.utime(path, (time.time() - 200_000,) * 2)


def keep(text: bytes) -> Path:
    return Path(services.store_bytes("итог.txt", text, owner=None, content_type="text/plain").file.path)


def test_file_without_a_row_goes_and_a_known_one_stays(media_root: Path) -> None:
    known, forgotten, fresh = keep(b"1"), keep(b"2"), keep(b"3")
    StoredFile.objects.exclude(file__endswith=known.name).delete()
    make_old(known)
    make_old(forgotten)
    assert services.remove_orphans() == 1
    assert (known.exists(), forgotten.exists(), fresh.exists()) == (True, False, True)


def test_rolled_back_file_goes(media_root: Path) -> None:
    with transaction.atomic():
        path = keep(b"1")
        transaction.set_rollback(True)
    make_old(path)
    assert services.remove_orphans() == 1
    assert not path.exists()


def test_abandoned_work_folder_goes_and_a_finished_one_leaves_nothing(var_dir: Path) -> None:
    with services.work_folder() as folder:
        (folder / "registry.xlsx").write_bytes(b"1")
        assert folder.parent == var_dir / "work"
    assert not folder.exists()
    abandoned = var_dir / "work" / "abandoned"
    abandoned.mkdir()
    (abandoned / "registry.xlsx").write_bytes(b"1")
    make_old(abandoned)
    assert services.remove_orphans() == 1
    assert not abandoned.exists()
