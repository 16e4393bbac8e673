"""Attacks through handing over and requests on routes and, above all, on the scores of diagnoses."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.core.clock import today
from cabinet.structure.models import Organization
from cabinet.users.models import Role, Substitution, User
from iom.models import Diagnosis, Route
from motor.services import handing_over, substitution
from rma.models import Member, Request
from rma.origins import origin_of
from tests.factories import (
    DiagnosisFactory,
    MemberFactory,
    OrganizationFactory,
    RouteFactory,
    UserFactory,
    person_with,
)
from tests.rma.asked import direct

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def school() -> Organization:
    return OrganizationFactory()


@pytest.fixture
def teacher(school: Organization) -> User:
    return UserFactory(organization=school)


@pytest.fixture
def diagnosis(teacher: User) -> Diagnosis:
    return DiagnosisFactory(person=teacher)


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def scores(user: User) -> list[Diagnosis]:
    return list(Diagnosis.objects.visible_to(fresh(user)))


def leave(person: User, deputy: User) -> Substitution:
    return Substitution.objects.create(person=person, deputy=deputy, starts_on=today(), ends_on=today() + 3 * DAY)


@pytest.mark.parametrize("role", [Role.ADMIN, Role.MUNICIPAL])
def test_standing_in_opens_no_scores_to_who_may_never_read_them(
    school: Organization, diagnosis: Diagnosis, role: str
) -> None:
    """Scores are for the teacher, his methodist, mentor and РМА; «not even the admin», who names deputies himself."""
    methodist = person_with(Role.METHODIST, school)
    deputy = person_with(role, school.municipality if role == Role.MUNICIPAL else None)
    assert (scores(methodist), scores(deputy)) == ([diagnosis], [])
    leave(methodist, deputy)
    assert scores(deputy) == []


@pytest.mark.parametrize("role", [Role.ADMIN, Role.MUNICIPAL])
def test_nobody_makes_himself_a_deputy_to_read_scores(
    client: Client, school: Organization, diagnosis: Diagnosis, role: str
) -> None:
    """Two clicks of an admin's or a specialist's own, without the methodist's word."""
    methodist = person_with(Role.METHODIST, school)
    curious = person_with(role, school.municipality if role == Role.MUNICIPAL else None)
    client.force_login(curious)
    day = today().isoformat()
    address = reverse("motor:substitution_add", args=[methodist.pk])
    client.post(address, {"deputy": curious.pk, "starts_on": day, "ends_on": day, "do": "write"})
    assert scores(curious) == []


def test_scores_of_the_one_away_are_not_his_deputys(school: Organization) -> None:
    methodist, specialist = person_with(Role.METHODIST, school), person_with(Role.MUNICIPAL, school.municipality)
    DiagnosisFactory(person=methodist)
    leave(methodist, specialist)
    assert scores(specialist) == []


def test_scores_go_to_the_deputy_of_the_member_and_back(teacher: User, diagnosis: Diagnosis) -> None:
    member, deputy = MemberFactory.create_batch(2)
    RouteFactory(person=teacher, rma_member=member, status="draft")
    assert (scores(member.user), scores(deputy.user)) == ([diagnosis], [])
    row = substitution.substitute(
        member.user,
        None,
        starts_on=today(),
        ends_on=today() + DAY,
        reason="",
        actor=member.user,
        rma_deputy=deputy.user,
    )
    assert (scores(member.user), scores(deputy.user)) == ([], [diagnosis])
    substitution.cancel_substitution(row, actor=member.user)
    assert (scores(member.user), scores(deputy.user)) == ([diagnosis], [])


@pytest.mark.parametrize("state", ["suspended", "excluded"])
def test_member_put_out_reads_nothing_of_a_route_he_helped_with(
    client: Client, teacher: User, diagnosis: Diagnosis, state: str
) -> None:
    member = MemberFactory()
    route = RouteFactory(person=teacher, rma_member=member, status="draft")
    Member.objects.filter(pk=member.pk).update(status=state)
    assert scores(member.user) == []
    client.force_login(member.user)
    assert client.get(route.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("state", ["suspended", "excluded"])
def test_member_put_out_does_not_come_to_a_route_by_accepting(client: Client, teacher: User, state: str) -> None:
    route = RouteFactory(person=teacher, status="draft")
    request = direct(kind=Request.Kind.IOM_HELP, person=teacher, organization=teacher.organization, author=teacher)
    Member.objects.filter(pk=request.member_id).update(status=state)
    client.force_login(request.member.user)
    client.post(reverse("rma:request_act", args=[request.pk, "accept"]), {"comment": ""})
    route.refresh_from_db()
    assert route.rma_member is None


def test_who_handed_over_or_declined_leaves_the_route_and_its_scores(teacher: User, diagnosis: Diagnosis) -> None:
    first, second = MemberFactory.create_batch(2)
    RouteFactory(person=teacher, status="draft")
    request = direct(
        kind=Request.Kind.IOM_HELP, person=teacher, organization=teacher.organization, author=teacher, member=first
    )
    origin_of(request).accept(request, actor=first.user)
    assert scores(first.user) == [diagnosis]
    passed = origin_of(request).hand_over(request, second, actor=first.user, reason="Не мой предмет")
    assert scores(second.user) == []
    origin_of(passed).accept(passed, actor=second.user)
    assert (scores(first.user), scores(second.user)) == ([], [diagnosis])
    origin_of(passed).withdraw(passed, actor=teacher, reason="Спасибо, хватит")
    assert (scores(first.user), scores(second.user)) == ([], [])


def test_member_is_not_put_on_his_own_route(client: Client) -> None:
    member = MemberFactory(user=person_with(Role.REGIONAL, organization=OrganizationFactory()))
    route = RouteFactory(person=member.user, status="draft")
    client.force_login(member.user)
    address = f"{reverse('rma:request_new')}?from=route&id={route.pk}&kind=iom_help"
    answer = client.post(address, {"reason": "Сам себе", "member": member.pk, "do": "send"})
    assert answer.status_code == 422
    assert Request.objects.count() == 0


def test_route_given_to_a_deputy_is_not_read_by_him_after_the_last_day(teacher: User) -> None:
    member, deputy = MemberFactory.create_batch(2)
    route = RouteFactory(person=teacher, rma_member=member, status="draft")
    row = substitution.substitute(
        member.user, None, starts_on=today(), ends_on=today(), reason="", actor=member.user, rma_deputy=deputy.user
    )
    assert list(Route.objects.visible_to(fresh(deputy.user))) == [route]
    Substitution.objects.filter(pk=row.pk).update(starts_on=today() - 2 * DAY, ends_on=today() - DAY)
    for _ in range(2):
        handing_over.settle_leaves()
    assert list(Route.objects.visible_to(fresh(deputy.user))) == []
    assert list(Route.objects.visible_to(fresh(member.user))) == [route]
