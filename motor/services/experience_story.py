"""What a case's page tells of experience: the municipal records, and where it is and was presented."""

from typing import Any

from django.db.models import Exists, F, OuterRef

from cabinet.planner.models import Event
from cabinet.users.models import User
from motor.models import Case, MunicipalRecord, Presentation

OWN = ("id", "title", "status", "marked_at")
OF_EVENT = ("id", "kind", "title", "on", "starts_at", "ends_at", "place", "is_cancelled")


def records_of(case: Case, reader: User | None) -> tuple[dict[int, MunicipalRecord], list[Presentation]]:
    """Version → record, and the presentations, the latest first; `is_open` says that the reader may open the event.

    One query for both: the case's page has no room for another. Without a reader, the records alone.
    """
    records = case.records.select_related("specialist")
    if reader is None:
        return {one.version: one for one in records}, []
    columns = {f"row_{name}": F(f"case__presentations__{name}") for name in OWN}
    columns |= {f"event_{name}": F(f"case__presentations__event__{name}") for name in OF_EVENT}
    open_events = Event.objects.visible_to(reader).filter(pk=OuterRef("case__presentations__event"))
    found: dict[int, MunicipalRecord] = {}
    shown: dict[int, Presentation] = {}
    line: Any  # with a column for each of the names above
    for line in records.annotate(**columns, is_open=Exists(open_events)):
        found.setdefault(line.version, line)
        if line.row_id is not None and line.row_status != Presentation.Status.REMOVED:
            shown[line.row_id] = _presentation(case, line)
    return found, sorted(shown.values(), key=lambda row: (row.event.on, row.pk), reverse=True)


def _presentation(case: Case, line: Any) -> Presentation:
    event = Event(**{name: getattr(line, f"event_{name}") for name in OF_EVENT})
    row = Presentation(case=case, event=event, **{name: getattr(line, f"row_{name}") for name in OWN})
    row.is_open = line.is_open  # type: ignore[attr-defined]
    return row
