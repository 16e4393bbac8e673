"""Looking at what an act on a card would do: it is done and taken back, so the preview says what the act does."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import transaction

from cabinet.core.words import counted
from cabinet.mail.models import Letter
from cabinet.users.models import User
from motor.models import Case
from motor.services.responsible import with_people

Result = TypeVar("Result")
NOBODY = "пока никому: отвечать некому"
CHANGED = "Пока вы смотрели, данные изменились. Проверьте ещё раз, что будет сделано."
SHOWN = 12  # things of one kind named in a preview; the rest are counted


class ActRefused(Exception):
    """The act cannot be done so; the text is for the user."""


@dataclass(frozen=True)
class Thing:
    """One line of a preview: what, and what becomes of it."""

    title: str
    result: str = ""
    url: str = ""


@dataclass
class Group:
    title: str
    things: list[Thing]
    more: int = 0  # not shown, or not for this reader's eyes

    @property
    def total(self) -> int:
        return len(self.things) + self.more


@dataclass
class Outlook:
    """`first`: what must be settled before, with links; `goes`: what changes; `stays`: what nobody takes over."""

    first: list[Group] = field(default_factory=list)
    goes: list[Group] = field(default_factory=list)
    stays: list[Group] = field(default_factory=list)
    letters: list[str] = field(default_factory=list)  # to whom
    hidden_letters: int = 0

    @property
    def is_empty(self) -> bool:
        return not (self.first or self.goes or self.stays)

    def fingerprint(self, *told: object) -> str:
        """Differs when what the act would do differs: whoever confirms has seen this very outlook."""
        said = (self.first, self.goes, self.stays, told)  # letters follow from these, and others write letters too
        return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


def rehearse(act: Callable[[], object], read: Callable[[], Result]) -> Result:
    """Do it, read what came of it, take it back. What `act` refuses is raised here already."""
    with transaction.atomic():
        act()
        result = read()
        transaction.set_rollback(True)
    return result


def letters_after(last: int, *, sees_names: bool) -> tuple[list[str], int]:
    """To whom letters have been written since the one numbered `last`: names, or how many people."""
    written = Letter.objects.filter(pk__gt=last, to__isnull=False).exclude(state=Letter.State.CANCELLED)
    people = User.objects.filter(pk__in=written.order_by().values("to")).order_by("last_name", "first_name", "pk")
    if not sees_names:
        return [], people.count()
    return [one.full_name for one in people[:SHOWN]], max(people.count() - SHOWN, 0)


def last_letter() -> int:
    return Letter.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def group(title: str, things: Iterable[Thing], hidden: int = 0) -> list[Group]:
    """As a list of none or one, so that groups are joined by «+»."""
    found = list(things)
    shown = found[:SHOWN]
    more = len(found) - len(shown) + hidden
    return [Group(title, shown, more)] if shown or more else []


def named(rows: Any, reader: User, thing: Callable[[Any], Thing]) -> tuple[list[Thing], int]:
    """What the reader may open, and how many there are besides."""
    found = list(rows)
    model = rows.model
    visible = model._default_manager.visible_to(reader).filter(pk__in=[one.pk for one in found]).order_by()
    open_to = set(visible.values_list("pk", flat=True)) if found else set()
    return [thing(one) for one in found if one.pk in open_to], sum(one.pk not in open_to for one in found)


def handed_over(before: Mapping[int, int | None], reader: User, *, sees_names: bool = True) -> tuple[list[Thing], int]:
    """Of these cases, case → who answered, those somebody else answers for by now."""
    cases = with_people(Case.objects.filter(pk__in=before)).order_by("due_on", "pk")
    moved = [case for case in cases if case.responsible_id != before[case.pk]]
    seen = set(Case.objects.visible_to(reader).filter(pk__in=before).order_by().values_list("pk", flat=True))

    def thing(case: Case) -> Thing:
        to = "следующему ответственному"
        if sees_names:
            to = case.responsible.full_name if case.responsible else NOBODY
        return Thing(f"{case.person.full_name}, {case.get_status_display()}", f"→ {to}", case.get_absolute_url())

    return [thing(case) for case in moved if case.pk in seen], sum(case.pk not in seen for case in moved)


def cards(count: int) -> str:
    return counted(count, "карта", "карты", "карт")
