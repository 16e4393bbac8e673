"""A time limit on a day of the calendar, as the packages below it tell of theirs."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import NamedTuple

from cabinet.core.clock import today
from cabinet.core.words import counted

FEW = 3  # own limits of one kind on one day that stand one by one; more of them are counted
MANY = 20  # the same on a day that is opened


class LimitKind(NamedTuple):
    """What it is called, its plural forms, where all of them are, and where the one with the number is."""

    title: str
    forms: tuple[str, str, str]
    page: Callable[[], str]
    address: Callable[[int], str]


class Found(NamedTuple):
    """A row as a package's query gives it: one limit of own work, or how many of others' end that day.

    `is_mine` comes from the database, which knows 0 and 1. `pk` and `about` are of the one; of several, of any.
    """

    kind: str
    day: date
    pk: int
    is_mine: bool | int
    many: int = 1
    about: str = ""


class Limit(NamedTuple):
    """`about` may name a person: it is left out wherever the row goes further than the cabinet's pages."""

    day: date
    title: str
    about: str
    address: str
    kind: str
    is_overdue: bool
    is_mine: bool = True
    many: int = 1


def gather(
    rows: Iterable[Found],
    kinds: Mapping[str, LimitKind],
    few: int = FEW,
    full: date | None = None,
    names: Callable[[set[int]], Mapping[int, str]] | None = None,
) -> list[Limit]:
    """A few of own work one by one, more of them on the day `full`, everything else counted: «12 чек-листов».

    `names` reads what those that stand alone are about. With `few=0` nobody is named.
    """
    together: dict[tuple[date, str, bool], list[Found]] = defaultdict(list)
    for row in rows:
        together[row.day, row.kind, bool(row.is_mine)].append(row)
    most = {full: MANY}
    limit = {key: most.get(key[0], few) if key[2] else min(few, 1) for key in together}
    apart = {key for key, same in together.items() if sum(row.many for row in same) <= limit[key]}
    said = names({row.pk for key in apart for row in together[key]}) if names and apart else {}
    found: list[Limit] = []
    for key, same in sorted(together.items()):
        if key in apart:
            found += [_one(row, kinds[row.kind], said.get(row.pk, row.about)) for row in same]
        else:
            found.append(_many(same, kinds[key[1]]))
    return found


def _one(row: Found, kind: LimitKind, about: str) -> Limit:
    return Limit(row.day, kind.title, about, kind.address(row.pk), row.kind, row.day < today(), bool(row.is_mine))


def _many(rows: list[Found], kind: LimitKind) -> Limit:
    first, count = rows[0], sum(row.many for row in rows)
    title = kind.title if count == 1 else counted(count, *kind.forms)
    address = kind.address(first.pk) if count == 1 else kind.page()
    return Limit(first.day, title, "", address, first.kind, first.day < today(), bool(first.is_mine), count)
