"""The first page: what is expected, by when, who has what one waits for, how things stand, what is done."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from cabinet.core.clock import school_year, today
from cabinet.core.stretches import week_end
from cabinet.home.services.day import desk
from cabinet.structure.models import Organization
from cabinet.users.models import Role, User
from motor.models import Case, Status, Transition
from tests.factories import (
    AssignmentFactory,
    CaseFactory,
    CompletionFactory,
    CourseFactory,
    MemberFactory,
    MembershipFactory,
    OrganizationFactory,
    RouteFactory,
    RouteItemFactory,
    TaskFactory,
    UserFactory,
    person_with,
)

pytestmark = pytest.mark.django_db
LATE, WEEK, LATER = -3, 0, 30


@pytest.fixture
def school() -> Organization:
    return OrganizationFactory()


@pytest.fixture
def methodist(school: Organization) -> User:
    return person_with(Role.METHODIST, school)


def fresh(user: User) -> User:
    """As the next request reads him: roles are remembered for one."""
    return User.objects.get(pk=user.pk)


def led(methodist: User, status: str = Status.SCHOOL_REVIEW, days: int = LATER, **fields: Any) -> Case:
    person = fields.pop("person", None) or UserFactory(organization=methodist.organization)
    completion = CompletionFactory(person=person, **fields.pop("of", {}))
    due = {"due_on": today() + timedelta(days=days)}
    return CaseFactory(completion=completion, status=status, **{"responsible": methodist} | due | fields)


def test_late_ones_stand_apart_and_first(methodist: User) -> None:
    led(methodist, days=LATER)
    late = [led(methodist, days=-days) for days in (9, 5)]
    now = led(methodist, days=(week_end() - today()).days)
    found = desk(methodist)
    assert found.first is not None
    assert found.first.about == late[0].person.full_name
    assert [section.title for section in found.sections] == ["Просрочено", "На этой неделе", "Позже"]
    assert [line.about for line in found.sections[0].blocks[0].lines] == [late[1].person.full_name]
    assert [line.about for line in found.sections[1].blocks[0].lines] == [now.person.full_name]
    assert (found.total, found.late, found.ahead) == (4, 2, "на этой неделе: 1, позже: 1")


def test_forty_teachers_are_groups_and_no_wall(client: Client, methodist: User) -> None:
    for _ in range(10):
        led(methodist, days=LATE)
        led(methodist, days=LATER)
    late, later = desk(methodist).sections
    assert (len(late.blocks[0].lines), late.blocks[0].total) == (3, 9)
    assert (later.blocks[0].is_folded, later.blocks[0].total) == (True, 10)
    client.force_login(methodist)
    content = client.get("/").content.decode()
    assert "Все 9" in content
    for when, count in (("late", 10), ("later", 10), ("week", 0)):
        page = client.get("/motor/", {"turn": "review", "when": when}).context["page"]
        assert page.paginator.count == count, when


def test_several_roles_are_several_groups(school: Organization, methodist: User) -> None:
    MembershipFactory(user=methodist, role=Role.MUNICIPAL, municipality=school.municipality)
    led(methodist)
    led(methodist, Status.SURVEY_OPEN, days=WEEK, person=methodist)
    led(methodist, Status.FOLLOW_UP)
    led(methodist, Status.FOLLOW_UP)
    found = desk(fresh(methodist))
    assert [section.title for section in found.sections] == ["Методист ОО", "Специалист ММС"]
    assert found.first is not None
    assert found.first.button == "Ответить"  # the one line of the teacher's own stands on top


def test_paused_case_asks_for_nothing(methodist: User) -> None:
    led(methodist, paused_on=today(), paused_until=today() + timedelta(days=5))
    assert desk(methodist).total == 0


def test_waiting_names_the_nearest_and_counts_the_rest(client: Client, methodist: User) -> None:
    near = led(methodist, Status.SURVEY_OPEN, days=2)
    led(methodist, Status.SURVEY_OPEN, days=9)
    review = led(methodist, Status.RMA_REVIEW, days=1)
    first, second = desk(methodist).waiting
    assert review.rma_member is not None
    assert (first.total, first.nearest) == (1, review.rma_member.user.short_name)
    assert (second.total, second.nearest, second.due_on) == (2, near.person.short_name, near.due_on)
    client.force_login(methodist)
    assert client.get(second.url).context["page"].paginator.count == 2


def test_progress_is_of_this_school_year_and_leads_to_the_people(client: Client, methodist: User) -> None:
    for status in (Status.SURVEY_OPEN, Status.SCHOOL_REVIEW, Status.CLOSED):
        led(methodist, status)
    led(methodist, Status.CLOSED, opened_at=timezone.now() - timedelta(days=500))
    standing = desk(methodist).standing
    assert standing is not None
    assert (standing.total.answered, standing.total.asked, standing.since) == (2, 3, school_year())
    client.force_login(methodist)
    content = client.get("/").content.decode()
    assert "Ответили 2 из 3" in content
    people = client.get("/motor/response/people/", {"state": "waiting", "since": school_year().isoformat()})
    assert people.context["page"].paginator.count == 1


def test_specialist_sees_where_answers_are_awaited(school: Organization) -> None:
    specialist = person_with(Role.MUNICIPAL, school.municipality)
    other = OrganizationFactory(municipality=school.municipality)
    foreign = OrganizationFactory()
    for place, days in ((school, LATER), (other, LATE), (foreign, LATE)):
        led(person_with(Role.METHODIST, place), Status.SURVEY_OPEN, days)
    standing = desk(specialist).standing
    assert standing is not None
    assert [line.title for line in standing.places] == [str(other), str(school)]


def test_done_this_week_is_said(client: Client, methodist: User) -> None:
    case = led(methodist, Status.FOLLOW_UP)
    for days in (0, 30):
        Transition.objects.create(
            case=case,
            move="assess",
            from_status="school_review",
            to_status="follow_up",
            actor=methodist,
            at=timezone.now() - timedelta(days=days),
        )
    TaskFactory(assignee=methodist, status="done", done_at=timezone.now(), done_by=methodist)
    assert desk(methodist).done == ["1\N{NO-BREAK SPACE}чек-лист", "1\N{NO-BREAK SPACE}задача или шаг"]
    client.force_login(methodist)
    assert "За неделю:" in client.get("/").content.decode()


def test_teacher_sees_own_courses_and_whose_turn_it_is(client: Client, methodist: User) -> None:
    teacher = person_with("teacher", organization=methodist.organization)
    case = led(methodist, person=teacher)
    led(methodist, Status.SURVEY_OPEN, person=teacher)
    found = desk(teacher)
    assert [one.case for one in found.own] == [case]
    assert found.own[0].turn == f"{methodist.short_name} — чек-лист"
    assert found.own[0].answered_at is not None
    assert found.total == 1
    client.force_login(teacher)
    content = client.get("/").content.decode()
    assert "Ответить" in content
    assert "Как отвечают" not in content


def test_mentor_sees_the_people_named_to_him_only(client: Client, methodist: User) -> None:
    case, other = led(methodist), led(methodist)
    mentor = person_with(Role.MENTOR, case.person)
    assert [one.case for one in desk(mentor).helped] == [case]
    client.force_login(mentor)
    assert other.person.full_name not in client.get("/").content.decode()


def test_empty_first_page_is_warm(client: Client) -> None:
    words = {
        "teacher": "Пока тихо",
        Role.OBSERVER: "Сводка по отсроченным результатам",
        Role.CURATOR: "Ответы слушателей ваших курсов",
    }
    for role, text in words.items():
        client.force_login(person_with(role))
        content = client.get("/").content.decode()
        assert "всё сделано" in content
        assert text in content


def test_routes_and_assignments_stand_beside_the_rest(school: Organization, methodist: User) -> None:
    teacher = UserFactory(organization=school)
    route = RouteFactory(person=teacher, status="active")
    RouteItemFactory(route=route, status="returned", due_on=today() - timedelta(days=1))
    RouteItemFactory(route=route, status="planned", due_on=today() + timedelta(days=60))
    RouteItemFactory.create_batch(2, route=route, status="submitted")
    AssignmentFactory(route=route, author=methodist, status="submitted")
    waiting = RouteFactory(person=UserFactory(organization=school), status="in_review", step="methodist")

    def lines(user: User) -> list[tuple[str, str]]:
        return [(line.title, line.about) for group in desk(fresh(user)).groups for line in group.lines]

    assert lines(teacher) == [("Мероприятие маршрута", route.title)]
    assert lines(methodist) == [
        ("Согласовать маршрут", waiting.person.full_name),
        ("Проверить сделанное", teacher.full_name),
        ("Проверить ответ", teacher.full_name),
    ]


def crowd(school: Organization, count: int) -> dict[str, User]:
    """Everybody around a school with `count` cases of every kind for each."""
    methodist = person_with(Role.METHODIST, school)
    member = MemberFactory()
    curator = person_with(Role.CURATOR)
    teacher = person_with("teacher", organization=school)
    for _ in range(count):
        of = {"course": CourseFactory(curator=curator)}
        for days in (LATE, WEEK, LATER):
            led(methodist, days=days, of=of)
        for status in (Status.SURVEY_OPEN, Status.RMA_REQUESTED, Status.RMA_REVIEW, Status.FOLLOW_UP):
            asked = {"rma_member": member} if status in (Status.RMA_REQUESTED, Status.RMA_REVIEW) else {}
            led(methodist, status, of=of, **asked)
        led(methodist, person=teacher)
        led(methodist, Status.SURVEY_OPEN, person=teacher)
        led(methodist, Status.SURVEY_OPEN, responsible=None)
        TaskFactory(assignee=methodist)
        colleague = UserFactory(organization=school)
        RouteFactory(person=UserFactory(organization=school), status="in_review", step="methodist")
        RouteItemFactory(route=RouteFactory(person=colleague, status="active"), status="submitted")
        AssignmentFactory(route=colleague.routes.get(), author=methodist, status="submitted")
    own = RouteFactory(person=teacher, status="active", rma_member=member)
    RouteItemFactory(route=own, status="returned", due_on=today())
    AssignmentFactory(route=own, author=methodist)
    return {
        "methodist": methodist,
        "teacher": teacher,
        "regional": member.user,
        "curator": curator,
        "head": person_with(Role.HEAD, school),
        "mentor": person_with(Role.MENTOR, teacher),
        "municipal": person_with(Role.MUNICIPAL, school.municipality),
        "admin": person_with(Role.ADMIN),
        "observer": person_with(Role.OBSERVER),
    }


QUERIES = {
    "methodist": 14,
    "teacher": 11,
    "regional": 11,
    "curator": 13,
    "head": 12,
    "mentor": 11,
    "municipal": 13,
    "admin": 12,
    "observer": 10,
}


@pytest.mark.parametrize("count", [2, 5])  # with one course there is nothing to compare, and its name is not read
def test_costs_the_same_for_any_number_and_any_role(
    client: Client, school: Organization, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    found = {}
    for role, user in crowd(school, count).items():
        client.force_login(user)
        client.get("/")
        with django_assert_num_queries(15, exact=False) as queries:
            client.get("/")
        found[role] = len(queries)
    assert found == QUERIES


def test_one_person_with_every_role_stays_within_the_limit(
    client: Client, school: Organization, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    user = crowd(school, 1)["methodist"]
    MembershipFactory(user=user, role=Role.HEAD, organization=school)
    MembershipFactory(user=user, role=Role.MUNICIPAL, municipality=school.municipality)
    client.force_login(user)
    client.get("/")
    with django_assert_num_queries(15, exact=False):
        assert client.get("/").status_code == 200


def test_first_page_is_for_people_with_a_login(client: Client) -> None:
    assert client.get("/").status_code == 302
    client.force_login(person_with("teacher"))
    assert client.post("/").status_code == 405
