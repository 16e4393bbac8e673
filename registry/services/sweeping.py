"""The registry is not told, it looks: what changed since the last look is brought into it."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from motor.models import Case
from registry.models import Watermark
from registry.services.followed import FOLLOWED, changed_since, follow
from registry.services.projection import BATCH, expected, write

OVERLAP = timedelta(minutes=10)  # a long transaction commits what it stamped minutes ago
MARK_EVERY = timedelta(minutes=1)


def sweep() -> int:
    """Bring every line that is behind up to date; says how many lines were written.

    Cheap when nothing changed: seven queries on indexes or small tables. Safe to run twice at once, to be
    killed anywhere and to be run again: the marks move only after everything before them is in the registry.
    """
    began = timezone.now()
    marks = dict(Watermark.objects.values_list("name", "seen_at"))
    written = refresh(stale_cases(_since(marks, "case")))
    if _is_due("case", marks, began):
        _mark("case", marks, began)
    for source in FOLLOWED:
        # The comparison of thousands of lines waits until there is a reason, or a minute for late commits.
        if _is_due(source.name, marks, began) or changed_since(source, marks[source.name]):
            written += follow(source, _since(marks, source.name))
            _mark(source.name, marks, began)
    return written


def stale_cases(since: datetime | None) -> list[int]:
    """Cases touched since whose line is missing or was built from another revision."""
    cases = Case.objects.filter(~Q(registry_entry__revision=F("revision")))
    if since is not None:
        cases = cases.filter(touched_at__gt=since)
    # Without ORDER BY: with one, PostgreSQL would walk the whole primary key to find nothing.
    return sorted(cases.order_by().values_list("pk", flat=True))


def refresh(pks: list[int]) -> int:
    """Build the lines of these cases anew; each batch is committed on its own."""
    written = 0
    for start in range(0, len(pks), BATCH):
        with transaction.atomic():
            written += write(expected(pks[start : start + BATCH]).values())
    return written


def _since(marks: dict[str, datetime], name: str) -> datetime | None:
    return marks[name] - OVERLAP if name in marks else None


def _is_due(name: str, marks: dict[str, datetime], moment: datetime) -> bool:
    return name not in marks or moment - marks[name] >= MARK_EVERY


def _mark(name: str, marks: dict[str, datetime], moment: datetime) -> None:
    """Move the mark on, never back: of two sweeps the slower one knows less."""
    if name not in marks:
        Watermark.objects.get_or_create(name=name, defaults={"seen_at": moment})
    else:
        Watermark.objects.filter(name=name, seen_at__lt=moment).update(seen_at=moment)
