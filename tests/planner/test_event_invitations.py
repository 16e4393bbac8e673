"""Invitations: whom the organizer may reach, what is said before, once each, thousands by a worker."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.core.clock import today
from cabinet.jobs.models import Job
from cabinet.jobs.services import run_owed
from cabinet.mail.models import Letter
from cabinet.planner.models import Event, Participation
from cabinet.planner.services import invitations
from cabinet.users.models import Role, User
from tests.factories import MembershipFactory, OrganizationFactory, UserFactory, person_with
from tests.planner.events import CommunityFactory, EventFactory, ParticipationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def methodist() -> User:
    return person_with(Role.METHODIST, OrganizationFactory())


@pytest.fixture
def event(methodist: User) -> Event:
    made: Event = EventFactory(author=methodist, organization=methodist.organization)
    return made


def page(event: Event) -> str:
    return reverse("planner:event_invite", args=[event.pk])


def invited(event: Event) -> list[int]:
    return sorted(Participation.objects.filter(event=event).values_list("person", flat=True))


def test_invitable_exact_list(methodist: User, event: Event) -> None:
    school = methodist.organization
    near, leader, there = (UserFactory(organization=school) for _ in range(3))
    UserFactory(organization=school, is_active=False)
    UserFactory()
    fellow, former = UserFactory(), UserFactory()
    community = CommunityFactory(members=[methodist, fellow, former])
    community.members.filter(person=former).update(ends_on=today() - timedelta(days=1))
    event.leaders.add(leader)
    ParticipationFactory(event=event, person=there)
    assert set(invitations.invitable(event, methodist)) == {near, fellow}


def test_groups_are_one_s_own(methodist: User, event: Event) -> None:
    school = methodist.organization
    own = CommunityFactory(organization=school, members=[UserFactory(organization=school)])
    CommunityFactory(organization=OrganizationFactory(), members=[UserFactory()])
    CommunityFactory(organization=school)  # nobody in it
    codes = [code for code, _ in invitations.groups_for(event, methodist)]
    assert codes == [f"organization-{school.pk}", f"community-{own.pk}"]  # the event is for the school
    foreign = OrganizationFactory()
    UserFactory(organization=foreign)
    for wrong in (f"organization-{foreign.pk}", "region", "", "organization-x"):
        assert list(invitations.people_of(wrong, "", event, methodist)) == []
    teacher = person_with("teacher")
    mine = CommunityFactory(members=[teacher])
    personal = EventFactory(author=teacher, scope="personal")
    assert [code for code, _ in invitations.groups_for(personal, teacher)] == [f"community-{mine.pk}"]


def test_of_a_role(methodist: User, event: Event) -> None:
    school = methodist.organization
    head, teacher = person_with(Role.HEAD, school), person_with("teacher", organization=school)
    mentor = person_with(Role.MENTOR, teacher, organization=school)
    former = UserFactory(organization=school)
    MembershipFactory(user=former, role=Role.HEAD, ends_on=today() - timedelta(days=1))

    def of(role: str) -> set[User]:
        return set(invitations.people_of(f"organization-{school.pk}", role, event, methodist))

    assert of("head") == {head}
    assert of("teacher") == {teacher, mentor, former}
    assert of("") == {head, teacher, mentor, former}


def test_preview_says_who_gets_no_letter_and_writes_nothing(client: Client, methodist: User, event: Event) -> None:
    school = methodist.organization
    person_with("teacher", organization=school)
    UserFactory(organization=school)
    UserFactory(organization=school, contact_email=None, last_name="Безадресная")
    client.force_login(methodist)
    told = client.get(page(event), {"group": f"organization-{school.pk}"})
    preview = told.context["preview"]
    assert (preview.total, preview.without_address_total, preview.without_login) == (3, 1, 2)
    assert "Будет приглашено: 3\xa0человека" in told.content.decode()
    assert "Безадресная" in told.content.decode()
    assert invited(event) == []
    assert Letter.objects.count() == 0


def test_group_is_invited_once(client: Client, methodist: User, event: Event) -> None:
    school = methodist.organization
    people = [UserFactory(organization=school) for _ in range(2)]
    silent = UserFactory(organization=school, contact_email=None)
    client.force_login(methodist)
    for _ in range(2):
        assert client.post(page(event), {"group": f"organization-{school.pk}", "role": ""}).status_code == 302
    assert invited(event) == sorted(one.pk for one in [*people, silent])
    letters = Letter.objects.filter(kind="event.invited")
    assert letters.count() == 3
    assert letters.get(to=silent).state == "no_address"
    assert methodist.full_name in letters.get(to=people[0]).body
    assert "Входа в кабинет у вас пока нет" in letters.get(to=people[0]).body


def test_people_found_by_name(client: Client, methodist: User, event: Event) -> None:
    near = UserFactory(organization=methodist.organization, last_name="Гилёва")
    far = UserFactory(last_name="Гилёва")
    client.force_login(methodist)
    assert client.get(page(event), {"who": "гилев"}).context["found"] == [near]
    client.post(page(event), {"person": [near.pk, far.pk]})
    assert invited(event) == [near.pk]
    assert client.post(page(event), {"person": ["x"]}).status_code == 404


def test_invited_from_elsewhere_sees_the_event(client: Client, methodist: User, event: Event) -> None:
    guest = person_with("teacher")
    CommunityFactory(members=[methodist, guest])
    assert invitations.invite(event, [guest], actor=methodist) == 1
    assert list(Event.objects.visible_to(guest)) == [event]


def test_guests_of_a_personal_event(client: Client) -> None:
    teacher, fellow = person_with("teacher"), person_with("teacher")
    CommunityFactory(members=[teacher, fellow])
    event = EventFactory(author=teacher, scope="personal")
    client.force_login(teacher)
    client.post(page(event), {"person": [fellow.pk]})
    assert invited(event) == [fellow.pk]
    client.force_login(fellow)
    assert client.get(event.get_absolute_url()).context["first"].code == "invited"


@pytest.mark.parametrize("closed", [{"is_cancelled": True}, {"on": today() - timedelta(days=1)}])
def test_nobody_is_invited_to_what_is_over(client: Client, methodist: User, closed: dict[str, Any]) -> None:
    event = EventFactory(author=methodist, organization=methodist.organization, **closed)
    person = UserFactory(organization=methodist.organization)
    client.force_login(methodist)
    assert client.get(page(event)).status_code == 200
    assert client.post(page(event), {"person": [person.pk]})["Location"] == event.get_absolute_url()
    assert invitations.invite(event, [person], actor=methodist) == 0
    assert invited(event) == []


# --- By a worker ---------------------------------------------------------------------------------------------------


@pytest.fixture
def job(monkeypatch: pytest.MonkeyPatch, methodist: User, event: Event) -> Job:
    monkeypatch.setattr(invitations, "AT_ONCE", 2)
    for _ in range(5):
        UserFactory(organization=methodist.organization)
    code = f"organization-{methodist.organization_id}"
    orders = [invitations.invite_group(event, code, "", actor=methodist) for _ in range(2)]
    assert orders[0] == orders[1]
    order = orders[0]
    assert isinstance(order, Job)
    return order


def test_many_are_invited_by_a_worker(event: Event, job: Job) -> None:
    assert invited(event) == []
    for _ in range(2):
        run_owed(job.pk)
    job.refresh_from_db()
    assert (job.state, job.result["invited"]) == ("done", 5)
    assert job.page == reverse("planner:event_guests", args=[event.pk])
    assert len(invited(event)) == 5
    assert Letter.objects.filter(kind="event.invited").count() == 5


def test_worker_that_died_is_followed_by_another(event: Event, job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = invitations.invite, []

    def dies(*args: Any, **kwargs: Any) -> int:
        calls.append(1)
        if len(calls) == 2:
            raise OSError("disk")
        return real(*args, **kwargs)

    monkeypatch.setattr(invitations, "invite", dies)
    run_owed(job.pk)
    assert len(invited(event)) == 2
    Job.objects.update(due_at=job.created_at)
    run_owed(job.pk)
    job.refresh_from_db()
    assert (job.state, job.result["invited"]) == ("done", 5)
    assert Letter.objects.filter(kind="event.invited").count() == 5


def test_worker_asks_the_right_again(event: Event, job: Job) -> None:
    Event.objects.update(is_cancelled=True)
    run_owed(job.pk)
    job.refresh_from_db()
    assert job.state == "failed"
    assert invited(event) == []


@pytest.mark.parametrize("count", [1, 5])
def test_preview_costs_the_same_for_any_number(
    client: Client, methodist: User, event: Event, count: int, django_assert_num_queries: Callable[..., Any]
) -> None:
    for _ in range(count):
        person = UserFactory(organization=methodist.organization)
        CommunityFactory(members=[person], organization=methodist.organization)
    client.force_login(methodist)
    client.get(page(event))
    with django_assert_num_queries(15):
        client.get(page(event), {"group": f"organization-{methodist.organization_id}"})
