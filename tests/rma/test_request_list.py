"""The list of requests: tabs by side, filters, exact rows."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from cabinet.core.clock import today
from cabinet.users.models import Role, User
from rma.models import Request
from tests.factories import MemberFactory, OrganizationFactory, UserFactory, person_with
from tests.rma.asked import around, direct

pytestmark = pytest.mark.django_db
LIST = reverse("rma:requests")


def shown(client: Client, user: User, **query: Any) -> list[int]:
    client.force_login(user)
    return [one.pk for one in client.get(LIST, query).context["page"].object_list]


def test_member_has_what_to_answer_and_what_to_do() -> None:
    client, member = Client(), MemberFactory()
    late = direct(member=member, due_on=today() - timedelta(days=1))
    soon = direct(member=member)
    taken = direct(member=member, status="accepted")
    over = direct(member=member, status="done")
    direct()

    assert shown(client, member.user) == [late.pk, soon.pk]  # the first tab with something in it
    assert shown(client, member.user, view="do") == [taken.pk]
    assert shown(client, member.user, view="all") == [late.pk, soon.pk, taken.pk]
    assert shown(client, member.user, view="past") == [over.pk]
    assert client.get(LIST).context["tabs"] == [
        ("answer", "Ответить", 2),
        ("do", "Провести", 1),
        ("asked", "Я прошу", 0),
        ("all", "Все", 3),
        ("past", "Завершённые", 1),
    ]


def test_what_is_over_is_found_again_the_newest_first(client: Client) -> None:
    done = direct(status="done", topic="Критерии")
    open_one = direct(author=done.author)
    withdrawn = direct(author=done.author, status="withdrawn")
    assert shown(client, done.author) == [open_one.pk]
    assert shown(client, done.author, view="past") == [withdrawn.pk, done.pk]
    assert shown(client, done.author, view="past", status="done") == [done.pk]
    open_one.delete()
    assert shown(client, done.author) == [withdrawn.pk, done.pk]  # nothing else is there to open with


def test_asker_answers_a_proposed_day(client: Client) -> None:
    proposed = direct(status="proposed", proposed_on=today())
    other = direct(author=proposed.author)
    assert shown(client, proposed.author) == [proposed.pk]
    assert shown(client, proposed.author, view="asked") == [proposed.pk, other.pk]


def test_everybody_sees_his_scope(client: Client) -> None:
    request = direct()
    direct()
    found = {who: shown(client, user, view="all") for who, user in around(request).items() if who != "admin"}
    readers = {"author", "colleague", "head", "municipal", "member"}
    assert found == {who: [request.pk] if who in readers else [] for who in found}


def test_filters_narrow_to_exact_rows(client: Client) -> None:
    weak = OrganizationFactory(low_results=True, name="МАОУ «Гимназия № 7»")
    admin = person_with(Role.ADMIN)
    member = MemberFactory(user=person_with(Role.REGIONAL, last_name="Шестакова"))
    low = direct(organization=weak, person=UserFactory(last_name="Волкова"))
    late = direct(due_on=today() - timedelta(days=1), kind="iom_help")
    wanted = direct(status="wanted", topic="Критерии оценивания Счёта")
    hers = direct(member=member)
    done = direct(status="done")

    for query, expected in (
        ({}, {low, late, wanted, hers}),
        ({"status": "any"}, {low, late, wanted, hers, done}),
        ({"status": "done"}, {done}),
        ({"kind": "iom_help"}, {late}),
        ({"overdue": "yes"}, {late}),
        ({"low_results": "yes"}, {low}),
        ({"q": "волк"}, {low}),
        ({"q": "гимназия 7"}, {low}),
        ({"q": "критерии"}, {wanted}),
        ({"q": "ОЦЕНИВАНИЯ  счёта"}, {wanted}),
        ({"q": "оценивания счета"}, {wanted}),
        ({"q": "Критерии ("}, set()),
        ({"member": "шест"}, {hers}),
        ({"municipality": str(weak.municipality_id)}, {low}),
        ({"q": "«»"}, set()),
    ):
        assert set(shown(client, admin, view="all", **query)) == {one.pk for one in expected}, query


def test_names_of_municipalities_are_for_the_admin(client: Client) -> None:
    request = direct()
    client.force_login(request.author)
    assert "municipality" not in client.get(LIST).context["filter"].form.fields


def test_line_says_whose_turn_and_until_when(client: Client) -> None:
    request = direct(organization=OrganizationFactory(low_results=True))
    client.force_login(request.author)
    page = client.get(LIST).content.decode()
    assert "ШНОР" in page
    assert f"<strong>{request.member.user.short_name} — ответить</strong>" in page  # type: ignore[union-attr]
    assert "осталось" in page or "остался" in page or "завтра" in page


@pytest.mark.parametrize("query", [{"kind": "burn"}, {"municipality": "9" * 30}, {"q": "я" * 300}])
def test_strange_filters_are_said(client: Client, query: dict[str, str]) -> None:
    client.force_login(person_with(Role.ADMIN))
    page = client.get(LIST, query)
    assert page.status_code == 200
    assert "Так отобрать не получится" in page.content.decode()


def test_empty_list_helps(client: Client) -> None:
    teacher, observer = person_with("teacher"), person_with(Role.OBSERVER)
    client.force_login(teacher)
    assert "Новый запрос" in client.get(LIST).content.decode()
    client.force_login(observer)
    page = client.get(LIST).content.decode()
    assert "Запросы видят те, кого они касаются" in page
    assert f'href="{reverse("rma:statistics")}"' in page
    assert "Новый запрос" not in page


def test_anonymous_and_wrong_method(client: Client) -> None:
    assert client.get(LIST).url.startswith(reverse("account_login"))  # type: ignore[attr-defined]
    client.force_login(person_with(Role.ADMIN))
    assert client.post(LIST).status_code == 405


def test_queries_do_not_grow(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    head = person_with(Role.HEAD, OrganizationFactory())
    client.force_login(head)
    for count in (1, 5):
        for _ in range(count):
            direct(organization=head.organization)
        with django_assert_num_queries(6):
            client.get(LIST)
    assert Request.objects.visible_to(head).count() == 6
