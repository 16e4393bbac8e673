"""Repeated events: on which days they are, what an edit or a cancellation does to the later ones."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.core.clock import today
from cabinet.mail.models import Letter
from cabinet.planner.models import Event, EventSeries
from cabinet.planner.services import events as services
from cabinet.planner.services.series import Repeats
from cabinet.users.models import Role, User
from tests.factories import CalendarDayFactory, OrganizationFactory, UserFactory, person_with
from tests.planner.events import EventFactory, ParticipationFactory, series_of

pytestmark = pytest.mark.django_db
NEW = "/calendar/events/new/"


def monday() -> date:
    day = today() + timedelta(days=14)
    return day - timedelta(days=day.weekday())


@pytest.fixture
def methodist() -> User:
    return person_with(Role.METHODIST, OrganizationFactory())


def typed(user: User, **values: Any) -> dict[str, Any]:
    return {
        "kind": "mo",
        "title": "Заседание МО",
        "audience": f"organization-{user.organization_id}",
        "on": monday().isoformat(),
        "starts_at": "14:00",
        "ends_at": "15:00",
    } | values


@pytest.mark.parametrize(
    ("every", "first", "until", "days"),
    [
        ("week", date(2027, 3, 1), date(2027, 3, 16), ["2027-03-01", "2027-03-08", "2027-03-15"]),
        ("two_weeks", date(2027, 3, 1), date(2027, 3, 29), ["2027-03-01", "2027-03-15", "2027-03-29"]),
        # The second Tuesday stays the second Tuesday.
        ("month", date(2027, 3, 9), date(2027, 6, 30), ["2027-03-09", "2027-04-13", "2027-05-11", "2027-06-08"]),
        # A fifth Monday becomes the last one where there are four.
        ("month", date(2027, 3, 29), date(2027, 5, 31), ["2027-03-29", "2027-04-26", "2027-05-31"]),
        ("month", date(2027, 12, 6), date(2028, 1, 31), ["2027-12-06", "2028-01-03"]),
    ],
)
def test_days_of_a_series(every: str, first: date, until: date, days: list[str]) -> None:
    assert [day.isoformat() for day in Repeats(every, until, skips_days_off=False).days(first)] == days


def test_days_off_are_passed_over_but_the_first() -> None:
    CalendarDayFactory(day=date(2027, 3, 8), is_working=False)
    assert Repeats("week", date(2027, 3, 15)).days(date(2027, 3, 1)) == [date(2027, 3, 1), date(2027, 3, 15)]
    assert Repeats("week", date(2027, 3, 15)).days(date(2027, 3, 8)) == [date(2027, 3, 8), date(2027, 3, 15)]


def test_series_is_made_whole_and_once(client: Client, methodist: User) -> None:
    client.force_login(methodist)
    data = typed(methodist, repeats="week", repeats_until=(monday() + timedelta(days=14)).isoformat())
    data |= {"has_registration": "on", "registers_until": (monday() - timedelta(days=2)).isoformat(), "seats": "5"}
    for _ in range(2):
        assert client.post(NEW, data).status_code == 302
    rows = list(Event.objects.order_by("on"))
    assert [one.on for one in rows] == [monday() + timedelta(days=7 * n) for n in range(3)]
    assert [one.registers_until for one in rows] == [one.on - timedelta(days=2) for one in rows]
    assert {one.series for one in rows} == {EventSeries.objects.get()}


@pytest.mark.parametrize(
    ("until", "text"),
    [
        ("", "по какой день повторять"),
        (timedelta(days=3), "не повторится"),
        (timedelta(days=7 * 80), "больше 60 встреч"),
        (timedelta(days=2000), "двух лет"),
        ("скоро", "ДД.ММ.ГГГГ"),
    ],
)
def test_series_refused(client: Client, methodist: User, until: Any, text: str) -> None:
    client.force_login(methodist)
    day = (monday() + until).isoformat() if isinstance(until, timedelta) else until
    refused = client.post(NEW, typed(methodist, repeats="week", repeats_until=day))
    assert refused.status_code == 422
    assert text in refused.content.decode()
    assert Event.objects.count() == 0


def test_day_of_repeats_without_their_step_is_asked_about(client: Client, methodist: User) -> None:
    client.force_login(methodist)
    refused = client.post(NEW, typed(methodist, repeats_until=(monday() + timedelta(days=14)).isoformat()))
    assert refused.status_code == 422
    assert "Выберите, как часто повторять" in refused.content.decode()
    assert '<details class="fold event-fold" open>' in refused.content.decode()
    assert Event.objects.count() == 0


@pytest.fixture
def rows(methodist: User) -> list[Event]:
    """Past, the one in hand, two later, and one of the later called off."""
    days = [today() - timedelta(days=7), *(monday() + timedelta(days=7 * n) for n in range(4))]
    made = series_of(methodist, days, organization=methodist.organization, title="Заседание МО", kind="mo")
    Event.objects.filter(pk=made[3].pk).update(is_cancelled=True)
    return made


def edit(client: Client, event: Event, **changed: Any) -> Any:
    data = typed(event.author, version=event.version, on=event.on.isoformat(), starts_at="", ends_at="") | changed
    return client.post(reverse("planner:event_edit", args=[event.pk]), data)


def told(event: Event) -> tuple[str, date]:
    event.refresh_from_db()
    return event.title, event.on


def test_edit_asks_which_and_touches_only_this(client: Client, methodist: User, rows: list[Event]) -> None:
    client.force_login(methodist)
    asked = edit(client, rows[1], title="Иначе")
    assert asked.status_code == 422
    assert "только это событие или и следующие" in asked.content.decode()
    assert edit(client, rows[1], title="Иначе", which="this").status_code == 302
    assert [told(one)[0] for one in rows] == ["Заседание МО", "Иначе", *["Заседание МО"] * 3]


def test_edit_of_the_following_moves_each_by_as_many_days(client: Client, methodist: User, rows: list[Event]) -> None:
    client.force_login(methodist)
    before = [one.on for one in rows]
    moved = rows[1].on + timedelta(days=1)
    assert edit(client, rows[1], title="Иначе", on=moved.isoformat(), which="following").status_code == 302
    day = timedelta(days=1)
    assert [told(one) for one in rows] == [
        ("Заседание МО", before[0]),
        ("Иначе", before[1] + day),
        ("Иначе", before[2] + day),
        ("Заседание МО", before[3]),  # called off: left as it was
        ("Иначе", before[4] + day),
    ]


def test_one_letter_for_all_that_moved(methodist: User, rows: list[Event]) -> None:
    guest, once = UserFactory(), UserFactory()
    for event in rows[1:]:
        ParticipationFactory(event=event, person=guest, state="coming")
    ParticipationFactory(event=rows[4], person=once, state="coming")
    values = {name: getattr(rows[1], name) for name in services.FIELDS} | {"place": "Библиотека"}
    assert services.change_event(rows[1], values, actor=methodist, version=1, with_following=True)
    letters = {letter.to: letter for letter in Letter.objects.filter(kind="event.changed")}
    assert set(letters) == {guest, once}
    assert letters[guest].body.count("— ") == 3
    assert letters[once].about == rows[4]


@pytest.mark.parametrize(("which", "left"), [("this", [0, 2, 4]), ("following", [0])])
def test_cancellation_asks_which(
    client: Client, methodist: User, rows: list[Event], which: str, left: list[int]
) -> None:
    client.force_login(methodist)
    address = reverse("planner:event_cancel", args=[rows[1].pk])
    assert client.post(address).status_code == 422
    assert not Event.objects.get(pk=rows[1].pk).is_cancelled
    assert client.post(address, {"which": which}).status_code == 302
    standing = Event.objects.filter(is_cancelled=False).order_by("on")
    assert list(standing) == [rows[number] for number in left]


def test_page_of_one_time_names_the_others(client: Client, methodist: User, rows: list[Event]) -> None:
    client.force_login(methodist)
    shown = client.get(rows[1].get_absolute_url())
    assert shown.context["siblings"] == [rows[2], rows[3], rows[4]]
    assert "каждую неделю" in shown.content.decode()
    assert (
        "приглашение — только на эту встречу"
        in client.get(reverse("planner:event_invite", args=[rows[1].pk])).content.decode()
    )


def test_single_event_asks_nothing(client: Client, methodist: User) -> None:
    event = EventFactory(author=methodist, organization=methodist.organization)
    client.force_login(methodist)
    assert "which" not in client.get(reverse("planner:event_edit", args=[event.pk])).context["form"].fields


def test_of_one_changed_meanwhile_it_is_said(
    client: Client, methodist: User, rows: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = services.following

    def quicker(event: Event) -> list[Event]:
        later = list(real(event))
        Event.objects.filter(pk=rows[2].pk).update(title="Другое", version=7)
        return later

    monkeypatch.setattr(services, "following", quicker)
    values = {name: getattr(rows[1], name) for name in services.FIELDS} | {"title": "Иначе"}
    done = services.change_event(rows[1], values, actor=methodist, version=1, with_following=True)
    assert done is not None
    assert done.skipped == 1
    assert [Event.objects.get(pk=one.pk).title for one in (rows[2], rows[4])] == ["Другое", "Иначе"]


def test_the_same_again_is_meant_when_it_differs_or_later(methodist: User) -> None:
    values = {name: getattr(EventFactory.build(organization=methodist.organization), name) for name in services.FIELDS}
    first = services.plan_event(methodist, values)
    assert services.plan_event(methodist, values) == first
    assert services.plan_event(methodist, values | {"place": "Зал"}) != first
    until = values["on"] + timedelta(days=7)
    series = services.plan_event(methodist, values, Repeats("week", until))
    assert series != first
    assert services.plan_event(methodist, values, Repeats("week", until)) == series
    Event.objects.update(created_at=first.created_at - timedelta(minutes=2))
    assert services.plan_event(methodist, values) != first
