"""Short codes: made for many, typed at /k by anybody, slowly for guessers."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from cabinet.core import links
from motor.models import Case, ShortCode, Status, Survey
from motor.services import codes
from tests import factories

pytestmark = pytest.mark.django_db

WRONG = "222-333-444"


@pytest.fixture
def case() -> Case:
    return factories.CaseFactory()


@pytest.fixture
def code(case: Case) -> str:
    return codes.codes_for([case])[case.pk]


# --- Codes --------------------------------------------------------------------------------------------------------


def test_code_is_nine_signs_that_nobody_confuses(code: str) -> None:
    assert len(code) == links.CODE_LENGTH
    assert set(code) <= set(links.CODE_SIGNS)
    assert not set(links.CODE_SIGNS) & set("01OILSZ8U")


def test_code_depends_on_the_link_its_version_the_salt_and_the_pepper(settings: Any) -> None:
    first = links.make_code("A" * 22, 1, 0)
    others = [links.make_code("B" * 22, 1, 0), links.make_code("A" * 22, 2, 0), links.make_code("A" * 22, 1, 1)]
    settings.LINK_PEPPER = "another pepper of forty signs and more, 123"
    others.append(links.make_code("A" * 22, 1, 0))
    assert len({first, *others}) == 5


def test_printed_code_is_read_back(code: str) -> None:
    assert [len(part) for part in links.show_code(code).split("-")] == [3, 3, 3]
    assert links.read_code(links.show_code(code)) == code


@pytest.mark.parametrize("typed", ["k7m-2xp-94a", "К7М 2ХР 94А", "к7м2хр94а", " K7M–2XP—94A. ", "k 7 m 2 x p 9 4 a"])
def test_code_is_read_by_its_looks(typed: str) -> None:
    assert links.read_code(typed) == "K7M2XP94A"


def test_eight_is_read_as_b_and_russian_z_as_three() -> None:
    assert links.read_code("8ЗУ") == "B3Y"


def test_database_keeps_a_digest_only(case: Case, code: str) -> None:
    row = ShortCode.objects.get(case=case)
    assert row.digest == links.code_digest(code)
    assert code not in row.digest
    assert str(row) == f"Код к карте № {case.pk}"


def test_same_code_every_time(case: Case, code: str) -> None:
    assert codes.codes_for([case]) == codes.printed_codes([case]) == {case.pk: code}
    assert ShortCode.objects.count() == 1


def test_printed_codes_makes_none(case: Case) -> None:
    assert codes.printed_codes([case]) == {}
    assert not ShortCode.objects.exists()


def test_codes_of_none(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    assert codes.codes_for([]) == {}


@pytest.mark.parametrize("count", [1, 5])
def test_codes_are_made_in_bulk(count: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    cases = factories.CaseFactory.create_batch(count)
    with django_assert_num_queries(3):  # what is there, the insert, what is there now
        made = codes.codes_for(cases)
    assert len(set(made.values())) == count
    with django_assert_num_queries(1):
        assert codes.codes_for(cases) == made


def test_equal_code_takes_the_next_salt(case: Case, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    other = factories.CaseFactory()
    make = links.make_code

    def clashing(public_id: str, version: int, salt: int) -> str:
        return code if public_id == other.public_id and salt == 0 else make(public_id, version, salt)

    monkeypatch.setattr(codes, "make_code", clashing)
    made = codes.codes_for([case, other])
    assert made[case.pk] == code != made[other.pk]
    assert ShortCode.objects.get(case=other).salt == 1
    found = codes.case_by_code(made[other.pk])
    assert found == other


def test_two_equal_codes_in_one_batch_part(monkeypatch: pytest.MonkeyPatch) -> None:
    cases = factories.CaseFactory.create_batch(3)
    make = links.make_code
    monkeypatch.setattr(codes, "make_code", lambda one, version, salt: make(one if salt else "same", version, salt))
    assert len(set(codes.codes_for(cases).values())) == 3


def test_digest_is_unique(case: Case, code: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ShortCode.objects.create(case=factories.CaseFactory(), digest=links.code_digest(code))


def test_link_issued_anew_takes_the_code_along(case: Case, code: str) -> None:
    """Even when the row of the former code was left behind."""
    Case.objects.filter(pk=case.pk).update(link_version=2)
    case.refresh_from_db()
    assert codes.case_by_code(code) is None
    assert codes.printed_codes([case]) == {}
    anew = codes.codes_for([case])[case.pk]
    assert anew != code
    assert codes.case_by_code(anew) == case
    assert ShortCode.objects.count() == 1


# --- /k -----------------------------------------------------------------------------------------------------------


def enter(client: Client, typed: str, address: str = "10.0.0.1") -> Any:
    return client.post("/k", {"code": typed}, REMOTE_ADDR=address)


def test_code_leads_to_the_survey(client: Client, case: Case, code: str) -> None:
    answer = enter(client, links.show_code(code).lower())
    assert answer.status_code == 302
    assert answer["Location"] == f"/s/{case.link}/?via=slip"
    assert "no-store" in answer["Cache-Control"]
    assert client.get(answer["Location"]).status_code == 200


@pytest.mark.parametrize("address", ["/k", "/k/"])
def test_both_addresses_ask_for_the_code(client: Client, address: str) -> None:
    page = client.get(address)
    assert page.status_code == 200
    assert 'autocapitalize="characters"' in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert client.head(address).status_code == 200


def test_address_is_exactly_k(client: Client) -> None:
    assert reverse("motor:code") == "/k"
    assert client.get("/kk").status_code == 404


def test_asking_acts_on_nothing(client: Client, case: Case, code: str) -> None:
    page = client.get("/k", {"c": code, "code": code})
    assert code not in page.content.decode()
    assert Case.objects.get(pk=case.pk).status == Status.SURVEY_OPEN
    assert not Survey.objects.exists()


def test_wrong_code_stays_in_the_field(client: Client, code: str) -> None:
    page = enter(client, WRONG)
    text = page.content.decode()
    assert page.status_code == 422
    assert "Такого кода нет. Проверьте каждый знак" in text
    assert f'value="{WRONG}"' in text


@pytest.mark.parametrize("typed", ["", "   ", "-", "1" * 101, "\x00", "🙂" * 9, "<b>"])
def test_nonsense_is_refused_kindly(client: Client, typed: str) -> None:
    assert enter(client, typed).status_code == 422


def test_wrong_method(client: Client) -> None:
    assert client.put("/k").status_code == 405


def guess(client: Client, times: int, address: str = "10.0.0.1", **more: str) -> list[int]:
    return [client.post("/k", {"code": WRONG, **more}, REMOTE_ADDR=address).status_code for _ in range(times)]


def named(client: Client, typed: str, last_name: str, address: str = "10.0.0.1") -> Any:
    return client.post("/k", {"code": typed, "last_name": last_name}, REMOTE_ADDR=address)


def test_guesser_is_asked_for_the_surname_too(client: Client, case: Case, code: str) -> None:
    assert guess(client, 10) == [422] * 10
    for typed in (WRONG, code):  # nothing tells the right one from the wrong one
        page = enter(client, typed)
        assert page.status_code == 422
        assert "Введите фамилию с листка" in page.content.decode()
        assert f'value="{typed}"' in page.content.decode()
        assert "Такого кода нет" not in page.content.decode()
    assert enter(client, code, "10.0.0.2").status_code == 302
    assert client.get("/k", REMOTE_ADDR="10.0.0.1").status_code == 200


def test_right_code_with_its_surname_is_never_shut_out_by_others(client: Client, case: Case, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"short_code": "10/5m/ip,6/10m/key", "short_code_named": "3/5m/ip"}
    code = codes.codes_for([case])[case.pk]
    for number in range(6):
        assert guess(client, 1, f"10.0.1.{number}") == [422]
    for number in range(9):
        assert guess(client, 1, f"10.0.2.{number}", last_name="Иванова") == [422]
    page = enter(client, code, "10.0.1.99")
    assert page.status_code == 422
    assert "Нужна ещё и фамилия" in page.content.decode()
    assert named(client, code, case.person.last_name, "10.0.1.99")["Location"] == f"/s/{case.link}/?via=slip"


def test_surname_is_read_kindly_and_no_other_opens(client: Client, case: Case, code: str) -> None:
    case.person.last_name = "Королёва-Ким"
    case.person.save(update_fields=["last_name"])
    guess(client, 10)
    for typed in ("Королёва-Ким", "королева ким", "КОРОЛЕВА-КИМ", " Королева-Ким  Анна"):
        assert named(client, code, typed).status_code == 302
    for typed in ("Королева", "Ким", "Иванова", "-", "<b>"):
        page = named(client, code, typed)
        assert page.status_code == 422
        assert "Кода с такой фамилией нет" in page.content.decode()
    text = named(client, WRONG, "Королёва-Ким").content.decode()
    assert "Кода с такой фамилией нет" in text


def test_address_that_guesses_on_waits(client: Client, case: Case, code: str) -> None:
    guess(client, 10)
    assert guess(client, 60, last_name="Иванова") == [422] * 60
    stopped = named(client, code, case.person.last_name)
    assert stopped.status_code == 429
    assert "Попробуйте снова через 5\xa0минут" in stopped.content.decode()
    assert stopped["Retry-After"] == "300"
    assert named(client, code, case.person.last_name, "10.0.0.2").status_code == 302


def test_surname_before_it_is_asked_for_changes_nothing(client: Client, case: Case, code: str) -> None:
    assert named(client, code, "Иванова").status_code == 302


@pytest.mark.parametrize("status", [Status.CLOSED, Status.STOPPED])
def test_code_ends_with_its_case(client: Client, case: Case, code: str, status: str) -> None:
    Case.objects.filter(pk=case.pk).update(status=status, stop_reason="other")
    assert enter(client, code).status_code == 422


@pytest.mark.parametrize("status", [Status.NO_RESPONSE, Status.SCHOOL_REVIEW, Status.FOLLOW_UP])
def test_code_shows_what_became_of_the_answer(client: Client, case: Case, code: str, status: str) -> None:
    Case.objects.filter(pk=case.pk).update(status=status)
    assert enter(client, code).status_code == 302


def test_forty_teachers_behind_one_address_are_let_through(client: Client) -> None:
    cases = factories.CaseFactory.create_batch(12)
    made = codes.codes_for(cases)
    for _ in range(4):
        for case in cases:
            assert enter(client, made[case.pk]).status_code == 302


def test_right_codes_do_not_wipe_the_count(client: Client, code: str) -> None:
    for _ in range(10):
        enter(client, WRONG)
        enter(client, code)
    assert "Нужна ещё и фамилия" in enter(client, WRONG).content.decode()


def test_limit_passes(client: Client, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(11):
        enter(client, WRONG)
    later = (timezone.now() + timedelta(minutes=6)).timestamp()
    monkeypatch.setattr("allauth.core.internal.ratelimit.time.time", lambda: later)
    assert enter(client, code).status_code == 302
    cache.clear()


def test_wrong_and_right_ask_the_database_the_same(
    client: Client, code: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        enter(client, code)
    with django_assert_num_queries(1):
        enter(client, WRONG)
    guess(client, 10)
    for typed, last_name in ((code, "Иванова"), (WRONG, "Иванова")):
        with django_assert_num_queries(1):
            named(client, typed, last_name)
    for typed in (code, WRONG):
        with django_assert_num_queries(0):
            enter(client, typed)
