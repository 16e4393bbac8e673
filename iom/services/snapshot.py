"""The content of a route as plain data: what a version keeps, what is compared, what a decision was about."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from iom.models import Deficit, Goal, LearningForm, Level, Route, RouteItem, Support
from iom.services.wording import Piece, word_changes

Content = dict[str, Any]  # {"header": {…}, "deficit": [{…}], "goal": [{…}], "item": [{…}]}
HEADER = "header"
KINDS = ("deficit", "goal", "item")

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
    deficits = list(route.deficits.all())
    names = {one.pk: one.text for one in deficits}
    items = route.items.prefetch_related("attachments")
    return {
        HEADER: header_of(route),
        "deficit": [deficit_line(one) for one in deficits],
        "goal": [goal_line(one, names) for one in route.goals.all()],
        "item": [item_line(one, names) for one in items],
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
    return {"line": f"deficit:{one.pk}", "text": one.text}


def goal_line(one: Goal, deficits: dict[int, str]) -> dict[str, str]:
    return {"line": f"goal:{one.pk}", "text": one.text, "deficit": deficits.get(one.deficit_id or 0, "")}


def item_line(one: RouteItem, deficits: dict[int, str]) -> dict[str, str]:
    """`attachments` are asked of the item: prefetch them."""
    return {
        "line": f"item:{one.pk}",
        "activity": one.activity,
        "deficit": deficits.get(one.deficit_id or 0, ""),
        "form": str(LearningForm(one.form).label) if one.form else "",
        "level": str(Level(one.level).label) if one.level else "",
        "support": str(Support(one.support).label),
        "due_on": "бессрочно" if one.is_open_ended else _day(one.due_on),
        "product": one.product,
        "attachments": "; ".join(_attachment_words(one)),
        "removed": one.removed_reason if one.status == RouteItem.Status.REMOVED else "",
    }


def _attachment_words(item: RouteItem) -> list[str]:
    return [
        ", ".join(part for part in (one.title, _day(one.on), one.place, one.link) if part)
        for one in item.attachments.all()
    ]


def digest_of(line: dict[str, str]) -> str:
    """The same line gives the same digest; a decision counts while it does."""
    return hashlib.sha256(json.dumps(line, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


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

    @property
    def was(self) -> list[Piece]:
        return word_changes(self.before, self.after)[0]

    @property
    def became(self) -> list[Piece]:
        return word_changes(self.before, self.after)[1]


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


def changed(before: Content | None, now: Content) -> list[LineChange]:
    return [one for one in compare(before, now) if one.what != "same"]


def _change(kind: str, before: dict[str, str] | None, now: dict[str, str] | None) -> LineChange:
    shown = now or before or {}
    fields = [
        Field(label, (before or {}).get(name, ""), (now or {}).get(name, ""))
        for name, label in LABELS.items()
        if name in shown and (before or {}).get(name, "") != (now or {}).get(name, "")
    ]
    if before is None:
        what = "added"
    elif now is None or (now.get("removed") and not before.get("removed")):
        what = "removed"
    else:
        what = "changed" if fields else "same"
    return LineChange(shown["line"], kind, what, title_of(shown), fields, before, now)
