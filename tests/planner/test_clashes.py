"""At which events a person should be at the same hours."""

from datetime import date, time, timedelta

import pytest

from cabinet.core.clock import today
from cabinet.planner.models import Event, Participation
from cabinet.planner.services.clashes import clashes_for, overlapping
from cabinet.users.models import Role, User
from tests.factories import UserFactory, person_with
from tests.planner.events import EventFactory
from tests.planner.feeds import ComingFactory

pytestmark = pytest.mark.django_db
State = Participation.State


@pytest.fixture
def person() -> User:
    return person_with(Role.METHODIST, UserFactory().organization)


def on(day: int = 5) -> date:
    return today() + timedelta(days=day)


def event(begin: str = "", end: str = "", **fields: object) -> Event:
    hours = {"starts_at": time.fromisoformat(begin) if begin else None}
    hours["ends_at"] = time.fromisoformat(end) if end else None
    return EventFactory(on=on(), **hours, **fields)


def test_hours_meet_and_touching_ones_do_not(person: User) -> None:
    led = event("14:00", "15:30", leaders=[person])
    for begin, end, found in [
        ("13:00", "14:00", []),
        ("15:30", "16:00", []),
        ("15:29", "16:00", [led]),
        ("13:00", "14:01", [led]),
        ("14:10", "14:20", [led]),
        ("12:00", "18:00", [led]),
    ]:
        asked = clashes_for(person, on(), time.fromisoformat(begin), time.fromisoformat(end))
        assert asked == found, (begin, end)
    assert clashes_for(person, on(6), time(14), time(15)) == []


def test_without_an_end_an_hour_is_meant_and_without_hours_the_day(person: User) -> None:
    led = event("23:30", leaders=[person])
    assert clashes_for(person, on(), time(23, 59), None) == [led]
    assert clashes_for(person, on(), time(22, 29), None) == []
    assert clashes_for(person, on(), time(22, 31), None) == [led]
    assert clashes_for(person, on(), None, None) == [led]
    whole = event(leaders=[person])
    assert clashes_for(person, on(), time(0), time(0, 1)) == [whole]
    assert clashes_for(person, on(), time(23, 59), None, besides=led) == [whole]


def test_a_publication_without_hours_is_no_place_to_be(person: User) -> None:
    event(leaders=[person], kind=Event.Kind.PUBLICATION)
    assert clashes_for(person, on(), time(14), time(15)) == []


def test_only_events_one_should_be_at(person: User) -> None:
    other = person_with(Role.ADMIN)
    own = event("14:00", "15:00", author=person)
    event("14:00", "15:00", author=person, leaders=[other])  # typed in for a colleague who runs it
    event("14:00", "15:00")  # of the region, nobody asked him
    event("14:00", "15:00", leaders=[person], is_cancelled=True)
    found = [own]
    for state in State:
        row = ComingFactory(event=event("14:00", "15:00"), person=person, state=state)
        found += [row.event] if state in (State.INVITED, State.COMING) else []
    assert clashes_for(person, on(), time(14, 30), None) == found
    assert clashes_for(other, on(), time(14, 30), None) != found


def test_an_event_led_and_attended_is_there_once(person: User) -> None:
    led = event("14:00", "15:00", leaders=[person, person_with(Role.ADMIN)], author=person)
    ComingFactory(event=led, person=person)
    assert clashes_for(person, on(), time(14), None) == [led]


def test_pairs_of_a_day(person: User) -> None:
    first, second, third = event("10:00", "12:00"), event("11:00", "13:00"), event("13:00", "14:00")
    assert overlapping([first, second, third]) == {on(): [(first, second)]}
    assert overlapping([first, third]) == {}
