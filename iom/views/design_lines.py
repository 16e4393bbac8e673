"""What the designer saves, line by line: as JSON while one types, as a page without JavaScript."""

from dataclasses import asdict
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from cabinet.users.asking import number
from cabinet.users.models import User
from iom.forms.design import FORMS, AttachmentForm, HeaderForm, LineForm, RemovalForm
from iom.models import Diagnosis, DiagnosisBlock, ItemAttachment, Route, RouteItem
from iom.moves import Refused
from iom.services import lines
from iom.services.creating import mentors_of
from iom.services.lines import LINES, AnyLine, Stale, TakenAway
from iom.views.design import (
    TAKEN,
    Clash,
    Unsaved,
    about_of,
    courses_of,
    readiness_for,
    route_to_build,
    rows_of,
    show_design,
    taken_lately,
)


def _wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept") == "application/json"


def _row(request: HttpRequest, kind: str, pk: int) -> AnyLine:
    if kind not in LINES:
        raise Http404
    routes = Route.objects.helpable_by(request.user).filter(is_outside=False).order_by().values("pk")
    rows = LINES[kind]._default_manager.filter(route__in=routes)
    return get_object_or_404(rows.select_related("route__person", "route__organization", "route__mentor"), pk=pk)


def back_to(request: HttpRequest, route: Route, anchor: str = "") -> HttpResponse:
    if _wants_json(request):
        return JsonResponse({"saved_at": f"{timezone.localtime():%H:%M}"})
    return redirect(reverse("iom:design", args=[route.pk]) + (f"#{anchor}" if anchor else ""))


def refused(request: HttpRequest, route: Route, refusal: Refused, unsaved: Unsaved | None = None) -> HttpResponse:
    """In words; what was typed stands on the page again, to be changed or copied."""
    if _wants_json(request):
        return JsonResponse({"error": str(refusal)}, status=400)
    messages.warning(request, str(refusal))
    if unsaved is None:
        return redirect("iom:design", route.pk)
    return show_design(request, route_to_build(request, route.pk), unsaved, 409)


def not_saved(request: HttpRequest, route: Route, unsaved: Unsaved) -> HttpResponse:
    """What could not be saved, in words: errors at the fields, or what somebody else has saved meanwhile."""
    status = 409 if unsaved.clash else 422
    if not _wants_json(request):
        return show_design(request, route_to_build(request, route.pk), unsaved, status)
    if unsaved.clash is None:
        return JsonResponse({"errors": unsaved.form.errors}, status=status)
    clash = unsaved.clash
    html = render_to_string("iom/parts/design_clash.html", {"clash": clash, "route": route}, request)
    return JsonResponse({"clash": html, "now": clash.now, "revision": clash.revision}, status=status)


def _saved(request: HttpRequest, route: Route, revision: int, anchor: str, about: str = "") -> HttpResponse:
    if not _wants_json(request):
        messages.success(request, "Сохранено.")
        return back_to(request, route, anchor)
    readiness = readiness_for(route, rows_of(route), courses_of(route))
    html = render_to_string("iom/parts/readiness.html", {"route": route, "readiness": readiness, "page": ""}, request)
    told = {"revision": revision, "saved_at": f"{timezone.localtime():%H:%M}", "readiness": html, "about": about}
    return JsonResponse(told)


def _clash(now: forms.Form, typed: forms.Form, stale: Stale, reader: User) -> Clash:
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
    by = "" if row.changed_by == reader else by
    anchor = "header" if isinstance(row, Route) else row.line.replace(":", "-")
    return Clash(by, fields, values, row.revision, anchor)


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
    mentors = mentors_of(route.person)
    form = HeaderForm(route, request.POST, mentors=mentors)
    unsaved = Unsaved("header", form)
    if not form.is_valid():
        return not_saved(request, route, unsaved)
    try:
        lines.save_header(route, form.values(), number(request.POST.get("revision")), actor=request.user)  # type: ignore[arg-type]
    except Refused as refusal:
        return refused(request, route, refusal, unsaved)
    except Stale as stale:
        now = HeaderForm(stale.row, mentors=mentors)  # type: ignore[arg-type]
        unsaved.clash = _clash(now, form, stale, request.user)  # type: ignore[arg-type]
        return not_saved(request, route, unsaved)
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
    unsaved = Unsaved(row.line, form)
    if not form.is_valid():
        return not_saved(request, route, unsaved)
    try:
        lines.save_line(row, form.values(), number(request.POST.get("revision")), actor=request.user)  # type: ignore[arg-type]
    except Refused as refusal:
        return refused(request, route, refusal, unsaved)
    except Stale as stale:
        unsaved.clash = _clash(_form(route, kind, stale.row), form, stale, request.user)  # type: ignore[arg-type]
        return not_saved(request, route, unsaved)
    about = about_of(row) if isinstance(row, RouteItem) else ""
    return _saved(request, route, row.revision, f"{kind}-{row.pk}", about)


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
    unsaved = Unsaved(f"new:{kind}", form)
    if not form.is_valid():
        return not_saved(request, route, unsaved)
    try:
        lines.add_line(route, kind, form.values(), actor=request.user)  # type: ignore[arg-type]
    except Refused as refusal:
        return refused(request, route, refusal, unsaved)
    return back_to(request, route, f"add-{kind}")


