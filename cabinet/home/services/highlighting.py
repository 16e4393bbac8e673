"""Typed words in a text: whether they are there, how they are shown, and what they are in the other layout."""

import re
from functools import lru_cache

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from cabinet.core.search import called, fold, key, lemmas

_WORD = re.compile(r"\w+")
_LATIN = "`qwertyuiop[]asdfghjkl;'zxcvbnm,."
_RUSSIAN = "ёйцукенгшщзхъфывапролджэячсмитьбю"
_SHIFTED = '~QWERTYUIOP{}ASDFGHJKL:"ZXCVBNM<>'
_TO_RUSSIAN = str.maketrans(_LATIN + _SHIFTED, _RUSSIAN + _RUSSIAN.upper())
_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
_LETTER = re.compile("[a-z]", re.IGNORECASE)


def marked(text: str, typed: str) -> SafeString:
    """The text escaped, with `<mark>` around the words that begin as a typed one does or are a form of it.

    An initial is one only right after a word that is marked: «Соболева А.» does not mean every word with «а».
    """
    plain = [fold(word) for word in _WORD.findall(typed)]
    initials = tuple(word for word in plain if len(word) == 1 and word.isalpha())
    long = [word for word in plain if word not in initials]
    begins = (*long, *(name for word in long for name in called(word)))
    stems = tuple(lemmas(" ".join(long)))
    parts, end = [], 0
    for match in _WORD.finditer(text):
        is_initial = text[end : match.start()].isspace() and fold(match[0]).startswith(initials)
        if (end and is_initial) or _is_found(match[0], begins, stems):
            parts += [escape(text[end : match.start()]), "<mark>", escape(match[0]), "</mark>"]
            end = match.end()
    parts.append(escape(text[end:]))
    return mark_safe("".join(parts))  # every piece of the text is escaped above


def _is_found(word: str, begins: tuple[str, ...], stems: tuple[str, ...]) -> bool:
    if fold(word).startswith(begins):
        return True
    return bool(stems) and any(one.startswith(stems) for one in lemmas(word))


@lru_cache(maxsize=10_000)
def _words_of(title: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words of a title and their stems, kept: thousands of titles are asked at every letter typed."""
    return tuple(key(title).split()), tuple(lemmas(title))


def says(title: str, words: list[str]) -> bool:
    """Every typed word, whatever its form, begins a word of the title; for titles too few to keep their words."""
    plain, stems = _words_of(title)
    for word in words:
        own = tuple(lemmas(word))
        begins = any(one.startswith(word) for one in plain)
        if not begins and not (own and any(one.startswith(own) for one in stems)):
            return False
    return bool(words)


def as_russian(text: str) -> str:
    """«bdfyjd» → «иванов»; empty where no Latin letter was typed or a Cyrillic one was."""
    return text.translate(_TO_RUSSIAN) if _LETTER.search(text) and not _CYRILLIC.search(text) else ""
