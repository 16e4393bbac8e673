"""The experience pool: who is in it, who reads it, how it is narrowed."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cabinet.planner.models import Event
from cabinet.users.models import Role, User
from motor.models import Case, MunicipalRecord, Status
from motor.services import experience as services
from tests.factories import (
    MemberFactory,
    OrganizationFactory,
    RequestFactory,
    SubjectFactory,
    UserFactory,
    person_with,
)
from tests.planner.events import EventFactory, PresentationFactory, pooled

pytestmark = pytest.mark.django_db
POOL = "/motor/experience/"


def of_school(school: Any, **fields: Any) -> MunicipalRecord:
    last_name = fields.pop("last_name", "Иванова")
    return pooled(completion__person=UserFactory(organization=school, last_name=last_name), **fields)


def shown(client: Client, **query: Any) -> list[MunicipalRecord]:
    return list(client.get(POOL, query).context["page"])


def test_forms_of_a_record_are_kinds_of_events() -> None:
    kinds = dict(Event.Kind.choices)
    assert {code: kinds[code] for code in MunicipalRecord.EventKind.values} == dict(MunicipalRecord.EventKind.choices)


def test_pool_holds_what_was_recorded_last_of_cases_not_reopened() -> None:
    admin = person_with(Role.ADMIN)
    record = pooled()
    closed = pooled(status=Status.CLOSED)
    pooled(version=2)  # recorded before it was reopened
    MunicipalRecord.objects.filter(pk=pooled().pk).update(in_pool=False)
    for status in (Status.SCHOOL_REVIEW, Status.STOPPED):
        Case.objects.filter(pk=pooled().case_id).update(status=status, stop_reason="left")
    User.objects.filter(pk=pooled().case.person_id).update(is_active=False)

    assert list(services.pool_of(admin).order_by("pk")) == [record, closed]


def test_readers_exact_lists() -> None:
    school = OrganizationFactory()
    near = OrganizationFactory(municipality=school.municipality)
    own, neighbour, foreign = of_school(school), of_school(near), of_school(OrganizationFactory())
    member = MemberFactory()
    RequestFactory(source=foreign.case, member=member)

    def seen(user: User) -> list[MunicipalRecord]:
        return list(services.pool_of(user).order_by("pk"))

    def placed(user: User) -> list[MunicipalRecord]:
        return list(services.placeable_by(user).order_by("pk"))

    head, specialist = person_with(Role.HEAD, school), person_with(Role.MUNICIPAL, school.municipality)
    by_subject = person_with(Role.METHODIST, school, subjects=[SubjectFactory()])
    assert (seen(head), placed(head)) == ([own], [own])
    assert (seen(by_subject), placed(by_subject)) == ([], [])
    assert (seen(own.case.responsible), placed(own.case.responsible)) == ([own], [own])
    assert (seen(specialist), placed(specialist)) == ([own, neighbour], [own, neighbour])
    assert (seen(member.user), placed(member.user)) == ([foreign], [])
    assert (seen(own.case.person), placed(own.case.person)) == ([own], [])
    admin = person_with(Role.ADMIN)
    assert (seen(admin), placed(admin)) == ([own, neighbour, foreign], [own, neighbour, foreign])
    assert seen(person_with(Role.OBSERVER)) == []


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.MUNICIPAL, 200),
        (Role.ADMIN, 200),
        (Role.METHODIST, 200),
        (Role.HEAD, 200),
        (Role.REGIONAL, 200),
        ("teacher", 404),
        (Role.OBSERVER, 404),
        (Role.CURATOR, 404),
    ],
)
def test_page_is_for_those_who_arrange(client: Client, role: str, status: int) -> None:
    school = OrganizationFactory()
    scope = {Role.MUNICIPAL: school.municipality, Role.METHODIST: school, Role.HEAD: school}.get(role)  # type: ignore[call-overload]
    client.force_login(person_with(role, scope))
    assert client.get(POOL).status_code == status


def test_visitor_goes_to_the_login_and_post_is_refused(client: Client) -> None:
    assert client.get(POOL)["Location"].startswith("/accounts/login/")
    client.force_login(person_with(Role.ADMIN))
    assert client.post(POOL).status_code == 405


def test_row_shows_who_what_and_where_it_was_presented(client: Client) -> None:
    record = pooled(theme="Квест по физике", event_kinds=["workshop"])
    PresentationFactory(case=record.case, status="presented", event=EventFactory(title="День открытий"))
    PresentationFactory(case=record.case, event=EventFactory(title="Отменённое", is_cancelled=True))
    client.force_login(record.specialist)
    page = client.get(POOL).content.decode()
    for text in (record.case.person.full_name, str(record.case.organization), "Квест по физике", "мастер-класс"):
        assert text in page
    assert "День открытий" in page
    assert "Отменённое" not in page
    assert "Включить в событие" in page


def test_member_of_rma_reads_without_ticks(client: Client) -> None:
    record, member = pooled(), MemberFactory()
    RequestFactory(source=record.case, member=member)
    client.force_login(member.user)
    page = client.get(POOL).content.decode()
    assert record.case.person.full_name in page
    assert "Включить в событие" not in page


def test_filters_of_the_address(client: Client) -> None:
    school, other = OrganizationFactory(name="МБОУ «Гимназия № 7»"), OrganizationFactory()
    quest = of_school(school, theme="Квест «Ёлка» по физике", event_kinds=["mo"], last_name="Щукина")
    sheet = of_school(other, theme="Листы самооценки", event_kinds=["seminar", "open_lesson"], last_name="Дроздова")
    PresentationFactory(case=sheet.case, status="presented")
    PresentationFactory(case=quest.case, status="cancelled")
    client.force_login(person_with(Role.ADMIN))

    assert shown(client) == [sheet, quest]
    assert shown(client, sort="-name") == [quest, sheet]
    assert shown(client, q="елка физ") == [quest]
    assert shown(client, q="дроздова самооц") == [sheet]
    assert shown(client, q="дроздова физ") == []
    assert shown(client, municipality=school.municipality_id) == [quest]
    assert shown(client, school="гимназия") == [quest]
    assert shown(client, subject=sheet.case.completion.subject_id) == [sheet]
    assert shown(client, topic=quest.case.completion.course.programme.topic_id) == [quest]
    assert shown(client, kind="mo") == [quest]
    assert shown(client, kind="open_lesson") == [sheet]
    assert shown(client, shown="no") == [quest]
    assert shown(client, shown="yes") == [sheet]
    assert shown(client, kind="party") == []
    assert shown(client, municipality="9" * 30) == []


def test_choices_name_only_what_the_pool_holds(client: Client) -> None:
    own, foreign = pooled(), pooled()
    client.force_login(own.specialist)
    fields = client.get(POOL).context["filter"].form.fields
    assert "municipality" not in fields
    assert list(fields["subject"].queryset) == [own.case.completion.subject]
    assert foreign.case.completion.course.programme.topic not in fields["topic"].queryset


def test_empty_pool_says_how_it_fills(client: Client) -> None:
    client.force_login(person_with(Role.ADMIN))
    assert "Банк опыта пока пуст" in client.get(POOL).content.decode()
    pooled()
    assert "никто не подходит" in client.get(POOL, {"q": "неведомый"}).content.decode()


@pytest.mark.parametrize("count", [1, 5])
def test_pool_costs_the_same_for_any_number(
    client: Client, count: int, django_assert_num_queries: Callable[..., Any]
) -> None:
    for _ in range(count):
        PresentationFactory(case=pooled().case, status="presented", marked_at=timezone.now())
    client.force_login(person_with(Role.ADMIN))
    client.get(POOL)
    with django_assert_num_queries(10):
        client.get(POOL)
