"""Moving openings that nobody has heard of yet: first what would change, then the change, with author and reason."""

import hashlib
from collections import Counter
from collections.abc import Sized
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef
from django.utils import timezone

from cabinet.core.clock import Deadline, after_quiet, is_quiet, is_working_day, today
from cabinet.structure.models import Organization
from cabinet.users.models import LogEntry, Membership, Role, User
from cabinet.users.services import record
from motor.models import Case, CaseQuerySet, Status
from motor.services.opening import Spread, because, due_date, monday_of

WEEK = timedelta(days=7)
MOST = 5000  # cases moved at once
READ = (
    *("opens_on", "opens_why", "revision", "months", "completion__course__ends_on", "organization__name"),
    *("person__last_name", "person__first_name", "person__patronymic"),
)


class PlanRefused(Exception):
    """Nothing can be moved this way; the text is for the user."""


@dataclass(frozen=True)
class Wish:
    """Whose openings: an organization's, a responsible person's, a municipality's. Either those of the week `since`
    go to the week `to`, or from `since` on no week holds more than `per_week`."""

    since: date
    to: date | None = None
    per_week: int | None = None
    organization: Organization | None = None
    responsible: User | None = None
    municipality_id: int | None = None


@dataclass(frozen=True)
class Shift:
    """One opening to be moved."""

    case: Case
    becomes: date
    why: str

    @property
    def was(self) -> date:
        return self.case.opens_on


def plan_shifts(cases: CaseQuerySet, wish: Wish) -> list[Shift]:
    """What the wish would change among `cases`; nothing is written. Raises PlanRefused."""
    cases = _chosen(cases, wish)
    if wish.to is not None:
        return _to_week(_read(cases.filter(opens_on__lt=wish.since + WEEK)), wish.to)
    return _thinned(cases, wish)


def _chosen(cases: CaseQuerySet, wish: Wish) -> CaseQuerySet:
    # What waits for another case of its person should have opened before this week: it belongs to this one.
    if wish.since > monday_of(today()):
        cases = cases.filter(opens_on__gte=wish.since)
    if wish.organization is not None:
        cases = cases.filter(organization=wish.organization)
    if wish.municipality_id is not None:
        cases = cases.filter(organization__municipality=wish.municipality_id)
    if wish.responsible is not None:
        cases = cases.filter(organization__in=_organizations_of(wish.responsible))
    return cases


def _organizations_of(person: User) -> set[int]:
    """Where cases would fall to the person: his organizations, and those of his municipality without a methodist."""
    roles = Membership.objects.active().filter(user=person)
    own = set(roles.filter(role=Role.METHODIST).values_list("organization", flat=True))
    methodist = Membership.objects.active().filter(
        role=Role.METHODIST, organization=OuterRef("pk"), user__is_active=True
    )
    places = roles.filter(role=Role.MUNICIPAL).values("municipality")
    bare = Organization.objects.filter(~Exists(methodist), municipality__in=places)
    return {pk for pk in own if pk} | set(bare.values_list("pk", flat=True))


def _read(cases: CaseQuerySet) -> list[Case]:
    """With what a plan says of a case and no more: there may be thousands."""
    related = cases.select_related("person", "organization", "completion__course").only(*READ)
    return list(related.order_by("opens_on", "pk")[: MOST + 1])


def _refuse_many(found: Sized) -> None:
    if len(found) > MOST:
        raise PlanRefused(f"Карт больше {MOST}: выберите муниципалитет, организацию или ответственного.")


def _to_week(cases: list[Case], monday: date) -> list[Shift]:
    """All on the first open day of the week, though none before its own срез is over."""
    _refuse_many(cases)
    shifts = []
    start = max(monday, today())
    due_on = cache(due_date)  # cases of one course share it
    for case in cases:
        due = due_on(case.completion.course.ends_on, case.months).on
        opens = after_quiet(max(start, due))
        if opens.on != case.opens_on:
            earliest = f"раньше {due:%d.%m.%Y} срез не закончен" if due > start else ""
            shifts.append(Shift(case, opens.on, because(earliest, opens.why, f"→ {opens.on:%d.%m.%Y}")))
    return shifts


def _thinned(cases: CaseQuerySet, wish: Wish) -> list[Shift]:
    """What does not fit into a week goes to the next ones, nothing comes earlier."""
    spread = Spread([], whose="у ответственного" if wish.responsible else "у организации")
    spread.room = wish.per_week or spread.room
    rows = list(cases.order_by("opens_on", "pk").values_list("pk", "organization", "opens_on")[: MOST + 1])
    _refuse_many(rows)
    moved: dict[int, Deadline] = {}
    now = today()
    for pk, organization, opens_on in rows:
        # A person answers for all his organizations together.
        placed = spread.place(0 if wish.responsible else organization, max(opens_on, now))
        if placed.why:
            moved[pk] = placed
    return [Shift(case, *moved[case.pk]) for case in _read(cases.filter(pk__in=moved))]


def misplaced(cases: CaseQuerySet) -> dict[date, int]:
    """Day → how many of the openings ahead stand on a day that is not worked or is quiet."""
    ahead = cases.filter(opens_on__gte=today()).order_by("opens_on").values_list("opens_on").annotate(Count("pk"))
    return {day: count for day, count in ahead if is_quiet(day) or not is_working_day(day)}


def plan_after_calendar(cases: CaseQuerySet) -> list[Shift]:
    """Openings on days that are no longer worked move to the next open ones, spread over weeks as at first."""
    wrong = misplaced(cases)
    moving = _read(cases.filter(opens_on__in=wrong))[:MOST]  # the page offers what is left again
    spread = Spread(case.organization_id for case in moving)
    for case in moving:  # they leave the weeks they stand in
        spread.free(case.organization_id, case.opens_on)
    shifts = []
    for case in moving:
        opens = after_quiet(case.opens_on)
        placed = spread.place(case.organization_id, opens.on)
        shifts.append(Shift(case, placed.on, because(opens.why, placed.why)))
    return shifts


def by_weeks(shifts: list[Shift]) -> list[tuple[date, int, int]]:
    """Monday → how many leave the week and how many come, for the table before the change."""
    leaving = Counter(monday_of(shift.was) for shift in shifts)
    coming = Counter(monday_of(shift.becomes) for shift in shifts)
    return [(week, leaving[week], coming[week]) for week in sorted(leaving.keys() | coming.keys())]


def fingerprint(shifts: list[Shift]) -> str:
    """What was shown, in a few letters: what is applied must be the same."""
    text = ",".join(f"{shift.case.pk}:{shift.becomes.toordinal()}" for shift in shifts)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def apply_shifts(shifts: list[Shift], *, actor: User, reason: str) -> int:
    """Move the openings; a case that was opened or changed meanwhile is left alone. Returns how many moved."""
    said = f"{actor.short_name}, {today():%d.%m.%Y}: {reason}"
    moved = 0
    with transaction.atomic():
        for shift in shifts:
            case = shift.case
            moved += Case.objects.filter(pk=case.pk, status=Status.SCHEDULED, revision=case.revision).update(
                opens_on=shift.becomes,
                opens_why=because(case.opens_why, f"перенесено ({said})", shift.why),
                revision=F("revision") + 1,
                touched_at=timezone.now(),
            )
        if moved:
            record(LogEntry.Action.CHANGED, actor=actor, note=f"Перенесено открытий карт: {moved}. {reason}")
    return moved
