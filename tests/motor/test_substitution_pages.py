"""Pages of handing over: the form with one deputy or two, the preview, where everything is, who may see it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.core.clock import today
from cabinet.structure.models import Organization
from cabinet.users.models import Substitution, User
from motor.services import substitution
from rma.models import Member, Request
from tests.factories import MemberFactory, OrganizationFactory, RouteFactory, UserFactory, person_with

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def school() -> Organization:
    return OrganizationFactory()


@pytest.fixture
def member(school: Organization) -> Member:
    return MemberFactory(user=person_with("regional", organization=school))


@pytest.fixture
def deputy() -> Member:
    return MemberFactory()


def request_to(member: Member, **fields: Any) -> Request:
    terms = {"kind": "consultation", "author": UserFactory(), "person": UserFactory()} | fields
    terms |= {"organization": OrganizationFactory(), "reason": "Нужен совет", "due_on": today() + 7 * DAY}
    return Request.objects.create(member=member, **terms)


def data_for(**deputies: User) -> dict[str, Any]:
    days = {"starts_on": today().isoformat(), "ends_on": (today() + 7 * DAY).isoformat(), "reason": "отпуск"}
    return days | {name: one.pk for name, one in deputies.items()}


def open_page(client: Client, user: User, name: str, *args: Any, status: int = 200, **query: Any) -> str:
    client.force_login(user)
    answer = client.get(reverse(f"motor:{name}", args=args), query)
    assert answer.status_code == status
    return answer.content.decode()


def send(client: Client, user: User, name: str, *args: Any, status: int = 200, **data: Any) -> str:
    client.force_login(user)
    answer = client.post(reverse(f"motor:{name}", args=args), data)
    assert answer.status_code == status
    return answer.content.decode()


def agreed(member: Member, deputy: Member, first: int = 0) -> Substitution:
    days = {"starts_on": today() + first * DAY, "ends_on": today() + 7 * DAY}
    return substitution.substitute(
        member.user, None, rma_deputy=deputy.user, reason="отпуск", actor=member.user, **days
    )


def test_member_hands_over_himself_after_a_preview(client: Client, member: Member, deputy: Member) -> None:
    request, route = request_to(member), RouteFactory(rma_member=member)
    person = member.user
    assert reverse("motor:substitution_add", args=[person.pk]) in open_page(client, person, "substitutions")
    text = open_page(client, person, "substitution_add", person.pk)
    assert 'name="rma_deputy"' in text
    assert 'name="deputy"' not in text
    terms = data_for(rma_deputy=deputy.user)
    text = send(client, person, "substitution_add", person.pk, **terms, do="check")
    assert f"Перейдёт → {deputy.user.full_name}" in text
    assert request.about in text
    assert route.person.full_name in text
    assert not Substitution.objects.exists()
    send(client, person, "substitution_add", person.pk, **terms, do="write", status=302)
    send(client, person, "substitution_add", person.pk, **terms, do="write", status=422)
    row = Substitution.objects.get()
    text = open_page(client, person, "substitution", row.pk)
    assert f"Сейчас: {deputy.user.short_name}" in text
    assert request.get_absolute_url() not in text  # his no longer
    assert request.get_absolute_url() in open_page(client, deputy.user, "substitution", row.pk)
    send(client, person, "substitution_cancel", row.pk, status=302)
    request.refresh_from_db()
    assert request.member == member
    assert "Снова у вас" in open_page(client, person, "substitution", row.pk)
    # What is over is nothing for the deputy to read names in.
    assert request.about not in open_page(client, deputy.user, "substitution", row.pk)


def test_nobody_stands_in_for_himself_or_while_away(client: Client, member: Member, deputy: Member) -> None:
    away, person = MemberFactory(), member.user
    first, last = today() + 5 * DAY, today() + 6 * DAY
    Substitution.objects.create(person=away.user, deputy=deputy.user, starts_on=first, ends_on=last)
    assert away.user.full_name in open_page(client, person, "substitution_add", person.pk)
    text = send(client, person, "substitution_add", person.pk, **data_for(rma_deputy=person), do="write", status=422)
    assert "Выберите, кто замещает." in text
    assert away.user.full_name not in text
    assert not Substitution.objects.filter(person=person).exists()


def test_methodist_who_is_a_member_is_asked_for_both_deputies(
    client: Client, school: Organization, deputy: Member
) -> None:
    person = person_with("methodist", school)
    both, specialist = MemberFactory(user=person), person_with("municipal", school.municipality)
    request_to(both)
    text = open_page(client, person, "substitution_add", person.pk)
    assert "Кто замещает в организации" in text
    assert "Кто замещает в РМА" in text
    text = send(client, person, "substitution_add", person.pk, **data_for(deputy=specialist), do="write", status=422)
    assert "Выберите, кто замещает." in text
    assert "отпуск" in text  # what was typed is kept
    terms = data_for(deputy=specialist, rma_deputy=deputy.user)
    send(client, person, "substitution_add", person.pk, **terms, do="write", status=302)
    row = Substitution.objects.get(deputy=specialist)
    text = open_page(client, person, "substitution", row.pk)
    assert "Замещает в организации" in text
    assert deputy.user.full_name in text
    send(client, person, "substitution_cancel", row.pk, status=302)
    assert not Substitution.objects.filter(cancelled_at=None).exists()


def test_page_before_the_first_day_says_how_much_there_is(client: Client, member: Member, deputy: Member) -> None:
    request_to(member)
    row = agreed(member, deputy, 3)
    text = open_page(client, member.user, "substitution", row.pk)
    assert "Ещё не началось" in text
    assert "1\u00a0запрос к РМА" in text


def test_who_may_open_what(client: Client, school: Organization, member: Member, deputy: Member) -> None:
    row = agreed(member, deputy)
    specialist, stranger = person_with("municipal", school.municipality), MemberFactory().user
    for user in (member.user, deputy.user, specialist, person_with("admin")):
        open_page(client, user, "substitution", row.pk)
    for name, pk in (("substitution", row.pk), ("substitution_add", member.user_id)):
        open_page(client, stranger, name, pk, status=404)
    open_page(client, deputy.user, "substitution_add", member.user_id, status=404)
    open_page(client, specialist, "substitution_add", member.user_id)
    for user in (stranger, deputy.user):
        send(client, user, "substitution_cancel", row.pk, status=404)
    for user in (person_with("observer"), UserFactory()):
        open_page(client, user, "substitutions", status=404)
        open_page(client, user, "substitution", row.pk, status=404)
    client.force_login(member.user)
    assert client.get(reverse("motor:substitution_cancel", args=[row.pk])).status_code == 405
    client.logout()
    assert client.get(reverse("motor:substitution", args=[row.pk])).status_code == 302


def test_specialist_finds_a_member_by_name(client: Client, school: Organization, member: Member) -> None:
    specialist = person_with("municipal", school.municipality)
    address = reverse("motor:substitution_add", args=[member.user_id])
    assert address not in open_page(client, specialist, "substitutions")
    assert address in open_page(client, specialist, "substitutions", q=member.user.last_name)
    assert address not in open_page(
        client, person_with("municipal", OrganizationFactory().municipality), "substitutions", q=member.user.last_name
    )
    assert "Никого не нашлось" in open_page(client, specialist, "substitutions", q="Яжборовская")


@pytest.mark.parametrize("count", [1, 5])
def test_queries_do_not_grow(
    client: Client, member: Member, deputy: Member, count: int, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        request_to(member)
        RouteFactory(rma_member=member)
    for _ in range(count):
        MemberFactory()
    row = agreed(member, deputy)
    for name, pk, number in (
        ("substitutions", [], 6),
        ("substitution", [row.pk], 12),
        ("substitution_add", [member.user_id], 11),
    ):
        open_page(client, member.user, name, *pk)
        with django_assert_num_queries(number):
            open_page_again(client, name, *pk)


def open_page_again(client: Client, name: str, *args: Any) -> None:
    assert client.get(reverse(f"motor:{name}", args=args)).status_code == 200
