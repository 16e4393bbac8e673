"""The child that opens strangers' pictures and documents: what it draws, what it refuses, how it is stopped."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from cabinet.files.drawing import Drawn, Stopped, Undrawable, draw, parent
from tests.files.pictures import bomb, pdf, picture

TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "HEIF": "image/heic"}
PDF = "application/pdf"


def drawn(tmp_path: Path, content: bytes, content_type: str, pages: int = 5) -> Drawn:
    source = tmp_path / "4f1c"  # uploads are stored under names that tell nothing
    source.write_bytes(content)
    return draw(source, content_type, tmp_path, pages)


@pytest.mark.parametrize("kind", TYPES)
def test_every_kind_of_picture_becomes_two_jpegs(tmp_path: Path, kind: str) -> None:
    made = drawn(tmp_path, picture(kind, (1600, 800)), TYPES[kind])

    assert made.total == 1
    [page] = made.pages
    assert (page.width, page.height) == (1200, 600)
    with Image.open(page.file) as big, Image.open(page.small) as small:
        assert (big.format, big.size, small.format, small.size) == ("JPEG", (1200, 600), "JPEG", (320, 160))


def test_first_pages_of_a_document_are_drawn(tmp_path: Path) -> None:
    made = drawn(tmp_path, pdf(7), PDF)
    assert (made.total, [page.number for page in made.pages]) == (7, [1, 2, 3, 4, 5])
    assert (made.pages[0].width, made.pages[0].height) == (1200, 1600)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "I;16", "1"])
def test_unusual_pixels_are_drawn_too(tmp_path: Path, mode: str) -> None:
    assert drawn(tmp_path, picture("PNG", mode=mode), "image/png").total == 1


def test_nothing_but_pixels_passes(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "Квартира 12, ученик Петров"
    exif[0x0112] = 6  # lying on its side
    made = drawn(tmp_path, picture("JPEG", (60, 40), exif=exif, comment=b"<script>alert(1)</script>"), "image/jpeg")

    page = made.pages[0]
    assert (page.width, page.height) == (40, 60)
    for path in (page.file, page.small):
        assert b"script" not in path.read_bytes()
        with Image.open(path) as result:
            assert not result.getexif()
            assert "comment" not in result.info


def test_what_is_transparent_is_white(tmp_path: Path) -> None:
    made = drawn(tmp_path, picture("PNG", mode="RGBA"), "image/png")
    with Image.open(made.pages[0].file) as result:
        assert result.getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (bomb(60_000, 60_000), "image/png"),
        (pdf(10_000), PDF),
        (pdf(1, "0 0 99999999 1"), PDF),
        (b"%PDF-1.7 ...", PDF),
        (b"\xff\xd8\xff\xe0....", "image/jpeg"),
        (picture("PNG")[:60], "image/png"),
        (picture("PNG"), "image/jpeg"),  # one kind by its beginning, another inside
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", "image/heic"),
    ],
    ids=["bomb", "many pages", "wide page", "broken pdf", "broken jpeg", "cut png", "other kind", "broken heic"],
)
def test_bombs_and_broken_files_are_refused_quickly(tmp_path: Path, content: bytes, content_type: str) -> None:
    began = time.monotonic()
    with pytest.raises(Undrawable):
        drawn(tmp_path, content, content_type)
    assert time.monotonic() - began < 15


MEASURED = """
import resource, subprocess, sys

subprocess.run([sys.executable, *sys.argv[1:]], stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


@pytest.mark.parametrize(
    ("content", "content_type"),
    [(bomb(60_000, 60_000), "image/png"), (bomb(7_000, 7_000, in_colour=True), "image/png"), (pdf(10_000), PDF)],
    ids=["bomb", "large picture", "many pages"],
)
def test_memory_of_the_child_is_bounded(tmp_path: Path, content: bytes, content_type: str) -> None:
    source = tmp_path / "4f1c"
    source.write_bytes(content)
    # From a small process: a child of the large one that runs the tests is counted with its parent's memory.
    child = [parent.CHILD, source, content_type, tmp_path, "5"]
    done = subprocess.run([sys.executable, "-c", MEASURED, *child], capture_output=True, timeout=60, check=True)
    assert int(done.stdout) < 600 * 1024  # KiB


def test_child_over_its_memory_is_no_answer_or_a_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = tmp_path / "child.py"
    small.write_text(parent.CHILD.read_text().replace("768 * 1024", "160 * 1024"))
    monkeypatch.setattr(parent, "CHILD", small)
    with pytest.raises((Undrawable, Stopped)):
        drawn(tmp_path, bomb(7_000, 7_000, in_colour=True), "image/png")


def test_slow_child_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = tmp_path / "slow.py"
    slow.write_text("import time\ntime.sleep(60)\n")
    monkeypatch.setattr(parent, "CHILD", slow)
    monkeypatch.setattr(parent, "SECONDS", 0.5)
    with pytest.raises(Stopped):
        drawn(tmp_path, picture("PNG"), "image/png")


def test_child_killed_between_two_pages_gives_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    killed = tmp_path / "killed.py"
    killed.write_text(
        'import os, sys\nprint(\'{"page": 1, "width": 1, "height": 1}\', flush=True)\nsys.stdout.write(\'{"pa\')\n'
        "sys.stdout.flush()\nos.kill(os.getpid(), 9)\n"
    )
    monkeypatch.setattr(parent, "CHILD", killed)
    with pytest.raises(Stopped):
        drawn(tmp_path, pdf(3), PDF)
