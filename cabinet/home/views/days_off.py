"""The one calendar: days off, worked Saturdays, and the periods in which no case opens. The admin's."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cabinet.core.clock import forget_calendar, today
from cabinet.core.models import CalendarDay, QuietPeriod
from cabinet.home.forms.days_off import CalendarDayForm, QuietPeriodForm
from cabinet.home.services import days_off
from cabinet.users.decorators import roles_required
from motor.models import Case
from motor.services.replanning import apply_shifts, fingerprint, plan_after_calendar

FIRST, LAST = 2020, 2100
SHOWN = 40


def calendar_page(
    request: HttpRequest, year: int, day_form: Any = None, period_form: Any = None, status: int = 200
) -> HttpResponse:
    special = list(CalendarDay.objects.filter(day__year=year).order_by("day"))
    periods = list(QuietPeriod.objects.all())
    context = {
        "year": year,
        "years": [number for number in (year - 1, year, year + 1) if FIRST <= number <= LAST],
        "months": days_off.year_of(year, special, periods),
        "special": special,
        "periods": periods,
        "disorder": days_off.disorder(request.user),  # type: ignore[arg-type]
        "day_form": day_form or CalendarDayForm(prefix="day"),
        "period_form": period_form or QuietPeriodForm(prefix="period"),
    }
    return render(request, "home/days_off/days.html", context, status=status)


def shown_year(request: HttpRequest) -> int:
    text = request.GET.get("year", "")
    year = int(text) if text.isdecimal() and len(text) == 4 else today().year
    return min(max(year, FIRST), LAST)


@roles_required("admin")
@require_safe
def calendar_days(request: HttpRequest) -> HttpResponse:
    return calendar_page(request, shown_year(request))


def _to_year(year: int) -> HttpResponse:
    return redirect(f"{reverse('home:calendar_days')}?year={year}")


def _keep(request: HttpRequest, form: "ModelForm[Any]", name: str, done: str) -> HttpResponse:
    year = shown_year(request)
    if not form.is_valid():
        return calendar_page(request, year, status=422, **{name: form})
    row = form.save(commit=False)
    days_off.change_calendar(row, actor=request.user)  # type: ignore[arg-type]
    messages.success(request, done)
    return _to_year(row.day.year if isinstance(row, CalendarDay) else year)


@roles_required("admin")
@require_POST
def calendar_day_add(request: HttpRequest) -> HttpResponse:
    return _keep(request, CalendarDayForm(request.POST, prefix="day"), "day_form", "День записан в календарь.")


@roles_required("admin")
@require_POST
def quiet_period_add(request: HttpRequest) -> HttpResponse:
    return _keep(request, QuietPeriodForm(request.POST, prefix="period"), "period_form", "Период записан в календарь.")


@roles_required("admin")
@require_POST
def calendar_day_remove(request: HttpRequest, pk: int) -> HttpResponse:
    day = get_object_or_404(CalendarDay, pk=pk)
    days_off.drop_from_calendar(day, actor=request.user)  # type: ignore[arg-type]
    messages.success(request, f"{day.day:%d.%m.%Y} теперь обычный день недели.")
    return _to_year(day.day.year)


@roles_required("admin")
@require_POST
def quiet_period_remove(request: HttpRequest, pk: int) -> HttpResponse:
    period = get_object_or_404(QuietPeriod, pk=pk)
    days_off.drop_from_calendar(period, actor=request.user)  # type: ignore[arg-type]
    messages.success(request, f"Период «{period.title}» убран: в эти дни карты снова открываются.")
    return _to_year(shown_year(request))


@roles_required("admin")
@require_http_methods(["GET", "HEAD", "POST"])
def calendar_move(request: HttpRequest) -> HttpResponse:
    """Openings on days that the calendar no longer allows: what would move where, then the move."""
    forget_calendar()  # the change may have been made in another process a moment ago
    shifts = plan_after_calendar(Case.objects.plannable_by(request.user))
    is_sent = request.method == "POST"
    if is_sent and request.POST.get("shown") == fingerprint(shifts):
        moved = apply_shifts(shifts, actor=request.user, reason="изменился календарь")  # type: ignore[arg-type]
        messages.success(request, f"Перенесено карт: {moved}.")
        return redirect("home:calendar_days")
    page = Paginator(shifts, SHOWN).get_page(request.GET.get("page"))
    context = {"page": page, "shifts": list(page.object_list), "more": 0, "shown": fingerprint(shifts)}
    context |= {"is_stale": is_sent, "count": len(shifts)}
    return render(request, "home/days_off/move.html", context, status=422 if is_sent else 200)
