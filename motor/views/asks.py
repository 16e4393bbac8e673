"""What a teacher asks for by the link or from the cabinet: remind me later, I am away, a new link for an ended one."""

from collections.abc import Callable
from datetime import date

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from cabinet.core.words import long_date
from motor.forms.link import AwayForm, LaterForm
from motor.forms.survey import typed_words
from motor.models import Case, LinkEvent
from motor.moves import MoveRefused
from motor.services import link as services
from motor.services.link import is_noted_today
from motor.views.by_link import LinkEnded, answerable_cases, case_by_link, keep_private

Ask = Callable[[HttpRequest, Case, str], HttpResponse]  # the last is the address of the survey
ENDED = "Эта ссылка больше не действует. Откройте новую из последнего письма: всё записанное сохранилось."
NO_ADDRESS = "В кабинете нет адреса Вашей почты, поэтому письмо не придёт. Скажите адрес методисту."


def by_link(ask: Ask) -> Callable[..., HttpResponse]:
    @login_not_required
    @never_cache
    @require_http_methods(["GET", "HEAD", "POST"])
    def view(request: HttpRequest, link: str) -> HttpResponse:
        return keep_private(ask(request, _whole(case_by_link(link)), reverse("motor:personal", args=[link])))

    return view


def in_cabinet(ask: Ask) -> Callable[..., HttpResponse]:
    @never_cache
    @require_http_methods(["GET", "HEAD", "POST"])
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        case = get_object_or_404(answerable_cases(), pk=pk, person=request.user.pk)
        return ask(request, _whole(case), reverse("motor:survey", args=[pk]))

    return view


def _whole(case: Case) -> Case:
    """With what moves and letters read; the survey's own query is kept narrower."""
    return Case.objects.with_names().get(pk=case.pk)


def later(request: HttpRequest, case: Case, survey: str) -> HttpResponse:
    """«Напомнить мне 12 мая», and with `usual` that day is taken back."""
    if request.method == "POST" and "usual" in request.POST:
        services.remind_as_usual(case)
        messages.success(request, "Хорошо: напомним как обычно.")
        return redirect(survey)
    form = LaterForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _try(form, "day", services.remind_later, case):
        when = long_date(form.cleaned_data["day"])
        said = f"Хорошо: напомним {when}, а до этого дня писать не будем. Ответить можно и раньше, ссылка та же."
        messages.success(request, said if case.person.address else f"Записали: {when}. {NO_ADDRESS}")
        return redirect(survey)
    return _page(request, case, survey, later=form)


def away(request: HttpRequest, case: Case, survey: str) -> HttpResponse:
    """«Я в отпуске до …», and with `back` the leave is over."""
    if request.method == "POST" and "back" in request.POST:
        return _back(request, case, survey)
    form = AwayForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _try(form, "until", services.go_away, case):
        moved = f"Срок ответа теперь — {long_date(case.due_on)}. " if case.due_on else ""
        messages.success(
            request,
            f"Хорошего отпуска! Вопросы подождут до {long_date(form.cleaned_data['until'])}, напоминаний не будет. "
            f"{moved}Методист узнает об этом из письма.",
        )
        return redirect(survey)
    return _page(request, case, survey, away=form)


def _back(request: HttpRequest, case: Case, survey: str) -> HttpResponse:
    try:
        services.come_back(case)
    except MoveRefused:
        messages.info(request, "Карта уже изменилась. На этой странице — то, как сейчас.")
    else:
        until = f" Ответить можно до {long_date(case.due_on)}." if case.due_on else ""
        messages.success(request, f"С возвращением!{until}")
    return redirect(survey)


def _try(form: forms.Form, name: str, act: Callable[[Case, date], None], case: Case) -> bool:
    """A refusal stands at the field, with what was typed in it."""
    try:
        act(case, form.cleaned_data[name])
    except MoveRefused as refusal:
        form.add_error(name, str(refusal))
        return False
    return True


def _page(
    request: HttpRequest,
    case: Case,
    survey: str,
    *,
    later: LaterForm | None = None,
    away: AwayForm | None = None,
) -> HttpResponse:
    form = later or away
    context = {
        "case": case,
        "survey": survey,
        "later_to": f"{survey}later/",
        "away_to": f"{survey}away/",
        "later": later or LaterForm(),
        "away": away or AwayForm(),
        "form": form,
        "can_wait": case.status in services.WAITING and case.paused_until is None,
    }
    return render(request, "motor/link/ask.html", context, status=422 if form is not None and form.errors else 200)


# --- An ended link ----------------------------------------------------------------------------------------------------


@never_cache
def ended_page(request: HttpRequest, ended: LinkEnded) -> HttpResponse:
    """Who the methodist is, and one button. Neither the new link nor the teacher's name stands here."""
    if request.headers.get("Accept") == "application/json":
        return keep_private(JsonResponse({"error": ENDED}, status=410))
    case = _whole(ended.case)
    context = {
        "case": case,
        "link": request.resolver_match.kwargs["link"] if request.resolver_match else "",
        "is_asked": is_noted_today(case, LinkEvent.Kind.ASKED_NEW),
        "lost": typed_words(request.POST) if request.method == "POST" else [],
    }
    return keep_private(render(request, "motor/link/ended.html", context, status=410))


@login_not_required
@never_cache
@require_POST
def new_link(request: HttpRequest, link: str) -> HttpResponse:
    """«Попросить новую»: to the teacher's own address, once a day."""
    try:
        case_by_link(link)
    except LinkEnded as ended:
        case = _whole(ended.case)
        if said := services.ask_new_link(case):
            messages.success(request, said)
    return keep_private(redirect("motor:personal", link))
