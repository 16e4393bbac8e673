"""Positions, subjects, topics, programmes and courses met in one list, found or to be created."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Generic, TypeVar

from cabinet.core.search import fold, key
from cabinet.courses.models import Course, Programme
from cabinet.courses.services.organizations import saved
from cabinet.courses.services.selection import EVERYBODY, Rule
from cabinet.structure.models import Position, Subject, Topic

_tokens = count(-1, -1)
RULE = ("selection", "selection_step", "selection_cap")
N = TypeVar("N", Position, Subject, Topic)

HEADS = re.compile(r"^(?:и ?\.? ?о ?\.? )?(?:директор|заведующ|заместител|зам ?\.? |руководител|начальник|ректор)")


def is_head(name: str) -> bool:
    """«руководитель» rather than «педагог», by the words of the post."""
    return bool(HEADS.match(fold(name))) and "музыкальн" not in fold(name)


class Dictionary(Generic[N]):
    """A small dictionary held whole, by folded name."""

    def __init__(self, model: type[N]) -> None:
        self.model: type[N] = model
        self.limit = model._meta.get_field("name").max_length or 160
        self.by_name: dict[str, N] = {fold(one.name): one for one in model._default_manager.all()}
        self.created: list[N] = []

    def find(self, name: str) -> N | None:
        if not name:
            return None
        known = self.by_name.get(fold(name))
        if known is None:
            known = self.model(name=(name[0].upper() + name[1:])[: self.limit])
            if isinstance(known, Position):
                known.is_head = is_head(name)
            self.by_name[fold(name)] = known
            self.by_name.setdefault(fold(known.name), known)
            self.created.append(known)
        return known


@dataclass(slots=True, eq=False)
class ProgrammeRef:
    pk: int | None
    title: str
    title_key: str
    is_tracked: bool = True
    topic: Topic | None = None
    token: int = 0

    def __post_init__(self) -> None:
        self.token = self.pk or next(_tokens)

    @property
    def saved(self) -> int:
        return saved(self.pk)


@dataclass(slots=True, eq=False)
class CourseRef:
    pk: int | None
    programme: ProgrammeRef
    ends_on: date
    starts_on: date | None = None
    is_tracked: bool = True
    rule: Rule = EVERYBODY
    token: int = 0

    def __post_init__(self) -> None:
        self.token = self.pk or next(_tokens)

    @property
    def saved(self) -> int:
        return saved(self.pk)


class Programmes:
    """Programmes and their courses. `load` takes two queries, however many titles it is given."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule  # of courses that this list brings
        self.by_key: dict[str, ProgrammeRef] = {}
        self.by_pk: dict[int, ProgrammeRef] = {}
        self.courses: dict[tuple[int, date], CourseRef] = {}
        self.created: list[ProgrammeRef] = []
        self.created_courses: list[CourseRef] = []

    def load(self, wanted: Iterable[tuple[str, date]]) -> None:
        pairs = list(wanted)
        keys = {key(title)[:500] for title, _day in pairs} - self.by_key.keys()
        for values in Programme.objects.filter(title_key__in=keys).values_list(
            "pk", "title", "title_key", "is_tracked"
        ):
            programme = ProgrammeRef(*values)
            self.by_key[programme.title_key] = self.by_pk[values[0]] = programme
        known = [pk for title, _day in pairs if (one := self.by_key.get(key(title)[:500])) and (pk := one.pk)]
        days = {day for _title, day in pairs}
        found = Course.objects.filter(programme__in=set(known), ends_on__in=days)
        for pk, programme_id, ends_on, starts_on, tracked, *rule in found.values_list(
            "pk", "programme", "ends_on", "starts_on", "is_tracked", *RULE
        ):
            course = CourseRef(pk, self.by_pk[programme_id], ends_on, starts_on, tracked, Rule(*rule))
            self.courses.setdefault((programme_id, ends_on), course)

    def find(self, title: str) -> ProgrammeRef:
        title_key = key(title)[:500]
        known = self.by_key.get(title_key)
        if known is None:
            known = self.by_key[title_key] = ProgrammeRef(None, title[:500], title_key)
            self.created.append(known)
        return known

    def course(self, programme: ProgrammeRef, ends_on: date, starts_on: date | None) -> CourseRef:
        known = self.courses.get((programme.token, ends_on))
        if known is None:
            known = CourseRef(None, programme, ends_on, starts_on, rule=self.rule)
            self.courses[programme.token, ends_on] = known
            self.created_courses.append(known)
        return known
