"""The calendar for other programs: the page of its address, what is read there, and one event as a file."""

from datetime import timedelta
from typing import Any

import icalendar
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from cabinet.core.clock import today
from cabinet.core.links import HideLinks, make_link, new_public_id
from cabinet.planner.models import CalendarFeed, Event, Participation
from cabinet.planner.services.feed import create_feed, mark_read, renew_feed, revoke_feed
from cabinet.structure.models import Organization
from cabinet.users.models import LogEntry, Membership, Role, User
from motor.models import Status
from tests.factories import CaseFactory, OrganizationFactory, TaskFactory, UserFactory, person_with
from tests.planner.events import EventFactory
from tests.planner.feeds import ComingFactory, FeedFactory

pytestmark = pytest.mark.django_db
PAGE = "/calendar/feed/"


@pytest.fixture
def school() -> Organization:
    return OrganizationFactory()


@pytest.fixture
def methodist(school: Organization) -> User:
    return person_with(Role.METHODIST, school)


def address(feed: CalendarFeed) -> str:
    return reverse("home:feed_ics", args=[feed.link])


def read(client: Client, feed: CalendarFeed) -> list[Any]:
    answer = client.get(address(feed))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    return list(icalendar.Calendar.from_ical(answer.content).walk("VEVENT"))


def summaries(client: Client, feed: CalendarFeed) -> list[str]:
    return [str(row["SUMMARY"]).replace("\u00a0", " ") for row in read(client, feed)]


# --- What is in it ----------------------------------------------------------------------------------------------


def test_events_that_concern_the_person(client: Client, methodist: User, school: Organization) -> None:
    for title, fields in {
        "край": {},
        "школа": {"organization": school},
        "муниципалитет": {"municipality": school.municipality},
        "личное": {"scope": "personal", "author": methodist},
        "веду": {"organization": OrganizationFactory(), "leaders": [methodist]},
        "чужая школа": {"organization": OrganizationFactory()},
        "чужое личное": {"scope": "personal"},
        "давно": {"on": today() - timedelta(days=31)},
        "через год": {"on": today() + timedelta(days=366)},
    }.items():
        EventFactory(title=title, **fields)
    ComingFactory(event=EventFactory(title="отказался"), person=methodist, state=Participation.State.DECLINED)
    ComingFactory(event=EventFactory(title="приду", scope="personal"), person=methodist)
    EventFactory(title="отменено", is_cancelled=True)
    feed = FeedFactory(person=methodist)
    found = {str(row["SUMMARY"]): row for row in read(client, feed)}
    told = ["край", "школа", "муниципалитет", "личное", "веду", "приду", "Отменено: отменено"]
    assert sorted(found) == sorted(told)
    assert "Вы придёте" not in found["край"]["DESCRIPTION"]
    assert "Вы придёте" in found["приду"]["DESCRIPTION"]
    assert found["Отменено: отменено"]["STATUS"] == "CANCELLED"


def test_an_admin_reads_what_concerns_him_and_not_the_region(client: Client) -> None:
    admin = person_with(Role.ADMIN)
    EventFactory(title="школа", organization=OrganizationFactory())
    EventFactory(title="край")
    CaseFactory(status=Status.SCHOOL_REVIEW)
    assert summaries(client, FeedFactory(person=admin)) == ["край"]


def test_own_time_limits_without_names(client: Client, methodist: User, school: Organization) -> None:
    on = today() + timedelta(days=3)
    for name in ("Секретова", "Тайная"):
        person = UserFactory(last_name=name, organization=school)
        CaseFactory(completion__person=person, responsible=methodist, status=Status.SCHOOL_REVIEW, due_on=on)
    TaskFactory(assignee=methodist, title="Позвонить Секретовой", due_on=on)
    TaskFactory(assignee=UserFactory(organization=school), organization=school, title="Чужая задача", due_on=on)
    feed = FeedFactory(person=methodist)
    rows = read(client, feed)
    told = [(str(row["SUMMARY"]).replace("\u00a0", " "), row.decoded("DTSTART"), row.decoded("DTEND")) for row in rows]
    assert told == [
        ("Срок: 2 чек-листа", on, on + timedelta(days=1)),
        ("Срок: Задача", on, on + timedelta(days=1)),
    ]
    body = client.get(address(feed)).content.decode().replace("\r\n ", "")
    assert "Секрет" not in body
    assert "Тайн" not in body
    assert "Чужая" not in body
    assert body.count("BEGIN:VTIMEZONE") == 1


