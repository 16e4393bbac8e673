"""What a line of the access matrix says, and the groups of roles it names."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.access_world import World

EVERYBODY = frozenset(
    {"teacher", "head", "methodist", "mentor", "regional", "municipal", "curator", "admin", "observer"}
)
NOBODY: frozenset[str] = frozenset()
ADMIN = frozenset({"admin"})
ASSESSORS = frozenset({"methodist", "regional", "municipal", "admin"})
NAMERS = frozenset({"head", "municipal", "admin"})
READERS = frozenset({"head", "methodist", "municipal", "curator", "admin"})
# Those in whose scope a case of the world is: the teacher's own, his school, municipality, course, РМА member.
AROUND_CASE = EVERYBODY - {"observer"}
# Those in whose scope the world's route is, and those of them who build and carry it on with the teacher.
AROUND_ROUTE = EVERYBODY - {"observer", "curator"}
WITH_ROUTE = frozenset({"teacher", "methodist", "mentor", "regional", "admin"})
PLACERS = frozenset({"head", "methodist", "municipal", "admin"})
ORGANIZERS = frozenset({"methodist", "admin"})
RMA_FIGURES = frozenset({"regional", "municipal", "admin", "observer"})
REQUEST_SIDES = frozenset({"methodist", "regional", "municipal", "admin"})
ROSTER_READERS = EVERYBODY - {"teacher", "observer"}
ROUTE_CHECKERS = WITH_ROUTE - {"teacher"}


@dataclass(frozen=True)
class Line:
    """One line of the matrix. `args` makes the address from rows of the world; with it, scopes are tried too."""

    name: str
    roles: frozenset[str]
    args: Callable[[World], list[Any]] | None = None
    method: str = "get"
    data: Callable[[World], dict[str, Any]] = field(default=lambda world: {})
    is_public: bool = False
    # The row is there for those named only under conditions the world does not make (a second factor set up …).
    may_be_missing: bool = False
    has_scope: bool = True


def public(name: str, *args: Any, method: str = "get") -> Line:
    return Line(name, EVERYBODY, (lambda world: list(args)) if args else None, method, is_public=True, has_scope=False)


def by_link(name: str, status: str, *further: str) -> Line:
    return Line(
        name,
        EVERYBODY,
        lambda world: [world.cases[status].link, *further],
        "post",
        is_public=True,
        has_scope=False,
    )
