"""Roster cards of РМА: states by orders, indicators, roles, functions, directions, subjects."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

from django.utils import timezone

from cabinet.core.clock import today
from cabinet.home.simulation.bulk import write
from cabinet.structure.models import Subject
from cabinet.users.models import Membership, Role, User
from rma.models import Direction, Function, Indicator, Member, MemberRole, StatusChange
from rma.services.roster import category_end

MEMBERS_PER_PERSON = 0.1  # ten times the region's own 296 of 30,000: the pages of РМА are measured with 3,000
FATES: tuple[tuple[tuple[str, ...], float], ...] = (
    (("active",), 0.62),
    (("candidate", "active"), 0.28),
    (("candidate", "active", "suspended"), 0.03),
    (("candidate", "active", "suspended", "active"), 0.02),
    (("candidate",), 0.03),
    (("active", "excluded"), 0.02),
)
SHOWN, WITH_CATEGORY, ASSESSED = 0.85, 0.074, 0.595


def make_members(random: Random, people: list[User], subjects: list[Subject], count: int) -> list[Member]:
    """Every card with all that hangs on it; returns those who may be asked."""
    chosen = random.sample(people, min(len(people), max(2, int(count * MEMBERS_PER_PERSON))))
    fates, shares = zip(*FATES, strict=True)
    ways = random.choices(fates, shares, k=len(chosen))
    ways[0] = ways[1] = ("active",)  # the smallest region has somebody to ask too
    members = write(Member, [_card(random, *pair) for pair in zip(chosen, ways, strict=True)])
    write(StatusChange, _orders(random, members, ways))
    write(Indicator, (row for member in members for row in _indicators(random, member)))
    _link_words(random, members, subjects)
    active = [member for member in members if member.status == Member.Status.ACTIVE]
    write(Membership, [Membership(user=member.user, role=Role.REGIONAL) for member in active])
    return active


def _card(random: Random, person: User, way: tuple[str, ...]) -> Member:
    is_shown = random.random() < SHOWN
    return Member(
        user=person,
        status=way[-1],
        case_limit=random.choice((3, 5, 5, 5, 8)),
        shown_at=timezone.now() if is_shown else None,
    )


def _orders(random: Random, members: list[Member], ways: list[tuple[str, ...]]) -> Iterator[StatusChange]:
    for member, way in zip(members, ways, strict=True):
        day = today() - timedelta(days=random.randint(700, 1200))
        for number, status in enumerate(way):
            order = f"№ {random.randint(10, 400)} от {day:%d.%m.%Y}"
            yield StatusChange(member=member, status=status, on=day, order=order if number else "")
            day += timedelta(days=random.randint(40, 200))


def _indicators(random: Random, member: Member) -> Iterator[Indicator]:
    Kind, Grade = Indicator.Kind, Indicator.Grade
    began = _some_day(random, 6, 30)
    yield Indicator(member=member, kind=Kind.EDUCATION, grade=Grade.HIGHER, proof="диплом")
    yield Indicator(member=member, kind=Kind.EXPERIENCE, grade=Grade.YEARS, since=began, proof="трудовая книжка")
    is_top = random.random() < WITH_CATEGORY
    awarded = _some_day(random, 0, 4 if is_top else 9)
    grade = Grade.TOP if is_top else random.choice((Grade.FIRST, Grade.FIRST, Grade.NO_CATEGORY))
    until = category_end(grade, awarded)
    yield Indicator(member=member, kind=Kind.CATEGORY, grade=grade, since=awarded, until=until, proof="приказ")
    if random.random() < ASSESSED:
        passed_on = _some_day(random, 0, 3)
        result = f"{random.randint(60, 98)} баллов"
        yield Indicator(member=member, kind=Kind.ASSESSMENT, grade=Grade.PASSED, since=passed_on, result=result)


def _some_day(random: Random, least: int, most: int) -> date:
    return today() - timedelta(days=random.randint(least * 365 + 1, most * 365))


def _link_words(random: Random, members: list[Member], subjects: list[Subject]) -> None:
    roles, functions, directions = (list(model.objects.all()) for model in (MemberRole, Function, Direction))
    links: tuple[tuple[Any, str, list[Any], int], ...] = (
        (Member.roles.through, "memberrole_id", roles, 3),
        (Member.functions.through, "function_id", functions, 4),
        (Member.directions.through, "direction_id", directions, 3),
    )
    for through, name, words, most in links:
        rows = [
            through(member_id=member.pk, **{name: word.pk})
            for member in members
            for word in random.sample(words, random.randint(1, most))
        ]
        write(through, rows)
    taught = Member.subjects.through
    write(
        taught,
        [
            taught(member_id=member.pk, subject_id=(member.user.subject or random.choice(subjects)).pk)
            for member in members
        ],
    )
