"""Shares of the members who meet the formal requirements: figures, never names."""

from datetime import date
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from cabinet.core.charts import Chart, overlapping
from cabinet.core.clock import today
from cabinet.core.spreadsheet import SheetSpec, write_workbook
from cabinet.files.services import hand_out
from cabinet.users.decorators import roles_required
from cabinet.users.models import LogEntry, User
from cabinet.users.services import record
from rma.forms.indicators import IndicatorsForm
from rma.reference import SOURCE, SOURCE_INDICATORS, SOURCE_TOTAL
from rma.services.indicators import (
    BREAKDOWNS,
    COLUMNS,
    KINDS,
    LABELS,
    NONE,
    Figure,
    Indicators,
    Line,
    Sight,
    indicators,
    quick_days,
    sight_of,
)

READERS = ("admin", "municipal", "observer", "regional")
ROSTER = frozenset({"admin", "municipal"})  # who has the roster behind the figures
PAGE_SIZE = 45  # every municipality of the region on one page
MANY = 13  # bars: more are folded, or the table would be screens away


@require_safe
@roles_required(*READERS)
def indicator_list(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    sight = sight_of(user)
    form = IndicatorsForm(request.GET, sight=sight)
    found = indicators(*_asked(request, form, sight))
    page = Paginator(found.lines, PAGE_SIZE).get_page(request.GET.get("page"))
    chart = _chart(found, list(page.object_list))
    context = {
        "form": form,
        "found": found,
        "sight": sight,
        "page": page,
        "rows": [(line, _roster(line, found, user)) for line in page.object_list],
        "chart": chart,
        "is_long": len(chart.rows) > MANY,
        "without_bar": len(page.object_list) + 1 - len(chart.rows),
        "stats": _stats(found, user),
        **_ways(found, sight),
        "source": {"name": SOURCE, "total": SOURCE_TOTAL, "rows": SOURCE_INDICATORS},
    }
    return render(request, "rma/indicators/indicator_list.html", context)


@require_safe
@roles_required(*READERS)
def indicators_excel(request: HttpRequest) -> HttpResponse:
    """The table of the page as a file."""
    user: Any = request.user
    sight = sight_of(user)
    found = indicators(*_asked(request, IndicatorsForm(request.GET, sight=sight), sight))
    target = BytesIO()
    write_workbook(target, [_sheet(found)])
    record(LogEntry.Action.EXPORTED, note=f"показатели РМА на {found.day:%d.%m.%Y}", request=request)
    return hand_out(target.getvalue(), f"Показатели РМА, {found.day:%d.%m.%Y}.xlsx")


def _asked(request: HttpRequest, form: IndicatorsForm, sight: Sight) -> tuple[date, Sight, str]:
    """The day and the breakdown asked for; what is not understood is as if it were not asked."""
    form.is_valid()
    day = form.cleaned_data.get("on") or today()
    if sight.is_coarse:
        # Of two days next to each other he would find by subtraction who came in between.
        offered = {one.isoformat(): one for one in quick_days(today()).values()}
        day = offered.get(request.GET.get("on", ""), today())
    return day, sight, form.cleaned_data.get("by") or next(iter(sight.breakdowns), "")


def _ways(found: Indicators, sight: Sight) -> dict[str, Any]:
    """Addresses of the same page on another day and by something else."""
    day = found.day.isoformat()
    return {
        "days": [
            (label, one, f"?{urlencode({'on': one.isoformat(), 'by': found.by})}")
            for label, one in quick_days(today()).items()
        ],
        "tabs": [(code, BREAKDOWNS[code], f"?{urlencode({'on': day, 'by': code})}") for code in sight.breakdowns],
    }


def _stats(found: Indicators, user: User) -> list[tuple[str, Figure, str]]:
    """Label, figure, the way to those who lack it. The longest word may be parted in a narrow column."""
    shown = []
    for code, figure in zip(COLUMNS, found.total.figures, strict=True):
        is_lacked = code in KINDS and figure.value < figure.base and _leads(found, user)
        address = f"{reverse('rma:roster')}?{urlencode({'lacks': code})}" if is_lacked else ""
        shown.append((figure.label.replace("квалификационная", "квалифика\u00adционная"), figure, address))
    return shown


def _roster(line: Line, found: Indicators, user: User) -> str:
    """The way to the people behind a line, for those who keep the roster; it shows the present day only."""
    if not _leads(found, user) or (line.pk == NONE and found.by != "territory"):
        return ""
    return f"{reverse('rma:roster')}?{urlencode({found.by: line.pk})}"


def _leads(found: Indicators, user: User) -> bool:
    return bool(user.roles & ROSTER) and found.day == today()


def _chart(found: Indicators, lines: list[Line]) -> Chart:
    drawn = [line for line in (*lines, found.total) if line.is_whole]
    rows = [(line.label, [one.value for one in line.figures], line.base.value) for line in drawn]
    return overlapping(found.title, found.heading, list(LABELS.values()), rows, digits=1)


def _sheet(found: Indicators) -> SheetSpec:
    headers = [found.heading or "Группа", "Действуют, n"]
    for label in LABELS.values():
        headers += [label, "%"]
    rows = []
    for line in (*found.lines, found.total):
        cells: list[Any] = [line.label, line.base.text if line.base.mark else line.base.value]
        for one in line.figures:
            cells += [one.text if one.mark else one.value, one.percent]
        rows.append(cells)
    return SheetSpec("Показатели РМА", headers, rows, [36, 12, *[18, 8] * len(LABELS)])
