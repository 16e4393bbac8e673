"""What pages of events read out of a request."""

from collections.abc import Iterable

from django.http import Http404, HttpRequest

from cabinet.users.models import User


def user_of(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def number(text: str) -> int:
    """The number of a row; anything else is a row that does not exist."""
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Http404
    return int(text)


def numbers(texts: Iterable[str]) -> list[int]:
    return [number(text) for text in texts]