def _add_from_block(request: HttpRequest, route: Route) -> HttpResponse:
    seen = Diagnosis.objects.visible_to(request.user).filter(person=route.person_id).order_by().values("pk")
    blocks = DiagnosisBlock.objects.filter(diagnosis__in=seen).select_related("diagnosis")
    block = get_object_or_404(blocks, pk=number(request.POST.get("block")))
    values = {"text": block.topic, "block": block}
    try:
        lines.add_line(route, "deficit", values, actor=request.user, source_label=str(block.diagnosis))  # type: ignore[arg-type]
    except Refused as refusal:
        return refused(request, route, refusal)
    return back_to(request, route, "deficits")


@require_POST
def line_remove(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    row = _row(request, kind, pk)
    reason, words = "", str(row)
    if isinstance(row, RouteItem) and lines.is_kept(row):
        form = RemovalForm(row, request.POST)
        if not form.is_valid():
            return not_saved(request, row.route, Unsaved(f"removal:{row.pk}", form))
        reason = form.cleaned_data["reason"]
    try:
        taken = lines.remove_line(row, actor=request.user, reason=reason)  # type: ignore[arg-type]
    except Refused as refusal:
        return refused(request, row.route, refusal)
    if taken is None:
        messages.success(request, f"Исключено: «{words}». Причина осталась в маршруте.")
        return back_to(request, row.route, f"{kind}-{pk}")
    return taken_away(request, row.route, taken, f"{kind}s")


def taken_away(request: HttpRequest, route: Route, taken: TakenAway, anchor: str) -> HttpResponse:
    """Gone, and for a while one press brings it back; `anchor` is the section it stood in."""
    at = timezone.now().timestamp()
    request.session[TAKEN] = asdict(taken) | {"route": route.pk, "anchor": anchor, "at": at}
    return back_to(request, route, anchor)


@require_POST
def taken_back(request: HttpRequest, pk: int) -> HttpResponse:
    route = route_to_build(request, pk)
    taken = taken_lately(request, route)
    if taken is None:
        return refused(request, route, Refused("Возвращать уже нечего: это на месте или убрано давно."))
    del request.session[TAKEN]
    try:
        lines.bring_back(route, TakenAway(taken["label"], taken["rows"], taken["tied"]))
    except Refused as refusal:
        return refused(request, route, refusal)
    messages.success(request, f"Снова в маршруте: «{taken['label']}».")
    return back_to(request, route, taken["anchor"])


@require_POST
def item_restore(request: HttpRequest, pk: int) -> HttpResponse:
    item = _row(request, "item", pk)
    if not isinstance(item, RouteItem):
        raise Http404
    try:
        lines.restore_item(item, actor=request.user)  # type: ignore[arg-type]
    except Refused as refusal:
        return refused(request, item.route, refusal)
    messages.success(request, f"Снова в маршруте: «{item}».")
    return back_to(request, item.route, f"item-{item.pk}")


@require_POST
def line_place(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """`before` is the line to stand before (empty: at the end); without it `move` says «up» or «down»."""
    row = _row(request, kind, pk)
    others = list(LINES[kind]._default_manager.filter(route=row.route_id))
    at = next(n for n, one in enumerate(others) if one.pk == row.pk)
    if "before" in request.POST:
        wanted = number(request.POST["before"])
        before = next((one for one in others if one.pk == wanted and one.pk != row.pk), None)
    elif request.POST.get("move") == "up":
        before = others[max(at - 1, 0)]
    else:
        before = others[at + 2] if at + 2 < len(others) else None
    try:
        if before is None or before.pk != row.pk:
            lines.place_line(row, before)
    except Refused as refusal:
        return refused(request, row.route, refusal)
    return back_to(request, row.route, f"{kind}-{row.pk}")


@require_POST
def extra_add(request: HttpRequest, pk: int) -> HttpResponse:
    item = _row(request, "item", pk)
    if not isinstance(item, RouteItem):
        raise Http404
    form = AttachmentForm(item, request.POST)
    unsaved = Unsaved(f"extra:{item.pk}", form)
    if not form.is_valid():
        return not_saved(request, item.route, unsaved)
    try:
        lines.attach(item, form.cleaned_data, actor=request.user)  # type: ignore[arg-type]
    except Refused as refusal:
        return refused(request, item.route, refusal, unsaved)
    return back_to(request, item.route, f"item-{item.pk}")


@require_POST
def extra_remove(request: HttpRequest, pk: int) -> HttpResponse:
    routes = Route.objects.helpable_by(request.user).filter(is_outside=False).order_by().values("pk")
    found = ItemAttachment.objects.filter(item__route__in=routes).select_related("item__route")
    extra = get_object_or_404(found, pk=pk)
    try:
        taken = lines.detach(extra, actor=request.user)  # type: ignore[arg-type]
    except Refused as refusal:
        return refused(request, extra.item.route, refusal)
    return taken_away(request, extra.item.route, taken, "items")
