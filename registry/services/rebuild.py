"""The registry from scratch, and the comparison of it with a recount."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from motor.models import Case
from registry.models import Entry, EntryQuerySet, Watermark
from registry.services.followed import FOLLOWED
from registry.services.projection import BATCH, COLUMNS, expected, write

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Difference:
    """One value of one line that is not what a recount gives."""

    case: int
    column: str
    stored: Any
    counted: Any

    def __str__(self) -> str:
        return f"карта {self.case}: {self.column}: в реестре {self.stored!r}, по пересчёту {self.counted!r}"


def rebuild(progress: Progress | None = None) -> int:
    """Write every line anew, in batches; readers see a whole registry all the time."""
    began = timezone.now()
    total = Case.objects.count()
    done = 0
    for pks in _batches(Case.objects.values_list("pk", flat=True)):
        with transaction.atomic():
            write(expected(pks).values(), force=True)
        done += len(pks)
        if progress is not None:
            progress(done, total)
    _orphans().delete()
    for name in ("case", *(source.name for source in FOLLOWED)):
        Watermark.objects.update_or_create(name=name, defaults={"seen_at": began})
    return done


def differences() -> Iterator[Difference]:
    """Every value that a recount gives differently, lines without a case and cases without a line."""
    for pks in _batches(Case.objects.values_list("pk", flat=True)):
        suspects = [pk for pk, _ in _differing(pks)]
        if suspects:
            # A case may have moved between the two readings: only what differs twice is reported.
            for _, found in _differing(suspects):
                yield from found
    for pk in _orphans().values_list("pk", flat=True):
        yield Difference(pk, "карта", pk, None)


def _orphans() -> EntryQuerySet:
    """Lines without a case; the database forbids them, and a check should not take its word for it."""
    return Entry.objects.filter(~Exists(Case.objects.filter(pk=OuterRef("pk"))))


def _differing(pks: list[int]) -> list[tuple[int, list[Difference]]]:
    stored = {row["case_id"]: row for row in Entry.objects.filter(pk__in=pks).values(*COLUMNS)}
    result = []
    for pk, counted in sorted(expected(pks).items()):
        line = stored.get(pk)
        if line is None:
            result.append((pk, [Difference(pk, "строка", None, "должна быть")]))
        elif line != counted:
            found = [Difference(pk, name, line[name], counted[name]) for name in COLUMNS if line[name] != counted[name]]
            result.append((pk, found))
    return result


def _batches(pks: Any) -> Iterator[list[int]]:
    """All ids in order, a batch per query: a long reading holds no transaction open."""
    last = 0
    while batch := list(pks.filter(pk__gt=last).order_by("pk")[:BATCH]):
        yield batch
        last = batch[-1]
