"""The calendar: month, week, list; what is on a day, for whom, by how many queries."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from cabinet.core.clock import forget_calendar, today
from cabinet.home.services.agenda import LIMITS, SCOPES, Shown, days_between
from cabinet.home.services.calendar_page import read
from cabinet.planner.models import Event, Participation
from cabinet.structure.models import Organization
from cabinet.users.models import Role, User
from motor.models import Status
from tests.factories import (
    AssignmentFactory,
    CalendarDayFactory,
    CaseFactory,
    MembershipFactory,
    OrganizationFactory,
    QuietPeriodFactory,
    RouteFactory,
    RouteItemFactory,
    TaskFactory,
    UserFactory,
    person_with,
)
from tests.planner.events import EventFactory
from tests.planner.feeds import ComingFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> Organization:
    return OrganizationFactory()


@pytest.fixture
def methodist(school: Organization) -> User:
    return person_with(Role.METHODIST, school)


def page(client: Client, user: User, **asked: Any) -> str:
    client.force_login(user)
    answer = client.get(reverse("home:calendar"), asked)
    assert answer.status_code == 200
    return answer.content.decode().replace("\u00a0", " ")


def titles(user: User, shown: Shown | None = None, days: int = 30) -> list[str]:
    found = days_between(user, today(), today() + timedelta(days=days), shown or Shown())
    return [event.title for day in found for event in day.events]


# --- Who sees what ----------------------------------------------------------------------------------------------


def test_events_are_those_one_may_see(methodist: User, school: Organization) -> None:
    stranger = person_with(Role.METHODIST, OrganizationFactory())
    EventFactory(title="край")
    EventFactory(title="школа", organization=school)
    EventFactory(title="муниципалитет", municipality=school.municipality)
    EventFactory(title="чужая школа", organization=stranger.organization)
    EventFactory(title="чужой муниципалитет", municipality=stranger.organization.municipality)
    EventFactory(title="своё личное", scope="personal", author=methodist)
    EventFactory(title="чужое личное", scope="personal", author=stranger)
    ComingFactory(event=EventFactory(title="позвали", scope="personal", author=stranger), person=methodist)
    assert titles(methodist) == ["край", "школа", "муниципалитет", "своё личное", "позвали"]
    assert titles(stranger) == ["край", "чужая школа", "чужой муниципалитет", "чужое личное", "позвали"]
    assert titles(person_with(Role.OBSERVER, organization=None)) == []


def test_everybody_has_a_calendar_and_strangers_are_sent_to_log_in(client: Client) -> None:
    for role in (Role.ADMIN, Role.OBSERVER, Role.CURATOR, "teacher"):
        for view in ("month", "week", "agenda"):
            assert "Календарь" in page(client, person_with(role), view=view)
    assert client.post(reverse("home:calendar")).status_code == 405
    client.logout()
    assert client.get(reverse("home:calendar")).status_code == 302


def test_state_of_the_reader_is_told(client: Client, methodist: User) -> None:
    on = today() + timedelta(days=1)
    words = {
        Participation.State.INVITED: "вас пригласили",
        Participation.State.COMING: "вы придёте",
        Participation.State.DECLINED: "вы не придёте",
        Participation.State.WAITING: "вы в листе ожидания",
    }
    for state, said in words.items():
        ComingFactory(event=EventFactory(on=on, title=f"Событие {said}"), person=methodist, state=state)
    EventFactory(on=on, title="Веду", leaders=[methodist])
    EventFactory(on=on, title="Внёс", author=methodist)
    EventFactory(on=on, title="Просто так")
    text = page(client, methodist, view="agenda", on=on.isoformat())
    for said in (*words.values(), "вы проводите", "вы внесли"):
        assert f"<span>{said}</span>" in text
    # A guest's answer is his own: another reader of the same event is told nothing of it.
    other = page(client, person_with("teacher", organization=methodist.organization), view="agenda", on=on.isoformat())
    assert "Просто так" in other
    assert "<span>вы" not in other


# --- Days -------------------------------------------------------------------------------------------------------


def test_days_off_are_named(client: Client, methodist: User) -> None:
    CalendarDayFactory(day=date(2027, 3, 8), is_working=False, title="Международный женский день")
    CalendarDayFactory(day=date(2027, 2, 20), is_working=True, title="перенос с понедельника")
    QuietPeriodFactory(title="Весна", starts_on=date(2027, 3, 20), ends_on=date(2027, 3, 28), is_yearly=False)
    forget_calendar()
    march = page(client, methodist, on="2027-03-01")
    assert "8 марта, понедельник; нерабочий" not in march
    assert "8 марта, понедельник, нерабочий день: Международный женский день" in march
    assert "6 марта, суббота, выходной" in march
    assert "9 марта, вторник</span>" in march
    assert "Весна, 20 марта – 28 марта: новые карты не открываются" in march
    february = page(client, methodist, view="week", on="2027-02-20")
    assert "20 февраля, суббота, рабочий день: перенос с понедельника" in february
    assert "Весна" not in february


def test_today_is_marked(client: Client, methodist: User) -> None:
    EventFactory()
    for view in ("month", "week", "agenda"):
        assert page(client, methodist, view=view).count('aria-current="date"') == 1
    assert 'aria-current="date"' not in page(client, methodist, on="2031-01-01")


def test_month_has_whole_weeks_and_links_to_the_neighbours(client: Client, methodist: User) -> None:
    text = page(client, methodist, on="2027-01-31")
    assert "Январь 2027" in text
    assert text.count('data-day="') == 35  # 28 December to 31 January
    assert 'data-day="2026-12-28"' in text
    assert "?view=month&amp;on=2027-02-28" in text  # the 31st of a shorter month
    assert "?view=month&amp;on=2026-12-31" in text
    week = page(client, methodist, view="week", on="2027-01-31")
    assert week.count('data-day="') == 7
    assert "?view=week&amp;on=2027-02-07" in week
    assert "25 – 31 января 2027" in week
    agenda = page(client, methodist, view="agenda", on="2027-01-31")
    assert "?view=agenda&amp;on=2027-02-28" in agenda
    assert "31 января – 27 февраля 2027" in agenda


@pytest.mark.parametrize("on", ["", "вчера", "2027-02-31", "99999-01-01", "0001-01-01", "9999-12-31", "2019-12-31"])
@pytest.mark.parametrize("view", ["month", "week", "agenda", "<b>", ""])
def test_whatever_is_typed_in_the_address_opens_a_calendar(client: Client, on: str, view: str) -> None:
    text = page(client, person_with("teacher"), on=on, view=view, show="<b>нечто</b>")
    assert "<b>" not in text
    assert "Календарь" in text


def test_edges_of_a_month_belong_to_their_days(methodist: User) -> None:
    for on, hour in [(date(2027, 2, 28), time(23, 59)), (date(2027, 3, 1), time(0))]:
        EventFactory(on=on, starts_at=hour, title=f"{on:%d.%m}")
    days = {day.day: day for day in days_between(methodist, date(2027, 2, 28), date(2027, 3, 1), Shown())}
    assert [event.title for event in days[date(2027, 2, 28)].events] == ["28.02"]
    assert [event.title for event in days[date(2027, 3, 1)].events] == ["01.03"]


def test_clash_is_told_in_words(client: Client, methodist: User) -> None:
    on = today() + timedelta(days=2)
    EventFactory(on=on, title="Первое", starts_at=time(14), ends_at=time(15), leaders=[methodist])
    ComingFactory(event=EventFactory(on=on, title="Второе", starts_at=time(14, 30), ends_at=time(16)), person=methodist)
    EventFactory(on=on, title="Третье", starts_at=time(14, 30))
    text = page(client, methodist, on=on.isoformat())
    assert "14:00–15:00 — Первое;<br>14:30–16:00 — Второе" in text
    assert "события в одно время" in text
    teacher = page(client, person_with("teacher", organization=methodist.organization), on=on.isoformat())
    assert "Третье" in teacher
    assert "в одно время" not in teacher


def test_cancelled_one_says_so_and_clashes_with_nothing(client: Client, methodist: User) -> None:
    on = today() + timedelta(days=2)
    for number in range(2):
        EventFactory(on=on, title=f"Семинар {number}", starts_at=time(14), leaders=[methodist], is_cancelled=not number)
    text = page(client, methodist, on=on.isoformat())
    assert "Отменено: Семинар 0" in text
    assert "в одно время" not in text


def test_names_of_people_are_only_text(client: Client, methodist: User) -> None:
    on = today()
    EventFactory(on=on, title="<b>Урок</b> {ссылка}", place="<i>каб.</i>")
    TaskFactory(assignee=methodist, title="<script>1</script>", due_on=on)
    for view in ("month", "week", "agenda"):
        text = page(client, methodist, view=view)
        assert "&lt;b&gt;Урок&lt;/b&gt; {ссылка}" in text
        assert "<script>1" not in text
        assert "<i>каб." not in text


def test_adding_begins_on_the_day(client: Client, methodist: User) -> None:
    text = page(client, methodist, on="2027-03-12")
    back = "%2Fcalendar%2F%3Fview%3Dmonth%26on%3D2027-03-12%23day"
    assert f'href="{reverse("planner:event_new")}?on=2027-03-12&amp;back={back}"' in text
    assert f'href="{reverse("planner:add")}?due_on=2027-03-12&amp;back={back}"' in text


def test_many_events_of_a_day_are_capped(client: Client, methodist: User) -> None:
    on = date(2027, 3, 12)
    for number in range(45):
        EventFactory(on=on, title=f"Встреча {number:02}")
    TaskFactory(assignee=methodist, title="Отчёт", due_on=on)
    month = page(client, methodist, on="2027-03-01")
    assert month.count("Встреча") == 12  # two on a screen, beside the limit; a dozen on paper
    assert "ещё 43" in month
    assert '<li class="cal-left">и ещё 33</li>' in month
    assert "Задача: Отчёт" in month
    opened = page(client, methodist, on=on.isoformat())
    assert "Остальные 6 — в списке событий" in opened
    assert "ещё 38" in page(client, methodist, view="week", on=on.isoformat())


# --- Filters ----------------------------------------------------------------------------------------------------


def test_levels_kinds_and_own_are_chosen_in_the_address(client: Client, methodist: User, school: Organization) -> None:
    on = today() + timedelta(days=1)
    EventFactory(on=on, title="Край")
    EventFactory(on=on, title="Школа", organization=school)
    EventFactory(on=on, title="Веду", leaders=[methodist])
    TaskFactory(assignee=methodist, title="Моя задача", due_on=on)
    TaskFactory(assignee=UserFactory(organization=school), organization=school, title="Задача коллеги", due_on=on)
    CaseFactory(organization=school, responsible=methodist, status=Status.SCHOOL_REVIEW, due_on=on)

    def seen(**asked: Any) -> set[str]:
        text = page(client, methodist, view="agenda", on=on.isoformat(), **asked)
        return {one for one in ("Край", "Школа", "Веду", "Моя задача", "Задача коллеги", "Чек-лист") if one in text}

    everything = {"Край", "Школа", "Веду", "Моя задача", "Задача коллеги", "Чек-лист"}
    assert seen() == everything
    assert seen(show=["organization"]) == {"Школа"}
    assert seen(show=["region", "tasks"]) == {"Край", "Веду", "Моя задача", "Задача коллеги"}
    assert seen(show=["cases"]) == {"Чек-лист"}
    assert seen(mine="1") == {"Веду", "Моя задача", "Чек-лист"}
    assert seen(show=["region"], mine="1") == {"Веду"}
    assert seen(show=["нечто"]) == everything


def test_choice_goes_along_with_every_link(client: Client, methodist: User) -> None:
    text = page(client, methodist, on="2027-03-12", show=["tasks", "region"], mine="1")
    assert "?view=month&amp;on=2027-04-12&amp;show=region&amp;show=tasks&amp;mine=1" in text
    assert "?view=week&amp;on=2027-03-12&amp;show=region&amp;show=tasks&amp;mine=1" in text
    assert "?view=month&amp;on=2027-03-13&amp;show=region&amp;show=tasks&amp;mine=1#day" in text


def test_everything_chosen_leaves_the_address_short(rf: Any) -> None:
    every = rf.get("/", {"show": [*SCOPES, *LIMITS], "on": "2027-03-12"}).GET
    assert read(every).query() == "?view=month&on=2027-03-12"


# --- Queries ----------------------------------------------------------------------------------------------------


def everywhere(user: User, school: Organization, on: date) -> None:
    """One row of everything that may stand on a day."""
    EventFactory(on=on, leaders=[user])
    ComingFactory(event=EventFactory(on=on, organization=school), person=user)
    TaskFactory(assignee=user, due_on=on)
    TaskFactory(assignee=UserFactory(organization=school), organization=school, due_on=on)
    for status in (Status.SURVEY_OPEN, Status.SCHOOL_REVIEW, Status.FOLLOW_UP):
        CaseFactory(organization=school, responsible=user, status=status, due_on=on)
    route = RouteFactory(person=UserFactory(organization=school), status="active")
    RouteItemFactory(route=route, due_on=on)
    RouteItemFactory(route=route, status="submitted")
    AssignmentFactory(route=route, due_on=on)
    own = user.routes.first() or RouteFactory(person=user, status="active")
    AssignmentFactory(route=own, due_on=on)


@pytest.mark.parametrize("view", ["month", "week", "agenda"])
def test_queries_do_not_grow(
    client: Client, school: Organization, view: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    user = person_with(Role.METHODIST, school)
    for role, place in [
        (Role.HEAD, {"organization": school}),
        (Role.MUNICIPAL, {"organization": None, "municipality": school.municipality}),
        (Role.MENTOR, {"organization": None, "person": UserFactory(organization=school)}),
        (Role.REGIONAL, {"organization": None}),
        (Role.CURATOR, {"organization": None}),
    ]:
        MembershipFactory(user=user, role=role, **place)
    on = date(2027, 3, 15)
    CaseFactory(organization=school, responsible=user, status=Status.SCHOOL_REVIEW, due_on=on + timedelta(days=4))
    client.force_login(user)
    everywhere(user, school, on)
    address = f"{reverse('home:calendar')}?view={view}&on={on}"
    client.get(address)
    with django_assert_num_queries(QUERIES):
        client.get(address)
    for _ in range(4):
        everywhere(user, school, on + timedelta(days=1))
        everywhere(user, school, on)
    with django_assert_num_queries(QUERIES):
        text = client.get(address).content.decode()
    assert "ещё" in text.lower()
    assert Event.objects.count() == 18


QUERIES = 12
