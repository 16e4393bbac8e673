"""Pages of «Кто отвечает», «Ответственный не назначен», naming by hand and substitutions."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.core.clock import today
from cabinet.home.services.day import desk
from cabinet.structure.models import Organization
from cabinet.users.models import Membership, Role, Substitution, User
from motor.models import Case
from tests.factories import (
    CaseFactory,
    CompletionFactory,
    MembershipFactory,
    OrganizationFactory,
    SubjectFactory,
    UserFactory,
    person_with,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def school() -> Organization:
    return OrganizationFactory()


@pytest.fixture
def head(school: Organization) -> User:
    return person_with("head", school)


@pytest.fixture
def specialist(school: Organization) -> User:
    return person_with("municipal", school.municipality)


def case_in(school: Organization, responsible: User | None, **fields: Any) -> Case:
    person = fields.pop("person", None) or UserFactory(organization=school)
    return CaseFactory(
        completion=CompletionFactory(person=person, organization=school), responsible=responsible, **fields
    )


def page(client: Client, user: User, name: str, *args: Any, query: str = "", status: int = 200) -> str:
    client.force_login(user)
    response = client.get(reverse(name, args=args) + query)
    assert response.status_code == status
    return response.content.decode()


def send(client: Client, user: User, name: str, *args: Any, status: int = 200, **data: Any) -> str:
    client.force_login(user)
    response = client.post(reverse(name, args=args), data)
    assert response.status_code == status, response.content.decode()[:3000]
    return response.content.decode()


# --- The list and the organization -----------------------------------------------------------------------------


def test_head_goes_straight_to_his_organization(client: Client, school: Organization, head: User) -> None:
    client.force_login(head)
    response = client.get(reverse("motor:responsible"))
    assert response["Location"] == reverse("motor:responsible_of", args=[school.pk])


def test_list_shows_the_own_municipality_and_filters(client: Client, school: Organization, specialist: User) -> None:
    person_with("methodist", school, subjects=[SubjectFactory(name="физика")])
    near = OrganizationFactory(municipality=school.municipality, name="Детский сад «Ромашка»")
    far = OrganizationFactory()
    text = page(client, specialist, "motor:responsible")
    assert school.name in text
    assert near.name in text
    assert "физика" in text
    assert far.name not in text
    assert "Муниципалитет" not in text  # nothing to choose from
    assert near.name not in page(client, specialist, "motor:responsible", query="?state=named")
    assert school.name not in page(client, specialist, "motor:responsible", query="?q=РОМАШКА")


@pytest.mark.parametrize("count", [1, 5])
def test_lists_cost_the_same_for_any_number(
    client: Client, school: Organization, specialist: User, count: int, django_assert_num_queries: Any
) -> None:
    subject = SubjectFactory()
    for _ in range(count):
        one = OrganizationFactory(municipality=school.municipality)
        person_with("methodist", one, subjects=[subject])
        case_in(one, specialist)
        bare = OrganizationFactory(municipality=school.municipality)
        case_in(bare, specialist)
    leave = {"deputy": specialist, "starts_on": today(), "ends_on": today() + DAY}
    for person in User.objects.filter(memberships__role=Role.METHODIST):
        Substitution.objects.create(person=person, **leave)
    client.force_login(specialist)
    for name, queries in (
        ("motor:responsible", 9),
        ("motor:unassigned", 8),
        ("motor:unassigned_cases", 9),
        ("motor:substitutions", 6),
    ):
        with django_assert_num_queries(queries):
            client.get(reverse(name))


@pytest.mark.parametrize("count", [1, 5])
def test_page_of_an_organization_costs_the_same_for_any_number(
    client: Client, school: Organization, head: User, specialist: User, count: int, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        methodist = person_with("methodist", school, subjects=[SubjectFactory()])
        case_in(school, methodist)
        case_in(school, None)
    client.force_login(head)
    with django_assert_num_queries(12):
        client.get(reverse("motor:responsible_of", args=[school.pk]))


def test_unassigned_lists_are_worked_off(client: Client, school: Organization, specialist: User) -> None:
    nobody, up = case_in(school, None), case_in(school, specialist)
    quiet = OrganizationFactory(municipality=school.municipality)  # without cases there is nothing to hurry for
    text = page(client, specialist, "motor:unassigned")
    assert reverse("motor:appoint", args=[school.pk]) in text
    assert quiet.name not in text
    text = page(client, specialist, "motor:unassigned_cases")
    assert f'value="{nobody.pk}:0"' in text
    assert f'value="{up.pk}:{specialist.pk}"' in text
    assert up.person.full_name not in page(client, specialist, "motor:unassigned_cases", query="?holder=nobody")
    person_with("methodist", school)
    assert school.name not in page(client, specialist, "motor:unassigned")
    assert up.person.full_name not in page(client, specialist, "motor:unassigned_cases")


def test_first_page_counts_what_has_nobody(school: Organization, head: User, specialist: User) -> None:
    case_in(school, None)
    titles = {group.title for group in desk(specialist).groups}
    assert "Ответственный не назначен" in titles
    assert "Ответственный не назначен" in {group.title for group in desk(head).groups}
    group = next(one for one in desk(specialist).groups if one.title == "Ответственный не назначен")
    assert [line.url for line in group.lines] == [
        reverse("motor:unassigned"),
        f"{reverse('motor:unassigned_cases')}?holder=nobody",
    ]


# --- Appointing ------------------------------------------------------------------------------------------------


def test_appointing_shows_first_and_does_then(
    client: Client, school: Organization, head: User, specialist: User
) -> None:
    case, person = case_in(school, specialist), UserFactory(organization=school)
    text = send(client, head, "motor:appoint", school.pk, person=person.pk, do="check")
    assert "1\u00a0карта перейдёт → " + person.full_name in text
    assert case.person.full_name in text
    assert not Membership.objects.filter(user=person).exists()
    text = send(client, head, "motor:appoint", school.pk, person=person.pk, do="edit")
    assert f'value="{person.pk}" selected' in text
    send(client, head, "motor:appoint", school.pk, person=person.pk, do="write", status=302)
    case.refresh_from_db()
    assert case.responsible == person
    assert person.full_name in page(client, head, "motor:responsible_of", school.pk)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "Выберите человека или впишите имя"),
        ({"full_name": "Новая Вера"}, "Укажите адрес почты"),
        ({"full_name": "Новая Вера", "email": "не адрес"}, "Проверьте адрес"),
        ({"full_name": "Новая Вера", "email": "vera@example.org", "starts_on": "2020-01-01"}, "уже прошёл"),
        ({"full_name": "Новая Вера", "email": "vera@example.org", "ends_on": "2020-01-01"}, "раньше, чем начинается"),
        ({"full_name": "<b>Новая", "email": "vera@example.org"}, "Имя не распознано"),
    ],
)
def test_mistakes_are_explained_and_nothing_typed_is_lost(
    client: Client, school: Organization, head: User, data: dict[str, str], words: str
) -> None:
    text = send(client, head, "motor:appoint", school.pk, **data, do="check", status=422)
    assert words in text
    assert "<b>Новая" not in text
    if "full_name" in data:
        assert "Новая" in text


def test_person_of_another_school_cannot_be_chosen(client: Client, school: Organization, head: User) -> None:
    stranger = UserFactory()
    send(client, head, "motor:appoint", school.pk, person=stranger.pk, do="write", status=422)
    assert not stranger.memberships.exists()


def test_strangers_and_other_schools_get_404(client: Client, school: Organization, head: User) -> None:
    other = OrganizationFactory()
    role = MembershipFactory(user=UserFactory(organization=other), role=Role.METHODIST)
    for name, pk in (
        ("motor:responsible_of", other.pk),
        ("motor:appoint", other.pk),
        ("motor:role_subjects", role.pk),
        ("motor:role_end", role.pk),
        ("motor:name_responsible", case_in(other, None).pk),
        ("motor:name_responsible", case_in(school, None, person=head).pk),
        ("motor:substitution_add", role.user_id),
    ):
        page(client, head, name, pk, status=404)
    page(client, person_with("methodist", school), "motor:responsible_of", school.pk, status=404)
    client.logout()
    assert client.get(reverse("motor:responsible")).status_code == 302
    client.force_login(head)
    assert client.post(reverse("motor:responsible")).status_code == 405
    assert client.get(reverse("motor:name_many")).status_code == 404  # a head has no such list
    assert client.put(reverse("motor:appoint", args=[school.pk])).status_code == 405


def test_subjects_are_changed_with_a_look_first(
    client: Client, school: Organization, head: User, specialist: User
) -> None:
    physics = SubjectFactory()
    methodist = person_with("methodist", school, subjects=[physics])
    case = case_in(school, specialist)
    role = methodist.memberships.get()
    assert "checked" in page(client, head, "motor:role_subjects", role.pk)
    chosen = [physics.pk, case.completion.subject_id]
    assert case.person.full_name in send(client, head, "motor:role_subjects", role.pk, subjects=chosen, do="check")
    send(client, head, "motor:role_subjects", role.pk, subjects=chosen, do="write", status=302)
    case.refresh_from_db()
    assert (case.responsible, role.subjects.count()) == (methodist, 2)


def test_own_role_is_not_ended_silently(client: Client, school: Organization, head: User) -> None:
    role = MembershipFactory(user=head, role=Role.METHODIST)
    day = today().isoformat()
    assert "снимаете роль с самого себя" in send(
        client, head, "motor:role_end", role.pk, since=day, do="write", status=422
    )
    send(client, head, "motor:role_end", role.pk, since=day, is_sure="on", do="write", status=302)
    role.refresh_from_db()
    assert role.ends_on == today() - DAY


# --- By hand ---------------------------------------------------------------------------------------------------


def test_person_is_named_on_the_page_of_the_case(client: Client, school: Organization, head: User) -> None:
    methodist, case = person_with("methodist", school), case_in(school, None)
    assert methodist.full_name in page(client, head, "motor:name_responsible", case.pk)
    data = {"person": methodist.pk, "reason": "Ведёт этот предмет", "seen": "0"}
    text = send(client, head, "motor:name_responsible", case.pk, **data | {"reason": ""}, status=422)
    assert "Напишите, почему назначаете" in text
    text = send(client, head, "motor:name_responsible", case.pk, **data | {"seen": "77"}, status=422)
    assert "ответственный сменился" in text
    assert "Ведёт этот предмет" in text
    send(client, head, "motor:name_responsible", case.pk, **data, status=302)
    case.refresh_from_db()
    assert case.responsible == methodist
    send(client, head, "motor:name_responsible", case.pk, **data | {"person": head.pk}, status=422)


def test_many_are_named_in_three_steps(client: Client, school: Organization, specialist: User) -> None:
    methodist = person_with("methodist", school)
    cases = [case_in(school, None), case_in(school, None, person=person_with("head", school))]
    ticks = [f"{case.pk}:0" for case in cases] + ["чужое", "9" * 40 + ":0", "99999999:0"]
    text = send(client, specialist, "motor:name_many", case=ticks)
    assert "подходит для 1 из 2" in text
    data = {"case": ticks, "person": methodist.pk, "reason": "Начало года"}
    text = send(client, specialist, "motor:name_many", **data, do="check")
    assert "Изменится: 1\u00a0карта" in text
    assert "уровень выше" in text
    send(client, specialist, "motor:name_many", **data, do="write", status=302)
    assert [Case.objects.get(pk=case.pk).responsible for case in cases] == [methodist, None]
    send(client, specialist, "motor:name_many", **data | {"reason": ""}, do="write", status=422)
    send(client, specialist, "motor:name_many", case=[], status=302)


# --- Substitutions ---------------------------------------------------------------------------------------------


def test_methodist_hands_over_own_cases(client: Client, school: Organization, specialist: User) -> None:
    methodist = person_with("methodist", school)
    case = case_in(school, methodist)
    assert reverse("motor:substitution_add", args=[methodist.pk]) in page(client, methodist, "motor:substitutions")
    data = {
        "deputy": specialist.pk,
        "starts_on": today().isoformat(),
        "ends_on": (today() + 7 * DAY).isoformat(),
        "reason": "отпуск",
    }
    text = send(client, methodist, "motor:substitution_add", methodist.pk, **data, do="check")
    assert "Перейдёт → " + specialist.full_name in text
    assert "1\u00a0карта МОТОР" in text
    assert not Substitution.objects.exists()
    send(client, methodist, "motor:substitution_add", methodist.pk, **data, do="write", status=302)
    row = Substitution.objects.get()
    text = page(client, specialist, "motor:substitution", row.pk)
    assert case.person.full_name in text
    text = send(client, methodist, "motor:substitution_add", methodist.pk, **data, do="write", status=422)
    assert "уже есть" in text
    assert "отпуск" in text
    send(client, methodist, "motor:substitution_cancel", row.pk, status=302)
    case.refresh_from_db()
    assert (case.responsible, case.on_behalf_of) == (methodist, None)


def test_deputy_sees_the_substitution_but_may_be_unable_to_cancel_it(
    client: Client, school: Organization, specialist: User
) -> None:
    methodist, colleague = person_with("methodist", school), person_with("methodist", school)
    row = Substitution.objects.create(person=methodist, deputy=colleague, starts_on=today(), ends_on=today())
    assert "Отменить замещение" not in page(client, colleague, "motor:substitution", row.pk)
    send(client, colleague, "motor:substitution_cancel", row.pk, status=404)
    assert "Отменить замещение" in page(client, specialist, "motor:substitution", row.pk)
    page(client, person_with("methodist", OrganizationFactory()), "motor:substitution", row.pk, status=404)


def test_page_of_the_case_leads_to_naming_and_says_who_is_replaced(
    client: Client, school: Organization, head: User, specialist: User
) -> None:
    methodist = person_with("methodist", school)
    case = case_in(school, methodist)
    address = reverse("motor:name_responsible", args=[case.pk])
    assert address in page(client, head, "motor:case", case.pk)
    assert address in page(client, specialist, "motor:case", case.pk)
    assert address not in page(client, methodist, "motor:case", case.pk)
    own = case_in(school, specialist, person=head)
    assert reverse("motor:name_responsible", args=[own.pk]) not in page(client, head, "motor:case", own.pk)
    Case.objects.filter(pk=case.pk).update(responsible=specialist, on_behalf_of=methodist)
    assert f"замещает: {methodist.full_name}" in page(client, head, "motor:case", case.pk)
