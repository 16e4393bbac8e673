"""Routes for a group: whom it reaches, whom it passes over, and a worker that may die on the way."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from cabinet.jobs.models import Job
from cabinet.jobs.services import run_owed
from cabinet.users.models import Role, User
from iom.models import Route, TemplateVersion
from iom.services import mass
from tests.factories import (
    OrganizationFactory,
    RouteFactory,
    SubjectFactory,
    TemplateVersionFactory,
    UserFactory,
    person_with,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def methodist() -> User:
    return person_with(Role.METHODIST, UserFactory().organization)


@pytest.fixture
def version(methodist: User) -> TemplateVersion:
    return TemplateVersionFactory(template__owner=methodist)


def test_only_teachers_in_scope_without_a_route_are_offered(methodist: User) -> None:
    mine = UserFactory(organization=methodist.organization)
    busy = RouteFactory(person=UserFactory(organization=methodist.organization)).person
    stranger = UserFactory()

    offered = set(mass.free_people(methodist))

    assert mine in offered
    assert not {busy, stranger} & offered


def test_methodist_of_a_subject_reaches_its_teachers_only() -> None:
    school, subject = UserFactory().organization, SubjectFactory()
    methodist = person_with(Role.METHODIST, school, subjects=[subject])
    mine = UserFactory(organization=school, subject=subject)
    UserFactory(organization=school, subject=SubjectFactory())
    assert list(mass.free_people(methodist)) == [mine]


def test_preview_then_order_then_result(methodist: User, version: TemplateVersion, client: Client) -> None:
    mine = UserFactory(organization=methodist.organization)
    busy = RouteFactory(person=UserFactory(organization=methodist.organization)).person
    stranger = UserFactory()
    client.force_login(methodist)
    data: dict[str, Any] = {"template": version.template_id, "person": [mine.pk, busy.pk, stranger.pk, "²"]}

    preview = client.post(reverse("iom:mass"), data)
    assert (preview.context["plan"].will, preview.context["plan"].gone) == ([mine], 1)
    assert Route.objects.filter(person=mine).count() == 0
    sent = {"template": version.template_id, "do": "write"} | {n: preview.context[n] for n in ("chosen", "token")}
    for _ in range(2):
        client.post(reverse("iom:mass"), sent)
    job = Job.objects.get(kind=mass.JOB)
    run_owed(job.pk)

    route = mine.routes.get()
    assert (route.status, route.template_version, route.author) == ("draft", version, methodist)
    assert route.items.get().activity == "Семинар"
    page = client.get(reverse("iom:mass_result", args=[job.pk]))
    assert (page.context["done"], page.context["passed"]) == (1, 2)
    assert not stranger.routes.exists()


def test_dead_worker_leaves_no_doubles(
    methodist: User, version: TemplateVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = UserFactory.create_batch(6, organization=methodist.organization)
    job = mass.order_mass(version, [one.pk for one in people], methodist, "token")
    monkeypatch.setattr(mass, "CHUNK", 2)
    whole, calls = mass.create_route, []

    def dying(person: User, **more: Any) -> Route:
        calls.append(person)
        if len(calls) == 4:
            raise OSError("the worker dies inside the second part")
        return whole(person, **more)

    monkeypatch.setattr(mass, "create_route", dying)
    run_owed(job.pk)
    assert Route.objects.count() == 2
    Job.objects.filter(pk=job.pk).update(due_at=job.created_at)
    run_owed(job.pk)

    job.refresh_from_db()
    assert (job.state, job.result["done"], Route.objects.count()) == ("done", 6, 6)


def test_everybody_found_and_nobody_ticked(methodist: User, version: TemplateVersion, client: Client) -> None:
    UserFactory.create_batch(3, organization=methodist.organization, last_name="Сидорова")
    client.force_login(methodist)
    found = client.post(reverse("iom:mass"), {"template": version.template_id, "all": "1", "q": "сидор"})
    assert len(found.context["plan"].will) == 3
    assert "Никто не выбран" in client.post(reverse("iom:mass"), {"template": version.template_id}).text


@pytest.mark.parametrize("bad", ["²", "9" * 30, "-1", ""])
def test_bad_numbers(bad: str, methodist: User, client: Client) -> None:
    client.force_login(methodist)
    assert client.get(reverse("iom:mass"), {"template": bad, "subject": bad, "page": bad}).status_code == 200


@pytest.mark.parametrize("count", [1, 5])
def test_queries_do_not_grow(
    count: int,
    methodist: User,
    version: TemplateVersion,
    client: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    people = UserFactory.create_batch(count, organization=methodist.organization)
    client.force_login(methodist)
    with django_assert_max_num_queries(15):
        client.get(reverse("iom:mass"), {"template": version.template_id})
    with django_assert_max_num_queries(15):
        client.post(reverse("iom:mass"), {"template": version.template_id, "person": [one.pk for one in people]})


def test_result_names_those_passed_over(client: Client, methodist: User, version: TemplateVersion) -> None:
    free = UserFactory(organization=methodist.organization)
    busy = RouteFactory(person=UserFactory(organization=methodist.organization)).person
    job = mass.order_mass(version, [free.pk, busy.pk], methodist, "names")
    run_owed(job.pk)
    client.force_login(methodist)

    page = client.get(reverse("iom:mass_result", args=[job.pk])).content.decode()

    assert busy.full_name in page
    assert free.full_name not in page.split("<main")[1]


def test_everybody_found_are_told_who_gets_nothing_and_why(
    client: Client, methodist: User, version: TemplateVersion
) -> None:
    school = methodist.organization
    school.people.exclude(pk=methodist.pk).update(is_active=False)
    free, busy, elsewhere, over = UserFactory.create_batch(4, organization=school)
    RouteFactory(person=busy, status="active")
    RouteFactory(person=elsewhere, is_outside=True, status="active")
    RouteFactory(person=over, status="completed")
    person_with(Role.HEAD, school)
    client.force_login(methodist)

    page = client.get(reverse("iom:mass"), {"template": version.template_id})
    preview = client.post(reverse("iom:mass"), {"template": version.template_id, "all": "1"})

    assert {one.pk for one in page.context["page"]} == {free.pk, over.pk}
    plan = preview.context["plan"]
    assert {one.pk for one in plan.will} == {free.pk, over.pk}
    assert dict(plan.reasons) == {mass.RUNNING: [busy], mass.OUTSIDE: [elsewhere]}


def test_newest_version_goes_to_the_group(client: Client, methodist: User, version: TemplateVersion) -> None:
    newer = TemplateVersionFactory(template=version.template, number=2)
    UserFactory(organization=methodist.organization)
    client.force_login(methodist)

    page = client.get(reverse("iom:mass"), {"template": version.template_id})

    assert page.context["version"] == newer
    assert "Показать, что изменится" in page.text
    assert 'name="person"' not in client.get(reverse("iom:mass")).text


def test_admin_narrows_by_organization(client: Client, version: TemplateVersion) -> None:
    school, other = OrganizationFactory(name="МАОУ «Лицей „Исток“»"), OrganizationFactory(name="МАОУ «Лицей № 8»")
    mine = UserFactory(organization=school)
    UserFactory(organization=other)
    client.force_login(person_with(Role.ADMIN))

    page = client.get(reverse("iom:mass"), {"school": "лицей исток"})

    assert [one.pk for one in page.context["page"]] == [mine.pk]


def test_more_than_go_at_once_is_said(
    client: Client, methodist: User, version: TemplateVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mass, "AT_ONCE", 2)
    UserFactory.create_batch(3, organization=methodist.organization)
    client.force_login(methodist)

    preview = client.post(reverse("iom:mass"), {"template": version.template_id, "all": "1"})

    assert len(preview.context["plan"].will) == 2
    assert "остальных назначьте следующим заходом" in preview.text
