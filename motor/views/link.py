"""The link's card: what happened to a personal link, and what may be done about it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cabinet.core.clock import today
from cabinet.core.words import long_date
from cabinet.users.asking import reader
from cabinet.users.models import LogEntry
from cabinet.users.services import record
from motor.forms.link import ExtendForm, TalkForm
from motor.models import Case
from motor.moves import MoveRefused
from motor.services import link as services
from motor.services.link_card import card_of
from motor.services.reminders import recipients, remind_now
from motor.services.talking import note_talk


def _case(request: HttpRequest, pk: int) -> Case:
    """Of whoever leads the case, the municipal service and the admin; nobody's own."""
    return get_object_or_404(Case.objects.stoppable_by(request.user).with_names(), pk=pk)


@never_cache
@require_safe
def link_card(request: HttpRequest, pk: int) -> HttpResponse:
    case = _case(request, pk)
    record(LogEntry.Action.VIEWED, person=case.person, about=case, request=request)
    return _card_page(request, case, TalkForm())


def _card_page(request: HttpRequest, case: Case, form: TalkForm) -> HttpResponse:
    context = {"case": case, "card": card_of(case), "form": form}
    return render(request, "motor/link/card.html", context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reissue(request: HttpRequest, pk: int) -> HttpResponse:
    """The page says what will end; `version` is the link it was opened for, so a second click ends nothing more."""
    case = _case(request, pk)
    if request.method != "POST":
        return render(request, "motor/link/reissue.html", {"case": case})
    if request.POST.get("version") != str(case.link_version):
        messages.info(request, "Ссылку только что выдали заново: второй раз ничего не изменилось.")
        return redirect("motor:link", pk)
    try:
        services.reissue_link(case, actor=reader(request))
    except MoveRefused as refusal:
        messages.warning(request, str(refusal))
    else:
        address = case.person.address
        went = "Письмо с новой ссылкой уйдёт педагогу." if address else "Адреса у педагога нет: передайте ссылку сами."
        messages.success(request, f"Ссылка выдана заново, прежняя больше не действует. {went}")
    return redirect("motor:link", pk)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def extend(request: HttpRequest, pk: int) -> HttpResponse:
    case = _case(request, pk)
    form = ExtendForm(case, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _extend(request, case, form):
        return redirect("motor:link", pk)
    can_extend = case.status in services.WAITING and case.paused_until is None
    context = {"case": case, "form": form, "can_extend": can_extend, "latest": services.latest_extension()}
    return render(request, "motor/link/extend.html", context, status=422 if form.errors else 200)


def _extend(request: HttpRequest, case: Case, form: ExtendForm) -> bool:
    until, reason = form.cleaned_data["until"], form.cleaned_data["reason"]
    if case.due_on == until and case.due_on > today():
        messages.info(request, f"Срок уже до {long_date(until)}: второй раз ничего не изменилось.")
        return True
    try:
        services.extend_time(case, actor=reader(request), until=until, reason=reason)
    except MoveRefused as refusal:
        form.add_error("until", str(refusal))
        return False
    messages.success(request, f"Срок продлён до {long_date(until)}. Педагог получит письмо.")
    return True


@require_POST
def remind(request: HttpRequest, pk: int) -> HttpResponse:
    case = _case(request, pk)
    if remind_now([case], actor=reader(request)):
        messages.success(request, "Напоминание уйдёт в течение минуты.")
    else:
        why = next((one.why_not for one in recipients([case])), "")
        messages.info(request, f"Письмо не отправлено: {why}." if why else "Письмо не отправлено: карта изменилась.")
    return redirect("motor:link", pk)


@require_POST
def talked(request: HttpRequest, pk: int) -> HttpResponse:
    case = _case(request, pk)
    form = TalkForm(request.POST)
    if not form.is_valid():
        return _card_page(request, case, form)
    try:
        note_talk(case, actor=reader(request), said=form.cleaned_data["said"])
    except MoveRefused as refusal:
        messages.info(request, str(refusal))
    else:
        messages.success(request, "Разговор отмечен.")
    return redirect(reverse("motor:link", args=[pk]))
