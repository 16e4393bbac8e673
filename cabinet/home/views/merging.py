"""Order in the data: cards that may be one, and making them one. Admins only; for others the pages do not exist."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cabinet.courses.models import Programme
from cabinet.home.filters.merging import OrganizationPairFilter, PersonPairFilter
from cabinet.home.forms.merging import MergeForm, shown_value
from cabinet.home.services import merging_organizations, merging_people, merging_search
from cabinet.home.services.merging import MergeRefused, Plan
from cabinet.structure.models import Organization
from cabinet.users.decorators import roles_required
from cabinet.users.models import LogEntry, OrganizationPair, PersonPair, User
from cabinet.users.services import record

PAGE_SIZE = 30
FOUND = 30  # cards shown for a typed name


class Kind(NamedTuple):
    """What is paired: people or organizations. `rules` are the functions of its service module."""

    model: type[Any]
    pair: type[Any]
    filter: type[Any]
    rules: Any
    merge: Callable[..., Model]
    plan: Callable[..., Plan]
    related: tuple[str, ...]
    facts: tuple[str, ...]


KINDS = {
    "people": Kind(
        User,
        PersonPair,
        PersonPairFilter,
        merging_people,
        merging_people.merge_people,
        merging_people.plan_people,
        ("organization__municipality", "position", "subject"),
        ("organization", "position", "subject", "email", "contact_email", "phone", "contact_note", "last_login"),
    ),
    "organizations": Kind(
        Organization,
        OrganizationPair,
        OrganizationPairFilter,
        merging_organizations,
        merging_organizations.merge_organizations,
        merging_organizations.plan_organizations,
        ("municipality",),
        ("kind", "municipality", "low_results", "is_active"),
    ),
}


@roles_required("admin")
@require_safe
def order(request: HttpRequest) -> HttpResponse:
    context = {
        "people": PersonPair.objects.visible_to(request.user).undecided().count(),
        "organizations": OrganizationPair.objects.visible_to(request.user).undecided().count(),
        "programmes": Programme.objects.filter(topic=None).count(),
        "job": merging_search.last_search(),
    }
    return render(request, "home/merging/order.html", context)


@roles_required("admin")
@require_POST
def search(request: HttpRequest) -> HttpResponse:
    merging_search.order_search(request.user)  # type: ignore[arg-type]
    messages.success(request, "Ищем похожие карточки. Обычно это занимает меньше минуты.")
    return redirect("home:data_order")


@roles_required("admin")
@require_safe
def pairs(request: HttpRequest, kind: str) -> HttpResponse:
    what = KINDS[kind]
    related = [f"{side}__{path}" for side in ("first", "second") for path in what.related]
    shown = what.pair.objects.visible_to(request.user).select_related("different_by", *related)
    pair_filter = what.filter(request.GET, queryset=shown)
    page = Paginator(pair_filter.qs, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [(pair, what.rules.doubts(pair.first, pair.second)) for pair in page]
    context = {"filter": pair_filter, "page": page, "rows": rows, "kind": kind, "likely": merging_search.LIKELY}
    return render(request, "home/merging/pairs.html", context | {"job": merging_search.last_search()})


@roles_required("admin")
@require_POST
def decide(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """«Это разные люди», or not so sure after all."""
    pair = get_object_or_404(KINDS[kind].pair.objects.visible_to(request.user), pk=pk)
    if request.POST.get("do") == "undo":
        merging_search.doubt_again(pair, request=request)
        messages.success(request, "Пара снова ждёт решения.")
    else:
        merging_search.tell_apart(pair, request=request)
        messages.success(request, "Запомнили: это разные. Пара больше не появится, а найти её можно через отбор.")
    return redirect(f"home:{kind}_pairs")


@roles_required("admin")
@require_safe
def choose(request: HttpRequest, kind: str) -> HttpResponse:
    """Two cards that no search brings together: found by name, ticked, compared."""
    what, picked = KINDS[kind], [int(pk) for pk in request.GET.getlist("pk") if pk.isdecimal() and len(pk) < 19]
    if len(set(picked)) == 2:
        return redirect(f"home:{kind}_merge", *sorted(set(picked)))
    text = request.GET.get("q", "").strip()
    found = what.rules.mergeable().select_related(*what.related)
    kept = list(found.filter(pk__in=picked[:2]))
    if text:
        kept += [one for one in what.rules.named(found, text)[:FOUND] if one.pk not in picked]
    context = {"kind": kind, "text": text, "cards": kept, "picked": picked, "limit": FOUND}
    return render(request, "home/merging/choose.html", context)


@roles_required("admin")
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: HttpRequest, kind: str, first: int, second: int) -> HttpResponse:
    what = KINDS[kind]
    cards = get_two(what, first, second)
    keep, drop = in_order(what, cards, request.GET.get("keep", ""))
    offered = {name: what.rules.default_for(name, keep, drop) for name in what.rules.differing(keep, drop)}
    form = MergeForm(request.POST if request.method == "POST" else None, cards=cards, offered=offered)
    if request.method == "POST" and form.is_valid():
        try:
            what.merge(keep, drop, form.take, actor=request.user, seen=request.POST.get("seen", ""), request=request)
        except MergeRefused as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"Объединено: {keep}. Всё, что было во второй карточке, теперь здесь.")
            return redirect(f"home:{kind}_pairs")
    elif kind == "people":
        for person in cards:
            record(LogEntry.Action.VIEWED, person=person, about=person, note="сравнение карточек", request=request)
    context = merge_context(request, what, cards, keep, drop) | {"form": form, "kind": kind}
    return render(request, "home/merging/merge.html", context, status=422 if form.errors else 200)


def get_two(what: Kind, first: int, second: int) -> tuple[Any, Any]:
    found = what.rules.mergeable().select_related(*what.related).in_bulk([first, second])
    if first == second or len(found) < 2:
        raise Http404
    return found[first], found[second]


def in_order(what: Kind, cards: tuple[Any, Any], keep: str) -> tuple[Any, Any]:
    """(stays, is closed): as the address says, else as is best."""
    best = next((card for card in cards if str(card.pk) == keep), None) or what.rules.prefer(*cards)
    return (cards[0], cards[1]) if best is cards[0] else (cards[1], cards[0])


def merge_context(request: HttpRequest, what: Kind, cards: tuple[Any, Any], keep: Any, drop: Any) -> dict[str, Any]:
    facts = [
        (what.model._meta.get_field(name).verbose_name, [shown_value(card, name) for card in cards])
        for name in what.facts
        if any(getattr(card, name) not in (None, "") for card in cards)
    ]
    return {
        "cards": cards,
        "keep": keep,
        "drop": drop,
        "facts": facts,
        "plan": what.plan(keep, drop, actor=request.user),
        "doubts": what.rules.doubts(*cards),
    }
