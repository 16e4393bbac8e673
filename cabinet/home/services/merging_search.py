"""Which cards may be of one person, which entries of one organization: looked for by a job, kept as pairs.

Everybody is put under a few keys, and only those under the same key are compared, so the work grows with the
number of people and not with its square.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import transaction
from django.utils import timezone

from cabinet.core.search import fold
from cabinet.jobs.models import Job
from cabinet.jobs.services import Run, handler, order_job
from cabinet.structure.models import Organization
from cabinet.users.models import LogEntry, OrganizationPair, Pair, PersonPair, User
from cabinet.users.services import record

if TYPE_CHECKING:
    from django.http import HttpRequest

KIND = "merging.search"
BATCH = 500
CROWD = 200  # under one key: that many cards say more about the key than about the cards
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
Reason = Pair.Reason
WEIGHTS = {
    Reason.EMAIL: 5,
    Reason.NAME: 3,
    Reason.TITLE: 5,
    Reason.PLACE: 4,
    Reason.NUMBER: 3,
    Reason.MUNICIPALITY: 1,
    Reason.SWAPPED: 1,
    Reason.SHORT: 1,
    Reason.SURNAME: 0,
}
LIKELY = 5  # from this weight on a pair is shown as very much alike
# Words that say what kind of organization it is or whose, not which one.
LEGAL = re.compile(
    r"\b(?:муниципальн\w+|государственн\w+|краев\w+|бюджетн\w+|автономн\w+|казенн\w+|общеобразовательн\w+|"
    r"образовательн\w+|дошкольн\w+|учрежден\w+|организац\w+|средн\w+|основн\w+|начальн\w+|общеразвивающ\w+|вида|"
    r"[мгк]?[бак]?[дсон]?оу|сош|оош|нош|школ\w*|детск\w+|сад\w*|имени|им|г|город\w*|село|с|п|пос\w*|д)\b"
)

Found = dict[tuple[int, int], set[Reason]]


class Card(NamedTuple):
    """What is compared of a person; names are folded."""

    pk: int
    last: str
    first: str
    patronymic: str
    organization: int | None
    municipality: int | None
    addresses: frozenset[str]


class Entry(NamedTuple):
    """What is compared of an organization."""

    pk: int
    kind: str
    municipality: int
    words: frozenset[str]
    numbers: tuple[str, ...]


# --- People --------------------------------------------------------------------------------------------------


def cards() -> Iterator[Card]:
    columns = ("pk", "last_name", "first_name", "patronymic", "organization", "organization__municipality")
    addresses = ("email", "contact_email", "contact_note")
    people = User.objects.filter(merged_into=None).order_by().values_list(*columns, *addresses)
    for pk, last, first, patronymic, organization, municipality, *told in people.iterator(chunk_size=5000):
        known = frozenset(address.lower() for text in told if text for address in ADDRESS.findall(text))
        last, first, patronymic = (fold(name).rstrip(".") for name in (last, first, patronymic))
        yield Card(pk, last, first, patronymic, organization, municipality, known)


def card_keys(card: Card) -> Iterator[tuple[Any, ...]]:
    """A place and two names in either order; a place, a surname and an initial; a full name; an address."""
    place = card.municipality
    yield place, *sorted((card.last, card.first))
    yield place, card.last, card.first[:1]
    if card.patronymic:
        yield tuple(sorted((card.last, card.first, card.patronymic)))
    for address in card.addresses:
        yield (address,)


def compare_people(one: Card, other: Card) -> set[Reason]:
    """What speaks for these two being one person; nothing when they are not worth a look."""
    reasons = _names(one, other)
    if reasons is None:
        return set()
    if one.addresses & other.addresses:
        reasons.add(Reason.EMAIL)
    elif Reason.SURNAME in reasons:
        return set()  # many share a name and a patronymic
    if one.organization and one.organization == other.organization:
        reasons.add(Reason.PLACE)
    elif one.municipality and one.municipality == other.municipality:
        reasons.add(Reason.MUNICIPALITY)
    elif one.municipality and other.municipality and Reason.EMAIL not in reasons:
        return set()  # namesakes of two municipalities
    if (
        {Reason.SHORT} >= reasons - {Reason.MUNICIPALITY}
        and Reason.PLACE not in reasons
        and not _same_first(one, other)
    ):
        return set()  # «Иванова М. П.» of the same town fits too many
    return reasons


def _same_first(one: Card, other: Card) -> bool:
    return len(one.first) > 1 and one.first == other.first


def _names(one: Card, other: Card) -> set[Reason] | None:
    """How the names agree, or None when they do not."""
    own, others = (one.last, one.first, one.patronymic), (other.last, other.first, other.patronymic)
    if own == others:
        return {Reason.NAME} if one.patronymic else {Reason.SHORT}
    if one.last == other.last and _fits(one.first, other.first) and _fits(one.patronymic, other.patronymic):
        return {Reason.SHORT}
    if sorted(filter(None, own)) == sorted(filter(None, others)):
        return {Reason.SWAPPED, Reason.NAME} if one.patronymic else {Reason.SWAPPED}
    if {one.last, one.first} == {other.last, other.first} and _fits(one.patronymic, other.patronymic):
        return {Reason.SWAPPED}
    if own[1:] == others[1:] and one.patronymic:
        return {Reason.SURNAME}
    return None


def _fits(one: str, other: str) -> bool:
    """The same, not given, or an initial of the other."""
    if one == other or not one or not other:
        return True
    short, full = sorted((one, other), key=len)
    return len(short) == 1 and full.startswith(short)


# --- Organizations -------------------------------------------------------------------------------------------


def entries() -> Iterator[Entry]:
    rows = Organization.objects.filter(is_active=True).order_by()
    for pk, kind, municipality, name in rows.values_list("pk", "kind", "municipality", "name_key"):
        words = frozenset(LEGAL.sub(" ", name).split())
        yield Entry(pk, kind, municipality, words, tuple(sorted(re.findall(r"\d+", name))))


def entry_keys(entry: Entry) -> Iterator[tuple[Any, ...]]:
    if entry.numbers:
        yield entry.municipality, entry.numbers
    if entry.words:
        yield entry.municipality, entry.words
        yield entry.words, entry.numbers  # the same name in another municipality: one of the two may be a mistake


def compare_organizations(one: Entry, other: Entry) -> set[Reason]:
    if one.numbers != other.numbers or one.kind != other.kind:
        return set()
    reasons = set()
    if one.words == other.words:
        reasons.add(Reason.TITLE)
    elif one.numbers and (one.words <= other.words or other.words <= one.words):
        reasons.add(Reason.NUMBER)
    same_place = one.municipality == other.municipality
    if not reasons or (not same_place and len(one.words - set(one.numbers)) < 2):
        return set()  # «СОШ № 5» is in every town
    return reasons | ({Reason.MUNICIPALITY} if same_place else set())


# --- Both ----------------------------------------------------------------------------------------------------


def look(
    rows: Iterable[Any], keys: Callable[[Any], Iterator[tuple[Any, ...]]], compare: Callable[[Any, Any], set[Reason]]
) -> Found:
    """Pairs worth a look, the elder first, with what speaks for them."""
    together: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
    for row in rows:
        for key in set(keys(row)):
            together[key].append(row)
    found: Found = {}
    for group in together.values():
        if not 1 < len(group) <= CROWD:
            continue
        for one, other in combinations(sorted(group, key=lambda row: row.pk), 2):
            if (one.pk, other.pk) not in found and (reasons := compare(one, other)):
                found[one.pk, other.pk] = reasons
    return found


def keep_pairs(pair: type[Any], found: Found) -> int:
    """Bring the kept pairs after what was found. A decision stays; how many pairs wait for one."""
    now = timezone.now()
    with transaction.atomic():
        decided = set(pair.objects.exclude(different_at=None).values_list("first", "second"))
        rows = [
            pair(
                first_id=first,
                second_id=second,
                reasons=",".join(code for code in Reason.values if code in reasons),
                weight=sum(WEIGHTS[reason] for reason in reasons),
                found_at=now,
            )
            for (first, second), reasons in sorted(found.items())
            if (first, second) not in decided
        ]
        pair.objects.bulk_create(
            rows,
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["first", "second"],
            update_fields=["reasons", "weight", "found_at"],
        )
        pair.objects.undecided().filter(found_at__lt=now).delete()
    return len(rows)


def tell_apart(pair: Any, *, request: HttpRequest) -> None:
    """Remember that these are two; a second click changes nothing."""
    waiting = type(pair).objects.filter(pk=pair.pk, different_at=None)
    if waiting.update(different_at=timezone.now(), different_by=request.user):
        _note(pair, "признаны разными", request)


def doubt_again(pair: Any, *, request: HttpRequest) -> None:
    decided = type(pair).objects.filter(pk=pair.pk).exclude(different_at=None)
    if decided.update(different_at=None, different_by=None):
        _note(pair, "снова ждут решения", request)


def _note(pair: Any, note: str, request: HttpRequest) -> None:
    for one, other in ((pair.first, pair.second), (pair.second, pair.first)):
        person = one if isinstance(one, User) else None
        note_of_pair = f"с карточкой № {other.pk} «{other}» {note}"
        record(LogEntry.Action.CHANGED, person=person, about=one, note=note_of_pair, request=request)


def order_search(user: User | None) -> Job:
    """Have all pairs looked for; while one search waits or runs, it is the one."""
    waiting = Job.objects.filter(kind=KIND, finished_at=None).first()
    return waiting or order_job(KIND, "Поиск похожих карточек", user)


def last_search() -> Job | None:
    return Job.objects.filter(kind=KIND).order_by("-pk").first()


@handler(KIND)
def search(run: Run) -> dict[str, Any]:
    """Look for pairs of people and of organizations; running it again changes nothing."""
    run.progress(0, 2, force=True)
    people = keep_pairs(PersonPair, look(cards(), card_keys, compare_people))
    run.progress(1, 2, force=True)
    places = keep_pairs(OrganizationPair, look(entries(), entry_keys, compare_organizations))
    return {"people": people, "organizations": places}
