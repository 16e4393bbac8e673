"""Checklists that wait for a person, programme by programme: the same content is recalled once for all of them."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import Count, F, Min, Prefetch, Window

from cabinet.users.models import User
from motor.models import Case, CaseQuerySet, Evidence


@dataclass(frozen=True)
class Group:
    """Cases of one programme on a page; `total` counts those of other pages too."""

    programme: Any
    total: int
    cases: list[Case]


def queue_of(user: User) -> CaseQuerySet:
    """School checklists and those of РМА, by programme with the nearest limit, inside it by limit."""
    cases = Case.objects.assessable_by(user)
    if "regional" in user.roles:
        # One subquery for both: «either of two» would make the database look at every case of the region.
        asked = Case.objects.rma_assessable_by(user).order_by().values("pk")
        cases = Case.objects.filter(pk__in=cases.order_by().values("pk").union(asked))
    programme = F("completion__course__programme")
    return cases.annotate(
        programme_due=Window(Min("due_on"), partition_by=programme),
        programme_total=Window(Count("pk"), partition_by=programme),
    ).order_by(F("programme_due").asc(nulls_last=True), programme, F("due_on").asc(nulls_last=True), "pk")


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


def next_of_programme(user: User, case: Case) -> Case | None:
    """The next checklist about the same programme, with `programme_total` left of it."""
    same = queue_of(user).filter(completion__course__programme=case.completion.course.programme_id)
    return same.exclude(pk=case.pk).select_related("person").first()
