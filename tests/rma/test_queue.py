"""The queue: whose it is, what stands in it, the best members at once, how busy one's own are."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from cabinet.core.clock import today
from cabinet.structure.models import Municipality
from cabinet.users.models import Role, User
from motor.models import Status
from rma.models import Member, Request
from tests.factories import (
    CaseFactory,
    MemberFactory,
    MunicipalityFactory,
    OrganizationFactory,
    RequestFactory,
    SubjectFactory,
    person_with,
)
from tests.rma.asked import around, direct, member_at

pytestmark = pytest.mark.django_db
QUEUE = reverse("rma:queue")


@pytest.fixture
def place() -> Municipality:
    return MunicipalityFactory()


@pytest.fixture
def municipal(place: Municipality) -> User:
    return person_with(Role.MUNICIPAL, place)


def lines(client: Client, user: User) -> list[Any]:
    client.force_login(user)
    return list(client.get(QUEUE).context["lines"])


def test_those_wanted_and_the_silent_ones_stand_in_it(client: Client, place: Municipality, municipal: User) -> None:
    school = OrganizationFactory(municipality=place)
    silent = direct(organization=school, due_on=today() - timedelta(days=1))
    wanted = direct(organization=school, status="wanted")
    direct(organization=school)  # has time to answer
    direct(organization=school, status="accepted", due_on=today() - timedelta(days=1))
    elsewhere = direct(status="wanted")
    about_himself = direct(organization=school, status="wanted", person=municipal)

    assert [one.pk for one, _, _ in lines(client, municipal)] == [silent.pk, wanted.pk]
    admin = person_with(Role.ADMIN)
    expected = {silent.pk, wanted.pk, elsewhere.pk, about_himself.pk}
    assert {one.pk for one, _, _ in lines(client, admin)} == expected


def test_best_three_are_named_each_with_his_button(client: Client, place: Municipality, municipal: User) -> None:
    maths, school = SubjectFactory(name="математика"), OrganizationFactory(municipality=place)
    best = member_at(user_subject=maths)
    for _ in range(3):
        member_at()
    silent = direct(organization=school, due_on=today() - timedelta(days=1), subject=maths, member=best)
    wanted = direct(organization=school, status="wanted", subject=maths)

    found = {one.pk: [offer.member_id for offer in offers] for one, _, offers in lines(client, municipal)}

    assert found[wanted.pk][0] == best.pk
    assert len(found[wanted.pk]) == 3
    assert best.pk not in found[silent.pk]
    page = client.get(QUEUE).content.decode()
    assert reverse("rma:request_pick", args=[wanted.pk]) in page
    assert "тот же предмет: математика" in page


def test_load_of_own_members_is_told_the_busiest_first(client: Client, place: Municipality, municipal: User) -> None:
    school = OrganizationFactory(municipality=place)
    free, busy = member_at(school), member_at(school, case_limit=1)
    member_at(school, status="suspended")
    member_at()
    for _ in range(2):
        direct(member=busy, status="accepted")
    client.force_login(municipal)
    members = client.get(QUEUE).context["members"]
    assert members == [(busy, 1, "сверх предела: 2 из 1"), (free, 0, "")]


def test_queue_is_for_the_municipal_service_and_the_institute(client: Client) -> None:
    answers = {}
    for who, user in around(direct(status="wanted", member=None)).items():
        client.force_login(user)
        answers[who] = client.get(QUEUE).status_code
    assert {who for who, code in answers.items() if code == 200} == {"municipal", "admin", "other_municipal"}
    assert set(answers.values()) == {200, 404}


def test_empty_queue_anonymous_and_wrong_method(client: Client, municipal: User) -> None:
    assert client.get(QUEUE).url.startswith(reverse("account_login"))  # type: ignore[attr-defined]
    client.force_login(municipal)
    assert "Очередь пуста" in client.get(QUEUE).content.decode()
    assert client.post(QUEUE).status_code == 405


def test_queries_do_not_grow(
    client: Client, place: Municipality, municipal: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(municipal)
    member_at()
    former = None
    for count in (1, 4):
        for _ in range(count):
            school = OrganizationFactory(municipality=place)
            member = member_at(school, user_subject=SubjectFactory())
            former = direct(organization=school, member=member, status="declined", answer="Отпуск", former=former)
            direct(organization=school, status="wanted", former=former, subject=member.user.subject)
        with django_assert_num_queries(15):
            client.get(QUEUE)


@pytest.mark.parametrize("status", ["sent", "proposed", "accepted"])
@pytest.mark.parametrize("is_closed", [False, True])
def test_requests_of_who_acts_no_more_stand_in_it(
    client: Client, place: Municipality, municipal: User, status: str, is_closed: bool
) -> None:
    request = direct(organization=OrganizationFactory(municipality=place), status=status, proposed_on=today())
    assert lines(client, municipal) == []
    if is_closed:
        User.objects.filter(pk=request.member.user_id).update(is_active=False)  # type: ignore[union-attr]
    else:
        Member.objects.update(status="excluded")
    assert [one for one, _, _ in lines(client, municipal)] == [request]
    assert "Методист больше не действует" in client.get(QUEUE).content.decode()
    assert list(Request.objects.nobodys_for(municipal)) == [request]
    client.post(
        reverse("rma:request_pick", args=[request.pk]),
        {"member": MemberFactory().pk, "do": "send", "reason": "Методист больше не действует в группе."},
    )
    assert lines(client, municipal) == []


def test_whom_a_case_would_refuse_is_not_offered(
    client: Client, municipal: User, place: Municipality, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    school = OrganizationFactory(municipality=place)
    member_at()
    for count in (1, 4):
        for _ in range(count):
            case = CaseFactory(status=Status.FOLLOW_UP, completion__organization=school)
            MemberFactory(user=case.responsible)
            RequestFactory(source=case, status="wanted", member=None, kind="consultation", author=municipal)
        client.force_login(municipal)
        with django_assert_num_queries(15):
            found = client.get(QUEUE).context["lines"]
        for asked, _, offers in found:
            assert asked.source.responsible_id not in [one.member.user_id for one in offers]
