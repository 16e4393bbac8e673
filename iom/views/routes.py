"""The list of routes, those who have none, and one's own routes."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from cabinet.core.fragments import wants_fragment
from cabinet.users.asking import reader
from cabinet.users.decorators import roles_required
from cabinet.users.models import User
from iom.exports import order_export
from iom.filters import DEFAULT_SORT, RouteFilter, WithoutFilter, sorted_routes
from iom.models import Route
from iom.services.helping import people_helped_by
from iom.services.mass import may_mass
from iom.services.overview import (
    HELPERS,
    KNOW_PEOPLE,
    own_routes,
    people_without,
    rows_of,
    tallies,
    with_last_route,
)

PAGE_SIZE = 25
VIEWS = {"all": "Маршруты", "none": "У кого нет маршрута", "own": "Мой маршрут"}


@require_safe
@vary_on_headers("HX-Request")  # the page and its fragment share an address; caches must not mix them
def route_list(request: HttpRequest) -> HttpResponse:
    """Whoever helps nobody sees his own; the others choose by `view`."""
    user = reader(request)
    view = request.GET.get("view", "all")
    if not user.roles & HELPERS or view == "own":
        return _own(request, user)
    views = _views(user)
    view = view if view in views else "all"
    context: dict[str, Any] = {"view": view, "views": views}
    is_part = wants_fragment(request)
    if not is_part:
        context["tallies"] = tallies(user)
    context |= _without(request, user) if view == "none" else _routes(request, user)
    name = "iom/route_list_none.html" if view == "none" else "iom/route_list.html"
    return render(request, name + ("#results" if is_part else ""), context)


def _views(user: User) -> dict[str, str]:
    """The tabs: a regional methodist knows routes, not people; whoever helps nobody has no choice to make."""
    if not user.roles & HELPERS:
        return {}
    return {code: label for code, label in VIEWS.items() if code != "none" or user.roles & KNOW_PEOPLE}


def _routes(request: HttpRequest, user: User) -> dict[str, Any]:
    found = RouteFilter(request.GET, queryset=Route.objects.visible_to(user), user=user)
    keys = sorted_routes(found.rows, request.GET.get("sort", DEFAULT_SORT)).values_list("pk", flat=True)
    page = Paginator(keys, PAGE_SIZE).get_page(request.GET.get("page"))
    return {"filter": found, "page": page, "rows": rows_of(page.object_list), "shows_places": _sees_places(user)}


def _without(request: HttpRequest, user: User) -> dict[str, Any]:
    found = WithoutFilter(request.GET, queryset=people_without(user), user=user)
    page = Paginator(found.rows.order_by("name_key", "pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    people = list(with_last_route(page.object_list, user))  # type: ignore[arg-type]
    helped = people_helped_by(user).filter(pk__in=[one.pk for one in people])
    return {
        "filter": found,
        "page": page,
        "people": people,
        "helped": set(helped.values_list("pk", flat=True)),
        "may_mass": may_mass(user),
        "shows_places": _sees_places(user),
    }


def _sees_places(user: User) -> bool:
    """Within one school or municipality its name in every line says nothing."""
    return bool(user.roles & {"admin", "regional", "mentor"})


def _own(request: HttpRequest, user: User) -> HttpResponse:
    running, others = own_routes(user)
    context = {
        "running": running,
        "others": [row for row in others if not row.route.is_outside],
        "outside": [row for row in others if row.route.is_outside],
        "view": "own",
        "views": _views(user),
        "may_begin": user.organization_id is not None,  # a route is of a teacher of some organization
    }
    return render(request, "iom/route_list_own.html", context)


@require_POST
@roles_required(*HELPERS)
def export(request: HttpRequest) -> HttpResponse:
    """The filters stand in the address, as on the page the button is on."""
    job = order_export(request.user, request.GET)  # type: ignore[arg-type]
    messages.success(request, "Выгрузка заказана. Когда файл будет готов, он появится здесь; страницу можно закрыть.")
    return redirect(job)
