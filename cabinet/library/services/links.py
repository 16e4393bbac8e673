"""Links of published materials: do they still open?

The order is `link_due_at`; a worker takes a row by moving it ahead for the time of a lease, so that one that dies
leaves it to be taken anew. Readers are told only of what has failed long enough not to be a site's bad day.
"""

import logging
from datetime import datetime, timedelta
from time import monotonic

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from cabinet.core.services import hurry
from cabinet.library.models import Material
from cabinet.library.services.visiting import Answer, MayVisit, Visit, is_example, is_public, visit
from cabinet.mail.services import queue_letter
from cabinet.mail.texts import compose

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)
BATCH = 100
LONGEST = 30.0  # seconds of one run: no new link is begun after them, the rest follows at once
AGAIN = timedelta(days=30)
SOON = timedelta(days=1)
LATEST = timedelta(days=14)  # between two looks at what has not opened for long
PATIENT = 7  # daily looks before they become rarer
MOST_COUNTED = 100
FAILURES = 3
FAILING = timedelta(days=2)
OFFLINE = 5  # so many failed to connect and nothing opened: it is our own network
OFFLINE_PAUSE = timedelta(hours=1)
States = Material.LinkState


def with_link() -> QuerySet[Material]:
    return Material.objects.published().filter(current__form="link")


def failing() -> QuerySet[Material]:
    """What the keeper sees at once: the last look failed; the longest first."""
    return with_link().filter(link_failed_since__isnull=False).order_by("link_failed_since", "pk")


def unsure() -> QuerySet[Material]:
    """Sites that let people in and programs not: only a person can tell."""
    return with_link().filter(link_state=States.UNKNOWN, link_failed_since=None).exclude(link_error="").order_by("pk")


def figures() -> dict[str, int]:
    """How many links there are, how many have been looked at, how many do not open. One query."""
    rows = with_link().aggregate(
        total=Count("pk"),
        checked=Count("pk", filter=Q(link_checked_at__isnull=False)),
        failing=Count("pk", filter=Q(link_failed_since__isnull=False)),
        warned=Count("pk", filter=Q(link_state=States.BROKEN)),
    )
    return dict(rows)


def is_ordered(material: Material) -> bool:
    """A worker will look, or looks just now."""
    return material.link_due_at is not None and material.link_due_at <= timezone.now() + LEASE


def check_links(may_visit: MayVisit = is_public) -> int:
    """Look at what is due; how many were looked at."""
    order_new()
    seen: list[tuple[Material, datetime, Visit]] = []
    started = monotonic()
    due = Material.objects.filter(link_due_at__lte=timezone.now()).order_by("link_due_at", "pk")
    pks = list(due.values_list("pk", flat=True)[: BATCH + 1])
    for number, pk in enumerate(pks):
        if number == BATCH or monotonic() - started > LONGEST:
            if any(found.answer != Answer.NO_NETWORK for _, _, found in seen):  # else it may be our own network
                hurry("library.check_links")
            break
        until = _claim(pk)
        if until is None:
            continue
        material = Material.objects.select_related("current").get(pk=pk)
        link = material.current.link if material.current is not None and material.is_published else ""
        if link and not is_example(link):
            seen.append((material, until, visit(link, may_visit)))
        else:  # archived meanwhile, or a file by now
            later = timezone.now() + AGAIN if link else None
            Material.objects.filter(pk=pk, link_due_at=until).update(link_due_at=later)
    _write(seen)
    return len(seen)


def order_new() -> None:
    """What is in the library by a link and was never ordered: published a moment ago."""
    with_link().filter(link_due_at=None).update(link_due_at=timezone.now())


def order_check(material: Material) -> bool:
    """«Проверить сейчас»: as soon as a worker is free."""
    ordered = with_link().filter(pk=material.pk).update(link_due_at=timezone.now())
    hurry("library.check_links")
    return bool(ordered)


