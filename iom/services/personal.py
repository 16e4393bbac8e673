"""What is personal in a route's text: names in any case, contacts, the organization; found, shown, taken out."""

import re
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from cabinet.core.search import fold
from cabinet.structure.models import Organization
from cabinet.users.models import User
from iom.models import Route

Content = dict[str, Any]

_LETTER = "а-яёА-ЯЁ"
_ENDINGS = (
    "а|я|у|ю|ы|и|е|о|ь|й|ью|ой|ей|ою|ею|ую|юю|ом|ем|ым|им|ых|их|ыми|ими|ам|ям|ами|ями|ах|ях"
    "|ого|его|ому|ему|ый|ий|ая|яя|ые|ие|ья|ье|ьи|ьем|ьев"
)
_INITIAL = r"[А-ЯЁ]\."
_WORD = rf"[А-ЯЁ][{_LETTER}-]+"
_PATRONYMIC = rf"[А-ЯЁ][{_LETTER}]+(?:ич|вн|чн)(?:а|ы|е|у|и|ой|ою|ем|ей|ам|ами|ах)?(?![{_LETTER}])"
_GAP = r"[\s().–‑-]*"  # whatever people part a telephone number by

Pattern = tuple[str, "re.Pattern[str]", str | None]  # what it is, how it is found, what takes its place

CONTACTS: list[Pattern] = [
    (
        # A page of a community («wall-1», «club1») is nobody's.
        "страница человека",
        re.compile(
            r"(?:https?://)?(?:www\.|m\.)?"
            r"(?:vk\.(?:com|ru|me)/(?!(?:wall|video|album|topic|clip|@)-|(?:club|public|event)\d)"
            r"|(?:t|telegram|wa)\.me/|ok\.ru/(?!group)|max\.ru/u/)[^\s()«»\",;]+"
            r"|(?<![\w./])@[a-z]\w{3,}",
            re.IGNORECASE,
        ),
        "",
    ),
    ("почта", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), ""),
    (
        "телефон",
        re.compile(
            rf"(?<![\d-])(?:(?:\+?[78]{_GAP})?\(?[3-9]\d\d{_GAP}\d{{3}}{_GAP}\d\d{_GAP}\d\d|\d{{3}}-\d\d-\d\d)(?![\d-])"
        ),
        "",
    ),
]
# Somebody's name, perhaps of a person in a textbook: shown to the author, left as it is.
SOMEBODY = re.compile(
    rf"{_WORD}\s+{_INITIAL}(?:\s?{_INITIAL})?|{_INITIAL}\s?(?:{_INITIAL}\s?)?{_WORD}|{_WORD}\s+{_PATRONYMIC}"
)
_KINDS = r"(?:школ|гимнази|лице|колледж|техникум|сад|центр)[а-яё]*"
_GENERIC = re.compile(rf"{_KINDS}|детск|основн|средн|начальн|станци|дворец|дом", re.IGNORECASE)


@dataclass(frozen=True)
class Found:
    """`text` holds what is personal from `start` to `end`; `instead` takes its place, None leaves it."""

    text: str
    start: int
    end: int
    kind: str
    instead: str | None

    @property
    def parts(self) -> tuple[str, str, str]:
        return self.text[: self.start], self.text[self.start : self.end], self.text[self.end :]


def patterns_of(texts: Iterable[str], organization: Organization | None, route: Route | None = None) -> list[Pattern]:
    """For these texts: contacts, the route's people, the organization and everybody in it, and somebody's name."""
    found: list[Pattern] = []
    named: set[int] = set()
    if route is not None:
        helper = route.rma_member.user if route.rma_member else None
        for person, word in ((route.person, "педагог"), (route.mentor, "наставник"), (helper, "методист РМА")):
            if person is not None:
                named.add(person.pk)
                found.append(("имя", _person(person), word))
    if organization is not None:
        found += [("организация", pattern, "организация") for pattern in _organization(organization)]
        words = {word for text in texts for word in re.findall(r"\w+", fold(text))}
        others = User.objects.filter(organization=organization).exclude(pk__in=named)
        for one in others.only("last_name", "first_name", "patronymic"):
            # A pattern takes milliseconds to compile and a school has two hundred people.
            if _begins(one.last_name, words) or (_begins(one.first_name, words) and _begins(one.patronymic, words)):
                found.append(("имя", _person(one), "коллега"))
    return [*CONTACTS, *found, ("похоже на имя", SOMEBODY, None)]


def _begins(name: str, words: set[str]) -> bool:
    part = fold(name).partition("-")[0]
    return bool(part) and any(word.startswith(part[: max(2, len(part) - 2)]) for word in words)


def _person(person: User) -> "re.Pattern[str]":
    """The surname with the first name, patronymic or initials around it, or the first name with the patronymic."""
    surname = _declined(person.last_name)
    given = [_declined(one) for one in (person.first_name, person.patronymic) if one]
    part = "|".join([*given, _INITIAL])
    whole = rf"(?:(?:{part})\s*){{0,2}}{surname}(?:\s*(?:{part})){{0,2}}"
    return re.compile(rf"{whole}|{given[0]}\s+{given[1]}" if len(given) == 2 else whole)


