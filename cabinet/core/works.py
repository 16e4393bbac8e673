"""A kind of work on the first page, as the packages below it say what they ask of a person."""

from dataclasses import dataclass
from typing import NamedTuple

from django.urls import reverse


@dataclass(frozen=True)
class Work:
    """A kind of work: its heading, what one is to do, the line's title, the button, who does it, where all of it is."""

    title: str
    hint: str
    line: str
    button: str
    doers: tuple[str, ...]
    page: str
    query: str = ""

    @property
    def address(self) -> str:
        return reverse(self.page) + self.query


class WorkLine(NamedTuple):
    title: str
    about: str
    note: str
    address: str
