"""The institute's changes of a card: what it says, an order, an indicator with its proof and its end."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from cabinet.core.clock import today
from cabinet.users.decorators import roles_required
from rma.forms.roster import CardForm, EndForm, IndicatorForm, StatusForm
from rma.models import Indicator, Member
from rma.services.cards import NAMES, kinds_of, open_requests, words_of
from rma.services.editing import LINKS, change_card, end_indicator, prove_indicator, put_in_status, values_of
from rma.services.roster import NOT_ACTING, WITHOUT_ROLE, RosterRefused

Kind = Indicator.Kind


def _editable(request: HttpRequest, pk: int) -> Member:
    return get_object_or_404(Member.objects.editable_by(request.user).select_related("user__organization"), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required("admin")
def member_edit(request: HttpRequest, pk: int) -> HttpResponse:
    user: Any = request.user
    member = _editable(request, pk)
    if request.method != "POST":
        return _edit_page(request, member, CardForm(member=member, values=values_of(member)))
    form = CardForm(request.POST, member=member)
    is_stale = False
    if form.is_valid():
        try:
            change_card(member, form.values, revision=form.cleaned_data["revision"], actor=user)
        except RosterRefused as refused:
            form.add_error(None, str(refused))
            is_stale = True
            # What was typed stays; saved once more, it goes over what the page now shows.
            member.refresh_from_db()
            typed = request.POST.copy()
            typed["revision"] = str(member.revision)
            form.data = typed
        else:
            messages.success(request, "Карточка сохранена.")
            return redirect(member)
    return _edit_page(request, member, form, is_stale=is_stale)


def _edit_page(request: HttpRequest, member: Member, form: CardForm, *, is_stale: bool = False) -> HttpResponse:
    now = []
    if is_stale:
        now = [
            (label.capitalize(), ", ".join(str(one) for one in getattr(member, name).all()))
            for name, label in LINKS.items()
        ]
        now += [("Предел запросов", str(member.case_limit)), ("Заметка", member.note)]
    context = {"member": member, "form": form, "now": now}
    return render(request, "rma/roster/edit.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required("admin")
def member_status(request: HttpRequest, pk: int) -> HttpResponse:
    """Whoever leaves with requests on his hands: the page names them and asks once more."""
    user: Any = request.user
    member = _editable(request, pk)
    form = StatusForm(request.POST if request.method == "POST" else None)
    held: list[Any] = []
    if form.is_valid():
        data = form.cleaned_data
        held = list(open_requests(member, user)) if data["status"] in NOT_ACTING else []
        if not held or request.POST.get("sure") == "yes":
            try:
                put_in_status(member, **data, actor=user)
            except RosterRefused as refused:
                form.add_error(None, str(refused))
            else:
                _tell_status(request, member, data["status"])
                return redirect(member)
    context = {"member": member, "form": form, "held": held, "kinds": kinds_of(held), "loses_role": _loses_role(form)}
    return render(request, "rma/roster/status.html", context, status=422 if form.errors else 200)


def _loses_role(form: StatusForm) -> bool:
    return form.is_bound and form.cleaned_data.get("status") in WITHOUT_ROLE


def _tell_status(request: HttpRequest, member: Member, status: str) -> None:
    member.refresh_from_db(fields=["status"])
    if member.status == status:
        messages.success(request, f"Состояние: {member.get_status_display()}.")
    else:
        messages.warning(
            request,
            f"Приказ записан. Есть более поздний, поэтому состояние сейчас: {member.get_status_display()}.",
        )


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required("admin")
def indicator_add(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    user: Any = request.user
    if kind not in Kind.values:
        raise Http404
    member, chosen = _editable(request, pk), Kind(kind)
    is_sent = request.method == "POST"
    form = IndicatorForm(chosen, request.POST if is_sent else None, request.FILES if is_sent else None)
    if form.is_valid():
        prove_indicator(member, chosen, form.values, form.cleaned_data["file"], actor=user)
        messages.success(request, f"Записано: {NAMES[chosen].lower()}.")
        return redirect(f"{member.get_absolute_url()}#{chosen}")
    now = member.indicators.filter(kind=chosen).in_force(today())
    context = {
        "member": member,
        "form": form,
        "name": NAMES[chosen],
        "now": [words_of(row, today()) for row in now],
    }
    return render(request, "rma/roster/indicator.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required("admin")
def indicator_end(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    """The row stays: any past day is counted by it."""
    user: Any = request.user
    member = _editable(request, pk)
    indicator = get_object_or_404(member.indicators.select_related("member__user"), pk=row)
    form = EndForm(indicator, request.POST if request.method == "POST" else None)
    if form.is_valid():
        end_indicator(indicator, form.cleaned_data["until"], actor=user)
        messages.success(request, "Окончание записано. Сама запись осталась в карточке.")
        return redirect(f"{member.get_absolute_url()}#{indicator.kind}")
    context = {
        "member": member,
        "form": form,
        "name": indicator.get_kind_display(),
        "words": words_of(indicator, today()),
    }
    return render(request, "rma/roster/end.html", context, status=422 if form.errors else 200)
