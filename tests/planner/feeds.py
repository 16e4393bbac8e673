"""Participations and feeds of the calendar; a small true row of each."""

import factory
from factory.django import DjangoModelFactory

from cabinet.planner.models import CalendarFeed, Participation
from tests.factories import UserFactory
from tests.planner.events import EventFactory


class FeedFactory(DjangoModelFactory):
    class Meta:
        model = CalendarFeed

    person = factory.SubFactory(UserFactory)


class ComingFactory(DjangoModelFactory):
    """Somebody who comes to an event."""

    class Meta:
        model = Participation

    event = factory.SubFactory(EventFactory)
    person = factory.SubFactory(UserFactory)
    state = Participation.State.COMING
