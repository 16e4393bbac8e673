"""Asks the child for pictures of a file."""

import logging
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cabinet.core.child import lines_of

logger = logging.getLogger(__name__)

CHILD = Path(__file__).with_name("child.py")
SECONDS = 40.0  # by the clock, for a busy machine; the child itself stops after twenty of the processor's


class Undrawable(Exception):
    """The file is damaged or too large: asking again would change nothing."""


class Stopped(Exception):
    """The child came to no end: too long, too heavy, or the machine was busy."""


@dataclass(frozen=True)
class Page:
    number: int
    file: Path
    small: Path
    width: int
    height: int


@dataclass
class Drawn:
    """The first pages, and how many there are."""

    pages: list[Page] = field(default_factory=list)
    total: int = 0


def draw(path: str | Path, content_type: str, folder: Path, pages: int) -> Drawn:
    """Pictures of the file's first `pages` pages in `folder`, or Undrawable, or Stopped."""
    drawn = Drawn()
    with closing(lines_of(CHILD, str(path), content_type, str(folder), str(pages), seconds=SECONDS)) as lines:
        for line in lines:
            if "refused" in line:
                logger.info("no preview: %s", line["refused"])
                raise Undrawable(str(line["refused"]))
            if "end" in line:
                drawn.total = line["pages"]
                break
            drawn.pages.append(_page(line, folder))
    if not drawn.total:
        raise Stopped
    return drawn


def _page(line: dict[str, Any], folder: Path) -> Page:
    number = int(line["page"])
    return Page(
        number, folder / f"{number}.jpg", folder / f"{number}-small.jpg", int(line["width"]), int(line["height"])
    )
