"""The directory: who is in it for whom, found by what, in how many queries; the same as a file."""

from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from cabinet.home.services.people import editable_by, listed_to, reachable_by
from cabinet.structure.models import Community
from cabinet.users.models import CommunityMember, LogEntry, Membership, Role, User
from tests.factories import (
    CompletionFactory,
    CourseFactory,
    MunicipalityFactory,
    PositionFactory,
    SubjectFactory,
    UserFactory,
    person_with,
)
from tests.home.people import Town, make_town

pytestmark = pytest.mark.django_db
LIST = "/people/"


@pytest.fixture
def town() -> Town:
    return make_town()


def shown(client: Client, user: User, **query: Any) -> list[User]:
    client.force_login(user)
    return [row.person for row in client.get(LIST, query).context["rows"]]


def test_everybody_sees_his_scope_and_nothing_else(town: Town) -> None:
    far = UserFactory(organization=town.far_school)
    curator = person_with(Role.CURATOR)
    listener = CompletionFactory(course=CourseFactory(curator=curator), person=far).person
    mentor = person_with(Role.MENTOR, town.teacher)
    of_school = {town.teacher, town.head, town.methodist}

    assert set(listed_to(town.methodist)) == of_school
    assert set(listed_to(town.head)) == of_school
    assert set(listed_to(town.municipal)) == {*of_school, town.municipal}
    assert set(listed_to(mentor)) == {mentor, town.teacher}
    assert set(listed_to(curator)) == {curator, listener}
    assert set(listed_to(person_with(Role.OBSERVER))) == {User.objects.latest("pk")}
    assert listed_to(town.admin).count() == User.objects.count()


def test_merged_cards_are_not_listed_and_those_who_left_only_when_asked(client: Client, town: Town) -> None:
    UserFactory(organization=town.school, is_active=False, merged_into=town.teacher)
    left = UserFactory(organization=town.school, is_active=False, last_name="Ушедшая")

    assert left not in shown(client, town.head)
    assert shown(client, town.head, state="inactive") == [left]


def test_search_that_finds_only_who_left_leads_there(client: Client, town: Town) -> None:
    """Whoever is to come back is looked for by name, and closed cards are not in the list."""
    UserFactory(last_name="Ушедшая", organization=town.school, is_active=False)
    UserFactory(last_name="Ушедшая", organization=town.far_school, is_active=False)
    client.force_login(town.municipal)
    page = client.get(LIST, {"q": "ушедшая", "page": 1})
    assert page.context["who_left"] == 1
    assert "Показать, кто больше не работает" in page.content.decode()
    assert len(shown(client, town.municipal, q="ушедшая", state="inactive")) == 1
    assert "больше не работает" not in client.get(LIST, {"q": "такой нет"}).content.decode()


def test_who_may_be_changed_by_whom(town: Town) -> None:
    """A login is never opened to the address of somebody with fewer rights than its owner."""
    regional = person_with(Role.REGIONAL, organization=town.school)
    clerk = UserFactory(organization=town.school, is_staff=True)
    neighbour = person_with(Role.METHODIST, town.far_school)
    Membership.objects.filter(user=neighbour).update(organization=town.school)
    both = person_with(Role.METHODIST, town.school)
    Membership.objects.create(user=both, role=Role.METHODIST, organization=town.far_school)
    boss = UserFactory(is_superuser=True, organization=town.school)

    assert set(editable_by(town.municipal)) == {town.teacher, town.head, town.methodist}
    assert set(reachable_by(town.head)) == {town.teacher, town.head, town.methodist}
    assert set(editable_by(town.head)) == set()
    assert set(editable_by(town.methodist)) == set(reachable_by(town.methodist)) == set()
    assert {regional, clerk, neighbour, both} <= set(editable_by(town.admin))
    assert boss not in editable_by(town.admin)


def test_a_role_to_come_protects_already(town: Town) -> None:
    future = UserFactory(organization=town.school)
    Membership.objects.create(user=future, role=Role.ADMIN, starts_on=timezone.localdate().replace(year=2999))

    assert future not in editable_by(town.municipal)
    assert future not in reachable_by(town.head)


def test_search_by_any_part_of_the_name_and_by_a_former_one(client: Client, town: Town) -> None:
    User.objects.filter(pk=town.head.pk).update(former_names="Соснина", former_key=" соснина")
    UserFactory(last_name="Неёлкина", organization=town.school)

    assert shown(client, town.admin, q="елк") == [town.teacher]
    assert shown(client, town.admin, q="анна ёлкина") == [town.teacher]
    assert shown(client, town.admin, q="СОСН мария") == [town.head]
    assert shown(client, town.admin, q="кто-то") == []


