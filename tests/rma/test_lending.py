"""Loans of requests: who is offered as a deputy, what he may not take, and one loan at a time."""

from datetime import timedelta

import pytest

from cabinet.core.clock import today
from cabinet.structure.models import Municipality, Territory
from cabinet.users.models import LogEntry, Role, Substitution
from rma.models import Loan, Member, Request
from rma.services import lending
from tests.factories import (
    MemberFactory,
    MembershipFactory,
    MunicipalityFactory,
    OrganizationFactory,
    SubjectFactory,
    TerritoryFactory,
    UserFactory,
    person_with,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def request_to(member: Member, **fields: object) -> Request:
    terms = {
        "kind": Request.Kind.CONSULTATION,
        "author": UserFactory(),
        "person": UserFactory(),
        "organization": OrganizationFactory(),
        "reason": "Нужен совет",
        "due_on": today() + 7 * DAY,
    }
    return Request.objects.create(member=member, **(terms | fields))


def member_at(place: Municipality, *subjects: object, **fields: object) -> Member:
    member = MemberFactory(user=person_with("regional", organization=OrganizationFactory(municipality=place)), **fields)
    member.subjects.set(subjects)
    return member


def leave(person: Member, deputy: Member, first: int = 0, last: int = 3) -> Substitution:
    days = {"starts_on": today() + first * DAY, "ends_on": today() + last * DAY}
    return Substitution.objects.create(person=person.user, deputy=deputy.user, **days)


def test_deputies_stand_by_subject_place_and_load() -> None:
    territory: Territory = TerritoryFactory()
    here, near = MunicipalityFactory(territory=territory), MunicipalityFactory(territory=territory)
    far = MunicipalityFactory()
    maths = SubjectFactory()
    person = member_at(here, maths)
    far_colleague, stranger = member_at(far, maths), member_at(far)
    neighbour, same_town = member_at(near), member_at(here)
    busy, best = member_at(here, maths, case_limit=1), member_at(here, maths)
    request_to(busy)
    assert list(lending.deputies_of(person.user)) == [best, far_colleague, busy, same_town, neighbour, stranger]


def test_those_away_and_those_who_do_not_act_are_not_offered() -> None:
    person, away, deputy = MemberFactory(), MemberFactory(), MemberFactory()
    for status in (Member.Status.CANDIDATE, Member.Status.SUSPENDED, Member.Status.EXCLUDED):
        MemberFactory(status=status)
    leave(away, deputy)
    assert list(lending.deputies_of(person.user)) == [deputy]


def test_those_away_in_the_days_asked_for_are_not_offered() -> None:
    person, away, deputy = MemberFactory(), MemberFactory(), MemberFactory()
    leave(away, deputy, 5, 8)
    assert set(lending.deputies_of(person.user)) == {away, deputy}
    for first, last, found in ((0, 4, {away, deputy}), (3, 5, {deputy}), (6, 20, {deputy}), (9, 12, {away, deputy})):
        assert set(lending.deputies_of(person.user, today() + first * DAY, today() + last * DAY)) == found


def test_person_without_an_organization_has_deputies_all_the_same() -> None:
    person, deputy = MemberFactory(user=UserFactory(organization=None)), MemberFactory()
    assert list(lending.deputies_of(person.user)) == [deputy]


@pytest.mark.parametrize("count", [1, 5])
def test_reasons_cost_two_queries_whatever_the_number(count: int, django_assert_num_queries: object) -> None:
    member, deputy = MemberFactory(), MemberFactory()
    asked = [request_to(member) for _ in range(count)]
    with django_assert_num_queries(2):  # type: ignore[operator]
        assert lending.refusals(asked, deputy) == {}


def test_each_reason_in_words() -> None:
    member, deputy = MemberFactory(), MemberFactory(user=person_with("regional", organization=OrganizationFactory()))
    by_role = MembershipFactory(user=deputy.user, role=Role.METHODIST, organization=OrganizationFactory())
    kind = Request.Kind.ASSESSMENT
    at_home = request_to(member, kind=kind, organization=deputy.user.organization)
    at_work = request_to(member, kind=kind, organization=by_role.organization)
    elsewhere, help_at_home = request_to(member, kind=kind), request_to(member, organization=by_role.organization)
    about, asked = request_to(member, person=deputy.user), request_to(member, author=deputy.user)
    found = lending.refusals([at_home, at_work, elsewhere, help_at_home, about, asked], deputy)
    assert found == {
        at_home.pk: "замещающий работает в этой же организации",
        at_work.pk: "замещающий работает в этой же организации",
        about.pk: "запрос о самом замещающем",
        asked.pk: "замещающий сам об этом просит",
    }
    assert lending.refusals([elsewhere], None) == {elsewhere.pk: "замещающий сейчас не действует в РМА"}


def test_lent_once_is_logged_and_seen_by_the_deputy_only_meanwhile() -> None:
    member, deputy = MemberFactory(), MemberFactory()
    request = request_to(member)
    row = leave(member, deputy)
    assert list(Request.objects.visible_to(deputy.user)) == []
    loan = lending.lend(request, row, lambda: lending.pass_to(request, member, deputy, actor=None))
    assert loan == Loan.objects.get()
    assert list(Request.objects.visible_to(deputy.user)) == [request]
    assert list(Request.objects.answerable_by(deputy.user)) == [request]
    assert list(Request.objects.answerable_by(member.user)) == []
    assert lending.close(loan, lambda: lending.pass_to(request, deputy, member, actor=None))
    assert list(Request.objects.visible_to(deputy.user)) == []
    assert list(Request.objects.answerable_by(member.user)) == [request]
    notes = LogEntry.objects.filter(note__contains="на время").order_by("pk")
    assert [one.person for one in notes] == [request.person, request.person]