def test_rights_are_asked_anew_at_every_reading(client: Client, methodist: User, school: Organization) -> None:
    EventFactory(title="школа", organization=school)
    CaseFactory(organization=school, responsible=methodist, status=Status.SCHOOL_REVIEW)
    feed = FeedFactory(person=methodist)
    assert summaries(client, feed) == ["школа", "Срок: Чек-лист"]
    Membership.objects.filter(user=methodist).update(ends_on=today() - timedelta(days=1))
    User.objects.filter(pk=methodist.pk).update(organization=OrganizationFactory())
    assert summaries(client, feed) == []


def test_queries_do_not_grow(
    client: Client, methodist: User, school: Organization, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    feed = FeedFactory(person=methodist, read_at=timezone.now())

    def fill() -> None:
        EventFactory(organization=school)
        ComingFactory(person=methodist)
        TaskFactory(assignee=methodist, due_on=today())
        CaseFactory(organization=school, responsible=methodist, status=Status.SCHOOL_REVIEW)

    fill()
    client.get(address(feed))
    for _ in range(2):
        with django_assert_num_queries(9):
            assert client.get(address(feed)).status_code == 200
        for _ in range(4):
            fill()


# --- Who reads it -----------------------------------------------------------------------------------------------


def test_wrong_former_and_revoked_look_the_same(client: Client, methodist: User) -> None:
    feed = FeedFactory(person=methodist)
    former, gone = address(feed), FeedFactory(is_revoked=True)
    assert client.get(former).status_code == 200
    assert renew_feed(methodist, 1)
    feed.refresh_from_db()
    inactive = FeedFactory(person=UserFactory(is_active=False))
    links = [make_link(new_public_id(), 1), "nothing", "a" * 44, make_link(feed.public_id, 3)]
    addresses = [former, address(gone), address(inactive), *(reverse("home:feed_ics", args=[one]) for one in links)]
    bodies = set()
    for one in addresses:
        answer = client.get(one)
        assert answer.status_code == 404, one
        bodies.add(answer.content)
        assert answer["Cache-Control"] == "private, no-store"
    assert len(bodies) == 1
    assert client.get(address(feed)).status_code == 200


def test_it_is_read_only_without_a_login_and_kept_by_nobody(client: Client) -> None:
    feed = FeedFactory()
    answer = client.get(address(feed))
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["X-Robots-Tag"] == "noindex"
    assert "Set-Cookie" not in answer
    assert client.head(address(feed)).status_code == 200
    for send in (client.post, client.put, client.delete, client.options):
        assert send(address(feed)).status_code == 405


def test_log_of_refusals_does_not_tell_the_address(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    feed = FeedFactory(is_revoked=True)
    with caplog.filtering(HideLinks()):
        client.get(address(feed))
    told = " ".join(caplog.messages)
    assert feed.link[:6] in told
    assert feed.link not in told


def test_reading_is_written_down_once_an_hour() -> None:
    feed = FeedFactory()
    assert mark_read(feed)
    assert not mark_read(feed)
    CalendarFeed.objects.update(read_at=timezone.now() - timedelta(minutes=61))
    assert mark_read(feed)
    feed.refresh_from_db()
    assert feed.read_at is not None
    assert feed.read_at > timezone.now() - timedelta(minutes=1)


# --- The page ---------------------------------------------------------------------------------------------------


def test_address_is_made_replaced_and_taken_back(client: Client, methodist: User) -> None:
    client.force_login(methodist)
    assert "Адреса пока нет" in client.get(PAGE).content.decode()
    assert client.get("/calendar/feed/renew/")["Location"] == PAGE
    for _ in range(2):
        assert client.post("/calendar/feed/create/")["Location"] == PAGE
    feed = CalendarFeed.objects.get(person=methodist)
    page = client.get(PAGE)
    assert address(feed) in page.content.decode()
    assert page["Cache-Control"] == "private, no-store"
    first = address(feed)

    assert "Прежний адрес сразу перестанет работать" in client.get("/calendar/feed/renew/").content.decode()
    assert client.get(first).status_code == 200  # asking changes nothing
    client.post("/calendar/feed/renew/")
    feed.refresh_from_db()
    second = address(feed)
    assert second != first
    assert (client.get(first).status_code, client.get(second).status_code) == (404, 200)

    assert client.get("/calendar/feed/revoke/").status_code == 200
    assert client.get(second).status_code == 200
    for _ in range(2):
        assert client.post("/calendar/feed/revoke/")["Location"] == PAGE
    assert client.get(second).status_code == 404
    assert "Адреса пока нет" in client.get(PAGE).content.decode()

    client.post("/calendar/feed/create/")
    feed.refresh_from_db()
    assert address(feed) not in (first, second)
    notes = list(LogEntry.objects.filter(person=methodist).order_by("pk").values_list("action", "note"))
    assert [note.rpartition(" ")[2] for _, note in notes] == ["программ", "заменён", "отозван", "программ"]
    assert {action for action, _ in notes} == {"rights"}


def test_double_clicks_replace_once(methodist: User) -> None:
    assert create_feed(methodist)
    assert not create_feed(methodist)
    assert renew_feed(methodist, 1)
    assert not renew_feed(methodist, 1)
    assert CalendarFeed.objects.get(person=methodist).version == 2
    assert revoke_feed(methodist)
    assert not revoke_feed(methodist)
    assert not renew_feed(methodist, 2)


def test_one_sees_only_his_own_address(client: Client, methodist: User) -> None:
    feed = FeedFactory(person=methodist)
    other = person_with(Role.ADMIN)
    client.force_login(other)
    assert feed.link not in client.get(PAGE).content.decode()
    client.post("/calendar/feed/revoke/")
    client.post("/calendar/feed/renew/")
    feed.refresh_from_db()
    assert (feed.is_revoked, feed.version) == (False, 1)
    client.logout()
    for one in (PAGE, "/calendar/feed/create/", "/calendar/feed/renew/", "/calendar/feed/revoke/"):
        assert client.post(one).status_code == 302
    assert CalendarFeed.objects.count() == 1


def test_wrong_methods(client: Client, methodist: User) -> None:
    client.force_login(methodist)
    assert client.post(PAGE).status_code == 405
    assert client.get("/calendar/feed/create/").status_code == 405
    assert client.put("/calendar/feed/renew/").status_code == 405
    assert client.delete("/calendar/feed/revoke/").status_code == 405


# --- One event --------------------------------------------------------------------------------------------------


def test_event_as_a_file(client: Client, methodist: User, school: Organization) -> None:
    event = EventFactory(title="Семинар «Критерии»", organization=school)
    where = reverse("home:event_ics", args=[event.pk])
    assert client.get(where).status_code == 302
    client.force_login(methodist)
    answer = client.get(where)
    assert answer["Content-Disposition"] == f'attachment; filename="event-{event.pk}.ics"'
    [row] = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    assert (row["SUMMARY"], row["UID"]) == ("Семинар «Критерии»", f"event-{event.pk}@cabinet-metodista")
    assert client.post(where).status_code == 405
    client.force_login(person_with(Role.METHODIST, OrganizationFactory()))
    assert client.get(where).status_code == 404
    client.force_login(person_with(Role.OBSERVER, organization=None))
    assert client.get(where).status_code == 404
    Event.objects.all().delete()
    client.force_login(methodist)
    assert client.get(where).status_code == 404
