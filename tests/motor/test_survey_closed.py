"""What the teacher reads by the same link afterwards, and the way to disagree."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from cabinet.core.clock import today
from motor.models import Case, Objection, Status
from motor.services.objections import decline_objection, uphold_objection
from tests import factories

pytestmark = pytest.mark.django_db


def page_of(client: Client, case: Case) -> str:
    page = client.get(reverse("motor:personal", args=[case.link]))
    assert page.status_code == 200
    return page.content.decode()


def named(case: Case) -> Case:
    return Case.objects.with_names().get(pk=case.pk)


@pytest.fixture
def case() -> Case:
    return factories.CaseFactory(status=Status.FOLLOW_UP)


@pytest.fixture
def address(case: Case) -> str:
    return reverse("motor:personal_object", args=[case.link])


def test_next_step_stands_before_the_conclusion(client: Client) -> None:
    case = factories.CaseFactory(status=Status.FOLLOW_UP, bare=True)
    factories.SurveyFactory(case=case)
    case.outcome = factories.OutcomeFactory(case=case, variant=1)
    case.save()
    text = page_of(client, case)
    assert "Диагностика" in text
    assert text.index("Что дальше") < text.index("отсутствуют")
    assert text.index("отсутствуют") < text.index("Есть возражение")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"status": "scheduled"}, "Опрос ещё не открыт"),
        ({"status": "school_review"}, "Чей ход"),
        ({"status": "school_review", "postponed_until": today() + timedelta(days=9)}, "вернётся к Вашим материалам"),
        (
            {"status": "school_review", "paused_on": today(), "paused_until": today() + timedelta(days=9)},
            "Сейчас пауза",
        ),
        ({"status": "follow_up", "paused_on": today(), "paused_until": today() + timedelta(days=9)}, "Сейчас пауза"),
        ({"status": "school_review", "version": 2}, "К Вашим материалам вернулись"),
        ({"status": "closed", "bare": True}, "не значит, что изменений нет"),
        ({"status": "closed"}, "Работа с результатом завершена"),
        ({"status": "stopped"}, "Отвечать больше не нужно"),
    ],
)
def test_every_state_is_told_in_kind_words(client: Client, fields: dict[str, object], words: str) -> None:
    assert words in page_of(client, factories.CaseFactory(**fields))


def test_objection_is_sent_once_by_the_link(client: Client, case: Case, address: str) -> None:
    assert "Есть возражение" in page_of(client, case)
    answer = client.post(address, {"text": "Урок был <b>после</b> проверки"})
    assert (answer.status_code, answer["Location"]) == (302, reverse("motor:personal", args=[case.link]))
    again = client.post(address, {"text": "И ещё"}, follow=True)
    assert "Возразить можно один раз" in again.content.decode()
    objection = Objection.objects.get()
    text = page_of(client, case)
    assert "&lt;b&gt;после&lt;/b&gt;" in text
    assert "Отправить возражение" not in text
    assert f"до {objection.due_on.day}" in text
    case.refresh_from_db()
    assert case.status == Status.FOLLOW_UP


def test_empty_objection_is_asked_for_in_place(client: Client, case: Case, address: str) -> None:
    for text in ("", "   "):
        page = client.post(address, {"text": text})
        assert page.status_code == 422
        assert "с чем Вы не согласны." in page.content.decode()
    long = client.post(address, {"text": "а" * 5001})
    assert long.status_code == 422
    assert "а" * 5001 in long.content.decode()
    assert not Objection.objects.exists()


def test_decision_is_shown_with_its_reasons(client: Client, case: Case, address: str) -> None:
    specialist = factories.person_with("municipal", case.organization.municipality)
    client.post(address, {"text": "Не согласна"})
    decline_objection(named(case), actor=specialist, answer="Конспект без даты урока.")
    text = page_of(client, case)
    assert "результат остаётся прежним" in text
    assert "Конспект без даты урока." in text


def test_upheld_objection_says_that_the_case_is_open_anew(client: Client, case: Case, address: str) -> None:
    specialist = factories.person_with("municipal", case.organization.municipality)
    client.post(address, {"text": "Не согласна"})
    uphold_objection(named(case), actor=specialist, answer="Урок действительно был позже.")
    text = page_of(client, case)
    assert "Возражение принято." in text
    assert "К Вашим материалам вернулись" in text
    assert "Что дальше" not in text


@pytest.mark.parametrize("status", ["survey_open", "school_review", "rma_review", "stopped"])
def test_nothing_to_object_to_without_a_result(client: Client, status: str) -> None:
    case = factories.CaseFactory(status=status)
    assert "Есть возражение" not in page_of(client, case)
    client.post(reverse("motor:personal_object", args=[case.link]), {"text": "Не согласна"})
    assert not Objection.objects.exists()


def test_from_the_cabinet_only_the_teacher_himself_objects(client: Client, case: Case) -> None:
    address = reverse("motor:object", args=[case.pk])
    assert client.post(address, {"text": "Нет"}).status_code == 302  # to the login page
    for stranger in (factories.UserFactory(email="s@example.org"), case.responsible, factories.person_with("admin")):
        client.force_login(stranger)
        assert client.post(address, {"text": "Нет"}).status_code == 404
    client.force_login(case.person)
    assert client.get(address).status_code == 405
    assert client.post(address, {"text": ""}).status_code == 422
    assert client.post(address, {"text": "Не согласна"})["Location"] == reverse("motor:survey", args=[case.pk])
    assert Objection.objects.get().case == case


def test_teacher_agrees_once_and_then_cannot_object(client: Client, case: Case, address: str) -> None:
    agree = reverse("motor:personal_agree", args=[case.link])
    assert "Согласен(на) с заключением" in page_of(client, case)
    answer = client.post(agree)
    assert (answer.status_code, answer["Location"]) == (302, reverse("motor:personal", args=[case.link]))
    agreed_at = case.outcome.__class__.objects.get(pk=case.outcome_id).agreed_at
    assert agreed_at is not None
    assert "уже записан" in client.post(agree, follow=True).content.decode()
    assert case.outcome.__class__.objects.get(pk=case.outcome_id).agreed_at == agreed_at
    text = page_of(client, case)
    assert "Вы согласились с заключением" in text
    assert "Есть возражение" not in text
    client.post(address, {"text": "Передумала"})
    assert not Objection.objects.exists()
    assert Case.objects.get(pk=case.pk).revision == case.revision + 1  # the registry looks at it


def test_objection_ends_the_agreement(client: Client, case: Case, address: str) -> None:
    client.post(address, {"text": "Не согласна"})
    assert "Согласен(на)" not in page_of(client, case)
    client.post(reverse("motor:personal_agree", args=[case.link]))
    case.outcome.refresh_from_db()
    assert case.outcome.agreed_at is None


@pytest.mark.parametrize("status", ["survey_open", "school_review", "stopped"])
def test_nothing_to_agree_with_without_a_result(client: Client, status: str) -> None:
    case = factories.CaseFactory(status=status)
    assert "Согласен(на)" not in page_of(client, case)
    assert client.post(reverse("motor:personal_agree", args=[case.link])).status_code == 302


def test_only_the_teacher_himself_agrees(client: Client, case: Case) -> None:
    address = reverse("motor:agree", args=[case.pk])
    assert client.post(address)["Location"].startswith(reverse("account_login"))
    for stranger in (factories.UserFactory(email="s@example.org"), case.responsible, factories.person_with("admin")):
        client.force_login(stranger)
        assert client.post(address).status_code == 404
    client.force_login(case.person)
    assert client.get(address).status_code == 405
    assert client.post(address)["Location"] == reverse("motor:survey", args=[case.pk])
    case.outcome.refresh_from_db()
    assert case.outcome.agreed_at is not None


def test_where_it_is_now_and_until_when_stands_first(client: Client, case: Case) -> None:
    text = page_of(client, case)
    assert f"{case.responsible.short_name} — шаги по результату" in text
    assert text.index("Что дальше") < text.index("Заключение методиста")


def test_guessed_link_and_wrong_method(client: Client, address: str) -> None:
    assert client.get(address).status_code == 405
    assert client.post(reverse("motor:personal_object", args=["Z" * 44]), {"text": "Нет"}).status_code == 404
    assert not Objection.objects.exists()


def test_page_costs_the_same_however_much_there_is(
    client: Client, case: Case, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    page_of(client, case)
    for _ in range(2):
        with django_assert_num_queries(11):
            page_of(client, case)
        factories.EvidenceFactory.create_batch(4, case=case)
