"""The card of a member: two depths, the log of looks, the consent, the history, the load."""

import re
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from cabinet.core.clock import today
from cabinet.files.services import store_bytes
from cabinet.users.models import LogEntry, Role, User
from cabinet.users.services import record
from rma.consent import TEXTS
from rma.models import Activity, Member
from rma.services.cards import full_years, lines_of, words_of
from rma.services.months import agree, reopen
from rma.services.roster import add_indicator, change_status, show_card
from tests.factories import MemberFactory, OrganizationFactory, RequestFactory, SubjectFactory, UserFactory, person_with
from tests.rma.cards import DirectionFactory, FunctionFactory, IndicatorFactory, MemberRoleFactory, log_of

pytestmark = pytest.mark.django_db
SECRETS = ("приказ № 1", "диплом № 7", "Заметка института", "член-рма@example.org", "Иванов спросил", "89 баллов")


@pytest.fixture
def member() -> Member:
    """With everything a card can hold."""
    user = person_with(Role.REGIONAL, contact_email="член-рма@example.org", organization=OrganizationFactory())
    member: Member = MemberFactory(user=user, note="Заметка института")
    member.roles.add(MemberRoleFactory(name="Наставник"))
    MemberRoleFactory(name="Фасилитатор")
    member.directions.add(DirectionFactory(name="Оказание методической помощи педагогам ШНОР"))
    add_indicator(member, "education", "higher", since=date(2005, 6, 30), proof="диплом № 7")
    add_indicator(member, "category", "top", since=date(2024, 3, 12))
    add_indicator(member, "assessment", "failed", since=date(2025, 11, 20), result="89 баллов")
    record(LogEntry.Action.CHANGED, person=user, about=member, note="Иванов спросил")
    return member


def page(client: Client, member: Member) -> str:
    answer = client.get(member.get_absolute_url())
    assert answer.status_code == 200
    return answer.content.decode()


def keepers(member: Member) -> list[User]:
    place = member.user.organization.municipality  # type: ignore[union-attr]
    return [member.user, person_with(Role.MUNICIPAL, place), person_with(Role.ADMIN)]


def test_those_who_keep_the_card_see_all_of_it(client: Client, member: Member) -> None:
    for person in keepers(member):
        client.force_login(person)
        text = page(client, member)
        assert [one for one in SECRETS if one not in text] == []
        assert "высшая, присвоена 12\xa0марта\xa02024" in text
        assert "2 из 4: нет пяти лет стажа и оценки компетенций" in text


def test_colleague_with_consent_sees_the_open_side(client: Client, member: Member) -> None:
    show_card(member, is_shown=True, actor=member.user)
    for role, scope in ((Role.HEAD, OrganizationFactory()), (Role.REGIONAL, None), (Role.CURATOR, None)):
        client.force_login(person_with(role, scope))
        text = page(client, member)
        assert [one for one in SECRETS if one in text] == []
        assert "не пройдена" not in text
        for open_word in (member.user.full_name, "Наставник", "помощи педагогам ШНОР", "высшая", "0 из 5"):
            assert open_word in text


def test_card_offers_to_ask_its_member_and_to_hand_over(client: Client, member: Member) -> None:
    show_card(member, is_shown=True, actor=member.user)
    ask, away = reverse("rma:request_new"), reverse("motor:substitutions")
    near = person_with(Role.MUNICIPAL, member.user.organization.municipality)  # type: ignore[union-attr]
    for person, offered in (
        (person_with(Role.HEAD, OrganizationFactory()), [True, False]),
        (near, [True, True]),
        (member.user, [False, True]),
    ):
        client.force_login(person)
        main = page(client, member).split("<main", 1)[1]
        assert [f'href="{ask}?name=' in main, f'href="{away}' in main] == offered


def test_everybody_else_gets_the_same_404(client: Client, member: Member) -> None:
    show_card(member, is_shown=True, actor=member.user)
    hidden = MemberFactory()
    missing = reverse("rma:member", args=[10**6])
    for person, card in (
        (person_with("teacher"), member),
        (person_with(Role.OBSERVER), member),
        (person_with(Role.HEAD, OrganizationFactory()), hidden),
        (person_with(Role.REGIONAL), hidden),
        (person_with(Role.MUNICIPAL, OrganizationFactory().municipality), hidden),
    ):
        client.force_login(person)
        answer, nobody = client.get(card.get_absolute_url()), client.get(missing)
        assert (answer.status_code, nobody.status_code) == (404, 404)
        assert body(answer, card.pk) == body(nobody, 10**6)


