"""How much each responsible person will have to do in the coming weeks, before a single letter has gone."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from cabinet.core.clock import today
from cabinet.structure.models import Municipality
from cabinet.users.models import Membership, Role, User
from cabinet.users.scope import scope_q
from motor.models import Case, CaseQuerySet, Status
from motor.services.opening import monday_of

WEEKS = 12
WEEK = timedelta(days=7)
NOBODY = None  # the key of what falls to nobody


@dataclass(slots=True)
class Load:
    """What awaits one person, week by week of the forecast. Without a person: what nobody is appointed for."""

    person_id: int | None
    openings: list[int] = field(default_factory=lambda: [0] * WEEKS)
    checklists: list[int] = field(default_factory=lambda: [0] * WEEKS)
    total: int = 0
    weeks_over: int = 0
    person: User | None = None
    place: str = ""

    def count_up(self, limit: int) -> None:
        self.total = sum(self.openings) + sum(self.checklists)
        busiest = map(max, self.openings, self.checklists)
        self.weeks_over = sum(number > limit for number in busiest)


def coming_weeks(start: date | None = None) -> list[date]:
    """Mondays of the forecast, this week's first."""
    monday = monday_of(start or today())
    return [monday + WEEK * number for number in range(WEEKS)]


def review_time() -> timedelta:
    """From a survey's limit to the checklist's: working days counted as whole weeks."""
    return timedelta(days=settings.MOTOR_REVIEW_WORKING_DAYS * 7 // 5)


def forecast_scope(user: User) -> CaseQuerySet:
    """Cases whose load the reader plans for: the region's, own municipality's, own organization's."""
    return Case.objects.visible_to(user).filter(scope_q(user, organization="organization"))


def forecast_loads(cases: CaseQuerySet) -> list[Load]:
    """The load of everybody among `cases`, those with too much first. Five queries, whatever the number of cases."""
    weeks = Weeks()
    loads: dict[int | None, Load] = {}
    _add_under_way(loads, cases, weeks)
    _add_scheduled(loads, cases, weeks)
    for load in loads.values():
        load.count_up(settings.MOTOR_CASES_PER_WEEK)
    busy = (load for load in loads.values() if load.total)
    return sorted(busy, key=lambda one: (-one.weeks_over, -one.total, one.person_id or 0))


class Weeks(dict[date, int]):
    """Day → number of its week; what should have happened before falls into this week, what is too far is -1."""

    def __init__(self) -> None:
        self.first = monday_of(today())
        self.end = self.first + WEEK * WEEKS

    def __missing__(self, day: date) -> int:
        self[day] = max(0, (day - self.first).days // 7) if day < self.end else -1
        return self[day]


def _add_under_way(loads: dict[int | None, Load], cases: CaseQuerySet, weeks: Weeks) -> None:
    """Checklists of cases that are open already: by their limits."""
    open_now = cases.filter(
        status__in=(Status.SURVEY_OPEN, Status.SCHOOL_REVIEW), paused_until=None, due_on__isnull=False
    )
    grouped = open_now.order_by().values_list("responsible", "status", "due_on").annotate(Count("pk"))
    review = {Status.SURVEY_OPEN: review_time(), Status.SCHOOL_REVIEW: timedelta()}
    for person, status, due_on, count in grouped:
        week = weeks[due_on + review[status]]
        if week >= 0:
            _load_of(loads, person).checklists[week] += count


def _add_scheduled(loads: dict[int | None, Load], cases: CaseQuerySet, weeks: Weeks) -> None:
    expected = cases.filter(
        status=Status.SCHEDULED, waits_for_word=False, paused_until=None, opens_on__lt=weeks.end
    ).order_by()
    groups = expected.values_list("organization", "organization__municipality", "opens_on").annotate(Count("pk"))
    counts = Counter({(organization, place, day): count for organization, place, day, count in groups})
    answering = Answering({place for _organization, place, _day in counts})
    now, until_checklist = today(), timedelta(days=settings.MOTOR_SURVEY_DAYS) + review_time()

    def add(
        organization: int, place: int, day: date, count: int, subject: int | None = None, own: bool = False
    ) -> None:
        opens, assessed = weeks[day], weeks[max(day, now) + until_checklist]
        for person, share in answering.share(organization, place, count, subject, own):
            load = _load_of(loads, person)
            load.openings[opens] += share
            if assessed >= 0:
                load.checklists[assessed] += share

    # Own cases and subjects matter to few: those are looked at one by one, the rest counted by organization.
    places = {organization: place for organization, place, _day in counts}
    for organization, day, person, subject in _special(expected, answering):
        place = places.get(organization)
        if place is not None:  # it may have come since they were counted
            counts[organization, place, day] -= 1
            add(organization, place, day, 1, subject, organization in answering.homes.get(person, ()))
    for (organization, place, day), count in counts.items():
        if count > 0:
            add(organization, place, day, count)


def _special(expected: CaseQuerySet, answering: "Answering") -> Iterator[tuple[int, date, int, int | None]]:
    """(organization, day, person, subject) of cases that may fall to somebody else than their neighbours."""
    rows = expected.values_list("organization", "opens_on", "person")
    for organization, day, person in rows.filter(person__in=answering.at_home.values("user")):
        if organization not in answering.with_subjects:
            yield organization, day, person, None
    if answering.with_subjects:
        named = expected.filter(organization__in=answering.with_subjects)
        yield from named.values_list("organization", "opens_on", "person", "completion__subject")


def _load_of(loads: dict[int | None, Load], person: int | None) -> Load:
    load = loads.get(person)
    if load is None:
        load = loads[person] = Load(person)
    return load


class Answering:
    """Who will answer for cases to come, as roles stand today: the rule of `find_responsible`, where of several
    equals each takes his turn instead of the least loaded."""

    def __init__(self, municipalities: set[int]) -> None:
        self.general: dict[int, list[int]] = defaultdict(list)
        self.named: dict[tuple[int, int], list[int]] = defaultdict(list)
        self.municipal: dict[int, list[int]] = defaultdict(list)
        self.homes: dict[int, set[int]] = defaultdict(set)  # person → where he may not assess himself
        self.turn: Counter[tuple[int, ...]] = Counter()
        active = Membership.objects.active().filter(user__is_active=True)
        self.at_home = active.filter(
            role__in=(Role.HEAD, Role.METHODIST), organization__municipality__in=municipalities
        ).order_by()
        rows = self.at_home.values_list("role", "organization", "user", "subjects").order_by("user", "pk")
        for role, organization, user, subject in rows:
            self.homes[user].add(organization)
            if role == Role.METHODIST:
                (self.named[organization, subject] if subject else self.general[organization]).append(user)
        self.with_subjects = {organization for organization, _subject in self.named}
        specialists = active.filter(role=Role.MUNICIPAL, municipality__in=municipalities).order_by("user", "pk")
        for municipality, user in specialists.values_list("municipality", "user"):
            self.municipal[municipality].append(user)

    def share(
        self, organization: int, municipality: int, count: int, subject: int | None, is_own: bool
    ) -> list[tuple[int | None, int]]:
        """Person → how many of `count` cases; nobody assesses himself, so a methodist's own case goes a level up."""
        people: list[int] | None = None
        if not is_own:
            people = (self.named.get((organization, subject)) if subject else None) or self.general.get(organization)
        people = people or self.municipal.get(municipality)
        if not people:
            return [(NOBODY, count)]
        if len(people) == 1:
            return [(people[0], count)]
        key = tuple(people)
        first, self.turn[key] = self.turn[key], (self.turn[key] + count) % len(people)
        return list(Counter(people[(first + number) % len(people)] for number in range(count)).items())


def answering_in(places: "QuerySet[Municipality]") -> "QuerySet[Membership, int]":
    """Ids of people who answer for cases of these municipalities, as roles stand today."""
    active = Membership.objects.active().filter(user__is_active=True)
    return active.filter(
        Q(role=Role.METHODIST, organization__municipality__in=places) | Q(role=Role.MUNICIPAL, municipality__in=places)
    ).values_list("user", flat=True)


def name_loads(loads: list[Load]) -> None:
    """Give the loads of one page their people and places: two queries."""
    pks = [load.person_id for load in loads if load.person_id]
    people = User.objects.in_bulk(pks)
    roles = (
        Membership.objects.active()
        .filter(user__in=pks, role__in=(Role.METHODIST, Role.MUNICIPAL, Role.ADMIN))
        .select_related("organization__municipality", "municipality")
        .order_by("pk")
    )
    places: dict[int, str] = {}
    for role in roles:
        places.setdefault(role.user_id, str(role.organization or role.municipality or "администратор"))
    for load in loads:
        load.person = people.get(load.person_id) if load.person_id else None
        load.place = places.get(load.person_id or 0, "")
