"""What a version holds: a file by its content, a link of the web, or a text."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from cabinet.files.models import StoredFile
from cabinet.files.services import store_upload
from cabinet.library.models import MaterialVersion
from cabinet.users.models import User

Form = MaterialVersion.Form
BAD_LINK = "Подойдёт только адрес страницы: он начинается с https:// или http://. Скопируйте его целиком."


def check_link(link: str) -> None:
    """A page of the web and nothing that a browser would run."""
    try:
        parts = urlsplit(link)
    except ValueError as error:
        raise ValidationError(BAD_LINK) from error
    if parts.scheme.lower() not in ("http", "https") or not parts.netloc:
        raise ValidationError(BAD_LINK)


def has_content(version: MaterialVersion) -> bool:
    if version.form == Form.FILE:
        return version.file_id is not None
    return bool(version.link if version.form == Form.LINK else version.body.strip())


def fill(version: MaterialVersion, values: Mapping[str, Any], upload: UploadedFile | None, *, actor: User) -> None:
    """Write the version with one of the three; what it held in another form is gone. Call inside a transaction.

    A link or a text not written yet is kept as a file not brought yet: a draft may be empty.
    """
    form, link, body = _typed(values)
    if link:
        check_link(link)
    former = version.file if version.file_id else None
    version.form = form if link or body else Form.FILE
    version.link, version.body = link, body
    version.note = values.get("note", version.note) or ""
    if form != Form.FILE:
        version.file = None
    version.save()
    if form == Form.FILE and upload is not None:
        version.file = store_upload(upload, version, actor)
        version.save(update_fields=["file"])
    _forget(former, version)


def _typed(values: Mapping[str, Any]) -> tuple[str, str, str]:
    form = values.get("form") or Form.FILE
    link = (values.get("link") or "").strip() if form == Form.LINK else ""
    return form, link, (values.get("body") or "").strip() if form == Form.TEXT else ""


def holds(version: MaterialVersion, values: Mapping[str, Any], upload: UploadedFile | None) -> bool:
    """Is this what it holds already? Files are told apart by their size: enough for one form sent twice."""
    form, link, body = _typed(values)
    size = upload.size if upload is not None and form == Form.FILE else None
    kept = version.file.size if version.file is not None else None
    return (version.link, version.body, kept) == (link, body, size)


def _forget(former: StoredFile | None, version: MaterialVersion) -> None:
    """A replaced file must not be handed out by an old address."""
    if former is not None and former.pk != version.file_id:
        former.delete()
