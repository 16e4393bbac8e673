"""Acts with a request, a page for each: what is asked, what will happen, who is told."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from cabinet.users.asking import reader
from cabinet.users.models import User
from rma.forms import requests as forms
from rma.models import Request
from rma.origins import origin_of
from rma.services import notices
from rma.services.acting import finish, tell
from rma.services.asking import RequestRefused
from rma.services.standing import sides
from rma.views.requests import visible

Status = Request.Status
Form = Any  # the form of an act; each act knows its own


def _accept(request: Request, user: User, form: Form) -> None:
    origin_of(request).accept(request, actor=user, comment=form.cleaned_data["comment"].strip())
    tell(request, "accepted", notices.accepted, user)


def _propose(request: Request, user: User, form: Form) -> None:
    data = form.cleaned_data
    origin_of(request).propose(request, data["on"], actor=user, comment=data["comment"].strip())
    tell(request, "proposed", notices.proposed, user)


def _decline(request: Request, user: User, form: Form) -> None:
    origin_of(request).decline(request, actor=user, reason=form.cleaned_data["reason"].strip())
    tell(request, "declined", notices.declined, user)


def _agree(request: Request, user: User, form: Form) -> None:
    origin_of(request).agree_date(request, actor=user)
    tell(request, "agreed", notices.day_agreed, user)


def _withdraw(request: Request, user: User, form: Form) -> None:
    origin_of(request).withdraw(request, actor=user, reason=form.cleaned_data["reason"].strip())
    tell(request, "withdrawn", notices.withdrawn, user)


def _finish(request: Request, user: User, form: Form) -> None:
    finish(request, form.done(), actor=user)


@dataclass(frozen=True)
class Act:
    title: str
    button: str
    done: str
    run: Callable[[Request, User, Form], None]
    form: type[forms.ActForm]
    tells: str
    after: str  # the state it leads to
    is_loss: bool = False


ACTS: dict[str, Act] = {
    "accept": Act(
        "Принять запрос",
        "Принять",
        "Запрос принят. Спасибо!",
        _accept,
        forms.AcceptForm,
        "Тот, кто просил, получит письмо. Запрос останется у вас, пока вы не отметите, что всё проведено.",
        Status.ACCEPTED,
    ),
    "propose": Act(
        "Предложить другой день",
        "Предложить этот день",
        "День предложен. Когда с ним согласятся, запрос станет принятым.",
        _propose,
        forms.ProposeForm,
        "Тот, кто просил, получит письмо и согласится с днём или выберет другого методиста.",
        Status.PROPOSED,
    ),
    "decline": Act(
        "Отказаться от запроса",
        "Отказаться",
        "Отказ передан. Спасибо, что ответили.",
        _decline,
        forms.DeclineForm,
        "Тот, кто просил, прочтёт причину и выберет другого.",
        Status.DECLINED,
        is_loss=True,
    ),
    "agree": Act(
        "Согласиться с днём",
        "Согласиться",
        "День согласован, запрос принят.",
        _agree,
        forms.AgreeForm,
        "Методист РМА получит письмо.",
        Status.ACCEPTED,
    ),
    "withdraw": Act(
        "Снять запрос",
        "Снять запрос",
        "Запрос снят.",
        _withdraw,
        forms.WithdrawForm,
        "Методист РМА, если он назван, получит письмо, что от него больше ничего не нужно.",
        Status.WITHDRAWN,
        is_loss=True,
    ),
    "done": Act(
        "Отметить выполненным",
        "Отметить выполненным",
        "Отмечено. Строка о работе предложена в ваш месяц.",
        _finish,
        forms.DoneForm,
        "Тот, кто просил, прочтёт, что получилось. Строка о работе предложится в ваш месяц, её можно поправить.",
        Status.DONE,
    ),
}


@require_http_methods(["GET", "HEAD", "POST"])
def request_act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    user = reader(request)
    found, act = visible(user, pk), ACTS.get(name)
    side = sides(found, user)
    if act is None or not (side.is_member or side.is_asker):
        raise Http404
    form = act.form(found, request.POST if request.method == "POST" else None)
    if name not in side.acts:
        return _too_late(request, found, act, form, _how_it_stands(found))
    if not form.is_valid():
        return _page(request, found, act, form)
    try:
        with transaction.atomic():
            act.run(found, user, form)
    except RequestRefused as refusal:
        return _too_late(request, visible(user, pk), act, form, str(refusal))
    messages.success(request, act.done)
    return redirect(found)


def _page(request: HttpRequest, found: Request, act: Act, form: forms.ActForm) -> HttpResponse:
    context = {"asked": found, "act": act, "form": form, "about": found.whom}
    return render(request, "rma/requests/act.html", context, status=422 if form.is_bound else 200)


def _too_late(request: HttpRequest, found: Request, act: Act, form: forms.ActForm, why: str) -> HttpResponse:
    """Pressed twice, or somebody was quicker: it is said, and what was typed is not lost."""
    has_words = form.is_bound and any(form[name].value() for name in form.fields)
    if not has_words or found.status == act.after:
        messages.info(request, why)
        return redirect(found)
    form.is_valid()
    form.add_error(None, why)
    return _page(request, found, act, form)


def _how_it_stands(found: Request) -> str:
    return f"Запрос уже в состоянии «{found.get_status_display()}»: этого сделать больше нельзя."
