"""What a route stands on: added and taken away in the designer."""

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.users.models import Role
from iom.models import Ground, Route, Status
from tests.factories import CompletionFactory, DiagnosisFactory, MembershipFactory, RouteFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def route() -> Route:
    return RouteFactory()


@pytest.fixture
def author(client: Client, route: Route) -> Client:
    client.force_login(route.person)
    return client


def add(route: Route) -> str:
    return reverse("iom:design_ground", args=[route.pk])


def page_of(client: Client, route: Route) -> str:
    return client.get(reverse("iom:design", args=[route.pk])).content.decode()


def test_course_diagnosis_and_request_are_added(author: Client, route: Route) -> None:
    course, diagnosis = CompletionFactory(person=route.person), DiagnosisFactory(person=route.person)
    assert f'name="course" value="{course.pk}"' in page_of(author, route)

    author.post(add(route), {"course": course.pk})
    author.post(add(route), {"diagnosis": diagnosis.pk})
    answer = author.post(add(route), {"request": "Научиться оценивать"})

    assert answer["Location"].endswith("/design/#grounds")
    assert [one.kind for one in route.grounds.all()] == ["course", "diagnosis", "request"]
    page = page_of(author, route)
    assert f'name="course" value="{course.pk}"' not in page
    assert "Научиться оценивать" in page


def test_what_is_not_of_this_teacher_is_not_found(author: Client, route: Route) -> None:
    assert author.post(add(route), {"course": CompletionFactory().pk}).status_code == 404
    assert author.post(add(route), {"diagnosis": DiagnosisFactory().pk}).status_code == 404
    assert not route.grounds.exists()


def test_diagnosis_unseen_by_a_helper_is_neither_offered_nor_added(client: Client, route: Route) -> None:
    """The admin builds routes, the scores are not his."""
    diagnosis = DiagnosisFactory(person=route.person)
    client.force_login(MembershipFactory(role=Role.ADMIN, organization=None).user)

    assert 'name="diagnosis"' not in page_of(client, route)
    assert client.post(add(route), {"diagnosis": diagnosis.pk}).status_code == 404


def test_too_long_request_stays_typed(author: Client, route: Route) -> None:
    page = author.post(add(route), {"request": "я" * 401})

    assert page.status_code == 422
    assert "Слишком длинно: оставьте до 400 знаков." in page.content.decode()
    assert "я" * 401 in page.content.decode()


def test_ground_added_by_mistake_goes_and_comes_back(author: Client, route: Route) -> None:
    ground = Ground.objects.create(route=route, kind="request", text="Ошибка")

    answer = author.post(reverse("iom:design_ground_remove", args=[ground.pk]), follow=True)
    assert "Убрано: «Ошибка»" in answer.content.decode()
    author.post(reverse("iom:design_bring_back", args=[route.pk]))

    assert route.grounds.get() == ground


def test_word_of_motor_stays(author: Client, route: Route) -> None:
    ground = Ground.objects.create(route=route, kind="motor", text="Результат МОТОР")
    where = reverse("iom:design_ground_remove", args=[ground.pk])

    assert where not in page_of(author, route)
    author.post(where)
    assert route.grounds.exists()


def test_strangers_and_late_comers(client: Client, route: Route) -> None:
    ground = Ground.objects.create(route=route, kind="request", text="Мой запрос")
    remove = reverse("iom:design_ground_remove", args=[ground.pk])
    client.force_login(UserFactory())
    assert client.post(add(route), {"request": "Чужой"}).status_code == 404
    assert client.post(remove).status_code == 404
    client.force_login(route.person)
    assert client.get(add(route)).status_code == 405

    Route.objects.update(status=Status.ACTIVE, agreed_version=1)
    page = client.post(add(route), {"request": "Поздний запрос"})
    client.post(remove)

    assert page.status_code == 409
    assert "Поздний запрос" in page.content.decode()
    assert [one.text for one in route.grounds.all()] == ["Мой запрос"]
