"""Giving an assignment: one page on which the teachers are found, ticked and seen before anything goes out."""

import secrets
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from cabinet.core.words import counted
from cabinet.users.asking import number
from cabinet.users.decorators import roles_required
from iom.forms.assignments import GiveForm
from iom.forms.finding import MOST, FindForm
from iom.models import Assignment, Route, RouteItem, RouteQuerySet
from iom.moves import Refused
from iom.services import assigning

CHECKERS = ("methodist", "mentor", "regional", "admin")  # who may have routes to give assignments in


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required(*CHECKERS)
def give(request: HttpRequest) -> HttpResponse:
    """`?route=` narrows to one route, `?item=` ties the assignment to an item of it.

    The button `find` only looks for teachers: everything typed and ticked stays.
    """
    routes, item, only = _asked_for(request)
    if request.method != "POST":
        known = {"title": request.GET.get("title", "")[:200], "batch": secrets.token_urlsafe(16)}
        return _page(request, routes, GiveForm(routes=routes, initial=known), {only} if only else set(), item, only)
    if "find" in request.POST:
        form = GiveForm(routes=routes, initial=request.POST.dict())  # nothing is sent yet: nothing is a mistake
        return _page(request, routes, form, _ticked(request, routes), item, only)
    form = GiveForm(request.POST, request.FILES, routes=routes)
    if form.is_valid():
        try:
            return _give(request, form.cleaned_data, item)
        except Refused as refusal:
            form.add_error(None, str(refusal))
    return _page(request, routes, form, _ticked(request, routes), item, only, status=422)


def _asked_for(request: HttpRequest) -> tuple[RouteQuerySet, RouteItem | None, int]:
    routes: Any = Route.objects.checkable_by(request.user).running()
    only, item = number(request.GET.get("route", "")), None
    if only:
        routes = routes.filter(pk=only)
        wanted = number(request.GET.get("item", ""))
        item = get_object_or_404(RouteItem.objects.filter(route__in=routes), pk=wanted) if wanted else None
    return routes.select_related("person", "organization").order_by("person__name_key", "pk"), item, only


def _ticked(request: HttpRequest, routes: RouteQuerySet) -> set[int]:
    ticked = {pk for one in request.POST.getlist("routes") if (pk := number(one))}
    if request.POST.get("find") == "none":
        return set()
    if request.POST.get("find") == "all":
        ticked |= set(FindForm(request.POST, routes=routes).found.values_list("pk", flat=True)[:MOST])
    return ticked


def _page(
    request: HttpRequest,
    routes: RouteQuerySet,
    form: GiveForm,
    ticked: set[int],
    item: RouteItem | None,
    only: int | None,
    *,
    status: int = 200,
) -> HttpResponse:
    find = FindForm(request.POST or request.GET, routes=routes)
    people = find.sides(ticked)
    context = {"form": form, "find": find, "people": people, "item": item, "only": only}
    context["has_any"] = bool(people.chosen or people.others) or routes.exists()
    return render(request, "iom/give.html", context, status=status)


def _give(request: HttpRequest, data: dict[str, Any], item: RouteItem | None) -> HttpResponse:
    author: Any = request.user
    routes = list(data.pop("routes"))
    made = assigning.give(routes, author=author, item=item, **data)
    messages.success(request, f"Задание выдано: {counted(len(made), 'педагог', 'педагога', 'педагогов')}.")
    _warn(request, made)
    return redirect(made[0] if len(made) == 1 else f"{reverse('iom:assignments')}?tab=given&sort=new")


def _warn(request: HttpRequest, made: list[Assignment]) -> None:
    """The due date lies outside the period of some of them: they have it, and the giver knows."""
    outside = [one for one in made if one.due_on and not one.route.starts_on <= one.due_on <= one.route.ends_on]
    if outside:
        names = ", ".join(f"{one.route.person.short_name} (маршрут {one.route.period})" for one in outside[:5])
        more = f" и ещё {len(outside) - 5}" if len(outside) > 5 else ""
        messages.warning(request, f"Срок задания вне периода маршрута: {names}{more}. Срок можно изменить.")
