"""Choosing a member for a request that is there already: from the queue, after a refusal, or to hand it over."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from cabinet.users.asking import reader
from rma.forms.requests import PassForm
from rma.models import Request
from rma.origins import never_of
from rma.services.acting import give
from rma.services.asking import RequestRefused
from rma.services.matching import Offer, Pool, with_cards
from rma.services.needs import Need, need_of
from rma.services.scope import sees_only_shown
from rma.services.standing import sides
from rma.views.requests import visible

GONE = "Этого методиста выбрать не получится. Посмотрите, кто подходит, и выберите другого."


@dataclass(frozen=True)
class Way:
    """Why a member is being chosen; with `why` the reason is asked for, with this text to begin with."""

    title: str
    button: str
    done: str
    tells: str
    why: str | None = None


WAYS = {
    "name": Way(
        "Кого назвать",
        "Назвать",
        "Методист РМА назван, ему отправлено письмо.",
        "Методист РМА получит письмо и ответит: примет, предложит другой день или откажется.",
    ),
    "hand": Way(
        "Кому передать",
        "Передать",
        "Запрос передан.",
        "Новый методист получит письмо и ответит сам. Тот, кто просил, тоже узнает о передаче.",
        "",
    ),
    "replace": Way(
        "Кого попросить вместо",
        "Попросить",
        "Запрос отправлен другому методисту РМА.",
        "Новый методист получит письмо, прежний — тоже: от него больше ничего не нужно.",
        "",
    ),
    "again": Way(
        "Кого попросить теперь",
        "Попросить",
        "Запрос отправлен другому методисту РМА.",
        "Методист РМА получит письмо с вашими словами.",
    ),
}


def picker(pool: Pool, need: Need, former: Request | None, text: str) -> dict[str, Any]:
    """What the picker shows: the best offers, those found by name, why the others are not there."""
    match = pool.match(need, former)
    found = pool.search(need, text, former) if text else []
    offers, found = with_cards([match.offers, found])
    return {
        "offers": offers,
        "found": found,
        "match": match,
        "refused_count": sum(match.refused_by_reason.values()),
        "text": text,
    }


def chosen(pool: Pool, need: Need, former: Request | None, number: str) -> Offer | None:
    """The offer of the member pressed, with his card; None when he may not be asked."""
    if not (number.isdecimal() and len(number) < 19):
        return None
    offer = pool.offer(need, int(number), former)
    return with_cards([[offer]])[0][0] if offer and not offer.refusal else None


@require_http_methods(["GET", "HEAD", "POST"])
def request_pick(request: HttpRequest, pk: int) -> HttpResponse:
    """The picker; a button leads to «what will happen», and only that sends."""
    user = reader(request)
    asked = visible(user, pk)
    side = sides(asked, user)
    if not (side.is_member or side.is_asker):
        raise Http404
    if not side.picking:
        return _too_late(request, asked)
    way, need = WAYS[side.picking], need_of(asked, never_of([asked]).get(asked.pk))
    pool = Pool([need], [asked], only_shown=sees_only_shown(user))
    context = {"asked": asked, "way": way, "about": asked.whom}

    def choose(text: str = "", problem: str = "") -> HttpResponse:
        shown = context | picker(pool, need, asked, text) | {"problem": problem}
        return render(request, "rma/requests/pick.html", shown, status=422 if problem else 200)

    if request.method != "POST":
        return choose(request.GET.get("q", "").strip()[:100])
    offer = chosen(pool, need, asked, request.POST.get("member", ""))
    if offer is None or offer.member is None:
        return choose(problem=GONE)
    is_sent = request.POST.get("do") == "send"
    form = None if way.why is None else PassForm(request.POST if is_sent else None, initial={"reason": _why(asked)})
    if is_sent and (form is None or form.is_valid()):
        reason = form.cleaned_data["reason"].strip() if form else ""
        try:
            sent = give(asked, offer.member, side.picking, actor=user, reason=reason)
        except RequestRefused as refusal:
            if form is None:
                return choose(problem=str(refusal))
            form.add_error(None, str(refusal))
        else:
            messages.success(request, way.done)
            return redirect(sent)
    status = 422 if form is not None and form.is_bound else 200
    return render(request, "rma/requests/pick_confirm.html", context | {"offer": offer, "form": form}, status=status)


def _too_late(request: HttpRequest, asked: Request) -> HttpResponse:
    """Somebody was quicker: what was typed is given back with the answer, there is no form for it any more."""
    said = f"Запрос уже в состоянии «{asked.get_status_display()}»: выбирать больше не нужно."
    if words := request.POST.get("reason", "").strip()[:2000]:
        said += f" Ваши слова не отправлены: «{words}»"
    messages.info(request, said)
    return redirect(asked)


def _why(asked: Request) -> str:
    """What may be said without typing."""
    if asked.has_lost_member:
        return "Методист больше не действует в группе."
    if asked.status == Request.Status.PROPOSED:
        return "Предложенный день не подошёл."
    return "Ответа не было до срока." if asked.is_overdue and asked.status == Request.Status.SENT else ""
