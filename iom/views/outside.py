"""Routes kept elsewhere: attached, read, corrected."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from cabinet.users.asking import reader
from cabinet.users.models import User
from iom.forms.outside import OutsideForm
from iom.models import Route
from iom.moves import Refused
from iom.services.creating import usual_period
from iom.services.helping import people_helped_by
from iom.services.outside import attach, change, set_archived
from iom.views.looks import note_look

AWAY = (
    "Убрать маршрут в архив",
    "перестанет считаться действующим. Записанное и файлы останутся, вернуть его можно.",
    "Убрать в архив",
)
BACK = ("Вернуть маршрут из архива", "снова будет считаться действующим весь свой период.", "Вернуть из архива")
FIELDS = ("title", "outside_note", "starts_on", "ends_on", "outside_link", "revision")


@require_http_methods(["GET", "HEAD", "POST"])
def outside_add(request: HttpRequest) -> HttpResponse:
    """`?person=` names a teacher one helps; without it the route is one's own."""
    actor, person = _named(request)
    if request.method == "POST":
        form = OutsideForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                route = attach(person, form.values, form.cleaned_data["uploads"], actor=actor)
            except Refused as refused:
                form.add_error(None, str(refused))
            else:
                messages.success(request, "Маршрут добавлен: в списках он считается действующим весь свой период.")
                return redirect("iom:outside", route.pk)
    else:
        starts_on, ends_on = usual_period()
        form = OutsideForm(initial={"title": f"ИОМ {person.short_name}", "starts_on": starts_on, "ends_on": ends_on})
    return _form_page(request, form, person)


def _named(request: HttpRequest) -> tuple[User, User]:
    """Who acts and for whom; a stranger looks like nobody."""
    user = reader(request)
    asked = request.GET.get("person", "")
    if not asked:
        return user, user
    if not asked.isdecimal() or len(asked) > 9:
        raise Http404
    people = people_helped_by(user).select_related("organization", "position", "subject")
    return user, get_object_or_404(people, pk=int(asked))


@require_safe
def outside_detail(request: HttpRequest, pk: int) -> HttpResponse:
    routes = Route.objects.visible_to(request.user).filter(is_outside=True)
    route = get_object_or_404(routes.with_names().select_related("author"), pk=pk)
    note_look(request, route)
    context = {
        "route": route,
        "files": list(route.files.all()),
        "can_change": Route.objects.helpable_by(request.user).filter(pk=pk).exists(),
        "has_route": Route.objects.running().filter(person=route.person_id).exists(),
    }
    return render(request, "iom/outside_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def outside_edit(request: HttpRequest, pk: int) -> HttpResponse:
    routes = Route.objects.helpable_by(request.user).filter(is_outside=True)
    route = get_object_or_404(routes.with_names(), pk=pk)
    if request.method != "POST":
        form = OutsideForm(route=route, initial={name: getattr(route, name) for name in FIELDS})
        return _form_page(request, form, route.person, route)
    form = OutsideForm(request.POST, request.FILES, route=route)
    is_stale = False
    if form.is_valid():
        try:
            _save(request, route, form)
        except Refused as refused:
            form.add_error(None, str(refused))
            is_stale = True
            # What was typed stays; saved once more, it goes over what the page now shows.
            typed = request.POST.copy()
            typed["revision"] = str(route.revision)
            form.data = typed
        else:
            messages.success(request, "Сохранено.")
            return redirect("iom:outside", route.pk)
    return _form_page(request, form, route.person, route, is_stale=is_stale)


def _save(request: HttpRequest, route: Route, form: OutsideForm) -> None:
    data = form.cleaned_data
    actor: Any = request.user
    removed, revision = list(data.get("removed") or []), data["revision"] or 0
    change(route, form.values, data["uploads"], removed, revision=revision, actor=actor)


def _form_page(
    request: HttpRequest, form: OutsideForm, person: User, route: Route | None = None, *, is_stale: bool = False
) -> HttpResponse:
    context = {"form": form, "person": person, "route": route, "is_stale": is_stale}
    return render(request, "iom/outside_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def outside_archive(request: HttpRequest, pk: int) -> HttpResponse:
    """`?back=` takes it out of the archive again."""
    is_back = "back" in request.GET
    route = get_object_or_404(Route.objects.helpable_by(request.user).filter(is_outside=True).with_names(), pk=pk)
    if request.method == "POST":
        actor: Any = request.user
        try:
            set_archived(route, is_archived=not is_back, actor=actor)
            messages.success(request, "Маршрут возвращён из архива." if is_back else "Маршрут убран в архив.")
        except Refused as refused:
            messages.warning(request, str(refused))
        return redirect("iom:outside", pk)
    title, text, label = BACK if is_back else AWAY
    context = {
        "title": title,
        "text": f"«{route.title}» {text}",
        "action_label": label,
        "cancel_url": reverse("iom:outside", args=[pk]),
        "danger": not is_back,
        "form": None,
    }
    return render(request, "components/confirm.html", context)
