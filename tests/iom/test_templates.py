"""Templates of routes: personal data go, versions stay, scopes hold."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from cabinet.users.models import Role, User
from iom.models import ItemAttachment, Route, RouteItem, RouteTemplate, TemplateVersion
from iom.services.creating import content_to_reuse, create_route
from iom.services.personal import patterns_of, personal_in, texts_of, without_personal
from iom.services.templating import search
from tests.factories import (
    DeficitFactory,
    OrganizationAliasFactory,
    OrganizationFactory,
    RouteFactory,
    RouteItemFactory,
    RouteTemplateFactory,
    SubjectFactory,
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
    content = content_to_reuse(route)
    patterns = patterns_of(texts_of(content), route.organization, route)

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
    TemplateVersionFactory(template__deficit="Проектная деятельность")
    assert search(RouteTemplate.objects.all(), "дефицит оценивание") == [found]


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


# --- Personal data ---------------------------------------------------------------------------------------------


def taken_out(text: str, person: User) -> str:
    """The text as a template would have it."""
    route = RouteFactory(person=person, aim=text)
    content = content_to_reuse(route)
    clean: str = without_personal(content, patterns_of([text], route.organization, route))["aim"]
    return clean


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (("Волкова", "Анна", "Петровна"), "Анны Петровны"),
        (("Волкова", "Анна", "Петровна"), "А.П. ВОЛКОВОЙ"),
        (("Волкова", "Анна", "Петровна"), "Волкову Анну"),
        (("Гилёв", "Павел", "Игоревич"), "Гилеву Павлу Игоревичу"),
        (("Гилёв", "Павел", "Игоревич"), "Павла Игоревича"),
        (("Петрова-Водкина", "Юлия", ""), "Петровой-Водкиной Ю."),
        (("Белая", "Зоя", "Ильинична"), "Белой Зои Ильиничны"),
        (("Кравец", "Олег", "Олегович"), "Кравцом"),
        (("Соловей", "Лев", "Ильич"), "Соловья Л. И."),
        (("Ли", "Ян", ""), "Ли Яна"),
        (("Черных", "Ольга", "Николаевна"), "Черных О.Н."),
    ],
)
def test_names_go_in_every_case(name: tuple[str, str, str], text: str) -> None:
    person = UserFactory(last_name=name[0], first_name=name[1], patronymic=name[2])

    assert taken_out(f"Урок {text}, разбор", person) == "Урок педагог, разбор"


@pytest.mark.parametrize(
    ("surname", "text"),
    [
        ("Школьников", "Школьники учатся"),
        ("Ли", "Листы Лидии"),
        ("Белая", "белая доска"),
        ("Волков", "Волковский район"),
    ],
)
def test_words_that_look_alike_stay(surname: str, text: str) -> None:
    assert taken_out(text, UserFactory(last_name=surname)) == text


@pytest.mark.parametrize(
    "text",
    [
        "анна@школа.рф",
        "8.912.345.67.89",
        "912 345 67 89",
        "+7–912–345–67–89",
        "8 (342) 212-34-56",
        "212-34-56",
        "https://m.vk.com/anna_volkova",
        "t.me/anna",
        "@anna_volkova",
        "wa.me/79123456789",
        "ok.ru/profile/1",
    ],
)
def test_contacts_go_however_they_are_written(text: str) -> None:
    assert taken_out(f"Связь: {text} вечером", UserFactory()) == "Связь: вечером"


@pytest.mark.parametrize(
    "text",
    ["приказ № 26-01-06-545", "01-05-26", "2026-09-01", "ISBN 978-5-09-071234-5", "vk.com/wall-12_3", "vk.com/club1"],
)
def test_numbers_and_pages_of_communities_stay(text: str) -> None:
    assert taken_out(text, UserFactory()) == text


@pytest.mark.parametrize(
    ("name", "text", "clean"),
    [
        ("МАОУ «СОШ № 217» г. Перми", "МАОУ СОШ №217 г. Перми, урок", "организация, урок"),
        ("МАОУ «СОШ № 217» г. Перми", "в школе № 217", "в организация"),
        ("МАОУ «СОШ № 217» г. Перми", "217-я школа", "организация"),
        ("МАОУ «СОШ № 217» г. Перми", "страница 217, школа 2170", "страница 217, школа 2170"),
        ("МБОУ «Рябиновская СОШ»", "у Рябиновской школы", "у организация"),
        ("МБДОУ «Детский сад «Ладушки»", "В «Ладушках» и детском саду", "В «организация» и детском саду"),
    ],
)
def test_organization_goes_by_its_other_names(name: str, text: str, clean: str) -> None:
    assert taken_out(text, UserFactory(organization=OrganizationFactory(name=name))) == clean


def test_colleagues_go_and_writers_stay() -> None:
    person = UserFactory()
    UserFactory(organization=person.organization, last_name="Нечаева", first_name="Алёна", patronymic="Леонидовна")
    OrganizationAliasFactory(organization=person.organization, name="Лицей Гармония")
    text = "Урок у Нечаевой А. Л.\nАлена Леонидовна из лицея «Гармония», методика Л. С. Выготского"

    assert taken_out(text, person) == "Урок у коллега\nколлега из лицея «Гармония», методика Л. С. Выготского"


def test_author_is_shown_names_that_stay_and_links(route: Route, client: Client) -> None:
    item = route.items.get()
    RouteItem.objects.filter(pk=item.pk).update(product="Конспект по Л. С. Выготскому")
    for link in ("https://vk.com/anna?w=1", "https://disk.example.org/Volkova"):
        ItemAttachment.objects.create(item=item, kind="material", title="Папка", link=link)
    client.force_login(route.person)

    page = client.get(reverse("iom:template_make", args=[route.pk]))

    assert "<mark>Л. С. Выготскому</mark>" in page.text
    assert "https://disk.example.org/Volkova" in page.text
    links = [one["link"] for one in page.context["form"].content["items"][0]["attachments"]]
    assert links == ["", "https://disk.example.org/Volkova"]


def test_name_typed_anew_is_asked_about_once(route: Route, client: Client) -> None:
    client.force_login(route.person)
    address = reverse("iom:template_make", args=[route.pk])
    data = filled(client.get(address), title="Маршрут Волковой")

    asked = client.post(address, data)

    assert (asked.status_code, RouteTemplate.objects.exists()) == (422, False)
    assert "название организации: Волковой" in asked.text
    assert client.post(address, data | {"is_kept": "on"}).status_code == 302


# --- Who and where ---------------------------------------------------------------------------------------------


def test_foreign_templates_do_not_exist(client: Client) -> None:
    school = UserFactory().organization
    own = TemplateVersionFactory(template__owner=UserFactory(organization=school)).template
    common = TemplateVersionFactory(template__scope="organization", template__organization=school).template
    colleague, stranger = UserFactory(organization=school), person_with(Role.METHODIST, UserFactory().organization)

    for person, template, status in ((colleague, own, 404), (colleague, common, 200), (stranger, common, 404)):
        client.force_login(person)
        assert client.get(reverse("iom:template", args=[template.pk])).status_code == status
        assert client.get(reverse("iom:template_edit", args=[template.pk])).status_code == 404
        assert client.post(reverse("iom:template_retire", args=[template.pk])).status_code == 404


def test_colleague_who_edits_keeps_it_where_all_see_it(client: Client) -> None:
    """«Only me» would be the owner, not the one who saves."""
    head = person_with(Role.HEAD, UserFactory().organization)
    template = TemplateVersionFactory(template__scope="organization", template__organization=head.organization).template
    client.force_login(head)
    address = reverse("iom:template_edit", args=[template.pk])

    answer = client.post(address, filled(client.get(address), place="own"))

    assert (answer.status_code, RouteTemplate.objects.get().scope) == (422, "organization")


def test_filters_of_the_list(client: Client) -> None:
    admin, subject = person_with(Role.ADMIN), SubjectFactory()
    mine = TemplateVersionFactory(template__owner=admin, template__subject=subject).template
    general = TemplateVersionFactory(
        template__scope="region", content={"deficits": ["Дефициты оценивания"], "items": []}
    ).template
    other = TemplateVersionFactory(template__scope="region", template__subject=SubjectFactory()).template
    client.force_login(admin)

    def listed(**query: Any) -> set[RouteTemplate]:
        return set(client.get(reverse("iom:templates"), query).context["page"])

    assert listed() == {mine, general, other}
    assert listed(subject=subject.pk) == {mine, general}
    assert listed(scope="own") == {mine}
    assert listed(q="дефицит оценивания") == {general}
    assert listed(subject=subject.pk, q="дефицит", scope="own") == set()
    assert "Ничего не нашлось" in client.get(reverse("iom:templates"), {"q": "абракадабра"}).text
    assert "1 условие" not in client.get(reverse("iom:templates")).text


def test_route_is_begun_from_the_template_that_was_open(client: Client) -> None:
    RouteTemplateFactory()  # the numbers of templates and of versions part
    template = TemplateVersionFactory(template__scope="region").template
    client.force_login(person_with(Role.ADMIN))

    page = client.get(reverse("iom:template", args=[template.pk])).text

    assert f"{reverse('iom:new')}?template={template.pk}" in page
    assert f"{reverse('iom:mass')}?template={template.pk}" in page


@pytest.mark.parametrize("count", [1, 5])
def test_queries_of_making_do_not_grow(
    count: int, route: Route, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        RouteItemFactory(route=route, activity="Урок у Ивановой")
        UserFactory(organization=route.organization, last_name="Иванова")
    client.force_login(route.person)

    with django_assert_max_num_queries(14):
        client.get(reverse("iom:template_make", args=[route.pk]))
