"""Choosing a member for a request that is there already: from the queue, after a refusal, or to hand it over."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from cabinet.users.models import User
from rma.forms.requests import PassForm
from rma.models import Member, Request
from rma.origins import Need, origin_of
from rma.services import notices
from rma.services.asking import RequestRefused
from rma.services.matching import Offer, Pool, with_cards
from rma.services.scope import sees_only_shown
from rma.services.sending import ask_again
from rma.services.standing import sides
from rma.views.answering import tell
from rma.views.requests import reader, visible

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


def need_of(request: Request, never: Mapping[int, str]) -> Need:
    """What a request that is there asks for; what it was born of is not loaded, matching knows it by number."""
    return Need(
        kind=request.kind,
        organization=request.organization,
        person=request.person,
        people=tuple(request.people.all()),
        subject=request.subject,
        direction=request.direction,
        topic=request.topic,
        reason=request.reason,
        wanted_on=request.wanted_on,
        never={**never, request.author_id: "это тот, кто просит"},
    )


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
        messages.info(request, f"Запрос уже в состоянии «{asked.get_status_display()}»: выбирать больше не нужно.")
        return redirect(asked)
    way, need = WAYS[side.picking], need_of(asked, origin_of(asked).never(asked))
    pool = Pool([need], [asked], only_shown=sees_only_shown(user))
    context = {"asked": asked, "way": way, "about": notices.about(asked)}
    if request.method != "POST":
        context |= picker(pool, need, asked, request.GET.get("q", "").strip()[:100])
        return render(request, "rma/requests/pick.html", context)
    offer = chosen(pool, need, asked, request.POST.get("member", ""))
    if offer is None or offer.member is None:
        context |= picker(pool, need, asked, "") | {"problem": GONE}
        return render(request, "rma/requests/pick.html", context, status=422)
    return _confirm(request, user, asked, side.picking, context | {"offer": offer}, offer.member)


def _confirm(
    request: HttpRequest, user: User, asked: Request, what: str, context: dict[str, Any], member: Member
) -> HttpResponse:
    way, is_sent = WAYS[what], request.POST.get("do") == "send"
    form = None if way.why is None else PassForm(request.POST if is_sent else None, initial={"reason": _why(asked)})
    if not is_sent or (form is not None and not form.is_valid()):
        status = 422 if form is not None and form.is_bound else 200
        return render(request, "rma/requests/pick_confirm.html", context | {"form": form}, status=status)
    try:
        with transaction.atomic():
            sent = _send(asked, member, user, what, form.cleaned_data["reason"].strip() if form else "")
    except RequestRefused as refusal:
        messages.error(request, str(refusal))
        return redirect(asked)
    messages.success(request, way.done)
    return redirect(sent)


def _why(asked: Request) -> str:
    """What may be said without typing."""
    if asked.status == Request.Status.PROPOSED:
        return "Предложенный день не подошёл."
    return "Ответа не было до срока." if asked.is_overdue and asked.status == Request.Status.SENT else ""


def _send(asked: Request, member: Member, user: User, what: str, reason: str) -> Request:
    origin = origin_of(asked)
    if what == "name":
        origin.name(asked, member, actor=user)
        tell(asked, "asked", notices.asked, user)
        return asked
    if what == "again":
        sent = ask_again(asked, member)
        tell(sent, "asked", notices.asked, user)
        return sent
    sent = origin.hand_over(asked, member, actor=user, reason=reason)
    if "handed" not in origin.own_letters:
        asked.refresh_from_db()
        notices.handed_over(asked, sent, actor=user)
    tell(sent, "asked", notices.asked, user)
    return sent
