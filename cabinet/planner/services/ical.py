"""Events and time limits as calendar programs read them (RFC 5545)."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import icalendar
from django.conf import settings
from django.utils import timezone

from cabinet.core.limits import Limit
from cabinet.core.words import counted
from cabinet.planner.models import Event, Participation

PRODUCT = "-//Цифровой кабинет методиста//RU"
WHERE = "cabinet-metodista"  # the right side of identifiers: the site's address may change, they may not
USUAL = timedelta(hours=1)  # of an event that says only when it begins
TEXT = 2000  # characters of an event's text: the rest is in the cabinet
FIRST = datetime(2020, 1, 1)  # noqa: DTZ001 - the rule of a zone begins by its own clock
# What a participant himself is told of his part.
OWN_STATE: dict[str, str] = {
    Participation.State.INVITED: "вас пригласили",
    Participation.State.COMING: "вы придёте",
    Participation.State.DECLINED: "вы не придёте",
    Participation.State.WAITING: "вы в листе ожидания",
}


def event_calendar(event: Event) -> bytes:
    """One event as a file."""
    return _calendar("", [_event(event)])


def feed_calendar(events: Iterable[Event], limits: Iterable[Limit]) -> bytes:
    """A person's feed. An event may carry his own `state`; of time limits, neither names nor what they are about."""
    return _calendar("Кабинет методиста", [*map(_event, events), *map(_limit, limits)])


def _calendar(name: str, components: list[icalendar.Event]) -> bytes:
    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    if name:
        calendar.add("x-wr-calname", name)
        calendar.add("x-wr-timezone", settings.TIME_ZONE)
        calendar.add("refresh-interval", timedelta(hours=1), parameters={"value": "DURATION"})
        calendar.add("x-published-ttl", "PT1H")
    calendar.add_component(_zone())
    for one in components:
        calendar.add_component(one)
    return calendar.to_ical()


@lru_cache(maxsize=1)
def _zone() -> icalendar.Timezone:
    """The region's clock has not been moved since 2014. The library's own search for changes takes seconds."""
    offset = timezone.get_default_timezone().utcoffset(FIRST)
    standard = icalendar.TimezoneStandard()
    standard.add("dtstart", FIRST)
    standard.add("tzoffsetfrom", offset)
    standard.add("tzoffsetto", offset)
    zone = icalendar.Timezone()
    zone.add("tzid", settings.TIME_ZONE)
    zone.add_component(standard)
    return zone


def _event(event: Event) -> icalendar.Event:
    row = icalendar.Event()
    row.add("uid", f"event-{event.pk}@{WHERE}")
    row.add("sequence", event.version)
    row.add("dtstamp", event.updated_at)
    row.add("last-modified", event.updated_at)
    row.add("created", event.created_at)
    kind = event.get_kind_display()
    row.add("summary", f"Отменено: {event.title}" if event.is_cancelled else event.title)
    row.add("status", "CANCELLED" if event.is_cancelled else "CONFIRMED")
    row.add("categories", [kind])
    _when(row, event)
    if event.place:
        row.add("location", event.place)
    address = settings.SITE_URL + event.get_absolute_url()
    row.add("url", address)
    row.add("description", _told(event, kind, address))
    return row


def _when(row: icalendar.Event, event: Event) -> None:
    if event.starts_at is None:
        _all_day(row, event.on)
        return
    begin = _moment(event.on, event.starts_at)
    row.add("dtstart", begin)
    row.add("dtend", _moment(event.on, event.ends_at) if event.ends_at else begin + USUAL)


def _moment(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, tzinfo=timezone.get_default_timezone())


def _all_day(row: icalendar.Event, day: date) -> None:
    row.add("dtstart", day)
    row.add("dtend", day + timedelta(days=1))  # the first day after it
    row.add("transp", "TRANSPARENT")


def _told(event: Event, kind: str, address: str) -> str:
    state = OWN_STATE.get(getattr(event, "state", None) or "", "")
    level = f"{kind}, {event.get_scope_display()} уровень" if event.scope != Event.Scope.PERSONAL else "личное событие"
    said = [
        level[0].upper() + level[1:],
        state[:1].upper() + state[1:],
        event.text[:TEXT].strip(),
        f"Ссылка для участников: {event.link}" if event.link else "",
        f"В кабинете: {address}",
    ]
    return "\n".join(one for one in said if one)


def _limit(limit: Limit) -> icalendar.Event:
    """An all-day row that takes no time; its identifier is of the day and the kind, whatever their number."""
    row = icalendar.Event()
    row.add("uid", f"limit-{limit.kind}-{limit.day:%Y%m%d}@{WHERE}")
    row.add("dtstamp", datetime.combine(timezone.localdate(), time.min, tzinfo=timezone.get_default_timezone()))
    row.add("summary", f"Срок: {limit.title}")
    row.add("categories", ["срок"])
    _all_day(row, limit.day)
    address = settings.SITE_URL + limit.address
    row.add("url", address)
    left = "Срок прошёл. " if limit.is_overdue else ""
    what = counted(limit.many, "срок", "срока", "сроков")
    row.add("description", f"{left}{what} в этот день. Подробности — в кабинете: {address}")
    return row
