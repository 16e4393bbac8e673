"""What is typed and brought before the survey is sent: one draft per case, two devices, files ahead of the answers."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from cabinet.core.clock import today
from cabinet.files.models import StoredFile
from cabinet.users.models import DataNotice
from motor.models import Case, Draft, DraftFile, LinkEvent, Status, Survey
from motor.services.drafts import MAX_BYTES
from tests import factories
from tests.motor.test_survey_page import ANSWERS, PDF

pytestmark = pytest.mark.django_db

BY_SCRIPT = {"headers": {"accept": "application/json"}}


@pytest.fixture
def case() -> Case:
    return factories.CaseFactory(revision=2)


@pytest.fixture
def address(case: Case) -> str:
    return reverse("motor:personal", args=[case.link])


def save(client: Client, case: Case, number: int = 0, device: str = "phone", **typed: str) -> Any:
    data = {"draft_number": number, "device": device} | typed
    return client.post(reverse("motor:personal_draft", args=[case.link]), data, **BY_SCRIPT)


def bring(client: Client, case: Case, name: str = "план.pdf", content: bytes = PDF, kind: str = "plan") -> Any:
    data = {"kind": kind, "file": SimpleUploadedFile(name, content)}
    return client.post(reverse("motor:personal_upload", args=[case.link]), data, **BY_SCRIPT)


# --- Words -----------------------------------------------------------------------------------------------------


def test_saved_words_stand_on_the_page_again(client: Client, case: Case, address: str) -> None:
    answer = save(client, case, important="Начала <писать>", in_route="outside", change_1="Второе", change_1_on="other")
    assert answer.json()["number"] == 1
    assert answer.json()["saved_at"] == f"{timezone.localtime():%H:%M}"
    text = client.get(address).content.decode()
    assert "Начала &lt;писать&gt;" in text
    assert "Второе" in text
    assert "всё написанное на месте" in text
    assert 'name="draft_number" value="1"' in text
    assert not Survey.objects.exists()
    assert Case.objects.get(pk=case.pk).revision == case.revision


def test_empty_form_makes_no_draft(client: Client, case: Case) -> None:
    assert save(client, case, change_0_on="course", important="").json() == {"number": 0, "saved_at": ""}
    assert not Draft.objects.exists()


def test_only_known_fields_are_kept(client: Client, case: Case) -> None:
    save(client, case, important="Слова", is_admin="yes", csrfmiddlewaretoken="x", change_7="лишнее", keep_5="on")
    assert Draft.objects.get().answers == {"important": "Слова", "keep_5": "on"}


def test_too_much_text_is_refused_in_words(client: Client, case: Case) -> None:
    answer = save(client, case, important="я" * MAX_BYTES)
    assert answer.status_code == 413
    assert "слишком длинный" in answer.json()["error"]
    assert not Draft.objects.exists()


def test_each_saving_raises_the_number_and_the_same_words_do_not(client: Client, case: Case) -> None:
    numbers = [save(client, case, n, important=words).json()["number"] for n, words in enumerate(["а", "аб", "аб"])]
    assert numbers == [1, 2, 2]


def test_second_device_is_shown_the_difference(client: Client, case: Case) -> None:
    save(client, case, 0, "phone", important="С телефона", in_route="no")
    answer = save(client, case, 0, "laptop", important="С ноутбука", in_route="no")
    assert (answer.status_code, answer.json()["number"]) == (409, 1)
    page = answer.json()["page"]
    assert "С телефона" in page
    assert "С ноутбука" in page
    assert "Отражено ли" not in page  # the same on both
    assert Draft.objects.get().answers["important"] == "С телефона"
    assert save(client, case, 1, "laptop", important="С ноутбука").status_code == 200  # having seen it


def test_same_words_from_another_device_are_no_clash(client: Client, case: Case) -> None:
    save(client, case, 0, "phone", important="Одно и то же")
    assert save(client, case, 0, "laptop", important="Одно и то же").json()["number"] == 1


def test_device_whose_answer_was_lost_on_the_way_goes_on(client: Client, case: Case) -> None:
    save(client, case, 0, "phone", important="Начало")
    assert save(client, case, 0, "phone", important="Начало и конец").json()["number"] == 2


def test_nameless_devices_are_never_taken_for_one(client: Client, case: Case) -> None:
    save(client, case, 0, "", important="Одно")
    assert save(client, case, 0, "", important="Другое").status_code == 409


@pytest.mark.parametrize("number", ["", "минус", "-1", "9" * 30])
def test_broken_number_overwrites_nothing(client: Client, case: Case, number: str) -> None:
    save(client, case, important="Первое")
    data = {"important": "Второе", "draft_number": number}
    answer = client.post(reverse("motor:personal_draft", args=[case.link]), data, **BY_SCRIPT)
    assert answer.status_code == 409
    assert Draft.objects.get().answers == {"important": "Первое"}


def test_older_words_are_not_sent_over_newer_ones(client: Client, case: Case, address: str) -> None:
    save(client, case, 0, "phone", **ANSWERS)
    save(client, case, 1, "phone", **ANSWERS | {"important": "Новее, с телефона"})
    page = client.post(address, ANSWERS | {"draft_number": "1", "device": "laptop"})
    text = page.content.decode()
    assert page.status_code == 422
    assert "На другом устройстве записано другое" in text
    assert "Новее, с телефона" in text
    assert ANSWERS["important"] in text
    assert 'name="draft_number" value="2"' in text
    assert not Survey.objects.exists()
    assert client.post(address, ANSWERS | {"draft_number": "2"}).status_code == 302
    assert Survey.objects.get().important == ANSWERS["important"]


def test_answer_ends_the_draft(client: Client, case: Case, address: str) -> None:
    save(client, case, **ANSWERS)
    assert client.post(address, ANSWERS | {"draft_number": "1"}).status_code == 302
    assert not Draft.objects.exists()


def test_refused_answer_is_kept_as_a_draft(client: Client, case: Case, address: str) -> None:
    assert client.post(address, ANSWERS | {"in_route": ""}).status_code == 422
    assert Draft.objects.get().answers["important"] == ANSWERS["important"]
    assert ANSWERS["important"] in Client().get(address).content.decode()


@pytest.mark.parametrize("status", [Status.STOPPED, Status.SCHEDULED, Status.FOLLOW_UP, Status.SCHOOL_REVIEW])
def test_closed_survey_keeps_nothing_and_says_so(client: Client, status: str) -> None:
    case = factories.CaseFactory(status=status)
    for answer in (save(client, case, important="Поздно"), bring(client, case)):
        assert answer.status_code == 410
        assert "закрыт" in answer.json()["error"]
    assert not Draft.objects.exists()
    assert not StoredFile.objects.exists()


def test_nothing_is_kept_before_the_consent(client: Client, case: Case) -> None:
    factories_notice = DataNotice.objects.create(
        version=9, ground=DataNotice.Ground.CONSENT, title="Согласие", text="Текст", in_force_from=today()
    )
    assert factories_notice.asks_consent
    assert save(client, case, important="Слова").status_code == 403
    assert bring(client, case).status_code == 403
    page = client.post(reverse("motor:personal_draft", args=[case.link]), {"important": "Слова"})
    assert page.status_code == 422
    assert "Слова" in page.content.decode()
    assert not Draft.objects.exists()


# --- Without a script ------------------------------------------------------------------------------------------


def test_button_saves_words_and_files_and_says_when(client: Client, case: Case, address: str) -> None:
    data = {"important": "Допишу вечером", "ev_plan_file": SimpleUploadedFile("план.pdf", PDF), "via": "slip"}
    answer = client.post(reverse("motor:personal_draft", args=[case.link]), data)
    assert (answer.status_code, answer["Location"]) == (302, f"{address}?via=slip")
    text = client.get(answer["Location"]).content.decode()
    assert "Сохранено в " in text
    assert "Допишу вечером" in text
    assert "план.pdf" in text


def test_words_of_the_other_device_are_taken_field_by_field(client: Client, case: Case) -> None:
    save(client, case, 0, "phone", important="Там", route_note="Там тоже")
    address = reverse("motor:personal_draft", args=[case.link])
    typed = {"important": "Здесь", "route_note": "Здесь тоже", "reason_text": "Только здесь"}
    page = client.post(address, typed)
    assert page.status_code == 422
    page = client.post(address, typed | {"draft_number": "1", "take": "important"})
    text = page.content.decode()
    assert ">Там</textarea>" in text
    assert "Здесь тоже" in text
    assert Draft.objects.get().answers == {"important": "Там", "route_note": "Там тоже"}  # nothing is saved yet
    page = client.post(address, typed | {"draft_number": "1", "take": "reason_text"})
    assert "Только здесь" not in page.content.decode()


def test_removing_a_file_keeps_the_words(client: Client, case: Case, address: str) -> None:
    bring(client, case)
    remove = reverse("motor:personal_remove", args=[case.link, case.draft_files.get().file.public_id])
    answer = client.post(remove, {"important": "Не потеряйте"})
    assert (answer.status_code, answer["Location"]) == (302, address)
    assert not DraftFile.objects.exists()
    assert "Не потеряйте" in client.get(address).content.decode()


# --- Files -----------------------------------------------------------------------------------------------------


def test_file_is_kept_at_once_and_becomes_evidence(client: Client, case: Case, address: str) -> None:
    answer = bring(client, case)
    assert answer.status_code == 201
    assert "план.pdf" in answer.json()["page"]
    bring(client, case, "доска.pdf")
    page = client.get(address).content.decode()
    assert "план.pdf" in page
    assert 'id="ev_plan" checked' in page
    saved = save(client, case, 0, **ANSWERS)
    assert saved.status_code == 200  # files are nobody's newer text
    assert client.post(address, ANSWERS | {"draft_number": "1"}).status_code == 302
    pieces = list(case.evidence.select_related("file"))
    assert [(one.kind, one.file.name, one.file.owner) for one in pieces] == [
        ("plan", "план.pdf", pieces[0]),
        ("plan", "доска.pdf", pieces[1]),
    ]
    assert (pieces[0].link, pieces[1].link) == (ANSWERS["ev_plan_link"], "")
    assert not DraftFile.objects.exists()
    client.force_login(case.responsible)
    assert client.get(pieces[0].file.get_absolute_url()).status_code == 200


def test_file_alone_answers_the_fourth_question(client: Client, case: Case, address: str) -> None:
    bring(client, case)
    answers = {"important": "Приёмы", "in_route": "none"}
    assert client.post(address, answers).status_code == 302
    assert case.evidence.get().file.name == "план.pdf"


@pytest.mark.parametrize(
    ("name", "content", "kind", "words"),
    [
        ("вирус.pdf", b"MZ\x90\x00", "plan", "принять нельзя"),
        ("пусто.pdf", b"", "plan", "Файл пустой"),
        ("план.pdf", PDF, "чужое", "к какому подтверждению"),
    ],
)
def test_bad_file_is_refused_in_words(
    client: Client, case: Case, name: str, content: bytes, kind: str, words: str
) -> None:
    answer = bring(client, case, name, content, kind)
    assert answer.status_code == 422
    assert words in answer.json()["error"]
    assert not StoredFile.objects.exists()


def test_ten_files_are_enough(client: Client, case: Case) -> None:
    assert [bring(client, case, f"{n}.pdf").status_code for n in range(11)] == [201] * 10 + [422]


def test_file_is_taken_away_from_the_disk_too(
    client: Client, case: Case, django_capture_on_commit_callbacks: Any
) -> None:
    bring(client, case)
    stored = case.draft_files.get().file
    remove = reverse("motor:personal_remove", args=[case.link, stored.public_id])
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(remove, **BY_SCRIPT).json() == {"removed": True}
    assert not StoredFile.objects.exists()
    assert not stored.file.storage.exists(stored.file.name)
    assert client.post(remove, **BY_SCRIPT).json() == {"removed": False}


def test_draft_is_read_by_the_teacher_alone(client: Client, case: Case) -> None:
    bring(client, case)
    stored = case.draft_files.get().file
    assert client.get(reverse("motor:personal_file", args=[case.link, stored.public_id])).status_code == 200
    other = factories.CaseFactory()
    assert client.get(reverse("motor:personal_file", args=[other.link, stored.public_id])).status_code == 404
    foreign = reverse("motor:personal_remove", args=[other.link, stored.public_id])
    assert client.post(foreign, **BY_SCRIPT).json() == {"removed": False}
    for stranger in (
        case.responsible,
        factories.person_with("admin"),
        factories.person_with("head", case.organization),
    ):
        client.force_login(stranger)
        assert client.get(stored.get_absolute_url()).status_code == 404
    client.force_login(case.person)
    assert client.get(stored.get_absolute_url()).status_code == 200


# --- Who and how ------------------------------------------------------------------------------------------------

ACTS = ["draft", "upload", "opened"]


@pytest.mark.parametrize("name", ACTS)
def test_guessed_link_and_wrong_method(client: Client, case: Case, name: str) -> None:
    assert client.get(reverse(f"motor:personal_{name}", args=[case.link])).status_code == 405
    assert client.post(reverse(f"motor:personal_{name}", args=["Z" * 44])).status_code == 404


@pytest.mark.parametrize("name", ["draft", "upload"])
def test_from_the_cabinet_only_the_teacher_himself(client: Client, case: Case, name: str) -> None:
    address = reverse(f"motor:survey_{name}", args=[case.pk])
    data = {"important": "Слова", "kind": "plan"}
    assert client.post(address, data).status_code == 403
    assert not Draft.objects.exists()
    for stranger in (factories.UserFactory(email="s@example.org"), case.responsible, factories.person_with("admin")):
        client.force_login(stranger)
        assert client.post(address, data, **BY_SCRIPT).status_code == 404
    client.force_login(case.person)
    client.post(address, data | {"file": SimpleUploadedFile("план.pdf", PDF)}, **BY_SCRIPT)
    assert Draft.objects.get().case == case
    assert Case.objects.get(pk=case.pk).draft.answers == ({"important": "Слова"} if name == "draft" else {})


def test_one_draft_whether_by_link_or_from_the_cabinet(client: Client, case: Case, address: str) -> None:
    save(client, case, important="С телефона")
    client.force_login(case.person)
    assert "С телефона" in client.get(reverse("motor:survey", args=[case.pk])).content.decode()


def test_opened_is_noted_by_the_page_and_not_by_a_scanner(client: Client, case: Case, address: str) -> None:
    client.get(address)
    assert not LinkEvent.objects.exists()
    for _ in range(2):
        assert client.post(reverse("motor:personal_opened", args=[case.link])).status_code == 204
    assert LinkEvent.objects.get().kind == LinkEvent.Kind.OPENED


def test_returned_answer_with_a_draft_shows_the_draft(client: Client, case: Case, address: str) -> None:
    client.post(address, ANSWERS)
    Case.objects.filter(pk=case.pk).update(status=Status.SURVEY_OPEN, revision=9)
    Survey.objects.update(returned_at=timezone.now(), return_comment="Дополните")
    assert ANSWERS["important"] in client.get(address).content.decode()
    bring(client, case, kind="document")
    assert ANSWERS["important"] in client.get(address).content.decode()  # a file alone hides no former words
    save(client, case, important="Дополнила")
    text = client.get(address).content.decode()
    assert "Дополнила" in text
    assert "Дополните" in text


def test_page_with_a_draft_costs_the_same_however_much_is_in_it(
    client: Client, case: Case, address: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.get(address)
    bring(client, case)
    save(client, case, important="Слова")
    for _ in range(2):
        with django_assert_num_queries(2):  # the case with its draft; the files
            client.get(address)
        for number in range(4):
            bring(client, case, f"{number}.pdf")


def test_a_saving_costs_five_statements(
    client: Client, case: Case, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    save(client, case, important="а")
    # Case; savepoint, its lock, its state, the draft, the saving, release.
    with django_assert_num_queries(7):
        save(client, case, 1, important="аб")


def test_letters_see_that_somebody_began(client: Client, case: Case) -> None:
    Draft.objects.create(case=case, number=0, saved_at=timezone.now() - timedelta(days=3))
    bring(client, case)
    assert Draft.objects.get().saved_at.date() == timezone.now().date()


def test_answer_is_plain_json(client: Client, case: Case) -> None:
    assert set(json.loads(save(client, case, important="а").content)) == {"number", "saved_at"}
