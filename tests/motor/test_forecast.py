"""The load forecast: who will have how much, in whose scope, and moving openings before letters go."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from cabinet.core.clock import after_quiet, next_working_day, today
from cabinet.structure.models import Organization
from cabinet.users.models import LogEntry, Role, User
from motor.models import Case, Status
from motor.services.forecast import Load, coming_weeks, forecast_loads, forecast_scope
from motor.services.opening import monday_of
from motor.services.replanning import Wish, apply_shifts, fingerprint, plan_shifts
from tests.factories import CaseFactory, OrganizationFactory, SubjectFactory, UserFactory, person_with

pytestmark = pytest.mark.django_db
PAGE, MOVE = "/motor/forecast/", "/motor/forecast/move/"
WEEK = timedelta(days=7)


@pytest.fixture
def school() -> Organization:
    return OrganizationFactory()


@pytest.fixture
def admin() -> User:
    return person_with(Role.ADMIN)


def monday(weeks: int = 2) -> date:
    return monday_of(today()) + WEEK * weeks


def planned(school: Organization, day: date, count: int = 1, **fields: Any) -> list[Case]:
    old = {"completion__course__ends_on": today() - timedelta(days=200), "responsible": None}
    return [
        CaseFactory(
            completion__organization=school, organization=school, status="scheduled", opens_on=day, **old | fields
        )
        for _ in range(count)
    ]


def by_week(numbers: list[int]) -> dict[date, int]:
    return {week: number for week, number in zip(coming_weeks(), numbers, strict=True) if number}


def loads(reader: User) -> dict[int | None, Load]:
    return {one.person_id: one for one in forecast_loads(forecast_scope(reader))}


def test_openings_and_checklists_by_week(school: Organization, admin: User) -> None:
    methodist = person_with(Role.METHODIST, school)
    planned(school, monday(2), 6)
    CaseFactory(organization=school, status="school_review", responsible=methodist, due_on=today() - timedelta(days=3))
    CaseFactory(organization=school, status="survey_open", responsible=methodist, due_on=today())
    CaseFactory(organization=school, status="follow_up", responsible=methodist)
    planned(school, monday(30))
    planned(school, monday(1), waits_for_word=True)
    load = loads(admin)[methodist.pk]
    assert by_week(load.openings) == {monday(2): 6}
    # What is late falls into this week; a survey's answer is assessed four weeks on; an opening six.
    assert by_week(load.checklists) == {
        monday(0): 1,
        monday_of(today() + timedelta(days=28)): 1,
        monday(8): 6,
    }
    assert (load.weeks_over, load.total) == (2, 14)


def test_case_falls_to_the_subject_then_to_the_general_methodist(school: Organization, admin: User) -> None:
    maths = SubjectFactory()
    by_subject = person_with(Role.METHODIST, school, subjects=[maths])
    general = person_with(Role.METHODIST, school)
    planned(school, monday(), completion__subject=maths)
    planned(school, monday(), 2)
    found = loads(admin)
    assert (found[by_subject.pk].openings[2], found[general.pk].openings[2]) == (1, 2)


def test_several_methodists_take_turns(school: Organization, admin: User) -> None:
    people = [person_with(Role.METHODIST, school) for _ in range(2)]
    planned(school, monday(1), 3)
    planned(school, monday(2), 1)
    found = loads(admin)
    assert sum(found[people[0].pk].openings) == sum(found[people[1].pk].openings) == 2


def test_own_case_and_bare_organization_fall_to_the_municipal_specialist(school: Organization, admin: User) -> None:
    methodist = person_with(Role.METHODIST, school)
    specialist = person_with(Role.MUNICIPAL, school.municipality)
    bare = OrganizationFactory(municipality=school.municipality)
    planned(school, monday(), completion__person=methodist)
    planned(bare, monday(), 2)
    found = loads(admin)
    assert found[specialist.pk].openings[2] == 3
    assert methodist.pk not in found


def test_nobody_appointed_is_a_line_of_its_own(school: Organization, admin: User) -> None:
    planned(school, monday())
    assert loads(admin)[None].openings[2] == 1


def test_everybody_sees_his_own_scope(school: Organization, admin: User) -> None:
    methodist, head = person_with(Role.METHODIST, school), person_with(Role.HEAD, school)
    specialist = person_with(Role.MUNICIPAL, school.municipality)
    neighbour = OrganizationFactory(municipality=school.municipality)
    stranger = OrganizationFactory()
    near, far = person_with(Role.METHODIST, neighbour), person_with(Role.METHODIST, stranger)
    for place in (school, neighbour, stranger):
        planned(place, monday())
    assert set(loads(methodist)) == set(loads(head)) == {methodist.pk}
    assert set(loads(specialist)) == {methodist.pk, near.pk}
    assert set(loads(admin)) == {methodist.pk, near.pk, far.pk}
    assert set(loads(person_with(Role.CURATOR))) == set()


def test_page_marks_what_is_too_much(client: Client, school: Organization, admin: User) -> None:
    methodist = person_with(Role.METHODIST, school)
    planned(school, monday(), 6)
    other = OrganizationFactory()
    calm = person_with(Role.METHODIST, other)
    planned(other, monday())
    client.force_login(admin)
    page = client.get(PAGE).content.decode()
    assert page.count("load-word") == 2
    assert "Перегружены: 1\xa0ответственный" in page
    assert f"{MOVE}?responsible={methodist.pk}&amp;since={monday().isoformat()}" in page
    for query, expected in (
        ("over=yes", [methodist.pk]),
        (f"person={calm.last_name}", [calm.pk]),
        (f"organization={other.name}", [calm.pk]),
        (f"municipality={school.municipality_id}", [methodist.pk]),
        ("person=Никто", []),
        ("municipality=x&page=zzz", [methodist.pk, calm.pk]),
    ):
        assert [one.person_id for one in client.get(f"{PAGE}?{query}").context["page"]] == expected, query


def test_head_looks_and_does_not_move(client: Client, school: Organization) -> None:
    person_with(Role.METHODIST, school)
    planned(school, monday())
    client.force_login(person_with(Role.HEAD, school))
    page = client.get(PAGE).content.decode()
    assert MOVE not in page
    assert "Муниципалитет" not in page
    assert client.get(MOVE).status_code == 404
    assert client.post(MOVE).status_code == 404


@pytest.mark.parametrize("role", [Role.OBSERVER, Role.CURATOR, Role.REGIONAL, "teacher"])
def test_others_get_404(client: Client, role: str) -> None:
    client.force_login(person_with(role))
    assert client.get(PAGE).status_code == 404
    assert client.get(MOVE).status_code == 404


def test_anonymous_and_wrong_method(client: Client, admin: User) -> None:
    assert client.get(PAGE)["Location"].startswith("/accounts/login/")
    client.force_login(admin)
    assert client.post(PAGE).status_code == 405
    assert client.delete(MOVE).status_code == 405


def test_page_takes_the_same_queries(
    client: Client, admin: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(admin)
    for count in (1, 5):
        while Case.objects.count() < count:
            place = OrganizationFactory()
            person_with(Role.METHODIST, place)
            planned(place, monday())
        client.get(PAGE)
        with django_assert_num_queries(11):
            client.get(PAGE)


# --- Moving -------------------------------------------------------------------------------------------------


def plan(reader: User, **wish: Any) -> list[tuple[date, date]]:
    shifts = plan_shifts(Case.objects.plannable_by(reader), Wish(**wish))
    return [(shift.was, shift.becomes) for shift in shifts]


def open_day(weeks: int) -> date:
    return after_quiet(monday(weeks)).on


def test_week_goes_to_another_week(school: Organization, admin: User) -> None:
    planned(school, monday(2), 2)
    planned(school, monday(3))
    planned(OrganizationFactory(), monday(2))
    assert plan(admin, since=monday(2), to=monday(4), organization=school) == [(monday(2), open_day(4))] * 2
    assert plan(admin, since=monday(5), to=monday(4), organization=school) == []


def test_no_case_opens_before_its_term(school: Organization, admin: User) -> None:
    [case] = planned(school, monday(6), completion__course__ends_on=monday(4) - timedelta(days=92))
    [(_, becomes)] = plan(admin, since=monday(6), to=monday(1), organization=school)
    assert becomes >= monday(3)
    assert becomes < case.opens_on


def test_what_does_not_fit_goes_on_to_later_weeks(school: Organization, admin: User) -> None:
    planned(school, monday(2), 5)
    assert plan(admin, since=monday(2), per_week=2, organization=school) == [
        (monday(2), open_day(3)),
        (monday(2), open_day(3)),
        (monday(2), open_day(4)),
    ]


def test_person_answers_for_all_his_organizations_together(school: Organization, admin: User) -> None:
    specialist = person_with(Role.MUNICIPAL, school.municipality)
    other = OrganizationFactory(municipality=school.municipality)
    person_with(Role.METHODIST, led := OrganizationFactory(municipality=school.municipality))
    for place in (school, other, led):
        planned(place, monday(2))
    assert len(plan(admin, since=monday(2), per_week=1, responsible=specialist)) == 1
    assert plan(admin, since=monday(2), per_week=1, municipality_id=school.municipality_id) == []


def test_who_may_move_what(school: Organization, admin: User) -> None:
    [mine] = planned(school, monday())
    [foreign] = planned(OrganizationFactory(), monday())
    CaseFactory(organization=school, status="survey_open")
    planned(school, monday(), waits_for_word=True)
    moved = {
        role: set(Case.objects.plannable_by(person))
        for role, person in {
            "admin": admin,
            "municipal": person_with(Role.MUNICIPAL, school.municipality),
            "head": person_with(Role.HEAD, school),
            "teacher": UserFactory(),
        }.items()
    }
    assert moved == {"admin": {mine, foreign}, "municipal": {mine}, "head": set(), "teacher": set()}


def test_case_opened_meanwhile_is_left_alone(school: Organization, admin: User) -> None:
    first, second = planned(school, monday(2), 2)
    shifts = plan_shifts(Case.objects.plannable_by(admin), Wish(since=monday(2), to=monday(4), organization=school))
    Case.objects.filter(pk=first.pk).update(status=Status.STOPPED, stop_reason="left")
    assert apply_shifts(shifts, actor=admin, reason="каникулы у методиста") == 1
    assert apply_shifts(shifts, actor=admin, reason="каникулы у методиста") == 0  # a second click
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.opens_on, second.opens_on) == (monday(2), open_day(4))
    assert f"перенесено ({admin.short_name}, {today():%d.%m.%Y}: каникулы у методиста)" in second.opens_why
    assert second.revision == 2
    assert LogEntry.objects.filter(actor=admin, note__contains="Перенесено открытий карт: 1").count() == 1


@pytest.fixture
def site(client: Client, admin: User) -> Client:
    client.force_login(admin)
    return client


@pytest.fixture
def typed(school: Organization) -> Callable[..., dict[str, str]]:
    def make(**changes: str) -> dict[str, str]:
        return {
            "municipality": str(school.municipality_id),
            "organization": str(school.pk),
            "since": monday(2).isoformat(),
            "how": "limit",
            "per_week": "1",
        } | changes

    return make


def test_page_shows_first_and_then_moves(
    site: Client, school: Organization, typed: Callable[..., dict[str, str]]
) -> None:
    planned(school, monday(2), 3)
    shown = site.get(MOVE, typed())
    assert shown.context["count"] == 2
    assert set(Case.objects.values_list("opens_on", flat=True)) == {monday(2)}
    asked = typed(shown=shown.context["shown"], reason="Методист в отпуске")
    assert site.post(MOVE, asked)["Location"] == PAGE
    assert sorted(Case.objects.values_list("opens_on", flat=True)) == [monday(2), open_day(3), open_day(4)]
    assert site.post(MOVE, asked).status_code == 422  # nothing is left to move as shown


def test_change_meanwhile_is_shown_anew(
    site: Client, school: Organization, typed: Callable[..., dict[str, str]]
) -> None:
    planned(school, monday(2), 3)
    shown = site.get(MOVE, typed()).context["shown"]
    planned(school, monday(2))
    response = site.post(MOVE, typed(shown=shown, reason="Методист в отпуске"))
    assert response.status_code == 422
    page = response.content.decode()
    assert "список карт изменился" in page
    assert "Методист в отпуске" in page
    assert set(Case.objects.values_list("opens_on", flat=True)) == {monday(2)}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reason": " "}, "Напишите, почему карты переносятся"),
        ({"per_week": ""}, "сколько карт в неделю"),
        ({"per_week": "0"}, "больше либо равно 1"),
        ({"how": "week", "to": ""}, "Выберите неделю"),
        ({"how": "week", "to": "1999-01-01"}, "Выберите корректный вариант"),
        ({"since": "завтра"}, "Выберите корректный вариант"),
        ({"municipality": "", "organization": ""}, "Выберите муниципалитет, ответственного или организацию"),
    ],
)
def test_bad_wish_is_one_clear_sentence(
    site: Client, school: Organization, typed: Callable[..., dict[str, str]], changes: dict[str, str], words: str
) -> None:
    planned(school, monday(2), 3)
    shown = site.get(MOVE, typed()).context["shown"]
    response = site.post(MOVE, typed(**{"shown": shown, "reason": "Отпуск"} | changes))
    assert response.status_code == 422
    assert words in response.content.decode()
    assert set(Case.objects.values_list("opens_on", flat=True)) == {monday(2)}


def test_specialist_cannot_name_a_foreign_organization(client: Client, school: Organization) -> None:
    client.force_login(person_with(Role.MUNICIPAL, school.municipality))
    foreign = OrganizationFactory()
    planned(foreign, monday(2), 3)
    asked = {"organization": str(foreign.pk), "since": monday(2).isoformat(), "how": "limit", "per_week": "1"}
    assert client.get(MOVE, asked).status_code == 422
    assert foreign.name not in client.get(MOVE).content.decode()


def test_fingerprint_tells_plans_apart(school: Organization, admin: User) -> None:
    planned(school, monday(2), 2)
    cases = Case.objects.plannable_by(admin)
    one = plan_shifts(cases, Wish(since=monday(2), to=monday(3), organization=school))
    other = plan_shifts(cases, Wish(since=monday(2), to=monday(4), organization=school))
    assert fingerprint(one) != fingerprint(other)
    assert fingerprint(one) == fingerprint(list(one))
    assert next_working_day(one[0].becomes) == one[0].becomes