def body(answer: Any, pk: int) -> str:
    """What a person reads; the token is new each time, and the address is the asker's own."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
    return text.replace(f"/rma/members/{pk}/", "")


def test_suspended_card_is_closed_to_colleagues(client: Client, member: Member) -> None:
    show_card(member, is_shown=True, actor=member.user)
    change_status(member, "suspended", on=today(), reason="отпуск")
    client.force_login(person_with(Role.HEAD, OrganizationFactory()))

    assert client.get(member.get_absolute_url()).status_code == 404
    client.force_login(member.user)
    assert "приостановлен" in page(client, member)


def test_anonymous_and_wrong_method(client: Client, member: Member) -> None:
    address = member.get_absolute_url()
    assert client.get(address)["Location"].startswith(reverse("account_login"))
    client.force_login(member.user)
    assert client.post(address).status_code == 405


def test_look_of_another_is_logged_and_the_own_is_not(client: Client, member: Member) -> None:
    admin = person_with(Role.ADMIN)
    for person in (member.user, admin):
        client.force_login(person)
        page(client, member)

    entry = LogEntry.objects.get(action=LogEntry.Action.VIEWED)
    assert (entry.actor, entry.person, entry.about) == (admin, member.user, member)


def test_open_requests_are_links_for_those_who_may_open_them(client: Client, member: Member) -> None:
    own, foreign = RequestFactory(member=member), RequestFactory(member=member)
    RequestFactory(member=member, status="done")
    show_card(member, is_shown=True, actor=member.user)
    client.force_login(own.author)

    answer = client.get(member.get_absolute_url())

    assert [one.pk for one in answer.context["requests"]] == [own.pk]
    assert answer.context["hidden"] == 1
    assert answer.context["member"].load == 2
    assert foreign.get_absolute_url() not in answer.content.decode()


def test_load_over_the_limit_is_said_aloud(client: Client, member: Member) -> None:
    Member.objects.filter(pk=member.pk).update(case_limit=1)
    RequestFactory(member=member)
    client.force_login(member.user)
    assert "1 из 1, мест нет" in page(client, member)

    RequestFactory(member=member)

    text = page(client, member)
    assert "2 из 1" in text
    assert "сверх предела" in text
    assert "Новый лучше направить другому" in text


def test_history_says_who_what_and_when_without_looks(client: Client, member: Member) -> None:
    admin = person_with(Role.ADMIN, last_name="Институтова")
    change_status(member, "suspended", on=today(), order="приказ № 9", reason="отпуск", actor=admin)
    record(LogEntry.Action.VIEWED, actor=admin, person=member.user, about=member, note="просмотр")
    client.force_login(member.user)

    entries = client.get(member.get_absolute_url()).context["history"].object_list

    newest = entries[0]
    assert (newest.who, newest.text) == (admin.full_name, "отпуск")
    assert newest.title.startswith("Состояние: приостановлен с")
    assert newest.title.endswith("(приказ № 9)")
    titles = [one.title for one in entries]
    assert "Показатель: Высшее образование — высшее, с 30.06.2005" in titles
    assert sum(title.startswith("Состояние: приостановлен") for title in titles) == 1
    assert not [title for title in titles if "росмотр" in title]


def test_agreed_month_is_no_change_of_the_card(client: Client, member: Member) -> None:
    month = today().replace(day=1)
    words = {"direction": member.directions.get(), "function": FunctionFactory()}
    line = Activity.objects.create(member=member, on=month, kind="other", title="Урок", hours=1, **words)
    agree(member, month, {line.pk: line.revision}, actor=member.user)
    reopen(member, month, actor=member.user)
    client.force_login(member.user)

    titles = [one.title for one in client.get(member.get_absolute_url()).context["history"].object_list]

    assert [title for title in titles if title.startswith("Работа за")] == []
    notes = LogEntry.objects.filter(about_type__model="agreedmonth").order_by("pk").values_list("note", flat=True)
    assert [note.partition(": ")[2] for note in notes] == ["согласован, строк: 1", "возвращён"]


def test_history_is_paged(client: Client, member: Member) -> None:
    for number in range(20):
        record(LogEntry.Action.CHANGED, person=member.user, about=member, note=f"правка {number}")
    client.force_login(member.user)

    answer = client.get(member.get_absolute_url(), {"page": 2})

    assert len(answer.context["history"].object_list) == 10


@pytest.mark.parametrize("count", [1, 5])
def test_queries_do_not_grow(
    client: Client, member: Member, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for _ in range(count):
        RequestFactory(member=member)
        member.subjects.add(SubjectFactory())
        row = IndicatorFactory(member=member, kind="assessment", author=UserFactory())
        store_bytes("диплом.pdf", b"%PDF-1.7", owner=row, content_type="application/pdf")
        change_status(member, "active", on=today(), order="ещё приказ", actor=UserFactory())
    client.force_login(person_with(Role.ADMIN))
    client.get(member.get_absolute_url())

    with django_assert_num_queries(14):
        page(client, member)


# --- Consent -------------------------------------------------------------------------------------------------


def consent(client: Client, member: Member, **data: Any) -> Any:
    return client.post(reverse("rma:member_consent", args=[member.pk]), data)


def test_owner_shows_the_card_and_takes_it_back_by_the_same_button(client: Client, member: Member) -> None:
    reader = person_with(Role.METHODIST, OrganizationFactory())
    for value, status in (("yes", 200), ("yes", 200), ("no", 404), ("no", 404)):
        client.force_login(member.user)
        assert consent(client, member, show=value).status_code == 302
        client.force_login(reader)
        assert client.get(member.get_absolute_url()).status_code == status

    words = [note for note in log_of(member) if note.startswith("согласие")]
    assert words == ["согласие показывать карточку, текст версии 2", "согласие показывать карточку отозвано"]


def test_log_keeps_the_text_that_was_read_and_the_address(client: Client, member: Member) -> None:
    client.force_login(member.user)
    page(client, member)

    for show, version in (("yes", "1"), ("no", ""), ("yes", "99"), ("no", ""), ("yes", "")):
        consent(client, member, show=show, version=version)

    given = LogEntry.objects.filter(note__startswith="согласие показывать карточку, текст").order_by("pk")
    assert [one.note[-1] for one in given] == ["1", "2", "2"]
    assert {one.ip_address for one in given} == {"127.0.0.1"}
    assert {one.actor for one in given} == {member.user}


def test_former_texts_stay_as_they_were_read() -> None:
    """A word changed here needs a version of its own."""
    said = {version: repr([tuple(one) for one in text]).encode() for version, text in TEXTS.items()}
    found = {version: sha256(text).hexdigest()[:12] for version, text in said.items()}
    assert found == {1: "2a909c12278c", 2: "3838ed09fe32"}


def test_owner_is_told_what_others_will_see(client: Client, member: Member) -> None:
    client.force_login(member.user)

    text = page(client, member)

    assert "Показывать карточку коллегам" in text
    assert "почту и телефон, приказы, документы, заметки, историю" in text
    assert "Без согласия коллеги видят только имя, организацию, предметы и нагрузку" in text
    consent(client, member, show="yes")
    assert "Больше не показывать" in page(client, member)


def test_nobody_else_consents_for_him(client: Client, member: Member) -> None:
    for person in (*keepers(member)[1:], person_with(Role.REGIONAL), person_with("teacher")):
        client.force_login(person)
        assert consent(client, member, show="yes").status_code == 404
    client.force_login(member.user)
    assert client.get(reverse("rma:member_consent", args=[member.pk])).status_code == 405
    member.refresh_from_db()
    assert not member.is_shown


def test_anonymous_cannot_consent(client: Client, member: Member) -> None:
    assert consent(client, member, show="yes")["Location"].startswith(reverse("account_login"))


# --- Words ---------------------------------------------------------------------------------------------------


def test_years_are_counted_from_the_day(member: Member) -> None:
    assert full_years(date(2020, 2, 29), date(2025, 2, 28)) == 4
    assert full_years(date(2020, 2, 29), date(2025, 3, 1)) == 5
    row = IndicatorFactory.build(member=member, kind="experience", since=date(2013, 9, 1))
    assert words_of(row, date(2026, 1, 1)) == "12\xa0лет, с 1\xa0сентября\xa02013"
    assert words_of(row, date(2014, 1, 1)).startswith("меньше года")


@pytest.mark.parametrize(
    ("kind", "grade", "fields", "words"),
    [
        ("category", "methodist", {"since": date(2024, 1, 9)}, "педагог-методист, присвоена 9\xa0января\xa02024"),
        (
            "category",
            "top",
            {"since": date(2021, 1, 9), "until": date(2026, 1, 9)},
            "высшая, присвоена 9\xa0января\xa02021, действует по 9\xa0января\xa02026",
        ),
        (
            "assessment",
            "passed",
            {"since": date(2025, 1, 9), "result": "высокий"},
            "пройдена 9\xa0января\xa02025: высокий",
        ),
        ("education", "secondary", {"since": None}, "среднее профессиональное"),
    ],
)
def test_indicator_in_words(member: Member, kind: str, grade: str, fields: dict[str, Any], words: str) -> None:
    row = IndicatorFactory.build(member=member, kind=kind, grade=grade, **fields)

    assert words_of(row, today()) == words


def test_current_row_is_the_one_that_counts(member: Member) -> None:
    yesterday = today() - timedelta(days=1)
    IndicatorFactory(member=member, kind="category", grade="first", since=yesterday)

    line = next(one for one in lines_of(member, with_files=False) if one.kind == "category")

    assert line.is_met
    assert line.words.startswith("высшая")
    assert [one.row.grade for one in line.rows] == ["first", "top"]
    member.indicators.filter(grade="top").update(until=yesterday)
    line = next(one for one in lines_of(Member.objects.get(pk=member.pk), with_files=False) if one.kind == "category")
    assert not line.is_met
    assert line.words.startswith("первая")
    assert [one.in_force for one in line.rows] == [True, False]
