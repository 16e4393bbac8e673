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
from motor.services.returns import return_to_teacher
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
    other = waiting(methodist, factories.ProgrammeFactory(), 0)
    now.person.last_name = "<b>Хитрая</b>"
    now.person.save()
    client.force_login(methodist)

    saved = client.post(reverse("motor:checklist", args=[now.pk]), SCHOOL | {"then": "next"}, follow=True)

    assert saved.redirect_chain == [(f"{reverse('motor:checklist', args=[after.pk])}?of=3", 302)]
    text = saved.content.decode()
    assert f'Чек-лист сохранён: <a href="{now.get_absolute_url()}">&lt;b&gt;Хитрая' in text
    assert "<strong>2</strong> из 3" in text
    plain = client.post(reverse("motor:checklist", args=[after.pk]) + "?of=3", SCHOOL, follow=True)
    assert plain.redirect_chain == [(after.get_absolute_url(), 302)]
    assert f'<a href="{reverse("motor:checklist", args=[other.pk])}?of=3">Следующий чек-лист' in plain.content.decode()


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


def test_last_of_a_run_leads_to_a_warm_word(client: Client, methodist: User) -> None:
    case = waiting(methodist, factories.ProgrammeFactory(), 1)
    client.force_login(methodist)
    address = reverse("motor:checklist", args=[case.pk]) + "?of=2"
    assert "Сохранить и закончить" in client.get(address).content.decode()

    saved = client.post(address, SCHOOL | {"then": "next"}, follow=True)

    assert saved.redirect_chain == [(reverse("motor:queue") + "?done=1", 302)]
    text = saved.content.decode().replace("\u00a0", " ")
    assert "Всё сделано" in text
    assert "Сегодня вы сохранили 1 чек-лист" in text


def test_a_single_checklist_is_no_queue(client: Client, methodist: User) -> None:
    case = waiting(methodist, factories.ProgrammeFactory(), 1)
    client.force_login(methodist)
    text = client.get(reverse("motor:checklist", args=[case.pk])).content.decode()
    assert 'name="then"' not in text
    assert "Пропустить" not in text
    assert "Пройдено в очереди" not in text


def test_skipping_saves_nothing_and_keeps_the_place(client: Client, methodist: User) -> None:
    programme = factories.ProgrammeFactory()
    first, second = waiting(methodist, programme, 1), waiting(methodist, programme, 2)
    client.force_login(methodist)

    run = client.get(reverse("motor:checklist", args=[first.pk]) + "?of=2&order=due").context["run"]
    assert run.skip_address == reverse("motor:checklist", args=[second.pk]) + f"?order=due&of=2&skip={first.pk}"
    page = client.get(run.skip_address)
    assert page.context["run"].place.number == 2
    assert page.context["run"].next_address == reverse("motor:checklist", args=[first.pk]) + "?order=due&of=2"
    assert "Остались только пропущенные" in page.content.decode()
    assert not first.checklists.exists()


def test_choice_is_kept_in_the_address(client: Client, methodist: User) -> None:
    chosen, other = factories.ProgrammeFactory(), factories.ProgrammeFactory()
    late, calm = waiting(methodist, chosen, -3), waiting(methodist, chosen, 4)
    waiting(methodist, other, -5)
    client.force_login(methodist)
    address = reverse("motor:queue")

    def found(query: str) -> list[Case]:
        return list(client.get(f"{address}?{query}").context["page"].object_list)

    assert found(f"programme={chosen.pk}") == [late, calm]
    assert found(f"programme={chosen.pk}&late=yes") == [late]
    assert [case.due_on for case in found("order=due")] == sorted(case.due_on for case in found(""))
    assert found(f"q={calm.person.last_name}") == [calm]
    text = client.get(f"{address}?programme={chosen.pk}").content.decode()
    assert f"{reverse('motor:checklist', args=[late.pk])}?programme={chosen.pk}&amp;of=2" in text
    nothing = client.get(f"{address}?q=Никто").content.decode()
    assert "Ничего не нашлось" in nothing
    assert "По этому отбору всё сделано" in client.get(f"{address}?q=Никто&done=1").content.decode()
    assert len(found("programme=abc&late=zzz")) == 3


def test_programmes_of_others_are_not_offered(client: Client, methodist: User) -> None:
    mine = waiting(methodist, factories.ProgrammeFactory(), 1)
    factories.CaseFactory(status=Status.SCHOOL_REVIEW)
    client.force_login(methodist)
    field = client.get(reverse("motor:queue")).context["form"]["programme"]
    assert [value for value, _ in field.field.widget.choices] == ["", mine.completion.course.programme_id]


def test_case_that_moved_meanwhile_is_told_and_the_queue_goes_on(client: Client, methodist: User) -> None:
    programme = factories.ProgrammeFactory()
    gone, after = waiting(methodist, programme, 1), waiting(methodist, programme, 2)
    return_to_teacher(gone, actor=methodist, comment="Приложите конспект")
    client.force_login(methodist)
    onward = reverse("motor:checklist", args=[after.pk])

    sent = client.post(
        reverse("motor:checklist", args=[gone.pk]), SCHOOL | {"revision": "1", "then": "next"}, follow=True
    )
    assert sent.redirect_chain == [(f"{onward}?of=2", 302)]
    assert "больше не ждёт его" in sent.content.decode()
    assert not gone.checklists.exists()
    opened = client.get(reverse("motor:checklist", args=[gone.pk]) + "?of=2", follow=True)
    assert opened.redirect_chain == [(f"{onward}?of=2", 302)]


def test_case_given_to_a_colleague_is_told_to_whom_had_it_open(client: Client, methodist: User) -> None:
    case = waiting(methodist, factories.ProgrammeFactory(), 1)
    colleague = factories.person_with("methodist", methodist.organization)
    Case.objects.filter(pk=case.pk).update(responsible=colleague, revision=2)
    client.force_login(methodist)
    address = reverse("motor:checklist", args=[case.pk])

    told = client.post(address, SCHOOL | {"revision": "1"}, follow=True)
    assert told.redirect_chain == [(case.get_absolute_url(), 302)]
    assert "больше не ждёт его" in told.content.decode()
    assert client.get(address).status_code == 404
    assert client.post(address, SCHOOL | {"revision": "2"}).status_code == 404
    assert client.post(address, SCHOOL).status_code == 404


@pytest.mark.parametrize("count", [2, 6])
def test_the_checklist_in_a_run_costs_the_same_for_any_queue(
    client: Client, methodist: User, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    programme = factories.ProgrammeFactory()
    cases = [waiting(methodist, programme, number) for number in range(count)]
    client.force_login(methodist)
    address = reverse("motor:checklist", args=[cases[0].pk]) + f"?of={count}"
    client.get(address)
    with django_assert_num_queries(13):
        client.get(address)
