"""What the plans of all kinds of lists have in common: rows by the thousand, places, people, problems, the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from cabinet.courses.importing.fields import Field
from cabinet.courses.importing.rows import ParsedRow, problem_json
from cabinet.courses.services.dictionaries import Dictionary
from cabinet.courses.services.municipalities import Municipalities, UnknownMunicipality
from cabinet.courses.services.organizations import OrganizationRef, Organizations
from cabinet.courses.services.people import People
from cabinet.courses.services.selection import EVERYBODY, Rule
from cabinet.structure.models import Municipality, Position, Subject

CHUNK = 1_000

Progress = Callable[[int, int], None]


def chunks(rows: Iterable[ParsedRow]) -> Iterator[list[ParsedRow]]:
    """Rows by the thousand: each chunk costs the same few queries."""
    source = iter(rows)
    while chunk := list(islice(source, CHUNK)):
        yield chunk


@dataclass(slots=True)
class Choices:
    """What the administrator decided on the preview page; on the command line nothing is chosen."""

    organizations: dict[str, int | str] = field(default_factory=dict)
    municipalities: dict[str, int] = field(default_factory=dict)
    redate: frozenset[int] = frozenset()  # rows whose date corrects a completion instead of adding one
    untracked: frozenset[str] = frozenset()  # keys of programmes not to be tracked
    rule: Rule = EVERYBODY  # whom to follow in courses that this list brings
    marked: frozenset[int] | None = None  # rows ticked by hand, when the rule is to follow those

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Choices:
        return cls(
            organizations=data.get("organizations", {}),
            municipalities=data.get("municipalities", {}),
            redate=frozenset(data.get("redate", [])),
            untracked=frozenset(data.get("untracked", [])),
            rule=Rule.from_json(data.get("rule", {})),
            marked=frozenset(data["marked"]) if data.get("marked") is not None else None,
        )


class ListPlan:
    """Rows in, decisions out; nothing is written. A kind of list says what it loads for a thousand rows (`load`),
    what it decides on a sound row (`decide`) and, if need be, what else a row must satisfy (`check`)."""

    def __init__(self, choices: Choices | None = None) -> None:
        self.choices = choices or Choices()
        self.municipalities = Municipalities(self.choices.municipalities)
        self.organizations = Organizations(self.choices.organizations)
        self.people = People()
        self.positions = Dictionary(Position)
        self.subjects = Dictionary(Subject)
        self.rows = 0
        self.failed: list[ParsedRow] = []
        self.errors: list[dict[str, Any]] = []
        self.warnings: list[dict[str, Any]] = []
        self.unknown_municipalities: dict[str, dict[str, Any]] = {}

    def read(self, rows: Iterable[ParsedRow], progress: Progress | None = None, total: int = 0) -> None:
        for chunk in chunks(rows):
            self.read_chunk(chunk)
            if progress and len(chunk) == CHUNK:
                progress(self.rows, total)

    def read_chunk(self, rows: list[ParsedRow]) -> None:
        for row in rows:
            self.check(row)
        placed = [(row, self.place(row)) for row in rows]
        sound = [(row, place) for row, place in placed if place is not None and not row.errors]
        self.organizations.load((place.pk, row.organization) for row, place in sound if row.organization)
        known = self.people.load((row, self.organizations.known_pk(place.pk, row.organization)) for row, place in sound)
        self.load([row for row, _place in sound], known)
        for row, place in placed:
            self.rows += 1
            if row.errors or place is None:
                self.failed.append(row)
                self.errors += [problem_json(row.number, problem) for problem in row.errors]
            else:
                self.decide(row, place)
            self.warnings += [problem_json(row.number, problem) for problem in row.warnings]

    def check(self, row: ParsedRow) -> None:
        """Write errors of the row down before anything is looked up for it."""

    def load(self, rows: list[ParsedRow], people: set[int]) -> None:
        """What the database knows of these sound rows and of the people they may be about."""
        raise NotImplementedError

    def decide(self, row: ParsedRow, place: Municipality) -> None:
        raise NotImplementedError

    def place(self, row: ParsedRow) -> Municipality | None:
        if not row.municipality:
            return None
        try:
            return self.municipalities.find(row.municipality)
        except UnknownMunicipality as error:
            row.fail(Field.MUNICIPALITY, str(error))
            entry = self.unknown_municipalities.setdefault(
                row.municipality, {"name": row.municipality, "rows": 0, "nearest": [one.pk for one in error.nearest]}
            )
            entry["rows"] += 1
            return None

    def organization_of(self, row: ParsedRow, place: Municipality) -> tuple[OrganizationRef, bool]:
        """The organization, and whether the row brings it; that is worth a warning."""
        organization, is_new = self.organizations.find(place.pk, row.organization, row.number)
        if is_new:
            row.warn(Field.ORGANIZATION, f"новая организация: «{row.organization}», {place}")
        return organization, is_new

    def counts(self) -> tuple[int, int, int]:
        """Rows that are created, unchanged, updated."""
        raise NotImplementedError

    def as_json(self) -> dict[str, Any]:
        """The answer of the import, the same for the page, the command and the test."""
        created, unchanged, updated = self.counts()
        return {
            "rows": self.rows,
            "created": created,
            "unchanged": unchanged,
            "updated": updated,
            "people_created": len(self.people.created),
            "errors": self.errors,
            "warnings": self.warnings,
        }
