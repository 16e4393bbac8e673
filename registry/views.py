"""Pages of the registry. A view picks rows, calls a service and names a template; no rules here."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.contenttypes.models import ContentType
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from cabinet.core.charts import stacked
from cabinet.core.clock import today
from cabinet.core.fragments import wants_fragment
from cabinet.files.models import StoredFile
from cabinet.users.decorators import roles_required
from registry.exports import order_export
from registry.filters import DEFAULT_SORT, EntryFilter, SummaryFilter, sorted_rows
from registry.models import READERS, WITH_VARIANT, Entry, Export
from registry.services.columns import TITLES, cells, dictionaries_of, values_of
from registry.services.follow_up import follow_up_of
from registry.services.summary import APART, Line, summarize

PAGE_SIZE = 25
EXPORTS_SHOWN = 30
VARIANT = TITLES.index("вариант")


@require_safe
@roles_required(*READERS)
@vary_on_headers("HX-Request")  # the page and its fragment share an address; caches must not mix them
def entry_list(request: HttpRequest) -> HttpResponse:
    found = EntryFilter(request.GET, queryset=Entry.objects.visible_to(request.user), user=request.user)
    rows = sorted_rows(found.rows, request.GET.get("sort", DEFAULT_SORT))
    # Numbers of the page first, names for those only: sorting whole joined lines of a region is slow.
    page: Paginator[int] = Paginator(_pks(rows), PAGE_SIZE)
    shown = page.get_page(request.GET.get("page"))
    lines = _lines(list(shown.object_list))
    is_full = request.GET.get("view") == "full"
    context = {"filter": found, "page": shown, "lines": lines, "titles": TITLES, "is_full": is_full}
    template = "registry/registry.html" + ("#results" if wants_fragment(request) else "")
    return render(request, template, context)


def _pks(rows: QuerySet[Entry]) -> Any:
    return rows.values_list("pk", flat=True)


def _lines(pks: list[int]) -> list[dict[str, Any]]:
    """Entries of a page in its order, each with its 33 cells as they are shown."""
    entries = Entry.objects.filter(pk__in=pks).with_names().in_bulk()
    ordered = [entries[pk] for pk in pks if pk in entries]
    names, day = dictionaries_of(ordered), today()
    steps = follow_up_of({one.pk: one.variant for one in ordered}) if ordered else {}
    lines = []
    for one in ordered:
        row = cells(values_of(one), names, steps.get(one.pk), day)
        lines.append({"entry": one, "cells": [shown(cell) for cell in row], "variant": row[VARIANT]})
    return lines


def shown(cell: Any) -> str:
    if cell is None:
        return ""
    return f"{cell:%d.%m.%Y}" if isinstance(cell, date) else str(cell)


@require_safe
@roles_required(*READERS, "observer")
@vary_on_headers("HX-Request")
def summary(request: HttpRequest) -> HttpResponse:
    countable = Entry.objects.countable_by(request.user)
    found = SummaryFilter(request.GET, queryset=countable, user=request.user)
    labels = {name: dict(found.filters[name].extra["choices"]) for name in ("territory", "municipality", "programme")}
    counted = summarize(found.rows, labels, _address_of(request), countable if found.is_coarse else None)
    charts = [
        _chart("По территориям", "Территория", counted.territories, counted.total),
        _chart("По муниципалитетам", "Муниципалитет", counted.municipalities, counted.total),
        _chart("По программам", "Программа", counted.programmes, counted.total),
    ]
    context = {"filter": found, "total": counted.total, "charts": charts, "apart": APART}
    template = "registry/summary.html" + ("#results" if wants_fragment(request) else "")
    return render(request, template, context)


def _address_of(request: HttpRequest) -> Any:
    """Names of a breakdown lead to the lines behind it, for those who may read lines."""
    may_read = bool(request.user.roles & READERS)  # type: ignore[union-attr]
    kept = {name: value for name, value in request.GET.items() if value and name != "page"}
    lines = reverse("registry:registry")

    def address(breakdown: str, pk: str) -> str:
        if not may_read or pk == "rest":
            return ""
        return f"{lines}?{urlencode(kept | {breakdown: pk})}"

    return address


def _chart(title: str, heading: str, lines: list[Line], total: Line) -> dict[str, Any]:
    """Bars of the lines that may be drawn, beside a table of all of them."""
    series = [code.label for code in WITH_VARIANT]
    drawn = [line for line in [*lines, total] if line.is_whole]
    chart = stacked(
        title,
        heading,
        series,
        [(line.label, [figure.value for figure, _ in line.variants]) for line in drawn],
        tones=(3, 2, 1),
    )
    return {
        "title": title,
        "heading": heading,
        "lines": [*lines, total],
        "chart": chart,
        "hidden": len(lines) + 1 - len(drawn),
    }


@require_safe
@roles_required(*READERS)
@vary_on_headers("HX-Request")
def export_list(request: HttpRequest) -> HttpResponse:
    exports = list(Export.objects.visible_to(request.user).select_related("job")[:EXPORTS_SHOWN])
    files = {
        one.owner_id: one
        for one in StoredFile.objects.filter(
            owner_type=ContentType.objects.get_for_model(Export), owner_id__in=[one.pk for one in exports]
        )
    }
    lines = [{"export": one, "file": files.get(one.pk)} for one in exports]
    is_waiting = any(not one.job.is_finished for one in exports)
    template = "registry/exports.html" + ("#results" if wants_fragment(request) else "")
    response = render(request, template, {"lines": lines, "is_waiting": is_waiting})
    patch_cache_control(response, no_store=True)
    return response


@require_POST
@roles_required(*READERS)
def export_order(request: HttpRequest) -> HttpResponse:
    """The filters stand in the address, as on the page the button is on."""
    order_export(request.user, request.GET)  # type: ignore[arg-type]
    messages.success(request, "Выгрузка заказана. Когда файл будет готов, он появится здесь; страницу можно закрыть.")
    return redirect("registry:exports")
