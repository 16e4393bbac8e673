"""Bar charts drawn on the server: SVG without inline styles, and the same numbers as a table beside it.

The bars have no viewBox: widths are percentages, so text keeps its size on a phone and on paper.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from cabinet.core.words import NBSP

HEIGHT = 26
LANE = 8  # a thin bar with the gap under it
GAP = 0.4  # per cent between neighbours, so that they differ without colour too
LABEL_FROM = 11  # narrower parts carry no number inside; the table has it
MAX_SERIES = 6


@dataclass(frozen=True)
class Row:
    """One bar. `base` is what the shares are taken of, said beside the bar as «n = 12»."""

    label: str
    values: Sequence[int]
    base: int
    svg: SafeString
    address: str = ""
    is_total: bool = False
    digits: int = 0  # of the shares, after the comma

    @property
    def shares(self) -> list[str]:
        return [share(value, self.base, self.digits) for value in self.values]

    @property
    def cells(self) -> list[tuple[int, str]]:
        """(number, share) of every column of the table."""
        return list(zip(self.values, self.shares, strict=True))


@dataclass(frozen=True)
class Chart:
    """What components/chart.html shows."""

    title: str
    heading: str
    series: Sequence[tuple[str, int]]
    rows: Sequence[Row]
    note: str = ""
    has_shares: bool = True


def percent(part: int, whole: int, digits: int = 0) -> str:
    """«37», «7,4»: a whole number goes without digits after the comma; nothing when there is nothing to share."""
    if not whole:
        return ""
    number = f"{100 * part / whole:.{digits}f}"
    return (number.rstrip("0").rstrip(".") if "." in number else number).replace(".", ",")


def share(part: int, whole: int, digits: int = 0) -> str:
    """«37 %», or a dash when there is nothing to take a share of."""
    return f"{percent(part, whole, digits)}{NBSP}%" if whole else "—"


def stacked(
    title: str,
    heading: str,
    series: Sequence[str],
    rows: Sequence[tuple[str, Sequence[int]]],
    *,
    note: str = "",
    tones: Sequence[int] = (),
    addresses: Sequence[str] = (),
    total: str = "",
) -> Chart:
    """Shares of a whole: each row is a full bar divided among `series`, with its base n.

    `tones` names a colour 1–6 per series (by default in turn); `addresses` makes row labels links; `total`
    is the label of a last row with the sums.
    """
    if len(series) > MAX_SERIES:
        raise ValueError("More than six parts of a bar cannot be told apart.")
    colours = list(tones) or list(range(1, len(series) + 1))
    drawn = [
        Row(label, values, sum(values), _divided(values, series, colours), addresses[at] if addresses else "")
        for at, (label, values) in enumerate(rows)
    ]
    if total and rows:
        sums = [sum(column) for column in zip(*(values for _, values in rows), strict=True)]
        drawn.append(Row(total, sums, sum(sums), _divided(sums, series, colours), is_total=True))
    return Chart(title, heading, list(zip(series, colours, strict=True)), drawn, note)


def simple(
    title: str,
    heading: str,
    column: str,
    rows: Sequence[tuple[str, int]],
    *,
    base: int = 0,
    note: str = "",
    tone: int = 1,
) -> Chart:
    """Lengths to compare: the longest row is the full width. With `base` the table also gives shares of it."""
    longest = max((value for _, value in rows), default=0)
    drawn = [Row(label, [value], base or value, _single(value, longest, tone)) for label, value in rows]
    return Chart(title, heading, [(column, tone)], drawn, note, has_shares=bool(base))


def overlapping(
    title: str,
    heading: str,
    series: Sequence[str],
    rows: Sequence[tuple[str, Sequence[int], int]],
    *,
    note: str = "",
    tones: Sequence[int] = (),
    digits: int = 0,
) -> Chart:
    """Shares that may add up to more than the whole: a thin bar for each of `series`, all of one base.

    `rows` are (label, values, base); `digits` of the shares stand after the comma.
    """
    if len(series) > MAX_SERIES:
        raise ValueError("More than six parts of a bar cannot be told apart.")
    colours = list(tones) or list(range(1, len(series) + 1))
    drawn = [
        Row(label, values, base, _lanes(values, base, series, colours, digits), digits=digits)
        for label, values, base in rows
    ]
    return Chart(title, heading, list(zip(series, colours, strict=True)), drawn, note)


def _lanes(values: Sequence[int], base: int, series: Sequence[str], colours: Sequence[int], digits: int) -> SafeString:
    lanes = [
        format_html(
            '<g><title>{}</title><rect class="s{}" x="0" y="{}" width="{}%" height="{}"></rect></g>',
            f"{name}: {value}{NBSP}({share(value, base, digits)})",
            colour,
            at * LANE,
            f"{100 * value / base if base else 0:.2f}",
            LANE - 1,
        )
        for at, (value, name, colour) in enumerate(zip(values, series, colours, strict=True))
    ]
    return _svg(lanes, LANE * len(lanes) - 1)


def _divided(values: Sequence[int], series: Sequence[str], colours: Sequence[int]) -> SafeString:
    whole = sum(values)
    parts, start = [], 0.0
    for value, name, colour in zip(values, series, colours, strict=True):
        width = 100 * value / whole if whole else 0.0
        if value:
            parts.append(
                _part(start, width, f"{name}: {value}{NBSP}({share(value, whole)})", share(value, whole), colour)
            )
        start += width
    return _svg(parts)


def _single(value: int, longest: int, colour: int) -> SafeString:
    width = 100 * value / longest if longest else 0.0
    return _svg([_part(0.0, width, str(value), str(value), colour)] if value else [])


def _part(start: float, width: float, hint: str, text: str, colour: int) -> SafeString:
    inside = (
        format_html('<text class="on{}" x="{}%" y="50%">{}</text>', colour, f"{start + width / 2:.2f}", text)
        if width >= LABEL_FROM
        else ""
    )
    return format_html(
        '<g><title>{}</title><rect class="s{}" x="{}%" y="0" width="{}%" height="{}"></rect>{}</g>',
        hint,
        colour,
        f"{start:.2f}",
        f"{max(width - GAP, GAP):.2f}",
        HEIGHT,
        inside,
    )


def _svg(parts: Sequence[SafeString], height: int = HEIGHT) -> SafeString:
    """Hidden from screen readers, whose chart is the table."""
    return format_html(
        '<svg class="chart-svg" width="100%" height="{}" aria-hidden="true" focusable="false">'
        '<rect class="chart-ground" width="100%" height="{}"></rect>{}</svg>',
        height,
        height,
        format_html_join("", "{}", ((part,) for part in parts)),
    )
