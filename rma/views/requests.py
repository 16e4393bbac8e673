"""Requests to regional methodists: what a member is asked, what others asked for."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from rma.models import Request

PAGE_SIZE = 25
VIEWS = {"open": "Открытые", "all": "Все"}


@require_safe
def request_list(request: HttpRequest) -> HttpResponse:
    """A request is answered on the page of what it was born of; the list leads there."""
    view = request.GET.get("view", "open")
    view = view if view in VIEWS else "open"
    requests = Request.objects.visible_to(request.user).select_related(
        "member__user", "author", "person", "organization"
    )
    if view == "open":
        requests = requests.filter(status__in=Request.OPEN)
    page = Paginator(requests.prefetch_related("source"), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "view": view, "views": VIEWS}
    return render(request, "rma/request_list.html", context)