def order_failing() -> int:
    """The same of everything that does not open, after a day when the network was down, or was never looked at."""
    wanted = Q(link_checked_at=None) | Q(pk__in=failing().order_by().values("pk"))
    ordered = with_link().filter(wanted).update(link_due_at=timezone.now())
    hurry("library.check_links")
    return ordered


def _claim(pk: int) -> datetime | None:
    """Take one row for the time of a lease; None when somebody else has."""
    now = timezone.now()
    until = now + LEASE
    return until if Material.objects.filter(pk=pk, link_due_at__lte=now).update(link_due_at=until) else None


def _write(seen: list[tuple[Material, datetime, Visit]]) -> None:
    lost = [one for one in seen if one[2].answer == Answer.NO_NETWORK]
    if len(lost) >= OFFLINE and len(lost) == len(seen):
        logger.warning("none of %s links could be reached: it is our own network", len(seen))
        pks = [material.pk for material, _, _ in seen]
        Material.objects.filter(pk__in=pks).update(link_due_at=timezone.now() + OFFLINE_PAUSE)
        return
    for material, until, found in seen:
        note_visit(material, found, claimed_until=until)


@transaction.atomic
def note_visit(material: Material, found: Visit, *, claimed_until: datetime | None = None) -> bool:
    """Write down what a look at the link found; nothing if the claim has run out or the link is another by now."""
    here = Material.objects.filter(pk=material.pk, current=material.current_id, state=Material.State.PUBLISHED)
    if claimed_until is not None:
        here = here.filter(link_due_at=claimed_until)
    now = timezone.now()
    if found.answer in (Answer.OPENS, Answer.UNSURE):
        state = States.WORKS if found.answer == Answer.OPENS else States.UNKNOWN
        fine = {"link_failed_since": None, "link_failures": 0, "link_due_at": now + AGAIN}
        return bool(here.update(link_state=state, link_error=found.error[:300], link_checked_at=now, **fine))
    since = material.link_failed_since or now
    failures = min(material.link_failures if material.link_failed_since else 0, MOST_COUNTED) + 1
    values = {"link_error": found.error[:300], "link_checked_at": now, "link_due_at": now + _pause(failures)}
    told = {"link_failed_since": since, "link_failures": failures}
    # The moment of the last look in the condition: the same failure written twice is one.
    if not here.filter(link_checked_at=material.link_checked_at).update(**values, **told):
        return False
    if failures >= FAILURES and now - since >= FAILING and (found.answer == Answer.FAILS or _opened_after(since)):
        _say_broken(material, since)
    return True


def _opened_after(since: datetime) -> bool:
    """Has any link opened since then? If none has, it may well be our own network."""
    return with_link().filter(link_failed_since=None, link_checked_at__gt=since).exists()


def _pause(failures: int) -> timedelta:
    """A day after each failure; longer and longer where nothing has changed for a week."""
    return min(SOON * 2 ** max(failures - PATIENT, 0), LATEST)


def _say_broken(material: Material, since: datetime) -> None:
    """Readers are told from now on, and the author by one letter for each time it broke."""
    broken = Material.objects.filter(pk=material.pk).exclude(link_state=States.BROKEN)
    if not broken.update(link_state=States.BROKEN):
        return
    fresh = Material.objects.select_related("owner", "current").get(pk=material.pk)
    owner = fresh.owner
    if owner is None or not owner.is_active:
        return
    values = {
        "имя": owner.polite_name,
        "название": fresh.title,
        "страница": fresh.current.link if fresh.current else "",
        "ошибка": fresh.link_error,
        "адрес": f"{settings.SITE_URL}{fresh.get_absolute_url()}",
    }
    subject, body = compose("library.broken", values)
    key = f"library.broken.{fresh.pk}.{since:%Y%m%d%H%M%S}"
    queue_letter(key=key, kind="library.broken", to=owner, subject=subject, body=body, about=fresh)
