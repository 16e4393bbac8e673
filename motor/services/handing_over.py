"""A person's whole work for the time of a leave: what goes to whom, what stays and why, and what has come back."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, Model, OuterRef, Q

from cabinet.core.clock import today
from cabinet.core.words import counted
from cabinet.mail.models import Letter
from cabinet.planner.models import Task
from cabinet.users.models import Substitution, User
from iom.models import Assignment, Route
from iom.services.lending import routes_of
from motor.models import Case, CaseQuerySet
from motor.moves import ANSWERED_FOR
from motor.services import responsible_notices as letters
from motor.services.leave_lines import KINDS, Line, Outlook, line_of, standing
from motor.services.lending import Outcome, give_back, lend_absent, loans_of
from motor.services.responsible import hand_over_absent, with_people
from motor.services.staff import second_opinions
from rma.models import Loan, Request
from rma.services.lending import open_requests_of

HIDDEN = "имя вам не открыто"
REMEMBERED = timedelta(days=30)  # how long after the end a letter about what came back is still owed


def cases_held(person: User) -> CaseQuerySet:
    """What the person answers for, himself or through a deputy, and what he does for somebody away."""
    return Case.objects.filter(Q(responsible=person) | Q(on_behalf_of=person), status__in=ANSWERED_FOR)


# --- Doing it, and looking at what it does ----------------------------------------------------------------------


def hand_over(rows: list[Substitution], *, actor: User | None, day: date | None = None) -> Outlook:
    """Do what falls due on the day for the rows of one person, and say what happened."""
    person = rows[0].person
    before = _before(person)
    hand_over_absent(day, cases=cases_held(person), actor=actor)
    outcomes = lend_absent(day, rows=rows, actor=actor)
    return _what_happened(rows, before, outcomes)


def look(rows: list[Substitution], *, actor: User | None) -> Outlook:
    """The same, taken back: rights are asked as if it began today, roles as they are on the first day."""
    with transaction.atomic():
        first = rows[0].starts_on
        Substitution.objects.filter(pk__in=[one.pk for one in rows]).update(starts_on=min(first, today()))
        outlook = hand_over(rows, actor=actor, day=max(first, today()))
        transaction.set_rollback(True)
    return outlook


@dataclass(frozen=True)
class _Before:
    holders: dict[int, int | None]
    agrees: list[Route]
    checks: list[Assignment]


def _before(person: User) -> _Before:
    person = User.objects.get(pk=person.pk)  # roles as they stand now
    # The admin is not asked to check the whole region's answers, nor is his deputy.
    checks = Assignment.objects.none() if "admin" in person.roles else Assignment.objects.checkable_by(person)
    helped = Route.objects.filter(rma_member__user=person).values("pk")  # these go as they are
    return _Before(
        holders=dict(cases_held(person).values_list("pk", "responsible")),
        agrees=list(Route.objects.approvable_by(person).select_related("person").order_by("due_on", "pk")),
        checks=list(checks.to_check().exclude(route__in=helped).select_related("route__person").order_by("pk")),
    )


def _what_happened(rows: list[Substitution], before: _Before, outcomes: dict[int, Outcome]) -> Outlook:
    person, deputy = rows[0].person, User.objects.get(pk=rows[-1].deputy_id)
    found = Outlook()
    _add_cases(found, before, person, deputy)
    for row in rows:
        for model in (Request, Route):
            pks = loans_of(model).filter(substitution=row, returned_at=None).order_by().values("thing_id")
            lent = model.objects.filter(pk__in=pks).with_names().order_by("pk")
            found.goes += [line_of(thing, to=row.deputy) for thing in lent]
        outcome = outcomes.get(row.pk, Outcome())
        found.stays += [line_of(thing, why=why) for thing, why in outcome.stays]
    _add_rights(found, before, deputy)
    tasks = Task.objects.open().filter(assignee=person)
    found.stays += [Line("task", one, one.title, why="задача дана лично") for one in tasks.order_by("due_on", "pk")]
    asked = Request.objects.live().filter(author=person).select_related("person", "organization").order_by("pk")
    found.stays += [Line("asked", one, one.about, why="об этом просит тот, кого замещают") for one in asked]
    return found


def _add_cases(found: Outlook, before: _Before, person: User, deputy: User) -> None:
    cases = list(with_people(Case.objects.filter(pk__in=before.holders)).order_by("due_on", "pk"))
    held = [case for case in cases if case.responsible_id == person.pk]
    opinions = second_opinions(held)
    for case in cases:
        if case.responsible_id != before.holders[case.pk]:
            found.goes.append(line_of(case, to=case.responsible))
        elif case.responsible_id == person.pk:
            why = "замещающий не отвечает за эту организацию"
            if case.person_id == deputy.pk:
                why = "это карта самого замещающего"
            elif deputy.pk in opinions.get(case.pk, ()):
                why = "замещающий даёт по ней второе мнение"
            found.stays.append(line_of(case, why=why))


def _add_rights(found: Outlook, before: _Before, deputy: User) -> None:
    """What does not change hands: the deputy may agree and check as long as it lasts."""
    agreed = set(Route.objects.approvable_by(deputy).filter(pk__in=[one.pk for one in before.agrees]).values_list("pk"))
    checked = Assignment.objects.checkable_by(deputy).filter(pk__in=[one.pk for one in before.checks])
    could = set(checked.values_list("pk"))
    for kind, things, able in (("agree", before.agrees, agreed), ("check", before.checks, could)):
        for thing in things:
            route = thing.route if isinstance(thing, Assignment) else thing
            name = route.person.full_name
            if (thing.pk,) in able:
                found.goes.append(Line(kind, thing, name, str(thing), to=deputy))
            else:
                is_own = route.person_id == deputy.pk
                why = "это маршрут самого замещающего" if is_own else "замещающий не может это решать"
                found.stays.append(Line(kind, thing, name, str(thing), why=why))


def as_seen_by(reader: User, outlook: Outlook) -> Outlook:
    """The same for whoever hands over a colleague's work: what he may not open is counted and not named."""
    lines = [*outlook.goes, *outlook.stays]
    seen: set[tuple[type[Model], int]] = set()
    for model in {type(one.thing) for one in lines}:
        rows: Any = model._default_manager
        pks = [one.thing.pk for one in lines if isinstance(one.thing, model)]
        open_to = rows.visible_to(reader).filter(pk__in=pks).order_by()
        seen |= {(model, pk) for pk in open_to.values_list("pk", flat=True)}

    def hide(found: list[Line]) -> list[Line]:
        return [one if (type(one.thing), one.thing.pk) in seen else replace(one, name=HIDDEN, note="") for one in found]

    return Outlook(hide(outlook.goes), hide(outlook.stays))


