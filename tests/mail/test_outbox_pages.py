"""/letters/: the administrator's page and nobody else's."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cabinet.mail.models import Letter
from cabinet.users.models import LogEntry
from motor.models import Status
from tests.factories import CaseFactory, LetterFactory, UserFactory, person_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin_page(client: Client) -> Client:
    client.force_login(person_with("admin"))
    return client


@pytest.mark.parametrize("role", ["teacher", "observer", "curator", "regional"])
def test_other_roles_get_404(client: Client, role: str) -> None:
    letter = LetterFactory()
    client.force_login(person_with(role))

    assert client.get(reverse("mail:letters")).status_code == 404
    assert client.get(reverse("mail:letter", args=[letter.pk])).status_code == 404
    assert client.post(reverse("mail:retry", args=[letter.pk])).status_code == 404


def test_anonymous_is_sent_to_the_login(client: Client) -> None:
    response = client.get(reverse("mail:letters"))

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


def test_wrong_methods_are_refused(admin_page: Client) -> None:
    letter = LetterFactory()

    assert admin_page.post(reverse("mail:letters")).status_code == 405
    assert admin_page.post(reverse("mail:letter", args=[letter.pk])).status_code == 405
    assert admin_page.get(reverse("mail:retry", args=[letter.pk])).status_code == 405


@pytest.mark.parametrize("count", [1, 5])
def test_list_takes_the_same_queries_whatever_the_rows(
    admin_page: Client, count: int, django_assert_num_queries: Any
) -> None:
    LetterFactory.create_batch(count)

    with django_assert_num_queries(6):
        response = admin_page.get(reverse("mail:letters"))

    assert response.status_code == 200
    assert len(response.context["page"]) == count


def test_filters_by_state_kind_and_person(admin_page: Client) -> None:
    wanted = LetterFactory(state="kept", kind="motor.open", to=UserFactory(last_name="Щеглова"))
    LetterFactory(state="kept", kind="motor.open")
    LetterFactory(state="owed", kind="motor.open", to=wanted.to)
    LetterFactory(state="kept", kind="task.given", to=wanted.to)

    response = admin_page.get(reverse("mail:letters"), {"state": "kept", "kind": "motor.", "q": "щеГлова"})

    assert list(response.context["page"]) == [wanted]


def test_letter_shows_a_working_link_where_there_is_no_mail_server(admin_page: Client) -> None:
    case = CaseFactory(status=Status.SURVEY_OPEN)
    letter = LetterFactory(to=case.person, about=case)

    response = admin_page.get(reverse("mail:letter", args=[letter.pk]))

    assert case.personal_url() in response.content.decode()
    assert response["Cache-Control"] == "no-store"
    assert LogEntry.objects.filter(action="viewed", person=case.person).exists()


def test_letter_hides_the_link_where_there_is_one(admin_page: Client, settings: Any) -> None:
    settings.MAIL_IS_KEPT = False
    case = CaseFactory(status=Status.SURVEY_OPEN)
    letter = LetterFactory(to=case.person, about=case)

    page = admin_page.get(reverse("mail:letter", args=[letter.pk])).content.decode()

    assert case.link not in page
    assert "личная ссылка скрыта" in page


def test_retry_button_owes_the_letter_again(admin_page: Client) -> None:
    letter = LetterFactory(state=Letter.State.FAILED, finished_at=timezone.now(), last_error="нет")
    assert "Отправить ещё раз" in admin_page.get(reverse("mail:letter", args=[letter.pk])).content.decode()

    response = admin_page.post(reverse("mail:retry", args=[letter.pk]))

    assert response.status_code == 302
    letter.refresh_from_db()
    assert letter.state == Letter.State.OWED
