"""What the author does around agreement: a route sent, taken back, opened anew, a line taken away when asked to."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from cabinet.users.models import User
from iom.forms.agreement import ReviseForm
from iom.models import Route, RouteItem
from iom.moves import Refused
from iom.services import agreeing
from iom.services.limits import to_agree
from iom.services.reviewing import accept_removal
from iom.services.steps import stages_of
from iom.views.design import courses_of, readiness_for, rows_of


def _user(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise Http404
    return request.user


@require_http_methods(["GET", "HEAD", "POST"])
def route_submit(request: HttpRequest, pk: int) -> HttpResponse:
    user = _user(request)
    route = get_object_or_404(Route.objects.designable_by(user).with_names(), pk=pk)
    if route.status == "in_review":
        return redirect(route)
    problem = ""
    if request.method == "POST":
        try:
            agreeing.submit(route, actor=user)
            is_agreed = route.status != "in_review"
            messages.success(request, "Маршрут согласован." if is_agreed else "Маршрут отправлен на согласование.")
            return redirect(route)
        except Refused as refusal:
            problem = str(refusal)
    context = {
        "route": route,
        "stages": stages_of(route),
        "limit": to_agree(),
        "problem": problem,
        "readiness": readiness_for(route, rows_of(route), courses_of(route)),
    }
    return render(request, "iom/submit.html", context, status=422 if problem else 200)


@require_POST
def route_recall(request: HttpRequest, pk: int) -> HttpResponse:
    user = _user(request)
    route = get_object_or_404(Route.objects.designable_by(user), pk=pk)
    try:
        agreeing.recall(route, actor=user)
        messages.success(request, "Маршрут снова у Вас, его можно менять.")
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("iom:design", pk)


@require_http_methods(["GET", "HEAD", "POST"])
def route_revise(request: HttpRequest, pk: int) -> HttpResponse:
    user = _user(request)
    route = get_object_or_404(Route.objects.helpable_by(user).with_names(), pk=pk, is_outside=False)
    form = ReviseForm(request.POST or None)
    is_possible = route.status in Route.CARRIED_OUT
    if request.method == "POST" and form.is_valid():
        try:
            agreeing.open_revision(route, actor=user, reason=form.cleaned_data["reason"])
            messages.success(request, f"Открыта версия {route.version}. Прежняя осталась для чтения.")
            return redirect("iom:design", pk)
        except Refused as refusal:
            form.add_error(None, str(refusal))
    context = {"route": route, "form": form, "is_possible": is_possible}
    return render(request, "iom/revise.html", context, status=422 if form.errors else 200)


@require_POST
def removal_accept(request: HttpRequest, pk: int) -> HttpResponse:
    user = _user(request)
    routes = Route.objects.designable_by(user).order_by().values("pk")
    item = get_object_or_404(RouteItem.objects.select_related("route__person").filter(route__in=routes), pk=pk)
    try:
        accept_removal(item, actor=user)
        messages.success(request, "Пункт исключён из маршрута, причина сохранена.")
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("iom:design", item.route_id)
