"""What a file is, told by its content. The name and the type a browser sends are only claims."""

import lzma
import zlib
from dataclasses import dataclass
from typing import BinaryIO
from zipfile import BadZipFile, LargeZipFile, ZipFile

HEAD = 4096
MAX_PART = 1024 * 1024  # bytes of the one small part read from an office archive
# The list of an archive's parts is read whole: 430,000 empty ones fit into 20 MB and took nine seconds, 200 MB.
MAX_ENTRIES = 10_000
ENTRY_MARK = b"PK\x01\x02"
DAMAGED = (
    *(BadZipFile, LargeZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError),
    *(zlib.error, lzma.LZMAError),
)


@dataclass(frozen=True)
class Kind:
    """An allowed kind of file: its type and the endings its name may have, the first being given if none fits."""

    content_type: str
    suffixes: tuple[str, ...]


PDF = Kind("application/pdf", (".pdf",))
JPEG = Kind("image/jpeg", (".jpg", ".jpeg"))
PNG = Kind("image/png", (".png",))
WEBP = Kind("image/webp", (".webp",))
HEIC = Kind("image/heic", (".heic", ".heif"))
TEXT = Kind("text/plain; charset=utf-8", (".txt",))
ODT = Kind("application/vnd.oasis.opendocument.text", (".odt",))
_OOXML = "application/vnd.openxmlformats-officedocument."
OFFICE = (
    Kind(_OOXML + "wordprocessingml.document", (".docx",)),
    Kind(_OOXML + "presentationml.presentation", (".pptx",)),
    Kind(_OOXML + "spreadsheetml.sheet", (".xlsx",)),
)
# What the worker can draw; the rest is read in its own program.
PREVIEWED = {kind.content_type for kind in (PDF, JPEG, PNG, WEBP, HEIC)}
HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1")


def recognise(file: BinaryIO) -> Kind | None:
    """The kind of the file, or None when it is none of the allowed; the file is left at its beginning."""
    file.seek(0)
    head = file.read(HEAD)
    file.seek(0)
    try:
        return _by_head(head) or (_office(file) if head.startswith(b"PK\x03\x04") else _text(file))
    finally:
        file.seek(0)


def _by_head(head: bytes) -> Kind | None:
    if head.removeprefix(b"\xef\xbb\xbf").startswith(b"%PDF-"):
        return PDF
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head[4:8] == b"ftyp" and head[8:12] in HEIC_BRANDS:
        return HEIC
    return None


def _office(file: BinaryIO) -> Kind | None:
    """An office document says inside what it is; one with macros says that too, and is not allowed."""
    if file.read().count(ENTRY_MARK) > MAX_ENTRIES:
        return None
    try:
        with ZipFile(file) as archive:
            names = archive.namelist()
            if any("vbaproject" in name.lower() for name in names):
                return None
            if "mimetype" in names:
                return ODT if _part(archive, "mimetype").strip() == ODT.content_type.encode() else None
            types = _part(archive, "[Content_Types].xml") if "[Content_Types].xml" in names else b""
    except DAMAGED:
        return None  # damaged, encrypted or packed in an unknown way
    if b"macroEnabled" in types:
        return None
    return next((kind for kind in OFFICE if f'{kind.content_type}.main+xml"'.encode() in types), None)


def _part(archive: ZipFile, name: str) -> bytes:
    with archive.open(name) as part:
        return part.read(MAX_PART)


def _text(file: BinaryIO) -> Kind | None:
    """Text in UTF-8 without control characters, read in pieces."""
    content = file.read()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    is_plain = all(character >= " " or character in "\t\n\r\f" for character in set(text))
    # Markup would be text too, but nobody confirms a lesson with a web page.
    return TEXT if text.strip() and is_plain and not text.lstrip().startswith("<") else None
