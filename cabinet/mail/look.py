"""How a letter looks: its plain text cut into paragraphs, lists and buttons for the HTML twin."""

import re
from dataclasses import dataclass, field

from django.conf import settings
from django.template.loader import render_to_string

from cabinet.mail.texts import kind_of

BULLET = "— "


@dataclass
class Block:
    """A part of a letter: a paragraph of lines, a list of items, or one address to press."""

    kind: str  # text, list, button
    lines: list[str] = field(default_factory=list)


def blocks_of(body: str) -> list[Block]:
    """Only addresses of the cabinet itself become buttons: a foreign one in somebody's words stays a text."""
    blocks: list[Block] = []
    for paragraph in re.split(r"\n[ \t]*\n", body.strip()):
        last = ""
        for line in paragraph.splitlines():
            for kind, text in _parts(line.strip()):
                if kind != last or kind == "button":
                    blocks.append(Block(kind))
                blocks[-1].lines.append(text)
                last = kind
    return blocks


def _parts(line: str) -> list[tuple[str, str]]:
    """A line is an item, a text, an address of the cabinet, or a text that ends with one."""
    if line.startswith(BULLET):
        return [("list", line.removeprefix(BULLET))]
    before, _, last = line.rpartition(" ")
    if not last.startswith(f"{settings.SITE_URL}/"):
        return [("text", line)]
    return [("text", before), ("button", last)] if before else [("button", last)]


def button_of(kind: str) -> str:
    known = kind_of(kind)
    return known.button if known else "Открыть"


def page_of(subject: str, body: str, kind: str) -> str:
    """The HTML twin of a letter. Whatever people wrote is escaped by the template."""
    context = {"subject": subject, "blocks": blocks_of(body), "button": button_of(kind)}
    return render_to_string("mail/letter_message.html", context)
