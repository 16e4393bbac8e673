"""Requests to regional methodists: the list, and the page of one."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from cabinet.users.asking import reader
from cabinet.users.models import User
from rma.filters.requests import PAST, VIEWS, RequestFilter, counts_of, side_of
from rma.models import Request
from rma.origins import origin_of
from rma.services.chains import continued, earlier
from rma.services.scope import may_ask
from rma.services.standing import PICKING, Sides, may_open_source, people_shown, sides

PAGE_SIZE = 25
EMPTY = {
    "answer": ("Отвечать пока не на что", "Здесь появятся запросы, которые ждут вашего ответа."),
    "do": ("Принятых запросов нет", "Здесь появится то, что вы приняли и ещё не провели."),
    "asked": ("Вы пока никого не просили", "Попросите методиста РМА о консультации или о помощи с ИОМ."),
    PAST: (
        "Завершённых запросов нет",
        "Здесь останется выполненное, снятое и отклонённое: видно, чем закончилось.",
    ),
    "all": ("Запросов нет", "Здесь появятся запросы к методистам РМА: участие в оценке, помощь по ИОМ, консультации."),
}


def visible(user: User, pk: int) -> Request:
    """Out of scope is 404, not 403: the answer must not tell that the row exists."""
    rows = Request.objects.visible_to(user).with_names().select_related("person__subject", "former__member__user")
    rows = rows.select_related("organization__municipality__territory").prefetch_related("people")
    return get_object_or_404(rows, pk=pk)


@require_safe
def request_list(request: HttpRequest) -> HttpResponse:
    user = reader(request)
    rows = Request.objects.visible_to(user)
    counts = counts_of(rows, user)
    view = request.GET.get("view", "")
    if view not in VIEWS:
        view = next((one for one in VIEWS if counts[one]), "all")
    found = rows.filter(side_of(view, user)).with_names()
    chosen = RequestFilter(request.GET, queryset=found, request=request, is_past=view == PAST)
    page = Paginator(chosen.qs, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "filter": chosen,
        "view": view,
        "tabs": [(code, label, counts[code]) for code, label in VIEWS.items() if counts[code] or _fits(code, user)],
        "empty": EMPTY[view],
        "may_ask": may_ask(user),
        "has_queue": bool(user.roles & {"municipal", "admin"}),
        "sees_figures_only": not may_ask(user) and "observer" in user.roles,
    }
    return render(request, "rma/requests/request_list.html", context)


def _fits(view: str, user: User) -> bool:
    """A tab that may be filled one day; the others would only ask why they are empty."""
    return view not in ("answer", "do") or "regional" in user.roles


@require_safe
def request_detail(request: HttpRequest, pk: int) -> HttpResponse:
    user = reader(request)
    found = visible(user, pk)
    return render(request, "rma/requests/request_detail.html", page_of(found, user))


def page_of(found: Request, user: User) -> dict[str, Any]:
    """What the page of a request shows this reader."""
    side = sides(found, user)
    origin, can_open = origin_of(found), may_open_source(found, user)
    people, hidden = people_shown(found, side, user)
    return {
        "asked": found,
        "about": found.whom,
        "people": people,
        "hidden_people": hidden,
        "side": side,
        "next": next_of(found, side, continued(found, user)) or (_assess(found, side) if can_open else None),
        "others": others_of(found, side),
        "source": (origin.title(found), origin.address(found)) if can_open else None,
        "earlier": earlier(found, with_reasons=side.is_asker),
    }


# Act → the button of the one next thing, what it says there.
NEXT = {
    "accept": ("Ответьте на запрос", "Примите его, предложите другой день или откажитесь с причиной."),
    "propose": ("Предложенный день уже прошёл", "Предложите другой или примите запрос без дня."),
    "done": ("Отметьте, когда проведёте", "Строка о работе предложится в ваш месяц сама."),
    "agree": ("Методист РМА предлагает другой день", "Если день подходит, согласитесь: запрос будет принят."),
    "replace": ("Ответа нет в срок", "Выберите другого методиста РМА."),
    "name": ("Назовите методиста РМА", "Покажем, кто подходит и почему."),
    "again": ("Выберите другого методиста РМА", "Покажем, кто подходит и почему."),
}
MORE = {
    "accept": "Принять",
    "propose": "Предложить другой день",
    "decline": "Отказаться",
    "hand": "Передать другому",
    "done": "Отметить выполненным",
    "agree": "Согласиться с днём",
    "replace": "Выбрать другого",
    "name": "Назвать методиста",
    "again": "Выбрать другого",
    "withdraw": "Снять запрос",
}


def others_of(found: Request, side: Sides) -> list[tuple[str, str, str]]:
    """Further acts: code, label, where."""
    first = side.acts[:1] if side.acts and side.acts[0] in NEXT else ()
    return [(act, MORE[act], _address(found, act)) for act in side.acts if act not in first]


def _address(found: Request, act: str) -> str:
    name, args = ("rma:request_pick", [found.pk]) if act in PICKING else ("rma:request_act", [found.pk, act])
    return reverse(name, args=args)


def next_of(found: Request, side: Sides, later: Request | None = None) -> dict[str, str] | None:
    """The one obvious thing, for whoever's turn it is; of what has gone on as another request, that one."""
    if later is not None:
        return _later(later, side)
    act = side.acts[0] if side.acts else ""
    if act not in NEXT:
        return None
    title, note = NEXT[act]
    if act == "agree" and found.is_day_past:
        title, note = "Предложенный день уже прошёл", "Согласитесь без дня или выберите другого методиста РМА."
    if act == "replace" and found.has_lost_member:
        title = "Методист больше не действует в группе"
    return {"act": act, "title": title, "note": note, "label": MORE[act], "address": _address(found, act)}


def _assess(found: Request, side: Sides) -> dict[str, str] | None:
    """A second opinion is given where its materials are; the request then ends by itself."""
    is_owed = side.is_member and found.status == Request.Status.ACCEPTED and found.kind == Request.Kind.ASSESSMENT
    if not is_owed:
        return None
    return {
        "act": "assess",
        "title": "Изучите материалы и заполните чек-лист",
        "note": "Когда чек-лист сохранён, запрос выполнится сам.",
        "label": "Открыть карту",
        "address": origin_of(found).address(found),
    }


def _later(later: Request, side: Sides) -> dict[str, str]:
    if later.status == Request.Status.WANTED and side.is_asker:
        title, note = NEXT["again"]
        address = _address(later, "name")
        return {"act": "again", "title": title, "note": note, "label": MORE["again"], "address": address}
    title, note = "Запрос продолжается", f"{later.get_status_display()}: {later.turn}." if later.turn else ""
    return {"act": "later", "title": title, "note": note, "label": "Открыть", "address": later.get_absolute_url()}