def test_filters(client: Client, town: Town) -> None:
    position, subject = PositionFactory(), SubjectFactory()
    silent = UserFactory(organization=town.other_school, contact_email=None, position=position, subject=subject)
    community = Community.objects.create(name="МО учителей физики", organization=town.school)
    CommunityMember.objects.create(community=community, person=town.teacher)
    User.objects.filter(pk=town.head.pk).update(last_login=timezone.now())
    place = town.school.municipality_id
    everybody = {town.teacher, town.head, town.methodist, silent}

    assert set(shown(client, town.admin, municipality=place)) == everybody
    assert shown(client, town.admin, place="липовская сош") == [silent]
    assert shown(client, town.admin, organization=town.other_school.pk) == [silent]
    assert shown(client, town.admin, position=position.pk) == shown(client, town.admin, subject=subject.pk) == [silent]
    assert shown(client, town.admin, role="head") == [town.head]
    assert set(shown(client, town.admin, role="none")) == {town.teacher, silent}
    assert shown(client, town.admin, community=community.pk) == [town.teacher]
    assert shown(client, town.admin, state="no_address") == [silent]
    assert set(shown(client, town.admin, state="no_login")) == {town.teacher, silent}
    assert town.head in shown(client, town.admin, state="login")
    assert town.head not in shown(client, town.admin, state="never")
    assert shown(client, town.admin, state="мусор") == []


def test_choices_are_of_the_reader(client: Client, town: Town) -> None:
    MunicipalityFactory()
    Community.objects.create(name="Чужое МО", organization=town.far_school)
    client.force_login(town.municipal)

    form = client.get(LIST).context["filter"].form

    assert "municipality" not in form.fields
    assert list(form.fields["community"].queryset) == []
    assert town.far_school not in form.fields["organization"].queryset
    assert shown(client, town.municipal, organization=town.far_school.pk) == []


def test_order(client: Client, town: Town) -> None:
    first = shown(client, town.head)
    assert [one.last_name for one in first] == ["Директорова", "Ёлкина", "Методистова"]
    assert shown(client, town.head, sort="-name") == first[::-1]
    assert len(shown(client, town.head, sort="organization")) == len(shown(client, town.head, sort="-seen")) == 3
    assert shown(client, town.head, sort="мусор") == first


@pytest.mark.parametrize("rows", [1, 5])
def test_list_takes_the_same_number_of_queries(
    client: Client, town: Town, rows: int, django_assert_num_queries: Any
) -> None:
    for _ in range(rows):
        person_with(Role.METHODIST, town.school, subject=SubjectFactory(), position=PositionFactory())
    client.force_login(town.municipal)

    with django_assert_num_queries(10):
        page = client.get(LIST)
    assert len(page.context["rows"]) == rows + 4


def test_names_are_text(client: Client, town: Town) -> None:
    User.objects.filter(pk=town.teacher.pk).update(last_name="<b>Ёлкина</b>", former_names="{ссылка}<i>")
    client.force_login(town.head)

    page = client.get(LIST).content.decode()

    assert "&lt;b&gt;Ёлкина" in page
    assert "<b>Ёлкина" not in page
    assert "{ссылка}&lt;i&gt;" in page


def test_teacher_gets_his_own_card_and_the_observer_no_persons(client: Client, town: Town) -> None:
    client.force_login(teacher := person_with("teacher", organization=town.school))
    page = client.get(LIST).content.decode()
    assert reverse("home:person", args=[teacher.pk]) in page
    assert "Методистова" not in page

    client.force_login(observer := person_with(Role.OBSERVER))
    page = client.get(LIST)
    assert "rows" not in page.context
    assert "не показываем" in page.content.decode()
    assert reverse("home:person", args=[observer.pk]) not in page.content.decode()


def test_stranger_and_wrong_method(client: Client, town: Town) -> None:
    assert client.get(LIST)["Location"].startswith(reverse("account_login"))
    client.force_login(town.admin)
    assert client.post(LIST).status_code == 405


def test_excel_holds_what_one_may_reach_and_is_logged(client: Client, town: Town) -> None:
    User.objects.filter(pk=town.teacher.pk).update(phone="=1+1")
    client.force_login(town.head)

    answer = client.get(reverse("home:people_excel"), {"sort": "-name"})

    rows = list(load_workbook(BytesIO(b"".join(answer.streaming_content))).active.values)
    assert [row[0] for row in rows[1:]] == [one.full_name for one in (town.methodist, town.teacher, town.head)]
    assert "=1+1" in rows[2]
    assert LogEntry.objects.filter(action="exported", actor=town.head, note="люди, строк: 3").exists()
    for user in (town.methodist, person_with(Role.OBSERVER), person_with("teacher")):
        client.force_login(user)
        assert client.get(reverse("home:people_excel")).status_code == 404


def test_excel_of_a_head_who_is_a_mentor_elsewhere_has_only_his_school(client: Client, town: Town) -> None:
    far = UserFactory(organization=town.far_school)
    Membership.objects.create(user=town.head, role=Role.MENTOR, person=far)
    client.force_login(town.head)

    answer = client.get(reverse("home:people_excel"))

    names = {row[0] for row in load_workbook(BytesIO(b"".join(answer.streaming_content))).active.values}
    assert far.full_name not in names
    assert far in shown(client, town.head)


def test_pages(client: Client, town: Town) -> None:
    UserFactory.create_batch(30, organization=town.school)
    client.force_login(town.head)

    page = client.get(LIST, {"page": 2})

    assert (page.context["page"].paginator.count, len(page.context["rows"])) == (33, 8)
    fragment = client.get(LIST, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment
