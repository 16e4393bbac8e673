"""Which way a case went and when: drawn at random, but always a way the table of moves allows."""

from datetime import date, datetime, time, timedelta
from random import Random
from typing import NamedTuple

from django.utils import timezone

from cabinet.core.clock import add_months, after_quiet
from motor.models import Status
from motor.moves import MOVES

# Days a move takes, counted from the one before it.
GAPS = {
    "open": (0, 1),
    "submit": (1, 20),
    "expire": (44, 46),
    "assess": (2, 30),
    "ask_rma": (2, 25),
    "accept_rma": (1, 6),
    "without_rma": (13, 15),
    "assess_rma": (4, 28),
    "close": (15, 100),
}
WAYS: dict[Status, tuple[tuple[float, tuple[str, ...]], ...]] = {
    Status.SCHEDULED: ((1, ()),),
    Status.SURVEY_OPEN: ((1, ("open",)),),
    Status.NO_RESPONSE: ((1, ("open", "expire")),),
    Status.SCHOOL_REVIEW: ((1, ("open", "submit")),),
    Status.RMA_REQUESTED: ((1, ("open", "submit", "ask_rma")),),
    Status.RMA_REVIEW: ((1, ("open", "submit", "ask_rma", "accept_rma")),),
    Status.FOLLOW_UP: (
        (0.85, ("open", "submit", "assess")),
        (0.1, ("open", "submit", "ask_rma", "accept_rma", "assess_rma")),
        (0.05, ("open", "submit", "ask_rma", "without_rma")),
    ),
    Status.CLOSED: (
        (0.85, ("open", "submit", "assess", "close")),
        (0.1, ("open", "submit", "ask_rma", "accept_rma", "assess_rma", "close")),
        (0.05, ("open", "submit", "ask_rma", "without_rma", "close")),
    ),
    Status.STOPPED: ((1, ("open", "stop")),),
}
ENDED = {Status.CLOSED: 0.8, Status.NO_RESPONSE: 0.16, Status.STOPPED: 0.04}
# The last case of a person may be anywhere.
ANYWHERE = {
    Status.SURVEY_OPEN: 0.16,
    Status.NO_RESPONSE: 0.08,
    Status.SCHOOL_REVIEW: 0.16,
    Status.RMA_REQUESTED: 0.04,
    Status.RMA_REVIEW: 0.05,
    Status.FOLLOW_UP: 0.21,
    Status.CLOSED: 0.28,
    Status.STOPPED: 0.02,
}


class Step(NamedTuple):
    move: str
    at: datetime
    to: Status


class Way(NamedTuple):
    """`opens_on` and the moves made so far, in order."""

    status: Status
    opens_on: date
    steps: tuple[Step, ...]

    def at(self, *moves: str) -> datetime | None:
        """When the first of the moves happened, if it did."""
        return next((step.at for step in self.steps if step.move in moves), None)


def opening_day(ends_on: date, months: int) -> date:
    return after_quiet(add_months(ends_on, months)).on


def _target(move: str) -> Status:
    """Where a move leads; the ways drawn here have no move that stays."""
    return MOVES[move].target or Status.SCHEDULED


def draw_way(random: Random, opens_on: date, day: date, *, is_last: bool) -> Way:
    """A way that is over by the end of the day before `day`."""
    if opens_on >= day:
        return Way(Status.SCHEDULED, opens_on, ())
    choices = ANYWHERE if is_last else ENDED
    status = random.choices(list(choices), list(choices.values()))[0]
    shares, ways = zip(*WAYS[status], strict=True)
    moves = random.choices(ways, shares)[0]
    gaps = [random.uniform(*GAPS.get(move, (2, 30))) for move in moves]
    room = (day - opens_on).days
    if status not in ENDED:
        # Under way means lately: it began no earlier than its moves and a fortnight ago.
        room = min(room, int(sum(gaps)) + random.randint(1, 14))
    scale = min(1.0, (room - 0.6) / sum(gaps)) if sum(gaps) else 1.0
    start = timezone.make_aware(datetime.combine(day - timedelta(days=room), time(9, 0)))
    steps, passed = [], 0.0
    for move, gap in zip(moves, gaps, strict=True):
        passed += gap * scale
        steps.append(Step(move, start + timedelta(days=passed), _target(move)))
    return Way(status, steps[0].at.astimezone(timezone.get_current_timezone()).date(), tuple(steps))
