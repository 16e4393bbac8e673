"""A figure that is no number, or is too long for the database, in an address or a form: refused in peace."""

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.users.models import Role
from motor.models import Case, Status
from tests.factories import CaseFactory, person_with

pytestmark = pytest.mark.django_db

BAD = ["²", "9" * 18, "9" * 30, "-1", "0x1", ""]


@pytest.fixture
def case() -> Case:
    return CaseFactory(status=Status.RMA_REQUESTED)


@pytest.mark.parametrize("bad", BAD)
def test_the_member_and_the_request_of_a_form(bad: str, case: Case, client: Client) -> None:
    client.force_login(case.responsible)
    named = client.post(reverse("motor:name_rma", args=[case.pk]), {"member": bad, "reason": "Нужен взгляд"})
    assert named.status_code == 422
    client.force_login(case.rma_member.user)
    for name in ("accept_rma", "decline_rma"):
        assert client.post(reverse(f"motor:{name}", args=[case.pk]), {"request": bad}).status_code == 404
    case.refresh_from_db()
    assert case.status == Status.RMA_REQUESTED


@pytest.mark.parametrize("bad", BAD)
def test_numbers_in_addresses(bad: str, client: Client) -> None:
    client.force_login(person_with(Role.ADMIN))
    for name, data in (
        ("registry:record_lines", {"case": bad, "scope": "ticked"}),
        ("home:people_choose", {"pk": [bad, bad + "1"]}),
        ("home:organizations_choose", {"pk": [bad, bad + "1"]}),
        ("courses:courses", {"topic": bad, "page": bad}),
        ("motor:visit_add", {"cases": bad}),
        ("motor:cases", {"page": bad, "programme": bad}),
    ):
        assert client.get(reverse(name), data).status_code in (200, 302, 404), name
