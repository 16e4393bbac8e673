"""Answers to invitations and registration: seats, the waiting list, who may and until when."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.mail.models import Letter
from cabinet.planner.models import Event, Participation
from cabinet.planner.services import registration
from cabinet.users.models import LogEntry, Role, User
from tests.factories import OrganizationFactory, UserFactory, person_with
from tests.planner.events import EventFactory, ParticipationFactory

pytestmark = pytest.mark.django_db
YESTERDAY = timedelta(days=-1)


def states(event: Event) -> dict[int, str]:
    return dict(Participation.objects.filter(event=event).values_list("person", "state"))


def open_event(**fields: Any) -> Event:
    event: Event = EventFactory(**{"has_registration": True} | fields)
    return event


# --- Who sees whom -------------------------------------------------------------------------------------------------


def test_guests_do_not_see_one_another() -> None:
    leader = person_with(Role.REGIONAL)
    event, own = EventFactory(leaders=[leader]), EventFactory(scope="personal", author=person_with("teacher"))
    guest, other = person_with("teacher"), person_with("teacher")
    first, second = (ParticipationFactory(event=event, person=one) for one in (guest, other))
    third = ParticipationFactory(event=own, person=guest)

    def seen(user: Any) -> list[Participation]:
        return list(Participation.objects.visible_to(user).order_by("pk"))

    assert seen(guest) == [first, third]
    assert seen(other) == [second]
    assert seen(leader) == [first, second]
    assert seen(own.author) == [third]
    assert seen(person_with(Role.ADMIN)) == [first, second]
    assert seen(person_with(Role.HEAD, guest.organization)) == []
    assert seen(AnonymousUser()) == []


# --- Seats ---------------------------------------------------------------------------------------------------------


def test_last_seat_and_the_waiting_list() -> None:
    event = open_event(seats=1)
    first, second, third = UserFactory(), UserFactory(), UserFactory()
    assert registration.come(event, first) == "coming"
    assert registration.come(event, first) == "coming"
    assert [registration.come(event, one) for one in (second, third)] == ["waiting", "waiting"]
    assert registration.decline(event, first)
    assert not registration.decline(event, first)
    assert states(event) == {first.pk: "declined", second.pk: "coming", third.pk: "waiting"}
    assert list(Letter.objects.values_list("kind", "to")) == [("event.moved_up", second.pk)]
    # Whoever comes back stands at the end.
    assert registration.come(event, first) == "waiting"
    assert registration.decline(event, second)
    assert states(event)[third.pk] == "coming"


def test_each_time_in_the_waiting_list_has_a_letter_of_its_own() -> None:
    event, person = open_event(seats=1), UserFactory()
    for _ in range(2):
        other = UserFactory()
        registration.come(event, other)
        registration.come(event, person)
        Participation.objects.filter(person=person).update(answered_at=timezone.now() - timedelta(minutes=_ + 1))
        registration.decline(event, other)
        assert states(event)[person.pk] == "coming"
        registration.decline(event, person)
    assert Letter.objects.filter(kind="event.moved_up", to=person).count() == 2


def test_second_card_closed_by_a_merge_takes_no_seat() -> None:
    event, keep = open_event(seats=1), UserFactory()
    closed = UserFactory(is_active=False, merged_into=keep)
    ParticipationFactory(event=event, person=closed, state="coming")
    assert registration.come(event, keep) == "coming"


@pytest.mark.django_db(transaction=True)
def test_two_at_once_do_not_share_the_last_seat() -> None:
    event, people, start = open_event(seats=1), [UserFactory(), UserFactory()], Barrier(2)

    def press(person: User) -> None:
        start.wait()
        registration.come(event, person)
        connection.close()

    threads = [Thread(target=press, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(states(event).values()) == ["coming", "waiting"]


# --- Until when ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "closed",
    [
        {"has_registration": False},
        {"registers_until": today() + YESTERDAY},
        {"is_cancelled": True},
        {"on": today() + YESTERDAY},
        {"on": today(), "starts_at": "00:00"},
    ],
)
def test_nobody_registers_when_it_is_closed(closed: dict[str, Any]) -> None:
    event = Event.objects.get(pk=open_event(**closed).pk)
    assert registration.come(event, UserFactory()) is None
    assert states(event) == {}


def test_invited_answers_after_registration_has_closed() -> None:
    event = open_event(registers_until=today() + YESTERDAY)
    row = ParticipationFactory(event=event)
    assert registration.decline(event, row.person)
    assert registration.come(event, row.person) == "coming"


def test_own_registration_given_up_late_is_not_taken_back() -> None:
    event, person = open_event(), UserFactory()
    registration.come(event, person)
    Event.objects.update(registers_until=today() + YESTERDAY)
    assert registration.decline(event, person)
    assert registration.come(event, person) is None


def test_after_the_beginning_an_answer_stands() -> None:
    row = ParticipationFactory(event__on=today() + YESTERDAY, state="coming")
    assert not registration.decline(row.event, row.person)


# --- The organizer -------------------------------------------------------------------------------------------------


def test_organizer_writes_down_and_takes_out() -> None:
    event, first, second = open_event(seats=1), UserFactory(), UserFactory()
    assert registration.put_in(event, first, actor=event.author) == "coming"
    assert registration.put_in(event, second, actor=event.author) == "waiting"
    assert registration.take_out(event, first, actor=event.author)
    assert not registration.take_out(event, first, actor=event.author)
    assert states(event) == {second.pk: "coming"}
    assert LogEntry.objects.filter(person=first, about_id=event.pk).count() == 2


def test_whoever_was_there_is_not_taken_out() -> None:
    row = ParticipationFactory(state="coming", attended=True)
    assert not registration.take_out(row.event, row.person, actor=row.event.author)


# --- Pages ---------------------------------------------------------------------------------------------------------


def answer(client: Client, event: Event, said: str = "yes") -> Any:
    return client.post(reverse("planner:event_answer", args=[event.pk]), {"answer": said})


def test_invitation_is_answered_and_changed(client: Client) -> None:
    row = ParticipationFactory(person=person_with("teacher"))
    client.force_login(row.person)
    assert "Вы придёте?" in client.get(row.event.get_absolute_url()).content.decode()
    assert answer(client, row.event)["Location"] == row.event.get_absolute_url()
    assert client.get(row.event.get_absolute_url()).context["first"].code == "coming"
    answer(client, row.event, "no")
    assert states(row.event) == {row.person_id: "declined"}
    assert client.get(row.event.get_absolute_url()).context["first"].may_come


def test_registration_on_the_page(client: Client) -> None:
    school = OrganizationFactory()
    event = open_event(organization=school, seats=1)
    teacher, late = person_with("teacher", organization=school), person_with("teacher", organization=school)
    client.force_login(teacher)
    assert "Свободно: 1\xa0место из 1" in client.get(event.get_absolute_url()).content.decode()
    answer(client, event)
    client.force_login(late)
    assert client.get(event.get_absolute_url()).context["first"].code == "sign_up_to_wait"
    answer(client, event)
    page = client.get(event.get_absolute_url())
    assert "Вы в листе ожидания, 1-й по очереди" in page.content.decode()
    assert teacher.last_name not in page.content.decode()
    assert "Придут: 1\xa0человек" in page.content.decode()


def test_stranger_and_visitor_and_get(client: Client) -> None:
    event = open_event(organization=OrganizationFactory())
    assert answer(client, event)["Location"].startswith("/accounts/login/")
    client.force_login(person_with("teacher"))
    assert answer(client, event).status_code == 404
    assert client.get(reverse("planner:event_answer", args=[event.pk])).status_code == 405
    assert states(event) == {}


def test_guest_list_is_the_organizer_s(client: Client) -> None:
    school = OrganizationFactory()
    methodist = person_with(Role.METHODIST, school)
    event = open_event(author=methodist, organization=school)
    guest = ParticipationFactory(event=event, person=person_with("teacher", organization=school), state="coming")
    names = ("event_guests", "event_sheet", "event_sheet_excel", "event_invite", "event_attendance")
    for user in (guest.person, person_with(Role.HEAD, school), person_with(Role.METHODIST, OrganizationFactory())):
        client.force_login(user)
        for name in names:
            assert client.get(reverse(f"planner:{name}", args=[event.pk])).status_code == 404
        assert client.post(reverse("planner:event_guest", args=[event.pk]), {"out": guest.person_id}).status_code == 404
    leader = person_with(Role.REGIONAL)
    event.leaders.add(leader)
    for user in (methodist, leader, person_with(Role.ADMIN)):
        client.force_login(user)
        for name in names:
            assert client.get(reverse(f"planner:{name}", args=[event.pk])).status_code == 200
    assert LogEntry.objects.filter(action="exported", actor=leader).count() == 1


def test_organizer_changes_the_list(client: Client) -> None:
    school = OrganizationFactory()
    methodist = person_with(Role.METHODIST, school)
    event = open_event(author=methodist, organization=school)
    near = UserFactory(organization=school, last_name="Гилёва <b>")
    far = UserFactory(last_name="Гилёва")
    client.force_login(methodist)
    page = reverse("planner:event_guests", args=[event.pk])
    assert client.get(page, {"who": "гилев"}).context["found"] == [near]
    change = reverse("planner:event_guest", args=[event.pk])
    assert client.post(change, {"add": far.pk}).status_code == 404
    assert client.post(change, {"add": "все"}).status_code == 404
    for _ in range(2):
        assert client.post(change, {"add": near.pk})["Location"] == page
    assert states(event) == {near.pk: "coming"}
    assert "Гилёва &lt;b&gt;" in client.get(page).content.decode()
    assert client.get(page, {"state": "declined"}).context["page"].object_list.count() == 0
    assert client.post(change, {"out": far.pk}).status_code == 404
    assert client.post(change, {"out": near.pk})["Location"] == page
    assert states(event) == {}


@pytest.mark.parametrize("state", list(Participation.State))
def test_guest_taken_off_by_mistake_is_put_back(client: Client, state: str) -> None:
    event = open_event()
    guest = ParticipationFactory(event=event, state=state).person
    client.force_login(event.author)
    change, guests = (reverse(f"planner:{name}", args=[event.pk]) for name in ("event_guest", "event_guests"))
    stranger = ParticipationFactory(event=open_event()).person
    client.post(change, {"out": guest.pk})
    assert "больше не в списке участников" in client.get(guests).content.decode()
    client.post(change, {"back": stranger.pk})
    assert not event.participations.exists()
    for _ in range(2):
        client.post(change, {"back": guest.pk})
    row = event.participations.get()
    expected = "coming" if state == "waiting" else state  # a seat is free
    assert (row.person, row.state) == (guest, expected)
    assert "больше не в списке" not in client.get(guests).content.decode()


@pytest.mark.parametrize("count", [1, 5])
def test_pages_cost_the_same_for_any_number(
    client: Client, count: int, django_assert_num_queries: Callable[..., Any]
) -> None:
    methodist = person_with(Role.METHODIST, OrganizationFactory())
    event = open_event(author=methodist, organization=methodist.organization)
    for _ in range(count):
        ParticipationFactory(event=event, state="coming")
    client.force_login(methodist)
    client.get(reverse("planner:event_guests", args=[event.pk]))
    for name, queries in (("event_guests", 7), ("event_sheet", 6), ("event", 13)):
        with django_assert_num_queries(queries):
            client.get(reverse(f"planner:{name}", args=[event.pk]))
