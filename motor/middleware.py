"""An ended personal link, wherever it is used: one page instead of the answer that nothing is found."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from motor.views.asks import ended_page
from motor.views.by_link import LinkEnded


class EndedLinkMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return ended_page(request, exception) if isinstance(exception, LinkEnded) else None
