"""Cases are made from tracked completions and opened when they fall due."""

import logging
from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from cabinet.core.clock import add_months, after_quiet, today
from cabinet.courses.models import Completion
from cabinet.users.models import User
from motor.models import Case, Status
from motor.moves import MoveRefused, move
from motor.services import notices
from motor.services.limits import survey_limit
from motor.services.responsible import find_responsible

logger = logging.getLogger(__name__)
CHUNK = 2000
Week = tuple[int, int]  # ISO year and week


def due_date(ends_on: date, months: int) -> date:
    """When a case is due before spreading: the end plus the срез, outside the quiet periods."""
    return after_quiet(add_months(ends_on, months), settings.MOTOR_QUIET_PERIODS)


def _week(day: date) -> Week:
    return day.isocalendar()[:2]


class Spread:
    """Openings of one organization are spread over weeks, so that no methodist gets forty at once."""

    def __init__(self, organization_ids: Iterable[int]) -> None:
        self.taken: Counter[tuple[int, Week]] = Counter()
        scheduled = Case.objects.filter(organization__in=set(organization_ids), status=Status.SCHEDULED)
        for organization_id, opens_on in scheduled.values_list("organization_id", "opens_on"):
            self.taken[organization_id, _week(opens_on)] += 1

    def place(self, organization_id: int, day: date) -> date:
        """The first day on or after `day` whose week has room for the organization."""
        while self.taken[organization_id, _week(day)] >= settings.MOTOR_OPENINGS_PER_WEEK:
            monday = day + timedelta(days=7 - day.weekday())
            day = after_quiet(monday, settings.MOTOR_QUIET_PERIODS)
        self.taken[organization_id, _week(day)] += 1
        return day


def forecast_openings(rows: Iterable[tuple[str, date]]) -> dict[str, object]:
    """What an import will open: `rows` are (organization key, end date) of completions to be created.

    Returns {"months": [(first day of month, count), …], "already_due": count, "total": count}; a forecast
    before anything is written, so organizations that exist already are counted without their present queue.
    """
    spread = Spread([])
    numbers: dict[str, int] = {}
    months: Counter[date] = Counter()
    already_due = 0
    for organization, ends_on in rows:
        for slice_months in settings.MOTOR_SLICES:
            day = due_date(ends_on, slice_months)
            if day <= today():
                already_due += 1
                continue
            number = numbers.setdefault(organization, len(numbers) + 1)
            months[spread.place(number, day).replace(day=1)] += 1
    return {
        "months": sorted(months.items()),
        "already_due": already_due,
        "total": already_due + sum(months.values()),
    }


def schedule_cases() -> int:
    """Make a case for every tracked completion that has none yet; returns how many.

    Cases due before they were even imported wait for the admin's word, unless it was given at the import.
    """
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
    soonest = after_quiet(today(), settings.MOTOR_QUIET_PERIODS)
    cases = []
    for completion in completions:
        day = due_date(completion.course.ends_on, months)
        is_past = day <= today()
        told = completion.batch is not None and completion.batch.choices.get("open_due_now")
        if not is_past or told:
            day = spread.place(completion.organization_id, max(day, soonest))
        cases.append(
            Case(
                completion=completion,
                months=months,
                person_id=completion.person_id,
                organization_id=completion.organization_id,
                opens_on=day,
                waits_for_word=is_past and not told,
            )
        )
    # Two sweeps at once make the same rows; the constraint keeps one of each.
    Case.objects.bulk_create(cases, ignore_conflicts=True)
    return len(cases)


def release_cases(cases: Iterable[Case]) -> int:
    """The admin's word: cases already due at their import are opened now, spread over weeks."""
    waiting = [case for case in cases if case.waits_for_word and case.status == Status.SCHEDULED]
    spread = Spread(case.organization_id for case in waiting)
    released = 0
    with transaction.atomic():
        for case in waiting:
            day = spread.place(case.organization_id, after_quiet(today(), settings.MOTOR_QUIET_PERIODS))
            released += Case.objects.filter(pk=case.pk, waits_for_word=True).update(waits_for_word=False, opens_on=day)
    return released


def open_case(case: Case, actor: User | None = None, day: date | None = None) -> None:
    """The survey opens: somebody answers for the case from now on, and the teacher gets the letter."""
    with transaction.atomic():
        move(
            case,
            "open",
            actor=actor,
            due=survey_limit(day or today()),
            opened_at=timezone.now(),
            waits_for_word=False,
            responsible=find_responsible(case),
        )
        notices.invite(case)


def due_to_open(day: date) -> list[int]:
    """Ids of scheduled cases due by the day whose person has no other case under way."""
    busy = Case.objects.filter(person=OuterRef("person"), status__in=Case.UNDER_WAY)
    ready = Case.objects.filter(status=Status.SCHEDULED, waits_for_word=False, paused_until=None, opens_on__lte=day)
    due = ready.exclude(Exists(busy))
    return list(due.order_by("opens_on", "pk").values_list("pk", flat=True))


def open_due_cases(day: date | None = None) -> int:
    """Open what falls due; a person's second case waits for the first. Returns how many were opened."""
    day = day or today()
    opened = 0
    people: set[int] = set()
    for pk in due_to_open(day):
        case = (
            Case.objects.select_related("person", "organization", "completion__course__programme").filter(pk=pk).first()
        )
        if case is None or case.person_id in people:
            continue
        people.add(case.person_id)
        try:
            open_case(case, day=day)
            opened += 1
        except MoveRefused:
            logger.info("case %s: opened by someone else", pk)
    return opened
