"""Slips for cutting out and texts to copy: chosen, prepared, printed, noted as handed over."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from cabinet.core.words import counted
from cabinet.users.models import User
from motor.forms.ways import HandedForm, SlipFilter
from motor.models import Case, CaseQuerySet
from motor.services import ways as services

MANY = 100  # slips: more are asked about before they are made
NOBODY = "Отметьте хотя бы одного педагога."


def _hander(request: HttpRequest) -> User:
    if not isinstance(request.user, User) or not services.may_hand_out(request.user):
        raise Http404
    return request.user


def picked(data: QueryDict) -> list[int]:
    """Cases named as ticks (`case=1&case=2`) or in short (`cases=1,2`)."""
    names = [*data.getlist("case"), *data.get("cases", "").split(",")]
    return [int(name) for name in dict.fromkeys(names) if name.isdecimal() and len(name) < 12]


def with_cases(name: str, cases: list[Case]) -> str:
    return reverse(name) + "?cases=" + ",".join(str(case.pk) for case in cases)


def _chosen(user: User, pks: list[int]) -> list[Case]:
    """Those of the chosen that still wait for an answer, as a sheet lists them: by organization, then by name."""
    cases = services.with_handed(services.to_hand_out(user).filter(pk__in=pks))
    return list(cases.order_by("organization__name", "organization", "person__last_name", "person__first_name", "pk"))


# --- Slips --------------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def slips(request: HttpRequest) -> HttpResponse:
    """All who have not answered, ticked; `?case=` names some of them."""
    user = _hander(request)
    if request.method != "POST":
        return _choose(request, user)
    cases = _chosen(user, picked(request.POST))
    if not cases:
        return _choose(request, user, error=NOBODY)
    if len(cases) > services.AT_ONCE:
        most = counted(services.AT_ONCE, "листка", "листков", "листков")
        return _choose(request, user, error=f"За один раз — не больше {most}: отберите организацию или курс.")
    if request.POST.get("do") == "messages":
        return redirect(with_cases("motor:messages", cases))
    if len(cases) > MANY and not request.POST.get("sure"):
        return render(request, "motor/ways/slips_many.html", {"cases": cases, "pages": _count_pages(cases)})
    services.prepare_slips(cases, actor=user)
    return redirect(with_cases("motor:slips_print", cases))


def _choose(request: HttpRequest, user: User, error: str = "") -> HttpResponse:
    cases: CaseQuerySet = services.to_hand_out(user)
    if named := picked(request.GET):
        cases = cases.filter(pk__in=named)
    chosen = SlipFilter(request.GET, cases)
    found = services.with_handed(chosen.qs).order_by("organization__name", "organization", "person__last_name", "pk")
    rows = list(found[: services.AT_ONCE + 1])
    # Whoever is away for a while gets a slip by a tick of its own only.
    ticked = set() if error or request.GET.get("ticks") == "none" else {one.pk for one in rows if not one.paused_until}
    context = {
        "filter": chosen,
        "cases": rows[: services.AT_ONCE],
        "count": len(rows) if len(rows) <= services.AT_ONCE else chosen.qs.count(),
        "ticked": ticked,
        "is_named": bool(named),
        "several": len({case.organization_id for case in rows}) > 1,
        "error": error,
    }
    return render(request, "motor/ways/slips.html", context, status=422 if error else 200)


def _count_pages(cases: list[Case]) -> int:
    sizes: dict[int, int] = {}
    for case in cases:
        sizes[case.organization_id] = sizes.get(case.organization_id, 0) + 1
    return sum(-(-size // services.SLIPS_A_PAGE) for size in sizes.values())


@never_cache
@require_safe
def slips_print(request: HttpRequest) -> HttpResponse:
    """GET makes no codes: a case without one, or answered since, is counted and left out."""
    user = _hander(request)
    named = picked(request.GET)
    sheets = services.sheets_of(_chosen(user, named[: services.AT_ONCE]))
    cases = [slip.case for sheet in sheets for page in sheet.pages for slip in page]
    services.log_shown(cases, actor=user, request=request)
    shown = len(cases)
    context = {
        "sheets": sheets,
        "shown": shown,
        "left": len(named) - shown,
        "pages": sum(len(sheet.pages) for sheet in sheets),
        "code_address": services.code_address(),
    }
    return render(request, "motor/ways/slips_print.html", context)


# --- Messages -----------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def message(request: HttpRequest, pk: int) -> HttpResponse:
    """A ready text for one teacher; POST notes how it was handed over, with `back` takes such a note back."""
    user: Any = request.user
    case = get_object_or_404(services.with_handed(Case.objects.stoppable_by(user)), pk=pk)
    if case.status not in services.WAITING:
        messages.info(request, f"Приглашать не нужно: карта в состоянии «{case.get_status_display()}».")
        return redirect(case)
    mine = services.handed_by(case, user)
    if request.method == "POST" and "back" in request.POST:
        chosen = [event for event in mine if str(event.pk) == request.POST["back"]]
        if chosen and services.take_back(case, chosen[0], actor=user):
            messages.success(request, f"Отметка «передана {chosen[0].get_way_display()}» снята.")
        return redirect("motor:message", pk)
    form = HandedForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        _note(request, [case], form.cleaned_data, user)
        return redirect("motor:message", pk)
    services.log_shown([case], actor=user, request=request)
    context = {"case": case, "message": services.message_for(case, user), "form": form, "mine": mine}
    context["ways"] = HandedForm.WAYS
    return render(request, "motor/ways/message.html", context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def messages_many(request: HttpRequest) -> HttpResponse:
    """A text for each of the chosen; POST notes those that are ticked."""
    user = _hander(request)
    cases = _chosen(user, picked(request.GET)[: services.AT_ONCE])
    form = HandedForm(request.POST if request.method == "POST" else None)
    ticked = set(picked(request.POST)) & {case.pk for case in cases}
    if form.is_valid() and not ticked:
        form.add_error("way", NOBODY)
    if form.is_valid():
        _note(request, [case for case in cases if case.pk in ticked], form.cleaned_data, user)
        return redirect(request.get_full_path())
    services.log_shown(cases, actor=user, request=request)
    context = {
        "messages_of": [services.message_for(case, user) for case in cases],
        "ticked": ticked,
        "form": form,
        "ways": HandedForm.WAYS,
    }
    return render(request, "motor/ways/messages.html", context, status=422 if form.errors else 200)


def _note(request: HttpRequest, cases: list[Case], data: Mapping[str, str], user: User) -> None:
    how = dict(HandedForm.WAYS)[data["way"]]
    if services.hand_out(cases, way=data["way"], actor=user):
        messages.success(request, f"Записано: ссылка передана {how}.")
    else:
        messages.info(request, f"Сегодня уже записано: ссылка передана {how}.")
