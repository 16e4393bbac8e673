"""What the views of ИОМ ask of a request: who reads, which number was meant; and the log of looks."""

from django.http import Http404, HttpRequest

from cabinet.users.models import LogEntry, User
from cabinet.users.services import record
from iom.models import Route


def reader(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def number(text: str | None) -> int:
    """Out of an address or a hidden field; anything else is nothing."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


def note_look(request: HttpRequest, route: Route, note: str = "") -> None:
    """Who looked at another person's route is logged."""
    if route.person_id != request.user.pk:
        record(LogEntry.Action.VIEWED, person=route.person, about=route, note=note, request=request)
