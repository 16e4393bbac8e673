"""Acts with items: one table of who may do what, when, and what it asks for; one page for all of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from cabinet.users.asking import number
from cabinet.users.models import User
from iom.forms import carrying as forms
from iom.models import Assignment, Route, RouteItem, Status
from iom.moves import IN_HAND, ITEM_MOVES, Refused
from iom.services import carrying, practising

Data = dict[str, Any]
Items = RouteItem.Status


def own(user: User) -> QuerySet[Route]:
    return Route.objects.visible_to(user).filter(person=user)


def checked(user: User) -> QuerySet[Route]:
    return Route.objects.checkable_by(user)


def helped(user: User) -> QuerySet[Route]:
    return Route.objects.helpable_by(user)


@dataclass(frozen=True)
class ItemAct:
    title: str
    button: str
    done: str
    who: Callable[[User], QuerySet[Route]]
    when: tuple[str, ...]  # states of the item in which it is offered
    run: Callable[[RouteItem, User, Data], object]
    form: type[forms.ItemForm] = forms.ConfirmForm
    is_loss: bool = False
    said: tuple[tuple[str, str], ...] | None = ()  # what is asked for → where the item keeps it; None: nowhere


OVER = (Assignment.Status.ACCEPTED, Assignment.Status.WITHDRAWN)
LIVE = (*IN_HAND, Items.SUBMITTED)
ACTS: dict[str, ItemAct] = {
    "start": ItemAct(
        "Начать пункт",
        "Начать",
        "Пункт начат.",
        own,
        (Items.PLANNED,),
        lambda item, user, data: carrying.start_item(item, actor=user),
    ),
    "submit": ItemAct(
        "Пункт сделан",
        "Передать на проверку",
        "Передано на проверку.",
        own,
        IN_HAND,
        lambda item, user, data: carrying.submit_item(item, actor=user, **data),
        forms.SubmitForm,
        said=(("text", "done_text"), ("link", "done_link")),
    ),
    "confirm": ItemAct(
        "Подтвердить пункт",
        "Подтвердить",
        "Пункт подтверждён, педагог получит письмо.",
        checked,
        LIVE,
        lambda item, user, data: carrying.confirm_item(item, actor=user),
    ),
    "return": ItemAct(
        "Вернуть пункт на доработку",
        "Вернуть с комментарием",
        "Пункт возвращён, педагог получит письмо.",
        checked,
        (Items.SUBMITTED,),
        lambda item, user, data: carrying.return_item(item, actor=user, comment=data["comment"]),
        forms.ReturnForm,
        said=(("comment", "return_comment"),),
    ),
    "remove": ItemAct(
        "Исключить пункт",
        "Исключить",
        "Пункт исключён, причина осталась в маршруте.",
        checked,
        LIVE,
        lambda item, user, data: carrying.remove_item(item, actor=user, reason=data["reason"]),
        forms.RemoveForm,
        is_loss=True,
        said=(("reason", "removed_reason"),),
    ),
    "reopen": ItemAct(
        "Возобновить пункт",
        "Возобновить",
        "Пункт снова в работе, педагог получит письмо.",
        checked,
        RouteItem.FINISHED,
        lambda item, user, data: carrying.reopen_item(item, actor=user, reason=data["reason"]),
        forms.ReopenForm,
        said=None,
    ),
    "practice": ItemAct(
        "Отметить: изменение уже осуществляется",
        "Отметить",
        "Отмечено: изменение уже осуществляется.",
        helped,
        (*LIVE, Items.CONFIRMED),
        lambda item, user, data: practising.mark_practice(item, actor=user, **data),
        forms.PracticeForm,
    ),
    "practice_off": ItemAct(
        "Снять отметку «изменение уже осуществляется»",
        "Снять отметку",
        "Отметка снята.",
        helped,
        (*LIVE, Items.CONFIRMED),
        lambda item, user, data: practising.unmark_practice(item, actor=user),
        is_loss=True,
    ),
}


@require_http_methods(["GET", "HEAD", "POST"])
def item_act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    act = ACTS.get(name)
    if act is None or not isinstance(request.user, User):
        raise Http404
    routes = act.who(request.user).order_by().values("pk")
    rows = RouteItem.objects.filter(route__in=routes).select_related(
        "route__person", "route__organization", "route__mentor", "route__rma_member__user"
    )
    item = get_object_or_404(rows, pk=pk)
    is_sent = request.method == "POST"
    form = act.form(item, request.POST, request.FILES) if is_sent else act.form(item)
    if is_sent and form.is_valid():
        try:
            if _is_so(item, name, form.cleaned_data):
                messages.info(request, f"Пункт уже в состоянии «{item.get_status_display()}».")
            else:
                if act.who is checked:
                    carrying.require_seen(item, request.POST.get("revision", ""))
                act.run(item, request.user, form.cleaned_data)
                messages.success(request, act.done)
            return redirect(f"{item.route.get_absolute_url()}#item-{item.pk}")
        except Refused as refusal:
            form.add_error(None, str(refusal))
    context = {"item": item, "route": item.route, "act": act, "form": form, "name": name}
    context["is_possible"] = item.status in act.when and _is_open(item.route, name)
    context["is_judged"] = act.who is checked and bool(item.done_text or item.done_link or item.files.all())
    context["left_open"] = item.assignments.exclude(status__in=OVER).count() if name == "remove" else 0
    return render(request, "iom/item_act.html", context, status=422 if is_sent else 200)


def _is_so(item: RouteItem, name: str, data: Data) -> bool:
    """A second click, or a colleague was a moment earlier: what is wanted is so already."""
    move, said = ITEM_MOVES.get(name), ACTS[name].said
    if move is None or said is None or item.status != move.target:
        return False
    return all(data[asked].strip() == getattr(item, kept) for asked, kept in said)


def _is_open(route: Route, name: str) -> bool:
    """A change in practice is marked in any route but one that is put away; the rest needs an agreed plan."""
    return route.status != Status.ARCHIVED if name.startswith("practice") else carrying.is_carried_out(route)


@require_POST
def items_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Several ticked items at once; those that have changed meanwhile are named and left."""
    routes = Route.objects.checkable_by(request.user).with_names()
    route = get_object_or_404(routes, pk=pk)
    ticked: dict[int, str] = {}  # item → its revision when the page was opened
    for one in request.POST.getlist("item"):
        pk_of, _, revision = one.partition(":")
        if wanted := number(pk_of):
            ticked[wanted] = revision
    found, done = list(route.items.filter(pk__in=ticked, status=Items.SUBMITTED)), 0
    for item in found:
        item.route = route
        try:
            carrying.require_seen(item, ticked[item.pk])
            carrying.confirm_item(item, actor=request.user)  # type: ignore[arg-type]
            done += 1
        except Refused as refusal:
            messages.warning(request, f"«{item.activity}»: {refusal}")
    if done:
        messages.success(request, f"Подтверждено пунктов: {done}. Педагог получит письмо о каждом.")
    elif not ticked:
        messages.warning(request, "Отметьте хотя бы один пункт, и его можно будет подтвердить.")
    elif not found:
        messages.info(request, "Отмеченные пункты уже проверены.")
    return redirect(reverse("iom:route", args=[route.pk]))
