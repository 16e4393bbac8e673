"""Templates of routes: personal data go, versions stay, scopes hold."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from cabinet.users.models import Role
from iom.models import Route, RouteTemplate, TemplateVersion
from iom.services.creating import content_to_reuse, create_route
from iom.services.templating import patterns_of, personal_in, search, texts_of, without_personal
from tests.factories import (
    DeficitFactory,
    RouteFactory,
    RouteItemFactory,
    TemplateVersionFactory,
    UserFactory,
    person_with,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def route() -> Route:
    teacher = person_with("teacher", last_name="Волкова", first_name="Анна", patronymic="Петровна")
    mentor = UserFactory(last_name="Гилёв", first_name="Олег", patronymic="Игоревич")
    made = RouteFactory(person=teacher, mentor=mentor, aim="Помочь Волковой А. П. с оцениванием")
    deficit = DeficitFactory(route=made, text="Формирующее оценивание")
    RouteItemFactory(
        route=made,
        deficit=deficit,
        activity="Семинар у Гилёва Олега Игоревича, anna@example.org, +7 (912) 345-67-89, vk.com/anna",
        product=f"Конспект для {made.organization.name}",
    )
    return made


def filled(page: Any, **more: Any) -> dict[str, Any]:
    """What a browser would send: everything the form shows, with changes."""
    form = page.context["form"]
    data = {name: form[name].value() for name in form.fields}
    data = {name: getattr(value, "pk", value) for name, value in data.items() if value not in (None, False)}
    return data | {"is_checked": "on"} | more


def test_personal_data_are_found_and_taken_out(route: Route) -> None:
    content, patterns = content_to_reuse(route), patterns_of(route)

    found = [one.parts[1] for one in personal_in(texts_of(content), patterns)]
    clean = without_personal(content, patterns)

    assert found == [
        "Волковой А. П.",
        "Гилёва Олега Игоревича",
        "anna@example.org",
        "+7 (912) 345-67-89",
        "vk.com/anna",
        route.organization.name,
    ]
    assert clean["aim"] == "Помочь педагог с оцениванием"
    assert not personal_in(texts_of(clean), patterns)
    assert content["aim"] == route.aim  # the route's own words are untouched


def test_route_becomes_a_template_and_a_route_again(route: Route, client: Client) -> None:
    client.force_login(route.person)
    address = reverse("iom:template_make", args=[route.pk])
    page = client.get(address)
    assert "<mark>Волковой А. П.</mark>" in page.text

    client.post(address, filled(page, title="Оценивание"))

    template = RouteTemplate.objects.get()
    assert (template.owner, template.scope, template.version) == (route.person, "own", 1)
    made = create_route(UserFactory(), author=None, template=template.versions.get())
    assert made.items.get().deficit.text == "Формирующее оценивание"


def test_contacts_and_emptied_forms_are_refused_with_a_sentence(route: Route, client: Client) -> None:
    client.force_login(route.person)
    address = reverse("iom:template_make", args=[route.pk])
    page = client.get(address)

    left = client.post(address, filled(page, title="Оценивание", aim="Пишите на anna@example.org"))
    empty = client.post(address, filled(page, title="Оценивание", **{"activity-0": ""}))
    bad = client.post(address, filled(page, title="Оценивание", **{"days-0": "²"}))
    foreign = client.post(address, filled(page, title="Оценивание", place="region"))

    assert [one.status_code for one in (left, empty, bad, foreign)] == [422] * 4
    assert "личные данные: anna@example.org" in left.text
    assert "хотя бы одно мероприятие" in empty.text
    assert not RouteTemplate.objects.exists()


def test_change_makes_a_version_and_keeps_the_former(client: Client) -> None:
    version = TemplateVersionFactory()
    client.force_login(version.template.owner)
    address = reverse("iom:template_edit", args=[version.template_id])
    data = filled(client.get(address), **{"activity-0": "Мастер-класс", "deficit-0": ""})

    client.post(address, data)
    again = client.post(address, data)

    assert again.status_code == 422
    assert "изменил другой человек" in again.text
    new, old = TemplateVersion.objects.filter(template=version.template)
    assert (old.content, new.number) == (version.content, 2)
    assert new.content["items"][0]["activity"] == "Мастер-класс"
    assert (new.content["deficits"], new.content["items"][0]["deficit"]) == ([], None)
    page = client.get(reverse("iom:template", args=[version.template_id]), {"version": "1"})
    assert "Семинар" in page.text


def test_methodist_puts_it_where_his_teachers_find_it(client: Client) -> None:
    methodist = person_with(Role.METHODIST, UserFactory().organization)
    route = RouteFactory(organization=methodist.organization)
    RouteItemFactory(route=route)
    client.force_login(methodist)
    address = reverse("iom:template_make", args=[route.pk])
    client.post(address, filled(client.get(address), title="Школы", place=f"organization:{methodist.organization_id}"))

    template = RouteTemplate.objects.get()
    assert list(RouteTemplate.objects.visible_to(UserFactory(organization=methodist.organization))) == [template]
    assert list(RouteTemplate.objects.visible_to(UserFactory())) == []


def test_retired_ones_are_not_offered_until_brought_back(client: Client) -> None:
    template = TemplateVersionFactory().template
    client.force_login(template.owner)
    client.post(reverse("iom:template_retire", args=[template.pk]))
    assert template.title not in client.get(reverse("iom:templates")).text
    assert template.title in client.get(reverse("iom:templates"), {"retired": "on"}).text

    client.post(reverse("iom:template_restore", args=[template.pk]))

    assert template.title in client.get(reverse("iom:templates"), {"scope": "own"}).text


def test_word_is_found_in_whatever_form() -> None:
    found = TemplateVersionFactory(template__deficit="Дефициты оценивания").template
    other = TemplateVersionFactory(template__deficit="Проектная деятельность").template
    assert search([found, other], "дефицит оценивание") == [found]


@pytest.mark.parametrize("count", [1, 5])
def test_queries_do_not_grow(count: int, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    owner = person_with("teacher")
    versions = TemplateVersionFactory.create_batch(count, template__owner=owner)
    for _ in range(count):
        RouteFactory(template_version=versions[0], organization=owner.organization, person=UserFactory())
    client.force_login(person_with(Role.ADMIN))
    with django_assert_max_num_queries(15):
        client.get(reverse("iom:templates"))
    client.force_login(owner)
    with django_assert_max_num_queries(15):
        client.get(reverse("iom:template", args=[versions[0].template_id]))
