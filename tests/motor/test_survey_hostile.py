"""The survey under hostile or unlucky input: no error page, nothing typed lost, nothing done by a guess."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from cabinet.core.clock import today
from motor.models import Case, Draft, Evidence, Status, Survey
from tests import factories
from tests.motor.test_survey_page import ANSWERS, PDF

pytestmark = pytest.mark.django_db

BY_SCRIPT = {"headers": {"accept": "application/json"}}
WORDS = "Листы самооценки на каждом уроке"


@pytest.fixture
def case() -> Case:
    return factories.CaseFactory(revision=2)


@pytest.fixture
def address(case: Case) -> str:
    return reverse("motor:personal", args=[case.link])


def draft_address(case: Case) -> str:
    return reverse("motor:personal_draft", args=[case.link])


# --- What no database keeps ----------------------------------------------------------------------------------------


def test_zero_byte_in_an_address_is_simply_not_found(client: Client, case: Case, address: str) -> None:
    for link in ("%00" * 44, case.link[:21] + "%00" + case.link[22:], case.link[:43] + "%0A"):
        assert client.get(f"/s/{link}/").status_code == 404
    assert client.get(f"{address}files/a%00b/").status_code == 404
    assert client.post(f"{address}file/a%00b/remove/", **BY_SCRIPT).status_code == 404
    client.force_login(case.responsible)
    assert client.get("/files/a%00b/").status_code == 404


def test_zero_byte_among_the_words_is_left_out(client: Client, case: Case, address: str) -> None:
    typed = {"important": "Приёмы\0 чтения", "device": "a\0b", "draft_number": "0"}
    assert client.post(draft_address(case), typed, **BY_SCRIPT).json()["number"] == 1
    assert Draft.objects.get().answers == {"important": "Приёмы чтения"}
    page = client.post(address, ANSWERS | {"important": "Приёмы\0 чтения", "draft_number": "1"})
    assert page.status_code == 422
    assert not Survey.objects.exists()


@pytest.mark.parametrize("day", ["9999-12-31", (today() + timedelta(days=400)).isoformat()])
def test_mistyped_year_of_an_event_is_asked_about(client: Client, case: Case, address: str, day: str) -> None:
    page = client.post(address, ANSWERS | {"ev_open_lesson": "on", "ev_open_lesson_on": day})
    assert page.status_code == 422
    assert "Проверьте год" in page.content.decode()
    assert ANSWERS["important"] in page.content.decode()
    assert Case.objects.get(pk=case.pk).status == Status.SURVEY_OPEN


def test_event_within_a_year_is_taken(client: Client, case: Case, address: str) -> None:
    day = today() + timedelta(days=300)
    page = client.post(address, ANSWERS | {"ev_open_lesson": "on", "ev_open_lesson_on": day.isoformat()})
    assert page.status_code == 302
    assert Evidence.objects.get(case=case, kind="open_lesson").event_on == day


# --- Too much ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "more",
    [
        {f"x{number}": "1" for number in range(1100)},
        {"important": "слово " * 900_000},
        {"ev_plan_file": [SimpleUploadedFile(f"{number}.pdf", PDF) for number in range(101)]},
    ],
    ids=["fields", "text", "files"],
)
def test_far_too_much_is_refused_in_words(client: Client, case: Case, address: str, more: dict[str, object]) -> None:
    page = client.post(address, ANSWERS | more)
    assert page.status_code == 400
    assert "слишком много" in page.content.decode()
    assert not Survey.objects.exists()


def test_text_too_long_to_be_kept_stands_on_the_page(client: Client, case: Case) -> None:
    page = client.post(draft_address(case), {"important": f"{WORDS} " * 3000})
    assert page.status_code == 422
    assert "Текст слишком длинный" in page.content.decode()
    assert WORDS in page.content.decode()


# --- Without a script, where the page alone holds the words --------------------------------------------------------


@pytest.mark.parametrize("name", ["personal_draft", "personal_remove"])
def test_button_pressed_too_late_gives_the_words_back(client: Client, name: str) -> None:
    case = factories.CaseFactory(status=Status.STOPPED, stop_reason="left")
    file = ["no-file"] if name == "personal_remove" else []
    page = client.post(reverse(f"motor:{name}", args=[case.link, *file]), {"important": WORDS})
    assert page.status_code == 409
    assert WORDS in page.content.decode()


def test_objection_that_came_too_late_is_given_back(client: Client) -> None:
    case = factories.CaseFactory(status=Status.SCHOOL_REVIEW)
    page = client.post(reverse("motor:personal_object", args=[case.link]), {"text": WORDS})
    assert page.status_code == 409
    assert WORDS in page.content.decode()
    assert "только когда результат определён" in page.content.decode()


def test_objection_by_an_ended_link_is_given_back(client: Client) -> None:
    case = factories.CaseFactory(status=Status.FOLLOW_UP)
    address = reverse("motor:personal_object", args=[case.link])
    Case.objects.filter(pk=case.pk).update(link_version=case.link_version + 1)
    page = client.post(address, {"text": WORDS})
    assert page.status_code == 410
    assert WORDS in page.content.decode()


@pytest.mark.parametrize("name", ["survey", "survey_draft"])
def test_words_outlive_the_session(client: Client, case: Case, name: str) -> None:
    page = client.post(reverse(f"motor:{name}", args=[case.pk]), ANSWERS | {"important": f"<b>{WORDS}"})
    text = page.content.decode()
    assert page.status_code == 403
    assert f"&lt;b&gt;{WORDS}" in text
    assert f"{reverse('account_login')}?next={reverse('motor:survey', args=[case.pk])}" in text
    assert "no-store" in page["Cache-Control"]
    assert case.person.last_name not in text
    assert not Survey.objects.exists()
    assert not Draft.objects.exists()


def test_logged_out_reader_is_sent_to_the_login_whatever_the_case(client: Client, case: Case) -> None:
    for pk in (case.pk, case.pk + 1000):
        address = reverse("motor:survey", args=[pk])
        login = f"{reverse('account_login')}?next={address}"
        assert client.get(address)["Location"] == login
        assert client.post(address)["Location"] == login


@pytest.mark.parametrize("name", ["personal", "personal_draft"])
def test_without_the_token_nothing_is_written_and_nothing_lost(case: Case, name: str) -> None:
    client = Client(enforce_csrf_checks=True)
    page = client.post(reverse(f"motor:{name}", args=[case.link]), ANSWERS | {"important": WORDS})
    assert page.status_code == 403
    assert WORDS in page.content.decode()
    assert not Survey.objects.exists()
    assert not Draft.objects.exists()


def test_file_without_the_token_is_not_stored(case: Case) -> None:
    client = Client(enforce_csrf_checks=True)
    data = {"kind": "plan", "file": SimpleUploadedFile("план.pdf", PDF)}
    assert client.post(reverse("motor:personal_upload", args=[case.link]), data, **BY_SCRIPT).status_code == 403
    assert not case.draft_files.exists()


def test_other_forms_without_the_token_show_no_words_of_theirs() -> None:
    client = Client(enforce_csrf_checks=True)
    page = client.post(reverse("account_login"), {"login": "a@example.org", "password": "tajna-parol"})
    assert page.status_code == 403
    assert "tajna-parol" not in page.content.decode()
