"""Statistics of agreed work: bars with a table, and the source's own shares apart."""

from decimal import ROUND_HALF_UP, Decimal
from io import BytesIO
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cabinet.core.charts import Chart, simple
from cabinet.core.clock import today
from cabinet.core.spreadsheet import SheetSpec, write_workbook
from cabinet.files.services import hand_out
from cabinet.users.asking import reader
from cabinet.users.decorators import roles_required
from cabinet.users.models import LogEntry
from cabinet.users.services import record
from rma.filters.statistics import StatisticsFilter
from rma.models import Activity, Direction
from rma.reference import SOURCE
from rma.services import statistics as services
from rma.services.statistics import READERS, Group, Statistics

PAGE_SIZE = 50
REST = "в источнике не указано"
REFERENCE_NOTE = (
    f"Источник: {SOURCE}. От чего взяты эти доли, источник не говорит, поэтому с часами выше они не сравниваются."
)


@require_safe
@roles_required(*READERS)
def statistics(request: HttpRequest) -> HttpResponse:
    found = _filter(request)
    counted = _counted(request, found)
    page = Paginator(counted.groups, PAGE_SIZE).get_page(request.GET.get("page"))
    groups: list[Group] = list(page.object_list)
    if counted.breakdown.code == "member":
        services.name_members(groups)
    context = {
        "form": found,
        "statistics": counted,
        "page": page,
        "groups": groups,
        "chart": _chart(counted, groups),
        "reference": _reference(),
        "has_own": counted.total.own != services.NOTHING or (counted.is_coarse and "regional" in reader(request).roles),
        "is_municipal": not counted.is_coarse and "admin" not in reader(request).roles,
        "month_link": counted.breakdown.code == "member",
    }
    return render(request, "rma/statistics/statistics.html", context)


@require_safe
@roles_required(*READERS)
def statistics_excel(request: HttpRequest) -> HttpResponse:
    """The table of the page as a file, every line of it."""
    found = _filter(request)
    counted = _counted(request, found)
    if counted.breakdown.code == "member":
        services.name_members(counted.groups)
    about = "; ".join(f"{label}: {value}" for label, value in found.chosen)
    heads = [counted.breakdown.heading, "Строк", "Часов", "Человек", "Методистов РМА"]
    rows = [[one.label, *_cells(one)] for one in (*counted.groups, counted.total)]
    target = BytesIO()
    write_workbook(
        target,
        [
            SheetSpec(counted.breakdown.title, heads, rows, [50, 12, 12, 12, 16]),
            SheetSpec("О таблице", ["Что", "Значение"], [list(pair) for pair in found.chosen], [30, 60]),
        ],
    )
    record(
        LogEntry.Action.EXPORTED, note=f"статистика РМА, {counted.breakdown.title.lower()}: {about}", request=request
    )
    return hand_out(target.getvalue(), f"Работа РМА, {counted.breakdown.title.lower()}, {today():%d.%m.%Y}.xlsx")


def _filter(request: HttpRequest) -> StatisticsFilter:
    return StatisticsFilter(request.GET, user=reader(request))


def _counted(request: HttpRequest, found: StatisticsFilter) -> Statistics:
    user = reader(request)
    lines = services.in_place(services.within(services.countable_by(user), found.chosen_period), **found.place)
    own = None
    if found.is_coarse and "regional" in user.roles:
        own = services.within(Activity.objects.agreed().filter(member__user=user), found.chosen_period)
    return services.summarize(lines, found.breakdown, own=own, is_coarse=found.is_coarse)


def _cells(group: Group) -> list[Any]:
    if group.is_hidden:
        return ["скрыто", "скрыто", "скрыто", "<5" if group.is_few else "скрыто"]
    figures = group.figures
    return [figures.lines, float(figures.hours), figures.people, figures.members]


def _chart(counted: Statistics, groups: list[Group]) -> Chart:
    """Bars of what may be shown, in whole hours; the table beside them has the exact ones."""
    rows = [(one.label, _whole(one.figures.hours)) for one in groups if not one.is_hidden]
    return simple(counted.breakdown.title, counted.breakdown.heading, "Часы", rows)


def _whole(hours: Decimal) -> int:
    return int(hours.quantize(Decimal(1), ROUND_HALF_UP))


def _reference() -> Chart | None:
    """The six shares of the source and what it leaves unsaid, in its own words."""
    shares = [
        (one.name, one.source_share) for one in Direction.objects.filter(source_share__isnull=False) if one.source_share
    ]
    if not shares:
        return None
    rows = [*shares, (REST, 100 - sum(share for _, share in shares))]
    return simple(
        "Справочно: доли направлений из источника", "Направление", "Доля, %", rows, tone=3, note=REFERENCE_NOTE
    )
