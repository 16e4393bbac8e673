"""What changed within a text, word by word: for eyes that look for the difference."""

import re
from difflib import SequenceMatcher

Piece = tuple[bool, str]  # is it different, the words
LEAST_ALIKE = 0.4  # below it two texts have only small words in common, and a mosaic says nothing


def word_changes(before: str, after: str) -> tuple[list[Piece], list[Piece]]:
    """Both texts cut into pieces that stayed and pieces that did not."""
    old, new = _words(before), _words(after)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if not old or not new or matcher.ratio() < LEAST_ALIKE:
        return [(True, before)] if before else [], [(True, after)] if after else []
    was, became = [], []
    for what, i, j, k, m in matcher.get_opcodes():
        was.append((what != "equal", "".join(old[i:j])))
        became.append((what != "equal", "".join(new[k:m])))
    return _trimmed(was), _trimmed(became)


def _trimmed(pieces: list[Piece]) -> list[Piece]:
    """The space after a changed word is not changed: nothing is underlined where there is nothing."""
    found: list[Piece] = []
    for is_new, text in pieces:
        words = text.rstrip() if is_new else text
        found += [(is_new, words), (False, text[len(words) :])]
    return [one for one in found if one[1]]


def _words(text: str) -> list[str]:
    """Words with the space after them, so that a changed phrase is one piece."""
    return re.findall(r"\S+\s*|\s+", text)
