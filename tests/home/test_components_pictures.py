"""README.md shows the pictures `make pictures` takes, and all of them are small."""

import re
from pathlib import Path

from django.conf import settings

from tools.pictures import MAX_BYTES, OUT, PICTURES

README = Path(settings.BASE_DIR, "README.md").read_text(encoding="utf-8")


def test_readme_shows_every_picture_once() -> None:
    shown = re.findall(r'src="docs/pictures/([a-z-]+)\.png"', README)
    assert sorted(shown) == sorted(picture.name for picture in PICTURES)


def test_every_picture_is_there_and_small() -> None:
    sizes = {picture.name: (OUT / f"{picture.name}.png").stat().st_size for picture in PICTURES}
    assert {name: size for name, size in sizes.items() if not 0 < size <= MAX_BYTES} == {}


def test_pictures_are_described_in_words() -> None:
    assert [image for image in re.findall(r"<img [^>]*>", README) if not re.search(r'alt="[^"]{20,}"', image)] == []
