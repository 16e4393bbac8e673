"""What may be opened at all: a look at the archive before anything is unpacked."""

from __future__ import annotations

import zipfile
from pathlib import Path

MAX_FILE_BYTES = 30 * 1024 * 1024
MAX_ENTRIES = 2_000
# A list of 30,000 people unpacks to about 30 MiB; ten times that is still a list, more is not.
MAX_UNPACKED_BYTES = 300 * 1024 * 1024
MAX_RATIO = 150
# Small files may be as repetitive as they like.
RATIO_MATTERS_FROM = 20 * 1024 * 1024

OLE_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED_MARK = "EncryptedPackage".encode("utf-16-le")

TOO_LARGE = "Файл распаковывается в слишком большой объём, такие файлы кабинет не открывает."
DAMAGED = "Файл повреждён или передан не полностью: сохраните список ещё раз и загрузите снова."


class Refused(Exception):
    """The whole file is turned away. The text is one sentence for the person who sent it."""


def check_archive(path: str | Path) -> None:
    """Refuse what is not a plain .xlsx of a reasonable size.

    Only the table of contents is read. The sizes it states can be trusted: `zipfile` never gives out more bytes
    of an entry than its stated size.
    """
    path = Path(path)
    check_beginning(path)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise Refused(DAMAGED) from None
    names = {entry.filename.replace("\\", "/").lstrip("/").casefold() for entry in entries}
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise Refused("Файл защищён паролем: снимите защиту, сохраните и загрузите снова.")
    if "xl/workbook.xml" not in names:
        raise Refused("Это не таблица Excel: сохраните список в формате «Книга Excel (.xlsx)».")
    check_size(entries, path.stat().st_size)


def check_beginning(path: Path) -> None:
    size = path.stat().st_size
    if size == 0:
        raise Refused("Файл пустой: сохраните список ещё раз и загрузите снова.")
    if size > MAX_FILE_BYTES:
        raise Refused(f"Файл больше {MAX_FILE_BYTES // 1024 // 1024} МБ: разделите список на части.")
    with path.open("rb") as stream:
        start = stream.read(8)
        if start == OLE_SIGNATURE:
            # The password-protected workbook hides in the same container as the workbook of the nineties.
            if ENCRYPTED_MARK in stream.read():
                raise Refused("Файл защищён паролем: снимите защиту, сохраните и загрузите снова.")
            raise Refused("Это старый формат .xls: сохраните список в формате «Книга Excel (.xlsx)».")
    if start[:4] != b"PK\x03\x04":
        raise Refused("Это не таблица Excel: сохраните список в формате «Книга Excel (.xlsx)».")


def check_size(entries: list[zipfile.ZipInfo], packed: int) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED_BYTES:
        raise Refused(TOO_LARGE)
    if unpacked > RATIO_MATTERS_FROM and unpacked > packed * MAX_RATIO:
        raise Refused(TOO_LARGE)
