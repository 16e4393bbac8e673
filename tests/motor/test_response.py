"""Response: who sees which figures, that they equal the people behind them, and what the page costs."""

from collections import Counter
from datetime import timedelta
from io import BytesIO
from random import Random
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook
from pytest_django.fixtures import DjangoAssertNumQueries

from cabinet.core.clock import today
from cabinet.mail.models import Letter
from cabinet.structure.models import Organization
from cabinet.users.models import LogEntry, Role, User
from motor.models import Case, Draft, LinkEvent, Status
from motor.services.response import PATHS, STATES, in_state, people_of, response_scope, response_table, with_people
from tests.factories import (
    CaseFactory,
    CompletionFactory,
    CourseFactory,
    LetterFactory,
    OrganizationFactory,
    SurveyFactory,
    UserFactory,
    person_with,
)

pytestmark = pytest.mark.django_db
PAGE, PEOPLE, EXCEL = "/motor/response/", "/motor/response/people/", "/motor/response/excel/"
CHANNELS = "/motor/response/channels/"


@pytest.fixture
def school() -> Organization:
    return OrganizationFactory()


@pytest.fixture
def admin() -> User:
    return person_with(Role.ADMIN)


def asked(school: Organization, status: str = Status.SURVEY_OPEN, **fields: Any) -> Case:
    person = fields.pop("person", None) or UserFactory(organization=school)
    completion = CompletionFactory(person=person, **fields.pop("of", {}))
    return CaseFactory(completion=completion, status=status, **{"responsible": None} | fields)


def one_of_each(school: Organization) -> dict[str, Case]:
    """A case for every state the page speaks of."""
    late = today() - timedelta(days=3)
    nowhere = UserFactory(organization=school, contact_email=None)
    found = {
        "late": asked(school, due_on=late),
        "began": asked(school),
        "no_address": asked(school, person=nowhere),
        "undelivered": asked(school),
        "paused": asked(school, due_on=late, paused_on=late, paused_until=today() + timedelta(days=9)),
        "silent": asked(school, Status.NO_RESPONSE),
        "school": asked(school, Status.SCHOOL_REVIEW, responsible=person_with(Role.METHODIST, school)),
        "rma": asked(school, Status.RMA_REVIEW, responsible=person_with(Role.METHODIST, school)),
        "closed": asked(school, Status.CLOSED),
        "without": asked(school, Status.SCHOOL_REVIEW, bare=True, without_survey=True),
        "returned": asked(school),
    }
    Draft.objects.create(case=found["began"], answers={"important": "Приёмы"})
    LetterFactory(to=found["undelivered"].person, kind="motor.invite", state=Letter.State.FAILED)
    LetterFactory(to=found["late"].person, kind="motor.invite", state=Letter.State.FAILED, created_at=timezone.now())
    LetterFactory(to=found["late"].person, kind="motor.remind.1", state=Letter.State.SENT)
    SurveyFactory(case=found["returned"], returned_at=timezone.now(), return_comment="Дополните")
    asked(school, Status.SCHEDULED)
    asked(school, Status.STOPPED)
    return found


def test_every_figure_is_the_number_of_people_behind_it(school: Organization, admin: User) -> None:
    cases = one_of_each(school)
    table = response_table(response_scope(admin), "organization")
    (line,) = table.lines
    expected = {
        "waiting": {"late", "began", "no_address", "undelivered", "paused"},
        "late": {"late"},
        "began": {"began"},
        "no_address": {"no_address"},
        "undelivered": {"undelivered"},
        "no_contact": {"no_address", "undelivered"},
        "paused": {"paused"},
        "silent": {"silent"},
        "answered": {"school", "rma", "closed", "returned"},
        "school": {"school", "without"},
        "rma": {"rma"},
        "nobody": {"late", "began", "no_address", "undelivered", "paused", "without", "returned"},
    }
    assert set(expected) == set(STATES)
    for state, names in expected.items():
        behind = {case.pk for case in in_state(response_scope(admin), state)}
        assert behind == {cases[name].pk for name in names}, state
        assert line.counts[state] == len(names), state
    assert (line.asked, line.percent) == (11, "36\N{NO-BREAK SPACE}%")
    assert table.total.counts == line.counts


