"""What pages of events read out of a request."""

from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

FRESH = 600  # seconds in which «Вернуть» is offered


def own_page(request: HttpRequest, name: str) -> str:
    """The page of ours the address names to go back to, or nothing."""
    page = request.GET.get(name, "")
    return page if page.startswith("/") and url_has_allowed_host_and_scheme(page, allowed_hosts=None) else ""


def keep(request: HttpRequest, key: str, values: dict[str, Any]) -> None:
    """In the session: what was taken away last and may be put back."""
    request.session[key] = values | {"at": timezone.now().timestamp()}


def kept(request: HttpRequest, key: str) -> dict[str, Any]:
    found: dict[str, Any] = request.session.get(key, {})
    return found if timezone.now().timestamp() - found.get("at", 0) < FRESH else {}


def number(text: str) -> int:
    """The number of a row; anything else is a row that does not exist."""
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Http404
    return int(text)


def numbers(texts: Iterable[str]) -> list[int]:
    return [number(text) for text in texts]
