"""What packages standing above add to the library. They register themselves in `ready`; this one never names them.

register_usage("routes", "маршруте,маршрутах,маршрутах", counts)   # counts: [material ids] → {id: how many}
register_matching(matching_of)                                     # user → Matching, or None: nothing to match by
register_action(actions)                                           # material, user → [(label, address)]
register_place("События", places)                                  # material, user → [(label, address)]
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from cabinet.library.models import Material
from cabinet.users.models import User


@dataclass(frozen=True)
class Matching:
    """What suits a person, each with the reason in words: «дефицит маршрута: оценивание».

    `topics` and `subjects` by their id; `words` by the lemma (`cabinet.core.search.lemmas`), the weightiest first.
    """

    topics: Mapping[int, str] = field(default_factory=dict)
    subjects: Mapping[int, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.topics or self.subjects or self.words)


class Link(NamedTuple):
    label: str
    address: str


Usage = Callable[[list[int]], Mapping[int, int]]
Match = Callable[[User], Matching | None]
Links = Callable[[Material, User], list[tuple[str, str]]]

_usages: dict[str, tuple[str, Usage]] = {}
_matchings: list[Match] = []
_actions: dict[str, Links] = {}
_places: dict[str, Links] = {}


def register_usage(name: str, forms: str, counts: Usage) -> None:
    """`forms` say it after «в»: «маршруте,маршрутах,маршрутах»."""
    _usages[name] = (forms, counts)


def register_matching(matching: Match) -> None:
    """There is one: whoever registers last."""
    _matchings[:] = [matching]


def register_action(actions: Links, name: str = "iom") -> None:
    _actions[name] = actions


def register_place(title: str, places: Links) -> None:
    """Under the heading `title`, where a material is attached."""
    _places[title] = places


def usages_of(pks: list[int]) -> list[tuple[str, Mapping[int, int]]]:
    """(forms of the word, material id → how many) by each who counts."""
    return [(forms, counts(pks)) for forms, counts in _usages.values()] if pks else []


def use_of(pks: list[int]) -> dict[int, int]:
    """Material id → in how many places altogether; those in none are not there."""
    total: dict[int, int] = {}
    for _, counts in usages_of(pks):
        for pk, count in counts.items():
            total[pk] = total.get(pk, 0) + count
    return total


def matching_of(user: User) -> Matching | None:
    """None: nobody matches, or there is nothing to match by."""
    found = _matchings[0](user) if _matchings else None
    return found or None


def has_matching() -> bool:
    return bool(_matchings)


def actions_of(material: Material, user: User) -> list[Link]:
    return [Link(*one) for actions in _actions.values() for one in actions(material, user)]


def places_of(material: Material, user: User) -> list[tuple[str, list[Link]]]:
    """(heading, links) where there are any."""
    found = [(title, [Link(*one) for one in places(material, user)]) for title, places in _places.items()]
    return [one for one in found if one[1]]
