"""Icons of the pages: SVG from the unpacked bootstrap-icons, put into the page itself (an icon font is 134 KB)."""

import re
from functools import lru_cache

from django.conf import settings

FOLDER = settings.BASE_DIR / "static" / "vendor" / "bootstrap-icons"
_BODY = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
_NAME = re.compile(r"^[a-z0-9-]+$")


@lru_cache(maxsize=512)
def paths(name: str) -> str:
    """What is drawn inside the <svg>; empty when there is no such icon, so a page never fails for a picture."""
    file = FOLDER / f"{name}.svg"
    if not _NAME.match(name) or not file.exists():
        return ""
    match = _BODY.search(file.read_text(encoding="utf-8"))
    return " ".join(match.group(1).split()) if match else ""
