"""A summary as an Excel file: a table and a native chart per breakdown, with exactly the figures of the page."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from cabinet.core.spreadsheet import text_cell
from registry.services.measures import LABELS
from registry.services.summary import Figure, Line, Summary

CHART_DATA = "Для диаграмм"
BARS = 45  # more cannot be read; the table has all
HEADER_ROW = 5
HIDING = "Группы меньше пяти показаны как «<5»; «скрыто» стоит там, где число выдало бы такую группу при вычитании."
TITLE, BOLD, SOFT = Font(bold=True, size=14), Font(bold=True), Font(color="53605C")
HEADER_FILL = PatternFill("solid", fgColor="E6EFEA")
HEADER = Alignment(wrap_text=True, vertical="center", horizontal="center")
WRAP, RIGHT = Alignment(wrap_text=True, vertical="top"), Alignment(horizontal="right", vertical="top")
OVER_TOTAL = Border(top=Side(style="medium", color="7C8379"))
TONES = ("15584D", "C98A2B", "7D8F9B", "A9481F", "5B7F4A", "6A5A8C")  # as on the page, static/css/tokens.css


def workbook(summaries: Sequence[Summary], chosen: Sequence[tuple[str, str]]) -> bytes:
    """`chosen`: the filters in words, (label, value)."""
    book = Workbook(write_only=True)
    sheets = [book.create_sheet(one.breakdown.title[:31]) for one in summaries]
    # Cells that are hidden or hold a text would be drawn as noughts: charts have their own, contiguous numbers.
    data = book.create_sheet(CHART_DATA)
    row = 1
    for sheet, summary in zip(sheets, summaries, strict=True):
        _write_table(sheet, summary, chosen)
        drawn = _drawn(summary)
        _write_numbers(data, summary, drawn)
        if drawn:
            # Under the table: beside it, a printed page would shrink to hold both.
            sheet.add_chart(_chart(data, summary, row, len(drawn)), f"A{HEADER_ROW + len(summary.lines) + 4}")
        row += len(drawn) + 2
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def _write_table(sheet: Any, summary: Summary, chosen: Sequence[tuple[str, str]]) -> None:
    measure, width = summary.measure, _width(summary)
    sheet.column_dimensions["A"].width = 44
    for at in range(2, width + 1):
        sheet.column_dimensions[get_column_letter(at)].width = 15
    sheet.freeze_panes = f"B{HEADER_ROW + 1}"
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = f"{HEADER_ROW}:{HEADER_ROW}"
    filters = "; ".join(f"{label}: {value}" for label, value in chosen) or "нет"
    sheet.append([_text(sheet, f"{measure.title}. {summary.breakdown.title}", TITLE)])
    sheet.append([_text(sheet, measure.about, SOFT)])
    moment = timezone.localtime(summary.made_at)
    sheet.append([_text(sheet, f"По состоянию на {moment:%d.%m.%Y %H:%M}. Отбор: {filters}.", SOFT)])
    sheet.append([_text(sheet, HIDING, SOFT)] if summary.made_at else [])
    header = [summary.breakdown.heading, f"n: {LABELS[measure.base].lower()}"]
    header += [title for label in summary.part_labels for title in (label, "доля")]
    header += summary.apart_labels
    sheet.row_dimensions[HEADER_ROW].height = 48
    sheet.append([_text(sheet, word, BOLD, HEADER, HEADER_FILL) for word in header])
    for line in (*summary.lines, summary.total):
        sheet.append(_cells(sheet, line))


def _cells(sheet: Any, line: Line) -> list[Any]:
    font = BOLD if line.is_total else None
    cells = [_text(sheet, line.label, font, WRAP), _number(sheet, line.base)]
    for part in line.parts:
        share = WriteOnlyCell(sheet, value=part.share)
        share.number_format = "0%"
        cells += [_number(sheet, part), share]
    cells += [_number(sheet, one) for one in line.apart]
    if line.is_total:
        for cell in cells:
            cell.font, cell.border = BOLD, OVER_TOTAL
    return cells


def _number(sheet: Any, figure: Figure) -> Any:
    """A number, or the same words as on the page where it is not shown."""
    if figure.mark:
        return _text(sheet, figure.text, alignment=RIGHT)
    cell = WriteOnlyCell(sheet, value=figure.value)
    cell.number_format = "#,##0"
    return cell


def _text(
    sheet: Any, value: str, font: Font | None = None, alignment: Alignment | None = None, fill: Any = None
) -> Any:
    cell = text_cell(sheet, value)
    for name, style in (("font", font), ("alignment", alignment), ("fill", fill)):
        if style is not None:
            setattr(cell, name, style)
    return cell


def _width(summary: Summary) -> int:
    return 2 + 2 * len(summary.measure.parts) + len(summary.measure.apart)


def _drawn(summary: Summary) -> list[Line]:
    return [line for line in (*summary.lines[: BARS - 1], summary.total) if line.is_whole]


def _write_numbers(sheet: Any, summary: Summary, drawn: Sequence[Line]) -> None:
    """The lines that may be drawn. Overlapping parts go in as shares: there is no whole for them to fill."""
    sheet.append([_text(sheet, word, BOLD) for word in (summary.breakdown.heading, *summary.part_labels)])
    for line in drawn:
        numbers = [part.share if summary.measure.is_overlapping else part.value for part in line.parts]
        sheet.append([_text(sheet, line.label), *numbers])
    sheet.append([])


def _chart(data: Any, summary: Summary, row: int, count: int) -> BarChart:
    """Horizontal bars; `row` is the heading of the chart's numbers."""
    chart = BarChart()
    chart.type = "bar"
    chart.title = f"{summary.measure.title}. {summary.breakdown.title}"
    parts = len(summary.measure.parts)
    chart.add_data(
        Reference(data, min_col=2, max_col=1 + parts, min_row=row, max_row=row + count), titles_from_data=True
    )
    chart.set_categories(Reference(data, min_col=1, min_row=row + 1, max_row=row + count))
    if not summary.measure.is_overlapping:
        chart.grouping, chart.overlap = "percentStacked", 100
    tones = summary.measure.tones or range(1, parts + 1)
    for series, tone in zip(chart.series, tones, strict=True):
        series.graphicalProperties.solidFill = TONES[tone - 1]
    chart.gapWidth = 40
    chart.x_axis.scaling.orientation = "maxMin"  # the first line on top, as in the table
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.y_axis.number_format = "0%"
    chart.legend.position = "b"
    lanes = parts * 0.35 if summary.measure.is_overlapping else 0.75
    chart.width, chart.height = 24, 5 + count * lanes
    return chart
