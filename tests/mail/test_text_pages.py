"""/letters/texts/: an administrator changes the words of letters, and never over another's change unseen."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.mail.editing import texts_by_group
from cabinet.mail.models import LetterText
from cabinet.mail.texts import all_kinds, compose, kind_of
from cabinet.users.models import LogEntry
from tests.factories import UserFactory, person_with

pytestmark = pytest.mark.django_db
CODE = "motor.time_extended"
PAGE = "mail:text"
GOOD = {"subject": "Ещё есть время", "body": "{имя}, ждём до {срок}.\r\n\r\n{ссылка}  ", "version": ""}


@pytest.fixture
def admin_page(client: Client) -> Client:
    client.force_login(person_with("admin"))
    return client


def address(name: str = PAGE, code: str = CODE) -> str:
    return reverse(name, args=[code])


def stored() -> LetterText:
    return LetterText.objects.get(code=CODE)


@pytest.mark.parametrize("role", ["teacher", "regional", "curator", "observer"])
def test_other_roles_get_404(client: Client, role: str) -> None:
    client.force_login(person_with(role))

    assert client.get(reverse("mail:texts")).status_code == 404
    for name in (PAGE, "mail:text_look", "mail:text_restore"):
        assert client.get(address(name)).status_code == 404
        assert client.post(address(name), GOOD).status_code == 404
    assert not LetterText.objects.exists()


def test_anonymous_is_sent_to_the_login(client: Client) -> None:
    assert client.get(address())["Location"].startswith(reverse("account_login"))


def test_unknown_kind_gets_404(admin_page: Client) -> None:
    for name in (PAGE, "mail:text_look", "mail:text_restore"):
        assert admin_page.get(address(name, "motor.nothing")).status_code == 404


def test_wrong_methods_are_refused(admin_page: Client) -> None:
    assert admin_page.post(reverse("mail:texts")).status_code == 405
    for name in (PAGE, "mail:text_look", "mail:text_restore"):
        assert admin_page.put(address(name)).status_code == 405


@pytest.mark.parametrize("count", [1, 5])
def test_list_takes_the_same_queries_whatever_was_changed(
    admin_page: Client, count: int, django_assert_num_queries: Any
) -> None:
    for code in ("motor.invite", "motor.remind.1", "motor.remind.2", "motor.remind.3", CODE)[:count]:
        LetterText.objects.create(code=code, subject="Тема", body="{ссылка}", updated_by=UserFactory())

    with django_assert_num_queries(4):
        page = admin_page.get(reverse("mail:texts")).content.decode()

    assert page.count("изменён</span>") == count


def test_each_heading_stands_once() -> None:
    groups = [title for title, _ in texts_by_group()]
    assert len(groups) == len(set(groups))
    assert sum(len(texts) for _, texts in texts_by_group()) == len(all_kinds())


def test_saved_text_is_used_by_the_next_letter(admin_page: Client, django_capture_on_commit_callbacks: Any) -> None:
    compose(CODE, dict.fromkeys(("имя", "курс"), "?"))
    with django_capture_on_commit_callbacks(execute=True):
        response = admin_page.post(address(), GOOD)

    assert response["Location"] == reverse("mail:texts")
    assert stored().body == "{имя}, ждём до {срок}.\n\n{ссылка}"
    subject, body = compose(CODE, {"имя": "Анна"})
    assert (subject, body.splitlines()[0]) == ("Ещё есть время", "Анна, ждём до {срок}.")
    entry = LogEntry.objects.get(action="changed")
    assert "Срок продлён" in entry.note
    assert entry.actor == stored().updated_by


def test_bad_text_stays_in_the_form(admin_page: Client) -> None:
    response = admin_page.post(address(), GOOD | {"body": "Дорогая {имяя}, <b>пора</b>"})

    page = response.content.decode()
    assert response.status_code == 422
    assert "Может быть, {имя}?" in page
    assert "В письме нет ссылки" in page
    assert "Дорогая {имяя}, &lt;b&gt;пора&lt;/b&gt;" in page
    assert not LetterText.objects.exists()


@pytest.mark.parametrize("field", ["subject", "body"])
def test_empty_field_is_told(admin_page: Client, field: str) -> None:
    response = admin_page.post(address(), GOOD | {field: "  "})

    assert response.status_code == 422
    assert response.context["form"].errors[field]


def test_second_editor_sees_both_and_decides(admin_page: Client) -> None:
    admin_page.post(address(), GOOD)
    mine = GOOD | {"subject": "Мой вариант"}

    response = admin_page.post(address(), mine)

    page = response.content.decode()
    assert response.status_code == 422
    assert "Пока вы писали, текст изменили" in page
    assert "Ещё есть время" in page
    assert "Мой вариант" in page
    assert stored().subject == "Ещё есть время"

    again = admin_page.post(address(), mine | {"version": response.context["form"]["version"].value()})
    assert again.status_code == 302
    assert stored().subject == "Мой вариант"


def test_editor_of_a_text_taken_back_meanwhile_is_told(admin_page: Client) -> None:
    admin_page.post(address(), GOOD)
    version = stored().updated_at.isoformat()
    admin_page.post(address("mail:text_restore"), {"version": version})

    response = admin_page.post(address(), GOOD | {"subject": "Иначе", "version": version})

    assert response.status_code == 422
    assert "исходный текст" in response.content.decode()
    assert not LetterText.objects.exists()


@pytest.mark.parametrize("version", ["вчера", "2026-13-45T00:00:00", "2026-01-01"])
def test_forged_version_is_a_clash_and_no_error(admin_page: Client, version: str) -> None:
    assert admin_page.post(address(), GOOD | {"version": version}).status_code == 422
    assert not LetterText.objects.exists()


def test_same_form_twice_saves_once(admin_page: Client) -> None:
    for _ in range(2):
        assert admin_page.post(address(), GOOD).status_code == 302

    assert LetterText.objects.count() == 1
    assert LogEntry.objects.filter(action="changed").count() == 1


def test_typing_the_default_again_leaves_no_row(admin_page: Client) -> None:
    admin_page.post(address(), GOOD)
    kind = kind_of(CODE)
    assert kind

    version = stored().updated_at.isoformat()
    admin_page.post(address(), {"subject": kind.subject, "body": kind.body, "version": version})

    assert not LetterText.objects.exists()


def test_default_comes_back_after_a_question(admin_page: Client) -> None:
    admin_page.post(address(), GOOD)

    version = stored().updated_at.isoformat()
    page = admin_page.get(address("mail:text_restore")).content.decode()
    assert "Вернуть исходный текст" in page
    assert f'value="{version}"' in page
    assert LetterText.objects.exists()
    for _ in range(2):
        assert admin_page.post(address("mail:text_restore"), {"version": version}).status_code == 302

    assert not LetterText.objects.exists()
    assert LogEntry.objects.filter(note__startswith="возвращён исходный").count() == 1


def test_default_does_not_throw_away_what_another_wrote_meanwhile(admin_page: Client) -> None:
    admin_page.post(address(), GOOD)
    version = stored().updated_at.isoformat()
    admin_page.post(address(), GOOD | {"subject": "Другая тема", "version": version})

    response = admin_page.post(address("mail:text_restore"), {"version": version}, follow=True)

    assert "Ничего не удалено" in response.content.decode()
    assert stored().subject == "Другая тема"


def test_signature_has_no_subject(admin_page: Client) -> None:
    response = admin_page.post(address(code="signature"), {"body": "Ваш институт", "version": ""})

    assert response.status_code == 302
    assert LetterText.objects.get().body == "Ваш институт"
    assert "Тема письма" not in admin_page.get(address(code="signature")).content.decode()


# --- How it will look ------------------------------------------------------------------------------------------


def test_look_shows_what_was_typed_and_saves_nothing(admin_page: Client) -> None:
    response = admin_page.post(address("mail:text_look"), GOOD | {"subject": "<i>Тема</i>"})

    page = response.content.decode()
    assert "Анна Петровна, ждём до 12 марта 2026." in page
    assert "&lt;i&gt;Тема&lt;/i&gt;" in page
    assert 'lang="ru"' in page
    assert "С уважением" in page
    assert not LetterText.objects.exists()


def test_look_may_stand_in_our_frame_and_runs_nothing(admin_page: Client) -> None:
    response = admin_page.get(address("mail:text_look"))

    policy = response["Content-Security-Policy"]
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "script" not in policy
    assert "unsafe" not in admin_page.get(address())["Content-Security-Policy"]


def test_look_of_a_bad_text_says_why(admin_page: Client) -> None:
    response = admin_page.post(address("mail:text_look"), GOOD | {"body": "{имя"})

    assert response.status_code == 422
    assert "фигурная скобка без пары" in response.content.decode()


def test_text_that_no_longer_fits_is_shown_as_such(admin_page: Client) -> None:
    LetterText.objects.create(code=CODE, subject="Тема", body="{ссылка} {прежнее}", updated_by=UserFactory())

    assert "не подходит" in admin_page.get(reverse("mail:texts")).content.decode()
    assert "Этот текст сейчас не используется" in admin_page.get(address()).content.decode()
