"""What people write of education, experience, category, assessment and status, turned into what a card holds.

Each of them raises ValueError with a sentence when there is something, but not what the column is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from cabinet.core.clock import add_months
from cabinet.core.search import fold
from cabinet.core.spreadsheet.reader import Value
from cabinet.courses.importing import dates, values
from rma.models import Indicator, Member

Grade = Indicator.Grade
Status = Member.Status
EARLIEST = 1950  # nobody at work began before

UNFINISHED = re.compile(r"\bне ?(?:окончен|закончен|полн)|студент|обучается")
HIGHER = re.compile(
    r"высш|\bв ?о\b|\bвпо\b|бакалавр|магист|специалитет|университет|институт|академи|аспирант|"
    r"кандидат \w+ наук|доктор \w+ наук"
)
SECONDARY = re.compile(
    r"средн\w+ ?-?(?:специальн|профессиональн)|\bс ?спо?\b|\bспо\b|колледж|техникум|училищ|"
    r"среднее проф|среднее спец|ср спец"
)
CATEGORIES: tuple[tuple[re.Pattern[str], Grade], ...] = tuple(
    (re.compile(pattern), grade)
    for pattern, grade in (
        (r"методист", Grade.METHODIST),
        (r"наставник", Grade.MENTOR),
        (r"высш|\bвкк\b|^в$", Grade.TOP),
        (r"перв|\bпкк\b|^1(?: ?я)?$|^i$|^п$", Grade.FIRST),
        (r"^(?:без|б ?к|нет|не имеет|отсутств)|соответств|\bсзд\b", Grade.NO_CATEGORY),
    )
)
NOT_TAKEN = re.compile(r"^(?:нет|не проходил\w*|не оценивал\w*|не проводил\w*|0|false|н)$")
FAILED = re.compile(
    r"\bне (?:про(?:шел|шла|шли|йден\w*)|соответств|сда|справ|достиг)|не зачт|незач|ниже|недостаточ|низк"
)
PASSED = re.compile(r"^(?:да|\+|v|x|х|1|yes|true|истина|д|прошел|прошла|пройден\w*|сдан\w*|зачтен\w*|зачет|имеется)$")
STATUSES = (
    (re.compile(r"кандидат"), Status.CANDIDATE),
    (re.compile(r"приостан|временно"), Status.SUSPENDED),
    (re.compile(r"исключ|выбыл|вышел|вышла|выведен|не действ|недейств"), Status.EXCLUDED),
    (re.compile(r"действ|актив|включен|член|состоит|^да$|^\+$"), Status.ACTIVE),
)
DATE = re.compile(r"(?<!\d)\d{1,2}\.\d{1,2}\.(?:\d{4}|\d{2})(?!\d)")
YEARS = re.compile(r"(\d{1,2})(?:[.,](\d))?\s*(?:лет|год\w*|г\b|л\b)?\.?\s*(?:и\s*)?(?:(\d{1,2})\s*мес\w*\.?)?")


@dataclass(frozen=True, slots=True)
class Said:
    """One indicator as the list says it. Words that a grade alone would lose are kept in `result` or `proof`."""

    grade: str
    since: date | None = None
    result: str = ""
    proof: str = ""


def dates_of(day: date) -> range:
    """Years in which something that has already happened may lie."""
    return range(EARLIEST, day.year + 1)


def past(value: Value, now: date) -> date | None:
    """A day that has come. Raises ValueError."""
    found = dates.single(value, range(EARLIEST, now.year + 2))
    if found is not None and found > now:
        raise ValueError(f"дата {found:%d.%m.%Y} ещё не наступила: проверьте год")
    return found


def date_within(text: str, now: date) -> date | None:
    """The one date inside a text («приказ № 5 от 12.03.2024»). Raises ValueError when it is impossible."""
    found = DATE.findall(text)
    return past(found[0], now) if len(found) == 1 else None


def education(value: Value) -> Said | None:
    text = values.known_text(value)
    words = fold(text).replace(".", " ")
    if not words:
        return None
    if re.match(r"среднее (?:проф|спец)", words) and "высш" not in words:
        grade = Grade.SECONDARY
    elif not UNFINISHED.search(words) and HIGHER.search(words):
        grade = Grade.HIGHER
    elif SECONDARY.search(words):
        grade = Grade.SECONDARY
    else:
        raise ValueError(f"«{text[:60]}» не понято: напишите «высшее» или «среднее профессиональное»")
    return Said(grade, result="" if is_label(words, grade) else text[:200])


def is_label(words: str, grade: str) -> bool:
    """Nothing is said beyond the grade itself."""
    return words.strip() in (fold(Grade(grade).label), f"{fold(Grade(grade).label)} категория", "спо", "во")


def experience(value: Value, now: date) -> date | None:
    """The day the work in the speciality began: from years, a year, a date."""
    if isinstance(value, date) or DATE.search(values.text(value)):
        return past(value, now)
    words = fold(values.known_text(value)).strip(" .")
    if not words:
        return None
    year = re.fullmatch(r"(?:с |в )?((?:19|20)\d\d)(?: ?г(?:ода?)?)?", words)
    if year and int(year[1]) in dates_of(now):
        return min(date(int(year[1]), 9, 1), now)  # a school year begins in September
    months = whole_months(words)
    if months is None or months > 12 * 65:
        raise ValueError(f"«{words[:60]}» не понято: напишите число лет, год или дату начала")
    return add_months(now, -months)


def whole_months(words: str) -> int | None:
    if only := re.fullmatch(r"(\d{1,2}) ?мес\w*", words):
        return int(only[1])
    if re.fullmatch(r"(?:менее|до) (?:1 )?года", words):
        return 0
    found = YEARS.fullmatch(re.sub(r"^(?:более|свыше|около|больше) ", "", words))
    if found is None:
        return None
    return int(found[1]) * 12 + int(found[2] or 0) * 12 // 10 + int(found[3] or 0)


def category(value: Value, since: Value, now: date) -> Said | None:
    """The highest one named; a date inside the text counts when its own column says nothing."""
    text = "" if isinstance(value, date) else values.text(value)
    awarded = past(since, now)
    words = re.sub(r"[^\w ]+", " ", fold(text)).strip()
    if not words:
        if awarded:
            raise ValueError(f"дата присвоения {awarded:%d.%m.%Y} есть, а категория не указана")
        return None
    found = [grade for pattern, grade in CATEGORIES if pattern.search(words)]
    if not found:
        raise ValueError(f"«{text[:60]}» не понято: высшая, первая, педагог-методист, педагог-наставник или «нет»")
    bare = is_label(" ".join(fold(text).split()), found[0]) or words in ("нет", "б к", "бк", "без категории")
    if awarded is None and not re.search(r"\bдо\b", words):
        awarded = date_within(text, now)
    return Said(found[0], awarded, proof="" if bare else text[:300])


def assessment(value: Value, on: Value, now: date) -> Said | None:
    """«Нет» without a day means that nobody assessed him, which is not a failure and leaves no row."""
    passed_on = past(on, now)
    if isinstance(value, date):
        return Said(Grade.PASSED, passed_on or past(value, now))
    text = values.text(value)
    words = fold(text).strip(" .!")
    if words in ("", "-", "–", "—"):
        return Said(Grade.PASSED, passed_on) if passed_on else None
    if NOT_TAKEN.fullmatch(words):
        return Said(Grade.FAILED, passed_on) if passed_on else None
    passed_on = passed_on or date_within(text, now)
    rest = re.sub(r"[\s,;(]*(?:от )?$", "", DATE.sub("", words).strip(" ,;()"))
    if PASSED.fullmatch(rest) or not rest:
        return Said(Grade.PASSED, passed_on)
    is_failed = FAILED.search(words) and not re.match(r"(?:да|пройден\w*|прошел|прошла|сдан\w*)\b", words)
    grade = Grade.FAILED if is_failed else Grade.PASSED
    bare = fold(Grade(grade).label) == rest
    return Said(grade, passed_on, result="" if bare else text[:200])


def status(value: Value) -> str | None:
    text = values.known_text(value)
    if not text:
        return None
    found = next((one for pattern, one in STATUSES if pattern.search(fold(text))), None)
    if found is None:
        choices = ", ".join(Status.labels)
        raise ValueError(f"«{text[:60]}» не понято: {choices}")
    return found


def limit(value: Value) -> int | None:
    text = values.known_text(value)
    if not text:
        return None
    found = re.fullmatch(r"(\d{1,3})(?:\.0)?", text)
    if found is None or not 1 <= int(found[1]) <= 50:
        raise ValueError(f"«{text[:60]}» не понято: нужно число от 1 до 50")
    return int(found[1])


def parts(value: Value, separators: str = r"[;\n\r]") -> tuple[str, ...]:
    """Several values of one cell. A separator inside brackets separates nothing: the source's own wording has some."""
    text = "" if value is None else values.INVISIBLE.sub("", str(value))
    pieces, depth, start = [], 0, 0
    for found in re.finditer(rf"[()]|{separators}", text):
        if found[0] == "(":
            depth += 1
        elif found[0] == ")":
            depth = max(depth - 1, 0)
        elif not depth:
            pieces.append(text[start : found.start()])
            start = found.end()
    pieces.append(text[start:])
    return tuple(dict.fromkeys(clean for piece in pieces if (clean := bare_item(piece))))


def bare_item(piece: str) -> str:
    """Without the number or the dash of a list."""
    return values.known_text(re.sub(r"^\s*(?:\d{1,2}[.)]|[-–—•*])\s+", "", piece)).strip(" ,;")


def joined(labels: Iterable[str]) -> str:
    return "; ".join(labels)
