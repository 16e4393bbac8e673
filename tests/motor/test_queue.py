"""The queue of checklists by programme, and the way from one to the next."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from cabinet.core.clock import today
from cabinet.courses.models import Programme
from cabinet.users.models import User
from motor.models import Case, Status
from motor.services.queue import queue_of
from tests import factories
from tests.motor.test_checklist_page import SCHOOL

pytestmark = pytest.mark.django_db


@pytest.fixture
def methodist() -> User:
    return factories.person_with("methodist", factories.OrganizationFactory())


def waiting(methodist: User, programme: Programme, due: int, **fields: object) -> Case:
    course = programme.courses.first() or factories.CourseFactory(programme=programme)
    completion = factories.CompletionFactory(person__organization=methodist.organization, course=course)
    fields.setdefault("status", Status.SCHOOL_REVIEW)
    return factories.CaseFactory(
        completion=completion, responsible=methodist, due_on=today() + timedelta(days=due), **fields
    )


def test_programmes_stand_by_their_nearest_limit(client: Client, methodist: User) -> None:
    calm, urgent = factories.ProgrammeFactory(title="А: спокойная"), factories.ProgrammeFactory(title="Я: срочная")
    second = waiting(methodist, calm, 5)
    last = waiting(methodist, urgent, 20)
    first = waiting(methodist, urgent, 1)
    waiting(methodist, calm, 1, status=Status.FOLLOW_UP)
    factories.CaseFactory(status=Status.SCHOOL_REVIEW)  # a colleague's

    assert list(queue_of(methodist)) == [first, last, second]

    client.force_login(methodist)
    groups = client.get(reverse("motor:queue")).context["groups"]
    assert [(group.programme, group.total, group.cases) for group in groups] == [
        (urgent, 2, [first, last]),
        (calm, 1, [second]),
    ]


def test_own_case_is_not_in_the_queue(methodist: User) -> None:
    own = factories.CompletionFactory(person=methodist)
    factories.CaseFactory(completion=own, responsible=methodist, status=Status.SCHOOL_REVIEW)
    assert list(queue_of(methodist)) == []


def test_regional_methodist_has_a_queue_too() -> None:
    case = factories.CaseFactory(status=Status.RMA_REVIEW)
    factories.CaseFactory(status=Status.RMA_REQUESTED, rma_member=case.rma_member)
    assert list(queue_of(case.rma_member.user)) == [case]


def test_saved_checklist_leads_to_the_next_of_the_programme(client: Client, methodist: User) -> None:
    programme = factories.ProgrammeFactory()
    now, after = waiting(methodist, programme, 1), waiting(methodist, programme, 2)
    after.person.last_name = "<b>Хитрая</b>"
    after.person.save()
    waiting(methodist, factories.ProgrammeFactory(), 0)
    client.force_login(methodist)

    text = client.post(reverse("motor:checklist", args=[now.pk]), SCHOOL, follow=True).content.decode()

    assert f'<a href="{reverse("motor:checklist", args=[after.pk])}">Дальше: &lt;b&gt;Хитрая' in text
    last = client.post(reverse("motor:checklist", args=[after.pk]), SCHOOL, follow=True).content.decode()
    assert "Чек-лист сохранён." in last
    assert "Дальше:" not in last


def test_queue_is_for_assessors(client: Client, methodist: User) -> None:
    address = reverse("motor:queue")
    assert client.get(address).status_code == 302
    for role, scope in (("teacher", None), ("head", methodist.organization), ("curator", None)):
        client.force_login(factories.person_with(role, scope))
        assert client.get(address).status_code == 404
    client.force_login(methodist)
    assert "Очередь пуста" in client.get(address).content.decode()
    assert client.post(address).status_code == 405


@pytest.mark.parametrize("count", [1, 5])
def test_queue_costs_the_same_for_any_number(
    client: Client, methodist: User, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count):
        waiting(methodist, factories.ProgrammeFactory(), number)
    client.force_login(methodist)
    client.get(reverse("motor:queue"))
    with django_assert_num_queries(7):
        client.get(reverse("motor:queue"))
