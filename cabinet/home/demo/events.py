"""Methodical events of the demo: one of the region held, where experience was presented, and one to come."""

from datetime import date, time, timedelta
from typing import Any

from cabinet.core.clock import next_working_day, today
from cabinet.home.demo.cast import ADMIN, MUNICIPAL, REGIONAL
from cabinet.home.demo.moment import at, on_day, recent_working_day
from cabinet.home.demo.settling import Region
from cabinet.planner.models import Event
from cabinet.planner.services.events import plan_event
from cabinet.users.models import User
from motor.models import Presentation
from motor.services import experience
from rma.services.events import offer_for_events

PRESENTERS = 2


def make_events(region: Region) -> None:
    admin = region.user(ADMIN)
    held = recent_working_day(4)
    with at(on_day(recent_working_day(12), 11)):
        event = _plan(admin, Event.Kind.SEMINAR, "Что сработало после курсов: опыт школ", held, place="онлайн")
        event.leaders.add(region.user(REGIONAL))
        _fill(event, admin)
    with at(on_day(held, 17)):
        rows = Presentation.objects.filter(event=event).values_list("pk", flat=True)
        experience.mark(event, list(rows), Presentation.Status.PRESENTED, user=admin)
    offer_for_events(today())
    specialist = region.user(MUNICIPAL)
    coming = next_working_day(today() + timedelta(days=9))
    place = region.municipality_of(MUNICIPAL)
    with at(on_day(recent_working_day(2), 12)):
        title = "Методический день: листы самооценки на уроке"
        _plan(specialist, Event.Kind.WORKSHOP, title, coming, scope="municipality", municipality_id=place.pk)


def _plan(author: User, kind: str, title: str, on: date, **fields: Any) -> Event:
    values = {"place": "", "link": "", "text": "", "scope": "region", "organization_id": None, "municipality_id": None}
    times = {"starts_at": time(14, 0), "ends_at": time(16, 0)}
    return plan_event(author, values | times | {"kind": kind, "title": title, "on": on} | fields)


def _fill(event: Event, admin: User) -> None:
    """The first of the pool present what was recorded of them."""
    pool = experience.placeable_by(admin).order_by("case")[:PRESENTERS]
    experience.place(event, {record.case_id: "" for record in pool}, user=admin)
