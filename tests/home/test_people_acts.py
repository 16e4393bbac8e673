"""What is done to a card: a new one, contacts, invitations; who may do what and who may not."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cabinet.home.services import inviting
from cabinet.home.services.inviting import Standing, plan_invitations
from cabinet.mail.models import Letter
from cabinet.users.models import LogEntry, Membership, Role, User
from motor.models import Case
from tests.factories import (
    CaseFactory,
    CompletionFactory,
    PositionFactory,
    UserFactory,
    person_with,
)
from tests.home.people import Town, make_town

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    return make_town()


def at(name: str, person: User) -> str:
    return reverse(f"home:{name}", args=[person.pk])


def case_of(person: User, **fields: Any) -> Case:
    case: Case = CaseFactory(completion=CompletionFactory(person=person), **fields)
    return case


# --- A new card --------------------------------------------------------------------------------------------------


def new_person(town: Town, **fields: Any) -> dict[str, Any]:
    data = {"last_name": "Соснина", "first_name": "Вера", "patronymic": "Ильинична", "do": "write"}
    return data | {"organization": town.school.pk} | fields


def test_new_person(client: Client, town: Town) -> None:
    client.force_login(town.municipal)

    answer = client.post(reverse("home:person_new"), new_person(town, email="Vera@Example.org", last_name=" Соснина "))

    person = User.objects.get(contact_email="vera@example.org")
    assert answer["Location"] == at("person", person)
    assert (person.full_name, person.organization, person.email) == ("Соснина Вера Ильинична", town.school, None)
    assert LogEntry.objects.filter(person=person, actor=town.municipal, note__contains="заведена").exists()


def test_those_alike_are_shown_first(client: Client, town: Town) -> None:
    client.force_login(town.municipal)
    address = reverse("home:person_new")
    same = new_person(town, last_name="Елкина", first_name="Анна", patronymic="Петровна")

    page = client.post(address, same)
    assert [one.person for one in page.context["similar"]] == [town.teacher]
    assert User.objects.filter(name_key="елкина анна петровна").count() == 1

    client.post(address, same | {"sure": "yes"})
    assert User.objects.filter(name_key="елкина анна петровна").count() == 2


def test_a_former_surname_is_noticed(client: Client, town: Town) -> None:
    User.objects.filter(pk=town.teacher.pk).update(former_names="Соснина", former_key=" соснина")
    client.force_login(town.municipal)

    page = client.post(
        reverse("home:person_new"), new_person(town, first_name="Анна", patronymic="Петровна", last_name="Соснина")
    )

    assert [(one.person, one.reasons) for one in page.context["similar"]] == [
        (town.teacher, ["такой была прежняя фамилия"])
    ]


def test_a_taken_address_is_refused_without_a_name(client: Client, town: Town) -> None:
    far = UserFactory(organization=town.far_school, last_name="Тайная", contact_email="taken@example.org")
    client.force_login(town.municipal)

    page = client.post(reverse("home:person_new"), new_person(town, email="taken@example.org"))

    assert page.status_code == 422
    assert far.last_name not in page.content.decode()
    assert not User.objects.filter(last_name="Соснина").exists()


def test_organizations_are_those_of_the_own_municipality(client: Client, town: Town) -> None:
    client.force_login(town.municipal)
    address = reverse("home:person_new")

    found = client.post(address, new_person(town, do="find", place="сош", organization=""))
    assert found.status_code == 200
    assert "Найдите организацию" not in found.content.decode()
    assert set(found.context["form"].found) == {town.school, town.other_school}
    assert client.post(address, new_person(town, organization=town.far_school.pk)).status_code == 422
    assert client.post(address, new_person(town, organization="")).status_code == 422


@pytest.mark.parametrize("name", ["head", "methodist"])
def test_new_person_is_not_for_a_school(client: Client, town: Town, name: str) -> None:
    client.force_login(getattr(town, name))
    assert client.get(reverse("home:person_new")).status_code == 404


# --- Contacts ----------------------------------------------------------------------------------------------------


def contacts(client: Client, person: User, **fields: Any) -> Any:
    page = client.get(at("person_edit", person))
    form = page.context["form"]
    data = {name: "" if form[name].value() is None else form[name].value() for name in form.fields}
    return client.post(at("person_edit", person), data | fields)


def test_head_corrects_contacts_only(client: Client, town: Town) -> None:
    client.force_login(town.head)
    position = PositionFactory()

    contacts(client, town.teacher, phone="8 900", contact_email="NEW@example.org", position=position.pk)

    town.teacher.refresh_from_db()
    assert (town.teacher.phone, town.teacher.contact_email, town.teacher.position) == ("8 900", "new@example.org", None)
    note = LogEntry.objects.get(person=town.teacher, note__startswith="изменено:").note
    assert note == "изменено: телефон, почта для писем"


def test_specialist_corrects_the_post_too(client: Client, town: Town) -> None:
    client.force_login(town.municipal)
    position = PositionFactory()
    contacts(client, town.teacher, position=position.pk)
    town.teacher.refresh_from_db()
    assert town.teacher.position == position


def test_two_who_edit_at_once(client: Client, town: Town) -> None:
    client.force_login(town.municipal)
    page = client.get(at("person_edit", town.teacher))
    seen = page.context["form"]["seen"].value()
    contacts(client, town.teacher, phone="первый")

    second = client.post(at("person_edit", town.teacher), {"phone": "второй", "seen": seen})

    assert second.status_code == 422
    town.teacher.refresh_from_db()
    assert town.teacher.phone == "первый"
    again = client.post(
        at("person_edit", town.teacher), {"phone": "второй", "seen": second.context["form"]["seen"].value()}
    )
    assert again.status_code == 302


def test_an_address_of_another_person_is_refused_whichever_it_is(client: Client, town: Town) -> None:
    UserFactory(email="login@example.org")
    client.force_login(town.municipal)

    for address in ("login@example.org", str(town.head.contact_email), "не адрес"):
        assert contacts(client, town.teacher, contact_email=address).status_code == 422
    assert contacts(client, town.teacher, contact_email="").status_code == 302
    town.teacher.refresh_from_db()
    assert town.teacher.contact_email is None


# --- Invitations -------------------------------------------------------------------------------------------------


def test_invitation_opens_the_login_and_writes_once_a_day(client: Client, town: Town) -> None:
    client.force_login(town.head)

    for _ in range(2):
        assert client.post(at("person_invite", town.teacher)).status_code == 302

    town.teacher.refresh_from_db()
    letter = Letter.objects.get(kind="people.invite")
    assert town.teacher.email == town.teacher.contact_email == letter.address
    assert "/accounts/login/code/" in letter.body
    assert LogEntry.objects.filter(person=town.teacher, action="rights").count() == 2
    assert client.get(at("person_invite", town.teacher)).status_code == 405


def test_who_is_invited_and_who_is_not(town: Town) -> None:
    enters = UserFactory(email="in@example.org", last_login=timezone.now())
    silent = UserFactory(contact_email=None)
    taken = UserFactory(contact_email="shared@example.org")
    UserFactory(email="shared@example.org")
    opened = UserFactory(email="open@example.org")
    closed = UserFactory(is_active=False)

    groups = plan_invitations([town.teacher, enters, silent, taken, opened, closed]).groups

    assert groups == {
        Standing.READY: [town.teacher],
        Standing.AGAIN: [opened],
        Standing.ENTERS: [enters],
        Standing.NO_ADDRESS: [silent],
        Standing.TAKEN: [taken],
        Standing.CLOSED: [closed],
    }


def test_many_are_invited_after_a_look(client: Client, town: Town) -> None:
    far, silent = UserFactory(organization=town.far_school), UserFactory(organization=town.school, contact_email=None)
    client.force_login(town.head)
    address = reverse("home:people_invite")
    picked = {"pk": [town.teacher.pk, far.pk, silent.pk, "мусор"]}

    look = client.get(address, picked)
    assert look.context["plan"].groups == {Standing.READY: [town.teacher], Standing.NO_ADDRESS: [silent]}
    assert Letter.objects.count() == 0
    for _ in range(2):
        client.post(address, picked)
    assert list(Letter.objects.values_list("to", flat=True)) == [town.teacher.pk]
    assert client.get(address).status_code == 302
    client.force_login(town.methodist)
    assert client.post(address, picked).status_code == 404


@pytest.mark.parametrize("rows", [1, 5])
def test_look_at_invitations_takes_the_same_number_of_queries(
    client: Client, town: Town, rows: int, django_assert_num_queries: Any
) -> None:
    people = UserFactory.create_batch(rows, organization=town.school)
    client.force_login(town.head)
    with django_assert_num_queries(6):
        client.get(reverse("home:people_invite"), {"pk": [one.pk for one in people]})


def test_an_invitation_that_fails_leaves_the_login_closed(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(**_: object) -> None:
        raise OSError("диск полон")

    monkeypatch.setattr(inviting, "queue_letter", break_down)

    with pytest.raises(OSError, match="диск"):
        inviting.invite([town.teacher], actor=town.admin)

    assert User.objects.get(pk=town.teacher.pk).email is None


# --- Who may -----------------------------------------------------------------------------------------------------

ACTS = ["person_edit", "person_move", "person_rename", "person_leave", "person_return", "role_give"]


@pytest.mark.parametrize("name", ACTS)
def test_a_neighbouring_specialist_learns_nothing(client: Client, town: Town, name: str) -> None:
    client.force_login(person_with(Role.MUNICIPAL, town.far_school.municipality))
    assert client.get(at(name, town.teacher)).status_code == 404
    assert client.post(at(name, town.teacher), {"do": "write"}).status_code == 404
    assert client.post(at("person_invite", town.teacher)).status_code == 404


@pytest.mark.parametrize("name", ["person_move", "person_rename", "person_leave", "person_return", "role_give"])
def test_head_and_methodist_do_not_keep_cards(client: Client, town: Town, name: str) -> None:
    for user in (town.head, town.methodist):
        client.force_login(user)
        assert client.get(at(name, town.teacher)).status_code == 404
        assert client.post(at(name, town.teacher)).status_code == 404


@pytest.mark.parametrize("name", ["person_move", "person_rename", "person_leave", "person_return", "role_give"])
def test_nobody_does_it_to_himself(client: Client, town: Town, name: str) -> None:
    for user in (town.admin, town.municipal):
        client.force_login(user)
        assert client.post(at(name, user), {"do": "write"}).status_code == 404
    town.admin.refresh_from_db()
    assert town.admin.is_active


def test_a_login_is_not_opened_to_an_address_of_somebody_with_fewer_rights(client: Client, town: Town) -> None:
    future_admin = UserFactory(organization=town.school, contact_email=None)
    Membership.objects.create(user=future_admin, role=Role.ADMIN)
    for user in (town.head, town.municipal):
        client.force_login(user)
        assert client.post(at("person_edit", future_admin), {"contact_email": "mine@example.org"}).status_code == 404
        assert client.post(at("person_invite", future_admin)).status_code == 404


def test_anonymous_is_sent_to_the_login(client: Client, town: Town) -> None:
    for name in [*ACTS, "person_history"]:
        assert client.get(at(name, town.teacher))["Location"].startswith(reverse("account_login"))
