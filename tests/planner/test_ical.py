"""Events and time limits as other programs read them: parsed back by the same library they would use."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from django.utils import timezone

from cabinet.core.limits import Limit
from cabinet.planner.models import Event
from cabinet.planner.services.ical import event_calendar, feed_calendar
from tests.planner.events import EventFactory

pytestmark = pytest.mark.django_db
HERE = ZoneInfo("Asia/Yekaterinburg")
DAY = date(2027, 3, 12)


def parsed(body: bytes) -> list[Any]:
    return list(icalendar.Calendar.from_ical(body).walk("VEVENT"))


def one(**fields: Any) -> Any:
    return parsed(event_calendar(EventFactory(on=DAY, **fields)))[0]


def test_hours_are_the_regions_and_the_zone_is_told() -> None:
    body = event_calendar(EventFactory(on=DAY, starts_at=time(14), ends_at=time(15, 30)))
    calendar = icalendar.Calendar.from_ical(body)
    row = calendar.walk("VEVENT")[0]
    assert row["DTSTART"].params["TZID"] == "Asia/Yekaterinburg"
    assert row.decoded("DTSTART") == datetime(2027, 3, 12, 14, tzinfo=HERE)
    assert row.decoded("DTEND") == datetime(2027, 3, 12, 15, 30, tzinfo=HERE)
    zone = calendar.walk("VTIMEZONE")[0]
    assert zone["TZID"] == "Asia/Yekaterinburg"
    assert [part.decoded("TZOFFSETTO") for part in zone.walk("STANDARD")] == [timedelta(hours=5)]
    assert zone.walk("DAYLIGHT") == []
    assert calendar["VERSION"] == "2.0"
    assert calendar["PRODID"]


def test_without_hours_it_takes_the_whole_day_and_no_time() -> None:
    row = one()
    assert (row.decoded("DTSTART"), row.decoded("DTEND")) == (DAY, date(2027, 3, 13))
    assert row["TRANSP"] == "TRANSPARENT"


def test_an_hour_is_meant_and_midnight_is_crossed() -> None:
    row = one(starts_at=time(23, 30))
    assert row.decoded("DTEND") == datetime(2027, 3, 13, 0, 30, tzinfo=HERE)
    assert one(starts_at=time(0)).decoded("DTSTART") == datetime(2027, 3, 12, 0, tzinfo=HERE)


def test_an_edit_is_the_same_row_of_a_higher_version() -> None:
    event = EventFactory(on=DAY, title="Семинар")
    before = parsed(event_calendar(event))[0]
    Event.objects.filter(pk=event.pk).update(version=2, updated_at=timezone.now() + timedelta(hours=1))
    event.refresh_from_db()
    after = parsed(event_calendar(event))[0]
    assert before["UID"] == after["UID"]
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (1, 2)
    assert after.decoded("LAST-MODIFIED") - before.decoded("LAST-MODIFIED") >= timedelta(hours=1) - timedelta(seconds=1)
    assert after["STATUS"] == "CONFIRMED"


def test_a_cancelled_one_says_so_twice() -> None:
    row = one(title="Семинар", is_cancelled=True)
    assert (row["STATUS"], row["SUMMARY"]) == ("CANCELLED", "Отменено: Семинар")


def test_text_of_people_stays_text() -> None:
    title = "Семинар; «а, б»\\ <b>жирный</b> {ссылка}"
    row = one(title=title, text="Раз\nEND:VEVENT\nBEGIN:VEVENT\nSUMMARY:чужое", place="Каб. 5, 2 этаж; вход")
    assert row["SUMMARY"] == title
    assert row["LOCATION"] == "Каб. 5, 2 этаж; вход"
    assert "END:VEVENT\nBEGIN:VEVENT\nSUMMARY:чужое" in row["DESCRIPTION"]
    event = EventFactory(on=DAY, title="Раз\r\nEND:VCALENDAR")
    assert len(parsed(event_calendar(event))) == 1


def test_lines_are_short_and_address_leads_to_the_cabinet(settings: Any) -> None:
    settings.SITE_URL = "https://kabinet.example.org"
    event = EventFactory(on=DAY, title="Оценивание " * 20, link="https://example.org/vstrecha")
    body = event_calendar(event)
    assert max(len(line) for line in body.split(b"\r\n")) <= 75
    row = parsed(body)[0]
    assert row["URL"] == f"https://kabinet.example.org/calendar/events/{event.pk}/"
    assert "https://example.org/vstrecha" in row["DESCRIPTION"]


def test_limits_name_nobody() -> None:
    limit = Limit(DAY, "3 чек-листа", "Петрова Анна", "/motor/?turn=review", "review", False, True, 3)
    body = feed_calendar([], [limit])
    row = parsed(body)[0]
    assert row["SUMMARY"] == "Срок: 3 чек-листа"
    assert (row.decoded("DTSTART"), row.decoded("DTEND")) == (DAY, date(2027, 3, 13))
    assert row["UID"] == "limit-review-20270312@cabinet-metodista"
    assert "Петрова" not in body.decode()
    assert icalendar.Calendar.from_ical(body)["X-WR-CALNAME"] == "Кабинет методиста"


def test_an_empty_feed_is_a_calendar() -> None:
    assert parsed(feed_calendar([], [])) == []
