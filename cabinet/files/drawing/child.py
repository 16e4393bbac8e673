"""The process that opens somebody else's picture or PDF. Started by path, so it knows nothing of the project.

Writes `1.jpg`, `1-small.jpg` … into the folder and JSON lines: `{"page": 1, "width": …, "height": …}` for each, at
the end `{"end": true, "pages": how many the file has}` or `{"refused": cause}`. No last line means it was stopped.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import warnings
from pathlib import Path

import pypdfium2
from PIL import Image, ImageOps
from pillow_heif import register_heif_opener

MEMORY_BYTES = 768 * 1024 * 1024
FILE_BYTES = 16 * 1024 * 1024
CPU_SECONDS = 20
MAX_PAGES = 1_000  # of a document anybody would bring as evidence
WIDTH = 1200  # pixels, at most
HEIGHT = 2400
SMALL = 320
# A phone's best picture has 200 million pixels, yet JPEG is read at an eighth; other kinds only whole.
MAX_JPEG_PIXELS = 220_000_000
MAX_PIXELS = 60_000_000
MAX_SCALE = 4.0  # of a PDF page: 288 dots per inch
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/heic": "HEIF"}


class TooLarge(Exception):
    pass


def main(path: str, content_type: str, folder: str, pages: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(10)  # people waiting for a page come first
    warnings.simplefilter("ignore")
    try:
        if content_type == "application/pdf":
            total = draw_document(path, Path(folder), int(pages))
        else:
            total = draw_picture(path, content_type, Path(folder))
        emit({"end": True, "pages": total})
    except MemoryError:
        emit({"refused": "memory"})
    except Exception as error:  # whatever a damaged file makes of a library, the answer is the same
        emit({"refused": repr(error)[:300]})


def draw_picture(path: str, content_type: str, folder: Path) -> int:
    if content_type == "image/heic":
        register_heif_opener(thumbnails=False)
    is_jpeg = content_type == "image/jpeg"
    Image.MAX_IMAGE_PIXELS = None  # asked below, by kind
    # By the kind that the content said, and by no other reader of the library.
    with Image.open(path, formats=[FORMATS[content_type]]) as picture:
        width, height = picture.size
        if width * height > (MAX_JPEG_PIXELS if is_jpeg else MAX_PIXELS):
            raise TooLarge(f"{width}×{height}")
        if is_jpeg:
            picture.draft("RGB", (WIDTH * 2, WIDTH * 2))
        picture.thumbnail((HEIGHT, HEIGHT), reducing_gap=2.0)
        keep(ImageOps.exif_transpose(picture), 1, folder)
    return 1


def draw_document(path: str, folder: Path, pages: int) -> int:
    document = pypdfium2.PdfDocument(path)
    total = len(document)
    if total > MAX_PAGES:
        raise TooLarge(f"{total} pages")
    for index in range(min(total, pages)):
        page = document[index]
        width, height = page.get_size()
        if not (0 < width < 1e6 and 0 < height < 1e6):
            raise TooLarge(f"{width}×{height} points")
        scale = min(WIDTH / width, HEIGHT / height, MAX_SCALE)
        keep(page.render(scale=scale).to_pil(), index + 1, folder)
        page.close()
    return total


def keep(picture: Image.Image, number: int, folder: Path) -> None:
    """As new JPEG pictures: only pixels pass, on white where there were none."""
    if "A" in picture.getbands() or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        ground = Image.new("RGB", picture.size, "white")
        ground.paste(picture, mask=picture.getchannel("A"))
        picture = ground
    picture = picture.convert("RGB")
    picture.info = {}
    picture.thumbnail((WIDTH, HEIGHT))
    picture.save(folder / f"{number}.jpg", "JPEG", quality=80, optimize=True)
    width, height = picture.size
    picture.thumbnail((SMALL, SMALL))
    picture.save(folder / f"{number}-small.jpg", "JPEG", quality=75, optimize=True)
    emit({"page": number, "width": width, "height": height})


def emit(line: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:5])
