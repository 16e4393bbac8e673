"""The Django admin: only for staff, in Russian, with a constant number of queries, and every right traced."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from cabinet.users.models import LogEntry, Membership, Role, User
from motor.models import Status
from tests import factories
from tests.factories import CaseFactory, MembershipFactory, OrganizationFactory, UserFactory, person_with

pytestmark = pytest.mark.django_db

OURS = ("core", "structure", "users", "mail", "jobs", "planner", "courses", "rma", "motor")
MODELS = sorted(
    (model for model in admin.site._registry if model._meta.app_label in OURS), key=lambda model: model._meta.label
)


@pytest.fixture
def staff(client: Client) -> User:
    user: User = person_with(Role.ADMIN, is_staff=True)
    client.force_login(user)
    return user


def page(model: Any, name: str = "changelist", *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


def make(model: Any, count: int) -> list[Any]:
    factory = getattr(factories, f"{model.__name__}Factory", None)
    return factory.create_batch(count) if factory else []


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_list_and_card_open_with_a_constant_number_of_queries(
    client: Client, staff: User, model: Any, django_assert_max_num_queries: Any
) -> None:
    make(model, 1)
    if model is LogEntry:
        LogEntry.objects.create(action="viewed", actor=staff, person=staff)
    assert client.get(page(model), {"q": "ива"}).status_code == 200
    with django_assert_max_num_queries(15) as few:
        assert client.get(page(model)).status_code == 200
    make(model, 5)
    with django_assert_max_num_queries(15) as many:
        assert client.get(page(model)).status_code == 200

    assert len(many) == len(few)
    row = model._default_manager.first()
    if row is not None:
        with django_assert_max_num_queries(40):
            assert client.get(page(model, "change", row.pk)).status_code == 200


def test_admin_role_without_staff_and_staff_without_the_role_change_nothing(client: Client) -> None:
    client.force_login(person_with(Role.ADMIN))
    assert client.get("/admin/", follow=True).status_code == 403

    client.force_login(UserFactory(email="clerk@example.org", is_staff=True))
    assert client.get(page(User)).status_code == 403


def test_menu_is_in_russian(client: Client, staff: User) -> None:
    text = client.get("/admin/").content.decode()

    assert "Цифровой кабинет методиста" in text
    assert "карты отслеживания" in text.lower()
    assert "производственный календарь" in text.lower()


def test_people_are_found_by_any_part_of_the_name_and_by_address(client: Client, staff: User) -> None:
    wanted = UserFactory(last_name="Ёлкина", first_name="Анна", contact_email="elkina@example.org")
    UserFactory(last_name="Елизарова", first_name="Ольга")

    for text in ("ёлкина", "ЕЛКИНА анна", "анна елкина", "elkina@"):
        response = client.get(page(User), {"q": text})
        assert list(response.context["cl"].queryset) == [wanted], text


def test_autocomplete_finds_organizations_by_folded_words(client: Client, staff: User) -> None:
    OrganizationFactory(name="МАОУ «Гимназия № 7»")
    OrganizationFactory(name="МБОУ «СОШ № 8»")
    query = {"app_label": "users", "model_name": "user", "field_name": "organization", "term": "гимназия"}

    answer = client.get(reverse("admin:autocomplete"), query).json()

    assert [one["text"] for one in answer["results"]] == ["МАОУ «Гимназия № 7»"]


def test_action_opens_the_login_by_the_address_for_letters(client: Client, staff: User) -> None:
    person, silent = UserFactory(), UserFactory(contact_email=None)
    taken = UserFactory(contact_email="same@example.org")
    UserFactory(email="same@example.org", contact_email=None)

    client.post(page(User), {"action": "open_login", "_selected_action": [person.pk, silent.pk, taken.pk]})

    person.refresh_from_db()
    taken.refresh_from_db()
    assert person.email == person.contact_email
    assert taken.email is None
    entry = LogEntry.objects.get()
    assert (entry.action, entry.actor, entry.person, entry.note) == ("rights", staff, person, "открыт вход")


def test_lost_second_factor_is_taken_off_with_a_trace(client: Client, staff: User) -> None:
    person, chief = UserFactory(), UserFactory(is_superuser=True, email="chief@example.org")
    for one in (person, chief):
        Authenticator.objects.create(user=one, type=Authenticator.Type.TOTP, data={"secret": "x"})

    data = {"action": "reset_second_factor", "_selected_action": [person.pk, chief.pk, UserFactory().pk]}
    client.post(page(User), data)

    assert [one.user for one in Authenticator.objects.all()] == [chief], "a superuser is out of reach"
    assert [entry.person for entry in LogEntry.objects.filter(note="снят второй фактор")] == [person]
    assert not admin.site.is_registered(Authenticator), "its page would show the secrets"


def test_looking_at_a_card_leaves_a_trace(client: Client, staff: User) -> None:
    person = UserFactory()

    client.get(page(User, "change", person.pk))

    assert LogEntry.objects.filter(action="viewed", actor=staff, person=person).count() == 1


def form_of(user: User, roles: list[dict[str, Any]], initial: int = 0, **changes: Any) -> dict[str, Any]:
    fields = ("last_name", "first_name", "patronymic", "contact_email", "phone", "contact_note", "email")
    data = {name: getattr(user, name) or "" for name in fields}
    data |= {"is_active": "on", "organization": user.organization_id or ""}
    data |= {"memberships-TOTAL_FORMS": len(roles), "memberships-INITIAL_FORMS": initial}
    for number, role in enumerate(roles):
        data |= {f"memberships-{number}-{name}": value for name, value in role.items()}
    return data | changes


def test_naming_a_methodist_leaves_a_trace(client: Client, staff: User) -> None:
    person = UserFactory()
    role = {"role": Role.METHODIST, "organization": person.organization.pk, "user": person.pk}

    response = client.post(page(User, "change", person.pk), form_of(person, [role]))

    assert response.status_code == 302, response.context["adminform"].errors
    membership = Membership.objects.get(user=person)
    assert membership.role == Role.METHODIST
    entry = LogEntry.objects.get(person=person)
    assert (entry.action, entry.actor) == ("rights", staff)
    assert "назначена роль: методист ОО" in entry.note


def test_taking_a_role_away_leaves_a_trace(client: Client, staff: User) -> None:
    membership = MembershipFactory(organization=OrganizationFactory())
    role = {"id": membership.pk, "role": membership.role, "organization": membership.organization_id}
    role |= {"user": membership.user_id, "DELETE": "on"}

    client.post(page(User, "change", membership.user_id), form_of(membership.user, [role], initial=1))

    assert not Membership.objects.filter(pk=membership.pk).exists()
    assert "снята роль" in LogEntry.objects.get(person=membership.user).note


def test_role_without_its_place_is_refused_at_the_field(client: Client, staff: User) -> None:
    person = UserFactory()

    response = client.post(
        page(User, "change", person.pk), form_of(person, [{"role": Role.METHODIST, "user": person.pk}])
    )

    assert response.status_code == 200
    assert "укажите, где она действует" in response.content.decode()


def test_staff_cannot_raise_anyone_to_staff_or_touch_a_superuser(client: Client, staff: User) -> None:
    person = UserFactory()
    chief = UserFactory(email="chief@example.org", is_superuser=True, is_staff=True)

    client.post(page(User, "change", person.pk), form_of(person, [], is_staff="on", is_superuser="on"))
    refused = client.post(page(User, "change", chief.pk), form_of(chief, [], email="mine@example.org"))

    person.refresh_from_db()
    chief.refresh_from_db()
    assert (person.is_staff, person.is_superuser) == (False, False)
    assert refused.status_code == 403
    assert chief.email == "chief@example.org"


def test_cases_letters_and_the_log_are_for_looking_only(client: Client, staff: User) -> None:
    case = CaseFactory(status=Status.CLOSED)
    letter = factories.LetterFactory(about=case, to=case.person)
    entry = LogEntry.objects.create(action="viewed", actor=staff)

    for row in (case, letter, entry):
        assert client.post(page(type(row), "change", row.pk), {"status": "stopped"}).status_code == 403
        assert client.post(page(type(row), "delete", row.pk), {"post": "yes"}).status_code == 403
    assert case.public_id not in client.get(page(type(case), "change", case.pk)).content.decode()


def test_organizations_alias_takes_its_municipality(client: Client, staff: User) -> None:
    organization = OrganizationFactory()
    data = {
        "name": organization.name,
        "kind": organization.kind,
        "municipality": organization.municipality_id,
        "is_active": "on",
        "aliases-TOTAL_FORMS": 1,
        "aliases-INITIAL_FORMS": 0,
        "aliases-0-name": "Первая школа",
        "aliases-0-organization": organization.pk,
    }

    response = client.post(page(type(organization), "change", organization.pk), data)

    assert response.status_code == 302, response.context["errors"]
    assert organization.aliases.get().municipality == organization.municipality
