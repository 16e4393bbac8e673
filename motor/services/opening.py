"""Cases are made from tracked completions and opened when they fall due."""

import logging
from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from cabinet.core.clock import Deadline, add_months, after_quiet, today
from cabinet.core.words import counted
from cabinet.courses.models import Completion, Course
from cabinet.users.models import User
from motor.models import Case, Status, Transition
from motor.moves import MoveRefused, move
from motor.services import notices
from motor.services.limits import survey_limit
from motor.services.responsible import find_responsible
from motor.services.staff import Staff

logger = logging.getLogger(__name__)
CHUNK = 2000
AT_ONCE = 50  # cases opened in one transaction
Week = tuple[int, int]  # ISO year and week


def due_date(ends_on: date, months: int) -> Deadline:
    """When a case is due before spreading: the end plus the срез, outside the quiet periods."""
    plain = add_months(ends_on, months)
    free = after_quiet(plain)
    term = counted(months, "месяц", "месяца", "месяцев")
    return Deadline(free.on, because(f"курс окончен {ends_on:%d.%m.%Y} + {term} = {plain:%d.%m.%Y}", free.why))


def because(*reasons: str) -> str:
    """Reasons in the order of time; of a long story the beginning is given up."""
    story = "; ".join(reason for reason in reasons if reason)
    longest = Case._meta.get_field("opens_why").max_length or 400
    return story if len(story) <= longest else f"…{story[1 - longest :]}"


def week_of(day: date) -> Week:
    return day.isocalendar()[:2]


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


class Spread:
    """Openings of one organization are spread over weeks, so that no methodist gets forty at once."""

    def __init__(self, organization_ids: Iterable[int], *, whose: str = "у организации") -> None:
        self.room: int = settings.MOTOR_OPENINGS_PER_WEEK
        self.whose = whose
        self.ways: dict[date, date] = {}
        self.taken: Counter[tuple[int, Week]] = Counter()
        scheduled = Case.objects.filter(organization__in=set(organization_ids), status=Status.SCHEDULED)
        for organization_id, opens_on in scheduled.values_list("organization_id", "opens_on"):
            self.taken[organization_id, week_of(opens_on)] += 1

    def next_week(self, monday: date) -> date:
        """The first open day after the week; the calendar is asked once, however many cases pass this way."""
        if monday not in self.ways:
            self.ways[monday] = after_quiet(monday + timedelta(days=7)).on
        return self.ways[monday]

    def free(self, bucket: int, day: date) -> None:
        """An opening that is about to move leaves its week."""
        self.taken[bucket, week_of(day)] -= 1

    def place(self, bucket: int, day: date) -> Deadline:
        """The first day on or after `day` whose week has room, and what was in the way, if anything."""
        wanted = day
        while self.taken[bucket, week_of(day)] >= self.room:
            day = self.next_week(monday_of(day))
        self.taken[bucket, week_of(day)] += 1
        if day == wanted:
            return Deadline(day, "")
        full = counted(self.room, "карта", "карты", "карт")
        if day - monday_of(wanted) <= timedelta(days=7):
            return Deadline(day, f"на этой неделе {self.whose} уже {full} → {day:%d.%m.%Y}")
        return Deadline(day, f"до {monday_of(day):%d.%m.%Y} {self.whose} уже по {full} в неделю → {day:%d.%m.%Y}")


def forecast_openings(rows: Iterable[tuple[int, date]]) -> dict[str, object]:
    """What an import will open, before anything is written.

    `rows` are (organization, end date) of completions to be created: the id of an organization that exists, whose
    present queue counts, or any negative number for a new one.
    Returns {"months": [(first day of month, count), …], "already_due": count, "total": count}.
    """
    listed = list(rows)
    spread = Spread(organization for organization, _ends_on in listed if organization > 0)
    months: Counter[date] = Counter()
    already_due = 0
    for organization, ends_on in listed:
        for slice_months in settings.MOTOR_SLICES:
            day = due_date(ends_on, slice_months).on
            if day <= today():
                already_due += 1
                continue
            months[spread.place(organization, day).on.replace(day=1)] += 1
    return {
        "months": sorted(months.items()),
        "already_due": already_due,
        "total": already_due + sum(months.values()),
    }


def schedule_cases() -> int:
    """Make a case for every tracked completion that has none yet; returns how many.

    Cases due before they were even imported wait for the admin's word, unless it was given at the import. Those of
    what is no longer tracked go first: they must not take the room of others.
    """
    withdraw_untracked()
    made = 0
    for months in settings.MOTOR_SLICES:
        missing = (
            Completion.objects.tracked()
            .exclude(Exists(Case.objects.filter(completion=OuterRef("pk"), months=months)))
            .select_related("course", "batch")
            .defer("batch__result", "batch__created_rows", "batch__mapping")
            .order_by("course__ends_on", "pk")
        )
        while chunk := list(missing[:CHUNK]):
            made += _schedule_chunk(chunk, months)
    return made


