"""The regional methodist's own first page: requests, cases, routes, dates, what to write down."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, Sum
from django.urls import reverse

from cabinet.core.clock import school_year, today
from cabinet.planner.models import Event
from cabinet.users.models import Substitution, User
from iom.models import Route, RouteItem
from iom.services.overview import Row, rows_of
from motor.models import Case, Visit
from rma.models import Activity, Member, Request
from rma.services.cards import formal_words
from rma.services.desk import agree_by

SHOWN = 30  # of each kind; the lists behind the links have the rest
AHEAD = timedelta(days=45)


@dataclass(frozen=True)
class Date:
    """Something with a day: what, about whom, where it opens."""

    on: date
    title: str
    about: str
    url: str


@dataclass(frozen=True)
class Month:
    """Lines of work that wait to be looked through."""

    month: date
    lines: int
    hours: Any
    due_on: date | None  # of a month that is over

    @property
    def url(self) -> str:
        return f"{reverse('rma:activity')}?month={self.month:%Y-%m}"


@dataclass(frozen=True)
class MemberPage:
    member: Member
    to_answer: list[Request]
    to_do: list[Request]
    waiting: list[Request]  # for the asker to agree to another day
    cases: list[Case]
    routes: list[Row]
    routes_total: int
    dates: list[Date]
    months: list[Month]
    load: int
    done: dict[str, Any]  # lines, hours and people of this school year
    away: Substitution | None
    indicators: str  # «3 из 4: нет оценки компетенций»

    @property
    def is_free(self) -> bool:
        return not (self.to_answer or self.to_do or self.waiting or self.cases or self.routes or self.months)


def member_page(user: User) -> MemberPage | None:
    """None for who has no card. A constant number of queries."""
    member = Member.objects.filter(user=user).with_indicators(today()).first()
    if member is None:
        return None
    live = Request.objects.filter(member=member, status__in=Request.OPEN)
    requests = list(live.with_names().order_by("due_on", "pk"))
    keys = list(_routes(user).values_list("pk", flat=True)[: SHOWN + 1])
    year = Activity.objects.agreed().filter(member=member, on__gte=school_year())
    return MemberPage(
        member=member,
        to_answer=[one for one in requests if one.status == Request.Status.SENT],
        waiting=[one for one in requests if one.status == Request.Status.PROPOSED],
        # A second opinion stands among the cases.
        to_do=[
            one for one in requests if one.status == Request.Status.ACCEPTED and one.kind != Request.Kind.ASSESSMENT
        ],
        cases=list(Case.objects.rma_assessable_by(user).with_names().order_by("due_on", "pk")[:SHOWN]),
        routes=rows_of(keys[:SHOWN]),
        routes_total=len(keys) if len(keys) <= SHOWN else _routes(user).count(),
        dates=_dates(user, requests),
        months=_months(member),
        load=len(requests),
        done=year.aggregate(lines=Count("pk"), hours=Sum("hours"), people=Sum("people_count")),
        away=Substitution.objects.active().filter(person=user).select_related("deputy").first(),
        indicators=formal_words(member),
    )


def _routes(user: User) -> Any:
    """Those with something to check first, then by whose limit is nearest."""
    sent = Count("items", filter=Q(items__status=RouteItem.Status.SUBMITTED))
    helped = Route.objects.running().filter(Route.objects.helped_q(user))
    return helped.annotate(sent=sent).order_by("-sent", "due_on", "pk")


def _dates(user: User, requests: list[Request]) -> list[Date]:
    since, until = today(), today() + AHEAD
    found = [
        Date(one.agreed_on, one.get_kind_display(), one.about, one.get_absolute_url())
        for one in requests
        if one.agreed_on and since <= one.agreed_on <= until
    ]
    events = Event.objects.visible_to(user).filter(leaders=user, is_cancelled=False, on__range=(since, until))
    found += [Date(one.on, one.get_kind_display(), one.title, one.get_absolute_url()) for one in events[:SHOWN]]
    visits = Visit.objects.ahead().filter(visitor=user, on__range=(since, until))
    found += [Date(one.on, one.get_kind_display(), one.place, reverse("motor:visits")) for one in visits[:SHOWN]]
    return sorted(found, key=lambda one: one.on)


def _months(member: Member) -> list[Month]:
    rows = Activity.objects.offered().filter(member=member).order_by("month").values_list("month")
    return [
        Month(month, lines, hours, agree_by(month) if month < today().replace(day=1) else None)
        for month, lines, hours in rows.annotate(lines=Count("pk"), hours=Sum("hours"))
    ]