def _declined(name: str) -> str:
    """A name in any case, as «Волкова» or «ВОЛКОВОЙ», with е for ё, without a fleeting vowel: Павел, Павла."""
    return "-".join(_part(one) for one in name.split("-") if one)


def _part(name: str) -> str:
    stem = re.sub(r"(?<=.{3})(?:ая|яя|ой|ый|ий|ей)$|(?<=.{2})[аяоеьйи]$", "", name)
    letters = re.sub("[её]", "[её]", re.escape(stem[1:]))
    letters = re.sub(r"(\[её\]|о)(?=[бвгдзклмнпрстфхцчш]$)", r"\1?", letters)
    first = "[ЕЁ]" if stem[0] in "ЕЁ" else re.escape(stem[0].upper())
    return rf"(?<![{_LETTER}]){first}(?i:{letters}(?:{_ENDINGS})?)(?![{_LETTER}])"


def _organization(organization: Organization) -> "Iterator[re.Pattern[str]]":
    """Its names whatever the quotes, «школа 7», «7-я школа», and the own name in the quotes: «Рябиновской школе»."""
    names = [organization.name, *organization.aliases.values_list("name", flat=True)]
    for name in names:
        words = re.findall(r"\w+", name)
        yield re.compile(r"[\W_]*".join(map(re.escape, words)) + r"[»\"”]?", re.IGNORECASE)
    for number in sorted(set(re.findall(r"№\s*(\d+)", " ".join(names)))):
        kinds = rf"(?:{_KINDS}|[а-яё]*(?:СОШ|ООШ|ДОУ|ОУ))"
        yield re.compile(
            rf"(?<![{_LETTER}]){kinds}[\s«»\"“”]*(?:№\s*)?{number}(?!\d)|(?<!\d){number}(?:-?[а-яё]{{1,2}})?\s+{_KINDS}",
            re.IGNORECASE,
        )
    for quoted in re.findall(r"[«\"“]([^«»\"“”]+)", " ".join(names)):
        for word in re.findall(r"[А-ЯЁ][а-яё]{3,}", quoted):
            if not _GENERIC.match(word):
                yield re.compile(rf"{_declined(word)}(?:\s+(?:{_KINDS}|СОШ|ООШ))?")


def texts_of(content: Content) -> Iterator[str]:
    yield content.get("aim", "")
    yield from content.get("deficits", [])
    for goal in content.get("goals", []):
        yield goal["text"]
    for item in content.get("items", []):
        yield item["activity"]
        yield item.get("product", "")
        for extra in item.get("attachments", []):
            yield extra["title"]
            yield extra.get("link", "")


def personal_in(texts: Iterable[str], patterns: list[Pattern]) -> list[Found]:
    """Everything personal, in the order of the texts; the same place is named once."""
    found = []
    for text in texts:
        taken: list[Found] = []
        for kind, pattern, instead in patterns:
            for hit in pattern.finditer(text):
                if hit.start() < hit.end() and not any(
                    one.start < hit.end() and hit.start() < one.end for one in taken
                ):
                    taken.append(Found(text, hit.start(), hit.end(), kind, instead))
        found += sorted(taken, key=lambda one: one.start)
    return found


def by_text(found: list[Found]) -> list[tuple[list[tuple[str, Found]], str]]:
    """Every text once: what stands before each find, the find, and the rest after the last one."""
    texts: list[list[tuple[str, Found]]] = []
    last = None
    for one in found:
        goes_on = last is not None and last.text == one.text and last.end <= one.start
        if not goes_on:
            texts.append([])
        texts[-1].append((one.text[last.end if last and goes_on else 0 : one.start], one))
        last = one
    return [(row, row[-1][1].parts[2]) for row in texts]


def without_personal(content: Content, patterns: list[Pattern]) -> Content:
    """A copy with every find replaced by a plain word; the author looks it through before it is saved."""

    def clean(text: str) -> str:
        found = [one for one in personal_in([text], patterns) if one.instead is not None]
        for one in reversed(found):
            text = f"{text[: one.start]}{one.instead}{text[one.end :]}"
        return re.sub(" {2,}", " ", text).strip() if found else text

    made = deepcopy(content)
    made["aim"] = clean(made.get("aim", ""))
    made["deficits"] = [clean(one) for one in made.get("deficits", [])]
    for goal in made.get("goals", []):
        goal["text"] = clean(goal["text"])
    for item in made.get("items", []):
        item["activity"], item["product"] = clean(item["activity"]), clean(item.get("product", ""))
        for extra in item.get("attachments", []):
            extra["title"], link = clean(extra["title"]), extra.get("link", "")
            extra["link"] = link if clean(link) == link else ""  # half an address leads nowhere
    return made
