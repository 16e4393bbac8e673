"""A new request: what is asked, who is asked, what will happen. Each step carries the former ones in hidden fields."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from cabinet.users.asking import reader
from cabinet.users.models import User
from rma.forms.requests import AskForm, NeedForm
from rma.models import Member, Request
from rma.origins import Need, Origin, origin_for, origin_named, origin_of
from rma.services import notices
from rma.services.acting import tell
from rma.services.asking import RequestRefused, answer_limit
from rma.services.matching import Pool
from rma.services.scope import may_ask, sees_only_shown
from rma.services.sending import once, twins_of_source
from rma.views.picking import GONE, chosen, picker

QUEUE = "queue"  # nobody is chosen: the municipal service will name one
STEPS = ("csrfmiddlewaretoken", "do", "member", "name")  # of a step, not of the request
SENT_ALREADY = "Этот запрос уже отправлен: вот он."


@require_http_methods(["GET", "HEAD", "POST"])
def request_new(request: HttpRequest) -> HttpResponse:
    """`?from=case&id=12&kind=assessment`: of a case or a route; without it one's own."""
    user = reader(request)
    code = request.GET.get("from", "")
    if code:
        return _of_source(request, user, code)
    if not may_ask(user):
        raise Http404
    typed = _typed(request)
    form = AskForm(user, request.POST if _is_sent(request) else None, typed=typed)
    if not form.is_bound or not form.is_valid():
        return _form_page(request, form, None)
    need = form.need()
    return _choose(request, user, need, origin_for(need.kind), form)


def _of_source(request: HttpRequest, user: User, code: str) -> HttpResponse:
    origin, number = origin_named(code), request.GET.get("id", "")
    if origin is None or not (number.isdecimal() and len(number) < 19):
        raise Http404
    kind = request.GET.get("kind", "")
    blank = origin.need(user, int(number), kind) if kind in Request.Kind.values else None
    if blank is None:
        # The second press of a button: what it was born of has gone on by the first.
        said = {"reason": request.POST.get("reason", ""), "topic": request.POST.get("topic", "")}
        twins = twins_of_source(user, kind=kind, source_id=int(number), **said) if said["reason"] else ()
        twin = next((one for one in twins if origin_of(one) is origin), None)
        if twin is None:
            raise Http404
        return _sent_already(request, twin)
    first = {"topic": blank.topic, "reason": blank.reason, "subject": blank.subject, "direction": blank.direction}
    form = NeedForm(request.POST if _is_sent(request) else None, typed=_typed(request) or first)
    if not form.is_bound or not form.is_valid():
        return _form_page(request, form, blank)
    return _choose(request, user, form.fill(blank), origin, form, blank)


def _is_sent(request: HttpRequest) -> bool:
    """Finding people and going back check nothing: what is typed is shown as it is."""
    return request.method == "POST" and request.POST.get("do") not in ("find", "edit")


def _typed(request: HttpRequest) -> dict[str, Any]:
    """What stands in the fields when nothing is checked; from the address, what a link fills in."""
    given = request.POST if request.method == "POST" else request.GET
    typed: dict[str, Any] = {name: given.get(name) for name in given if name not in (*STEPS, "people", "from", "id")}
    if "people" in given:
        typed["people"] = given.getlist("people")
    return typed if request.method == "POST" or "from" not in given else {}


def _form_page(request: HttpRequest, form: NeedForm, need: Need | None) -> HttpResponse:
    name = request.GET.get("name", "").strip()[:100]
    about = {"whom": whom(need), "what": Request.Kind(need.kind).label} if need else {}
    page = getattr(need and need.source, "get_absolute_url", None)
    back = page() if page else reverse("rma:requests")
    context = {"form": form, "need": need, "name": name, "back": back, **about}
    return render(request, "rma/requests/new.html", context, status=422 if form.is_bound else 200)


def _choose(
    request: HttpRequest, user: User, need: Need, origin: Origin, form: NeedForm, blank: Need | None = None
) -> HttpResponse:
    """The picker, then «what will happen», then it is sent; what is refused goes back to the form as it was typed."""
    do, number = request.POST.get("do", ""), request.POST.get("member", "")
    pool = Pool([need], only_shown=sees_only_shown(user))
    context = {"need": need, "whom": whom(need), "hidden": hidden(request.POST), "limit": answer_limit()}
    offer = None if number == QUEUE else chosen(pool, need, None, number)
    is_chosen = number == QUEUE or offer is not None
    if do == "send" and is_chosen:
        try:
            return _send(request, user, need, origin, offer.member if offer else None)
        except RequestRefused as refusal:
            form.add_error(None, str(refusal))
            return _form_page(request, form, blank)
    if is_chosen:
        return render(request, "rma/requests/new_confirm.html", context | {"offer": offer, "number": number})
    # «Попросить» on a card brings the name along; the search of the picker then takes its place.
    name = request.POST.get("name", request.GET.get("name", ""))
    context |= picker(pool, need, None, name.strip()[:100])
    context["problem"] = GONE if number else ""
    return render(request, "rma/requests/new_pick.html", context, status=422 if number else 200)


def _send(request: HttpRequest, user: User, need: Need, origin: Origin, member: Member | None) -> HttpResponse:
    def make() -> Request:
        made = origin.ask(need, member, author=user)
        if made.member is not None:
            tell(made, "asked", notices.asked, user)
        return made

    sent, is_new = once(user, make, need, member)
    if not is_new:
        return _sent_already(request, sent)
    to = (
        f"Запрос отправлен: {member.user.full_name}."
        if member
        else "Запрос в очереди: методиста РМА назовёт муниципальная служба."
    )
    messages.success(request, to)
    return redirect(sent)


def _sent_already(request: HttpRequest, sent: Request) -> HttpResponse:
    messages.info(request, SENT_ALREADY)
    return redirect(sent)


def hidden(data: QueryDict) -> list[tuple[str, str]]:
    """What was typed, for the next step of the same request."""
    return [(name, value) for name, values in data.lists() if name not in STEPS for value in values]


def whom(need: Need) -> str:
    if need.person is not None:
        return need.person.full_name
    if need.people:
        return ", ".join(one.short_name for one in need.people)
    return str(need.organization)
