"""Roles, functions and directions as lists write them: in full, shortly, or as far as it takes to tell them apart."""

from __future__ import annotations

from typing import Any

from cabinet.core.search import key
from rma.models import Direction, Function, MemberRole

SHORTEST = 5  # letters of a beginning that may still mean something


class Vocabulary:
    """One of the three dictionaries, whole: a handful of rows."""

    def __init__(self, model: type[MemberRole] | type[Function] | type[Direction]) -> None:
        self.rows = list(model._default_manager.all())
        self.names: dict[int, tuple[str, str]] = {row.pk: (key(row.name), key(row.short)) for row in self.rows}
        self.short = {row.pk: row.short for row in self.rows}

    def find(self, words: tuple[str, ...]) -> tuple[frozenset[int], list[str]]:
        """Ids of the rows meant, and the words that mean none of them or more than one."""
        found: set[int] = set()
        unknown: list[str] = []
        for word in words:
            pk = self.match(word)
            # «помощь ШНОР, консультации»: commas part short names, and are a part of the long ones.
            several = [self.match(part) for part in word.split(",")] if pk is None and "," in word else []
            if pk is not None:
                found.add(pk)
            elif several and all(several):
                found |= {one for one in several if one}
            else:
                unknown.append(word)
        return frozenset(found), unknown

    def match(self, word: str) -> int | None:
        wanted = key(word)
        if not wanted:
            return None
        exact = [pk for pk, names in self.names.items() if wanted in names]
        if exact:
            return exact[0] if len(exact) == 1 else None
        for is_meant in (begins, is_part):
            meant = [pk for pk, names in self.names.items() if any(is_meant(name, wanted) for name in names)]
            if meant:
                return meant[0] if len(meant) == 1 else None
        return None

    def names_of(self, pks: Any) -> list[str]:
        return [self.short[pk] for pk in self.short if pk in pks]


def begins(name: str, wanted: str) -> bool:
    """«Тьюторское сопровожд»: cut short, but a whole word or long enough not to be a slip."""
    return name.startswith(wanted if len(wanted) >= SHORTEST else f"{wanted} ")


def is_part(name: str, wanted: str) -> bool:
    return f" {wanted} " in f" {name} "
