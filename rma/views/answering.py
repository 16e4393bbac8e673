"""Acts with a request, a page for each: what is asked, what will happen, who is told."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from cabinet.users.models import User
from rma.forms import requests as forms
from rma.models import Activity, Request
from rma.origins import Done, origin_of
from rma.services import notices
from rma.services.activity import offer
from rma.services.asking import RequestRefused
from rma.services.standing import sides
from rma.views.requests import reader, visible

Form = Any  # the form of an act; each act knows its own


def tell(request: Request, what: str, write: Callable[..., None], actor: User) -> None:
    """A letter, unless what the request was born of writes it."""
    if what not in origin_of(request).own_letters:
        write(request, actor=actor)


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
    done = form.done()
    origin_of(request).finish(request, done, actor=user)
    tell(request, "done", notices.done, user)
    _offer_line(request, done)


def _offer_line(request: Request, done: Done) -> None:
    """The member's own work, prefilled; an assessment offers its line by the checklist."""
    if request.member is None or request.kind == Request.Kind.ASSESSMENT:
        return
    kind = Activity.Kind.GROUP if done.people_count > 1 else Activity.Kind.CONSULTATION
    if request.kind == Request.Kind.IOM_HELP:
        kind = Activity.Kind.ROUTE
    people = [request.person] if request.person else list(request.people.all())
    offer(
        request.member,
        key=f"request.{request.pk}",
        kind=kind,
        on=done.on,
        title=f"{request.get_kind_display().capitalize()}: {request.topic or notices.about(request)}",
        source=request,
        people=people,
        people_count=done.people_count,
        organizations=[request.organization],
        hours=done.hours,
        direction=request.direction,
    )


@dataclass(frozen=True)
class Act:
    title: str
    button: str
    done: str
    run: Callable[[Request, User, Form], None]
    form: type[forms.ActForm]
    tells: str
    is_loss: bool = False


ACTS: dict[str, Act] = {
    "accept": Act(
        "Принять запрос",
        "Принять",
        "Запрос принят. Спасибо!",
        _accept,
        forms.AcceptForm,
        "Тот, кто просил, получит письмо. Запрос останется у вас, пока вы не отметите, что всё проведено.",
    ),
    "propose": Act(
        "Предложить другой день",
        "Предложить этот день",
        "День предложен. Когда с ним согласятся, запрос станет принятым.",
        _propose,
        forms.ProposeForm,
        "Тот, кто просил, получит письмо и согласится с днём или выберет другого методиста.",
    ),
    "decline": Act(
        "Отказаться от запроса",
        "Отказаться",
        "Отказ передан. Спасибо, что ответили.",
        _decline,
        forms.DeclineForm,
        "Тот, кто просил, прочтёт причину и выберет другого.",
        is_loss=True,
    ),
    "agree": Act(
        "Согласиться с днём",
        "Согласиться",
        "День согласован, запрос принят.",
        _agree,
        forms.AgreeForm,
        "Методист РМА получит письмо.",
    ),
    "withdraw": Act(
        "Снять запрос",
        "Снять запрос",
        "Запрос снят.",
        _withdraw,
        forms.WithdrawForm,
        "Методист РМА, если он назван, получит письмо, что от него больше ничего не нужно.",
        is_loss=True,
    ),
    "done": Act(
        "Отметить выполненным",
        "Отметить выполненным",
        "Отмечено. Строка о работе предложена в ваш месяц.",
        _finish,
        forms.DoneForm,
        "Тот, кто просил, прочтёт, что получилось. Строка о работе предложится в ваш месяц, её можно поправить.",
    ),
}


@require_http_methods(["GET", "HEAD", "POST"])
def request_act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    user = reader(request)
    found, act = visible(user, pk), ACTS.get(name)
    side = sides(found, user)
    if act is None or not (side.is_member or side.is_asker):
        raise Http404
    if name not in side.acts:
        return _too_late(request, found)
    form = act.form(found, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        context = {"asked": found, "act": act, "form": form, "about": notices.about(found)}
        return render(request, "rma/requests/act.html", context, status=422 if form.is_bound else 200)
    try:
        with transaction.atomic():
            act.run(found, user, form)
    except RequestRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, act.done)
    return redirect(found)


def _too_late(request: HttpRequest, found: Request) -> HttpResponse:
    """Pressed twice, or somebody was quicker: the page says how it stands."""
    messages.info(request, f"Запрос уже в состоянии «{found.get_status_display()}»: этого сделать больше нельзя.")
    return redirect(found)
