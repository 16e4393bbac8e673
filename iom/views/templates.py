"""Templates of routes: the list, one of them, made from a route, changed, retired and brought back."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cabinet.structure.models import Organization
from cabinet.users.asking import reader
from cabinet.users.models import User, only_observes
from iom.forms.templates import TemplateFilterForm, TemplateForm
from iom.models import LearningForm, Level, Route, RouteTemplate, Support, TemplateVersion
from iom.moves import Refused
from iom.services import templating
from iom.services.creating import content_to_reuse
from iom.services.mass import may_mass
from iom.services.personal import Pattern, by_text, patterns_of, personal_in, texts_of, without_personal

PAGE_SIZE = 25


@require_safe
def template_list(request: HttpRequest) -> HttpResponse:
    rows = templating.with_uses(RouteTemplate.objects.visible_to(request.user))
    form = TemplateFilterForm(request.GET)
    asked: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
    if not asked.get("retired"):
        rows = rows.in_use()
    if asked.get("scope"):
        rows = rows.filter(scope=asked["scope"])
    if asked.get("subject"):
        rows = rows.filter(Q(subject=asked["subject"]) | Q(subject=None))  # one for any subject suits this one too
    found: Any = templating.search(rows, asked["q"]) if asked.get("q") else rows
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "is_asked": any(asked.values())}
    return render(request, "iom/template_list.html", context)


@require_safe
def template_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """`?version=` shows a former one."""
    user = reader(request)
    template = get_object_or_404(templating.with_uses(RouteTemplate.objects.visible_to(user)), pk=pk)
    versions = list(template.versions.select_related("author"))
    typed = request.GET.get("version", "")
    shown = next((one for one in versions if str(one.number) == typed), None) if typed else versions[0]
    if shown is None:
        raise Http404
    routes = Route.objects.visible_to(user).filter(template_version__template=template)
    routes = routes.select_related("person", "organization", "template_version").order_by("-pk")
    context = {
        "template": template,
        "versions": versions,
        "shown": shown,
        "items": [_words(one, shown.content) for one in shown.content.get("items", [])],
        "page": Paginator(routes, PAGE_SIZE).get_page(request.GET.get("page")),
        "may_edit": RouteTemplate.objects.editable_by(user).filter(pk=pk).exists(),
        "may_mass": may_mass(user),
        "sees_people": not only_observes(user),
    }
    return render(request, "iom/template_detail.html", context)


def _words(item: dict[str, Any], content: dict[str, Any]) -> dict[str, Any]:
    """An item as a person reads it."""
    deficits, place = content.get("deficits", []), item.get("deficit")
    kinds = (("form", LearningForm), ("level", Level), ("support", Support))
    about = [str(kind(item[name]).label) for name, kind in kinds if item.get(name) in kind.values]
    return {
        "activity": item["activity"],
        "about": ", ".join(about),
        "days": item.get("days"),
        "is_open_ended": bool(item.get("is_open_ended")),
        "product": item.get("product", ""),
        "deficit": deficits[place] if isinstance(place, int) and place < len(deficits) else "",
        "attachments": item.get("attachments", []),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def template_new(request: HttpRequest) -> HttpResponse:
    """From nothing: who knows the subject writes the plan down without a route."""
    user = reader(request)
    form = TemplateForm(
        {},
        templating.places_of(user),
        _patterns(request, {}, user.organization),
        request.POST or None,
        initial={"subject": user.subject, "place": "own"},
    )
    return _make(request, user, form, None)


def _make(request: HttpRequest, user: User, form: TemplateForm, route: Route | None, **found: Any) -> HttpResponse:
    if form.is_valid():
        made = templating.save_template(None, form.values, form.cleaned_data["place"], form.made, actor=user)
        messages.success(request, "Шаблон сохранён. По нему можно начать маршрут.")
        return redirect(made)
    context = {"form": form, "route": route, "template": None, "found": [], "perhaps": []} | found
    return render(request, "iom/template_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def template_make(request: HttpRequest, pk: int) -> HttpResponse:
    """A route becomes a template: what is personal is taken out and shown before anything is saved."""
    user = reader(request)
    routes = Route.objects.helpable_by(user).filter(is_outside=False).with_names()
    route = get_object_or_404(routes, pk=pk)
    content = content_to_reuse(route)
    patterns = _patterns(request, content, route.organization, route)
    found = personal_in(texts_of(content), patterns)
    clean = without_personal(content, patterns)
    first = {"subject": route.subject, "deficit": (clean["deficits"] or [""])[0][:300], "place": "own"}
    form = TemplateForm(clean, templating.places_of(user), patterns, request.POST or None, initial=first)
    gone, perhaps = ([one for one in found if (one.instead is not None) == is_out] for is_out in (True, False))
    return _make(request, user, form, route, found=by_text(gone), perhaps=by_text(perhaps))


def _patterns(
    request: HttpRequest, content: dict[str, Any], organization: Organization | None, route: Route | None = None
) -> list[Pattern]:
    """For the words of the content, and for those the author has typed."""
    typed = [str(value) for value in request.POST.values()]
    return patterns_of([*texts_of(content), *typed], organization, route)


@require_http_methods(["GET", "HEAD", "POST"])
def template_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Saving makes the next version; routes begun from former ones stay as they are."""
    user = reader(request)
    template = get_object_or_404(
        RouteTemplate.objects.editable_by(user).select_related("organization", "owner__organization"), pk=pk
    )
    latest = get_object_or_404(TemplateVersion, template=template, number=template.version)
    first = {name: getattr(template, name) for name in ("title", "subject", "deficit", "note", "version")}
    place = templating.place_of(template)
    patterns = _patterns(request, latest.content, template.organization or template.owner.organization)
    form = TemplateForm(
        latest.content,
        templating.places_of(user, template),
        patterns,
        request.POST or None,
        initial=first | {"place": place},
    )
    if form.is_valid():
        template.version = form.cleaned_data["version"] or template.version
        try:
            templating.save_template(template, form.values, form.cleaned_data["place"], form.made, actor=user)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Новая версия сохранена, прежние остались.")
            return redirect(template)
    context: dict[str, Any] = {"form": form, "route": None, "template": template, "found": [], "perhaps": []}
    return render(request, "iom/template_form.html", context, status=422 if form.errors else 200)


@require_POST
def template_retire(request: HttpRequest, pk: int, *, is_retired: bool) -> HttpResponse:
    user = reader(request)
    template = get_object_or_404(RouteTemplate.objects.editable_by(user), pk=pk)
    templating.set_retired(template, is_retired=is_retired, actor=user)
    done = "Шаблон больше не предлагается; вернуть его можно здесь же." if is_retired else "Шаблон снова предлагается."
    messages.success(request, done)
    return redirect(template)
