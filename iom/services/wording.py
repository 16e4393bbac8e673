"""What changed within a text, word by word: for eyes that look for the difference."""

import re
from difflib import SequenceMatcher

Piece = tuple[bool, str]  # is it different, the words
LEAST_ALIKE = 0.5  # below it the shorter text shares only small words with the longer, and a mosaic says nothing
SMALL = 3  # letters: «и», «на», «для» between two changed words are read as one phrase with them
MANY = 2000  # words of both; beyond it the comparison would take longer than the reader waits

# A word with its hyphens, a date or a number with its dots, or one sign; and the space after it, not compared.
TOKEN = re.compile(r"(\w+(?:[-.:/]\w+)*|[^\w\s])(\s*)")


def word_changes(before: str, after: str) -> tuple[list[Piece], list[Piece]]:
    """Both texts cut into pieces that stayed and pieces that did not."""
    old, new = TOKEN.findall(before), TOKEN.findall(after)
    if not old or not new or len(old) + len(new) > MANY:
        return _whole(before), _whole(after)
    matcher = SequenceMatcher(None, [word for word, _ in old], [word for word, _ in new], autojunk=False)
    blocks = matcher.get_opcodes()
    kept = sum(_letters(old[i:j]) for what, i, j, _, _ in blocks if what == "equal")
    if kept < LEAST_ALIKE * min(_letters(old), _letters(new)):
        return _whole(before), _whole(after)
    was: list[Piece] = []
    became: list[Piece] = []
    for number, (what, i, j, k, m) in enumerate(blocks):
        is_between = 0 < number < len(blocks) - 1 and _letters(old[i:j]) <= SMALL
        is_new = what != "equal" or is_between
        was.append((is_new, _text(old[i:j])))
        became.append((is_new, _text(new[k:m])))
    return _joined(was), _joined(became)


def _whole(text: str) -> list[Piece]:
    return [(True, text)] if text else []


def _text(words: list[tuple[str, str]]) -> str:
    return "".join(word + space for word, space in words)


def _letters(words: list[tuple[str, str]]) -> int:
    return sum(len(word) for word, _ in words if word[0].isalnum())


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Neighbours of one kind as one piece; the space after a changed word is not changed and not underlined."""
    found: list[Piece] = []
    for is_new, text in pieces:
        if found and found[-1][0] == is_new:
            text = found.pop()[1] + text
        found.append((is_new, text))
    cut: list[Piece] = []
    for is_new, text in found:
        words = text.rstrip() if is_new else text
        cut += [(is_new, words), (False, text[len(words) :])]
    return [one for one in cut if one[1]]
