"""Pages of МОТОР open for those they belong to."""

import pytest
from django.test import Client
from django.urls import reverse

from motor.models import Case, Status
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("status", list(Status))
def test_case_page_opens_in_every_state(client: Client, status: Status) -> None:
    case = factories.CaseFactory(status=status)
    client.force_login(factories.person_with("admin"))
    page = client.get(case.get_absolute_url())
    assert page.status_code == 200
    assert case.person.full_name in page.content.decode()


@pytest.mark.parametrize("status", list(Status))
def test_personal_link_opens_in_every_state(client: Client, status: Status) -> None:
    case = factories.CaseFactory(status=status)
    page = client.get(reverse("motor:personal", args=[case.link]))
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    assert page["Referrer-Policy"] == "same-origin"


def test_lists_open(client: Client) -> None:
    case = factories.CaseFactory(status=Status.SCHOOL_REVIEW)
    client.force_login(case.responsible)
    for name in ("motor:cases", "rma:requests", "home:home"):
        assert client.get(reverse(name)).status_code == 200
    assert client.get(reverse("motor:checklist", args=[case.pk])).status_code == 200
    assert Case.objects.count() == 1
