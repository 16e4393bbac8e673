"""The list: whose polls it shows, in which order, and by how many queries; who sees which poll at all."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from cabinet.core.clock import today
from cabinet.core.works import Asked
from cabinet.polls.models import Participant, Poll
from cabinet.polls.services import desk
from cabinet.users.models import Role, User
from tests.factories import OrganizationFactory, UserFactory, person_with
from tests.polls.polls import PollFactory, asked_in, question_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader() -> User:
    return person_with(Role.METHODIST, OrganizationFactory())


def asks(person: User, *, answered: bool = False, **fields: object) -> Poll:
    poll: Poll = PollFactory(**fields)
    question_of(poll)
    Participant.objects.create(poll=poll, person=person, has_answered=answered)
    return poll


def titles(client: Client, query: str = "") -> list[str]:
    return [one.title for one in client.get(reverse("polls:polls") + query).context["page"]]


def test_who_sees_which(reader: User) -> None:
    own = [PollFactory(author=reader, state=state) for state in ("draft", "open", "closed")]
    asked = [asks(reader), asks(reader, state="closed")]
    example = PollFactory(scope="region", is_example=True, state="closed")
    PollFactory(organization=reader.organization)  # a colleague's, of the same school
    PollFactory(scope="region", state="closed")
    taken_back = asks(reader, state="draft")

    assert set(Poll.objects.visible_to(reader)) == {*own, *asked, example}
    assert set(Poll.objects.visible_to(UserFactory())) == {example}
    assert set(Poll.objects.visible_to(person_with(Role.ADMIN))) == set(Poll.objects.all())
    assert set(Poll.objects.editable_by(reader)) == set(own)
    assert set(Poll.objects.with_results_for(reader)) == {own[1], own[2], asked[1], example}
    assert taken_back not in Poll.objects.asking(reader)


def test_those_that_wait_come_first_the_nearest_end_before_the_others(client: Client, reader: User) -> None:
    asks(reader, title="потом", closes_on=today() + timedelta(days=9))
    asks(reader, title="скоро", closes_on=today() + timedelta(days=1))
    asks(reader, title="ответил", answered=True)
    PollFactory(author=reader, title="мой")
    asks(reader, title="прошёл", closes_on=today() - timedelta(days=1))
    client.force_login(reader)

    assert titles(client)[:3] == ["скоро", "потом", "мой"]
    assert set(titles(client)[3:]) == {"ответил", "прошёл"}
    assert titles(client, "?view=waiting") == ["скоро", "потом"]
    assert set(titles(client, "?view=asked")) == {"скоро", "потом", "ответил", "прошёл"}
    assert titles(client, "?view=mine") == ["мой"]
    assert titles(client, "?view=results") == ["мой"]
    assert titles(client, "?view=mine&state=closed") == []
    assert len(titles(client, "?view=<b>&state=x&page=zzz")) == 5


def test_the_empty_list_says_what_would_fill_it(client: Client, reader: User) -> None:
    client.force_login(reader)
    assert "Новый опрос" in client.get(reverse("polls:polls")).content.decode()
    client.force_login(UserFactory(email="t@example.org"))
    assert "спросят ваше мнение" in client.get(reverse("polls:polls")).content.decode()
    client.logout()
    assert client.get(reverse("polls:polls")).status_code == 302


def test_pages_take_the_same_queries_whatever_the_rows(
    client: Client, reader: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(reader)
    client.get(reverse("polls:polls"))
    for _ in range(2):
        for _ in range(2):
            asks(reader)
            asks(reader, state="closed")
            PollFactory(author=reader)
        with django_assert_num_queries(5):
            client.get(reverse("polls:polls"))
    own = PollFactory(author=reader, organization=reader.organization)
    named_one = PollFactory(author=reader, organization=reader.organization, is_anonymous=False)
    for _ in range(2):
        for poll in (own, named_one):
            question_of(poll, "many", ("а", "б", "в"))
            asked_in(poll, 4)
            Participant.objects.update(has_answered=True)
        with django_assert_num_queries(9):
            client.get(own.get_absolute_url())
        with django_assert_num_queries(11):
            client.get(reverse("polls:names", args=[named_one.pk]))


def test_long_lists_have_pages(client: Client, reader: User) -> None:
    for _ in range(26):
        PollFactory(author=reader)
    client.force_login(reader)
    assert (len(titles(client)), len(titles(client, "?page=2"))) == (25, 1)


def test_the_first_page_asks_of_what_waits_only(reader: User) -> None:
    waits = asks(reader, title="ждёт")
    asks(reader, answered=True)
    asks(reader, state="closed")
    asks(reader, closes_on=today() - timedelta(days=1))
    asks(UserFactory())
    PollFactory(author=reader)

    arms = desk.asked(reader)
    rows = [Asked(*row) for row in arms[0].union(*arms[1:], all=True)] if arms[1:] else [Asked(*r) for r in arms[0]]

    assert [(row.limit, row.pk, row.title) for row in rows] == [(waits.closes_on, waits.pk, "ждёт")]
    assert desk.line_of(rows[0]).address == waits.get_absolute_url()
