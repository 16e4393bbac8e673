"""Remarks beside a route while it is built: they help, they never stop anybody."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from cabinet.core.clock import is_working_day, quiet_periods
from iom.models import Deficit, Goal, LearningForm, Level, Route, RouteItem


@dataclass(frozen=True)
class Remark:
    """`line` is Line.line, «header» or a section; empty for a remark about the route as a whole.

    `about` are the words of the line it speaks of.
    """

    line: str
    text: str
    about: str = ""

    @property
    def anchor(self) -> str:
        """Where the designer shows the line: «item-12»; a remark about the whole leads to the items."""
        return self.line.replace(":", "-") or "items"


@dataclass(frozen=True)
class Share:
    """A bar: `percent` is of all counted items."""

    label: str
    count: int
    percent: int


@dataclass(frozen=True)
class Readiness:
    """«Готовность 8 из 10»: how many of the checks hold, what is still to be said, how forms and levels balance."""

    done: int
    total: int
    remarks: list[Remark] = field(default_factory=list)
    forms: list[Share] = field(default_factory=list)
    levels: list[Share] = field(default_factory=list)

    def by_line(self) -> list[list[Remark]]:
        """Remarks of one line together, in the order in which a route is built: the first is what to do next."""
        found: dict[str, list[Remark]] = {}
        for one in self.remarks:
            found.setdefault(one.line or one.text, []).append(one)
        return list(found.values())

    def on(self, line: str) -> list[str]:
        """What is said of one line."""
        return [one.text for one in self.remarks if one.line == line]


def readiness_of(
    route: Route,
    deficits: Sequence[Deficit],
    goals: Sequence[Goal],
    items: Sequence[RouteItem],
    *,
    has_courses: bool = False,
) -> Readiness:
    """No queries of its own beyond the calendar: the rows are those the page has loaded.

    `has_courses`: the teacher has studied, so something in the route may come from the course.
    """
    live = [one for one in items if one.status != RouteItem.Status.REMOVED]
    ahead = [one for one in live if one.status != RouteItem.Status.CONFIRMED]  # what is done is not changed
    checks = [
        list(_header(route)),
        list(_deficits(deficits, goals, live)),
        list(_goals(goals)),
        list(_enough(live)),
        [_of(one, "Не выбран дефицит.") for one in ahead if not one.deficit_id],
        list(_dates(route, ahead)),
        list(_days(ahead)),
        [_of(one, "Не назван продукт.") for one in ahead if not one.product],
        list(_forms(live, ahead)),
        list(_courses(live, has_courses)),
    ]
    done = sum(not said for said in checks)
    if not live:  # nothing is wrong with items that are not there, and nothing is ready either
        done -= sum(not said for said in checks[4:9]) + has_courses
    return Readiness(
        done,
        len(checks),
        [remark for said in checks for remark in said],
        _shares(LearningForm.choices, [one.form for one in live]),
        _shares(Level.choices, [one.level for one in live]),
    )


def _of(line: Deficit | Goal | RouteItem, text: str) -> Remark:
    return Remark(line.line, text, str(line))


def _header(route: Route) -> Iterator[Remark]:
    if not route.aim:
        yield Remark("header", "Запишите цель маршрута: ради чего он?")


def _deficits(deficits: Sequence[Deficit], goals: Sequence[Goal], items: Sequence[RouteItem]) -> Iterator[Remark]:
    if not deficits:
        yield Remark("deficits", "Назовите дефицит: чего не хватает, чтобы работать увереннее?")
    met = {one.deficit_id for one in goals} | {one.deficit_id for one in items}
    for one in deficits:
        if one.pk not in met:
            yield _of(one, "Этим дефицитом пока не заняты ни цель, ни мероприятие.")


def _goals(goals: Sequence[Goal]) -> Iterator[Remark]:
    if not goals:
        yield Remark("goals", "Добавьте цель: что изменится, когда маршрут будет пройден?")
    for one in goals:
        if not one.deficit_id:
            yield _of(one, "Цель не связана с дефицитом.")


def _enough(items: Sequence[RouteItem]) -> Iterator[Remark]:
    if not items:
        yield Remark("items", "Добавьте мероприятие: карта пока пуста.")


def _dates(route: Route, items: Sequence[RouteItem]) -> Iterator[Remark]:
    for one in items:
        if one.due_on is None:
            if not one.is_open_ended:
                yield _of(one, "Нет срока.")
        elif one.due_on > route.ends_on:
            yield _of(one, f"Срок позже окончания маршрута ({route.ends_on:%d.%m.%Y}).")
        elif one.due_on < route.starts_on:
            yield _of(one, f"Срок раньше начала маршрута ({route.starts_on:%d.%m.%Y}).")


def _days(items: Sequence[RouteItem]) -> Iterator[Remark]:
    for one in items:
        why = _day_off(one.due_on) if one.due_on else ""
        if why:
            yield _of(one, f"Срок {one.due_on:%d.%m.%Y} — {why}.")


def _day_off(day: date) -> str:
    """Why nobody works that day, or nothing."""
    for period in quiet_periods():
        if period.covering(day):
            return f"каникулы («{period.title}»)"
    return "" if is_working_day(day) else "выходной или праздник"


def _forms(items: Sequence[RouteItem], ahead: Sequence[RouteItem]) -> Iterator[Remark]:
    yield from (_of(one, "Не выбрана форма.") for one in ahead if not one.form)
    if len(items) > 1 and all(one.form == LearningForm.FORMAL for one in items):
        yield Remark(
            "", "Все мероприятия формальные. Добавьте неформальные: стажировку, наставничество, открытый урок."
        )


def _courses(items: Sequence[RouteItem], has_courses: bool) -> Iterator[Remark]:
    if has_courses and items and not any(one.completion_id for one in items):
        yield Remark("", "Ничего не взято с пройденного курса: отметьте в пункте, из какого он курса.")


def _shares(kinds: Sequence[tuple[str, str]], found: Sequence[str]) -> list[Share]:
    """A bar for each kind, and one for what has none; nothing where there are no items."""
    counts = Counter(found)
    rows = [(label, counts[kind]) for kind, label in kinds] + ([("не выбрано", counts[""])] if counts[""] else [])
    return [Share(label, count, round(100 * count / len(found))) for label, count in rows] if found else []