def _schedule_chunk(completions: list[Completion], months: int) -> int:
    spread = Spread(completion.organization_id for completion in completions)
    soonest = after_quiet(today())
    dues = {ends_on: due_date(ends_on, months) for ends_on in {one.course.ends_on for one in completions}}
    cases = []
    for completion in completions:
        day, why = dues[completion.course.ends_on]
        is_past = day <= today()
        told = completion.batch is not None and completion.batch.choices.get("open_due_now")
        if not is_past or told:
            late = "" if day >= soonest.on else f"срок прошёл до загрузки списка → {soonest.on:%d.%m.%Y}"
            day, moved = spread.place(completion.organization_id, max(day, soonest.on))
            why = because(why, late, moved)
        cases.append(
            Case(
                completion=completion,
                months=months,
                person_id=completion.person_id,
                organization_id=completion.organization_id,
                opens_on=day,
                opens_why=why,
                waits_for_word=is_past and not told,
            )
        )
    # Two sweeps at once make the same rows; the constraint keeps one of each.
    Case.objects.bulk_create(cases, ignore_conflicts=True)
    return len(cases)


def withdraw_untracked() -> int:
    """Take away scheduled cases of what is no longer tracked; returns how many.

    Nobody has heard of them yet. A case somebody has acted on already is left for a person to end.
    """
    with transaction.atomic():
        # Locked first: a case that opens between the look and the deletion has sent its letter already.
        untracked = Q(completion__is_selected=False) | Q(completion__course__in=Course.objects.untracked())
        acted = Transition.objects.filter(case=OuterRef("pk"))
        gone = Case.objects.filter(untracked, ~Exists(acted), status=Status.SCHEDULED)
        pks = list(gone.order_by().select_for_update(of=("self",)).values_list("pk", flat=True))
        Case.objects.filter(pk__in=pks).delete()
    return len(pks)


def release_cases(cases: Iterable[Case]) -> int:
    """The admin's word: cases already due at their import are opened now, spread over weeks."""
    waiting = [case for case in cases if case.waits_for_word and case.status == Status.SCHEDULED]
    spread = Spread(case.organization_id for case in waiting)
    soonest = after_quiet(today())
    word = f"открыть решил администратор {today():%d.%m.%Y}"
    released = 0
    with transaction.atomic():
        for case in waiting:
            day, moved = spread.place(case.organization_id, soonest.on)
            released += Case.objects.filter(pk=case.pk, status=Status.SCHEDULED, waits_for_word=True).update(
                waits_for_word=False,
                opens_on=day,
                opens_why=because(case.opens_why, word, soonest.why, moved),
                revision=F("revision") + 1,
                touched_at=timezone.now(),
            )
    return released


def open_case(case: Case, actor: User | None = None, day: date | None = None, staff: Staff | None = None) -> None:
    """The survey opens: somebody answers for the case from now on, and the teacher gets the letter."""
    with transaction.atomic():
        move(
            case,
            "open",
            actor=actor,
            due=survey_limit(day or today()),
            opened_at=timezone.now(),
            waits_for_word=False,
            responsible=find_responsible(case, staff),
        )
        notices.invite(case)


def due_to_open(day: date) -> list[tuple[int, int]]:
    """(case, person) of scheduled cases due by the day whose person has no other case under way, the earliest first."""
    busy = Case.objects.filter(person=OuterRef("person"), status__in=Case.UNDER_WAY)
    ready = Case.objects.filter(status=Status.SCHEDULED, waits_for_word=False, paused_until=None, opens_on__lte=day)
    due = ready.exclude(Exists(busy))
    return list(due.order_by("opens_on", "pk").values_list("pk", "person"))


def busy_with(cases: Iterable[Case]) -> dict[int, int]:
    """Person → the case under way that his scheduled ones among `cases` wait for; no query without any."""
    people = {case.person_id for case in cases if case.status == Status.SCHEDULED and not case.waits_for_word}
    if not people:
        return {}
    busy = Case.objects.filter(person__in=people, status__in=Case.UNDER_WAY).order_by("-opens_on", "-pk")
    return dict(busy.values_list("person", "pk"))


def open_due_cases(day: date | None = None) -> int:
    """Open what falls due; a person's second case waits for the first. Returns how many were opened."""
    day = day or today()
    first: dict[int, int] = {}  # person → his earliest case
    for pk, person in due_to_open(day):
        first.setdefault(person, pk)
    pks = list(first.values())
    return sum(_open_some(pks[start : start + AT_ONCE], day) for start in range(0, len(pks), AT_ONCE))


def _open_some(pks: list[int], day: date) -> int:
    """Open a few cases in one transaction: a commit for each would cost more than all the rest."""
    found = Case.objects.select_related("person", "organization__municipality", "completion__course__programme")
    cases = list(found.filter(pk__in=pks).order_by("opens_on", "pk"))
    staff = Staff(cases)
    opened = 0
    with transaction.atomic():
        for case in cases:
            try:
                open_case(case, day=day, staff=staff)
                opened += 1
            except MoveRefused:
                logger.info("case %s: opened by someone else", case.pk)
    return opened