# --- By the clock ----------------------------------------------------------------------------------------------


def settle_leaves(day: date | None = None) -> dict[str, int]:
    """Leaves that begin, go on and end: everything goes and comes back, each person is told once. Safe twice."""
    moved = hand_over_absent(day, tell_back=letters.nobody)
    returned = give_back(day)
    outcomes = lend_absent(day)
    for row in Substitution.objects.filter(pk__in=[pk for pk, one in outcomes.items() if one.stays]):
        tell_of_staying(row, outcomes[row.pk])
    tell_of_returns(day)
    return {"handed_over": moved, "lent": returned + sum(one.lent for one in outcomes.values())}


def tell_of_staying(row: Substitution, outcome: Outcome) -> None:
    """Whoever asked learns that the answer comes later; of each request once, whatever the number of runs."""
    told = letters.told_of_staying(row)
    asked: dict[int, list[Request]] = {}
    for thing, _ in outcome.stays:
        if isinstance(thing, Request) and thing.pk not in told:
            asked.setdefault(thing.author_id, []).append(thing)
    for found in asked.values():
        letters.stays(row, found[0].author, found)


def bring_back(rows: list[Substitution], *, actor: User | None) -> bool:
    """After an early end: everything that is still under way; says whether the person was told of it."""
    hand_over_absent(cases=cases_held(rows[0].person), actor=actor, tell_back=letters.nobody)
    give_back(rows=rows, actor=actor)
    return _tell_of_return(rows)


def tell_of_returns(day: date | None = None) -> int:
    """One letter a leave, when the last thing has come back: what is the person's again, what stays and with whom."""
    day = day or today()
    over = Q(ends_on__lt=day, ends_on__gte=day - REMEMBERED) | Q(
        cancelled_at__isnull=False, cancelled_at__date__gte=day - REMEMBERED
    )
    lent = Loan.objects.filter(substitution=OuterRef("pk"))
    waiting = Substitution.objects.filter(over, Exists(lent), person__is_active=True)
    waiting = waiting.exclude(Exists(lent.filter(returned_at=None)))
    away = Substitution.objects.active(day).values("person")
    rows = list(waiting.exclude(person__in=away).select_related("person", "deputy").order_by("pk"))
    by_key = {letters.return_key(row): row for row in rows}
    written = set(Letter.objects.filter(key__in=by_key).values_list("key", flat=True))
    return sum(_tell_of_return([row]) for key, row in by_key.items() if key not in written)


def _tell_of_return(rows: list[Substitution]) -> bool:
    pair = list(rows[0].together.select_related("person", "deputy"))
    is_lent = Loan.objects.filter(substitution__in=pair, returned_at=None).exists()
    lines = [] if is_lent else whereabouts(pair)
    if not lines:
        return False
    mine = [one for one in lines if one.to == pair[0].person]
    letters.everything_came_back(pair[0], mine, [one for one in lines if one.to != pair[0].person])
    return True


# --- Where everything is now ------------------------------------------------------------------------------------


def whereabouts(rows: Iterable[Substitution], reader: User | None = None, *, sees_all: bool = True) -> list[Line]:
    """What was lent by these rows and who has it now; without `sees_all` only what the reader may open."""
    rows = list(rows)
    lines = []
    for model in (Case, Request, Route):
        pks = loans_of(model).filter(substitution__in=rows).order_by().values("thing_id")
        found = model.objects.filter(pk__in=pks)
        open_to = found.visible_to(reader) if reader is not None else found.none()
        may_open = set(open_to.values_list("pk", flat=True))
        for thing in found.with_names().order_by("pk"):
            if sees_all or thing.pk in may_open:
                lines.append(standing(thing, thing.get_absolute_url() if thing.pk in may_open else ""))
    return lines


def held_now(person: User) -> list[str]:
    """How much of each kind the person has at the moment, in words: for a leave that has not begun."""
    found = {
        "case": cases_held(person).count(),
        "request": open_requests_of([person]).count(),
        "route": routes_of(person).count(),
    }
    return [counted(count, *KINDS[kind]) for kind, count in found.items() if count]
