"""A member is away: what stands in his name goes to a deputy for the period, thing by thing, and comes back.

A loan and the change of hands are one transaction: a run broken off anywhere is finished by the next one, and of two
runs at once only one moves the thing.
"""

from collections.abc import Callable, Iterable
from datetime import date

from django.db import IntegrityError, models, transaction
from django.db.models import Case, Exists, F, IntegerField, OuterRef, Value, When
from django.db.models.lookups import GreaterThanOrEqual
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.users.models import LogEntry, Membership, Substitution, User
from cabinet.users.models.role import ORGANIZATION_ROLES
from cabinet.users.services import record
from rma.models import Loan, Member, MemberQuerySet, Request, RequestQuerySet
from rma.origins import origin_of


class _MovedOn(Exception):
    """The thing is no longer where it was seen."""


def lend(thing: models.Model, row: Substitution, hand: Callable[[], bool]) -> Loan | None:
    """Write the loan down and do `hand`; None when the thing is lent already or has moved on meanwhile.

    Raises RequestRefused where the deputy may not have it; nothing is written then.
    """
    try:
        with transaction.atomic():
            loan = Loan.objects.create(substitution=row, thing=thing)
            if not hand():
                raise _MovedOn
            return loan
    except (IntegrityError, _MovedOn):
        return None


def close(loan: Loan, hand: Callable[[], object] = lambda: None) -> bool:
    """End the loan once, and do `hand` with it: what is still with the deputy goes back."""
    with transaction.atomic():
        if not Loan.objects.filter(pk=loan.pk, returned_at=None).update(returned_at=timezone.now()):
            return False
        hand()
    return True


def pass_to(request: Request, former: Member, to: Member, *, actor: User | None) -> bool:
    """Put an open request into another member's name through its origin; False when it is no longer `former`'s."""
    # Read anew, by nothing but its key: a request handed on or answered since is left alone.
    standing = Request.objects.select_related("member__user", "person", "source_type").filter(pk=request.pk)
    fresh = standing.filter(member=former, status__in=Request.OPEN).first()
    if fresh is None:
        return False
    request = fresh
    origin_of(request).lend(request, to, actor=actor)
    request.refresh_from_db(fields=["member", "status"])
    if request.member_id != to.pk or request.status not in Request.OPEN:
        return False
    note = f"запрос к РМА на время у другого методиста: {former.user.short_name} → {to.user.short_name}"
    record(LogEntry.Action.CHANGED, actor=actor, person=request.person, about=request, note=note)
    return True


def open_requests_of(people: Iterable[User | int]) -> RequestQuerySet:
    """What these members have: unanswered, with another day proposed, accepted."""
    rows = Request.objects.filter(member__user__in=[getattr(one, "pk", one) for one in people], status__in=Request.OPEN)
    return rows.select_related("member__user", "author", "person", "organization", "source_type").order_by("pk")


def refusals(requests: Iterable[Request], to: Member | None) -> dict[int, str]:
    """Request → why this member may not take it, in words that follow «останется:». Two queries."""
    requests = list(requests)
    if not requests:
        return {}
    if to is None or not to.is_available:
        return {one.pk: "замещающий сейчас не действует в РМА" for one in requests}
    roles = Membership.objects.active().filter(user=to.user_id, role__in=ORGANIZATION_ROLES)
    own = {to.user.organization_id, *roles.values_list("organization", flat=True)} - {None}
    through = Request.people.through.objects.filter(request__in=[one.pk for one in requests], user=to.user_id)
    taking_part = set(through.values_list("request", flat=True))
    found = {}
    for one in requests:
        if to.user_id == one.person_id or one.pk in taking_part:
            found[one.pk] = "запрос о самом замещающем"
        elif to.user_id == one.author_id:
            found[one.pk] = "замещающий сам об этом просит"
        elif one.kind == Request.Kind.ASSESSMENT and one.organization_id in own:
            found[one.pk] = "замещающий работает в этой же организации"
    return found


def deputies_of(person: User, starts_on: date | None = None, ends_on: date | None = None) -> MemberQuerySet:
    """Acting members who are not away in those days, the best fitting first: subject, municipality, territory, load."""
    first = starts_on or today()
    days = {"starts_on__lte": max(ends_on or first, first), "ends_on__gte": first}
    away = Substitution.objects.filter(cancelled_at=None, **days).values("person")
    members = Member.objects.available().exclude(user=person).exclude(user__in=away).with_load()
    member = Member.objects.filter(user=person).prefetch_related("subjects").first()
    subjects = [one.pk for one in member.subjects.all()] if member else []
    place = person.organization.municipality if person.organization else None
    same_subject = Exists(Member.subjects.through.objects.filter(member=OuterRef("pk"), subject__in=subjects))
    near = [When(user__organization__municipality=place, then=Value(0))] if place else []
    if place is not None and place.territory_id:
        near.append(When(user__organization__municipality__territory=place.territory_id, then=Value(1)))
    return (
        members.annotate(  # type: ignore[misc]  # the plugin knows nothing of `load`
            is_same_subject=same_subject,
            distance=Case(*near, default=Value(2), output_field=IntegerField()) if near else Value(2),
            is_full=Case(When(GreaterThanOrEqual(F("load"), F("case_limit")), then=Value(1)), default=Value(0)),
        )
        .select_related("user__organization__municipality")
        .order_by("-is_same_subject", "is_full", "distance", "load", "user__last_name", "user__first_name", "pk")
    )
