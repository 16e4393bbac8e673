"""What the designer saves, line by line: as JSON while one types, as a page without JavaScript."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from iom.forms.design import FORMS, AttachmentForm, HeaderForm, LineForm
from iom.models import Diagnosis, DiagnosisBlock, ItemAttachment, Route, RouteItem
from iom.moves import Refused
from iom.services import lines
from iom.services.lines import LINES, AnyLine, Stale
from iom.views.design import Clash, Unsaved, courses_of, readiness_for, route_to_build, rows_of, show_design


def _wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept") == "application/json"


def _number(text: str | None) -> int:
    """A number out of a hidden field; anything else is nothing."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


def _row(request: HttpRequest, kind: str, pk: int) -> AnyLine:
    if kind not in LINES:
        raise Http404
    routes = Route.objects.helpable_by(request.user).filter(is_outside=False).order_by().values("pk")
    rows = LINES[kind]._default_manager.filter(route__in=routes)
    return get_object_or_404(rows.select_related("route__person", "route__organization", "route__mentor"), pk=pk)


def _back(request: HttpRequest, route: Route, anchor: str = "") -> HttpResponse:
    if _wants_json(request):
        return JsonResponse({"saved_at": f"{timezone.localtime():%H:%M}"})
    return redirect(reverse("iom:design", args=[route.pk]) + (f"#{anchor}" if anchor else ""))


def _refused(request: HttpRequest, route: Route, refusal: Refused) -> HttpResponse:
    if _wants_json(request):
        return JsonResponse({"error": str(refusal)}, status=400)
    messages.warning(request, str(refusal))
    return redirect("iom:design", route.pk)


def _unsaved(request: HttpRequest, route: Route, unsaved: Unsaved) -> HttpResponse:
    """What could not be saved, in words: errors at the fields, or what somebody else has saved meanwhile."""
    status = 409 if unsaved.clash else 422
    if not _wants_json(request):
        if route.status not in Route.OPEN_TO_CHANGE:
            return redirect("iom:design", route.pk)
        return show_design(request, route_to_build(request, route.pk), unsaved, status)
    if unsaved.clash is None:
        return JsonResponse({"errors": unsaved.form.errors}, status=status)
    clash = unsaved.clash
    html = render_to_string("iom/parts/design_clash.html", {"clash": clash}, request)
    return JsonResponse({"clash": html, "now": clash.now, "revision": clash.revision}, status=status)


def _saved(request: HttpRequest, route: Route, revision: int, anchor: str) -> HttpResponse:
    if not _wants_json(request):
        messages.success(request, "Сохранено.")
        return _back(request, route, anchor)
    rows = rows_of(route)
    html = render_to_string(
        "iom/parts/readiness.html", {"readiness": readiness_for(route, rows, courses_of(route)), "page": ""}, request
    )
    told = {"revision": revision, "saved_at": f"{timezone.localtime():%H:%M}", "readiness": html}
    return JsonResponse(told)


def _clash(now: forms.Form, typed: forms.Form, stale: Stale) -> Clash:
    """`now` is a form of the row as it stands, unbound; `typed` the bound one."""
    row: Any = stale.row
    fields, values = [], {}
    for bound in typed:
        here = now[bound.name]
        values[bound.name] = _raw(here)
        before, mine = _words(here), _words(bound)
        if before != mine:
            fields.append((str(bound.label), before, mine))
    by = row.changed_by.full_name if row.changed_by else "другой человек"
    return Clash(by, fields, values, row.revision)


def _raw(bound: forms.BoundField) -> str:
    value = bound.value()
    if isinstance(value, bool):
        return "on" if value else ""
    return "" if value is None else str(value)


def _words(bound: forms.BoundField) -> str:
    raw = _raw(bound)
    if isinstance(bound.field, forms.ChoiceField):
        choices: Any = bound.field.choices
        return next((str(label) for code, label in choices if str(code) == raw), raw)
    if isinstance(bound.field, forms.BooleanField):
        return "да" if raw else "нет"
    return raw.replace("\r\n", "\n")


@require_POST
def header_save(request: HttpRequest, pk: int) -> HttpResponse:
    route = route_to_build(request, pk)
    form = HeaderForm(route, request.POST)
    if not form.is_valid():
        return _unsaved(request, route, Unsaved("header", form))
    try:
        lines.save_header(route, form.cleaned_data, _number(request.POST.get("revision")), actor=request.user)  # type: ignore[arg-type]
    except Refused as refusal:
        return _refused(request, route, refusal)
    except Stale as stale:
        clash = _clash(HeaderForm(stale.row), form, stale)  # type: ignore[arg-type]
        return _unsaved(request, route, Unsaved("header", form, clash))
    return _saved(request, route, route.revision, "header")


def _form(route: Route, kind: str, row: AnyLine | None, data: Any = None) -> LineForm:
    deficits = [] if kind == "deficit" else list(route.deficits.all())
    courses = courses_of(route) if kind == "item" else []
    return FORMS[kind](route, row, data, deficits=deficits, courses=courses)


