"""What falls due by itself: requests near their limit or past it, and those in the queue nobody was told of."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from cabinet.core.clock import add_working_days, is_working_day, today
from cabinet.mail.models import Letter, Mention
from cabinet.mail.services import queue_letters
from cabinet.users.models import User
from rma.models import Request, RequestQuerySet
from rma.services.notices import several
from rma.services.specialists import Specialists

FORGET = timedelta(days=30)  # a month late, letters have said what they could
WEEKLY = "motor.due"  # the list of everything due; it names requests to answer too
Status = Request.Status
# What an accepted assessment waits for is the checklist; its case has reminders of its own.
OWN = ~Q(kind=Request.Kind.ASSESSMENT) | Q(status__in=Request.UNANSWERED)


def run_due(day: date | None = None) -> dict[str, int]:
    """Safe at any moment, twice, or by two processes; without a day it is now, and then no letters at night."""
    hour = timezone.localtime().hour
    is_night = day is None and not settings.MOTOR_LETTERS_FROM_HOUR <= hour < settings.IOM_LETTERS_UNTIL_HOUR
    day = day or today()
    if is_night or not is_working_day(day):
        return {"requests": 0, "queue": 0}
    return {"requests": remind(day), "queue": tell_of_queue(day)}


@transaction.atomic
def remind(day: date) -> int:
    """A working day before the limit and once after it, to whoever's turn it is; returns how many requests."""
    claimed = [one for one in _near(day) if _claim(one, day)]
    specialists = Specialists(claimed)
    had_list = _had_weekly_list(claimed, day)
    of_person: dict[User, list[Request]] = defaultdict(list)
    for one in claimed:
        for person in _whose_turn(one, specialists):
            if person.is_active and not (one.status == Status.SENT and person.pk in had_list):
                of_person[person].append(one)
    queue_letters(several("due", person, rows, day) for person, rows in of_person.items())
    return len(claimed)


def _near(day: date) -> RequestQuerySet:
    soon = Q(due_on__gte=day, due_on__lte=add_working_days(day, 1), reminded_at=None)
    late = Q(due_on__lt=day, due_on__gte=day - FORGET)
    rows = Request.objects.live().filter(OWN, soon | late).with_names().prefetch_related("people")
    return rows.order_by("due_on", "pk")


def _claim(one: Request, day: date) -> bool:
    """Once for each of the two; another process that has claimed it leaves nothing to do."""
    if one.due_on >= day:
        if timezone.localdate(one.answered_at or one.created_at) >= day:
            return False  # told a moment ago: that letter has named the day already
    elif one.reminded_at is not None and timezone.localdate(one.reminded_at) > one.due_on:
        return False
    # As of the day it runs for: a run for a day gone by must not count as one of today.
    now = timezone.now()
    moment = now if timezone.localdate(now) == day else now + (day - timezone.localdate(now))
    rows = Request.objects.filter(pk=one.pk, status=one.status, reminded_at=one.reminded_at)
    return bool(rows.update(reminded_at=moment))


def _whose_turn(one: Request, specialists: "Specialists") -> list[User]:
    if one.status == Status.WANTED or one.has_lost_member:
        return specialists.of(one)
    if one.status == Status.PROPOSED:
        return specialists.asking(one)
    return [one.member.user] if one.member else []


def _had_weekly_list(rows: list[Request], day: date) -> set[int]:
    people = {one.member.user_id for one in rows if one.member and one.status == Status.SENT}
    if not people:
        return set()
    letters = Letter.objects.filter(kind=WEEKLY, to__in=people, created_at__date=day)
    return set(letters.order_by().values_list("to", flat=True))


@transaction.atomic
def tell_of_queue(day: date) -> int:
    """One letter a day to each specialist about requests nobody told him of yet; returns how many letters."""
    waiting = Request.objects.nobodys().exclude(kind=Request.Kind.ASSESSMENT, source_id__isnull=False)
    rows = list(waiting.with_names().prefetch_related("people").order_by("due_on", "pk"))
    if not rows:
        return 0
    specialists = Specialists(rows)
    told = _told(rows)
    of_person: dict[User, list[Request]] = {}
    for one in rows:
        for person in specialists.of(one):
            if (person.pk, one.pk) not in told:
                of_person.setdefault(person, []).append(one)
    had = _had_today(of_person, day)
    of_person = {person: own for person, own in of_person.items() if person.pk not in had}
    queue_letters(several("queue", person, own, day) for person, own in of_person.items())
    return len(of_person)


def _told(rows: list[Request]) -> set[tuple[int | None, int | None]]:
    """(person, request) of the letters about the queue."""
    about = {"about_type": ContentType.objects.get_for_model(Request), "about_id__in": [one.pk for one in rows]}
    alone = Letter.objects.filter(kind="rma.queue", **about).order_by().values_list("to", "about_id")
    among = Mention.objects.filter(letter__kind="rma.queue", **about).order_by().values_list("letter__to", "about_id")
    return {*alone, *among}


def _had_today(people: Iterable[User], day: date) -> set[int]:
    letters = Letter.objects.filter(key__in=[f"rma.queue.{person.pk}.{day}" for person in people])
    return set(letters.order_by().values_list("to", flat=True))
