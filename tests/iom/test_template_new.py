"""A template written from nothing, with deficits, goals and items tied to one another."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.users.models import Role, User
from iom.models import RouteTemplate
from iom.services.creating import create_route
from tests.factories import OrganizationFactory, UserFactory, person_with

pytestmark = pytest.mark.django_db
NEW = reverse("iom:template_new")


@pytest.fixture
def methodist() -> User:
    return person_with(Role.METHODIST, OrganizationFactory())


def typed(**fields: Any) -> dict[str, Any]:
    return {
        "title": "Оценивание: первый год",
        "place": "own",
        "is_checked": "on",
        "deficit-0": "Обратная связь",
        "goal-0": "Листы самооценки на каждом уроке",
        "of-goal-0": "0",
        "activity-0": "Семинар",
        "of-item-0": "0",
        "days-0": "30",
        "activity-3": "Вести дневник наблюдений",
        "days-3": "10",
        "open-3": "on",
    } | fields


def test_plan_written_from_nothing_begins_a_route(client: Client, methodist: User) -> None:
    client.force_login(methodist)

    answer = client.post(NEW, typed())

    template = RouteTemplate.objects.get()
    assert answer.url == template.get_absolute_url()  # type: ignore[attr-defined]
    teacher = UserFactory(organization=methodist.organization)
    route = create_route(teacher, author=methodist, template=template.versions.get())
    deficit = route.deficits.get()
    assert (deficit.text, route.goals.get().deficit) == ("Обратная связь", deficit)
    seminar, diary = route.items.all()
    assert (seminar.deficit, seminar.is_open_ended, (seminar.due_on - route.starts_on).days) == (deficit, False, 30)
    assert (diary.deficit, diary.is_open_ended, diary.due_on) == (None, True, None)


def test_what_was_typed_stays_beside_the_mistake(client: Client, methodist: User) -> None:
    client.force_login(methodist)

    answer = client.post(NEW, typed(**{"is_checked": "", "activity-0": "", "activity-3": ""}))

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Оставьте хотя бы одно мероприятие" in page
    assert "Листы самооценки на каждом уроке" in page
    assert not RouteTemplate.objects.exists()


def test_name_of_a_colleague_is_not_let_through(client: Client, methodist: User) -> None:
    UserFactory(organization=methodist.organization, last_name="Кузнецова", first_name="Ирина")
    client.force_login(methodist)

    answer = client.post(NEW, typed(**{"activity-0": "Посетить урок Кузнецовой"}))

    assert answer.status_code == 422
    assert "Остались имена" in answer.content.decode()