def states_of(case: Case) -> Counter[str]:
    """Which figures a case counts in, by looking at it alone."""
    said = case.surveys.filter(submitted_at__isnull=False).exists()
    is_open, is_silent = case.status == Status.SURVEY_OPEN, case.status == Status.NO_RESPONSE
    tried = case.person.letters.filter(kind__startswith="motor.").exclude(state=Letter.State.CANCELLED)
    last = tried.exclude(state=Letter.State.OWED, last_error="").order_by("-created_at", "-pk").first()
    is_lost = last is not None and last.state in (Letter.State.OWED, Letter.State.FAILED)
    waits, is_at_school = is_open and not said, case.status in (Status.SCHOOL_REVIEW, Status.FOLLOW_UP)
    found = {
        "asked": True,
        "answered": not is_silent and (said if is_open or case.without_survey else True),
        "silent": is_silent,
        "school": is_at_school,
        "rma": case.status in (Status.RMA_REQUESTED, Status.RMA_REVIEW),
        "nobody": case.status in Case.UNDER_WAY and case.responsible is None,
        "waiting": waits,
        "late": waits and case.paused_until is None and case.due_on < today(),
        "paused": waits and case.paused_until is not None,
        "began": waits and Draft.objects.filter(case=case).exists(),
        "no_address": waits and not case.person.address,
        "undelivered": waits and is_lost,
        "no_contact": waits and (is_lost or not case.person.address),
    }
    return Counter(name for name, holds in found.items() if holds)


def test_figures_equal_a_plain_recount(school: Organization, admin: User) -> None:
    random, course = Random(4), CourseFactory()
    statuses = [Status.SURVEY_OPEN] * 5 + [one for one in Status if one not in (Status.SCHEDULED, Status.STOPPED)]
    for number in range(40):
        place = school if number % 3 else OrganizationFactory()
        person = UserFactory(organization=place, **({"contact_email": None} if number % 5 == 0 else {}))
        is_paused = random.random() < 0.2
        status = random.choice(statuses)
        case = asked(
            place,
            status,
            bare=True,
            person=person,
            of={"course": course} if number % 2 else {},
            due_on=today() + timedelta(days=random.choice((-2, 5))),
            paused_on=today() if is_paused else None,
            paused_until=today() + timedelta(days=3) if is_paused else None,
            without_survey=random.random() < 0.3 and status in (Status.SCHOOL_REVIEW, Status.FOLLOW_UP, Status.CLOSED),
            responsible=random.choice((None, admin)),
        )
        is_beyond = status not in (Status.SURVEY_OPEN, Status.NO_RESPONSE)
        if (is_beyond and not case.without_survey) or (status != Status.NO_RESPONSE and random.random() < 0.3):
            back = {} if is_beyond else {"returned_at": timezone.now(), "return_comment": "Дополните"}
            SurveyFactory(case=case, **back)
        if random.random() < 0.3:
            Draft.objects.create(case=case)
        for days in range(random.randrange(3)):
            state = random.choice((Letter.State.SENT, Letter.State.FAILED, Letter.State.OWED, Letter.State.CANCELLED))
            error = random.choice(("", "занято")) if state == Letter.State.OWED else ""
            at = timezone.now() - timedelta(days=days)
            kind = random.choice(("motor.remind.1", "account.code"))
            LetterFactory(to=person, kind=kind, state=state, last_error=error, created_at=at)
    states = {case.pk: states_of(case) for case in Case.objects.all()}
    for by, path in PATHS.items():
        expected: dict[int, Counter[str]] = {}
        for pk, group in Case.objects.values_list("pk", path):
            expected[group] = expected.get(group, Counter()) + states[pk]
        table = response_table(response_scope(admin), by)
        assert {line.pk: Counter(line.counts) for line in table.lines} == expected, by
        assert Counter(table.total.counts) == sum(states.values(), Counter())
    for state in STATES:
        assert in_state(response_scope(admin), state).count() == table.total.counts[state], state


