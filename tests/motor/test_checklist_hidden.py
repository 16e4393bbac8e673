"""Two opinions stay independent: whoever still owes the second one cannot find the first, on any page."""

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.users.models import Role, User
from motor.models import Case, Checklist, Status
from motor.services.halting import pause_case, stop_case
from motor.services.returns import return_to_school
from registry.models import Entry
from registry.services import sweep
from tests import factories

pytestmark = pytest.mark.django_db

SECRETS = ("Тайная заметка", "не находит", "Тайная тематика", "Тайное изученное")
PAGES = ("motor:cases", "motor:queue", "home:home", "rma:requests", "planner:tasks")


@pytest.fixture
def case() -> Case:
    case = factories.CaseFactory(status=Status.RMA_REVIEW)
    school = case.checklists.get()
    Checklist.objects.filter(pk=school.pk).update(
        comment="Тайная заметка", practice="absent", other_topic_found=True, other_topic="Тайная тематика"
    )
    school.studies.all().delete()
    factories.StudyFactory(checklist=school, kind="talk", note="Тайное изученное")
    return case


@pytest.fixture(params=["", Role.MUNICIPAL, Role.ADMIN])
def member(case: Case, request: pytest.FixtureRequest) -> User:
    """A regional methodist, who may serve the municipality or administer the region besides."""
    assert case.rma_member is not None
    user = case.rma_member.user
    if request.param:
        place = case.organization.municipality if request.param == Role.MUNICIPAL else None
        factories.MembershipFactory(user=user, role=request.param, organization=None, municipality=place)
    return User.objects.get(pk=user.pk)


def read(client: Client, address: str) -> str:
    """The words of a page; what a form offers everybody to choose is no secret."""
    response = client.get(address)
    assert response.status_code in (200, 302, 404), address
    return response.content.decode().split('<form method="post" novalidate class="checklist', 1)[0]


def finds(client: Client, case: Case, member: User) -> list[str]:
    sweep()
    client.force_login(member)
    addresses = [reverse(name) for name in PAGES] + [
        case.get_absolute_url(),
        reverse("motor:checklist", args=[case.pk]),
    ]
    assert not Entry.objects.visible_to(member).filter(pk=case.pk).exists()
    texts = [read(client, address) for address in addresses]
    return [secret for secret in SECRETS for text in texts if secret in text]


def test_member_does_not_find_the_first_opinion(client: Client, case: Case, member: User) -> None:
    assert finds(client, case, member) == []


def test_nor_while_the_case_stands_still(client: Client, case: Case, member: User) -> None:
    pause_case(case, actor=case.responsible, until=case.due_on, reason="Отпуск")
    assert finds(client, case, member) == []


def test_nor_when_the_case_is_stopped_for_it_may_be_restored(client: Client, case: Case, member: User) -> None:
    stop_case(case, actor=case.responsible, reason="left")
    assert finds(client, case, member) == []


def test_nor_after_he_sent_it_back_for_he_may_be_asked_again(client: Client, case: Case, member: User) -> None:
    return_to_school(case, actor=member, comment="Посетите урок")
    assert finds(client, case, member) == []


def test_after_his_own_both_are_there(client: Client, case: Case, member: User) -> None:
    client.force_login(member)
    own = {"study_talk": "on", "significant": "yes", "practice": "full", "other_found": "no"}
    assert client.post(reverse("motor:checklist", args=[case.pk]), own).status_code == 302
    text = client.get(case.get_absolute_url()).content.decode()
    assert "Тайная заметка" in text
    assert "методист ОО" in text
    assert "методист РМА" in text
