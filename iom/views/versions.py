"""Agreed versions of a route: the list, one of them, two side by side; remarks pinned to lines."""

from urllib.parse import quote

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from cabinet.users.models import User
from iom.forms.agreement import CommentForm
from iom.models import LineComment, Route
from iom.moves import Refused
from iom.services.commenting import comment_on, settle
from iom.services.snapshot import compare, snapshot
from iom.views.looks import note_look


@require_safe
def version_list(request: HttpRequest, pk: int) -> HttpResponse:
    route = get_object_or_404(Route.objects.visible_to(request.user).with_names(), pk=pk, is_outside=False)
    note_look(request, route)
    versions = list(route.revisions.select_related("agreed_by").defer("content"))
    return render(request, "iom/versions.html", {"route": route, "versions": versions})


@require_safe
def version_detail(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    route = get_object_or_404(Route.objects.visible_to(request.user).with_names(), pk=pk)
    note_look(request, route)
    version = get_object_or_404(route.revisions.select_related("agreed_by"), version=number)
    return render(request, "iom/version.html", {"route": route, "version": version})


@require_safe
def version_compare(request: HttpRequest, pk: int) -> HttpResponse:
    """`?a=1&b=2`; without «b», with the route as it stands."""
    route = get_object_or_404(Route.objects.visible_to(request.user).with_names(), pk=pk, is_outside=False)
    note_look(request, route)
    versions = {one.version: one for one in route.revisions.order_by("version")}
    a, b = _number(request, "a"), _number(request, "b")
    former = versions.get(a or 0) or next(iter(reversed(versions.values())), None)
    if former is None:
        messages.info(request, "Сравнивать пока не с чем: маршрут ещё не согласован.")
        return redirect(route)
    later = versions.get(b or 0)
    if later and later.version < former.version:
        former, later = later, former  # «было» is the older one, however they were chosen
    changes = compare(former.content, later.content if later else snapshot(route))
    context = {
        "route": route,
        "versions": list(versions.values()),
        "former": former,
        "later": later,
        "changes": [one for one in changes if one.what != "same"],
        "same": sum(one.what == "same" for one in changes),
    }
    return render(request, "iom/compare.html", context)


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 5 else None


@require_POST
def comment_add(request: HttpRequest, pk: int) -> HttpResponse:
    if not isinstance(request.user, User):
        raise Http404
    route = get_object_or_404(Route.objects.visible_to(request.user), pk=pk, is_outside=False)
    form = CommentForm(request.POST)
    line = form.data.get("line", "")[:40]
    if form.is_valid():
        try:
            comment_on(route, line, form.cleaned_data["text"], actor=request.user)
            messages.success(request, "Замечание добавлено, его увидят у строки.")
        except Refused as refusal:
            messages.error(request, f"{refusal} Вы писали: «{form.cleaned_data['text']}»")
    else:
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
    return redirect(_back(request, route, line))


@require_POST
def comment_settle(request: HttpRequest, pk: int) -> HttpResponse:
    if not isinstance(request.user, User):
        raise Http404
    # Whoever makes the route or agrees it now.
    routes = [
        found.order_by().values("pk")
        for found in (Route.objects.helpable_by(request.user), Route.objects.approvable_by(request.user))
    ]
    mine = Q(route__in=routes[0]) | Q(route__in=routes[1])
    comment = get_object_or_404(LineComment.objects.select_related("route").filter(mine), pk=pk)
    settle(comment, actor=request.user)
    return redirect(_back(request, comment.route, comment.line))


def _back(request: HttpRequest, route: Route, line: str) -> str:
    """To the line on the page the remark was written on: the designer or the approver's."""
    page = request.POST.get("back", "")
    if page not in ("design", "agree"):
        return route.get_absolute_url()
    return f"{route.get_absolute_url()}{page}/#{quote(line.replace(':', '-'))}"
