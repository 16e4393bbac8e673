"""A small world to walk in: three organizations, everybody who may answer for a case, and a clock of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from unittest import mock

from cabinet.core.clock import today
from cabinet.structure.models import Organization
from cabinet.users.grounds import notice_in_force
from cabinet.users.models import Membership, Role, User
from motor.models import Case
from motor.services import schedule_cases
from rma.models import Member
from tests import factories

ZONE = factories.timezone.get_default_timezone()
START = datetime(2026, 1, 19, 9, tzinfo=ZONE)  # a fixed Monday: the same walk on whatever day it is made


class Clock:
    """Stands in for `datetime` in `django.utils.timezone`: also defaults bound to `timezone.now` ask it."""

    def __init__(self) -> None:
        self.days = 0
        self.ticks = 0

    def now(self, tz: tzinfo | None = None) -> datetime:
        self.ticks += 1  # no two moments are the same, as in life
        return (START + timedelta(days=self.days, milliseconds=self.ticks)).astimezone(tz)

    @contextmanager
    def running(self) -> Iterator[None]:
        with mock.patch("django.utils.timezone.datetime", self):
            yield

    def wait_until(self, day: date) -> None:
        self.days += max((day - today()).days, 0)


@dataclass
class World:
    """Ids only: a rolled back walk must leave nothing of itself in Python objects."""

    organizations: list[int] = field(default_factory=list)
    members: list[int] = field(default_factory=list)
    memberships: list[int] = field(default_factory=list)  # roles that may end and begin again
    deputies: list[int] = field(default_factory=list)
    cases: list[int] = field(default_factory=list)
    specialist: int = 0
    admin: int = 0

    def user(self, pk: int) -> User:
        return User.objects.get(pk=pk)

    def leader(self, case: Case) -> User:
        """Who acts on the case: its responsible person, else the admin."""
        return case.responsible or self.user(self.admin)


def make_world() -> World:
    """A teacher with two courses; a methodist with one, who is himself asked as a regional methodist."""
    near, far = factories.MunicipalityFactory(), factories.MunicipalityFactory()
    # With two methodists, with one, and with nobody at all in a municipality without a specialist.
    first, second = (factories.OrganizationFactory(municipality=near) for _ in range(2))
    third = factories.OrganizationFactory(municipality=far)
    subject = factories.SubjectFactory()
    methodist = factories.person_with(Role.METHODIST, first)
    narrow = factories.person_with(Role.METHODIST, first, subjects=[subject])
    factories.person_with(Role.HEAD, first)
    elsewhere = factories.person_with(Role.METHODIST, second)
    specialist = factories.person_with(Role.MUNICIPAL, near)
    admin = factories.person_with(Role.ADMIN)
    colleague = factories.MemberFactory(user=factories.MembershipFactory(user=narrow, role=Role.REGIONAL).user)
    members = [factories.MemberFactory(), factories.MemberFactory(), colleague]
    teacher = factories.UserFactory(organization=first)
    for person, about in ((teacher, subject), (teacher, factories.SubjectFactory()), (narrow, subject)):
        factories.CompletionFactory(
            person=person, organization=first, subject=about, course__ends_on=date(2025, 10, 23)
        )
    notice_in_force()  # the process remembers it: a walk must not be the first to make it
    schedule_cases()
    ending = Membership.objects.filter(user__in=(methodist, narrow, elsewhere, specialist)).exclude(role=Role.REGIONAL)
    return World(
        organizations=[first.pk, second.pk, third.pk],
        members=[one.pk for one in members],
        memberships=list(ending.order_by("pk").values_list("pk", flat=True)),
        deputies=[methodist.pk, elsewhere.pk, specialist.pk, admin.pk],
        cases=list(Case.objects.order_by("pk").values_list("pk", flat=True)),
        specialist=specialist.pk,
        admin=admin.pk,
    )


def organization(pk: int) -> Organization:
    return Organization.objects.get(pk=pk)


def member(pk: int) -> Member:
    return Member.objects.select_related("user").get(pk=pk)
