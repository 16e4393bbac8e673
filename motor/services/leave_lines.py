"""Lines of what is handed over for the time of a leave: for the preview, the page and the letters."""

from dataclasses import dataclass, field

from django.db import models

from cabinet.core.words import counted
from cabinet.users.models import User
from iom.models import Route
from motor.models import Case
from rma.models import Request


@dataclass(frozen=True)
class Line:
    """One thing: `kind` is of KINDS, `to` who has it from the first day, `why` it stays, empty when it goes."""

    kind: str
    thing: models.Model
    name: str
    note: str = ""
    to: User | None = None
    why: str = ""
    address: str = ""  # empty where the reader may not open it


KINDS = {
    "case": ("карта МОТОР", "карты МОТОР", "карт МОТОР"),
    "request": ("запрос к РМА", "запроса к РМА", "запросов к РМА"),
    "route": ("маршрут", "маршрута", "маршрутов"),
    "agree": ("маршрут на согласовании", "маршрута на согласовании", "маршрутов на согласовании"),
    "check": ("ответ на проверке", "ответа на проверке", "ответов на проверке"),
    "task": ("задача", "задачи", "задач"),
    "asked": ("отправленный запрос к РМА", "отправленных запроса к РМА", "отправленных запросов к РМА"),
}


@dataclass
class Outlook:
    """What a substitution does, as it was done: nothing here is guessed."""

    goes: list[Line] = field(default_factory=list)
    stays: list[Line] = field(default_factory=list)

    def of(self, deputy: User) -> list[Line]:
        return [one for one in self.goes if one.to == deputy]

    def by_deputy(self) -> list[tuple[User | None, list[tuple[str, list[Line]]]]]:
        """Who gets what, kind by kind; nobody where nobody may."""
        people = dict.fromkeys(one.to for one in self.goes)
        return [(person, by_kind([one for one in self.goes if one.to == person])) for person in people]


def by_kind(lines: list[Line]) -> list[tuple[str, list[Line]]]:
    """How many of a kind, in words, and which."""
    groups = [(kind, [one for one in lines if one.kind == kind]) for kind in KINDS]
    return [(counted(len(found), *KINDS[kind]), found) for kind, found in groups if found]


def line_of(thing: models.Model, *, to: User | None = None, why: str = "") -> Line:
    if isinstance(thing, Case):
        return Line("case", thing, thing.person.full_name, thing.get_status_display(), to, why)
    if isinstance(thing, Request):
        return Line("request", thing, thing.about, thing.get_kind_display(), to, why)
    if isinstance(thing, Route):
        return Line("route", thing, thing.person.full_name, thing.title, to, why)
    raise TypeError(f"nothing is handed over of {thing!r}")


def standing(thing: models.Model, address: str = "") -> Line:
    """Who has it now, and in what state it is."""
    if isinstance(thing, Case):
        return Line(
            "case", thing, thing.person.full_name, thing.get_status_display(), thing.responsible, address=address
        )
    if isinstance(thing, Request):
        note = f"{thing.get_kind_display()} · {thing.get_status_display()}"
        return Line("request", thing, thing.about, note, thing.member.user if thing.member else None, address=address)
    if isinstance(thing, Route):
        holder = thing.rma_member.user if thing.rma_member else None
        return Line("route", thing, thing.person.full_name, thing.get_status_display(), holder, address=address)
    raise TypeError(f"nothing is lent of {thing!r}")
