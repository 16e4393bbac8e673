"""Files taken from people and results of our own, kept under random names and handed out."""

import logging
import os
import re
import shutil
import time
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.uploadedfile import UploadedFile
from django.db import models, transaction
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.utils.http import content_disposition_header

from cabinet.core.services import hurry
from cabinet.files.content import PREVIEWED, Kind, recognise
from cabinet.files.models import Preview, PreviewPage, StoredFile
from cabinet.users.models import User

logger = logging.getLogger(__name__)

MAX_SIZE = 20 * 1024 * 1024
ALLOWED = "PDF, JPG, PNG, WEBP, HEIC, DOCX, PPTX, XLSX, ODT или текст (TXT в UTF-8)"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SPACES = re.compile(r"\s+")


def check_upload(upload: UploadedFile) -> Kind:
    """The kind of an uploaded file, or a ValidationError that says what to do."""
    if not upload.size:
        raise ValidationError("Файл пустой. Проверьте, что он открывается на вашем устройстве.")
    if upload.size > MAX_SIZE:
        raise ValidationError(
            f"Файл больше {MAX_SIZE // 1024 // 1024} МБ. Уменьшите его или приложите ссылку на облачное хранилище."
        )
    kind = recognise(_opened(upload))
    if kind is None:
        raise ValidationError(f"Такой файл принять нельзя. Подойдут {ALLOWED}, без макросов.")
    return kind


def _opened(upload: UploadedFile) -> Any:
    """Uploads proxy the methods of the file they wrap, and only that one is a whole file to zipfile."""
    return upload.file


def store_upload(upload: UploadedFile, owner: models.Model | None, uploaded_by: User | None) -> StoredFile:
    """Check and keep a person's file. Who may read `owner` may fetch it; without an owner nobody may."""
    kind = check_upload(upload)
    return _store(upload, clean_name(upload.name or "", kind.suffixes), kind.content_type, owner, uploaded_by)


def store_bytes(
    name: str,
    content: bytes,
    *,
    owner: models.Model | None,
    content_type: str = XLSX,
    uploaded_by: User | None = None,
) -> StoredFile:
    """Keep a result of our own making."""
    return _store(File(BytesIO(content)), clean_name(name), content_type, owner, uploaded_by)


def store_path(
    name: str,
    path: str | Path,
    *,
    owner: models.Model | None,
    content_type: str = XLSX,
    uploaded_by: User | None = None,
) -> StoredFile:
    """Keep a result written to disk, without reading it into memory; the caller removes its own copy."""
    with open(path, "rb") as content:
        return _store(File(content), clean_name(name), content_type, owner, uploaded_by)


def _store(
    content: "File[Any]", name: str, content_type: str, owner: models.Model | None, uploaded_by: User | None
) -> StoredFile:
    stored = StoredFile(
        name=name,
        content_type=content_type,
        size=_size(content),
        owner_type=ContentType.objects.get_for_model(owner) if owner else None,
        owner_id=owner.pk if owner else None,
        uploaded_by=uploaded_by,
    )
    stored.file.save(name, content, save=False)
    with transaction.atomic():
        stored.save()
        if content_type in PREVIEWED:
            Preview.objects.create(stored=stored)
            hurry("files.make_previews", every=1.0)
    return stored


def _size(content: "File[Any]") -> int:
    file: IO[bytes] = content.file if isinstance(content, File) and content.file else content
    file.seek(0, os.SEEK_END)
    size = file.tell()
    file.seek(0)
    return size


def clean_name(name: str, suffixes: tuple[str, ...] = ()) -> str:
    """A name safe to show and to save under: no folders, no invisible characters, a true ending, ≤ 120 letters."""
    name = name.replace("\\", "/").rpartition("/")[2]
    # Cf holds the marks that write text backwards: «отчётfdp.exe» must not read as «отчётexe.pdf».
    name = "".join(one for one in name if unicodedata.category(one) not in ("Cc", "Cf", "Cs"))
    name = _SPACES.sub(" ", name).strip(" .") or "файл"
    stem, ending = os.path.splitext(name)
    if suffixes and ending.lower() not in suffixes:
        stem, ending = name, suffixes[0]
    return stem[: 120 - len(ending)] + ending[:20]


def hand_out(content: bytes, name: str, content_type: str = XLSX) -> HttpResponse:
    """A result made for this reader at this moment: a file to keep, of which no copy stays on the way."""
    headers = {"Content-Disposition": content_disposition_header(True, name) or "", "Cache-Control": "no-store"}
    return HttpResponse(content, content_type=content_type, headers=headers)


def send(stored: StoredFile) -> HttpResponseBase:
    """The response that hands the file out: always as an attachment, never guessed at by the browser."""
    return _hand_out(stored.file, stored.content_type, stored.name, as_attachment=True)


def send_picture(picture: FieldFile) -> HttpResponseBase:
    """A picture of our own making, shown in a page."""
    return _hand_out(picture, "image/jpeg", "preview.jpg", as_attachment=False)


def _hand_out(file: FieldFile, content_type: str, name: str, *, as_attachment: bool) -> HttpResponseBase:
    response: HttpResponseBase
    if not file.name or not file.storage.exists(file.name):
        logger.error("file %s is in the database but not on the disk", file.name)
        raise Http404
    if settings.FILES_ACCEL_PREFIX:
        response = HttpResponse(content_type=content_type)
        response["X-Accel-Redirect"] = settings.FILES_ACCEL_PREFIX + file.name
    else:
        response = FileResponse(file.open("rb"), content_type=content_type)
    disposition = "attachment" if as_attachment else "inline"
    response["Content-Disposition"] = content_disposition_header(as_attachment, name) or disposition
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@contextmanager
def work_folder() -> Iterator[Path]:
    """A private folder for a file in the making; what a killed process leaves in it, `remove_orphans` takes."""
    base = Path(settings.VAR_DIR) / "work"
    base.mkdir(mode=0o700, parents=True, exist_ok=True)
    with TemporaryDirectory(dir=base) as folder:
        yield Path(folder)


def remove_orphans(age: timedelta = timedelta(days=1)) -> int:
    """Delete files on the disk that no row knows and abandoned work folders, once older than `age`.

    A transaction that was rolled back, or a worker killed before its commit, leaves the file it had stored.
    """
    limit = time.time() - age.total_seconds()
    removed = 0
    root = Path(settings.MEDIA_ROOT)
    for folder in [one for one in root.glob("*") if one.is_dir()]:
        old = {f"{folder.name}/{one.name}": one for one in folder.iterdir() if one.stat().st_mtime < limit}
        for name in old.keys() - _known(old):
            old[name].unlink(missing_ok=True)
            removed += 1
    for abandoned in (Path(settings.VAR_DIR) / "work").glob("*"):
        if abandoned.stat().st_mtime < limit:
            shutil.rmtree(abandoned, ignore_errors=True)
            removed += 1
    return removed


def _known(names: Iterable[str]) -> set[str]:
    """Which of these a row knows: a file, a page of its preview, its small picture."""
    known = set(StoredFile.objects.filter(file__in=names).values_list("file", flat=True))
    known |= set(PreviewPage.objects.filter(file__in=names).values_list("file", flat=True))
    return known | set(PreviewPage.objects.filter(small__in=names).values_list("small", flat=True))
