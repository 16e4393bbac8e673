"""How long a case has been with each: the teacher, the school, РМА, the work with the result; pauses apart."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString

from cabinet.core import charts
from motor.models import Case, Status, Transition


class Side(models.TextChoices):
    TEACHER = "teacher", "Педагог"
    SCHOOL = "school", "Методист ОО"
    SEARCH = "search", "Ответ РМА на запрос"
    RMA = "rma", "Методист РМА"
    WORK = "work", "Работа с результатом"
    PAUSE = "pause", "Пауза"


SIDES = {
    Status.SURVEY_OPEN: Side.TEACHER,
    Status.NO_RESPONSE: Side.TEACHER,
    Status.SCHOOL_REVIEW: Side.SCHOOL,
    Status.RMA_REQUESTED: Side.SEARCH,
    Status.RMA_REVIEW: Side.RMA,
    Status.FOLLOW_UP: Side.WORK,
}


# Moves that give the case to somebody else of the same side.
HANDED = ("name_responsible", "reassign", "hand_over", "transfer", "name_rma", "lose_rma")
# Colours of the bar; a pause has none, it stands apart.
TONES = {Side.TEACHER: 2, Side.SCHOOL: 1, Side.SEARCH: 3, Side.RMA: 6, Side.WORK: 5}


@dataclass(frozen=True)
class Stay:
    """An unbroken stretch with one side; without `until` it lasts."""

    side: Side
    since: datetime
    until: datetime | None

    @property
    def length(self) -> timedelta:
        return max((self.until or timezone.now()) - self.since, timedelta())


@dataclass(frozen=True)
class Total:
    """All stretches of one side together."""

    side: Side
    length: timedelta
    times: int
    is_now: bool

    @property
    def label(self) -> str | Promise:
        return self.side.label

    @property
    def days(self) -> int:
        return self.length.days

    @property
    def is_pause(self) -> bool:
        return self.side is Side.PAUSE

    @property
    def tone(self) -> int | None:
        return TONES.get(self.side)


def stays_of(case: Case, history: Sequence[Transition]) -> list[Stay]:
    """From the moves, oldest first. Before the opening, at rest and after the end nobody has the case."""
    found: list[Stay] = []
    if not history:
        side = SIDES.get(Status(case.status))
        return [Stay(Side.PAUSE if case.paused_until else side, case.status_since, None)] if side else []
    side = SIDES.get(Status(history[0].from_status))
    since = case.opened_at or history[0].at
    for line in history:
        _add(found, side, since, line.at)
        side, since = _side_after(line, side), line.at
    _add(found, side, since, None)
    return found


def held_since(stays: Sequence[Stay], history: Sequence[Transition]) -> datetime | None:
    """Since when the present person has it: a colleague who took it over began later than his side."""
    if not stays or stays[-1].until is not None:
        return None
    since = stays[-1].since
    return max([since, *(line.at for line in history if line.move in HANDED and line.at > since)])


def _side_after(line: Transition, before: Side | None) -> Side | None:
    if line.move == "pause":
        return Side.PAUSE if line.to_status in SIDES else None
    is_still_paused = before is Side.PAUSE and line.from_status == line.to_status and line.move != "resume"
    return before if is_still_paused else SIDES.get(Status(line.to_status))


def _add(found: list[Stay], side: Side | None, since: datetime, until: datetime | None) -> None:
    """Moves within one side do not break its stretch: a colleague who took the case over is the same side."""
    if side is None:
        return
    last = found[-1] if found else None
    if last is not None and last.side is side and last.until == since:
        found[-1] = replace(last, until=until)
    else:
        found.append(Stay(side, since, until))


def totals_of(stays: Sequence[Stay]) -> list[Total]:
    """By side in the order they first had it, a pause last; every day is counted once."""
    sides = sorted(dict.fromkeys(stay.side for stay in stays), key=lambda side: side is Side.PAUSE)
    return [
        Total(
            side,
            sum((stay.length for stay in stays if stay.side is side), timedelta()),
            sum(stay.side is side for stay in stays),
            any(stay.side is side and stay.until is None for stay in stays),
        )
        for side in sides
    ]


def bar_of(totals: Sequence[Total]) -> SafeString | None:
    """The days as one divided bar, without pauses; nothing to compare before the second side or the first day."""
    shown = [one for one in totals if one.days and not one.is_pause]
    if len(shown) < 2:
        return None
    names = [str(one.label) for one in shown]
    row = ("", [one.days for one in shown])
    return charts.stacked("", "", names, [row], tones=[TONES[one.side] for one in shown]).rows[0].svg
