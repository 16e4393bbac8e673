"""Which topic a programme is of: suggested by the words of its title, set for one or many at once."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from cabinet.core.search import key
from cabinet.courses.models import Programme
from cabinet.structure.models import Topic
from cabinet.users.models import LogEntry
from cabinet.users.services import record

if TYPE_CHECKING:
    from django.http import HttpRequest

STEM = 6  # letters: «оценивание», «оцениванию» and «оценивания» begin alike
SHORT = 4  # shorter words say little
# Beginnings of words that stand in every second title.
NOISE = frozenset(
    re.findall(
        r"\w+",
        "педаго учител совреме деятел образов органи условия услови технол методик развити обучен реализа требов школы "
        "школ актуал вопрос основы подход новые урок уроке урока работы работа професси федерал государ станда",
    )
)
OFFERED = 3


def stems(title: str) -> frozenset[str]:
    words = (word for word in re.split(r"\W+", key(title)) if len(word) >= SHORT and not word.isdigit())
    return frozenset(word[:STEM] for word in words) - NOISE


class Suggestions:
    """Topics by the words of their names and of the titles already given to them. Two queries for any number."""

    def __init__(self) -> None:
        self.topics = {topic.pk: topic for topic in Topic.objects.all()}
        self.weights: dict[str, Counter[int]] = defaultdict(Counter)
        for topic in self.topics.values():
            for stem in stems(topic.name):
                self.weights[stem][topic.pk] += 3
        named = Programme.objects.filter(topic__isnull=False).order_by("-pk").values_list("title", "topic")
        for title, topic_pk in named[:5000]:
            for stem in stems(title):
                self.weights[stem][topic_pk] += 1

    def of(self, title: str) -> list[Topic]:
        """The closest topics, the best first; a word that belongs to many topics counts for less."""
        score: dict[int, float] = defaultdict(float)
        for stem in stems(title):
            total = self.weights[stem].total() if stem in self.weights else 0
            for topic, weight in self.weights.get(stem, Counter()).items():
                score[topic] += weight / total
        best = sorted(score, key=lambda pk: (-score[pk], self.topics[pk].name))
        return [self.topics[pk] for pk in best[:OFFERED]]


def set_topics(
    chosen: Mapping[int, int | None], seen: Mapping[int, int | None], *, request: HttpRequest
) -> tuple[int, int]:
    """Give programmes their topics: programme id → topic id. `seen`: what stood there when the page was shown.

    Says how many were changed, and how many were passed over because somebody else had changed them meanwhile.
    """
    wanted = {pk: topic for pk, topic in chosen.items() if topic != seen.get(pk)}
    topics = Topic.objects.in_bulk([topic for topic in wanted.values() if topic])
    changed = 0
    with transaction.atomic():
        programmes = Programme.objects.select_for_update().order_by("pk").in_bulk(list(wanted))
        for pk, programme in programmes.items():
            topic = topics.get(wanted[pk] or 0)
            if programme.topic_id != seen.get(pk) or (wanted[pk] and topic is None):
                continue
            Programme.objects.filter(pk=pk).update(topic=topic, updated_at=timezone.now())
            note = f"тематика: {topic or 'не указана'}"
            record(LogEntry.Action.CHANGED, about=programme, note=note, request=request)
            changed += 1
    return changed, len(wanted) - changed
