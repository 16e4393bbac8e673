"""Words brought to one form, so that the same thing written differently is found: case, ё/е, quotes, word forms."""

import re
from functools import cache, lru_cache
from typing import Any, TypeVar

from django.db.models import QuerySet
from pymorphy3 import MorphAnalyzer

R = TypeVar("R", bound=QuerySet[Any])
_SPACES = re.compile(r"[\s\0\u00a0\u2007\u202f\u200b\ufeff]+")
_NOT_WORD = re.compile(r"[^\w№]+")
# Of a dictionary form of five letters and more. «Диагностику» alone may be of «диагностик» too: without the ending
# whichever form the dictionary guesses is the same word.
_ENDING = re.compile(r"(?<=[а-я]{4})[аеиоуыэюяйь]+$")


def squeeze(text: str) -> str:
    """Text without doubled, leading or trailing white space of any kind (NBSP included) and zero bytes."""
    return _SPACES.sub(" ", text).strip()


def fold(text: str) -> str:
    """Lower case, ё as е, single spaces: for comparing names typed by people."""
    return squeeze(text).casefold().replace("ё", "е")


def key(text: str) -> str:
    """A matching key: folded, without quotes and punctuation, «№ 5» as «5»: «МБОУ "СОШ №5"» → «мбоу сош 5»."""
    return squeeze(_NOT_WORD.sub(" ", fold(text)).replace("№", " "))


@cache
def _dictionary() -> MorphAnalyzer:
    """Read once per process, when first asked: it takes a tenth of a second and some 15 MB."""
    return MorphAnalyzer(lang="ru")


@lru_cache(maxsize=20_000)
def _lemma(word: str) -> str:
    return _ENDING.sub("", str(_dictionary().parse(word)[0].normal_form).replace("ё", "е"))


_NAMES = {"Name", "Patr", "Surn"}


@lru_cache(maxsize=20_000)
def called(word: str) -> frozenset[str]:
    """«Юлии» → юлия, юлий: whom a form of a name may be of; nobody where it is the name itself or none."""
    forms = [one for one in _dictionary().parse(word) if one.tag.grammemes & _NAMES and "Fixd" not in one.tag]
    if any({"nomn", "sing"} in one.tag for one in forms):  # «Александра» is she, not a form of him
        return frozenset()
    names = [one.inflect({"nomn", "sing"}) for one in forms]
    return frozenset(
        (name.word if name else one.normal_form).replace("ё", "е") for name, one in zip(names, forms, strict=True)
    )


def lemmas(text: str) -> list[str]:
    """The words of a text, each once, as all their forms begin: «Диагностику педагогам» → диагностик, педагог.

    A single letter says nothing and is passed over; digits stay.
    """
    words = (word for word in key(text).split() if len(word) > 1 or word.isdigit())
    return list(dict.fromkeys(_lemma(word)[:60] for word in words))


LONGEST, MOST = 200, 8  # characters and words of what is searched for: each word is a condition


def typed_lemmas(text: str) -> list[str]:
    """What is searched for, word by word."""
    return lemmas(text[:LONGEST])[:MOST]


def stored_words(*told: str) -> str:
    """What a row keeps to be found by: its lemmas, each with a space before, so that a beginning is found too."""
    return "".join(f" {one}" for one in lemmas(" ".join(told)))


def with_words(rows: R, text: str) -> R:
    """Rows whose stored `words` have every typed word, whatever its form, as a word or the beginning of one."""
    for lemma in typed_lemmas(text):
        rows = rows.filter(words__contains=f" {lemma}")
    return rows
