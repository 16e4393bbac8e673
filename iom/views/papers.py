"""Printed forms of a route: a page to print and the same as a Word file."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from cabinet.files.services import hand_out
from cabinet.users.models import LogEntry, User
from cabinet.users.services import record
from iom.docx import DOCX, paper_document
from iom.forms.papers import OrderForm
from iom.models import Route, RouteRevision
from iom.services import papers
from iom.views.looks import note_look


def _route(request: HttpRequest, pk: int) -> Route:
    return get_object_or_404(Route.objects.visible_to(request.user).filter(is_outside=False).with_names(), pk=pk)


def _revision(request: HttpRequest, route: Route) -> RouteRevision | None:
    """`?version=` names a former version; without it, the route as it stands."""
    typed = request.GET.get("version", "")
    if not typed:
        return None
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 5 else None
    return get_object_or_404(RouteRevision, route=route, version=number)


def _word(request: HttpRequest, route: Route, paper: papers.Paper) -> HttpResponse:
    record(LogEntry.Action.EXPORTED, person=route.person, about=route, note=f"{paper.name}.docx", request=request)
    return hand_out(paper_document(paper), f"{paper.name}.docx", DOCX)


def _page(
    request: HttpRequest, route: Route, paper: papers.Paper, kind: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    note_look(request, route, paper.title)
    context = {"route": route, "paper": paper, "kind": kind, "form": None, "version": None, "versions": []} | context
    return render(request, "iom/print.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def route_print(request: HttpRequest, pk: int) -> HttpResponse:
    """The sheet; a POST by those who build the route writes the order's number and date."""
    route = _route(request, pk)
    may_order = Route.objects.helpable_by(request.user).filter(pk=pk).exists()
    if request.method == "POST" and not may_order:
        raise Http404
    known = {"order_number": route.order_number, "order_on": route.order_on}
    form = OrderForm(request.POST if request.method == "POST" else None, initial=known)
    if form.is_valid() and isinstance(request.user, User):
        data = form.cleaned_data
        papers.set_order(route, data["order_number"], data["order_on"], actor=request.user)
        messages.success(request, "Реквизиты приказа сохранены.")
        return redirect(request.get_full_path())
    revision = _revision(request, route)
    context = {
        "form": form if may_order else None,
        "version": revision.version if revision else None,
        "versions": list(route.revisions.all()),
    }
    return _page(request, route, papers.route_paper(route, revision), "print", context, 422 if form.errors else 200)


@require_safe
def route_docx(request: HttpRequest, pk: int) -> HttpResponse:
    route = _route(request, pk)
    return _word(request, route, papers.route_paper(route, _revision(request, route)))


@require_safe
def route_paper(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """The final report or the confirmation sheet; `?format=docx` is the same as a Word file."""
    make: Callable[[Route], papers.Paper] = {"report": papers.report_paper, "sheet": papers.sheet_paper}[kind]
    route = _route(request, pk)
    paper = make(route)
    if request.GET.get("format") == "docx":
        return _word(request, route, paper)
    return _page(request, route, paper, kind, {})
