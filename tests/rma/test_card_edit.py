"""What the institute changes on a card: nothing is lost, nothing happens twice, all is logged in words."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from cabinet.core.clock import today
from cabinet.files.models import StoredFile
from cabinet.users.models import LogEntry, Role, User
from rma.models import Indicator, Member, StatusChange
from rma.services.editing import end_indicator, open_card
from rma.services.roster import RosterRefused, change_status, show_card
from tests.factories import (
    MemberFactory,
    MunicipalityFactory,
    OrganizationFactory,
    RequestFactory,
    SubjectFactory,
    person_with,
)
from tests.rma.cards import DirectionFactory, FunctionFactory, IndicatorFactory, MemberRoleFactory, log_of, member_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client: Client) -> User:
    person = person_with(Role.ADMIN)
    client.force_login(person)
    return person


@pytest.fixture
def member() -> Member:
    card: Member = MemberFactory()
    return card


def at(name: str, member: Member, *further: Any) -> str:
    return reverse(f"rma:{name}", args=[member.pk, *further])


def typed(member: Member, **values: Any) -> dict[str, Any]:
    return {"case_limit": 5, "note": "", "revision": member.revision} | values


def pdf(name: str = "диплом.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, b"%PDF-1.7\n%%EOF\n", "application/pdf")


# --- What the card says --------------------------------------------------------------------------------------


def test_card_is_changed_and_the_log_says_what(client: Client, admin: User, member: Member) -> None:
    old, new = DirectionFactory(short="демонстрация опыта"), DirectionFactory(short="помощь ШНОР")
    subject, role, function = SubjectFactory(name="химия"), MemberRoleFactory(short="эксперт"), FunctionFactory()
    member.directions.add(old)
    values = {"directions": [new.pk], "subjects": [subject.pk], "roles": [role.pk], "functions": [function.pk]}

    answer = client.post(at("member_edit", member), typed(member, **values, case_limit=7, note="звонить  утром"))

    assert answer["Location"] == member.get_absolute_url()
    member.refresh_from_db()
    assert (member.case_limit, member.note, member.revision) == (7, "звонить утром", 2)
    assert list(member.directions.all()) == [new]
    assert log_of(member) == [
        "предметы: + химия",
        "роли: + эксперт",
        f"функции: + {function.short}",
        "направления: + помощь ШНОР; − демонстрация опыта",
        "предел запросов: 5 → 7",
        "заметка: звонить утром",
    ]


def test_second_editor_is_shown_what_stands_and_loses_nothing(client: Client, admin: User, member: Member) -> None:
    first, second = MemberRoleFactory(short="тьютор"), MemberRoleFactory(short="эксперт")
    seen = typed(member, roles=[second.pk], note="моё")
    client.post(at("member_edit", member), typed(member, roles=[first.pk], case_limit=9))

    answer = client.post(at("member_edit", member), seen)

    assert answer.status_code == 422
    text = answer.content.decode()
    assert "карточку изменил кто-то ещё" in text
    assert ("Роли", "тьютор") in answer.context["now"]
    assert ("Предел запросов", "9") in answer.context["now"]
    assert "моё" in text
    assert list(member.roles.all()) == [first]
    # Saved once more with open eyes, it goes over it.
    again = seen | {"revision": answer.context["form"]["revision"].value()}
    assert client.post(at("member_edit", member), again).status_code == 302
    assert list(member.roles.all()) == [second]


def test_same_form_twice_is_one_change(client: Client, admin: User, member: Member) -> None:
    sent = typed(member, note="звонить утром")

    for _ in range(2):
        assert client.post(at("member_edit", member), sent).status_code == 302

    assert log_of(member) == ["заметка: звонить утром"]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"case_limit": 0}, "Хотя бы один запрос"),
        ({"case_limit": 51}, "Больше пятидесяти"),
        ({"case_limit": "²"}, "Напишите целое число"),
        ({"roles": ["9" * 30]}, "Такого значения в справочнике нет"),
        ({"subjects": ["x"]}, "Такого значения в справочнике нет"),
    ],
)
def test_refused_card_keeps_what_was_typed(
    client: Client, admin: User, member: Member, values: dict[str, Any], sentence: str
) -> None:
    answer = client.post(at("member_edit", member), typed(member, note="важное", **values))

    assert answer.status_code == 422
    text = answer.content.decode()
    assert sentence in text
    assert "важное" in text
    assert log_of(member) == []


@pytest.mark.parametrize("count", [1, 5])
def test_form_asks_few_queries(
    client: Client, admin: User, member: Member, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for _ in range(count):
        member.subjects.add(SubjectFactory())
        member.roles.add(MemberRoleFactory())

    with django_assert_num_queries(12):
        client.get(at("member_edit", member))


# --- Orders --------------------------------------------------------------------------------------------------


def order(**values: Any) -> dict[str, Any]:
    return {"status": "suspended", "on": today().isoformat(), "order": "приказ № 5", "reason": ""} | values


def test_order_changes_the_state_once(client: Client, admin: User, member: Member) -> None:
    for _ in range(2):
        assert client.post(at("member_status", member), order()).status_code == 302

    member.refresh_from_db()
    assert member.status == "suspended"
    assert [one.author for one in member.status_changes.filter(status="suspended")] == [admin]
    assert [note.split(" с ")[0] for note in log_of(member)] == ["состояние: приостановлен"]


def test_open_requests_are_named_before_the_member_leaves(client: Client, admin: User, member: Member) -> None:
    request = RequestFactory(member=member)

    answer = client.post(at("member_status", member), order(status="excluded"))

    assert answer.status_code == 200
    text = answer.content.decode()
    assert request.get_absolute_url() in text
    assert "приказ № 5" in text
    member.refresh_from_db()
    assert member.status == "active"
    assert client.post(at("member_status", member), order(status="excluded", sure="yes")).status_code == 302
    member.refresh_from_db()
    assert member.status == "excluded"


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("excluded", "закончится с указанного дня"),
        ("candidate", "закончится с указанного дня"),
        ("suspended", "он закончит то, что начал"),
    ],
)
def test_page_says_what_stays_and_what_ends(
    client: Client, admin: User, member: Member, status: str, said: str
) -> None:
    for kind in ("assessment", "iom_help", "iom_help"):
        RequestFactory(member=member, kind=kind)

    text = client.post(at("member_status", member), order(status=status)).content.decode()

    assert said in text
    assert "оценка по картам — 1, маршруты — 2." in text
    assert reverse("motor:substitutions") in text


@pytest.mark.parametrize("status", ["excluded", "candidate"])
def test_role_ends_with_the_day_of_the_order_and_returns_with_the_member(admin: User, status: str) -> None:
    member = MemberFactory(user=person_with(Role.REGIONAL))
    day = today() - timedelta(days=3)

    change_status(member, status, on=day, order="приказ № 5", actor=admin)

    assert [one.ends_on for one in member.user.memberships.all()] == [day - timedelta(days=1)]
    assert not member.user.memberships.active().exists()
    change_status(member, "active", on=today(), order="приказ № 6", actor=admin)
    assert [one.ends_on for one in member.user.memberships.active()] == [None]
    assert member.user.memberships.count() == 2
    rights = LogEntry.objects.filter(action=LogEntry.Action.RIGHTS, person=member.user).order_by("pk")
    assert [(one.note.split(" роль")[0], one.actor) for one in rights] == [("снята", admin), ("назначена", admin)]


def test_suspended_member_keeps_the_role(admin: User) -> None:
    member = MemberFactory(user=person_with(Role.REGIONAL))
    change_status(member, "suspended", on=today(), reason="отпуск", actor=admin)
    assert [one.ends_on for one in member.user.memberships.all()] == [None]


def test_earlier_exclusion_under_a_later_order_ends_nothing(admin: User) -> None:
    member = MemberFactory(user=person_with(Role.REGIONAL))
    change_status(member, "excluded", on=today() - timedelta(days=5000), order="приказ № 1", actor=admin)
    assert [one.ends_on for one in member.user.memberships.all()] == [None]


def test_return_is_not_asked_about(client: Client, admin: User) -> None:
    member = MemberFactory(status="suspended")
    RequestFactory(member=member)

    assert client.post(at("member_status", member), order(status="active")).status_code == 302
    member.refresh_from_db()
    assert member.status == "active"


def test_earlier_order_is_kept_and_the_later_one_holds(client: Client, admin: User, member: Member) -> None:
    long_ago = (today() - timedelta(days=4 * 365)).isoformat()

    answer = client.post(at("member_status", member), order(status="candidate", on=long_ago), follow=True)

    assert "Есть более поздний" in answer.content.decode()
    member.refresh_from_db()
    assert member.status == "active"
    assert StatusChange.objects.filter(member=member, status="candidate").exists()


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"order": ""}, "Напишите причину или укажите приказ"),
        ({"on": (today() + timedelta(days=1)).isoformat()}, "ещё не наступил"),
        ({"on": "0201-01-01"}, "проверьте год"),
        ({"on": "вчера"}, "Такой даты нет"),
        ({"status": "отдыхает"}, "Выберите"),
    ],
)
def test_refused_order_keeps_what_was_typed(
    client: Client, admin: User, member: Member, values: dict[str, str], sentence: str
) -> None:
    answer = client.post(at("member_status", member), order(**values))

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    member.refresh_from_db()
    assert member.status == "active"


# --- Indicators ----------------------------------------------------------------------------------------------


def test_indicator_with_its_proof_is_added_once(client: Client, admin: User, member: Member) -> None:
    address = at("indicator_add", member, "category")
    for _ in range(2):
        sent = {"grade": "top", "since": "2022-03-01", "proof": "приказ № 11", "file": pdf()}
        assert client.post(address, sent)["Location"] == f"{member.get_absolute_url()}#category"

    row = Indicator.objects.get(member=member)
    assert (row.grade, row.until, row.proof, row.author) == ("top", date(2027, 3, 1), "приказ № 11", admin)
    assert StoredFile.objects.get(owner_id=row.pk).owner == row
    assert log_of(member) == [
        "показатель: Высшая квалификационная категория — высшая, с 01.03.2022",
        "подтверждение показателя «Высшая квалификационная категория: высшая»: диплом.pdf",
    ]


def test_proof_is_for_those_who_keep_the_card(client: Client, admin: User) -> None:
    place = MunicipalityFactory()
    member = member_of(place)
    client.post(at("indicator_add", member, "education"), {"grade": "higher", "file": pdf()})
    show_card(member, is_shown=True, actor=member.user)
    address = StoredFile.objects.get().get_absolute_url()

    for person, status in (
        (member.user, 200),
        (admin, 200),
        (person_with(Role.MUNICIPAL, place), 200),
        (person_with(Role.MUNICIPAL, MunicipalityFactory()), 404),
        (person_with(Role.REGIONAL), 404),
        (person_with("teacher"), 404),
    ):
        client.force_login(person)
        assert client.get(address).status_code == status


def test_new_row_overwrites_nothing(client: Client, admin: User, member: Member) -> None:
    IndicatorFactory(member=member, kind="assessment", grade="failed", since=date(2024, 1, 9))

    client.post(
        at("indicator_add", member, "assessment"), {"grade": "passed", "since": "2025-02-03", "result": "высокий"}
    )

    rows = member.indicators.order_by("since").values_list("grade", "since", "until")
    assert list(rows) == [("failed", date(2024, 1, 9), None), ("passed", date(2025, 2, 3), None)]


@pytest.mark.parametrize(
    ("kind", "values", "sentence"),
    [
        ("education", {}, "Выберите одно из значений"),
        ("education", {"grade": "top"}, "Выберите"),
        ("experience", {}, "от него считается стаж"),
        ("category", {"grade": "top"}, "Укажите день присвоения"),
        ("assessment", {"grade": "passed"}, "Укажите день оценки"),
        ("category", {"grade": "top", "since": "2024-05-01", "until": "2024-04-01"}, "Окончание раньше начала"),
        ("assessment", {"grade": "passed", "since": "2124-05-01"}, "ещё не наступил"),
    ],
)
def test_refused_indicator_keeps_what_was_typed(
    client: Client, admin: User, member: Member, kind: str, values: dict[str, str], sentence: str
) -> None:
    answer = client.post(at("indicator_add", member, kind), values | {"proof": "диплом № 3"})

    assert answer.status_code == 422
    text = answer.content.decode()
    assert sentence in text
    assert "диплом № 3" in text
    assert not Indicator.objects.exists()


def test_file_that_is_none_of_those_allowed_is_refused(client: Client, admin: User, member: Member) -> None:
    wrong = SimpleUploadedFile("диплом.pdf", b"MZ\x90\x00", "application/pdf")

    answer = client.post(at("indicator_add", member, "education"), {"grade": "higher", "file": wrong})

    assert answer.status_code == 422
    assert "Такой файл принять нельзя" in answer.content.decode()
    assert not Indicator.objects.exists()


def test_without_category_needs_no_day(client: Client, admin: User, member: Member) -> None:
    assert client.post(at("indicator_add", member, "category"), {"grade": "none"}).status_code == 302


def test_unknown_indicator_is_not_there(client: Client, admin: User, member: Member) -> None:
    assert client.get(at("indicator_add", member, "beauty")).status_code == 404


def test_row_is_ended_and_stays(client: Client, admin: User, member: Member) -> None:
    row = IndicatorFactory(member=member, kind="category", since=date(2022, 1, 1), until=date(2027, 1, 1))
    address = at("indicator_end", member, row.pk)
    day = today() - timedelta(days=3)

    for _ in range(2):
        assert client.post(address, {"until": day.isoformat()}).status_code == 302

    row.refresh_from_db()
    assert (row.since, row.until) == (date(2022, 1, 1), day)
    assert len(log_of(member)) == 1
    later = client.post(address, {"until": today().isoformat()})
    assert later.status_code == 422
    assert "Продление — это новая запись" in later.content.decode()
    before = client.post(address, {"until": "2021-12-31"})
    assert "Запись начинается позже" in before.content.decode()
    assert not end_indicator(row, today(), actor=admin)


def test_row_of_another_card_is_not_there(client: Client, admin: User, member: Member) -> None:
    row = IndicatorFactory()

    assert client.get(at("indicator_end", member, row.pk)).status_code == 404
    assert client.post(at("indicator_end", member, row.pk), {"until": today().isoformat()}).status_code == 404


def test_second_card_is_refused_by_the_service(admin: User, member: Member) -> None:
    with pytest.raises(RosterRefused, match="уже есть"):
        open_card(member.user, status="active", on=today(), order="", actor=admin)


# --- Who -----------------------------------------------------------------------------------------------------


def test_nobody_but_the_admin_changes_a_card(client: Client) -> None:
    place = MunicipalityFactory()
    member = member_of(place)
    show_card(member, is_shown=True, actor=member.user)
    row = IndicatorFactory(member=member)
    people = [member.user, person_with(Role.MUNICIPAL, place), person_with(Role.REGIONAL), person_with(Role.OBSERVER)]
    people += [person_with(Role.HEAD, OrganizationFactory()), person_with("teacher")]
    acts = [("member_edit", ()), ("member_status", ()), ("indicator_add", ("category",)), ("indicator_end", (row.pk,))]
    for name, further in acts:
        address = at(name, member, *further)
        client.logout()
        assert client.get(address)["Location"].startswith(reverse("account_login"))
        for person in people:
            client.force_login(person)
            assert (client.get(address).status_code, client.post(address).status_code) == (404, 404)
            assert address not in client.get(member.get_absolute_url()).content.decode()
        client.force_login(person_with(Role.ADMIN))
        assert client.get(address).status_code == 200
        assert client.put(address).status_code == 405
        assert client.get(reverse(f"rma:{name}", args=[10**6, *further])).status_code == 404
