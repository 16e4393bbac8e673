"""Attacks on the roster: whose cards, proofs and files; what a list may do to people; addresses that mean nothing."""

from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from cabinet.structure.models import Municipality
from cabinet.users.models import Role, User
from rma.models import Indicator, Member
from tests.factories import (
    MemberFactory,
    MembershipFactory,
    MunicipalityFactory,
    OrganizationFactory,
    StoredFileFactory,
    person_with,
)
from tests.rma.cards import IndicatorFactory, member_of

pytestmark = pytest.mark.django_db
ROSTER, EXCEL = "/rma/", "/rma/excel/"
BAD = ["²", "9" * 18, "9" * 30, "-1", "0", "0x1", "none", "any", "'", "1;DROP"]


@pytest.fixture
def place() -> Municipality:
    return MunicipalityFactory()


def at(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def readers_of_nothing(member: Member) -> list[User]:
    return [
        person_with(Role.HEAD, member.user.organization),
        person_with(Role.METHODIST, member.user.organization),
        person_with(Role.MUNICIPAL, OrganizationFactory().municipality),
        person_with(Role.CURATOR),
        person_with(Role.OBSERVER),
        person_with("teacher", organization=member.user.organization),
        MemberFactory().user,
    ]


def test_proof_is_fetched_by_nobody_else_even_of_a_shown_card(client: Client, place: Municipality) -> None:
    member = member_of(place, shown_at=timezone.now())
    file = StoredFileFactory(owner=IndicatorFactory(member=member))
    address = reverse("files:download", args=[file.public_id])
    for user in readers_of_nothing(member):
        assert at(client, user).get(address).status_code == 404, user.roles
    for user in (member.user, person_with(Role.MUNICIPAL, place), person_with(Role.ADMIN)):
        assert at(client, user).get(address).status_code == 200, user.roles


def test_ended_specialist_reads_no_proof_any_more(client: Client, place: Municipality) -> None:
    member = member_of(place)
    specialist = person_with(Role.MUNICIPAL, place)
    row = IndicatorFactory(member=member)
    assert list(Indicator.objects.visible_to(specialist)) == [row]
    specialist.memberships.update(ends_on="2020-01-01")
    assert list(Indicator.objects.visible_to(User.objects.get(pk=specialist.pk))) == []


@pytest.mark.parametrize("bad", BAD)
def test_no_filter_opens_a_hidden_card_nor_fails(client: Client, place: Municipality, bad: str) -> None:
    hidden = member_of(place, status="excluded", shown_at=timezone.now())
    unshown = member_of(place)
    at(client, person_with(Role.HEAD, hidden.user.organization))
    names = ("q", "territory", "municipality", "subject", "role", "function", "direction", "status", "free", "lacks")
    for name in (*names, "sort", "page"):
        page = client.get(ROSTER, {name: bad})
        assert page.status_code == 200, name
        assert page.context["page"].paginator.count == 0
    for status in ("excluded", "suspended", "candidate", "any"):
        assert client.get(ROSTER, {"status": status}).context["page"].paginator.count == 0
    assert client.get(ROSTER, {"q": unshown.user.last_name}).context["page"].paginator.count == 0


def test_failed_assessment_is_told_apart_from_none_by_nobody_else(client: Client, place: Municipality) -> None:
    """«A failed assessment is nobody's business»: the open side of two cards reads the same."""
    failed, none = (member_of(place, shown_at=timezone.now()) for _ in range(2))
    IndicatorFactory(member=failed, kind="assessment", grade="failed", result="Тайный низкий уровень")
    at(client, person_with(Role.HEAD, OrganizationFactory()))
    pages = [client.get(one.get_absolute_url()) for one in (failed, none)]
    assert [one.status_code for one in pages] == [200, 200]
    assert "Тайный низкий уровень" not in pages[0].content.decode()
    assert "не пройдена" not in pages[0].content.decode()
    assert len(client.get(ROSTER, {"lacks": "assessment"}).context["page"].object_list) == 2


def test_excel_of_a_head_who_is_also_a_specialist_has_his_municipality_only(
    client: Client, place: Municipality
) -> None:
    own, far = member_of(place), MemberFactory(shown_at=timezone.now())
    user = person_with(Role.HEAD, far.user.organization)
    MembershipFactory(user=user, role=Role.MUNICIPAL, municipality=place)
    answer = at(client, user).get(EXCEL, {"status": "any"})
    rows = list(load_workbook(BytesIO(answer.content)).worksheets[0].values)[1:]
    assert [row[0] for row in rows] == [own.user.full_name]


@pytest.mark.parametrize("name", ["member_edit", "member_status"])
def test_cards_are_edited_by_the_institute_alone(client: Client, place: Municipality, name: str) -> None:
    member = member_of(place)
    before = Member.objects.values().get(pk=member.pk)
    data = {"status": "excluded", "on": "2026-01-01", "reason": "x", "case_limit": "50", "revision": "1", "sure": "yes"}
    for user in (*readers_of_nothing(member), member.user, person_with(Role.MUNICIPAL, place)):
        assert at(client, user).post(reverse(f"rma:{name}", args=[member.pk]), data).status_code == 404
    assert Member.objects.values().get(pk=member.pk) == before


def test_looking_changes_no_card(client: Client, place: Municipality) -> None:
    member = member_of(place)
    row = IndicatorFactory(member=member)
    before = (Member.objects.values().get(pk=member.pk), Indicator.objects.values().get(pk=row.pk))
    at(client, person_with(Role.ADMIN))
    query: dict[str, Any] = {
        "status": "excluded",
        "on": "2026-01-01",
        "reason": "x",
        "until": "2026-01-01",
        "show": "yes",
    }
    for name, args in (
        ("member_edit", [member.pk]),
        ("member_status", [member.pk]),
        ("indicator_add", [member.pk, "category"]),
        ("indicator_end", [member.pk, row.pk]),
        ("member_consent", [member.pk]),
    ):
        assert client.get(reverse(f"rma:{name}", args=args), query).status_code in (200, 405)
    assert (Member.objects.values().get(pk=member.pk), Indicator.objects.values().get(pk=row.pk)) == before


@pytest.mark.parametrize("pk", ["0", "9" * 18, "9" * 19, "9" * 40])
def test_numbers_too_long_for_the_database_are_missing(client: Client, pk: str) -> None:
    at(client, person_with(Role.ADMIN))
    for address in (
        f"/rma/members/{pk}/",
        f"/rma/members/{pk}/edit/",
        f"/rma/members/{pk}/status/",
        f"/rma/members/{pk}/indicators/category/",
        f"/rma/members/{pk}/indicators/{pk}/end/",
        f"/rma/requests/{pk}/",
        f"/rma/requests/{pk}/member/",
        f"/rma/requests/{pk}/accept/",
        f"/rma/activity/{pk}/source/",
        f"/rma/activity/?member={pk}",
        f"/rma/activity/print/?month=2026-01&member={pk}",
        f"/motor/substitutions/{pk}/",
        f"/motor/substitutions/of/{pk}/",
    ):
        assert client.get(address).status_code == 404, address


def test_error_page_names_nobody(client: Client) -> None:
    member = MemberFactory()
    stranger = person_with(Role.OBSERVER)
    there, nowhere = (at(client, stranger).get(f"/rma/members/{pk}/") for pk in (member.pk, member.pk + 1000))
    assert (there.status_code, nowhere.status_code) == (404, 404)
    assert member.user.last_name not in there.content.decode()
    same = [
        one.content.decode().replace(str(member.pk + 1000), "N").replace(str(member.pk), "N")
        for one in (there, nowhere)
    ]
    assert len(same[0]) == len(same[1])


@pytest.mark.parametrize(
    "role", [Role.HEAD, Role.METHODIST, Role.MUNICIPAL, Role.REGIONAL, Role.CURATOR, Role.OBSERVER]
)
def test_only_the_institute_sends_lists(client: Client, role: str) -> None:
    school = OrganizationFactory()
    scope = {Role.HEAD: school, Role.METHODIST: school, Role.MUNICIPAL: school.municipality}.get(role)  # type: ignore[call-overload]
    at(client, person_with(role, scope))
    for address in (reverse("home:imports_members"), reverse("home:import_sample", args=["members"])):
        assert client.get(address).status_code == 404
    assert client.post(reverse("home:imports_members"), {"file": BytesIO(b"PK")}).status_code == 404
