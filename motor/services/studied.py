"""What an assessor has already studied of a teacher: one visit may be taken into account in several cases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.users.models import User
from motor.models import Case, Study, Visit

REMEMBERED = timedelta(days=366)
NOTE = 300  # characters of a study's note


@dataclass(frozen=True)
class Studied:
    """A visit made or a study of another checklist; `code` names it in the address and in the form."""

    code: str
    kind: str
    on: date | None
    note: str
    about: str = ""
    is_planned_here: bool = False

    @property
    def label(self) -> str:
        return str(Study.Kind(self.kind).label)


def studied_before(case: Case, assessor: User) -> list[Studied]:
    """Visits and studies of the last year by this assessor of this teacher, the latest first, each once."""
    found = {(one.kind, one.on): one for one in [*_former_studies(case, assessor), *_visits(case, assessor)]}
    return sorted(found.values(), key=lambda one: (one.on or date.min, one.code), reverse=True)


def _visits(case: Case, assessor: User) -> list[Studied]:
    served = Visit.cases.through.objects.filter(
        case__person=case.person_id,
        visit__visitor=assessor,
        visit__is_cancelled=False,
        visit__on__range=(today() - REMEMBERED, today()),
    ).select_related("visit", "case__completion__course__programme")
    found: dict[int, Studied] = {}
    # This very case last: a visit that serves it too is its own.
    for one in sorted(served, key=lambda one: one.case_id == case.pk):
        visit, is_here = one.visit, one.case_id == case.pk
        about = "" if is_here else one.case.completion.course.programme.title
        note = "; ".join(part for part in (visit.place, visit.note) if part)
        found[visit.pk] = Studied(f"v{visit.pk}", visit.kind, visit.on, note[:NOTE], about, is_here)
    return list(found.values())


def _former_studies(case: Case, assessor: User) -> list[Studied]:
    since = today() - REMEMBERED
    saved_since = timezone.now() - REMEMBERED
    studies = (
        Study.objects.filter(checklist__assessor=assessor, checklist__case__person=case.person_id)
        .exclude(checklist__case=case, checklist__version=case.version, checklist__superseded_at=None)
        .filter(Q(on__gte=since) | Q(on=None, checklist__saved_at__gte=saved_since))
        .select_related("checklist__case__completion__course__programme")
        .order_by("pk")
    )
    return [
        Studied(f"s{one.pk}", one.kind, one.on, one.note, one.checklist.case.completion.course.programme.title)
        for one in studies
    ]


def with_studied(values: dict[str, Any], chosen: Sequence[Studied]) -> dict[str, Any]:
    """Values of the checklist form with what was studied filled in: its kind ticked, its date and note.

    A kind has one row: the second visit of a kind is told of in the note of the first.
    """
    filled = dict(values)
    for one in chosen:
        name = f"study_{one.kind}"
        on = f"{one.on:%Y-%m-%d}" if one.on else ""
        if not filled.get(name):
            filled |= {name: "on", f"{name}_on": on, f"{name}_note": one.note}
        elif on and not filled.get(f"{name}_on"):
            filled[f"{name}_on"] = on
        elif on and str(filled[f"{name}_on"]) != on and f"{one.on:%d.%m.%Y}" not in str(filled.get(f"{name}_note")):
            also = f"также {one.on:%d.%m.%Y}" + (f" ({one.note})" if one.note else "")
            former = str(filled.get(f"{name}_note") or "")
            filled[f"{name}_note"] = "; ".join(part for part in (former, also) if part)[:NOTE]
    return filled