def test_survey_that_came_after_all_counts_as_an_answer(school: Organization, admin: User) -> None:
    case = asked(school, Status.SCHOOL_REVIEW, without_survey=True)
    assert response_table(response_scope(admin), "organization").total.answered == 1
    assert list(in_state(response_scope(admin), "answered")) == [case]


def test_everybody_sees_his_own_scope_and_no_more(school: Organization) -> None:
    course = CourseFactory(curator=(curator := person_with(Role.CURATOR)))
    near, far = asked(school, of={"course": course}), asked(OrganizationFactory())
    neighbour = asked(OrganizationFactory(municipality=school.municipality))
    subject = near.completion.subject
    seen = {
        person_with(Role.HEAD, school): [near],
        person_with(Role.METHODIST, school): [near],
        person_with(Role.METHODIST, school, subjects=[subject]): [near],
        person_with(Role.METHODIST, school, subjects=[far.completion.subject]): [],
        person_with(Role.MUNICIPAL, school.municipality): [near, neighbour],
        curator: [near],
        person_with(Role.CURATOR): [],
        person_with(Role.ADMIN): [near, far, neighbour],
        person_with(Role.OBSERVER): [],
        near.person: [],
    }
    for reader, cases in seen.items():
        found = response_scope(User.objects.get(pk=reader.pk)).order_by("pk")
        assert list(found) == cases, sorted(reader.roles)


def test_stranger_gets_404_and_an_address_opens_nobody(client: Client, school: Organization) -> None:
    case = asked(school)
    client.force_login(person_with("teacher"))
    for address in (PAGE, PEOPLE, EXCEL, CHANNELS):
        assert client.get(address).status_code == 404
    client.force_login(person_with(Role.METHODIST, OrganizationFactory()))
    content = client.get(PEOPLE, {"organization": school.pk}).content.decode()
    assert case.person.full_name not in content
    assert str(school) not in content
    content = client.get(PEOPLE, {"course": case.completion.course_id}).content.decode()
    assert str(case.completion.course.programme) not in content


def test_page_of_each_tab_and_sort(client: Client, school: Organization, admin: User) -> None:
    one_of_each(school)
    asked(OrganizationFactory())
    client.force_login(admin)
    for by in ("organization", "course", "municipality", "nonsense"):
        for sort in ("name", "-name", "share", "-late", "-no_contact", "nonsense"):
            assert client.get(PAGE, {"by": by, "sort": sort}).status_code == 200
    content = client.get(PAGE).content.decode()
    assert f"/motor/response/people/?&amp;organization={school.pk}&amp;state=late" in content
    assert "12\N{NO-BREAK SPACE}%" not in content  # nobody else's usual share is shown as ours


def test_late_organizations_come_first(client: Client, school: Organization, admin: User) -> None:
    asked(OrganizationFactory())
    asked(school, due_on=today() - timedelta(days=1))
    client.force_login(admin)
    lines = client.get(PAGE).context["page"].object_list
    assert lines[0].pk == school.pk


def test_filters_narrow_and_bad_ones_harm_nobody(client: Client, school: Organization, admin: User) -> None:
    case = asked(school)
    other = asked(OrganizationFactory())
    client.force_login(admin)
    for query in (
        {"school": school.name},
        {"municipality": school.municipality_id},
        {"territory": school.municipality.territory_id},
        {"programme": case.completion.course.programme.title, "school": school.name},
        {"organization": school.pk},
        {"course": case.completion.course_id},
    ):
        content = client.get(PEOPLE, query).content.decode()
        assert case.person.full_name in content, query
        assert other.person.full_name not in content, query
    for query in ({"since": "вчера"}, {"organization": "9" * 40}, {"months": "7"}, {"state": "nonsense"}):
        assert client.get(PEOPLE, query).status_code == 200, query
        assert client.get(PAGE, query).status_code == 200, query
    tomorrow = (today() + timedelta(days=1)).isoformat()
    assert case.person.full_name not in client.get(PEOPLE, {"since": tomorrow}).content.decode()
    assert case.person.full_name in client.get(PEOPLE, {"until": today().isoformat()}).content.decode()


