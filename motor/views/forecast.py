"""The load forecast: who will have how much to do, week by week, and moving openings before letters go."""

from typing import Any, NamedTuple

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from cabinet.users.decorators import roles_required
from cabinet.users.models import User
from motor.forms.forecast import ForecastFilterForm, MoveForm
from motor.models import Case
from motor.services.forecast import Load, coming_weeks, forecast_loads, forecast_scope, name_loads
from motor.services.replanning import PlanRefused, Shift, apply_shifts, by_weeks, fingerprint, plan_shifts

PAGE_SIZE = 15  # persons by twelve weeks
SHOWN = 40  # cases of a plan by name; the rest is counted
PLANNERS = {"admin", "municipal"}


@roles_required("admin", "municipal", "head", "methodist")
@require_safe
def forecast(request: HttpRequest) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    form = ForecastFilterForm(request.GET, user=user)
    loads = forecast_loads(form.narrow(forecast_scope(user)))
    context: dict[str, Any] = {"over": sum(one.weeks_over > 0 for one in loads), "limit": settings.MOTOR_CASES_PER_WEEK}
    page = Paginator(_matching(loads, form), PAGE_SIZE).get_page(request.GET.get("page"))
    name_loads(list(page.object_list))
    context |= {"form": form, "page": page, "rows": _rows(list(page.object_list)), "weeks": coming_weeks()}
    context["can_move"] = bool(PLANNERS & user.roles)
    return render(request, "motor/forecast.html", context)


def _matching(loads: list[Load], form: ForecastFilterForm) -> list[Load]:
    if form.cleaned_data.get("over"):
        loads = [one for one in loads if one.weeks_over]
    if words := form.cleaned_data.get("person"):
        found = set(User.objects.search(words).values_list("pk", flat=True))
        loads = [one for one in loads if one.person_id in found]
    return loads


class Cell(NamedTuple):
    """One person in one week, with all that is said of it: the page has hundreds of them."""

    label: str
    since: str
    openings: int
    checklists: int
    is_over: bool


def _rows(loads: list[Load]) -> list[tuple[Load, list[Cell]]]:
    limit = settings.MOTOR_CASES_PER_WEEK
    labels = [(f"с {week:%d.%m}", week.isoformat()) for week in coming_weeks()]
    return [
        (
            load,
            [
                Cell(*label, openings, checklists, max(openings, checklists) > limit)
                for label, openings, checklists in zip(labels, load.openings, load.checklists, strict=True)
            ],
        )
        for load in loads
    ]


@roles_required(*PLANNERS)
@require_http_methods(["GET", "HEAD", "POST"])
def forecast_move(request: HttpRequest) -> HttpResponse:
    """Shows what would change; POST with a reason changes just that."""
    user: User = request.user  # type: ignore[assignment]
    is_sent = request.method == "POST"
    typed = request.POST if is_sent else request.GET
    form = MoveForm(typed if "how" in typed else None, user=user, initial=typed.dict())
    shifts: list[Shift] = []
    if form.is_bound and form.is_valid():
        try:
            shifts = plan_shifts(Case.objects.plannable_by(user), form.wish)
        except PlanRefused as refusal:
            form.add_error(None, str(refusal))
    problem = _problem(request, shifts) if is_sent and not form.errors else ""
    if is_sent and not form.errors and not problem:
        return _apply(request, user, shifts)
    context = {"form": form, "problem": problem, "reason": typed.get("reason", ""), **_shown(shifts)}
    is_wrong = bool(form.errors or problem)
    return render(request, "motor/forecast_move.html", context, status=422 if is_wrong else 200)


def _problem(request: HttpRequest, shifts: list[Shift]) -> str:
    if request.POST.get("shown") != fingerprint(shifts):
        return "Пока вы смотрели, список карт изменился. Проверьте его ещё раз и подтвердите."
    if not request.POST.get("reason", "").strip():
        return "Напишите, почему карты переносятся: причина останется в каждой из них."
    return ""


def _apply(request: HttpRequest, user: User, shifts: list[Shift]) -> HttpResponse:
    moved = apply_shifts(shifts, actor=user, reason=request.POST["reason"].strip()[:150])
    left = len(shifts) - moved
    rest = f" Остались на месте: {left}, они изменились, пока вы подтверждали." if left else ""
    messages.success(request, f"Перенесено карт: {moved}.{rest}")
    return redirect("motor:forecast")


def _shown(shifts: list[Shift]) -> dict[str, Any]:
    return {
        "count": len(shifts),
        "shifts": shifts[:SHOWN],
        "more": max(0, len(shifts) - SHOWN),
        "weeks": by_weeks(shifts),
        "shown": fingerprint(shifts),
    }
