"""The page of a request: who reads it, what it offers whom, what of its source may be opened."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from cabinet.core.clock import today
from cabinet.users.models import Role, User
from rma.models import Member, Request
from rma.services import asking
from tests.factories import (
    CaseFactory,
    MemberFactory,
    MembershipFactory,
    OrganizationFactory,
    RequestFactory,
    SubjectFactory,
    UserFactory,
    person_with,
)
from tests.rma.asked import around, direct

pytestmark = pytest.mark.django_db
Status = Request.Status
READERS = ["admin", "author", "colleague", "head", "member", "municipal"]


def page_for(client: Client, user: User, request: Request) -> Any:
    client.force_login(user)
    return client.get(request.get_absolute_url())


def test_readers_are_the_two_sides_and_those_who_answer_for_the_school(client: Client) -> None:
    request = direct()

    answers = {who: page_for(client, user, request).status_code for who, user in around(request).items()}

    assert sorted(who for who, status in answers.items() if status == 200) == READERS
    assert {status for who, status in answers.items() if who not in READERS} == {404}


def test_rows_seen_are_exactly_ones_own() -> None:
    mine, about_me, elsewhere = direct(), direct(), direct()
    head = person_with(Role.HEAD, mine.organization)
    own = direct(author=head, person=head)
    Request.objects.filter(pk=about_me.pk).update(organization=mine.organization, person=head)

    assert sorted(Request.objects.visible_to(head).values_list("pk", flat=True)) == [mine.pk, own.pk]
    assert list(Request.objects.visible_to(elsewhere.author)) == [elsewhere]


def test_admin_who_is_the_teacher_does_not_read_it(client: Client) -> None:
    admin = person_with(Role.ADMIN)
    assert page_for(client, admin, direct(person=admin)).status_code == 404


def test_author_asking_for_himself_reads_it(client: Client) -> None:
    teacher = person_with("teacher", organization=OrganizationFactory())
    assert page_for(client, teacher, direct(author=teacher, person=teacher)).status_code == 200


def test_anonymous_is_sent_to_the_login_and_post_is_refused(client: Client) -> None:
    request = direct()
    address = request.get_absolute_url()
    assert client.get(address).url.startswith(reverse("account_login"))  # type: ignore[attr-defined]
    client.force_login(request.author)
    assert client.post(address).status_code == 405


ACTS = {
    # state → side → its acts, the obvious one first
    "wanted": {"author": ("name", "withdraw"), "municipal": ("name", "withdraw"), "head": ()},
    "sent": {"member": ("accept", "propose", "decline", "hand"), "author": ("withdraw",), "colleague": ()},
    "proposed": {"member": ("hand", "decline"), "author": ("agree", "replace", "withdraw")},
    "accepted": {"member": ("done", "hand"), "author": ("withdraw",), "admin": ("withdraw",)},
    "declined": {"member": (), "author": ("again",), "municipal": ("again",), "colleague": ()},
    "done": {"member": (), "author": (), "admin": ()},
    "withdrawn": {"member": (), "author": ()},
}


@pytest.mark.parametrize("status", ACTS)
def test_each_side_has_its_acts(client: Client, status: str) -> None:
    request = direct(status=status, answer="Отпуск", proposed_on=today())
    people = around(request)

    found = {who: page_for(client, people[who], request).context["side"].acts for who in ACTS[status]}

    assert found == ACTS[status]


def test_silent_one_may_be_replaced(client: Client) -> None:
    request = direct(due_on=today().replace(year=today().year - 1))
    assert page_for(client, request.author, request).context["side"].acts == ("replace", "withdraw")


def test_assessment_is_done_by_its_checklist(client: Client) -> None:
    request = RequestFactory(status="accepted")
    page = page_for(client, request.member.user, request)
    assert page.context["side"].acts == ("hand",)


def test_source_is_a_link_only_for_those_who_may_open_it(client: Client) -> None:
    request = RequestFactory(source=CaseFactory(status="school_review"))
    address = request.source.get_absolute_url()
    municipal = person_with(Role.MUNICIPAL, request.organization.municipality)
    # The teacher has moved: the school he left keeps its request, not his case.
    former = person_with(Role.HEAD, OrganizationFactory())
    MembershipFactory(user=former, role=Role.METHODIST, organization=former.organization)
    Request.objects.filter(pk=request.pk).update(organization=former.organization)

    assert address in page_for(client, request.author, request).content.decode()
    assert page_for(client, municipal, request).status_code == 404
    assert page_for(client, former, request).context["source"] is None


def test_low_results_and_turn_stand_on_top(client: Client) -> None:
    request = direct(organization=OrganizationFactory(low_results=True))
    page = page_for(client, request.author, request).content.decode()
    assert "ШНОР" in page
    assert f"<strong>{request.member.user.short_name} — ответить</strong>" in page  # type: ignore[union-attr]


def test_former_hands_are_told_the_latest_first(client: Client) -> None:
    first = direct(status="declined", answer="В отпуске")
    author = first.author
    second = direct(author=author, status="handed", answer="Не мой предмет", former=first)
    third = direct(author=author, former=second)

    page = page_for(client, author, third)

    assert page.context["earlier"] == [second, first]
    assert "В отпуске" in page.content.decode()


def test_queries_do_not_grow(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    request = direct(person=None)
    client.force_login(request.author)
    for count in (1, 4):
        request.people.add(*UserFactory.create_batch(count))
        for _ in range(count):
            request.former = direct(author=request.author, status="handed", answer="Занят", former=request.former)
        request.save()
        with django_assert_num_queries(7):
            client.get(request.get_absolute_url())


def test_refusal_of_a_case_leads_on_to_the_request_in_its_place(client: Client) -> None:
    declined = RequestFactory(status="declined", answer="Отпуск")
    waiting = asking.want_again(declined)

    page = page_for(client, declined.author, declined)
    assert page.context["next"]["address"] == reverse("rma:request_pick", args=[waiting.pk])
    assert page.context["next"]["address"] in page.content.decode()

    asking.name_member(waiting, MemberFactory(), actor=declined.author)
    page = page_for(client, declined.author, declined)
    assert page.context["next"]["address"] == waiting.get_absolute_url()
    assert "Запрос продолжается" in page.content.decode()
    assert page_for(client, declined.member.user, declined).context["next"] is None  # the next one is not his


def test_member_who_acts_no_more_is_replaced(client: Client) -> None:
    for status in ("sent", "proposed", "accepted"):
        request = direct(status=status, proposed_on=today())
        Member.objects.filter(pk=request.member_id).update(status="suspended")
        page = page_for(client, request.author, request)
        assert page.context["side"].acts == ("replace", "withdraw")
        assert "больше не действует" in page.content.decode()


def test_reason_of_a_refusal_is_not_for_the_next_member(client: Client) -> None:
    declined = direct(status="declined", answer="В больнице")
    handed = direct(author=declined.author, former=declined, status="handed", answer="Не мой предмет")
    last = direct(author=declined.author, former=handed)
    page = page_for(client, last.member.user, last).content.decode()  # type: ignore[union-attr]
    assert ("В больнице" in page, "Не мой предмет" in page) == (False, True)
    assert "В больнице" in page_for(client, last.author, last).content.decode()


def test_group_of_several_schools_names_own_people_only(client: Client) -> None:
    school = OrganizationFactory()
    own, guest = UserFactory(organization=school), UserFactory()
    request = direct(author=person_with(Role.ADMIN), organization=school, person=None, people=[own, guest])
    for user in (person_with(Role.HEAD, school), person_with(Role.MUNICIPAL, school.municipality)):
        page = page_for(client, user, request)
        assert (page.context["people"], page.context["hidden_people"]) == ([own], 1)
        assert guest.full_name not in page.content.decode()
        assert "и ещё 1\u00a0человек из других организаций" in page.content.decode()
    for user in (request.author, request.member.user):  # type: ignore[union-attr]
        assert set(page_for(client, user, request).context["people"]) == {own, guest}


def test_one_of_a_group_reads_nothing_by_his_roles() -> None:
    school = OrganizationFactory()
    one = person_with(Role.METHODIST, school)
    direct(author=person_with(Role.HEAD, school), person=None, organization=school, people=[one])
    assert list(Request.objects.visible_to(one)) == []


def test_methodist_of_some_subjects_reads_of_their_teachers_and_of_no_teacher() -> None:
    school, maths, physics = OrganizationFactory(), SubjectFactory(), SubjectFactory()
    head = person_with(Role.HEAD, school)
    user = person_with(Role.METHODIST, school, subjects=[maths])
    ours = direct(author=head, organization=school, person=UserFactory(organization=school, subject=maths))
    by_course = direct(author=head, organization=school, subject=maths)
    of_school = direct(author=head, organization=school, person=None)
    direct(author=head, organization=school, person=UserFactory(organization=school, subject=physics))
    assert set(Request.objects.visible_to(user)) == {ours, by_course, of_school}
