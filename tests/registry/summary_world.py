"""Lines of the registry with whatever the summaries count, without playing each case through."""

from typing import Any

from cabinet.structure.models import Position, Subject
from motor.models import Status
from registry.models import Entry
from registry.services import sweep
from tests.factories import CaseFactory

STATUS = {"no_response": Status.NO_RESPONSE, "stopped": Status.STOPPED, "pending": Status.SCHOOL_REVIEW}


def lines(organization: Any, course: Any, count: int = 1, **values: Any) -> list[Entry]:
    """So many lines of one organization and course; `values` are columns of the registry, `result` among them."""
    # A subject of his own for everybody would make groups of one.
    subject, _ = Subject.objects.get_or_create(name="Физика")
    position, _ = Position.objects.get_or_create(name="учитель")
    values = {"subject": subject, "position": position, **values}
    told = {f"completion__{name}": values.pop(name) for name in ("position", "subject") if name in values}
    cases = [
        CaseFactory(
            bare=True,
            status=STATUS.get(values.get("result", ""), Status.CLOSED),
            completion__person__organization=organization,
            completion__course=course,
            responsible=None,
            **told,
        )
        for _ in range(count)
    ]
    sweep()
    made = Entry.objects.filter(pk__in=[case.pk for case in cases])
    made.update(**values)
    return list(made.order_by("pk"))


def group(organization: Any, course: Any, **results: int) -> None:
    """So many lines of one organization and course by result: v1=2, no_response=1."""
    for name, count in results.items():
        lines(organization, course, count, result=name.removeprefix("v"))
