"""The search of the whole cabinet: what there is of each kind, how much, and its first lines.

Three questions to the database for everything, and one more for each kind that has something to show.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import itemgetter
from urllib.parse import urlencode

from django.db.models import IntegerField, Subquery, Value
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString

from cabinet.core.search import key, squeeze
from cabinet.core.words import counted
from cabinet.courses.models import Programme
from cabinet.home.menu import ITEMS
from cabinet.home.services.highlighting import as_russian, marked, says
from cabinet.home.services.search_sources import WORDS, Line, Namesakes, Rows, Sought, Source, sources_for
from cabinet.library.models import Collection, Material
from cabinet.polls.models import Poll
from cabinet.users.models import User

LONGEST = 100  # characters: a search, not a text
FIRST = 5  # lines of each kind on the page of results
OFFERED = 3  # of each kind under the field
MOST_TITLES = 50  # collections shown on the page of results
COUNTED = 100  # of one kind; beyond that «больше 100» says enough, and the database stops counting


Titles = dict[str, dict[int, str]]  # kind of row → number → title


@dataclass(frozen=True)
class Hit:
    title: SafeString
    note: SafeString
    address: str


@dataclass(frozen=True)
class Group:
    """`everything`: the address of the whole list with the same words; empty where there is no such list."""

    code: str
    title: str
    icon: str
    hits: list[Hit]
    count: int
    everything: str = ""

    @property
    def is_cut(self) -> bool:
        return self.count > len(self.hits)

    @property
    def is_many(self) -> bool:
        return self.count > COUNTED

    @property
    def told(self) -> str:
        return f"больше {COUNTED}" if self.is_many else str(self.count)


@dataclass(frozen=True)
class Found:
    """`typed` as it came, `text` what was found by it in the end: the same, or its letters of the Russian layout."""

    typed: str
    text: str = ""
    is_short: bool = False
    groups: list[Group] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(min(group.count, COUNTED) for group in self.groups)

    @property
    def told(self) -> str:
        if any(group.is_many for group in self.groups):
            return f"больше {counted(self.total, 'находки', 'находок', 'находок')}"
        return counted(self.total, "находка", "находки", "находок")

    @property
    def is_swapped(self) -> bool:
        return bool(self.groups) and self.text != self.typed


def find(user: User, typed: str, first: int = FIRST) -> Found:
    """Everything this person may see of what was typed; the Russian layout is tried where nothing is found."""
    typed = squeeze(typed[:LONGEST])
    if _is_short(typed):
        return Found(typed, typed, is_short=bool(typed))
    titles = _titles(user)
    texts = [text for text in (typed, as_russian(typed)) if text and not _is_short(text)]
    namesakes = Namesakes(*texts)
    asked = [_asked(Sought(user, text, titles["programme"], namesakes)) for text in texts]
    # Both layouts at once: another round for the second would be two more questions to the database.
    counts = _counts(user, [(f"{at}_{one.code}", rows) for at, kinds in enumerate(asked) for one, rows in kinds])
    for at, text in enumerate(texts):
        found = [(one, rows, counts[f"{at}_{one.code}"]) for one, rows in asked[at]]
        groups = [_pages(user, text, first), *_rows(found, text, first)]
        groups += [_titled(one, text, titles[one.code], first) for one in TITLED]
        if groups := [one for one in groups if one.count]:
            return Found(typed, text, groups=groups)
    return Found(typed, typed)


def _is_short(text: str) -> bool:
    """One letter is of everything; a digit may be the number of a case."""
    plain = key(text)
    return len(plain) < 2 and not plain.isdigit()


def _asked(sought: Sought) -> list[tuple[Source, Rows]]:
    return [(one, one.rows(sought)) for one in sources_for(sought.user)]


def _rows(found: list[tuple[Source, Rows, int]], text: str, first: int) -> list[Group]:
    groups = []
    for source, rows, count in found:
        if count:
            shown = rows.select_related(*source.related) if source.related else rows
            lines = [source.line(row) for row in shown.order_by(*source.order)[:first]]
            groups.append(_group(source, lines, count, text))
    return groups


class _HowMany(Subquery):
    """How many rows, counted no further than one needs to know."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()
    empty_result_set_value = 0

    def __init__(self, rows: Rows) -> None:
        super().__init__(rows.order_by().values("pk")[: COUNTED + 1])


def _counts(user: User, asked: list[tuple[str, Rows]]) -> dict[str, int]:
    """How many rows of each kind, in one query for all of them."""
    counts = {f"of_{code}": _HowMany(rows) for code, rows in asked}
    row = User.objects.filter(pk=user.pk).order_by().values(**counts).get()
    return {code: row[f"of_{code}"] or 0 for code, _ in asked}


def _group(source: Source, lines: list[Line], count: int, text: str) -> Group:
    return Group(
        source.code,
        source.title,
        source.icon,
        _hits(lines, text),
        count,
        _address(source.everything, text, **source.extra),
    )


def _hits(lines: list[Line], text: str) -> list[Hit]:
    return [Hit(marked(one.title, text), marked(one.note, text), one.address) for one in lines]


def _address(url_name: str, text: str = "", **extra: str) -> str:
    try:
        address = reverse(url_name)
    except NoReverseMatch:
        return ""
    return f"{address}?{urlencode({'q': text, **extra})}" if text else address


def _words(text: str) -> list[str]:
    return key(text).split()[:WORDS]


# --- What has no rows of its own ---------------------------------------------------------------------------------


def _pages(user: User, text: str, first: int) -> Group:
    """Parts of the menu this person has."""
    found, words = [], _words(text)
    for item in ITEMS:
        if item.roles & user.roles and says(item.label, words) and (address := _address(item.url_name)):
            found.append(Line(item.label, item.group, address))
    return Group("pages", "Разделы кабинета", "compass", _hits(found[:first], text), len(found))


@dataclass(frozen=True)
class Titled:
    """Rows that are few and keep no words: their titles are read here. `page` is where one of them is shown."""

    code: str
    title: str
    icon: str
    page: str


TITLED = (
    Titled("poll", "Опросы", "ui-checks", "polls:poll"),
    Titled("collection", "Подборки", "collection", "library:collection"),
    Titled("draft", "Мои материалы вне библиотеки", "book", "library:material"),
)


def _titles(user: User) -> Titles:
    """Of programmes, of polls and collections one sees, of own drafts and offers, by number: one query for all."""
    asked: dict[str, Rows] = {
        "programme": Programme.objects.all(),
        "collection": Collection.objects.visible_to(user),
        "poll": Poll.objects.visible_to(user),
        "draft": Material.objects.filter(owner=user).exclude(state=Material.State.PUBLISHED),
    }
    rows = [one.order_by().annotate(of=Value(code)).values_list("of", "pk", "title") for code, one in asked.items()]
    found: Titles = {code: {} for code in asked}
    for of, pk, title in rows[0].union(*rows[1:], all=True):
        found[of][pk] = title
    return found


def _titled(kind: Titled, text: str, titles: dict[int, str], first: int) -> Group:
    words = _words(text)
    found = [
        Line(title, "", reverse(kind.page, args=[pk]))
        for pk, title in sorted(titles.items(), key=itemgetter(1))
        if says(title, words)
    ]
    # Their list has no words to be asked for: the page of results shows them all.
    shown = found if first == FIRST else found[:first]
    return Group(f"{kind.code}s", kind.title, kind.icon, _hits(shown[:MOST_TITLES], text), len(found))
