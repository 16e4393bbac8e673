"""Finding: where the typed words stand, what suits a person, what is like a material, what is used most."""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable

from cabinet.core.search import MOST, lemmas, typed_lemmas
from cabinet.library.models import Material, MaterialQuerySet
from cabinet.library.services.hooks import Matching, use_of

WORD = re.compile(r"\w+")
AROUND = 90  # characters of an excerpt on either side
LIKE = 4
TOPIC, SUBJECT, WEIGHT = 4, 2, 3  # of a topic, a subject, a word in common


class Piece(NamedTuple):
    text: str
    is_hit: bool


def pieces(text: str, wanted: Iterable[str]) -> list[Piece]:
    """The text cut where a word of it begins as one of `wanted`, in whatever form it stands there."""
    wanted = tuple(wanted)
    found: list[Piece] = []
    at = 0
    for match in WORD.finditer(text):
        if wanted and any(one.startswith(wanted) for one in lemmas(match[0])):
            found += [Piece(text[at : match.start()], False), Piece(match[0], True)]
            at = match.end()
    return [one for one in (*found, Piece(text[at:], False)) if one.text]


def excerpt(text: str, wanted: Iterable[str]) -> list[Piece]:
    """The text around its first hit; nothing when there is none."""
    cut = pieces(" ".join(text.split()), wanted)
    first = next((number for number, one in enumerate(cut) if one.is_hit), None)
    if first is None:
        return []
    before = "".join(one.text for one in cut[:first])
    shown = [Piece(_tail(before), False), *cut[first:]]
    room, kept = AROUND * 2, []
    for one in shown:
        kept.append(Piece(one.text if len(one.text) <= room else f"{one.text[:room].rsplit(' ', 1)[0]}…", one.is_hit))
        room -= len(one.text)
        if room <= 0:
            break
    return [one for one in kept if one.text]


def _tail(text: str) -> str:
    return text if len(text) <= AROUND else f"…{text[-AROUND:].partition(' ')[2]}"


def found_in(material: Material, wanted: Iterable[str], sees_people: bool) -> list[str]:
    """Where besides the title and the description the words stand, as one says it."""
    wanted = tuple(wanted)
    places = {
        "в затруднениях": material.deficits,
        "в тематике": material.topic.name if material.topic else "",
        "в предметах": " ".join(one.name for one in material.subjects.all()),
        "у автора": material.authors if sees_people else "",
        "в номере": material.number,
        "в том, кем принят": material.issuer,
        "в виде материала": material.get_kind_display(),
    }
    return [place for place, text in places.items() if any(one.startswith(wanted) for one in lemmas(text))]


# --- What suits a person ------------------------------------------------------------------------------------------


def matched(materials: MaterialQuerySet, matching: Matching, least: int = 1) -> MaterialQuerySet:
    """Only those with something in common, `score` says how much."""
    through = Material.subjects.through.objects.filter(material=OuterRef("pk"), subject__in=matching.subjects)
    words = [Q(words__contains=f" {one}") for one in list(matching.words)[:MOST] if one]
    score: Combinable = _points(Q(topic__in=matching.topics), TOPIC) + _points(Exists(through), SUBJECT)
    for one in words:
        score = score + _points(one, WEIGHT)
    scored: MaterialQuerySet = materials.annotate(score=score).filter(score__gte=least)
    return scored


def _points(condition: Any, points: int) -> Case:
    return Case(When(condition, then=Value(points)), default=Value(0), output_field=IntegerField())


def reasons(material: Material, matching: Matching) -> list[str]:
    """Why it suits, each reason once."""
    found = [matching.topics.get(material.topic_id or 0, "")]
    found += [matching.subjects.get(one.pk, "") for one in material.subjects.all()]
    found += [why for one, why in list(matching.words.items())[:MOST] if f" {one}" in material.words]
    return list(dict.fromkeys(one for one in found if one))


def similar(material: Material, among: MaterialQuerySet) -> list[Material]:
    """Of the same topic or with two words of the title in common; the nearest first."""
    matching = Matching(
        topics={material.topic_id: ""} if material.topic_id else {},
        subjects={one.pk: "" for one in material.subjects.all()},
        words={one: "" for one in typed_lemmas(material.title) if len(one) > 3},
    )
    rows = matched(among.exclude(pk=material.pk), matching, least=TOPIC)
    shared: Combinable = Value(0)
    for one in list(matching.words)[:MOST]:
        shared = shared + _points(Q(words__contains=f" {one}"), 1)
    # A subject and one word are in common with half of the library.
    rows = rows.annotate(shared=shared).filter(Q(topic__in=matching.topics) | Q(shared__gte=2))
    return list(rows.select_related("topic").order_by(F("score").desc(), *NEWEST)[:LIKE])


# --- In what order ------------------------------------------------------------------------------------------------

NEWEST = ("-published_at", "-pk")


def sorted_rows(materials: MaterialQuerySet, sort: str) -> "QuerySet[Material] | list[int]":
    """Rows in order; by use, which the database cannot join from here, their numbers in order."""
    if sort == "title":
        return materials.order_by(F("title").asc(), "pk")
    if sort == "fit":
        return materials.order_by(F("score").desc(), *NEWEST)
    if sort == "use":
        pks = list(materials.order_by(*NEWEST).values_list("pk", flat=True))
        used = use_of(pks)
        return sorted(pks, key=lambda pk: -used.get(pk, 0))  # a stable sort: of equal use, the newest first
    return materials.order_by(*NEWEST)
