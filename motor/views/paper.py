"""The survey on paper: a blank to print, and what was written on it typed in by a colleague."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from cabinet.users.decorators import roles_required
from cabinet.users.grounds import has_consent, notice_in_force
from cabinet.users.models import User
from motor.forms.paper import PaperForm
from motor.forms.survey import (
    EVIDENCE_ORDER,
    IN_ROUTE,
    SurveyForm,
    draft_fields,
    former_answers,
    known_marks,
    page_fields,
    route_fields,
    ticks,
)
from motor.models import Case, Survey
from motor.services import MoveRefused, ways
from motor.services.survey import past_of, takes_answer

PRINTERS = ("head", "methodist", "municipal", "admin")


@require_safe
@roles_required(*PRINTERS)
def blank(request: HttpRequest) -> HttpResponse:
    """A4, two sides: the questions, and what is done with the data. `?head=1` speaks to a head."""
    user: Any = request.user
    is_head = request.GET.get("head") == "1"
    context = {
        "notice": notice_in_force(),
        "is_head": is_head,
        "may_type_in": ways.may_hand_out(user),
        "in_route": [label for _, label in IN_ROUTE],
        "reasons": [label for _, label in Survey.Reason.choices],
        "evidence": [label for _, label in EVIDENCE_ORDER[is_head]],
    }
    return render(request, "motor/ways/blank.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """For whoever leads the case, the municipal service and the admin; never for the teacher himself."""
    user: Any = request.user
    case = get_object_or_404(Case.objects.stoppable_by(user).with_names().select_related("draft"), pk=pk)
    if request.method == "POST":
        return _type_in(request, user, case)
    if not takes_answer(case):
        messages.info(request, f"Вводить ответы не нужно: карта в состоянии «{case.get_status_display()}».")
        return redirect(case)
    return _page(request, case, _paper_form(case))


def _type_in(request: HttpRequest, user: User, case: Case) -> HttpResponse:
    form = SurveyForm(request.POST, request.FILES, past_of(case))
    about = _paper_form(case, request.POST, request.FILES)
    if about.is_valid():
        form.answered_on = about.cleaned_data["filled_on"]
    if form.is_valid() and about.is_valid():
        try:
            ways.type_in(case, form.answers(), author=user, request=request, **about.cleaned_data)
        except MoveRefused:
            if ways.just_typed_in(case, user):
                messages.info(request, "Ответы уже приняты: второй раз ничего не записано.")
                return redirect(case)
            case = Case.objects.with_names().select_related("draft").get(pk=case.pk)
            form.add_error(None, _changed_meanwhile(case))
        else:
            messages.success(request, "Ответы с бумаги приняты. Дальше их изучит методист.")
            return redirect(case)
    return _page(request, case, about, form)


def _paper_form(case: Case, *data: Any) -> PaperForm:
    notice = notice_in_force()
    asks = notice.asks_consent and not has_consent(case.person, notice)
    return PaperForm(case, notice, *data, asks_consent=asks)


def _changed_meanwhile(case: Case) -> str:
    if takes_answer(case):
        return "Пока вы вводили ответы, карта изменилась. Проверьте и нажмите «Принять ответы» ещё раз."
    return (
        f"Пока вы вводили ответы, карта перешла в состояние «{case.get_status_display()}» и новых уже не принимает. "
        "Ничего не записано; набранное осталось на этой странице."
    )


def _page(request: HttpRequest, case: Case, about: PaperForm, form: SurveyForm | None = None) -> HttpResponse:
    past = form.past if form is not None else past_of(case)
    if form is not None:
        typed, fields = form.data, page_fields(case.is_head, form)
    else:
        typed = former_answers(past.former) if past.former else known_marks(past)
        fields = draft_fields(case.is_head, typed)
    begun = getattr(case, "draft", None)
    context = fields | {
        "case": case,
        "about": about,
        "begun": begun,
        "error_list": [(name, str(errors[0])) for name, errors in about.errors.items()] + fields["error_list"],
        **ticks(past, form.data if form is not None else None),
        **route_fields(past, typed, form),
    }
    return render(request, "motor/ways/paper.html", context, status=422 if context["error_list"] else 200)
