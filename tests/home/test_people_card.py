"""The card: each section by its own model's rule, a look is logged, a merged card leads to the one that stays."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.core.clock import today
from cabinet.structure.models import Community
from cabinet.users.models import CommunityMember, LogEntry, Membership, Role, User
from cabinet.users.services import record
from motor.models import Status
from tests.factories import (
    CaseFactory,
    CompletionFactory,
    CourseFactory,
    DiagnosisFactory,
    MemberFactory,
    RouteFactory,
    TaskFactory,
    UserFactory,
    person_with,
)
from tests.home.people import Town, make_town
from tests.planner.events import EventFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    return make_town()


def card(client: Client, reader: User, person: User) -> Any:
    client.force_login(reader)
    return client.get(reverse("home:person", args=[person.pk]))


def sections(client: Client, reader: User, person: User) -> dict[str, list[str]]:
    page = card(client, reader, person)
    return {one.code: [line.title for line in one.lines] for one in page.context["card"].sections}


def busy(town: Town) -> Any:
    """The teacher with one of everything; the case is of a course of `curator`."""
    curator = person_with(Role.CURATOR)
    completion = CompletionFactory(person=town.teacher, course=CourseFactory(curator=curator))
    CaseFactory(completion=completion, responsible=town.methodist)
    RouteFactory(person=town.teacher, status="active")
    TaskFactory(assignee=town.teacher, title="Показать урок")
    EventFactory(author=town.teacher, organization=town.school, title="Открытый урок")
    CommunityMember.objects.create(
        community=Community.objects.create(name="МО физиков", organization=town.school), person=town.teacher
    )
    return curator


def test_sections_are_what_the_reader_may_see(client: Client, town: Town) -> None:
    curator = busy(town)
    everything = {"cases", "routes", "tasks", "courses", "events", "communities"}

    assert set(sections(client, town.methodist, town.teacher)) == everything
    assert set(sections(client, town.admin, town.teacher)) == everything
    assert set(sections(client, curator, town.teacher)) == {"cases", "courses"}
    mentor = person_with(Role.MENTOR, town.teacher)
    assert set(sections(client, mentor, town.teacher)) == {"cases", "routes", "tasks", "courses", "communities"}


def test_curator_sees_only_his_courses_and_no_contacts(client: Client, town: Town) -> None:
    curator = busy(town)
    other = CaseFactory(completion=CompletionFactory(person=town.teacher))
    User.objects.filter(pk=town.teacher.pk).update(phone="8 900 123-45-67")

    page = card(client, curator, town.teacher)

    assert "8 900" not in page.content.decode()
    assert str(town.teacher.contact_email) not in page.content.decode()
    assert str(other.completion.course.programme) not in page.content.decode()
    assert "8 900" in card(client, town.head, town.teacher).content.decode()


def test_personal_events_and_scores_are_not_on_it(client: Client, town: Town) -> None:
    EventFactory(author=town.teacher, scope="personal", title="К врачу")
    diagnosis = DiagnosisFactory(person=town.teacher)

    page = card(client, town.admin, town.teacher).content.decode()

    assert "К врачу" not in page
    assert str(diagnosis) not in page


def test_events_ahead_come_first_the_nearest_before_the_others(client: Client, town: Town) -> None:
    for title, days in (("давно", -9), ("вчера", -1), ("потом", 9), ("завтра", 1)):
        EventFactory(author=town.teacher, title=title, on=today() + timedelta(days=days))

    assert sections(client, town.admin, town.teacher)["events"] == ["завтра", "потом", "вчера", "давно"]


def test_who_has_left_has_no_login(client: Client, town: Town) -> None:
    User.objects.filter(pk=town.teacher.pk).update(is_active=False, email="t@example.org")

    page = card(client, town.admin, town.teacher).content.decode()
    assert "<dd>закрыт</dd>" in page
    assert "открыт, ещё не входили" not in page


def test_whom_a_mentor_helps_is_for_those_who_see_that_person(client: Client, town: Town) -> None:
    far = UserFactory(organization=town.far_school, last_name="Тайная")
    Membership.objects.create(user=town.teacher, role=Role.MENTOR, person=far)

    assert "Тайная" not in card(client, town.head, town.teacher).content.decode()
    assert "Тайная" in card(client, town.admin, town.teacher).content.decode()


def test_roles_with_terms(client: Client, town: Town) -> None:
    day = today()
    past, future = day - timedelta(days=9), day + timedelta(days=9)
    Membership.objects.create(user=town.teacher, role=Role.METHODIST, organization=town.school, ends_on=past)
    Membership.objects.create(user=town.teacher, role=Role.HEAD, organization=town.school, starts_on=future)
    Membership.objects.create(user=town.methodist, role=Role.MENTOR, person=town.teacher)

    shown = card(client, town.municipal, town.teacher).context["card"]

    assert [(one.membership.role, one.state, one.may_change) for one in shown.roles] == [
        ("head", "ahead", True),
        ("methodist", "over", False),
    ]
    assert shown.helpers == [town.methodist.full_name]
    assert not any(one.may_change for one in card(client, town.head, town.teacher).context["card"].roles)


def test_card_of_rma_is_linked_for_who_may_open_it(client: Client, town: Town) -> None:
    member = MemberFactory(user=person_with(Role.REGIONAL, organization=town.school))

    assert member.get_absolute_url() in card(client, town.municipal, member.user).content.decode()


@pytest.mark.parametrize("rows", [1, 5])
def test_card_takes_the_same_number_of_queries(
    client: Client, town: Town, rows: int, django_assert_num_queries: Any
) -> None:
    for number in range(rows):
        CaseFactory(completion=CompletionFactory(person=town.teacher), status=Status.CLOSED)
        TaskFactory(assignee=town.teacher)
        EventFactory(author=town.teacher, organization=town.school)
        community = Community.objects.create(name=f"МО {number}", organization=town.school)
        CommunityMember.objects.create(community=community, person=town.teacher)
        Membership.objects.create(user=town.teacher, role=Role.MENTOR, person=UserFactory(organization=town.school))
    card(client, town.municipal, town.teacher)

    with django_assert_num_queries(13):
        client.get(reverse("home:person", args=[town.teacher.pk]))


def test_a_look_at_anothers_card_is_logged_and_at_ones_own_is_not(client: Client, town: Town) -> None:
    card(client, town.head, town.teacher)
    card(client, town.head, town.head)

    assert list(LogEntry.objects.filter(action="viewed").values_list("actor", "person")) == [
        (town.head.pk, town.teacher.pk)
    ]


def test_out_of_scope_is_404(client: Client, town: Town) -> None:
    strangers = [
        person_with(Role.HEAD, town.far_school),
        person_with(Role.MUNICIPAL, town.far_school.municipality),
        person_with("teacher", organization=town.school),
        person_with(Role.OBSERVER),
        person_with(Role.CURATOR),
        person_with(Role.REGIONAL),
    ]
    assert [card(client, one, town.teacher).status_code for one in strangers] == [404] * len(strangers)
    assert LogEntry.objects.filter(action="viewed").count() == 0
    client.logout()
    assert client.get(f"/people/{town.teacher.pk}/").status_code == 302
    client.force_login(town.admin)
    assert client.post(f"/people/{town.teacher.pk}/").status_code == 405


def test_merged_card_leads_to_the_one_that_stays(client: Client, town: Town) -> None:
    closed = UserFactory(organization=town.school, is_active=False, merged_into=town.teacher)
    older = UserFactory(organization=town.school, is_active=False, merged_into=closed)

    client.force_login(town.head)
    page = client.get(reverse("home:person", args=[older.pk]), follow=True)

    assert page.redirect_chain == [(reverse("home:person", args=[town.teacher.pk]), 302)]
    assert "объединена с этой" in page.content.decode()
    User.objects.filter(pk=town.teacher.pk).update(organization=town.far_school)
    assert client.get(reverse("home:person", args=[older.pk])).status_code == 404


def test_history_is_the_admins_and_has_the_merged_cards_lines(client: Client, town: Town) -> None:
    closed = UserFactory(organization=town.school, is_active=False, merged_into=town.teacher)
    record(LogEntry.Action.CHANGED, actor=town.head, person=closed, about=closed, note="исправлен телефон")
    record(LogEntry.Action.VIEWED, actor=town.head, person=town.teacher, about=town.teacher, note="смотрел")
    address = reverse("home:person_history", args=[town.teacher.pk])
    client.force_login(town.admin)

    titles = [one["title"] for one in client.get(address).context["entries"]]
    assert titles == ["Исправлен телефон"]
    assert len(client.get(address, {"views": "yes"}).context["entries"]) == 2
    for user in (town.head, town.municipal):
        client.force_login(user)
        assert client.get(address).status_code == 404


def test_card_of_somebody_with_rights_beyond_says_who_keeps_it(client: Client, town: Town) -> None:
    """The same municipality, and no button: without a word a specialist looks for it in vain."""
    said = "Эту карточку ведёт администратор института"
    Membership.objects.create(user=town.methodist, role=Role.CURATOR)
    assert said in card(client, town.municipal, town.methodist).content.decode()
    for reader, person in (
        (town.municipal, town.teacher),
        (town.municipal, town.municipal),
        (town.head, town.methodist),
        (town.admin, town.methodist),
    ):
        assert said not in card(client, reader, person).content.decode()
