"""For whom an event may be, what is warned of before it is saved, what a second editor reads."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.core.clock import next_working_day, today
from cabinet.planner.models import Event
from cabinet.planner.services import events as services
from cabinet.users.models import LogEntry, Role, User
from tests.factories import MunicipalityFactory, OrganizationFactory, UserFactory, person_with
from tests.planner.events import CommunityFactory, EventFactory, ParticipationFactory

pytestmark = pytest.mark.django_db
NEW = "/calendar/events/new/"


def working_day() -> date:
    return next_working_day(today() + timedelta(days=5))


def typed(**values: Any) -> dict[str, Any]:
    return {
        "kind": "seminar",
        "title": "Оценивание",
        "on": working_day().isoformat(),
        "starts_at": "14:00",
        "ends_at": "15:30",
    } | values


@pytest.fixture
def methodist() -> User:
    return person_with(Role.METHODIST, OrganizationFactory())


@pytest.fixture
def teacher() -> User:
    return person_with("teacher")


def test_teacher_keeps_personal_events_only(client: Client, teacher: User) -> None:
    client.force_login(teacher)
    form = client.get(NEW, {"on": "2027-03-18"}).context["form"]
    assert [code for code, _ in form.fields["audience"].choices] == ["personal"]
    assert "seats" not in form.fields
    assert form["on"].value() == date(2027, 3, 18)
    assert client.get(NEW, {"on": "завтра"}).status_code == 200
    refused = client.post(NEW, typed(audience=f"organization-{teacher.organization_id}"))
    assert refused.status_code == 422
    assert client.post(NEW, typed(audience="personal")).status_code == 302
    event = Event.objects.get()
    assert (event.scope, event.organization, event.author) == ("personal", None, teacher)


def test_personal_event_is_nobody_else_s(client: Client, teacher: User) -> None:
    event = services.plan_event(
        teacher,
        {
            "kind": "other",
            "title": "К врачу",
            "on": today(),
            "starts_at": None,
            "ends_at": None,
            "place": "",
            "link": "",
        }
        | {"text": "", "scope": "personal", "organization_id": None, "municipality_id": None},
    )
    assert "К врачу" not in LogEntry.objects.get().note
    assert list(services.candidates(event, person_with(Role.ADMIN))) == []
    client.force_login(UserFactory(email="root@example.org", is_staff=True, is_superuser=True))
    assert "К врачу" not in client.get("/admin/planner/event/").content.decode()
    for user in (person_with(Role.ADMIN), person_with(Role.HEAD, teacher.organization)):
        client.force_login(user)
        for name in ("event", "event_edit", "event_invite", "event_guests"):
            assert client.get(reverse(f"planner:{name}", args=[event.pk])).status_code == 404
    client.force_login(teacher)
    assert client.get(event.get_absolute_url()).status_code == 200


def test_new_event_is_personal_unless_a_page_waits_for_it(client: Client, methodist: User) -> None:
    client.force_login(methodist)
    form = client.get(NEW).context["form"]
    assert (form["audience"].value(), form["kind"].value()) == ("personal", "other")
    awaited = client.get(NEW, {"next": "/motor/"}).context["form"]
    assert awaited["audience"].value() == f"organization-{methodist.organization_id}"


def test_from_a_day_of_the_calendar_one_comes_back_to_it(client: Client, teacher: User) -> None:
    back = "/calendar/?view=month&on=2027-03-18#day"
    client.force_login(teacher)
    assert (
        client.get(NEW, {"back": back}).content.decode().count('href="/calendar/?view=month&amp;on=2027-03-18#day"')
        == 2
    )
    address = reverse("planner:event_new", query={"back": back})
    assert client.post(address, typed(audience="personal")).headers["Location"] == back
    address = reverse("planner:event_new", query={"back": "//evil.example.org"})
    answer = client.post(address, typed(audience="personal", title="Другое", starts_at="18:00", ends_at=""))
    assert answer.headers["Location"] == Event.objects.get(title="Другое").get_absolute_url()


def test_from_the_calendar_to_a_shared_event_where_people_are_invited(client: Client, methodist: User) -> None:
    client.force_login(methodist)
    address = reverse("planner:event_new", query={"back": "/calendar/?view=month&on=2027-03-18#day"})
    page = client.post(address, typed(audience=f"organization-{methodist.organization_id}"), follow=True)
    event = Event.objects.get()
    assert page.request["PATH_INFO"] == event.get_absolute_url()
    text = page.content.decode()
    assert f"Событие внесено: {event.when}." in text
    assert "Пригласите людей" in text


@pytest.mark.parametrize("place", ["organization", "municipality", "region"])
def test_head_of_a_community_holds_its_events(client: Client, teacher: User, place: str) -> None:
    where = {
        "organization": {"organization": teacher.organization},
        "municipality": {"municipality": teacher.organization.municipality},
        "region": {},
    }[place]
    community = CommunityFactory(heads=[teacher], **where)
    CommunityFactory(members=[teacher])
    CommunityFactory(heads=[teacher], is_active=False)
    client.force_login(teacher)
    choices = [code for code, _ in client.get(NEW).context["form"].fields["audience"].choices]
    assert choices == ["personal", f"community-{community.pk}"]
    assert client.post(NEW, typed(audience=f"community-{community.pk}")).status_code == 302
    event = Event.objects.get()
    assert (event.community, event.scope) == (community, place)
    assert (event.organization, event.municipality) == (community.organization, community.municipality)
    assert services.audience_code(event) == f"community-{community.pk}"


def test_member_from_elsewhere_sees_the_event_of_his_community() -> None:
    community = CommunityFactory(municipality=MunicipalityFactory(), members=[guest := person_with("teacher")])
    event = EventFactory(municipality=community.municipality, community=community)
    assert list(Event.objects.visible_to(guest)) == [event]
    assert list(Event.objects.visible_to(person_with("teacher"))) == []


# --- Warnings ------------------------------------------------------------------------------------------------------


def test_clash_is_told_and_a_second_press_saves(client: Client, methodist: User) -> None:
    code = f"organization-{methodist.organization_id}"
    EventFactory(author=methodist, title="Совещание <b>", on=working_day(), starts_at=time(15, 0), scope="personal")
    client.force_login(methodist)
    warned = client.post(NEW, typed(audience=code))
    assert warned.status_code == 422
    assert "Совещание &lt;b&gt;" in warned.content.decode()
    assert Event.objects.count() == 1
    seen = warned.context["form"].shown_warnings
    # Another hour has another clash: what was seen does not cover it.
    assert client.post(NEW, typed(audience=code, seen="0" * 16)).status_code == 422
    assert client.post(NEW, typed(audience=code, seen=seen)).status_code == 302
    assert Event.objects.count() == 2


def test_day_off_is_told_of_but_not_of_a_personal_one(client: Client, methodist: User) -> None:
    sunday = today() + timedelta(days=13 - today().weekday())
    client.force_login(methodist)
    data = typed(on=sunday.isoformat())
    warned = client.post(NEW, data | {"audience": f"organization-{methodist.organization_id}"})
    assert warned.status_code == 422
    assert "Нерабочий день" in warned.content.decode()
    assert client.post(NEW, data | {"audience": "personal"}).status_code == 302


def test_what_a_leader_is_busy_with_is_his_own_affair(client: Client, methodist: User) -> None:
    leader = person_with(Role.HEAD, methodist.organization)
    EventFactory(author=leader, title="К врачу", on=working_day(), scope="personal", starts_at=time(14, 0))
    event = EventFactory(author=methodist, organization=methodist.organization, leaders=[leader])
    client.force_login(methodist)
    data = typed(audience=f"organization-{methodist.organization_id}", version=1)
    page = client.post(reverse("planner:event_edit", args=[event.pk]), data).content.decode()
    assert "занят(а)" in page
    assert "К врачу" not in page


def test_mending_a_word_warns_of_nothing(client: Client, methodist: User) -> None:
    sunday = today() + timedelta(days=13 - today().weekday())
    event = EventFactory(author=methodist, organization=methodist.organization, on=sunday)
    client.force_login(methodist)
    data = typed(audience=f"organization-{methodist.organization_id}", version=1, on=sunday.isoformat())
    data |= {"starts_at": "", "ends_at": "", "title": "Новое имя"}
    assert client.post(reverse("planner:event_edit", args=[event.pk]), data).status_code == 302


# --- Registration, comparison --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"seats": "0"}, "Укажите число мест"),
        ({"seats": "много"}, "цифрами"),
        ({"registers_until": (today() + timedelta(days=90)).isoformat()}, "позже события"),
        ({"audience": "personal"}, "У личного события записи нет"),
    ],
)
def test_registration_refused(client: Client, methodist: User, wrong: dict[str, Any], text: str) -> None:
    client.force_login(methodist)
    data = typed(audience=f"organization-{methodist.organization_id}", has_registration="on") | wrong
    refused = client.post(NEW, data)
    assert refused.status_code == 422
    assert text in refused.content.decode()


def test_seats_typed_without_registration_are_asked_about(client: Client, methodist: User) -> None:
    client.force_login(methodist)
    data = typed(audience=f"organization-{methodist.organization_id}", seats="5")
    refused = client.post(NEW, data)
    assert refused.status_code == 422
    assert "очистите поля записи" in refused.content.decode()
    client.post(NEW, data | {"has_registration": "on"})
    event = Event.objects.get()
    assert event.seats == 5
    # Registration taken off by an edit takes its numbers along.
    assert client.post(reverse("planner:event_edit", args=[event.pk]), data | {"version": 1}).status_code == 302
    event.refresh_from_db()
    assert (event.has_registration, event.seats) == (False, None)


def test_second_editor_compares(client: Client, methodist: User) -> None:
    event = EventFactory(author=methodist, organization=methodist.organization, on=working_day(), place="Зал")
    values = {name: getattr(event, name) for name in services.FIELDS} | {"place": "Библиотека"}
    assert services.change_event(event, values, actor=methodist, version=1)
    client.force_login(methodist)
    data = typed(audience=f"organization-{methodist.organization_id}", version=1, title=event.title, place="Класс 5")
    late = client.post(reverse("planner:event_edit", args=[event.pk]), data)
    assert late.status_code == 422
    assert ("Где", "Библиотека", "Класс 5") in late.context["differences"]
    assert "Название" not in [label for label, _, _ in late.context["differences"]]


def test_more_seats_let_the_waiting_in() -> None:
    event = EventFactory(has_registration=True, seats=1)
    ParticipationFactory(event=event, state="coming")
    waiting = [ParticipationFactory(event=event, person=UserFactory(), state="waiting") for _ in range(2)]
    values = {name: getattr(event, name) for name in services.FIELDS} | {"seats": 2}
    assert services.change_event(event, values, actor=event.author, version=1)
    for row in waiting:
        row.refresh_from_db()
    assert [row.state for row in waiting] == ["coming", "waiting"]
