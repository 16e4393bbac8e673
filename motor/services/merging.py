"""What becomes of cases when two cards turn out to be one person: the same course, the same срез, on both."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from cabinet.courses.models import Completion
from cabinet.users.models import User
from motor.models import Case, Status, Transition
from motor.services.responsible import assign_responsible, with_people
from rma.models import Request

ENDED_FOR_GOOD = (Status.STOPPED, Status.CLOSED)
# A result counts for more than work under way, that for more than a stopped case or one that never began.
RANK = {Status.SCHEDULED: 0, Status.STOPPED: 1, Status.CLOSED: 3}
UNDER_WAY_RANK = 2
APART = 100  # added to a срез for the moment two cases change places: their completion and срез are unique


@dataclass
class Doubled:
    """One course completed on both cards: which cases stay at `kept`, and what happens to the others."""

    kept: Completion
    other: Completion
    moved: list[Case] = field(default_factory=list)  # the kept completion had none of this срез
    erased: list[Case] = field(default_factory=list)  # scheduled, nothing ever happened in them
    left: list[tuple[Case, Case]] = field(default_factory=list)  # (stays at `kept`, ended: stays at `other`)
    refused: list[tuple[Case, Case]] = field(default_factory=list)  # (further along, has to be stopped first)

    def place(self, own: Case | None, theirs: Case) -> None:
        best, rest = (own, theirs) if own is None or _rank(own) >= _rank(theirs) else (theirs, own)
        if best is None:
            self.moved.append(rest)
        elif rest.status == Status.SCHEDULED and not rest.has_history:  # type: ignore[attr-defined]
            self.erased.append(rest)
            if rest is own:
                self.moved.append(best)
        elif rest.status in ENDED_FOR_GOOD:
            self.left.append((best, rest))
        else:
            self.refused.append((best, rest))


def _rank(case: Case) -> int:
    return RANK.get(Status(case.status), UNDER_WAY_RANK)


def compare(pairs: Iterable[tuple[Completion, Completion]]) -> list[Doubled]:
    """For completions of one course: (of the card that stays, of the other one). One query for all of them."""
    doubled = [Doubled(kept, other) for kept, other in pairs]
    pks = [one.pk for two in doubled for one in (two.kept, two.other)]
    history = Exists(Transition.objects.filter(case=OuterRef("pk")))
    found = Case.objects.filter(completion__in=pks).annotate(has_history=history).order_by("pk")
    cases: dict[int, dict[int, Case]] = {}
    for case in found if pks else ():
        cases.setdefault(case.completion_id, {})[case.months] = case
    for two in doubled:
        own = cases.get(two.kept.pk, {})
        for months, theirs in cases.get(two.other.pk, {}).items():
            two.place(own.get(months), theirs)
    return doubled


def settle(two: Doubled) -> None:
    """Bring the cases of a doubled course to their places; the caller's transaction, and nothing refused."""
    Case.objects.filter(pk__in=[case.pk for case in two.erased]).delete()
    Case.objects.filter(pk__in=[case.pk for case in two.moved]).update(completion=two.kept, person=two.kept.person_id)
    for best, rest in two.left:
        if best.completion_id == two.other.pk:
            Case.objects.filter(pk=rest.pk).update(months=rest.months + APART)
            Case.objects.filter(pk=best.pk).update(completion=two.kept, person=two.kept.person_id)
            Case.objects.filter(pk=rest.pk).update(completion=two.other, months=rest.months)
        Case.objects.filter(pk=rest.pk).update(person=two.other.person_id)
    involved = (*two.moved, *(case for cases in two.left for case in cases))
    touch_all(Case.objects.filter(pk__in=[case.pk for case in involved]))


def touch_all(cases: QuerySet[Case]) -> int:
    """Raise the revision of all of them at once; the registry looks at it."""
    return cases.update(revision=F("revision") + 1, touched_at=timezone.now())


def asked_about_himself(first: User, second: User) -> list[Request]:
    """Open requests to РМА where one of the two is asked about the other."""
    asked = Q()
    for one, other in ((first, second), (second, first)):
        among = Request.people.through.objects.filter(user=one).values("request")
        asked |= Q(member__user=other) & (Q(person=one) | Q(pk__in=among))
    return list(Request.objects.filter(asked, status__in=Request.OPEN).select_related("source_type").order_by("pk"))


def hand_up(person: User) -> int:
    """Give the cases a person would assess himself to whoever is next; how many moved."""
    cases = Case.objects.filter(person=person, responsible=person, status__in=Case.UNDER_WAY)
    return sum(assign_responsible(case) for case in with_people(cases))
