"""What the author does around agreement: a route sent, taken back, opened anew, a line taken away when asked to."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from cabinet.users.asking import reader
from iom.forms.agreement import ReviseForm
from iom.models import Route, RouteItem, Status
from iom.moves import WITH_AUTHOR, Refused
from iom.services import agreeing
from iom.services.limits import to_agree
from iom.services.reviewing import accept_removal
from iom.services.steps import stages_of, stand_in
from iom.views.design import courses_of, readiness_for, rows_of


def _route_of_builder(request: HttpRequest, pk: int) -> Route:
    """In whatever state: a page open since yesterday is answered in words, not by a 404."""
    return get_object_or_404(Route.objects.helpable_by(reader(request)).with_names(), pk=pk, is_outside=False)


@require_http_methods(["GET", "HEAD", "POST"])
def route_submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Before: to whom it goes and until when. While it waits there: the same, and the way back."""
    route = _route_of_builder(request, pk)
    is_sent = route.status == Status.IN_REVIEW
    if route.status not in Route.OPEN_TO_CHANGE or (is_sent and request.method == "POST"):
        return redirect(route)  # agreed meanwhile, or a second click
    problem = ""
    if request.method == "POST":
        try:
            agreeing.submit(route, actor=reader(request))
            is_agreed = route.status != Status.IN_REVIEW
            messages.success(request, "Маршрут согласован." if is_agreed else "Маршрут отправлен на согласование.")
            return redirect(route)
        except Refused as refusal:
            problem = str(refusal)
    context = {
        "route": route,
        "is_sent": is_sent,
        "stages": [stand_in(route)] if is_sent else stages_of(route),
        "limit": to_agree(),
        "problem": problem,
        "readiness": readiness_for(route, rows_of(route), courses_of(route)),
    }
    return render(request, "iom/submit.html", context, status=422 if problem else 200)


@require_POST
def route_recall(request: HttpRequest, pk: int) -> HttpResponse:
    route = _route_of_builder(request, pk)
    if route.status in WITH_AUTHOR:
        return redirect("iom:design", pk)  # a second click
    try:
        agreeing.recall(route, actor=reader(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(route)
    messages.success(request, "Маршрут отозван, его снова можно менять.")
    return redirect("iom:design", pk)


@require_http_methods(["GET", "HEAD", "POST"])
def route_revise(request: HttpRequest, pk: int) -> HttpResponse:
    route = _route_of_builder(request, pk)
    if route.status == Status.REVISION:
        messages.info(request, f"Версия {route.version} уже открыта: её можно менять.")
        return redirect("iom:design", pk)
    form = ReviseForm(request.POST or None)
    is_possible = route.status in Route.CARRIED_OUT
    if request.method == "POST" and form.is_valid():
        try:
            agreeing.open_revision(route, actor=reader(request), reason=form.cleaned_data["reason"])
            messages.success(request, f"Открыта версия {route.version}. Прежняя осталась для чтения.")
            return redirect("iom:design", pk)
        except Refused as refusal:
            form.add_error(None, str(refusal))
    context = {"route": route, "form": form, "is_possible": is_possible}
    return render(request, "iom/revise.html", context, status=422 if form.errors else 200)


@require_POST
def route_drop_revision(request: HttpRequest, pk: int) -> HttpResponse:
    route = _route_of_builder(request, pk)
    if route.status in Route.CARRIED_OUT:
        return redirect(route)  # a second click
    try:
        agreeing.drop_revision(route, actor=reader(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("iom:design", pk)
    messages.success(request, f"Актуализация отменена: действует версия {route.version}.")
    return redirect(route)


@require_POST
def removal_accept(request: HttpRequest, pk: int) -> HttpResponse:
    routes = Route.objects.helpable_by(reader(request)).order_by().values("pk")
    item = get_object_or_404(RouteItem.objects.select_related("route__person").filter(route__in=routes), pk=pk)
    try:
        accept_removal(item, actor=reader(request))
        messages.success(request, "Пункт исключён из маршрута, причина сохранена.")
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("iom:design", item.route_id)
