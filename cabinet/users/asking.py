"""What views ask of a request: who reads, which row was meant."""

from django.http import Http404, HttpRequest

from cabinet.users.models import User


def reader(request: HttpRequest) -> User:
    """The person who is logged in; LoginRequiredMiddleware lets nobody else through."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def number(text: str | None) -> int:
    """The number of a row out of an address or a hidden field; 0, which no row has, for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0