@require_POST
def line_save(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    row = _row(request, kind, pk)
    route = row.route
    form = _form(route, kind, row, request.POST)
    name = lines.name_of(row)
    if not form.is_valid():
        return _unsaved(request, route, Unsaved(name, form))
    try:
        lines.save_line(row, form.values(), _number(request.POST.get("revision")), actor=request.user)  # type: ignore[arg-type]
    except Refused as refusal:
        return _refused(request, route, refusal)
    except Stale as stale:
        clash = _clash(_form(route, kind, stale.row), form, stale)  # type: ignore[arg-type]
        return _unsaved(request, route, Unsaved(name, form, clash))
    return _saved(request, route, row.revision, f"{kind}-{row.pk}")


@require_POST
def line_add(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    if kind not in LINES:
        raise Http404
    route = route_to_build(request, pk)
    if kind == "deficit" and "block" in request.POST:
        return _add_from_block(request, route)
    data = request.POST.copy()
    data.setdefault("support", "self")
    form = _form(route, kind, None, data)
    form.auto_id = f"id_new-{kind}_%s"
    if not form.is_valid():
        return _unsaved(request, route, Unsaved(f"new:{kind}", form))
    try:
        lines.add_line(route, kind, form.values(), actor=request.user)  # type: ignore[arg-type]
    except Refused as refusal:
        return _refused(request, route, refusal)
    return _back(request, route, f"add-{kind}")


def _add_from_block(request: HttpRequest, route: Route) -> HttpResponse:
    seen = Diagnosis.objects.visible_to(request.user).filter(person=route.person_id).order_by().values("pk")
    blocks = DiagnosisBlock.objects.filter(diagnosis__in=seen).select_related("diagnosis")
    block = get_object_or_404(blocks, pk=_number(request.POST.get("block")))
    values = {"text": block.topic, "block": block}
    try:
        lines.add_line(route, "deficit", values, actor=request.user, source_label=str(block.diagnosis))  # type: ignore[arg-type]
    except Refused as refusal:
        return _refused(request, route, refusal)
    return _back(request, route, "deficits")


@require_POST
def line_remove(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    row = _row(request, kind, pk)
    words = str(row)
    try:
        is_gone = lines.remove_line(row, actor=request.user, reason=request.POST.get("reason", ""))  # type: ignore[arg-type]
    except Refused as refusal:
        return _refused(request, row.route, refusal)
    messages.success(
        request, f"Убрано: «{words}»." if is_gone else f"Исключено: «{words}». Причина осталась в маршруте."
    )
    return _back(request, row.route, f"{kind}s")


@require_POST
def item_restore(request: HttpRequest, pk: int) -> HttpResponse:
    item = _row(request, "item", pk)
    if not isinstance(item, RouteItem):
        raise Http404
    try:
        lines.restore_item(item, actor=request.user)  # type: ignore[arg-type]
    except Refused as refusal:
        return _refused(request, item.route, refusal)
    messages.success(request, f"Снова в маршруте: «{item}».")
    return _back(request, item.route, f"item-{item.pk}")


@require_POST
def line_place(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """`before` is the line to stand before (empty: at the end); without it `move` says «up» or «down»."""
    row = _row(request, kind, pk)
    others = list(LINES[kind]._default_manager.filter(route=row.route_id))
    at = next(n for n, one in enumerate(others) if one.pk == row.pk)
    if "before" in request.POST:
        wanted = _number(request.POST["before"])
        before = next((one for one in others if one.pk == wanted and one.pk != row.pk), None)
    elif request.POST.get("move") == "up":
        before = others[max(at - 1, 0)]
    else:
        before = others[at + 2] if at + 2 < len(others) else None
    try:
        if before is None or before.pk != row.pk:
            lines.place_line(row, before)
    except Refused as refusal:
        return _refused(request, row.route, refusal)
    return _back(request, row.route, f"{kind}-{row.pk}")


@require_POST
def extra_add(request: HttpRequest, pk: int) -> HttpResponse:
    item = _row(request, "item", pk)
    if not isinstance(item, RouteItem):
        raise Http404
    form = AttachmentForm(item, request.POST)
    if not form.is_valid():
        return _unsaved(request, item.route, Unsaved(f"extra:{item.pk}", form))
    try:
        lines.attach(item, form.cleaned_data)
    except Refused as refusal:
        return _refused(request, item.route, refusal)
    return _back(request, item.route, f"item-{item.pk}")


@require_POST
def extra_remove(request: HttpRequest, pk: int) -> HttpResponse:
    routes = Route.objects.helpable_by(request.user).filter(is_outside=False).order_by().values("pk")
    found = ItemAttachment.objects.filter(item__route__in=routes).select_related("item__route")
    extra = get_object_or_404(found, pk=pk)
    try:
        lines.detach(extra)
    except Refused as refusal:
        return _refused(request, extra.item.route, refusal)
    return _back(request, extra.item.route, f"item-{extra.item_id}")
