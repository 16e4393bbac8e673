"""Values as people type them: text, names, addresses, hours."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from cabinet.core.spreadsheet.reader import Value

INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad]")
EMPTY_WORDS = {"", "-", "–", "—", "нет", "нету", "отсутствует", "н/д", "не указан", "не указано", "б/н", "#н/д", "#n/a"}
YES_WORDS = {"да", "+", "1", "v", "х", "x", "✓", "✔", "yes", "true", "истина", "отслеживать", "д"}
NO_WORDS = {"нет", "-", "–", "—", "0", "no", "false", "ложь", "не отслеживать", "н"}
NAME_STRANGERS = re.compile(r"[0-9=<>|@/\\{}\[\]\"«»:;#$%^&+?!]")
NAME_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|[-'’`.])*")
EMAIL = re.compile(r"[a-z0-9._%+'-]+@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+")
HOURS = re.compile(r"(?<![\d.,])(\d{1,4})(?:[.,](\d+))?")
# Letters that look the same on both keyboards and get mixed inside one word.
LATIN_TWINS = str.maketrans("ABCEHKMOPTXYaceopxyë", "АВСЕНКМОРТХУасеорхуё")
CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
LATIN = re.compile("[a-z]", re.IGNORECASE)

MAX_HOURS = 3_000


@dataclass(frozen=True, slots=True)
class PersonName:
    surname: str
    first_name: str
    patronymic: str


def text(value: Value) -> str:
    """The value as one line of text without stray spaces; dates in the Russian order."""
    if value is None:
        return ""
    if isinstance(value, date):
        return value.strftime("%d.%m.%Y")
    cleaned = str(value)
    if not cleaned.isascii():
        cleaned = INVISIBLE.sub("", cleaned)
    return " ".join(cleaned.split())  # split() knows the no-break spaces


def yes_or_no(value: Value) -> bool | None:
    """A tick as people put it; anything else says nothing."""
    word = text(value).casefold().strip(" .!")
    return True if word in YES_WORDS else False if word in NO_WORDS else None


def known_text(value: Value) -> str:
    """As `text`, with «-», «нет» and their like counted as nothing."""
    cleaned = text(value)
    return "" if cleaned.casefold() in EMPTY_WORDS else cleaned


def name_part(value: Value) -> str:
    """Words of a name: one script, no remarks in brackets, capital letters where somebody typed all in one case."""
    cleaned = known_text(value)
    if cleaned.isalpha() and cleaned.istitle() and not LATIN.search(cleaned):
        return cleaned  # nine names of ten
    cleaned = re.sub(r"\([^)]*\)", " ", cleaned).strip(" ,;*")
    if re.search(r"\w{3,}\.$", cleaned):
        cleaned = cleaned[:-1]  # a full stop, not an initial
    cleaned = re.sub(r"\s*[-‐‑–—]\s*", "-", cleaned)
    return " ".join(cased(one_script(word)) for word in cleaned.split())


def one_script(word: str) -> str:
    if CYRILLIC.search(word) and LATIN.search(word):
        return word.translate(LATIN_TWINS)
    return word


def cased(word: str) -> str:
    if len(word) > 1 and (word.isupper() or word.islower()) and word.casefold() not in ("оглы", "кызы", "заде"):
        # Initials («А.П.») are in order as they are.
        return word if "." in word else "-".join(part.capitalize() for part in word.split("-"))
    return word


def person_name(full: Value, surname: Value, first: Value, patronymic: Value, given: Value) -> PersonName:
    """The name from one column or from several. Raises ValueError with the reason in words."""
    parts = [name_part(surname), name_part(first) or name_part(given), name_part(patronymic)]
    whole = name_part(full)
    raw = whole or " ".join(part for part in parts if part)
    if not raw:
        raise ValueError("не указаны фамилия, имя, отчество")
    if NAME_STRANGERS.search(raw):
        raise ValueError("в фамилии, имени, отчестве есть посторонние знаки")
    words = raw.split()
    if len(words) < 2 or not all(NAME_WORD.fullmatch(word) for word in words):
        raise ValueError("нужны хотя бы фамилия и имя")
    if whole or not parts[0] or not parts[1]:
        return PersonName(words[0], words[1], " ".join(words[2:]))
    first_words = parts[1].split()
    if not parts[2] and len(first_words) > 1:
        return PersonName(parts[0], first_words[0], " ".join(first_words[1:]))
    return PersonName(parts[0], parts[1], parts[2])


def has_initials(name: PersonName) -> bool:
    return "." in name.first_name or len(name.first_name) == 1


def email(value: Value) -> str:
    """The first usable address in the cell, in lower case, or an empty string."""
    cleaned = re.sub(r"\s*@\s*", "@", text(value).casefold())
    found = EMAIL.search(cleaned)
    if found is None or len(found[0]) > 200:
        return ""
    address = found[0].strip(".'")
    local, _, domain = address.partition("@")
    if not local or ".." in address or not re.search(r"\.[a-z]{2,}$|\.xn--[a-z0-9-]+$", domain):
        return ""
    return address


def hours(value: Value) -> int | None:
    """«36 ч.», «36 часов», 36.0 → 36. Raises ValueError when there is something, but no hours."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return in_range(round(value))
    cleaned = known_text(value)
    if not cleaned:
        return None
    found = HOURS.search(cleaned)
    if isinstance(value, date) or found is None:
        raise ValueError("часы не распознаны")
    return in_range(round(float(f"{found[1]}.{found[2] or 0}")))


def in_range(number: int) -> int:
    if not 0 < number <= MAX_HOURS:
        raise ValueError("часы не распознаны")
    return number


def phone(value: Value) -> str:
    return known_text(value)[:60]
