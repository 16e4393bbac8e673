"""Checklists that wait for a person, programme by programme: the same content is recalled once for all of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import Count, F, Min, Prefetch, Window
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.courses.models import Programme
from cabinet.users.models import User
from motor.models import Case, CaseQuerySet, Checklist, Evidence

SKIPPED_KEPT = 200  # numbers in the address


@dataclass(frozen=True)
class Choice:
    """What of the queue is wanted; `by_due` puts the late ones first, whatever their programmes."""

    words: str = ""
    programme: int | None = None
    late: bool = False
    by_due: bool = False


@dataclass(frozen=True)
class Group:
    """Cases of one programme on a page; `total` counts those of other pages too."""

    programme: Any
    total: int
    cases: list[Case]


class Line(NamedTuple):
    """As much of a case as the order of the queue needs."""

    pk: int
    programme: int


@dataclass(frozen=True)
class Place:
    """Where a person is in his queue: «12 из 30», what comes next, what was put off."""

    number: int
    total: int
    next_pk: int | None
    skipped: tuple[int, ...] = ()
    is_next_skipped: bool = False  # the next one was put off before: everything else is done


def queue_of(user: User, choice: Choice | None = None) -> CaseQuerySet:
    """School checklists and those of РМА, by programme with the nearest limit, inside it by limit."""
    cases = Case.objects.assessable_by(user)
    if "regional" in user.roles:
        # One subquery for both: «either of two» would make the database look at every case of the region.
        asked = Case.objects.rma_assessable_by(user).order_by().values("pk")
        cases = Case.objects.filter(pk__in=cases.order_by().values("pk").union(asked))
    choice = choice or Choice()
    programme = F("completion__course__programme")
    cases = _narrowed(cases, choice).annotate(
        programme_due=Window(Min("due_on"), partition_by=programme),
        programme_total=Window(Count("pk"), partition_by=programme),
    )
    by_due = F("due_on").asc(nulls_last=True)
    if choice.by_due:
        return cases.order_by(by_due, "pk")
    return cases.order_by(F("programme_due").asc(nulls_last=True), programme, by_due, "pk")


def _narrowed(cases: CaseQuerySet, choice: Choice) -> CaseQuerySet:
    if choice.words:
        cases = cases.filter(person__in=User.objects.search(choice.words).values("pk"))
    if choice.programme is not None:
        cases = cases.filter(completion__course__programme=choice.programme)
    return cases.filter(due_on__lt=today()) if choice.late else cases


def programmes_of(user: User) -> list[tuple[int, str]]:
    """Programmes there is something to assess of, for the choice above the queue."""
    wanted = queue_of(user).order_by().values("completion__course__programme")
    return list(Programme.objects.filter(pk__in=wanted).order_by("title").values_list("pk", "title"))


def with_evidence(cases: CaseQuerySet) -> CaseQuerySet:
    """What a line of the queue shows."""
    pieces = Evidence.objects.in_force().order_by("event_on", "pk")
    return cases.select_related("person", "organization", "completion__course__programme__topic").prefetch_related(
        Prefetch("evidence", pieces)
    )


def grouped(cases: list[Case]) -> list[Group]:
    """Neighbours of one programme together; the page is in the queue's order."""
    return [
        Group(lines[0].completion.course.programme, lines[0].programme_total, lines)  # type: ignore[attr-defined]
        for _, found in groupby(cases, key=lambda case: case.completion.course.programme_id)
        if (lines := list(found))
    ]


def lines_of(user: User, choice: Choice) -> list[Line]:
    """The whole queue in its order, by number only: one query."""
    return [Line(*one) for one in queue_of(user, choice).values_list("pk", "completion__course__programme")]


def place_of(
    case: Line, lines: Sequence[Line], *, skipped: Iterable[int] = (), total: int = 0, by_due: bool = False
) -> Place:
    """The case's place and what follows it: the same programme first, then the nearest limit.

    `total` is how many there were at the beginning of this run. Those put off come again when nothing else is left.
    """
    rest = [one for one in lines if one.pk != case.pk]
    waiting = {one.pk for one in rest}
    put_off = tuple(pk for pk in dict.fromkeys(skipped) if pk in waiting)[-SKIPPED_KEPT:]
    left = len(rest) + 1
    total = max(total, left)
    ahead = [one for one in rest if one.pk not in put_off]
    candidates = ahead or rest
    same = [] if by_due else [one for one in candidates if one.programme == case.programme]
    following = next(iter(same or candidates), None)
    return Place(
        number=total - left + 1 + len(put_off),
        total=total,
        next_pk=following.pk if following else None,
        skipped=put_off if ahead else (),
        is_next_skipped=bool(rest) and not ahead,
    )


def done_today(user: User) -> int:
    """Checklists this person has saved since midnight."""
    return Checklist.objects.filter(assessor=user, saved_at__date=timezone.localdate()).count()


def was_with(case: Case, user: User) -> bool:
    """Did this case wait for the person's checklist before, or does it still stand with him otherwise?"""
    is_his = user.pk == case.responsible_id or (case.rma_member is not None and case.rma_member.user_id == user.pk)
    return is_his or has_saved(case, user)


def has_saved(case: Case, user: User) -> bool:
    return case.checklists.in_force().filter(version=case.version, assessor=user).exists()
