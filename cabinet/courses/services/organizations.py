"""Which organization a list means: by its normalized name or an alias within the municipality, else a new one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import count
from typing import Any

from cabinet.core.search import key
from cabinet.structure.models import Organization, OrganizationAlias

Kind = Organization.Kind
NEW = "new"

_tokens = count(-1, -1)

# The first that fits. Abbreviations of the legal form say more than the rest of the name.
KIND_WORDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        (r"коррекционн|\bскоши?\b|\bс?крш\b|\bшкола интернат для (?:обучающихся|детей) с ", Kind.SPECIAL),
        (r"\b\w*поу\b|колледж|техникум|училище|профессиональн\w+ образовательн", Kind.COLLEGE),
        (
            r"дополнительного образования|\bмб?а?у до\b|\bм[аб]оу до\b|\bгб?а?у до\b|творчеств|\bддт\b|\bдюц\b|"
            r"\bдюсш\b|\bцдо\b|\bцдт\b|школа искусств|\bдши\b|\bдмш\b|музыкальн\w+ школ|художественн\w+ школ|"
            r"спортивн\w+ школ|\bсш(?:ор)?\b|станция юн|кванториум|дворец (?:детск|пионер|молодеж)",
            Kind.EXTRA,
        ),
        (r"\b\w*доу\b|(?<!школа )детск\w+ сад|^детск\w+ сад|дошкольн|\bясли\b|\bцрр\b", Kind.KINDERGARTEN),
        (r"школ|\b[сон]?ош\b|\bнош\b|гимнази|лице|кадетск|\b[а-я]{1,3}оу\b|общеобразовательн", Kind.SCHOOL),
    )
)


def saved(pk: int | None) -> int:
    """The id of a row that must have been written by now."""
    if pk is None:
        raise ValueError("written in the wrong order")
    return pk


def guess_kind(name: str) -> str:
    words = key(name)
    return next((kind for pattern, kind in KIND_WORDS if pattern.search(words)), Kind.OTHER)


@dataclass(slots=True, eq=False)
class OrganizationRef:
    """An organization of the database (`pk`) or one to be created. `token` tells them apart before saving."""

    pk: int | None
    name: str
    name_key: str
    municipality_id: int
    # Fields of an organization to be created that only some lists know.
    extra: dict[str, Any] = field(default_factory=dict)
    token: int = 0

    def __post_init__(self) -> None:
        self.token = self.pk or next(_tokens)

    @property
    def saved(self) -> int:
        return saved(self.pk)


@dataclass(slots=True)
class Unknown:
    """An organization of the list that the cabinet does not know, with what it may be."""

    name: str
    municipality_id: int
    row: int
    rows: int = 1


Wanted = tuple[int, str]  # municipality, key of the name


class Organizations:
    """Organizations met in one list. `load` takes two queries, however many names it is given."""

    def __init__(self, chosen: dict[str, int | str] | None = None) -> None:
        self.chosen = chosen or {}
        self.by_name: dict[Wanted, OrganizationRef] = {}
        self.by_pk: dict[int, OrganizationRef] = {}
        self.looked_for: set[Wanted] = set()
        self.created: list[OrganizationRef] = []
        self.aliases: dict[Wanted, tuple[OrganizationRef, str]] = {}
        self.unknown: dict[Wanted, Unknown] = {}

    def load(self, names: Iterable[tuple[int, str]]) -> None:
        wanted = {(municipality, key(name)) for municipality, name in names} - self.looked_for
        if not wanted:
            return
        self.looked_for |= wanted
        keys = {one[1] for one in wanted}
        municipalities = {one[0] for one in wanted}
        aliases = OrganizationAlias.objects.filter(municipality__in=municipalities, name_key__in=keys)
        fields = ("organization", "organization__name", "organization__name_key", "organization__municipality")
        for municipality, alias, *rest in aliases.values_list("municipality", "name_key", *fields):
            self.by_name[municipality, alias] = self.ref(*rest)
        own = Organization.objects.filter(municipality__in=municipalities, name_key__in=keys)
        # Its own name goes before somebody's alias.
        for row in own.values_list("pk", "name", "name_key", "municipality"):
            self.by_name[row[3], row[2]] = self.ref(*row)
        self.load_chosen(wanted)

    def load_chosen(self, wanted: set[Wanted]) -> None:
        picked = {
            one: int(choice)
            for one in wanted
            if one not in self.by_name and (choice := self.chosen.get(choice_key(*one), NEW)) != NEW
        }
        if not picked:
            return
        found = Organization.objects.filter(pk__in=picked.values())
        refs = {row[0]: self.ref(*row) for row in found.values_list("pk", "name", "name_key", "municipality")}
        for one, pk in picked.items():
            if pk in refs and refs[pk].municipality_id == one[0]:
                self.by_name[one] = refs[pk]
                self.aliases[one] = (refs[pk], "")

    def ref(self, pk: int, name: str, name_key: str, municipality: int) -> OrganizationRef:
        if pk not in self.by_pk:
            self.by_pk[pk] = OrganizationRef(pk, name, name_key, municipality)
        return self.by_pk[pk]

    def known_pk(self, municipality_id: int, name: str) -> int | None:
        known = self.by_name.get((municipality_id, key(name)))
        return known.pk if known else None

    def find(self, municipality_id: int, name: str, row: int) -> tuple[OrganizationRef, bool]:
        """The organization, and whether it was met for the first time and will be created."""
        wanted = (municipality_id, key(name))
        if wanted in self.aliases and not self.aliases[wanted][1]:
            self.aliases[wanted] = (self.aliases[wanted][0], name)
        known = self.by_name.get(wanted)
        if known is not None:
            if wanted in self.unknown:
                self.unknown[wanted].rows += 1
            return known, False
        created = OrganizationRef(None, name[:300], wanted[1][:300], municipality_id)
        self.by_name[wanted] = created
        self.created.append(created)
        self.unknown[wanted] = Unknown(name, municipality_id, row)
        return created, True


def choice_key(municipality_id: int, name_key: str) -> str:
    return f"{municipality_id}|{name_key}"


def numbers(name_key: str) -> list[str]:
    return sorted(re.findall(r"\d+", name_key))


def nearest(unknown: Iterable[Wanted], number: int = 3) -> dict[Wanted, list[tuple[int, str]]]:
    """For each unknown name the closest organizations (id, name) of its municipality; one query for all.

    Different numbers are different schools, so they are never offered.
    """
    wanted = list(unknown)
    by_municipality: dict[int, list[tuple[int, str, str]]] = {}
    known = Organization.objects.filter(municipality__in={one[0] for one in wanted}, is_active=True)
    for pk, name, name_key, municipality in known.values_list("pk", "name", "name_key", "municipality"):
        by_municipality.setdefault(municipality, []).append((pk, name, name_key))
    return {one: closest(one[1], by_municipality.get(one[0], []), number) for one in wanted}


def closest(name_key: str, known: list[tuple[int, str, str]], number: int) -> list[tuple[int, str]]:
    own = numbers(name_key)
    scored = []
    for pk, name, other in known:
        if numbers(other) != own:
            continue
        shared = set(name_key.split()) & set(other.split())
        score = SequenceMatcher(None, name_key, other).ratio() + 0.1 * len(shared)
        if score > 0.4:
            scored.append((-score, name, pk))
    return [(pk, name) for _score, name, pk in sorted(scored)[:number]]
