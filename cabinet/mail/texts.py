"""Texts of letters: a default for each kind in code, and what an administrator wrote instead.

An app registers its kinds in `AppConfig.ready`. The places a text may use are a closed list, checked when it is
saved; `compose` fills them. Those of `lines.LIVE` without a value stay in the body until the letter is sent.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from django.core.cache import caches

from cabinet.mail.lines import LIVE, escape, example_body
from cabinet.mail.models import LetterText

CACHE_KEY = "mail.texts"
KEPT = 60  # seconds each process remembers the changed texts
PLACE = re.compile(r"\{([^{}\n]*)\}")
TRAILING = re.compile(r"[ \t]+$", re.MULTILINE)
LINKS = ("ссылка", "дела", "адрес", "перечень", "кому")  # one of those a kind has must stand in its text
SIGNATURE = "signature"
Value = str | Callable[[], str]  # a callable is asked only when the text has its place


@dataclass(frozen=True)
class Place:
    """One `{…}` of a text: what it becomes, and an invented example."""

    what: str
    example: str


@dataclass(frozen=True)
class TextKind:
    """A kind of letter whose text may be edited. The signature, written once for all, has no subject."""

    code: str
    group: str
    title: str
    hint: str
    places: Mapping[str, Place]
    subject: str
    body: str
    button: str = "Открыть"
    is_urgent: bool = False  # comes at once, whatever its reader chose
    is_daily: bool = False  # waits for the daily letter, whatever its reader chose

    @property
    def links(self) -> list[str]:
        """The places of which a text must have at least one, or its reader has nothing to press."""
        return [name for name in LINKS if f"{{{name}}}" in self.body]

    @property
    def subject_places(self) -> list[str]:
        """Live places are filled at sending, when the subject stands already."""
        return [name for name in self.places if name not in (*LIVE, "адрес")]


_kinds: dict[str, TextKind] = {}


def register(kinds: Iterable[TextKind]) -> None:
    for kind in kinds:
        _kinds[kind.code] = kind


def all_kinds() -> list[TextKind]:
    """In the order of registration, which is the order of the page."""
    return list(_kinds.values())


def kind_of(code: str) -> TextKind | None:
    return _kinds.get(code)


def changed_texts() -> dict[str, tuple[str, str]]:
    """Code → (subject, body) of what was changed; kept a minute, so that a batch reads it once."""
    cache = caches["local"]
    texts: dict[str, tuple[str, str]] | None = cache.get(CACHE_KEY)
    if texts is None:
        rows = LetterText.objects.order_by().values_list("code", "subject", "body")
        texts = {code: (subject, body) for code, subject, body in rows}
        cache.set(CACHE_KEY, texts, KEPT)
    return texts


def forget_texts() -> None:
    """After a change: this process reads anew at once, the others within a minute."""
    caches["local"].delete(CACHE_KEY)


def text_of(kind: TextKind) -> tuple[str, str]:
    """The changed text or the default; a changed one that no longer fits its kind is passed over."""
    changed = changed_texts().get(kind.code)
    if changed is None or any(problems(kind, *changed).values()):
        return kind.subject, kind.body
    return changed


def compose(code: str, values: Mapping[str, Value]) -> tuple[str, str]:
    """Subject and body of a letter, with its signature; values are words of people and never read as places.

    Raises KeyError for a place that is neither among the values nor live.
    """
    kind = _kinds[code]
    subject, body = text_of(kind)
    text = TRAILING.sub("", put(body, values, escape))  # what an empty value leaves behind
    return put(subject, values), f"{text}\n\n{signature()}"


def put(text: str, values: Mapping[str, Value], safe: Callable[[str], str] = str) -> str:
    """The text with its places filled."""

    def word(match: re.Match[str]) -> str:
        name = match[1]
        if name not in values and name in LIVE:
            return match[0]
        value = values[name]
        return safe(value() if callable(value) else value)

    return PLACE.sub(word, text)


def signature() -> str:
    return text_of(_kinds[SIGNATURE])[1]


def preview(kind: TextKind, subject: str, body: str) -> tuple[str, str]:
    """Subject and body with the examples in their places, as a reader will see them."""
    examples = {name: place.example for name, place in kind.places.items()}
    signed = "" if kind.code == SIGNATURE else f"\n\n{signature()}"
    return put(subject, examples), example_body(put(body, examples, escape), examples) + signed


def problems(kind: TextKind, subject: str, body: str) -> dict[str, list[str]]:
    """Field → what is wrong with it, in sentences for the person who writes the text."""
    found = {
        "subject": _unpaired(subject) + _unknown(subject, kind.subject_places, kind.places),
        "body": _unpaired(body) + _unknown(body, list(kind.places), kind.places),
    }
    names = set(PLACE.findall(body))
    if kind.links and not names.intersection(LINKS):  # of another kind's links it has been told above
        wanted = " или ".join(f"{{{name}}}" for name in kind.links)
        found["body"].append(f"В письме нет ссылки: добавьте {wanted} отдельной строкой, иначе читателю нечего нажать.")
    return found


def _unpaired(text: str) -> list[str]:
    for number, line in enumerate(text.splitlines(), 1):
        rest = PLACE.sub("", line)
        if "{" in rest or "}" in rest:
            return [f"Строка {number}: фигурная скобка без пары. Подстановка пишется так: {{имя}}."]
    return []


def _unknown(text: str, allowed: list[str], known: Mapping[str, Place]) -> list[str]:
    said = []
    for name in dict.fromkeys(PLACE.findall(text)):
        if name in allowed:
            continue
        if name in known:
            said.append(f"{{{name}}} можно написать только в тексте письма: тема готова раньше.")
            continue
        near = get_close_matches(name.strip().lower(), allowed, 1)
        listed = f"Можно: {', '.join(f'{{{one}}}' for one in allowed)}." if allowed else "Уберите её."
        hint = f"Может быть, {{{near[0]}}}?" if near else listed
        said.append(f"Подстановки {{{name}}} здесь нет. {hint}")
    return said


register(
    [
        TextKind(
            SIGNATURE,
            "Для всех писем",
            "Подпись",
            "Стоит в конце каждого письма кабинета о курсах.",
            {},
            "",
            "С уважением,\nИнститут развития образования Пермского края",
        )
    ]
)
