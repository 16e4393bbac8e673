"""The methodist's plan of visits: what he put in himself, and the days teachers invite to."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Prefetch

from cabinet.core.clock import is_working_day, today
from cabinet.core.words import counted
from cabinet.users.models import User
from motor.models import Case, CaseQuerySet, Evidence, Status, Study, Visit

PLANNED = (Status.SURVEY_OPEN, Status.NO_RESPONSE, Status.SCHOOL_REVIEW)
ASSESSED_NOW = (Status.SCHOOL_REVIEW, Status.RMA_REVIEW)  # whose limit a visit has to meet
LESSON = timedelta(minutes=45)  # visits that begin closer to each other overlap
# What a teacher shows → what the methodist goes to.
KINDS = {
    Evidence.Kind.OPEN_LESSON: Study.Kind.LESSON,
    Evidence.Kind.WORKSHOP: Study.Kind.WORKSHOP,
    Evidence.Kind.DOCUMENT: Study.Kind.DOCUMENT,
    Evidence.Kind.PLAN: Study.Kind.LESSON,
    Evidence.Kind.OTHER: Study.Kind.OTHER,
}


@dataclass
class Item:
    """One line of a day: a visit, or an invitation nobody has put into the plan yet."""

    on: date
    starts_at: time | None
    kind: str
    cases: list[Case]
    visit: Visit | None = None
    text: str = ""
    is_invited: bool = False
    warnings: list[str] = field(default_factory=list)
    late: list[Case] = field(default_factory=list)  # cases whose limit comes before this day

    @property
    def label(self) -> str:
        return str(Study.Kind(self.kind).label).capitalize()

    @property
    def names(self) -> str:
        return ", ".join(dict.fromkeys(case.person.short_name for case in self.cases))

    @property
    def is_past(self) -> bool:
        return self.on < today()


@dataclass
class Day:
    on: date
    items: list[Item]

    @property
    def is_worked(self) -> bool:
        return is_working_day(self.on)


@dataclass
class Week:
    starts_on: date
    days: list[Day] = field(default_factory=list)

    @property
    def ends_on(self) -> date:
        return self.starts_on + timedelta(days=6)


# --- What is planned -----------------------------------------------------------------------------------------


def visitable_by(user: User) -> CaseQuerySet:
    """Cases this person may go to see something for: those he leads, and those he assesses for РМА."""
    led = Case.objects.led_by(user).filter(status__in=PLANNED)
    if "regional" not in user.roles:
        return led
    # One subquery for both: «either of two» would make the database look at every case of the region.
    asked = Case.objects.rma_assessable_by(user)
    return Case.objects.filter(pk__in=led.order_by().values("pk").union(asked.order_by().values("pk")))


def without_date(user: User) -> CaseQuerySet:
    """Assessed now, and neither a visit nor an invitation says when; the nearest limit first."""
    visits = Visit.cases.through.objects.filter(case=OuterRef("pk"), visit__is_cancelled=False, visit__visitor=user)
    invited = Evidence.objects.in_force().filter(case=OuterRef("pk"), event_on__gte=today())
    return (
        visitable_by(user)
        .filter(~Exists(visits), ~Exists(invited), status__in=ASSESSED_NOW)
        .select_related("person", "completion__course__programme")
        .order_by(F("due_on").asc(nulls_last=True), "pk")
    )


def plan_of(user: User, since: date, until: date, *, everybody: bool = False) -> list[Item]:
    """Visits and invitations of the days from `since` to `until`, both included, in their order.

    With `everybody`, the visits of colleagues the reader may see; invitations are shown to whom they are for.
    """
    visits = Visit.objects.visible_to(user) if everybody else Visit.objects.filter(visitor=user)
    # A visit may serve cases of several teachers: each reader sees those he may read.
    cases = Case.objects.visible_to(user).select_related("person", "completion__course__programme")
    items = [
        Item(one.on, one.starts_at, one.kind, list(one.cases.all()), one)
        for one in visits.filter(on__range=(since, until))
        .select_related("visitor")
        .prefetch_related(Prefetch("cases", cases.order_by("person__last_name", "pk")))
    ]
    _warn(items)
    if not everybody:
        items += _invitations(user, since, until, items)
    return sorted(items, key=lambda item: (item.on, item.starts_at or time.max, item.names))


def _invitations(user: User, since: date, until: date, visits: list[Item]) -> list[Item]:
    """Days named in the survey. What is in the plan already only marks the visit as one invited to."""
    # The numbers first: joined in one go, the evidence of the whole region would be read.
    cases = list(visitable_by(user).order_by().values_list("pk", flat=True))
    events = (
        Evidence.objects.in_force()
        .filter(case__in=cases, event_on__range=(since, until))
        .select_related("case__person", "case__completion__course__programme")
    )
    planned = {(item.on, case.pk): item for item in visits if not _is_cancelled(item) for case in item.cases}
    found: dict[tuple[date, int, str], Item] = {}
    for event in events:
        if event.event_on is None:
            continue
        if known := planned.get((event.event_on, event.case_id)):
            known.is_invited = True
            continue
        # One lesson may be named in several cases of the same teacher.
        key = (event.event_on, event.case.person_id, event.kind)
        item = found.setdefault(
            key, Item(event.event_on, None, KINDS[Evidence.Kind(event.kind)], [], text=event.text, is_invited=True)
        )
        item.cases.append(event.case)
        item.late = late_for(item.on, item.cases)
    return list(found.values())


def _is_cancelled(item: Item) -> bool:
    return item.visit is not None and item.visit.is_cancelled


def _warn(items: list[Item]) -> None:
    """Say at each visit what stands in its way: another one at the same hour, a limit before that day."""
    same_day: dict[tuple[int, date], list[Item]] = defaultdict(list)
    for item in items:
        if item.visit is not None and not item.visit.is_cancelled:
            same_day[item.visit.visitor_id, item.on].append(item)
            item.late = late_for(item.on, item.cases)
    for together in same_day.values():
        for item in together:
            others = [one for one in together if one is not item and _overlap(one.starts_at, item.starts_at)]
            item.warnings += [f"В это же время: {one.names or one.label}" for one in others]


def _overlap(one: time | None, other: time | None) -> bool:
    if one is None or other is None:
        return False
    day = date.min
    return abs(datetime.combine(day, one) - datetime.combine(day, other)) < LESSON


def late_for(on: date, cases: Iterable[Case]) -> list[Case]:
    """Cases whose checklist is due before the day they are to be visited."""
    if on < today():
        return []  # made already: nothing to postpone
    return [case for case in cases if case.status in ASSESSED_NOW and case.due_on is not None and case.due_on < on]


def by_weeks(items: Sequence[Item], since: date, weeks: int) -> list[Week]:
    """The agenda: every week, in it the days something happens on."""
    result = [Week(since + timedelta(weeks=number)) for number in range(weeks)]
    for item in items:
        week = result[(item.on - since).days // 7]
        if not week.days or week.days[-1].on != item.on:
            week.days.append(Day(item.on, []))
        week.days[-1].items.append(item)
    return result


def remarks(visit: Visit) -> list[str]:
    """What to know about a visit just put into the plan; nothing here forbids it."""
    said = []
    if not is_working_day(visit.on):
        said.append(f"{visit.on:%d.%m.%Y} — нерабочий день.")
    others = Visit.objects.ahead().filter(visitor=visit.visitor_id, on=visit.on).exclude(pk=visit.pk)
    same_day = list(others.prefetch_related("cases__person"))
    clashing = [one for one in same_day if _overlap(one.starts_at, visit.starts_at)]
    for one in clashing:
        names = ", ".join(dict.fromkeys(case.person.short_name for case in one.cases.all()))
        said.append(f"В это же время в плане уже есть другое посещение: {names}.")
    if same_day and not clashing:
        count = counted(len(same_day), "посещение", "посещения", "посещений")
        said.append(f"В этот день в плане ещё {count}.")
    for case in late_for(visit.on, visit.cases.select_related("person")):
        said.append(
            f"Срок чек-листа ({case.person.short_name}) — {case.due_on:%d.%m.%Y}, раньше посещения: "
            "перенесите оценку, кнопка стоит у посещения."
        )
    return said


# --- What happens to it --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class VisitPlan:
    """When, where and to what; already checked by the form."""

    kind: str
    on: date
    starts_at: time | None = None
    place: str = ""
    note: str = ""
    cases: tuple[Case, ...] = ()


def plan_visit(visitor: User, plan: VisitPlan) -> Visit:
    """Put a visit into one's plan; the same one sent twice is there once."""
    wanted = {case.pk for case in plan.cases}
    with transaction.atomic():
        User.objects.select_for_update().get(pk=visitor.pk)  # two clicks at once wait for each other
        known = Visit.objects.ahead().filter(visitor=visitor, on=plan.on, starts_at=plan.starts_at, kind=plan.kind)
        for one in known.prefetch_related("cases"):
            if {case.pk for case in one.cases.all()} == wanted:
                return one
        visit = Visit.objects.create(
            visitor=visitor,
            kind=plan.kind,
            on=plan.on,
            starts_at=plan.starts_at,
            place=plan.place,
            note=plan.note,
        )
        visit.cases.set(wanted)
    return visit


def change_visit(visit: Visit, plan: VisitPlan) -> None:
    """Another day, hour, place or other cases; a cancelled visit that is given a day is planned again."""
    with transaction.atomic():
        visit.kind, visit.on, visit.starts_at = plan.kind, plan.on, plan.starts_at
        visit.place, visit.note, visit.is_cancelled = plan.place, plan.note, False
        visit.save()
        visit.cases.set(plan.cases)


def cancel_visit(visit: Visit) -> bool:
    """Says whether it was still planned; it stays in the plan, crossed out, and can be taken back."""
    return bool(Visit.objects.filter(pk=visit.pk, is_cancelled=False).update(is_cancelled=True))


def restore_visit(visit: Visit) -> bool:
    return bool(Visit.objects.filter(pk=visit.pk, is_cancelled=True).update(is_cancelled=False))
