"""Asking to be taken into a community: who may, who is told, what comes of it."""

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.home.letter_texts.communities import KINDS
from cabinet.home.services import community_asks as services
from cabinet.home.services.communities import close_community
from cabinet.home.services.community_members import add_members
from cabinet.mail.models import Letter
from cabinet.mail.texts import register
from cabinet.structure.models import Community
from cabinet.users.models import CommunityMember, Role, User
from tests.factories import UserFactory, person_with
from tests.home.communities import CommunityFactory, CommunityMemberFactory, head_of
from tests.home.merging import merge

pytestmark = pytest.mark.django_db
register(KINDS)
BUTTON = "Попроситься</button>"


@pytest.fixture
def community() -> Community:
    return CommunityFactory()


@pytest.fixture
def head(community: Community) -> User:
    return head_of(community)


@pytest.fixture
def teacher() -> User:
    return UserFactory(email="teacher@example.org")


def page(client: Client, community: Community, user: User) -> str:
    client.force_login(user)
    return client.get(community.get_absolute_url()).content.decode()


def ask(client: Client, community: Community, user: User, **data: str) -> int:
    client.force_login(user)
    return client.post(reverse("home:community_ask", args=[community.pk]), data).status_code


def answer(client: Client, community: Community, user: User, person: User, do: str) -> int:
    client.force_login(user)
    return client.post(reverse("home:community_answer", args=[community.pk, person.pk]), {"do": do}).status_code


def test_asked_once_accepted_once(client: Client, community: Community, head: User, teacher: User) -> None:
    assert BUTTON in page(client, community, teacher)
    for _ in range(2):
        assert ask(client, community, teacher) == 302

    assert [one.to for one in Letter.objects.filter(kind="community.asked")] == [head]
    assert "Вы попросили принять вас" in page(client, community, teacher)
    assert f'Принять<span class="visually-hidden">: {teacher.full_name}' in page(client, community, head)
    for _ in range(2):
        assert answer(client, community, head, teacher, "accept") == 302
    assert CommunityMember.objects.filter(community=community, person=teacher).count() == 1
    assert [one.to for one in Letter.objects.filter(kind="community.member")] == [teacher]
    assert "Просят принять" not in page(client, community, head)


def test_declined_he_is_told_and_may_ask_again(client: Client, community: Community, head: User, teacher: User) -> None:
    ask(client, community, teacher)
    for _ in range(2):
        answer(client, community, head, teacher, "decline")

    assert [one.to for one in Letter.objects.filter(kind="community.declined")] == [teacher]
    assert not CommunityMember.objects.filter(person=teacher).exists()
    ask(client, community, teacher)
    assert Letter.objects.filter(kind="community.asked").count() == 2


def test_taken_back_nothing_waits(client: Client, community: Community, head: User, teacher: User) -> None:
    ask(client, community, teacher)
    ask(client, community, teacher, do="undo")

    assert BUTTON in page(client, community, teacher)
    answer(client, community, head, teacher, "accept")
    assert not CommunityMember.objects.filter(person=teacher).exists()


def test_asking_again_and_again_sends_one_letter(
    client: Client, community: Community, head: User, teacher: User
) -> None:
    for _ in range(3):
        ask(client, community, teacher)
        ask(client, community, teacher, do="undo")

    assert [one.to for one in Letter.objects.filter(kind="community.asked")] == [head]


def test_only_whoever_keeps_the_list_answers(client: Client, community: Community, head: User, teacher: User) -> None:
    ask(client, community, teacher)
    member = CommunityMemberFactory(community=community).person

    for user in (teacher, member, UserFactory(email="s@example.org")):
        assert answer(client, community, user, teacher, "accept") == 404
        assert "Просят принять" not in page(client, community, user)
    assert answer(client, community, person_with(Role.ADMIN), teacher, "accept") == 302
    assert CommunityMember.objects.filter(person=teacher).exists()


def test_who_need_not_or_must_not_ask(client: Client, community: Community, head: User) -> None:
    member = CommunityMemberFactory(community=community, person__email="m@example.org").person
    observer = person_with(Role.OBSERVER)
    for user in (member, head, observer, person_with(Role.ADMIN)):
        assert BUTTON not in page(client, community, user)
        ask(client, community, user)
    without_head = CommunityFactory()
    stranger = UserFactory(email="s@example.org")
    assert BUTTON not in page(client, without_head, stranger)
    ask(client, without_head, stranger)

    assert not services.Ask.objects.exists()
    assert not Letter.objects.exists()


def test_foreign_community_is_not_there(client: Client, teacher: User) -> None:
    foreign = CommunityFactory(organization=UserFactory().organization)
    head_of(foreign)

    assert ask(client, foreign, teacher) == 404


def test_what_settles_it_otherwise_ends_it(community: Community, head: User, teacher: User) -> None:
    services.ask(community, teacher)
    add_members(community, [teacher], actor=head)
    assert not services.Ask.objects.exists()

    services.ask(community, UserFactory(email="o@example.org"))
    close_community(community, actor=person_with(Role.ADMIN))
    assert not services.Ask.objects.exists()


def test_two_cards_that_both_asked_become_one(community: Community, head: User, teacher: User) -> None:
    double = UserFactory(email=None)
    for one in (teacher, double):
        services.ask(community, one)

    merge(teacher, double, person_with(Role.ADMIN))

    assert list(services.askers(community)) == [teacher]


def test_requests_cost_the_same_whatever_their_number(
    client: Client, community: Community, head: User, django_assert_max_num_queries: object
) -> None:
    client.force_login(head)
    counts = []
    for number in (1, 4):
        for n in range(number):
            services.ask(community, UserFactory(email=f"a{number}{n}@example.org"))
        with django_assert_max_num_queries(15) as found:  # type: ignore[operator]
            client.get(community.get_absolute_url())
        counts.append(len(found))
    assert counts[0] == counts[1]
