"""The calendar's page: a year at a glance, days and periods added and taken away, and openings moved after it."""

from datetime import date, timedelta

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from cabinet.core.clock import after_quiet, forget_calendar, is_working_day, next_working_day, today
from cabinet.core.models import CalendarDay, QuietPeriod
from cabinet.home.reference import load_reference
from cabinet.home.services.days_off import year_of
from cabinet.users.models import LogEntry, Role, User
from motor.models import Case
from tests.factories import CalendarDayFactory, CaseFactory, QuietPeriodFactory, person_with

pytestmark = pytest.mark.django_db
PAGE = "/calendar/days/"


@pytest.fixture
def admin() -> User:
    return person_with(Role.ADMIN)


@pytest.fixture
def site(client: Client, admin: User) -> Client:
    client.force_login(admin)
    return client


def ahead(days: int = 30) -> date:
    return next_working_day(today() + timedelta(days=days))


def test_year_tells_days_apart_by_word() -> None:
    load_reference()
    months = year_of(2026, list(CalendarDay.objects.filter(day__year=2026)), list(QuietPeriod.objects.all()))
    days = {
        (number, day.number): day
        for number, month in enumerate(months, 1)
        for week in month.weeks
        for day in week
        if day
    }
    assert len(days) == 365
    assert days[5, 11].kind == "holiday"
    assert "Выходной, перенесён с 9 мая" in days[5, 11].words
    assert (days[5, 14].is_quiet, days[5, 15].is_quiet, days[1, 12].is_quiet) == (False, True, True)
    assert days[3, 1].words == "марта, выходной"
    assert days[3, 2].words == ""


def test_day_is_added_and_taken_away(site: Client, admin: User) -> None:
    day = ahead()
    response = site.post(
        f"{PAGE}add/", {"day-day": day.isoformat(), "day-is_working": "False", "day-title": "Актированный"}
    )
    assert response["Location"] == f"{PAGE}?year={day.year}"
    assert not is_working_day(day)
    assert LogEntry.objects.get(actor=admin).note.startswith("Календарь:")
    row = CalendarDay.objects.get()
    assert "Актированный" in site.get(f"{PAGE}?year={day.year}").content.decode()
    site.post(f"{PAGE}{row.pk}/remove/")
    assert is_working_day(day)
    assert site.post(f"{PAGE}{row.pk}/remove/").status_code == 404


def test_period_is_added_and_taken_away(site: Client) -> None:
    day = ahead()
    typed = {"period-title": "Карантин", "period-starts_on": day.isoformat(), "period-ends_on": day.isoformat()}
    site.post("/calendar/quiet/add/", typed)
    assert after_quiet(day).on > day
    site.post(f"/calendar/quiet/{QuietPeriod.objects.get().pk}/remove/")
    assert after_quiet(day).on == day


@pytest.mark.parametrize(
    ("address", "typed", "words"),
    [
        ("/calendar/days/add/", {"day-title": "Праздник"}, "Обязательное поле"),
        (
            "/calendar/days/add/",
            {"day-day": "2030-01-01", "day-title": "Ещё раз", "day-is_working": "True"},
            "уже есть в календаре",
        ),
        (
            "/calendar/quiet/add/",
            {"period-title": "Лето", "period-starts_on": "2026-06-10", "period-ends_on": "2026-06-01"},
            "Конец раньше начала",
        ),
    ],
)
def test_what_was_typed_stays(site: Client, address: str, typed: dict[str, str], words: str) -> None:
    CalendarDayFactory(day=date(2030, 1, 1))
    response = site.post(address, typed)
    assert response.status_code == 422
    page = response.content.decode()
    assert words in page
    assert next(value for name, value in typed.items() if name.endswith("title")) in page


def test_openings_on_a_new_day_off_are_offered_to_move(site: Client, admin: User) -> None:
    day = ahead()
    moving = CaseFactory(status="scheduled", opens_on=day, opens_why="курс окончен")
    staying = CaseFactory(status="scheduled", opens_on=next_working_day(day + timedelta(days=1)))
    told = CaseFactory(status="survey_open", due_on=day)
    assert "откроется в нерабочие дни" not in site.get(PAGE).content.decode()
    CalendarDayFactory(day=day, title="Актированный")
    forget_calendar()
    page = site.get(PAGE).content.decode()
    assert "1\xa0карта откроется в нерабочие дни" in page
    assert "1\xa0срок карт приходится на праздники" in page
    shown = site.get(f"{PAGE}move/").context["shown"]
    assert site.post(f"{PAGE}move/", {"shown": "other"}).status_code == 422
    assert site.post(f"{PAGE}move/", {"shown": shown})["Location"] == PAGE
    moving.refresh_from_db()
    assert moving.opens_on == next_working_day(day + timedelta(days=1))
    assert "изменился календарь" in moving.opens_why
    assert admin.short_name in moving.opens_why
    assert moving.revision == 2
    assert Case.objects.get(pk=staying.pk).opens_on == staying.opens_on
    assert Case.objects.get(pk=told.pk).due_on == day
    assert "Переносить нечего" in site.get(f"{PAGE}move/").content.decode()


def test_page_takes_the_same_queries(site: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for count in (1, 5):
        while CalendarDay.objects.count() < count:
            CalendarDayFactory()
            QuietPeriodFactory()
            CaseFactory(status="scheduled", opens_on=ahead(CalendarDay.objects.count()))
        site.get(PAGE)
        with django_assert_num_queries(8):
            assert site.get(PAGE).status_code == 200


@pytest.mark.parametrize("year", ["", "abc", "0001", "99999", "²"])
def test_any_year_opens_some_page(site: Client, year: str) -> None:
    assert site.get(f"{PAGE}?year={year}").status_code == 200


@pytest.mark.parametrize("role", [Role.MUNICIPAL, Role.OBSERVER, "teacher"])
def test_others_get_404(client: Client, role: str) -> None:
    scope = CaseFactory().organization.municipality if role == Role.MUNICIPAL else None
    client.force_login(person_with(role, scope))
    assert client.get(PAGE).status_code == 404
    assert client.post(f"{PAGE}add/").status_code == 404
    assert client.get(f"{PAGE}move/").status_code == 404


def test_wrong_method(site: Client) -> None:
    assert site.post(PAGE).status_code == 405
    assert site.get(f"{PAGE}add/").status_code == 405
