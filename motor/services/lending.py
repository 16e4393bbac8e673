"""Requests to РМА and routes of members who are away: to their deputies on the first day, back after the last.

What should be follows from the substitutions and the loans alone: a run twice, or half of one, harms nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.users.models import Substitution, User
from iom.models import Route
from iom.services import lending as routes
from motor.models import Case
from motor.moves import ANSWERED_FOR
from motor.services import responsible_notices as letters
from rma.models import Loan, Member, Request
from rma.services import RequestRefused
from rma.services import lending as requests

HIS_OWN = "это маршрут самого замещающего"
NOT_ACTING = "замещающий сейчас не действует в РМА"


@dataclass
class Outcome:
    """What one run did: how much was lent, and what stays with whoever is away, with the reason."""

    lent: int = 0
    stays: list[tuple[models.Model, str]] = field(default_factory=list)


def loans_of(model: type[models.Model]) -> models.QuerySet[Loan]:
    return Loan.objects.filter(thing_type=ContentType.objects.get_for_model(model))


# --- There -----------------------------------------------------------------------------------------------------


def lend_absent(
    day: date | None = None, *, rows: Iterable[Substitution] | None = None, actor: User | None = None
) -> dict[int, Outcome]:
    """Substitution → what was lent and what cannot be; of all in force on the day, or of these among them."""
    active = Substitution.objects.active(day).for_rma().select_related("person", "deputy").order_by("pk")
    if rows is not None:
        active = active.filter(pk__in=[one.pk for one in rows])
    found = list(active)
    people = {one.person_id for one in found} | {one.deputy_id for one in found}
    cards = Member.objects.filter(user__in=people).select_related("user")
    members = {one.user_id: one for one in cards}
    # In most sweeps everything has gone already: two queries say so, whatever the number of people away.
    busy = set(requests.open_requests_of(people).values_list("member__user", flat=True))
    busy |= set(Route.objects.running().filter(rma_member__user__in=people).values_list("rma_member__user", flat=True))
    outcomes = {}
    for row in found:
        if row.person_id in busy and (giver := members.get(row.person_id)):
            outcomes[row.pk] = _Lending(row, giver, members.get(row.deputy_id), actor).run()
    return outcomes


class _Lending:
    """One substitution: requests first, each with the route it is about, then the other routes."""

    def __init__(self, row: Substitution, giver: Member, to: Member | None, actor: User | None) -> None:
        self.row, self.giver, self.to, self.actor = row, giver, to, actor
        self.outcome = Outcome()
        self.routes = {one.person_id: one for one in routes.routes_of(row.person)}

    def run(self) -> Outcome:
        asked = list(requests.open_requests_of([self.row.person]))
        refused = requests.refusals(asked, self.to)
        without_help: set[int | None] = set()
        for one in asked:
            why = refused.get(one.pk) or self._lend_request(one)
            if why:
                self.outcome.stays.append((one, why))
                if one.kind == Request.Kind.IOM_HELP:
                    without_help.add(one.person_id)
        for route in self.routes.values():
            if self.to is None or not self.to.is_available:
                self.outcome.stays.append((route, NOT_ACTING))
            elif route.person_id == self.to.user_id:
                self.outcome.stays.append((route, HIS_OWN))
            elif route.person_id in without_help:
                self.outcome.stays.append((route, "остаётся вместе с запросом о нём"))
            else:
                self.outcome.lent += self._lend_route(route)
        return self.outcome

    def _lend_request(self, request: Request) -> str:
        """Why it stays after all; empty when it has gone, or is no longer his."""
        to = self.to
        if to is None:
            return NOT_ACTING

        def hand() -> bool:
            if not requests.pass_to(request, self.giver, to, actor=self.actor):
                return False
            route = self.routes.get(request.person_id or 0) if request.kind == Request.Kind.IOM_HELP else None
            if route is not None:
                self._lend_route(route)
            if request.created_at > self.row.created_at:  # the letter about the whole knew nothing of it
                letters.one_more(self.row, request)
            return True

        try:
            self.outcome.lent += requests.lend(request, self.row, hand) is not None
        except RequestRefused as refusal:
            return str(refusal).rstrip(".")
        return ""

    def _lend_route(self, route: Route) -> bool:
        to = self.to
        if to is None or to.user_id == route.person_id:
            return False

        def hand() -> bool:
            # Along with its request it has changed hands already.
            has_gone = Route.objects.running().filter(pk=route.pk, rma_member=to).exists()
            return has_gone or routes.pass_to(route, self.giver, to, actor=self.actor)

        return requests.lend(route, self.row, hand) is not None


# --- And back --------------------------------------------------------------------------------------------------


def give_back(day: date | None = None, *, rows: Iterable[Substitution] | None = None, actor: User | None = None) -> int:
    """Loans of substitutions that are over: what is open and still with the deputy returns; says how many ended."""
    over = Q(substitution__ends_on__lt=day or today()) | Q(substitution__cancelled_at__isnull=False)
    loans = Loan.objects.filter(over, returned_at=None).select_related("substitution", "thing_type").order_by("pk")
    if rows is not None:
        loans = loans.filter(substitution__in=[one.pk for one in rows])
    found = list(loans)
    people = {one.substitution.person_id for one in found} | {one.substitution.deputy_id for one in found}
    members = {one.user_id: one for one in Member.objects.filter(user__in=people).select_related("user")}
    # Requests before routes: a request takes its route along.
    found.sort(key=lambda one: one.thing_type != ContentType.objects.get_for_model(Request))
    return sum(_end(loan, members, actor) for loan in found)


def _end(loan: Loan, members: dict[int, Member], actor: User | None) -> bool:
    thing, row = loan.thing, loan.substitution
    home, deputy = members.get(row.person_id), members.get(row.deputy_id)
    if isinstance(thing, Case):
        is_lent = thing.on_behalf_of_id == row.person_id and thing.status in ANSWERED_FOR
        return not is_lent and requests.close(loan)  # its own sweep brings it back

    def hand() -> None:
        if home is None or deputy is None or not home.is_available:
            return  # nobody to give it back to: it stays with the one who does it
        if isinstance(thing, Request):
            requests.pass_to(thing, deputy, home, actor=actor)
        elif isinstance(thing, Route):
            routes.pass_to(thing, deputy, home, actor=actor)

    try:
        return requests.close(loan, hand)
    except RequestRefused:
        return requests.close(loan)  # he may no longer have it: his own school's by now, or his own case


# --- Cases: lent and returned by their own sweep, written down here ---------------------------------------------


def note_lent(cases: list[Case], day: date) -> None:
    """In the transaction in which they go to whoever stands in."""
    active = Substitution.objects.active(day).for_school()
    rows = {one.person_id: one for one in active.filter(person__in={case.on_behalf_of_id for case in cases})}
    lent = [(case, rows[case.on_behalf_of_id]) for case in cases if case.on_behalf_of_id in rows]
    kind, pks = ContentType.objects.get_for_model(Case), [case.pk for case, _ in lent]
    standing = loans_of(Case).filter(thing_id__in=pks, returned_at=None)
    standing.exclude(substitution__in=[row.pk for _, row in lent]).update(returned_at=timezone.now())
    fresh = [Loan(substitution=row, thing_type=kind, thing_id=case.pk) for case, row in lent]
    Loan.objects.bulk_create(fresh, ignore_conflicts=True)


def note_returned(cases: list[Case]) -> None:
    """In the transaction in which they come back to one person."""
    now, kind = timezone.now(), ContentType.objects.get_for_model(Case)
    standing = loans_of(Case).filter(thing_id__in=[case.pk for case in cases], returned_at=None)
    known = set(standing.values_list("thing_id", flat=True))
    standing.update(returned_at=now)
    # Some were lent without a word here, such as by naming somebody who was away: the letter names them too.
    last = Substitution.objects.filter(person=cases[0].responsible_id, starts_on__lte=today()).for_school()
    if row := last.order_by("-starts_on", "-pk").first():
        unknown = [case for case in cases if case.pk not in known]
        Loan.objects.bulk_create(
            Loan(substitution=row, thing_type=kind, thing_id=case.pk, returned_at=now) for case in unknown
        )
