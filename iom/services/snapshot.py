"""The content of a route as plain data: what a version keeps, what is compared, what a decision was about."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from iom.models import Deficit, Goal, LearningForm, Level, Route, RouteItem, Support
from iom.services.wording import Piece, word_changes

Content = dict[str, Any]  # {"header": {…}, "deficit": [{…}], "goal": [{…}], "item": [{…}]}
HEADER = "header"
KINDS = (Deficit.KIND, Goal.KIND, RouteItem.KIND)

LABELS = {
    "title": "Название",
    "starts_on": "Начало",
    "ends_on": "Окончание",
    "aim": "Цель",
    "wish": "Индивидуальный запрос",
    "mentor": "Наставник, тьютор",
    "rma": "Методист РМА",
    "text": "Текст",
    "deficit": "Дефицит",
    "activity": "Мероприятие",
    "form": "Форма",
    "level": "Уровень",
    "support": "Сопровождение",
    "due_on": "Срок",
    "product": "Ожидаемый продукт",
    "attachments": "Материалы и события",
    "removed": "Исключено",
}


def _day(day: date | None) -> str:
    return f"{day:%d.%m.%Y}" if day else ""


def snapshot(route: Route) -> Content:
    """The route as it stands, in words a person reads. Five queries, whatever its size."""
    items = route.items.prefetch_related("attachments")
    return content_of(route, list(route.deficits.all()), route.goals.all(), items)


def content_of(route: Route, deficits: Iterable[Deficit], goals: Iterable[Goal], items: Iterable[RouteItem]) -> Content:
    """The same of rows that are loaded already, the items with their attachments."""
    names = {one.pk: one.text for one in deficits}
    return {
        HEADER: header_of(route),
        Deficit.KIND: [deficit_line(one) for one in deficits],
        Goal.KIND: [goal_line(one, names) for one in goals],
        RouteItem.KIND: [item_line(one, names) for one in items],
    }


def header_of(route: Route) -> dict[str, str]:
    return {
        "line": HEADER,
        "title": route.title,
        "starts_on": _day(route.starts_on),
        "ends_on": _day(route.ends_on),
        "aim": route.aim,
        "wish": route.wish,
        "mentor": route.mentor.full_name if route.mentor else "",
        "rma": route.rma_member.user.full_name if route.rma_member else "",
    }


def deficit_line(one: Deficit) -> dict[str, str]:
    return {"line": one.line, "text": one.text}


def goal_line(one: Goal, deficits: dict[int, str]) -> dict[str, str]:
    return {"line": one.line, "text": one.text} | _deficit(one, deficits)


def item_line(one: RouteItem, deficits: dict[int, str]) -> dict[str, str]:
    """`attachments` are asked of the item: prefetch them."""
    return {
        "line": one.line,
        "activity": one.activity,
        **_deficit(one, deficits),
        "form": str(LearningForm(one.form).label) if one.form else "",
        "level": str(Level(one.level).label) if one.level else "",
        "support": str(Support(one.support).label),
        "due_on": "бессрочно" if one.is_open_ended else _day(one.due_on),
        "product": one.product,
        "attachments": "; ".join(_attachment_words(one)),
        "removed": one.removed_reason if one.status == RouteItem.Status.REMOVED else "",
    }


def _deficit(one: Goal | RouteItem, deficits: dict[int, str]) -> dict[str, str]:
    """Its words to be read, and its line to be compared: a deficit said otherwise changes no goal and no item."""
    found = f"{Deficit.KIND}:{one.deficit_id}" if one.deficit_id in deficits else ""
    return {"deficit": deficits.get(one.deficit_id or 0, ""), "deficit_line": found}


def _attachment_words(item: RouteItem) -> list[str]:
    return [
        ", ".join(part for part in (one.title, _day(one.on), one.place, one.link) if part)
        for one in item.attachments.all()
    ]


def digest_of(line: dict[str, str]) -> str:
    """The same line gives the same digest; a decision counts while it does."""
    told = {name: words for name, words in line.items() if name != "deficit" or not line.get("deficit_line")}
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def lines_of(content: Content) -> dict[str, dict[str, str]]:
    """Every line by its name."""
    return {one["line"]: one for one in [content[HEADER], *(one for kind in KINDS for one in content[kind])]}


def title_of(line: dict[str, str]) -> str:
    return line.get("activity") or line.get("text") or line.get("title") or ""


@dataclass(frozen=True)
class Field:
    """One field of a changed line; `was` and `became` are the same words cut where they differ."""

    label: str
    before: str
    after: str

    @cached_property
    def _pieces(self) -> tuple[list[Piece], list[Piece]]:
        return word_changes(self.before, self.after)

    @property
    def was(self) -> list[Piece]:
        return self._pieces[0]

    @property
    def became(self) -> list[Piece]:
        return self._pieces[1]


@dataclass(frozen=True)
class LineChange:
    """What became of a line: «added», «changed», «removed» or «same»; `now` is None for a line that is gone."""

    line: str
    kind: str
    what: str
    title: str
    fields: list[Field]
    before: dict[str, str] | None
    now: dict[str, str] | None

    @property
    def can_be_removed(self) -> bool:
        """A header always stands; what is excluded already needs no such word."""
        return self.kind != HEADER and self.what != "removed"

    @property
    def told(self) -> list[Field]:
        """The fields without the one that is the title: a new line does not say its name twice."""
        if self.what == "changed":
            return self.fields
        if self.what == "removed" and self.now:  # it stays as excluded: what counts is why
            return [one for one in self.fields if one.label == LABELS["removed"]]
        return [one for one in self.fields if self.title not in (one.before, one.after)]


def compare(before: Content | None, now: Content) -> list[LineChange]:
    """Every line of either, in the order of `now`, lines that are gone after those of their kind."""
    changes = [_change(HEADER, (before or {}).get(HEADER), now[HEADER])]
    for kind in KINDS:
        old = {one["line"]: one for one in (before or {}).get(kind, [])}
        for one in now[kind]:
            changes.append(_change(kind, old.pop(one["line"], None), one))
        changes += [_change(kind, one, None) for one in old.values()]
    return changes


def _differ(before: dict[str, str] | None, now: dict[str, str] | None, name: str) -> bool:
    return (before or {}).get(name, "") != (now or {}).get(name, "")


def _change(kind: str, before: dict[str, str] | None, now: dict[str, str] | None) -> LineChange:
    shown = now or before or {}
    compared = {"deficit": "deficit_line"}
    fields = [
        Field(label, (before or {}).get(name, ""), (now or {}).get(name, ""))
        for name, label in LABELS.items()
        if name in shown and _differ(before, now, compared.get(name, name))
    ]
    if now is None or (now.get("removed") and not (before or {}).get("removed")):
        what = "removed"
    elif before is None:
        what = "added"
    else:
        what = "changed" if fields else "same"
    return LineChange(shown["line"], kind, what, title_of(shown), fields, before, now)
