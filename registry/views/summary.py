"""Pages of the summary: figures and shares, never lines."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from cabinet.core.charts import stacked
from cabinet.core.fragments import wants_fragment
from cabinet.users.decorators import roles_required
from registry.filters import SummaryFilter
from registry.models import READERS, WITH_VARIANT, Entry
from registry.services.summary import APART, Line, summarize


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
