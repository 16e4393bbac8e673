"""What a letter asks for, filled in at the moment of sending or showing: links, dates, what still waits.

A stored body holds `{ссылка}` (of what the letter is about), `{ссылка 12}` (of row 12 among what it is about),
`{дела}` (a line for each that still waits), `{срок}` and `{осталось}` (of the nearest). Words that come from people
are stored by `escape`, so that a course called «{ссылка}» stays a text.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models

from cabinet.core.words import long_date
from cabinet.mail.models import Letter

LIVE = ("ссылка", "дела", "срок", "осталось")
ASKING = ("дела", "срок", "осталось")  # where these stand, the letter waits for something
TOKEN = re.compile(r"\{\{|\}\}|\{(ссылка|дела|срок|осталось)(?: (\d+))?\}")
HIDDEN_LINK = "[личная ссылка скрыта]"
NOTHING_WAITS = "(ответа уже ничего не ждёт)"


class Line(NamedTuple):
    """What a row says of itself in a letter, by its `letter_line()`; a row that waits no more gives None."""

    what: str
    due_on: date | None
    left: str


def escape(text: str) -> str:
    """Words of people, safe inside a body."""
    return text.replace("{", "{{").replace("}", "}}")


def waiting_lines(letter: Letter) -> list[tuple[int, Line]]:
    """(row, its line) of all the letter is about that still waits, the nearest first."""
    model = _model(letter)
    pks: list[int] = [letter.about_id or 0, *letter.mentions.values_list("about_id", flat=True)]
    rows = model._base_manager.select_related(*getattr(model, "LETTER_NEEDS", ())).in_bulk(pks)
    said = [(pk, rows[pk].letter_line()) for pk in pks if pk in rows]
    lines = [(pk, line) for pk, line in said if line is not None]
    return sorted(lines, key=lambda one: one[1].due_on or date.max)


def _model(letter: Letter) -> Any:
    return ContentType.objects.get_for_id(letter.about_type_id).model_class() if letter.about_type_id else None


def is_asking(letter: Letter) -> bool:
    """Does it ask for something that may have come already? What is about a row without lines never does."""
    has_place = any(match[1] in ASKING for match in TOKEN.finditer(letter.body))
    return has_place and hasattr(_model(letter), "letter_line")


def freeze(letter: Letter) -> bool:
    """Put what still waits into the body for good, links stay places; False when nothing waits any more."""
    if not is_asking(letter):
        return True
    lines = waiting_lines(letter)
    letter.body = _frozen(letter.body, lines)
    return bool(lines)


def _frozen(body: str, lines: list[tuple[int, Line]]) -> str:
    nearest = lines[0][1] if lines else Line("", None, "")
    words = {
        "дела": "\n\n".join(_told(number, pk, line, len(lines)) for number, (pk, line) in enumerate(lines, 1)),
        "срок": long_date(nearest.due_on) if nearest.due_on else "—",
        "осталось": escape(nearest.left) or "—",
    }
    words["дела"] = words["дела"] or NOTHING_WAITS
    return TOKEN.sub(lambda match: words.get(match[1] or "", match[0]), body)


def _told(number: int, pk: int, line: Line, of: int) -> str:
    which = f"{number}. " if of > 1 else ""
    until = f" — до {long_date(line.due_on)}" if line.due_on else ""
    left = f" ({line.left})" if line.left else ""
    return f"{escape(which + line.what + until + left)}\n{{ссылка {pk}}}"


def shown_body(letter: Letter, link: Callable[[int | None], str] | None = None) -> str:
    """The text as its reader sees it; `link` gives the address of one of the rows, by default its own."""
    body = _frozen(letter.body, waiting_lines(letter)) if is_asking(letter) else letter.body
    address = link or (lambda pk: _address(letter, pk))
    return filled(body, address)


def filled(body: str, link: Callable[[int | None], str]) -> str:
    """A body without live places: links put in, words of people as they were."""
    plain = {"{{": "{", "}}": "}"}

    def put(match: re.Match[str]) -> str:
        if match[1] == "ссылка":
            return link(int(match[2]) if match[2] else None)
        return plain.get(match[0], match[0])

    return TOKEN.sub(put, body)


def _address(letter: Letter, pk: int | None) -> str:
    """The personal link of a row the letter is about; the cabinet's own address where there is none."""
    row: models.Model | None = letter.about
    if pk is not None and pk != letter.about_id:
        mention = letter.mentions.filter(about_id=pk).first()
        row = mention.about if mention else None
    personal_url = getattr(row, "personal_url", None)
    return personal_url() if personal_url else settings.SITE_URL + "/"


def example_body(body: str, examples: Mapping[str, str]) -> str:
    """A composed body with invented values in its live places: for a preview."""
    return TOKEN.sub(lambda match: {"{{": "{", "}}": "}"}.get(match[0]) or examples.get(match[1] or "", match[0]), body)
