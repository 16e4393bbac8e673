"""The Django admin of РМА: a card with its orders and indicators, the dictionaries, what is only looked at."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.core.clock import today
from cabinet.users.models import LogEntry, Membership, Role, User
from rma.models import Direction, Indicator, Member, StatusChange
from tests.factories import MemberFactory, RequestFactory, UserFactory, person_with
from tests.rma.cards import DirectionFactory, IndicatorFactory, MemberRoleFactory, log_of

pytestmark = pytest.mark.django_db
ADD, LIST = reverse("admin:rma_member_add"), reverse("admin:rma_member_changelist")


@pytest.fixture
def chief(client: Client) -> User:
    person = person_with(Role.ADMIN, is_staff=True, is_superuser=True)
    client.force_login(person)
    return person


def address(member: Member) -> str:
    return reverse("admin:rma_member_change", args=[member.pk])


def rows(prefix: str, *new: dict[str, Any], kept: Any = ()) -> dict[str, Any]:
    """A formset as the browser sends it: `kept` are rows that stand, then the new ones."""
    sent: dict[str, Any] = {f"{prefix}-TOTAL_FORMS": len(kept) + len(new), f"{prefix}-INITIAL_FORMS": len(kept)}
    for number, one in enumerate([*kept, *new]):
        sent |= {f"{prefix}-{number}-{name}": value for name, value in one.items()}
        if number < len(kept) and "on" in one:
            sent[f"initial-{prefix}-{number}-on"] = one["on"]  # a field whose default is computed has a hidden twin
    return sent


def first_order(member: Member, **changes: Any) -> dict[str, Any]:
    row = member.status_changes.get()
    return {
        "id": row.pk,
        "member": member.pk,
        "status": row.status,
        "on": row.on.isoformat(),
        "order": row.order,
        "reason": row.reason,
    } | changes


def sent(member: Member, orders: dict[str, Any] | None = None, indicators: Any = None, **values: Any) -> dict[str, Any]:
    orders = orders or rows("status_changes", kept=[first_order(member)])
    return {"case_limit": 5, "note": ""} | orders | (indicators or rows("indicators")) | values


def test_order_of_the_admin_settles_the_state_and_is_logged(client: Client, chief: User) -> None:
    member = MemberFactory()
    new = {"status": "suspended", "on": today().isoformat(), "order": "приказ № 3", "reason": ""}

    answer = client.post(address(member), sent(member, rows("status_changes", new, kept=[first_order(member)])))

    assert answer.status_code == 302
    member.refresh_from_db()
    assert (member.status, member.revision) == ("suspended", 2)
    assert member.status_changes.first().author == chief  # type: ignore[union-attr]
    assert [note.split(" с ")[0] for note in log_of(member)] == ["состояние: приостановлен"]


def test_deleted_order_gives_back_the_former_state(client: Client, chief: User) -> None:
    member = MemberFactory(status="candidate")
    later = StatusChange.objects.create(member=member, status="active", on=today())
    kept = [
        {"id": later.pk, "member": member.pk, "status": "active", "on": today().isoformat(), "DELETE": "on"},
        {"id": member.status_changes.last().pk, "member": member.pk, "status": "candidate", "on": "2024-01-01"},  # type: ignore[union-attr]
    ]

    assert client.post(address(member), sent(member, rows("status_changes", kept=kept))).status_code == 302

    member.refresh_from_db()
    assert member.status == "candidate"
    assert [note for note in log_of(member) if note.startswith("удалено в администрировании: состояние: действует")]


@pytest.mark.parametrize(
    ("new", "sentence"),
    [
        ({"status": "active", "on": (today() + timedelta(days=1)).isoformat()}, "ещё не наступил"),
        ({"status": "excluded", "on": today().isoformat()}, "Укажите приказ или причину"),
    ],
)
def test_impossible_order_is_refused(client: Client, chief: User, new: dict[str, str], sentence: str) -> None:
    member = MemberFactory()

    answer = client.post(address(member), sent(member, rows("status_changes", new, kept=[first_order(member)])))

    assert sentence in answer.content.decode()
    assert member.status_changes.count() == 1


def test_indicator_gets_its_author_and_end(client: Client, chief: User) -> None:
    member = MemberFactory()
    new = {"kind": "category", "grade": "top", "since": "2022-05-04"}

    client.post(address(member), sent(member, indicators=rows("indicators", new)))

    row = Indicator.objects.get(member=member)
    assert (row.author, str(row.until)) == (chief, "2027-05-04")
    assert log_of(member) == ["добавлено в администрировании: показатель: Высшая квалификационная категория: высшая"]


@pytest.mark.parametrize(
    ("new", "sentence"),
    [
        ({"kind": "education", "grade": "top"}, "другого показателя"),
        ({"kind": "experience", "grade": "years"}, "работает по специальности"),
        ({"kind": "education", "grade": "higher", "since": "2124-01-01"}, "ещё не наступил"),
    ],
)
def test_impossible_indicator_is_refused(client: Client, chief: User, new: dict[str, str], sentence: str) -> None:
    member = MemberFactory()

    answer = client.post(address(member), sent(member, indicators=rows("indicators", new)))

    assert sentence in answer.content.decode()
    assert not Indicator.objects.exists()


def test_changed_words_are_logged(client: Client, chief: User) -> None:
    member, role, direction = MemberFactory(), MemberRoleFactory(short="эксперт"), DirectionFactory(short="помощь ШНОР")
    member.directions.add(direction)

    client.post(address(member), sent(member, roles=[role.pk], case_limit=8))

    assert log_of(member) == ["изменено: предел запросов", "роли: + эксперт", "направления: − помощь ШНОР"]


def test_new_card_has_its_first_order_and_role(client: Client, chief: User) -> None:
    person = UserFactory()
    values = {"user": person.pk, "case_limit": 5, "note": ""} | rows("status_changes") | rows("indicators")

    assert client.post(ADD, values).status_code == 302

    member = Member.objects.get(user=person)
    assert [one.status for one in member.status_changes.all()] == ["active"]
    assert Membership.objects.filter(user=person, role=Role.REGIONAL).exists()


def test_looking_is_logged_and_cards_are_not_deleted(client: Client, chief: User) -> None:
    member = IndicatorFactory().member

    assert client.get(address(member)).status_code == 200

    entry = LogEntry.objects.get(action=LogEntry.Action.VIEWED)
    assert (entry.actor, entry.person) == (chief, member.user)
    assert client.post(reverse("admin:rma_member_delete", args=[member.pk]), {"post": "yes"}).status_code == 403


def test_list_is_searched_by_words_and_goes_to_excel(client: Client, chief: User) -> None:
    MemberFactory(user=UserFactory(last_name="Ёлкина"))
    MemberFactory(user=UserFactory(last_name="Берёзкина"))

    page = client.get(LIST, {"q": "елкина"}).content.decode()

    assert "Ёлкина" in page
    assert "Берёзкина" not in page
    excel = client.get(reverse("home:admin_excel", args=["rma", "member"]))
    assert excel.status_code == 200
    assert b"".join(excel.streaming_content)[:2] == b"PK"  # type: ignore[attr-defined]


@pytest.mark.parametrize("model", ["memberrole", "function", "direction"])
def test_dictionaries_are_edited_but_not_deleted(client: Client, chief: User, model: str) -> None:
    row = DirectionFactory() if model == "direction" else None
    assert client.get(reverse(f"admin:rma_{model}_changelist")).status_code == 200
    assert client.get(reverse(f"admin:rma_{model}_add")).status_code == 200
    if row is not None:
        edit = reverse("admin:rma_direction_change", args=[row.pk])
        client.post(edit, {"code": "другой", "name": "Новое имя", "short": "имя", "order": 1, "source_share": ""})
        row.refresh_from_db()
        assert (row.name, row.code) == ("Новое имя", row.code)
        client.post(reverse("admin:rma_direction_delete", args=[row.pk]), {"post": "yes"})
        assert Direction.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("model", ["request", "activity", "agreedmonth"])
def test_work_and_requests_are_only_looked_at(client: Client, chief: User, model: str) -> None:
    if model == "request":
        RequestFactory()
    assert client.get(reverse(f"admin:rma_{model}_changelist")).status_code == 200
    assert client.get(reverse(f"admin:rma_{model}_add")).status_code == 403
