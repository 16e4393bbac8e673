"""Acts with the route itself: completed, reopened, put into the archive and taken back; a page for each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from cabinet.users.models import User
from iom.forms import carrying as forms
from iom.models import Route
from iom.moves import MOVES, Refused
from iom.services import carrying
from iom.services.progress import progress_of
from iom.services.story import Rights
from iom.views.items import OVER

Data = dict[str, Any]


@dataclass(frozen=True)
class Act:
    title: str
    button: str
    done: str
    run: Callable[[Route, User, Data], object]
    form: type[forms.RouteForm] = forms.ReasonForm
    tells: tuple[str, ...] = ()
    is_loss: bool = False


ACTS: dict[str, Act] = {
    "complete": Act(
        "Завершить маршрут",
        "Завершить маршрут",
        "Маршрут завершён.",
        lambda route, user, data: carrying.complete(route, actor=user, **data),
        forms.CompleteForm,
        ("Педагог и методист получат письмо.", "Написанное здесь войдёт в итоговый отчёт."),
    ),
    "reopen": Act(
        "Возобновить маршрут",
        "Возобновить",
        "Маршрут снова реализуется.",
        lambda route, user, data: carrying.reopen(route, actor=user, **data),
        tells=("Маршрут вернётся в состояние «Реализуется», сделанное останется.",),
    ),
    "archive": Act(
        "Перенести в архив",
        "Перенести в архив",
        "Маршрут в архиве.",
        lambda route, user, data: carrying.archive(route, actor=user, **data),
        tells=("Маршрут останется открыт для чтения, из архива его можно вернуть.",),
        is_loss=True,
    ),
    "restore": Act(
        "Вернуть из архива",
        "Вернуть из архива",
        "Маршрут возвращён из архива.",
        lambda route, user, data: carrying.restore(route, actor=user, **data),
        tells=("Маршрут вернётся в состояние, в котором был до архива.",),
    ),
}


def acts_for(route: Route, rights: Rights) -> list[tuple[str, Act]]:
    """What this reader may do with the route beside the one next thing, each with its address."""
    if not rights.is_helper:
        return []
    found = [(name, act) for name, act in ACTS.items() if route.status in MOVES[name].sources]
    return [(reverse(f"iom:{name}", args=[route.pk]), act) for name, act in found]


def _why_not_complete(route: Route) -> str:
    """Besides unfinished items, which the page names one by one."""
    if route.status in Route.OPEN_TO_CHANGE:
        return "Сначала закончите согласование: завершают согласованный маршрут."
    if route.status not in Route.CARRIED_OUT:
        return f"Маршрут в состоянии «{route.get_status_display()}»: завершать его уже не нужно."
    if not route.items.exists():
        return "В маршруте нет ни одного пункта. Откройте актуализацию и добавьте хотя бы один."
    return ""


@require_http_methods(["GET", "HEAD", "POST"])
def route_act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    if not isinstance(request.user, User):
        raise Http404
    route = get_object_or_404(Route.objects.helpable_by(request.user).with_names(), pk=pk, is_outside=False)
    act = ACTS[name]
    is_sent = request.method == "POST"
    form = act.form(route, request.POST if is_sent else None)
    if is_sent and form.is_valid():
        try:
            act.run(route, request.user, form.cleaned_data)
            messages.success(request, act.done)
            return redirect(route)
        except Refused as refusal:
            form.add_error(None, str(refusal))
    items = list(route.items.unfinished()) if name == "complete" else []
    context = {"route": route, "act": act, "form": form, "name": name, "unfinished": items}
    context["progress"] = progress_of(route.items.all()) if name == "complete" else None
    context["why_not"] = _why_not_complete(route) if name == "complete" else ""
    is_end = name in ("complete", "archive") and route.is_running
    context["left_open"] = route.assignments.exclude(status__in=OVER).count() if is_end else 0
    context["is_possible"] = route.status in MOVES[name].sources and not (items or context["why_not"])
    return render(request, "iom/act.html", context, status=422 if is_sent else 200)
