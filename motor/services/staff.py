"""Who may answer for which cases: roles in force, loads and substitutions, read once for any number of cases."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, Q

from cabinet.core.clock import today
from cabinet.users.models import Membership, Role, Substitution, User
from motor.models import Case, Checklist
from rma.models import Request

SECOND_OPINION = (*Request.OPEN, Request.Status.DONE)


class Answer(NamedTuple):
    """Who works on a case, and for whom when he only deputizes."""

    user: User | None
    on_behalf_of: User | None = None


class Staff:
    """Six queries, whatever the number of cases; `load` grows as cases are given out."""

    def __init__(self, cases: Iterable[Case], day: date | None = None) -> None:
        cases = list(cases)
        self.day = day or today()
        self.subjects: dict[int, set[int]] = {}
        self.methodists: dict[int, list[Membership]] = defaultdict(list)
        self.chiefs: dict[int, set[int]] = defaultdict(set)  # heads and methodists of an organization
        self.serving: dict[int, set[int]] = defaultdict(set)  # specialists of a municipality
        self.specialists: dict[int, list[Membership]] = defaultdict(list)
        self.admins: list[Membership] = []
        self._read_roles(cases)
        people = {one.user_id for one in self._everybody()}
        self.load = _loads(people)
        self.deputies = _deputies(people, self.day)
        self.second_opinions = second_opinions(cases)

    def _read_roles(self, cases: list[Case]) -> None:
        organizations = {case.organization_id for case in cases}
        municipalities = {case.organization.municipality_id for case in cases}
        roles = Membership.objects.active(self.day).filter(
            Q(role__in=(Role.METHODIST, Role.HEAD), organization__in=organizations)
            | Q(role=Role.MUNICIPAL, municipality__in=municipalities)
            | Q(role=Role.ADMIN)
        )
        for one in roles.select_related("user").prefetch_related("subjects").order_by("pk"):
            self.subjects[one.pk] = {subject.pk for subject in one.subjects.all()}
            self._place(one)

    def _place(self, one: Membership) -> None:
        if one.organization_id:
            self.chiefs[one.organization_id].add(one.user_id)
        elif one.municipality_id:
            self.serving[one.municipality_id].add(one.user_id)
        if not one.user.is_active:
            return  # still no subordinate to anybody here, but no more an assessor
        if one.role == Role.METHODIST and one.organization_id:
            self.methodists[one.organization_id].append(one)
        elif one.role == Role.MUNICIPAL and one.municipality_id:
            self.specialists[one.municipality_id].append(one)
        elif one.role == Role.ADMIN:
            self.admins.append(one)

    def _everybody(self) -> Iterable[Membership]:
        for group in (*self.methodists.values(), *self.specialists.values(), self.admins):
            yield from group

    def levels(self, case: Case) -> list[list[Membership]]:
        """Who may answer, the nearest level first: the school, the municipality, the region.

        Nobody assesses himself, nor is he assessed by those beside him: a case of the methodist or the head goes
        to the municipal specialist, of the specialist to the admin. Whoever gives the second opinion is left out.
        """
        organization, municipality = case.organization_id, case.organization.municipality_id
        at_home, beside = self.methodists[organization], self.specialists[municipality]
        barred = {case.person_id, *self.second_opinions.get(case.pk or 0, ())}
        is_specialist = case.person_id in self.serving[municipality]
        is_chief = case.person_id in self.chiefs[organization]
        groups = [
            [] if is_chief or is_specialist else at_home,
            [] if is_specialist else beside,
            self.admins,
        ]
        return [[one for one in group if one.user_id not in barred] for group in groups]

    def may_answer(self, user: User, case: Case) -> bool:
        return any(one.user_id == user.pk for level in self.levels(case) for one in level)

    def is_away(self, user: User) -> bool:
        return user.pk in self.deputies

    def choose(self, case: Case, *, present: bool = False) -> User | None:
        """The nearest level's least loaded; at school those named for the subject come first.

        `present` passes over people who are away; otherwise their deputies are meant to step in.
        """
        for number, level in enumerate(self.levels(case)):
            able = [one for one in level if not (present and self.is_away(one.user))]
            if number == 0:
                subject = case.completion.subject_id
                named = [one for one in able if subject is not None and subject in self.subjects.get(one.pk, ())]
                able = named or [one for one in able if not self.subjects.get(one.pk)]
            if able:
                return min((one.user for one in able), key=lambda user: (self.load[user.pk], user.pk))
        return None

    def answer(self, case: Case, owner: User | None) -> Answer:
        """The owner himself, or his deputy while he is away.

        Where the deputy may not answer (his own case, his second opinion), somebody else present does.
        """
        if owner is None or not self.is_away(owner):
            return Answer(owner)
        deputy: User | None = self.deputies[owner.pk]
        if deputy is not None and self.is_away(deputy):
            deputy = self.deputies[deputy.pk]  # one step further, never in a circle
        if deputy is not None and not self.is_away(deputy) and self.may_answer(deputy, case):
            return Answer(deputy, owner)
        holder = case.responsible
        if holder is not None and holder.pk != owner.pk and not self.is_away(holder) and self.may_answer(holder, case):
            return Answer(holder, owner)  # found for this case before: it does not wander about
        other = self.choose(case, present=True)
        return Answer(other, owner) if other is not None else Answer(owner)

    def answer_now(self, case: Case) -> Answer:
        """The one who answers already, as long as he may, else whoever should."""
        owner = case.on_behalf_of or case.responsible
        if owner is None or not self.may_answer(owner, case):
            owner = self.choose(case)
        return self.answer(case, owner)

    def give(self, answer: Answer) -> None:
        """Count the case to whoever got it, so that the next one goes to somebody less loaded."""
        if answer.user is not None:
            self.load[answer.user.pk] += 1


def _loads(people: set[int]) -> Counter[int]:
    """Cases under way by person."""
    counted = Case.objects.filter(responsible__in=people, status__in=Case.UNDER_WAY).order_by()
    return Counter(dict(counted.values_list("responsible").annotate(Count("pk"))))


def _deputies(people: set[int], day: date) -> dict[int, User]:
    """Person away → deputy; a deputy's own substitution is there too."""
    active = Substitution.objects.active(day).select_related("deputy").order_by("pk")
    # All that are in force today, not only of these people: there are few, and deputies of deputies are among them.
    return {one.person_id: one.deputy for one in active} if people else {}


def second_opinions(cases: list[Case]) -> dict[int, set[int]]:
    """Case → people who give or gave the regional methodist's opinion on it."""
    found: dict[int, set[int]] = defaultdict(set)
    pks = [case.pk for case in cases if case.pk and case.opened_at is not None]
    if not pks:
        return found
    asked = Request.objects.filter(
        source_type=ContentType.objects.get_for_model(Case),
        source_id__in=pks,
        kind=Request.Kind.ASSESSMENT,
        status__in=SECOND_OPINION,
    )
    given = Checklist.objects.filter(case__in=pks, assessor_kind=Checklist.AssessorKind.RMA)
    for case, user in asked.values_list("source_id", "member__user"):
        found[case or 0].add(user)
    for case, user in given.values_list("case", "assessor"):
        found[case].add(user)
    return found
