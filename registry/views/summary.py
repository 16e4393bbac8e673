"""Pages of the summary: figures and shares, never lines."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from cabinet.core.charts import Chart, overlapping, stacked
from cabinet.core.clock import today
from cabinet.core.fragments import wants_fragment
from cabinet.files.services import hand_out
from cabinet.users.decorators import roles_required
from cabinet.users.models import LogEntry
from cabinet.users.services import record
from registry.filters import SHAPE, SummaryFilter
from registry.models import READERS, Entry
from registry.services.breakdowns import BREAKDOWNS, Breakdown
from registry.services.hiding import summarize_hidden
from registry.services.summary import Line, Summary, summarize
from registry.services.workbook import workbook

PAGE_SIZE = 45  # every municipality of the region on one page


@require_safe
@roles_required(*READERS, "observer")
@vary_on_headers("HX-Request")
def summary(request: HttpRequest) -> HttpResponse:
    found = _found(request)
    counted = _counted(found, found.chosen_breakdown)
    page = Paginator(counted.lines, PAGE_SIZE).get_page(request.GET.get("page"))
    shown = [*page.object_list, counted.total]
    chart = _chart(counted, shown)
    context = {
        "filter": found,
        "summary": counted,
        "page": page,
        "lines": [_shown(line, counted, found, request) for line in shown],
        "chart": chart,
        "hidden": len(shown) - len(chart.rows),
    }
    template = "registry/summary.html" + ("#results" if wants_fragment(request) else "")
    return render(request, template, context)


@require_safe
@roles_required(*READERS, "observer")
def summary_excel(request: HttpRequest) -> HttpResponse:
    """The figures of the page as a file; with «all», by every breakdown."""
    found = _found(request)
    breakdowns = BREAKDOWNS if "all" in request.GET else [found.chosen_breakdown]
    sheets = [_counted(found, one) for one in breakdowns]
    what = ", ".join(one.breakdown.title.lower() for one in sheets)
    record(LogEntry.Action.EXPORTED, note=f"сводка «{found.chosen_measure.title}»: {what}", request=request)
    name = f"Сводка, {found.chosen_measure.title.lower()}, {today():%d.%m.%Y}.xlsx"
    return hand_out(workbook(sheets, found.chosen), name)


def _found(request: HttpRequest) -> SummaryFilter:
    return SummaryFilter(request.GET, queryset=Entry.objects.countable_by(request.user), user=request.user)


def _counted(found: SummaryFilter, breakdown: Breakdown) -> Summary:
    if found.is_coarse:
        return summarize_hidden(found.chosen_measure, breakdown)
    return summarize(found.rows, found.chosen_measure, breakdown)


def _chart(counted: Summary, lines: Sequence[Line]) -> Chart:
    """Bars of the lines that may be drawn; the table beside them has all."""
    title, heading = counted.breakdown.title, counted.breakdown.heading
    drawn = [line for line in lines if line.is_whole]
    if counted.measure.is_overlapping:
        rows = [(line.label, [one.value for one in line.parts], line.base.value) for line in drawn]
        return overlapping(title, heading, counted.part_labels, rows)
    bars = [(line.label, [one.value for one in line.parts]) for line in drawn]
    return stacked(title, heading, counted.part_labels, bars, tones=counted.measure.tones)


def _shown(line: Line, counted: Summary, found: SummaryFilter, request: HttpRequest) -> dict[str, Any]:
    """A line with the way to the lines of the registry behind each of its figures, for those who may read them."""
    if found.is_coarse:
        return {"line": line, "address": "", "cells": [(figure, "") for figure in line.figures]}
    kept = {name: str(value) for name, value in request.GET.items() if value and name in found.filters}
    group = {} if line.is_total else counted.breakdown.address(line.pk)
    if "ends_from" in group:
        group["ends_from"] = max(group["ends_from"], kept.get("ends_from", ""))
        group["ends_to"] = min(group["ends_to"], kept.get("ends_to", "9"))
    chosen = {name: value for name, value in (kept | group).items() if name not in SHAPE}
    address = f"{reverse('registry:registry')}?{urlencode(chosen)}"
    prefix = f"{address}{'&' if chosen else ''}figure={counted.measure.code}-"
    cells = [(figure, f"{prefix}{figure.column}" if figure.value else "") for figure in line.figures]
    return {"line": line, "address": "" if line.is_total else address, "cells": cells}
