"""One search for the whole cabinet: the page of results, and what is offered while one types."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cabinet.home.services.searching import OFFERED, Found, find
from cabinet.users.models import User


def _found(request: HttpRequest, **more: int) -> Found:
    if not isinstance(request.user, User):
        raise Http404
    return find(request.user, request.GET.get("q", ""), **more)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    found = _found(request)
    return render(request, "home/search/results.html", {"found": found, "search_text": found.typed})


@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    response = render(request, "home/search/offered.html", {"found": _found(request, first=OFFERED)})
    response["Cache-Control"] = "no-store"
    return response
