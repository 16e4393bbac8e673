"""Words brought to one form, so that the same thing written differently is found: case, ё/е, quotes, spaces."""

import re

_SPACES = re.compile(r"[\s\u00a0\u2007\u202f\u200b\ufeff]+")
_NOT_WORD = re.compile(r"[^\w№]+")


def squeeze(text: str) -> str:
    """Text without doubled, leading or trailing white space of any kind (NBSP included)."""
    return _SPACES.sub(" ", text).strip()


def fold(text: str) -> str:
    """Lower case, ё as е, single spaces: for comparing names typed by people."""
    return squeeze(text).casefold().replace("ё", "е")


def key(text: str) -> str:
    """A matching key: folded, without quotes and punctuation, «№ 5» as «5»: «МБОУ "СОШ №5"» → «мбоу сош 5»."""
    return squeeze(_NOT_WORD.sub(" ", fold(text)).replace("№", " "))
