"""Login by password and by a code from the outbox; nobody signs up, nobody learns who has an account."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.mail.models import Letter
from cabinet.users.models import User
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
EMAIL = "anna@example.org"


@pytest.fixture
def person() -> User:
    user: User = UserFactory(email=EMAIL, contact_email="letters@example.org")
    return user


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def sign_in(client: Client, password: str = PASSWORD, login: str = EMAIL, **data: str) -> Any:
    return client.post(reverse("account_login"), {"login": login, "password": password, **data})


def test_pages_need_a_login_and_the_login_leads_back(client: Client, person: User) -> None:
    response = client.get(reverse("planner:tasks"))
    assert response.status_code == 302
    assert response["Location"] == f"{reverse('account_login')}?next={reverse('planner:tasks')}"

    response = sign_in(client, next=reverse("planner:tasks"))

    assert response["Location"] == reverse("planner:tasks")
    assert is_in(client)


def test_login_by_password_in_any_case(client: Client, person: User) -> None:
    sign_in(client, login="ANNA@example.org")

    assert is_in(client)


def test_wrong_password_and_unknown_address_answer_alike(client: Client, person: User) -> None:
    wrong = sign_in(client, password="нет-такого-пароля")
    unknown = sign_in(client, login="nobody@example.org")

    assert wrong.status_code == unknown.status_code == 200
    assert wrong.context["form"].errors == unknown.context["form"].errors
    assert not is_in(client)


def test_contact_address_opens_no_login(client: Client, person: User) -> None:
    sign_in(client, login="letters@example.org")

    assert not is_in(client)


def test_inactive_person_stays_out(client: Client, person: User) -> None:
    person.is_active = False
    person.save()

    sign_in(client)

    assert not is_in(client)


def test_sixth_attempt_waits(client: Client, person: User) -> None:
    for _ in range(5):
        sign_in(client, password="нет-такого-пароля")

    sign_in(client)

    assert not is_in(client)


def test_login_by_code_from_the_outbox(client: Client, person: User) -> None:
    response = client.post(reverse("account_request_login_code"), {"email": EMAIL})
    assert response["Location"] == reverse("account_confirm_login_code")
    letter = Letter.objects.get()
    assert letter.subject == "Код для входа в кабинет методиста"
    assert (letter.to, letter.address, letter.is_secret) == (person, EMAIL, True)
    code = re.search(r"кабинет методиста: (\S+)", letter.body)
    assert code
    assert client.get(response["Location"]).status_code == 200

    client.post(reverse("account_confirm_login_code"), {"code": code[1]})

    assert is_in(client)


def test_wrong_code_opens_nothing(client: Client, person: User) -> None:
    client.post(reverse("account_request_login_code"), {"email": EMAIL})

    client.post(reverse("account_confirm_login_code"), {"code": "WRONG1"})

    assert not is_in(client)


def test_unknown_address_gets_the_same_answer_and_no_letter(client: Client, person: User) -> None:
    known = client.post(reverse("account_request_login_code"), {"email": EMAIL})
    unknown = Client().post(reverse("account_request_login_code"), {"email": "nobody@example.org"})

    assert known.status_code == unknown.status_code == 302
    assert known["Location"] == unknown["Location"]
    assert Letter.objects.count() == 1


def test_fourth_code_within_a_minute_is_refused(client: Client, person: User) -> None:
    for _ in range(4):
        response = Client().post(reverse("account_request_login_code"), {"email": EMAIL})

    assert response.status_code in (200, 429)
    assert Letter.objects.count() == 3


def test_new_password_by_letter(client: Client, person: User) -> None:
    client.post(reverse("account_reset_password"), {"email": EMAIL})
    letter = Letter.objects.get()
    link = re.search(r"https?://\S+", letter.body)
    assert link
    assert letter.subject == "Новый пароль для кабинета методиста"

    form = client.get(link[0], follow=True)
    client.post(form.redirect_chain[-1][0], {"password1": "Новый-пароль-2026", "password2": "Новый-пароль-2026"})

    person.refresh_from_db()
    assert person.check_password("Новый-пароль-2026")


def test_registration_is_closed(client: Client) -> None:
    answer = client.post(reverse("account_signup"), {"email": "new@example.org", "password1": "Новый-пароль-2026"})

    assert answer.status_code in (200, 403, 404)
    assert not User.objects.exists()


def test_own_login_address_is_not_changed_by_a_form(client: Client, person: User) -> None:
    client.force_login(person)

    answer = client.post(reverse("account_email"), {"action_add": "", "email": "other@example.org"})

    assert answer.status_code == 404
    person.refresh_from_db()
    assert person.email == EMAIL


def test_logout_is_a_post(client: Client, person: User) -> None:
    client.force_login(person)
    client.get(reverse("account_logout"))
    assert is_in(client)

    client.post(reverse("account_logout"))

    assert not is_in(client)


def test_second_factor_asks_for_the_password_once_more(client: Client, person: User) -> None:
    assert client.get(reverse("mfa_index")).status_code == 302
    sign_in(client)
    assert client.get(reverse("mfa_index")).status_code == 200
    assert client.get(reverse("mfa_activate_totp")).status_code == 302

    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})

    assert client.get(reverse("mfa_activate_totp")).status_code == 200


def test_admin_has_no_door_of_its_own(client: Client, person: User) -> None:
    response = client.get("/admin/", follow=True)
    assert response.redirect_chain[-1][0].startswith(reverse("account_login"))

    client.force_login(person)

    assert client.get("/admin/", follow=True).status_code == 403
