"""The factories make rows that the database accepts, and cases that look lived in."""

import pytest

from motor.models import Status
from rma.models import Request
from tests import factories

pytestmark = pytest.mark.django_db
NAMES = sorted({name for name in vars(factories) if name.endswith("Factory")} - {"DjangoModelFactory"})


@pytest.mark.parametrize("status", Status.values)
def test_case_of_any_state_can_be_made(status: str) -> None:
    case = factories.CaseFactory(status=status)

    case.refresh_from_db()
    case.full_clean()
    assert case.status == status
    assert case.surveys.exists() == (status in factories.SURVEYED)
    assert case.checklists.exists() == (status in factories.ASSESSED)
    assert (case.outcome is not None) == (status in factories.CONCLUDED)
    assert Request.objects.filter(source_id=case.pk).exists() == (status in factories.WITH_REQUEST)


@pytest.mark.parametrize(
    "name", sorted(name for name in vars(factories) if name.endswith("Factory") and name != "DjangoModelFactory")
)
def test_every_factory_makes_a_row(name: str) -> None:
    assert getattr(factories, name)().pk


def test_person_with_a_role_has_it() -> None:
    organization = factories.OrganizationFactory()

    head = factories.person_with("head", organization)

    assert head.roles == {"teacher", "head"}
    assert head.organization == organization
    assert head.check_password(factories.PASSWORD)
