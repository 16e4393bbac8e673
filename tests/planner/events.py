"""Methodical events and what is presented at them; a small true row of each."""

from datetime import timedelta
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from cabinet.core.clock import today
from cabinet.planner.models import Event
from cabinet.users.models import Role
from motor.models import Case, MunicipalRecord, Presentation, Status
from tests.factories import CaseFactory, MunicipalRecordFactory, person_with


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
