"""Dates as people type them: one day, a range, a range with what is common said once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from cabinet.core.spreadsheet.reader import Value
from cabinet.courses.importing.values import known_text

EXCEL_EPOCH = date(1899, 12, 30)
# Of a course. A number in a date column that Excel would count as a day outside them is not a date but a slip.
YEARS = range(1995, 2101)

MONTHS = {
    stem: number
    for number, stems in enumerate(
        ("янв", "фев", "мар", "апр", "май|мая|мае", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"), start=1
    )
    for stem in stems.split("|")
}
DAY = r"(?P<day>\d{1,2})"
ELEMENT = re.compile(
    rf"{DAY}(?:\s*[./]\s*(?P<month>\d{{1,2}})|\s*[. ]?\s*(?P<word>[а-я]{{3,}})\.?)?"
    r"(?:\s*[./,]?\s*(?P<year>\d{4}|\d{2}))?\s*(?:г(?:\.|ода?|\b)\.?)?\.?"
)
ISO = re.compile(r"(?<![\d./])(\d{4})([-./])(\d{1,2})\2(\d{1,2})(?:[t ]\d{1,2}:\d{2}(?::\d{2})?)?\b")
DASHED = re.compile(r"\b(\d{1,2})-(\d{1,2})-(\d{4})\b")
SPACED = re.compile(r"\b(\d{1,2})[ ,]{1,2}(\d{1,2})[ ,]{1,2}(\d{4})\b")
NEIGHBOURS = re.compile(r"(\d{1,2}[./]\d{1,2}[./]\d{4})\s*[/ ]\s*(?=\d{1,2}[./]\d{1,2}[./]\d{4})")
TIME_TAIL = re.compile(r"\s\d{1,2}:\d{2}(:\d{2})?\b")
SEPARATOR = re.compile(r"\s*(?:-|,|;|\bпо\b|\bдо\b|\bи\b|\bс\b|\bсо\b|\bот\b)\s*")
WORDS_AROUND = re.compile(r"^(?:дата|срок[иа]?|период|обучение|числа)\b:?\s*|\s*(?:включительно|вкл\.?)$")


class BadDate(ValueError):
    """Not a date, or a day that does not exist. The text says which."""


@dataclass(slots=True)
class Element:
    day: int
    month: int | None
    year: int | None
    source: str


def single(value: Value, years: range = YEARS) -> date | None:
    """One date, or nothing for an empty cell. Of a range in this cell, its last day counts."""
    return period(value, years)[1]


def period(value: Value, years: range = YEARS) -> tuple[date | None, date | None]:
    """Start and end, both in `years`. A lone date is an end. Raises BadDate."""
    if isinstance(value, date):
        return None, plausible(value, years)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return None, from_serial(value, years)
    words = known_text(value).casefold().replace("ё", "е")
    if not words:
        return None, None
    if re.fullmatch(r"\d{5}(\.0+)?", words):
        return None, from_serial(float(words), years)
    elements = read_elements(words)
    fill_from_right(elements)
    days = [to_date(element, years) for element in elements]
    return (days[0] if len(days) > 1 else None), days[-1]


def from_serial(value: int | float, years: range = YEARS) -> date:
    first, last = ((date(year, 1, 1) - EXCEL_EPOCH).days for year in (years.start, years.stop))
    if not first <= int(value) < last:
        raise BadDate(f"«{value}» – не дата")
    return EXCEL_EPOCH + timedelta(days=int(value))


def plausible(day: date, years: range = YEARS) -> date:
    if day.year not in years:
        raise BadDate(f"дата {day:%d.%m.%Y} невозможна: проверьте год")
    return day


def read_elements(words: str) -> list[Element]:
    plain = TIME_TAIL.sub("", ISO.sub(lambda m: f"{m[4]}.{m[3]}.{m[1]}", words))
    plain = re.sub("[‐‑‒–—―−]", "-", plain)
    plain = re.sub(r"[«»\"“”()]|\bгг\b\.?", " ", plain).replace("..", ".").strip()
    plain = re.sub(r"\bc\b", "с", plain)  # the Latin letter on the same key
    plain = DASHED.sub(r"\1.\2.\3", WORDS_AROUND.sub("", plain))
    plain = NEIGHBOURS.sub(r"\1 - ", SPACED.sub(r"\1.\2.\3", plain))
    if re.fullmatch(r"\d{1,2}-\d{1,2}-\d{2}", plain):
        plain = plain.replace("-", ".")
    parts = [part.strip(" .()") for part in SEPARATOR.split(plain)]
    elements = [read_element(part, words) for part in parts if part and part not in ("г", "гг", "года")]
    if not elements:
        raise BadDate(f"«{words[:60]}» – не дата")
    return elements


def read_element(part: str, words: str) -> Element:
    found = ELEMENT.fullmatch(part)
    if found is None:
        raise BadDate(f"«{words[:60]}» – не дата")
    month = int(found["month"]) if found["month"] else None
    if found["word"]:
        month = MONTHS.get(found["word"][:3])
        if month is None:
            raise BadDate(f"«{words[:60]}» – не дата")
    year = int(found["year"]) if found["year"] else None
    if year is not None and year < 100:
        year += 2000
    return Element(int(found["day"]), month, year, part)


def fill_from_right(elements: list[Element]) -> None:
    """«12–16 марта 2026»: what the left day does not say, the right one does."""
    for left, right in zip(reversed(elements[:-1]), reversed(elements), strict=False):
        if left.month is None:
            left.month = right.month
        if left.year is None and right.year is not None:
            over_new_year = left.month is not None and right.month is not None and left.month > right.month
            left.year = right.year - over_new_year


def to_date(element: Element, years: range = YEARS) -> date:
    if element.month is None or element.year is None:
        raise BadDate(f"дата «{element.source}» указана не полностью")
    try:
        return plausible(date(element.year, element.month, element.day), years)
    except BadDate:
        raise
    except ValueError:
        raise BadDate(f"дата «{element.source}» невозможна") from None
