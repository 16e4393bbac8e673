"""«Ответ становится планом»: the survey's words go into the one running route of the teacher."""

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.core.clock import today
from cabinet.users.models import User
from iom.models import Diagnosis, Route
from motor.models import Case
from motor.services import ChecklistAnswers, accept_request, save_school_checklist
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> Case:
    return factories.CaseFactory(status="follow_up")


def planned(client: Client, case: Case, user: User, **fields: str) -> str:
    client.force_login(user)
    return client.post(reverse("motor:plan", args=[case.pk]), fields, follow=True).content.decode()


def test_without_a_route_the_words_begin_a_draft(client: Client, case: Case) -> None:
    planned(client, case, case.responsible, kind="goal", source="important")

    route = Route.objects.get(person=case.person)
    goal = route.goals.get()
    assert (route.status, goal.text, goal.source) == ("draft", case.surveys.get().important, case)
    assert route.grounds.get().source == case
    assert "Из ответа на опрос МОТОР" in goal.source_label


def test_change_becomes_an_item_of_the_draft(client: Client, case: Case) -> None:
    route = factories.RouteFactory(person=case.person, organization=case.organization)
    change = case.surveys.get().changes.first()

    planned(client, case, case.person, kind="item", source=str(change.pk))

    assert route.items.get().activity == change.text


def test_agreed_route_opens_its_revision(client: Client, case: Case) -> None:
    route = factories.RouteFactory(person=case.person, organization=case.organization, status="active")

    planned(client, case, case.responsible, kind="goal", source="important")

    route.refresh_from_db()
    assert (route.status, route.version, route.goals.count()) == ("revision", 2, 1)
    assert Route.objects.filter(person=case.person).count() == 1


def test_same_words_are_not_added_twice(client: Client, case: Case) -> None:
    planned(client, case, case.person, kind="goal", source="important")

    page = planned(client, case, case.person, kind="goal", source="important")

    assert "Это уже есть в маршруте" in page
    assert Route.objects.get(person=case.person).goals.count() == 1


def followed(variant: int) -> Case:
    """A case with its outcome and the open steps that follow from it."""
    opinions = {
        1: ChecklistAnswers(True, "absent", False),
        2: ChecklistAnswers(True, "absent", True, "Чтение"),
        3: ChecklistAnswers(True, "full", False),
    }
    case = factories.CaseFactory(status="school_review")
    save_school_checklist(case, opinions[variant], assessor=case.responsible)
    return Case.objects.with_names().get(pk=case.pk)


def page_of(client: Client, case: Case) -> str:
    client.force_login(case.responsible)
    return client.get(case.get_absolute_url()).content.decode()


@pytest.mark.parametrize("variant", [1, 2, 3])
def test_without_a_route_a_step_begins_a_draft(client: Client, variant: int) -> None:
    case = followed(variant)
    assert "Составить черновик маршрута" in page_of(client, case)

    page = planned(client, case, case.responsible)

    route = Route.objects.get(person=case.person)
    assert (route.status, route.grounds.get().source) == ("draft", case)
    assert reverse("iom:design_header", args=[route.pk]) in page


def test_variant_2_opens_a_revision(client: Client) -> None:
    case = followed(2)
    route = factories.RouteFactory(person=case.person, organization=case.organization, status="active")
    assert "Открыть актуализацию маршрута" in page_of(client, case)

    planned(client, case, case.responsible, act="revise")

    route.refresh_from_db()
    assert (route.status, route.version) == ("revision", 2)
    # What was done is written into the step beforehand.
    assert f"Маршрут «{route.title}»: актуализация, версия 2." in page_of(client, case)


def test_variant_3_continues_the_route_as_it_is(client: Client) -> None:
    case = followed(3)
    route = factories.RouteFactory(person=case.person, organization=case.organization, status="active")
    assert "Продолжить действующий маршрут" in page_of(client, case)

    planned(client, case, case.responsible)

    route.refresh_from_db()
    assert (route.status, route.version, route.grounds.get().source) == ("active", 1, case)
    assert Route.objects.filter(person=case.person).count() == 1


def test_variant_1_takes_up_the_diagnosis_without_its_scores(client: Client) -> None:
    case = followed(1)
    assert "Проведена диагностика" not in page_of(client, case)
    factories.DiagnosisBlockFactory(diagnosis=factories.DiagnosisFactory(person=case.person, instrument="Беседа"))

    page = page_of(client, case)

    assert f"Проведена диагностика «Беседа», {today():%d.%m.%Y}." in page
    assert f"{reverse('iom:diagnosis_new')}?person={case.person_id}" in page


def test_route_led_by_others_is_left_alone(client: Client, case: Case) -> None:
    route = factories.RouteFactory(person=case.person, organization=factories.OrganizationFactory(), status="active")

    page = planned(client, case, case.responsible)

    route.refresh_from_db()
    assert "договоритесь" in page
    assert (route.status, route.grounds.count()) == ("active", 0)


def test_case_names_the_route_and_the_route_the_case(client: Client, case: Case) -> None:
    planned(client, case, case.responsible, kind="goal", source="important")
    route = Route.objects.get(person=case.person)

    assert route.get_absolute_url() in client.get(case.get_absolute_url()).content.decode()
    assert case.get_absolute_url() in client.get(route.get_absolute_url()).content.decode()


def test_foreign_words_are_no_plan(client: Client, case: Case) -> None:
    other = factories.CaseFactory(status="follow_up").surveys.get().changes.first()
    client.force_login(case.person)

    answer = client.post(reverse("motor:plan", args=[case.pk]), {"kind": "item", "source": str(other.pk)})

    assert (answer.status_code, Route.objects.count()) == (404, 0)


def test_member_who_agrees_to_help_takes_part_in_the_route(case: Case) -> None:
    route = factories.RouteFactory(person=case.person, organization=case.organization, status="active")
    member = factories.MemberFactory()
    request = factories.RequestFactory(source=case, member=member, person=case.person, kind="iom_help")
    user = User.objects.get(pk=member.user_id)
    assert not Route.objects.visible_to(user).exists()

    accept_request(case, request, actor=user)

    route.refresh_from_db()
    assert route.rma_member == member
    assert list(Route.objects.helpable_by(user)) == [route]
    assert list(Diagnosis.objects.visible_to(user)) == []
    diagnosis = factories.DiagnosisFactory(person=case.person)
    assert list(Diagnosis.objects.visible_to(user)) == [diagnosis]


def test_answered_survey_leads_to_the_plan(client: Client, case: Case) -> None:
    client.force_login(case.person)

    page = client.get(reverse("motor:survey", args=[case.pk]), follow=True).content.decode()

    assert f'href="{case.get_absolute_url()}#words">Взять важное отсюда в свой маршрут' in page
    assert "Взять важное" not in client.get(f"/s/{case.link}/").content.decode()
