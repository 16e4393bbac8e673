"""The plan of visits: the agenda, its page for paper, a visit put in, moved, cancelled, taken back."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cabinet.core.clock import today
from cabinet.users.asking import reader
from cabinet.users.decorators import roles_required
from motor.forms.visit import VisitForm, values_of
from motor.models import Case, Visit
from motor.services import visits as services

WEEKS = 4
UNDATED_SHOWN = 12
VISITORS = ("methodist", "municipal", "admin", "regional")
LOOK_ON = ("head", "municipal")  # who sees the visits of colleagues too
READERS = ("head", *VISITORS)


def _agenda(request: HttpRequest) -> dict[str, Any]:
    """The weeks named in the address: `since` any day of the first one, `whose` for those who look on."""
    user = reader(request)
    since = _monday(request.GET.get("since", ""))
    looks_on = bool(user.roles & set(LOOK_ON))
    only_looks = not user.roles & set(VISITORS)
    everybody = only_looks or (looks_on and request.GET.get("whose") == "all")
    until = since + timedelta(weeks=WEEKS, days=-1)
    items = services.plan_of(user, since, until, everybody=everybody)
    return {
        "weeks": services.by_weeks(items, since, WEEKS),
        "is_empty": not items,
        "since": since,
        "until": until,
        "back": since - timedelta(weeks=WEEKS),
        "ahead": until + timedelta(days=1),
        "this_week": _monday(""),
        "everybody": everybody,
        "may_choose": looks_on and not only_looks,
        "may_plan": not only_looks,
    }


def _monday(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = today()
    # Far years would make dates that do not exist.
    day = day if 2000 < day.year < 2100 else today()
    return day - timedelta(days=day.weekday())


@require_safe
@roles_required(*READERS)
def plan(request: HttpRequest) -> HttpResponse:
    context = _agenda(request)
    if context["may_plan"]:
        undated = services.without_date(reader(request))
        context["undated"] = Paginator(undated, UNDATED_SHOWN).get_page(request.GET.get("page"))
    return render(request, "motor/visits/plan.html", context)


@require_safe
@roles_required(*READERS)
def plan_print(request: HttpRequest) -> HttpResponse:
    return render(request, "motor/visits/print.html", _agenda(request))


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required(*VISITORS)
def visit_add(request: HttpRequest) -> HttpResponse:
    """`?case=` (several), `on` and `kind` fill the form in: from a case, from an invitation."""
    user = reader(request)
    cases = services.visitable_by(user)
    if request.method == "POST":
        form = VisitForm(request.POST, cases=cases)
        if form.is_valid():
            return _planned(request, services.plan_visit(user, form.plan()))
    else:
        given = {name: request.GET[name] for name in ("on", "kind") if request.GET.get(name)}
        form = VisitForm(initial=given | {"cases": request.GET.getlist("case")}, cases=cases)
    return render(request, "motor/visits/form.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required(*VISITORS)
def visit_change(request: HttpRequest, pk: int) -> HttpResponse:
    user = reader(request)
    visit = get_object_or_404(Visit.objects.changeable_by(user), pk=pk)
    served = Case.objects.visible_to(user).filter(visits=visit).values("pk")
    cases = Case.objects.filter(Q(pk__in=services.visitable_by(user).values("pk")) | Q(pk__in=served))
    if request.method == "POST":
        form = VisitForm(request.POST, cases=cases)
        if form.is_valid():
            services.change_visit(visit, form.plan())
            return _planned(request, visit)
    else:
        form = VisitForm(initial=values_of(visit), cases=cases)
    context = {"form": form, "visit": visit}
    return render(request, "motor/visits/form.html", context, status=422 if form.errors else 200)


def _planned(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Back to the week of the visit, with what stands in its way said."""
    messages.success(request, f"Посещение в плане: {visit.on:%d.%m.%Y}.")
    for remark in services.remarks(visit):
        messages.warning(request, remark)
    return redirect(_week_of(visit))


def _week_of(visit: Visit) -> str:
    return f"{reverse('motor:visits')}?since={visit.on:%Y-%m-%d}#visit-{visit.pk}"


@require_POST
@roles_required(*VISITORS)
def visit_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    visit = get_object_or_404(Visit.objects.changeable_by(reader(request)), pk=pk)
    if services.cancel_visit(visit):
        messages.success(request, "Посещение отменено. Если передумаете, верните его кнопкой в плане.")
    else:
        messages.info(request, "Это посещение уже отменено.")
    return redirect(_week_of(visit))


@require_POST
@roles_required(*VISITORS)
def visit_restore(request: HttpRequest, pk: int) -> HttpResponse:
    visit = get_object_or_404(Visit.objects.changeable_by(reader(request)), pk=pk)
    if services.restore_visit(visit):
        return _planned(request, visit)
    messages.info(request, "Это посещение и так в плане.")
    return redirect(_week_of(visit))
