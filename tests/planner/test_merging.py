"""Two cards of one person at one event: nothing he said is lost, nothing is said twice."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cabinet.mail.models import Letter
from cabinet.planner.models import Participation
from cabinet.planner.services.merging import join_participations
from cabinet.users.models import User
from tests.factories import UserFactory
from tests.planner.events import EventFactory, ParticipationFactory
from tests.planner.tasks import given

pytestmark = pytest.mark.django_db


@pytest.fixture
def two() -> tuple[User, User]:
    return UserFactory(), UserFactory()


@pytest.mark.parametrize(
    ("own", "other", "left"),
    [
        ("declined", "coming", "coming"),
        ("invited", "waiting", "waiting"),
        ("coming", "declined", "coming"),
        ("declined", "invited", "invited"),
    ],
)
def test_the_stronger_answer_stays(own: str, other: str, left: str, two: tuple[User, User]) -> None:
    keep, drop = two
    event = EventFactory(has_registration=True, seats=1)
    if left == "waiting":
        ParticipationFactory(event=event, state="coming")
    ParticipationFactory(event=event, person=keep, state=own)
    ParticipationFactory(event=event, person=drop, state=other)
    assert join_participations(keep, drop) == 1
    assert list(event.participations.filter(person__in=two).values_list("person", "state")) == [(keep.pk, left)]
    assert join_participations(keep, drop) == 0


def test_who_was_there_was_there_and_has_waited_since_the_first_answer(two: tuple[User, User]) -> None:
    keep, drop = two
    early, event = timezone.now() - timedelta(days=3), EventFactory()
    ParticipationFactory(event=event, person=keep, state="coming", attended=False, marked_by=event.author)
    ParticipationFactory(event=event, person=drop, state="coming", attended=True, marked_by=drop, answered_at=early)
    join_participations(keep, drop)
    row = Participation.objects.get(event=event)
    assert (row.attended, row.marked_by, row.answered_at) == (True, drop, early)


def test_the_second_seat_goes_to_the_one_waiting(two: tuple[User, User]) -> None:
    keep, drop = two
    event = EventFactory(has_registration=True, seats=2)
    for person in two:
        ParticipationFactory(event=event, person=person, state="coming")
    waiting = ParticipationFactory(event=event, state="waiting")
    join_participations(keep, drop)
    waiting.refresh_from_db()
    assert waiting.state == "coming"
    assert Letter.objects.filter(kind="event.moved_up", to=waiting.person).exists()


def test_events_of_one_card_only_are_left_as_they_are(two: tuple[User, User]) -> None:
    keep, drop = two
    rows = [ParticipationFactory(person=person, state="coming") for person in two]
    assert join_participations(keep, drop) == 0
    assert Participation.objects.filter(pk__in=[one.pk for one in rows]).count() == 2


def test_nobody_helps_himself(two: tuple[User, User]) -> None:
    keep, drop = two
    task, other = given(keep), given(drop)
    task.participants.set([keep])
    other.participants.set([keep])
    join_participations(keep, drop)
    assert list(task.participants.all()) == []
    assert list(other.participants.all()) == [keep]
