"""Small real files, and files made to do harm, of every kind a preview is drawn from."""

import struct
import zlib
from io import BytesIO

import pillow_heif
from PIL import Image

pillow_heif.register_heif_opener(thumbnails=False)


def picture(kind: str, size: tuple[int, int] = (60, 40), mode: str = "RGB", **options: object) -> bytes:
    buffer = BytesIO()
    Image.new(mode, size, "red" if mode == "RGB" else 0).save(buffer, kind, **options)
    return buffer.getvalue()


def pdf(pages: int = 1, box: str = "0 0 300 400") -> bytes:
    """A document of empty pages; `box` is the size they all claim."""
    kids = " ".join(f"{number} 0 R" for number in range(3, pages + 3))
    objects = ["<</Type/Catalog/Pages 2 0 R>>", f"<</Type/Pages/Count {pages}/Kids[{kids}]>>"]
    objects += [f"<</Type/Page/Parent 2 0 R/MediaBox[{box}]>>"] * pages
    content, places = b"%PDF-1.4\n", []
    body = bytearray(content)
    for number, text in enumerate(objects, start=1):
        places.append(len(body))
        body += f"{number} 0 obj\n{text}\nendobj\n".encode()
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    size = len(objects) + 1
    tail = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer<</Size {size}/Root 1 0 R>>\nstartxref\n{len(body)}\n"
    return bytes(body + tail.encode() + b"%%EOF")


def bomb(width: int, height: int, *, in_colour: bool = False) -> bytes:
    """A PNG of a few hundred kilobytes that unpacks to width × height pixels; made row by row, in little memory."""
    packer = zlib.compressobj(9)
    row = b"\0" * ((width * 3 if in_colour else width // 8) + 1)
    data = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    depth, kind = (8, 2) if in_colour else (1, 0)
    head = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
