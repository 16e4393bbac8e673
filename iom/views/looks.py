"""The log of looks at routes."""

from django.http import HttpRequest

from cabinet.users.models import LogEntry
from cabinet.users.services import record
from iom.models import Route


def note_look(request: HttpRequest, route: Route, note: str = "") -> None:
    """Who looked at another person's route is logged."""
    if route.person_id != request.user.pk:
        record(LogEntry.Action.VIEWED, person=route.person, about=route, note=note, request=request)
