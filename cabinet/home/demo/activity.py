"""The work of the demo's regional methodists: three months agreed, this one waiting to be looked through."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from cabinet.core.clock import add_months, next_working_day, today
from cabinet.home.demo.cast import REGIONAL, Cast
from cabinet.home.demo.moment import at, on_day, recent_working_day
from cabinet.home.demo.rma_words import FOR_LOW_RESULTS, WORK, Piece
from cabinet.home.demo.settling import Region
from cabinet.structure.models import Organization
from rma.models import Activity, Direction, Function, Member
from rma.services.months import add_line, agree, save_line

MONTHS = 3
AT_WORK = 30  # members whose months are filled
EVERY_LOW_RESULTS = 5  # every fifth line is about a school with low results
WITHOUT_DIRECTION = 3  # every third line of this month


class Diary:
    """Writes lines down as the member would, on the days he did the work."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.directions = {one.code: one for one in Direction.objects.all()}
        self.functions = {one.code: one for one in Function.objects.all()}
        self.schools = list(Organization.objects.filter(low_results=False).order_by("pk"))
        self.weak = list(Organization.objects.filter(low_results=True).order_by("pk"))
        self.number = 0

    def write(self, member: Member, on: date, *, is_complete: bool = True) -> Activity:
        self.number += 1
        is_weak = self.number % EVERY_LOW_RESULTS == 0 and bool(self.weak)
        piece = self.random.choice(FOR_LOW_RESULTS if is_weak else WORK)
        schools = [self.random.choice(self.weak if is_weak else self.schools)]
        with at(on_day(on, 10 + self.number % 8, 20)):
            return add_line(member, self._values(piece, on, is_complete), schools, once=f"demo-{self.number}")

    def _values(self, piece: Piece, on: date, is_complete: bool) -> dict[str, object]:
        return {
            "on": on,
            "kind": piece.kind,
            "title": piece.title,
            "direction": self.directions[piece.direction] if is_complete else None,
            "function": self.functions[piece.function],
            "hours": Decimal(str(piece.hours)),
            "people_count": piece.people,
        }


def make_work(random: Random, region: Region, cast: Cast) -> None:
    diary = Diary(random)
    members = _at_work(region, cast)
    this_month = today().replace(day=1)
    for back in range(MONTHS, 0, -1):
        for member in members:
            for _ in range(random.randint(2, 5)):
                diary.write(member, _day_of(random, add_months(this_month, -back)))
    _agree_months(diary, this_month)
    for number, member in enumerate(members):
        if number % 2 == 0 or member.user_id == region.user(REGIONAL).pk:
            _begin(diary, member, this_month, random.randint(2, 4))


def _at_work(region: Region, cast: Cast) -> list[Member]:
    """The one behind the login and the others of the cast, then members of all the municipalities."""
    own = [region.user(person).pk for person in cast.members]
    found = Member.objects.available().select_related("user")
    known = {one.user_id: one for one in found.filter(user__in=own)}
    rest: Sequence[Member] = list(found.exclude(user__in=own).exclude(shown_at=None).order_by("pk"))
    step = max(1, len(rest) // (AT_WORK - len(own)))
    return [known[pk] for pk in own if pk in known] + list(rest[::step])[: AT_WORK - len(own)]


def _day_of(random: Random, month: date) -> date:
    """Not later than the twentieth: the next working day stays within the month."""
    return next_working_day(month + timedelta(days=random.randint(0, 19)))


def _agree_months(diary: Diary, this_month: date) -> None:
    """In the first days of the next month each; what the cabinet itself has offered is among the lines."""
    months: dict[tuple[Member, date], list[Activity]] = defaultdict(list)
    past = Activity.objects.offered().filter(month__lt=this_month).order_by("month", "pk")
    for line in past.select_related("member__user"):
        months[line.member, line.month].append(line)
    for (member, month), lines in months.items():
        day = min(add_months(month, 1) + timedelta(days=2), today() - timedelta(days=1))
        with at(on_day(day, 17)):
            for line in lines:
                if line.direction_id is None:
                    save_line(line, {"direction": diary.directions["technologies"]}, line.revision)
            agree(member, month, {line.pk: line.revision for line in lines}, actor=member.user)


def _begin(diary: Diary, member: Member, month: date, count: int) -> None:
    """Lines of this month wait; some of them lack a direction."""
    for number in range(count):
        on = min(max(month, recent_working_day(1 + 3 * number)), today())
        diary.write(member, on, is_complete=number % WITHOUT_DIRECTION != 1)
