"""A new route: for whom, from what, on what grounds."""

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.users.models import Role
from iom.models import Route, Status
from tests.factories import (
    CompletionFactory,
    DeficitFactory,
    MembershipFactory,
    RouteFactory,
    TemplateVersionFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
NEW = reverse("iom:new")


def test_teacher_begins_his_own_with_grounds(client: Client) -> None:
    person = UserFactory()
    course = CompletionFactory(person=person)
    client.force_login(person)

    assert client.get(NEW).status_code == 200
    answer = client.post(NEW, {"start": "empty", "courses": [course.pk], "request": "Научиться оценивать"})

    route = Route.objects.get()
    assert answer["Location"] == reverse("iom:design", args=[route.pk])
    assert sorted(one.kind for one in route.grounds.all()) == ["course", "request"]


def test_template_and_former_route_fill_it(client: Client) -> None:
    person = UserFactory()
    version = TemplateVersionFactory(template__owner=person)
    old = RouteFactory(person=person, status=Status.COMPLETED)
    DeficitFactory(route=old, text="Старый дефицит")
    client.force_login(person)

    client.post(NEW, {"start": f"template-{version.template_id}"})
    first = person.routes.running().get()
    assert [one.activity for one in first.items.all()] == ["Семинар"]
    Route.objects.filter(pk=first.pk).update(status="archived")
    client.post(NEW, {"start": f"route-{old.pk}"})
    assert [one.text for one in person.routes.running().get().deficits.all()] == ["Старый дефицит"]


def test_running_route_is_opened_instead(client: Client) -> None:
    route = RouteFactory()
    client.force_login(route.person)

    assert client.get(NEW)["Location"] == reverse("iom:design", args=[route.pk])


def test_methodist_chooses_among_his_people(client: Client) -> None:
    person = UserFactory(last_name="Иванова")
    methodist = MembershipFactory(role=Role.METHODIST, organization=person.organization).user
    client.force_login(methodist)

    page = client.get(NEW, {"q": "иван"}).content.decode()

    assert person.full_name in page
    assert client.get(NEW, {"person": UserFactory().pk}).status_code == 404
    client.post(NEW, {"person": person.pk, "start": "empty"})
    assert person.routes.get().author == methodist


def test_nothing_chosen_is_said(client: Client) -> None:
    client.force_login(UserFactory())

    page = client.post(NEW, {"request": "Мой запрос"})

    assert page.status_code == 422
    assert "Выберите, с чего начать" in page.content.decode()
    assert "Мой запрос" in page.content.decode()


def test_many_templates_are_folded_but_not_the_chosen_one(client: Client) -> None:
    person = UserFactory()
    versions = [TemplateVersionFactory(template__owner=person, template__title=f"Шаблон {n:02}") for n in range(9)]
    client.force_login(person)

    form = client.get(NEW, {"template": versions[-1].template_id}).context["form"]

    shown, folded = [[one["title"] for one in cards] for cards in (form.begins(), form.further())]
    assert shown == ["Пустой", "Шаблон 00", "Шаблон 01", "Шаблон 02", "Шаблон 03", "Шаблон 08"]
    assert folded == ["Шаблон 04", "Шаблон 05", "Шаблон 06", "Шаблон 07"]


def test_what_is_not_offered_cannot_be_chosen(client: Client) -> None:
    client.force_login(UserFactory())

    page = client.post(NEW, {"start": "empty", "courses": [CompletionFactory().pk], "request": "Мой запрос"})

    assert page.status_code == 422
    assert "Этого здесь больше нет" in page.content.decode()
    assert "Мой запрос" in page.content.decode()
    assert not Route.objects.exists()
