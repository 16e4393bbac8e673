"""Methodical events and what is presented at them; a small true row of each."""

from datetime import timedelta
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from cabinet.core.clock import today
from cabinet.planner.models import Event, EventSeries, Participation
from cabinet.structure.models import Community
from cabinet.users.models import CommunityMember, Role, User
from motor.models import Case, MunicipalRecord, Presentation, Status
from tests.factories import CaseFactory, MunicipalRecordFactory, UserFactory, person_with


class EventFactory(DjangoModelFactory):
    """Of the region; with `organization=` or `municipality=`, of these."""

    class Meta:
        model = Event
        skip_postgeneration_save = True

    kind = Event.Kind.SEMINAR
    title = factory.Sequence(lambda n: f"Оценивание на уроке, встреча {n}")
    on = factory.LazyFunction(lambda: today() + timedelta(days=10))
    organization = None
    municipality = None
    scope = factory.LazyAttribute(
        lambda one: "organization" if one.organization else "municipality" if one.municipality else "region"
    )
    author = factory.LazyFunction(lambda: person_with(Role.ADMIN))

    @factory.post_generation
    def leaders(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        if create and extracted:
            self.leaders.set(extracted)


class ParticipationFactory(DjangoModelFactory):
    """Somebody invited by the author and not heard of yet; with `state=` he has answered."""

    class Meta:
        model = Participation

    event = factory.SubFactory(EventFactory)
    person = factory.SubFactory(UserFactory)
    invited_by = factory.SelfAttribute("event.author")
    answered_at = factory.LazyAttribute(lambda one: None if one.state == "invited" else timezone.now())
    state = Participation.State.INVITED


class CommunityFactory(DjangoModelFactory):
    """Of the region; with `organization=` or `municipality=`, of these. `members=` and `heads=` belong to it."""

    class Meta:
        model = Community
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"МО учителей физики, {n}")

    @factory.post_generation
    def members(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        for person in extracted or ():
            CommunityMember.objects.create(community=self, person=person)

    @factory.post_generation
    def heads(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        for person in extracted or ():
            CommunityMember.objects.create(community=self, person=person, role=CommunityMember.Role.HEAD)


def series_of(author: User, days: list[Any], **fields: Any) -> list[Event]:
    """Events of one series on these days."""
    series = EventSeries.objects.create(every="week", until=days[-1], author=author)
    return [EventFactory(author=author, on=day, series=series, **fields) for day in days]


class PresentationFactory(DjangoModelFactory):
    class Meta:
        model = Presentation

    case = factory.LazyFunction(lambda: pooled().case)
    event = factory.SubFactory(EventFactory)
    title = "Листы самооценки"
    author = factory.SelfAttribute("event.author")
    marked_by = factory.LazyAttribute(lambda one: None if one.status == "planned" else one.event.author)
    marked_at = factory.LazyAttribute(lambda one: None if one.status == "planned" else timezone.now())
    status = Presentation.Status.PLANNED


def pooled(**fields: Any) -> MunicipalRecord:
    """A record of the pool of a concluded case: `theme=`, `event_kinds=`; the rest is the case's."""
    own = {name: fields.pop(name) for name in ("theme", "event_kinds", "specialist") if name in fields}
    case = CaseFactory(**({"status": Status.FOLLOW_UP} | fields))
    values = {"in_pool": True, "theme": "Листы самооценки", "event_kinds": ["seminar", "mo"]} | own
    record = MunicipalRecord.objects.filter(case=case).first()
    if record is None:
        return MunicipalRecordFactory(case=Case.objects.get(pk=case.pk), **values)
    MunicipalRecord.objects.filter(pk=record.pk).update(**values)
    return MunicipalRecord.objects.get(pk=record.pk)
