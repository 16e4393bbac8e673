"""Attacks on the month: somebody else's, locked, far away, with strange numbers, and what it tells of people."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from cabinet.core.clock import add_months, today
from cabinet.users.models import Role, User
from motor.services.offering import offer_checklist
from rma.models import Activity, AgreedMonth, Direction, Function, Member
from rma.services.desk import owed
from tests.factories import CaseFactory, ChecklistFactory, MemberFactory, UserFactory, person_with
from tests.rma.asked import direct

pytestmark = pytest.mark.django_db
THIS = today().replace(day=1)
LAST = add_months(THIS, -1)
PAGE = "/rma/activity/"
Make = Callable[..., Activity]
DONE = {"on": today().isoformat(), "result": "Разобрали", "hours": "1", "people_count": "1"}


@pytest.fixture
def member() -> Member:
    return MemberFactory()


@pytest.fixture
def make(member: Member) -> Make:
    direction = Direction.objects.create(code="d", name="Направление", short="направление")
    function = Function.objects.create(code="consulting", name="Консультации", short="консультации")

    def made(**fields: Any) -> Activity:
        known = {"member": member, "direction": direction, "function": function, "on": LAST}
        defaults = {"kind": "consultation", "title": "Консультация", "hours": 2, "people_count": 1}
        return Activity.objects.create(**{**known, **defaults, **fields})

    return made


def at(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def typed(line: Activity, **fields: Any) -> dict[str, Any]:
    return {
        "revision": line.revision,
        "on": line.on.isoformat(),
        "kind": line.kind,
        "title": line.title,
        "hours": "2",
        "people_count": "1",
        "direction": line.direction_id,
        "function": line.function_id,
    } | fields


def row(line: Activity) -> dict[str, Any]:
    return Activity.objects.values().get(pk=line.pk)


def test_nobody_touches_anothers_month(client: Client, make: Make, member: Member) -> None:
    line, month = make(), f"{LAST:%Y-%m}"
    before = row(line)
    others = [
        MemberFactory().user,
        person_with(Role.ADMIN),
        person_with(Role.MUNICIPAL, member.user.organization.municipality),
        person_with(Role.HEAD, member.user.organization),
        person_with(Role.OBSERVER),
    ]
    for user in others:
        at(client, user)
        for name in ("", "leave-out/", "put-back/"):
            assert client.post(f"{PAGE}{line.pk}/{name}", typed(line, title="Чужое")).status_code == 404
        for name in ("agree/", "reopen/"):
            data = {"month": month, "seen": f"{line.pk}:{line.revision}", "member": member.pk}
            assert client.post(f"{PAGE}{name}", data).status_code in (302, 404)
    assert row(line) == before
    assert not AgreedMonth.objects.filter(member=member).exists()


@pytest.mark.parametrize("state", ["agreed", "dismissed"])
def test_locked_line_is_changed_by_no_post(client: Client, make: Make, member: Member, state: str) -> None:
    line = make(state=state)
    before = row(line)
    at(client, member.user)
    for more in ({}, {"words": "1"}, {"revision": "0"}, {"revision": str(line.revision)}, {"state": "offered"}):
        assert client.post(f"{PAGE}{line.pk}/", typed(line, title="Другое", hours="24") | more).status_code == 422
    if state == "agreed":
        client.post(f"{PAGE}{line.pk}/leave-out/")
        client.post(f"{PAGE}{line.pk}/put-back/")
    assert row(line) == before


@pytest.mark.parametrize(
    "hours", ["NaN", "sNaN", "Infinity", "-2", "0", "0,4", "24,5", "1e9", "1E-9", "9" * 40, "½", "²"]
)
def test_strange_hours_are_refused(client: Client, make: Make, member: Member, hours: str) -> None:
    line = make()
    at(client, member.user)
    assert client.post(f"{PAGE}{line.pk}/", typed(line, hours=hours)).status_code == 422
    assert client.post(f"{PAGE}add/", typed(line, hours=hours)).status_code == 422
    assert row(line)["hours"] == 2


@pytest.mark.parametrize("number", ["-1", "5001", "9" * 30, "1.5", "²"])
def test_strange_numbers_of_people_are_refused(client: Client, make: Make, member: Member, number: str) -> None:
    line = make()
    assert at(client, member.user).post(f"{PAGE}{line.pk}/", typed(line, people_count=number)).status_code == 422


@pytest.mark.parametrize(
    "month", ["9999-12", "2001-01", "0001-01", "2026-13", "2026-00", "²²²²-01", "-1", "", "99999-1"]
)
def test_strange_months(client: Client, make: Make, member: Member, month: str) -> None:
    line = make()
    at(client, member.user)
    assert client.get(PAGE, {"month": month}).status_code == 200
    assert client.get(f"{PAGE}add/", {"month": month}).status_code == 200
    assert client.get(f"{PAGE}print/", {"month": month}).status_code in (200, 404)
    for name in ("agree/", "reopen/"):
        client.post(f"{PAGE}{name}", {"month": month, "seen": f"{line.pk}:{line.revision}"})
    assert row(line)["state"] == "offered"
    assert AgreedMonth.objects.count() == 0


@pytest.mark.parametrize(
    "seen",
    [
        "",
        ",",
        ":",
        "1",
        "²:1",
        "a:b",
        "-1:1",
        "9999999999999999999:1",
        "1:99999999999",
        ":".join("1" * 50),
        "1:1," * 3000,
    ],
)
def test_strange_lists_of_what_was_seen_agree_nothing(client: Client, make: Make, member: Member, seen: str) -> None:
    make(revision=5)
    answer = at(client, member.user).post(f"{PAGE}agree/", {"month": f"{LAST:%Y-%m}", "seen": seen})
    assert answer.status_code == 302
    assert AgreedMonth.objects.count() == 0


def test_lines_of_another_and_of_another_month_are_not_agreed_along(client: Client, make: Make, member: Member) -> None:
    theirs, early = make(member=MemberFactory()), make(on=add_months(LAST, -1))
    seen = f"{theirs.pk}:{theirs.revision},{early.pk}:{early.revision}"
    at(client, member.user).post(f"{PAGE}agree/", {"month": f"{LAST:%Y-%m}", "seen": seen})
    assert [row(one)["state"] for one in (theirs, early)] == ["offered", "offered"]


def test_agreeing_of_a_moment_ago_sent_again_after_a_change_agrees_nothing(
    client: Client, make: Make, member: Member
) -> None:
    line = make()
    old = {"month": f"{LAST:%Y-%m}", "seen": f"{line.pk}:{line.revision}"}
    at(client, member.user).post(f"{PAGE}{line.pk}/", typed(line, hours="24"))
    client.post(f"{PAGE}agree/", old)
    assert row(line)["state"] == "offered"


def test_title_is_no_markup(client: Client, make: Make, member: Member) -> None:
    bad = "<img src=x onerror=alert(1)>"
    line = make(title=bad, note=bad)
    at(client, member.user)
    for address in (PAGE, f"{PAGE}?month={LAST:%Y-%m}&line={line.pk}", f"{PAGE}print/?month={LAST:%Y-%m}"):
        assert bad not in client.get(address).content.decode()
    line.state = "agreed"
    line.save()
    assert bad not in client.get(f"{PAGE}print/?month={LAST:%Y-%m}").content.decode()


def test_search_of_members_of_a_thousand_words_is_no_error(client: Client) -> None:
    assert at(client, person_with(Role.ADMIN)).get(PAGE, {"view": "all", "q": "а " * 1500}).status_code == 200


# --- What it tells of people -----------------------------------------------------------------------------------------


def test_specialist_reads_no_names_of_another_municipality_in_a_members_month(client: Client) -> None:
    """A member of his works far away: how much, he may know; with which persons of another municipality, not."""
    far = UserFactory(last_name="Заозёрная")
    request = direct(status="accepted", person=far, organization=far.organization)
    at(client, request.member.user).post(f"/rma/requests/{request.pk}/done/", DONE)
    assert Activity.objects.filter(member=request.member).count() == 1
    specialist = person_with(Role.MUNICIPAL, request.member.user.organization.municipality)
    page = at(client, specialist).get(PAGE, {"member": request.member.pk, "month": f"{today():%Y-%m}"})
    assert page.status_code == 200
    assert "Заозёрная" not in page.content.decode()
    assert client.get(f"{PAGE}print/", {"member": request.member.pk, "month": f"{today():%Y-%m}"}).status_code == 200


def test_specialist_reads_no_names_of_checklists_elsewhere(client: Client) -> None:

    member = MemberFactory()
    case = CaseFactory(completion__person__last_name="Заозёрная", status="rma_review", rma_member=member)
    checklist = ChecklistFactory(case=case, assessor_kind="rma", assessor=member.user)
    offer_checklist(case, checklist)
    specialist = person_with(Role.MUNICIPAL, member.user.organization.municipality)
    page = at(client, specialist).get(PAGE, {"member": member.pk, "month": f"{today():%Y-%m}"})
    assert "Заозёрная" not in page.content.decode()


@pytest.mark.parametrize("on", [date(26, 11, 15)])
def test_every_month_that_waits_can_be_opened(client: Client, make: Make, member: Member, on: date) -> None:
    """Whatever the first page asks for, its address leads to."""
    line = make(on=on)
    assert [one.code for one in owed(member.user)] == ["rma_month"]
    address = at(client, member.user).get("/")
    assert address.status_code == 200
    month = client.get(PAGE, {"month": f"{on.year:04}-{on.month:02}"}).context["month"]
    assert line in month.waiting


def test_left_out_and_looked_at_by_get_changes_nothing(client: Client, make: Make, member: Member) -> None:
    line = make()
    before = row(line)
    at(client, member.user)
    for name in ("", "leave-out/", "put-back/"):
        assert client.get(f"{PAGE}{line.pk}/{name}", typed(line, title="x")).status_code == 405
    for name in ("agree/", "reopen/"):
        assert client.get(f"{PAGE}{name}", {"month": f"{LAST:%Y-%m}"}).status_code == 405
    assert row(line) == before


def test_changed_form_sent_from_the_page_before_is_not_swallowed(client: Client, make: Make, member: Member) -> None:
    """«Назад», other words, «Записать»: either it is written, or the page says it is not; never a false «записана»."""
    line, once = make(), "0123456789abcdef" * 2
    at(client, member.user)
    client.post(f"{PAGE}add/", typed(line, title="Первое", once=once))
    answer = client.post(f"{PAGE}add/", typed(line, title="Второе", hours="5", once=once))
    is_written = Activity.objects.filter(member=member, title="Второе").exists()
    assert is_written or answer.status_code == 422
