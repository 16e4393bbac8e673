"""What is done from the case's page: requests to РМА, steps, the municipal record, closing."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from cabinet.planner.models import Task
from cabinet.users.asking import reader
from cabinet.users.models import User
from motor import services
from motor.forms import RecordForm
from motor.forms.requests import DeclineForm, NameForm
from motor.forms.steps import CloseForm, HandOverForm, StepForm
from motor.models import Case, Status
from motor.services.errands import hand_over_step, take_back_step
from motor.services.follow_up import directions_of
from motor.views.cases import case_page, serves_municipality
from rma.models import Request


def _case(cases: "QuerySet[Case]", pk: int) -> Case:
    # Out of scope is 404, not 403: the answer must not tell that the row exists.
    return get_object_or_404(
        cases.select_related(
            "person",
            "organization",
            "completion__course__programme__topic",
            "responsible",
            "rma_member__user",
            "outcome",
        ),
        pk=pk,
    )


def _do(request: HttpRequest, case: Case, done: str, action: Callable[[], Any]) -> HttpResponse:
    """Run a service and tell how it ended; a refusal changes nothing and says why."""
    try:
        action()
    except services.MoveRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
    return redirect(case)


@require_POST
def name_rma(request: HttpRequest, pk: int) -> HttpResponse:
    user = reader(request)
    case = _case(Case.objects.visible_to(user).filter(status=Status.RMA_REQUESTED).exclude(person=user), pk)
    if case.responsible_id != user.pk and not serves_municipality(request, case):
        raise Http404
    form = NameForm(case, user, request.POST)
    if form.is_valid():
        member, reason = form.cleaned_data["member"], form.cleaned_data["reason"]
        try:
            services.name_rma(case, member, actor=user, reason=reason)
        except services.MoveRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Запрос отправлен.")
            return redirect(case)
    return case_page(request, case, name_form=form)


def _answerable(request: HttpRequest, pk: int) -> tuple[Case, Request, User]:
    user = reader(request)
    case = _case(Case.objects.visible_to(user), pk)
    asked = get_object_or_404(
        Request.objects.answerable_by(user).of(case).select_related("member__user", "author"),
        pk=int(number) if (number := request.POST.get("request", "")).isdecimal() else None,
    )
    return case, asked, user


@require_POST
def accept_rma(request: HttpRequest, pk: int) -> HttpResponse:
    case, asked, user = _answerable(request, pk)
    return _do(request, case, "Запрос принят. Спасибо!", lambda: services.accept_request(case, asked, actor=user))


@require_POST
def decline_rma(request: HttpRequest, pk: int) -> HttpResponse:
    case, asked, user = _answerable(request, pk)
    form = DeclineForm(request.POST)
    if form.is_valid():
        try:
            services.decline_request(case, asked, actor=user, reason=form.cleaned_data["reason"])
        except services.MoveRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Отказ передан методисту ОО. Спасибо, что ответили.")
            return redirect("rma:requests")
    return case_page(request, case, decline_form=form)


@require_POST
def without_rma(request: HttpRequest, pk: int) -> HttpResponse:
    user = reader(request)
    case = _case(Case.objects.led_by(user), pk)
    reason = request.POST.get("reason", "")
    return _do(
        request, case, "Карта продолжена без РМА.", lambda: services.go_without_rma(case, actor=user, reason=reason)
    )


def _step(request: HttpRequest, pk: int, task: int) -> tuple[User, Case, Task]:
    user = reader(request)
    case = _case(Case.objects.led_by(user).filter(status=Status.FOLLOW_UP), pk)
    return user, case, get_object_or_404(Task.objects.of(case).exclude(kind=""), pk=task)


@require_POST
def end_step(request: HttpRequest, pk: int, task: int) -> HttpResponse:
    """«Сделано» or «не требуется», by the button pressed; both ask for a word."""
    user, case, step = _step(request, pk, task)
    checklists = list(case.checklists.in_force().filter(version=case.version))
    form = StepForm(step, directions_of(case, checklists), request.POST)
    if not form.is_valid():
        return case_page(request, case, step_form=form)
    note, chosen = form.cleaned_data["note"], form.cleaned_data["chosen"]
    if form.is_waiver:
        return _do(request, case, "Шаг снят.", lambda: services.waive_step(case, step, actor=user, reason=note))
    return _do(
        request,
        case,
        "Шаг отмечен.",
        lambda: services.finish_step(case, step, actor=user, note=note, chosen=chosen),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: HttpRequest, pk: int, task: int) -> HttpResponse:
    user, case, step = _step(request, pk, task)
    form = HandOverForm(case, step, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        context = {"case": case, "step": step, "title": step.title.rsplit(" — ", 1)[0], "form": form}
        return render(request, "motor/hand_over.html", context, status=422 if form.is_bound else 200)
    data, to = form.cleaned_data, form.person
    return _do(
        request,
        case,
        f"Шаг поручен: {to.full_name}.",
        lambda: hand_over_step(case, step, to=to, actor=user, due_on=data["due_on"], text=data["text"]),
    )


@require_POST
def take_back(request: HttpRequest, pk: int, task: int) -> HttpResponse:
    user, case, step = _step(request, pk, task)
    return _do(request, case, "Поручение отозвано.", lambda: take_back_step(case, step, actor=user))


@require_POST
def save_record(request: HttpRequest, pk: int) -> HttpResponse:
    user = reader(request)
    case = get_object_or_404(Case.objects.recordable_by(user).with_names(), pk=pk)
    form = RecordForm(request.POST)
    if not form.is_valid():
        return case_page(request, case, record_form=form)
    return _do(request, case, "Учёт сохранён.", lambda: services.record_result(case, form.answer, specialist=user))


@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    user = reader(request)
    case = _case(Case.objects.led_by(user).filter(status=Status.FOLLOW_UP), pk)
    form = CloseForm(request.POST)
    if not form.is_valid():
        return case_page(request, case, close_form=form)
    reason = form.cleaned_data["reason"]
    return _do(
        request, case, "Работа по карте завершена.", lambda: services.close_case(case, actor=user, reason=reason)
    )