def test_specialist_is_not_asked_for_a_place(client: Client, school: Organization) -> None:
    asked(school)
    client.force_login(person_with(Role.MUNICIPAL, school.municipality))
    form = client.get(PAGE).context["filter"].form
    assert not {"municipality", "territory"} & set(form.fields)


def test_people_are_told_by_what_is_known_of_their_link(school: Organization) -> None:
    cases = one_of_each(school)
    LinkEvent.objects.create(case=cases["paused"], kind=LinkEvent.Kind.OPENED)
    opened = asked(school)
    LinkEvent.objects.create(case=opened, kind=LinkEvent.Kind.OPENED)
    Case.objects.filter(pk=cases["late"].pk).update(reminders=2)
    found = people_of(with_people([*(case.pk for case in cases.values()), opened.pk]))
    codes = dict(zip(cases, (one.code for one in found[:-1]), strict=True))
    assert codes == {
        "late": "sent",
        "began": "began",
        "no_address": "no_address",
        "undelivered": "undelivered",
        "paused": "paused",
        "silent": "silent",
        "school": "answered",
        "rma": "answered",
        "closed": "answered",
        "without": "without",
        "returned": "returned",
    }
    assert found[-1].code == "opened"
    assert found[0].reminded == f"{today():%d.%m}, всего 2"
    assert found[1].reminded == "не напоминали"


@pytest.mark.parametrize("count", [1, 5])
def test_costs_the_same_for_any_number(
    client: Client, school: Organization, admin: User, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        one_of_each(OrganizationFactory(municipality=school.municipality))
    client.force_login(admin)
    client.get(PAGE)
    with django_assert_num_queries(8):
        client.get(PAGE)
    with django_assert_num_queries(12):
        client.get(PEOPLE)


def test_excel_holds_the_table_and_its_total_and_is_logged(client: Client, school: Organization, admin: User) -> None:
    one_of_each(school)
    asked(other := OrganizationFactory(name="=СУММ(1)"))
    client.force_login(admin)
    response = client.get(EXCEL, {"by": "organization"})
    rows = list(load_workbook(BytesIO(response.content))["Отклик"].values)
    assert rows[0][:4] == ("Организация", "Муниципалитет", "Приглашены", "Ответили")
    assert {row[0] for row in rows[1:]} == {str(school), str(other), "Всего"}
    assert rows[-1][2:4] == (12, 4)
    assert LogEntry.objects.filter(action=LogEntry.Action.EXPORTED, actor=admin).count() == 1


def test_empty_page_says_what_will_fill_it(client: Client, admin: User) -> None:
    client.force_login(admin)
    assert "Приглашений пока не было" in client.get(PAGE).content.decode()
    assert client.post(PAGE).status_code == 405


def test_curator_starts_with_courses_and_gets_no_ticks(client: Client, school: Organization) -> None:
    curator = person_with(Role.CURATOR)
    asked(school, of={"course": CourseFactory(curator=curator)})
    client.force_login(curator)
    assert client.get(PAGE).context["by"] == "course"
    assert 'name="case"' not in client.get(PEOPLE).content.decode()


def test_ways_of_answering_come_as_a_page_and_as_its_part(client: Client, school: Organization, admin: User) -> None:
    one_of_each(school)
    client.force_login(admin)
    whole, part = client.get(CHANNELS), client.get(CHANNELS, headers={"HX-Request": "true"})
    assert "по ссылке из письма" in part.content.decode()
    assert "<h1" in whole.content.decode()
    assert "<h1" not in part.content.decode()
