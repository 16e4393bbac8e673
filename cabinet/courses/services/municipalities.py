"""Which municipality a list means: by name and kind in either order, by the town's own name, or none."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from functools import cached_property

from cabinet.core.search import fold
from cabinet.structure.models import Municipality

Kind = Municipality.Kind

REGION = re.compile(r"\b\w+(?:ский|ского|ская|ской) (?:край|края|область|области|республик\w+)\b")
NOISE = re.compile(r"\bадминистраци\w*|\bуправлени\w* образовани\w*|\bмуниципальн\w+ образован\w+")
# The order matters: «муниципальный район» is gone before «район» is looked for.
KINDS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\bзато\b|\bзакрыт\w+ административно территориальн\w+ образован\w+"), Kind.CLOSED),
    (re.compile(r"\bгородск\w+ округ\w*|\bгор округ\w*|\bг о\b|\bго\b"), Kind.URBAN),
    (re.compile(r"\bмуниципальн\w+ округ\w*|\bмун округ\w*|\bм о\b|\bмо\b|\bокруг\w*"), Kind.MUNICIPAL),
    (re.compile(r"\bмуниципальн\w+ район\w*|\bмун район\w*|\bм р\b|\bмр\b|\bрайон\w*|\bр н\b"), Kind.MUNICIPAL),
)
TOWN = re.compile(r"\b(?:г|гор|город|города)\b")
SETTLEMENT = re.compile(r"\b(?:п|пос|поселок|поселка|пгт|рп|с|село|села)\b")
ENDING = re.compile(r"(?<=[бвгджзклмнпрстфхцчшщ])(?:ий|ый|ой|ого|его|ому|ом|ая|ое|ие|ые)$")
# How far the name of a district may run on after that of its town: Березник-овский, Лысьв-енский.
LONGEST_TAIL = 6


class UnknownMunicipality(LookupError):
    """Not found or not certain. `nearest` are the ones a person would choose from."""

    def __init__(self, message: str, nearest: list[Municipality]) -> None:
        super().__init__(message)
        self.nearest = nearest


def stem(word: str) -> str:
    return ENDING.sub("", word)


def town_stem(word: str) -> str:
    """The town's name without its ending: Березники → березник, Добрянка → добрян, Пермь → перм."""
    bare = re.sub(r"(?:ка|ко)$|[аеиоуыьяй]+$", "", word)
    return re.sub(r"ов?о$", "", bare) if len(bare) > 6 else bare


class Municipalities:
    """All municipalities in memory; a region has a few dozen, the nation some two thousand."""

    def __init__(self, chosen: dict[str, int] | None = None) -> None:
        self.all = list(Municipality.objects.all())
        self.by_pk = {one.pk: one for one in self.all}
        self.chosen = chosen or {}
        self.found: dict[str, Municipality | UnknownMunicipality] = {}

    @cached_property
    def by_stem(self) -> dict[str, list[Municipality]]:
        index: dict[str, list[Municipality]] = {}
        for one in self.all:
            index.setdefault(stem(fold(one.name)), []).append(one)
        return index

    def find(self, text: str) -> Municipality:
        """The municipality meant. Raises UnknownMunicipality."""
        known = self.found.get(text)
        if known is None:
            try:
                known = self.look_up(text)
            except UnknownMunicipality as error:
                known = error
            self.found[text] = known
        if isinstance(known, UnknownMunicipality):
            raise known
        return known

    def look_up(self, text: str) -> Municipality:
        chosen = self.by_pk.get(self.chosen.get(fold(text), 0))
        if chosen is not None:
            return chosen
        # «Пермский край, г. Кунгур»: the whole first, then its parts.
        for part in dict.fromkeys([text, *re.split(r"[,;()]", text)]):
            candidates = self.candidates(part)
            if len(candidates) == 1:
                return candidates[0]
            if candidates:
                names = " или ".join(str(one) for one in candidates)
                raise UnknownMunicipality(f"«{text}» – уточните: {names}", candidates)
        nearest = self.nearest(text)
        hint = f"; похожие: {', '.join(str(one) for one in nearest)}" if nearest else ""
        raise UnknownMunicipality(f"муниципальное образование «{text}» не найдено{hint}", nearest)

    def candidates(self, text: str) -> list[Municipality]:
        words = re.sub(r"[^\w]+", " ", fold(text)).strip()
        words = NOISE.sub(" ", REGION.sub(" ", words) if REGION.sub(" ", words).strip() else words)
        wanted: str | None = None
        for pattern, kind in KINDS:
            shorter = pattern.sub(" ", words)
            if shorter != words and shorter.strip():
                words, wanted = shorter, wanted or kind
        is_town = bool(TOWN.search(words))
        name = " ".join(SETTLEMENT.sub(" ", TOWN.sub(" ", words)).split())
        if not name:
            return []
        same = self.by_stem.get(stem(name), [])
        exact = [one for one in same if fold(one.name) == name or wanted or not is_town]
        by_town = exact or self.of_town(name)
        if not exact and wanted is None:
            # A town alone: «Пермь» is the urban district, the one around it says «район».
            wanted = Kind.URBAN
        # Districts change their kind over the years; a name that is unique is enough.
        return [one for one in by_town if one.kind == wanted] or by_town

    def of_town(self, name: str) -> list[Municipality]:
        town = town_stem(name)
        if len(town) < 2:
            return []
        return [
            one
            for one in self.all
            if fold(one.name).startswith(town) and len(fold(one.name)) - len(town) <= LONGEST_TAIL
        ]

    def nearest(self, text: str, count: int = 3) -> list[Municipality]:
        wanted = fold(text)
        scored = [(SequenceMatcher(None, wanted, fold(str(one))).ratio(), one) for one in self.all]
        scored.sort(key=lambda pair: -pair[0])
        return [one for score, one in scored[:count] if score > 0.4]
