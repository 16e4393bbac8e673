"""From the library and the calendar into a route: which route, which item; or beside an item, which material."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from cabinet.core.search import squeeze
from cabinet.library.models import Material
from cabinet.users.asking import number, reader
from cabinet.users.models import User
from iom.models import Route, RouteItem, RouteQuerySet
from iom.moves import Refused
from iom.services import library

PAGE_SIZE = 20
TAKES = {"material": "Материалы библиотеки", "event": "События календаря"}


def _routes(user: User) -> RouteQuerySet:
    """Those one may change now, one's own first."""
    own_first = Case(When(person=user, then=0), default=1)
    rows = Route.objects.designable_by(user).with_names()
    return rows.order_by(own_first, "person__last_name", "person__first_name", "pk")


@require_http_methods(["GET", "HEAD", "POST"])
def material_add(request: HttpRequest, pk: int) -> HttpResponse:
    """«Добавить в ИОМ»: with one route to change its items stand here at once, with many they are looked for first."""
    user = reader(request)
    material = get_object_or_404(Material.objects.visible_to(user).published().select_related("current"), pk=pk)
    if request.method == "POST":
        return _add(request, user, material)
    routes = _routes(user)
    route = _chosen(request, routes, user)
    if route is not None:
        items = list(route.items.unfinished().select_related("deficit").prefetch_related("attachments"))
        there = {item.pk for item in items if any(one.material_id == pk for one in item.attachments.all())}
        context: dict[str, Any] = {"route": route, "items": items, "there": there}
        context["is_only"] = "route" not in request.GET
    else:
        typed = squeeze(request.GET.get("q", ""))[:100]
        found = routes.search(typed) if typed else routes
        context = {"page": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")), "q": typed}
        context["running"] = Route.objects.running().filter(person=user).first()
        context["may_begin"] = user.organization_id is not None
    return render(request, "iom/material_add.html", context | {"material": material})


def _chosen(request: HttpRequest, routes: RouteQuerySet, user: User) -> Route | None:
    """Of the address; else one's own, unless one builds others' too."""
    if asked := number(request.GET.get("route")):
        return get_object_or_404(routes, pk=asked)
    few = list(routes[:2])
    return few[0] if len(few) == 1 and few[0].person_id == user.pk else None


def _add(request: HttpRequest, user: User, material: Material) -> HttpResponse:
    """`item`: its number; or `route`: a new item of it."""
    try:
        if asked := number(request.POST.get("item")):
            items = RouteItem.objects.filter(route__in=Route.objects.designable_by(user).order_by().values("pk"))
            item = get_object_or_404(items.select_related("route__person", "route__organization"), pk=asked)
            made: RouteItem | None = item if library.attach_material(item, material, actor=user) else None
            route = item.route
        else:
            route = get_object_or_404(_routes(user), pk=number(request.POST.get("route")))
            made = library.add_item_for(route, material, actor=user)
    except Refused as refusal:
        messages.warning(request, str(refusal))
        return redirect(f"{reverse('iom:material_add', args=[material.pk])}?route={number(request.POST.get('route'))}")
    if made is None:
        messages.info(request, f"«{material}» уже стоит в этом пункте.")
    else:
        messages.success(request, f"Добавлено в ИОМ: «{material}», пункт «{made.activity}».")
    return redirect(route)


@require_http_methods(["GET", "HEAD", "POST"])
def item_library(request: HttpRequest, pk: int) -> HttpResponse:
    """Beside an item: `?q=` looks in the library, `?what=event` in the calendar ahead."""
    user = reader(request)
    routes = Route.objects.designable_by(user).order_by().values("pk")
    items = RouteItem.objects.filter(route__in=routes).unfinished()
    names = ("deficit", "route__person__organization", "route__organization", "route__subject")
    item = get_object_or_404(items.select_related(*names), pk=pk)
    if request.method == "POST":
        return _attach(request, user, item)
    what = "event" if request.GET.get("what") == "event" else "material"
    typed = squeeze(request.GET.get("q", ""))[:100]
    context: dict[str, Any] = {"item": item, "route": item.route, "what": what, "takes": TAKES, "q": typed}
    if what == "event":
        events = library.events_for(item, user)
        page = Paginator(events.search(typed) if typed else events, PAGE_SIZE).get_page(request.GET.get("page"))
        context |= {"page": page, "there": set(item.attachments.values_list("event", flat=True))}
    else:
        context["found"] = library.found_materials(item, user, typed) if typed else []
        context["suggested"] = [] if typed else library.suggested(item, user)
    return render(request, "iom/item_library.html", context)


def _attach(request: HttpRequest, user: User, item: RouteItem) -> HttpResponse:
    """`material` or `event`: its number."""
    back = f"{reverse('iom:design', args=[item.route_id])}#item-{item.pk}"
    try:
        if asked := number(request.POST.get("event")):
            row: Any = get_object_or_404(library.events_for(item, user), pk=asked)
            done = library.attach_event(item, row, actor=user)
        else:
            found = Material.objects.visible_to(user).published().select_related("current")
            row = get_object_or_404(found, pk=number(request.POST.get("material")))
            done = library.attach_material(item, row, actor=user)
    except Refused as refusal:
        messages.warning(request, str(refusal))
        return redirect(back)
    messages.success(request, f"{'Приложено' if done else 'Уже приложено'}: «{row.title}».")
    return redirect(back)
