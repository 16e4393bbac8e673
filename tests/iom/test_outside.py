"""Routes kept elsewhere: attached, read, corrected; bad input is answered in words and what was typed stays."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from cabinet.core.clock import today
from cabinet.users.models import Role, User
from iom.models import Route, Status
from iom.services.outside import attach
from iom.services.overview import people_without
from tests.factories import UserFactory, person_with

pytestmark = pytest.mark.django_db
ADD = reverse("iom:outside_add")
LINK = "https://disk.example.org/iom"


def typed(**values: Any) -> dict[str, Any]:
    return {
        "title": "ИОМ на бумаге",
        "outside_note": "У методиста, папка ШМО",
        "starts_on": today().isoformat(),
        "ends_on": (today() + timedelta(days=200)).isoformat(),
        "outside_link": LINK,
    } | values


def pdf(name: str = "иом.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, b"%PDF-1.7\n%%EOF\n", "application/pdf")


@pytest.fixture
def teacher(client: Client) -> User:
    person = UserFactory()
    client.force_login(person)
    return person


@pytest.fixture
def route(teacher: User) -> Route:
    values = typed(starts_on=today(), ends_on=today() + timedelta(days=200))
    return attach(teacher, values, [], actor=teacher)


def test_teacher_attaches_his_own(client: Client, teacher: User) -> None:
    answer = client.post(ADD, typed(outside_link="", uploads=[pdf(), pdf("план.pdf")]))

    route = Route.objects.get(person=teacher)
    assert answer.headers["Location"] == reverse("iom:outside", args=[route.pk])
    assert (route.is_outside, route.status, route.author) == (True, Status.ACTIVE, teacher)
    assert {one.name for one in route.files.all()} == {"иом.pdf", "план.pdf"}
    assert Route.objects.current().filter(pk=route.pk).exists()
    assert Route.objects.search("папки").get() == route


def test_file_is_given_to_readers_of_the_route_only(client: Client, teacher: User) -> None:
    client.post(ADD, typed(uploads=[pdf()]))
    address = Route.objects.get(person=teacher).files.get().get_absolute_url()

    for person, status in ((person_with(Role.HEAD, teacher.organization), 200), (UserFactory(), 404)):
        client.force_login(person)
        assert client.get(address).status_code == status


def test_methodist_attaches_for_his_teacher_and_nobody_else(client: Client, teacher: User) -> None:
    client.force_login(person_with(Role.METHODIST, teacher.organization))

    assert client.post(f"{ADD}?person={teacher.pk}", typed()).status_code == 302
    assert Route.objects.get().person == teacher
    for stranger in (UserFactory().pk, 10**30, "x"):
        assert client.post(f"{ADD}?person={stranger}", typed()).status_code == 404


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"outside_link": ""}, "Приложите файл или укажите ссылку"),
        ({"outside_note": ""}, "Напишите, где ведётся маршрут"),
        ({"ends_on": "2020-01-01"}, "Окончание раньше начала"),
        ({"ends_on": "2099-01-01"}, "похоже на опечатку"),
        ({"starts_on": "завтра"}, "Укажите дату в виде"),
        ({"outside_link": "javascript:alert(1)"}, "Проверьте ссылку"),
        ({"uploads": [SimpleUploadedFile("вирус.exe", b"MZ\x90")]}, "Такой файл принять нельзя"),
        ({"uploads": [SimpleUploadedFile("пусто.pdf", b"")]}, "Файл пустой"),
    ],
)
def test_mistake_is_told_and_nothing_is_lost(
    client: Client, teacher: User, values: dict[str, Any], sentence: str
) -> None:
    answer = client.post(ADD, typed(**values))

    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert "ИОМ на бумаге" in page
    assert not Route.objects.exists()


def test_person_without_organization_is_told_so(client: Client) -> None:
    client.force_login(UserFactory(organization=None))

    answer = client.post(ADD, typed())

    assert (answer.status_code, "нет организации" in answer.content.decode()) == (422, True)


def test_files_are_added_and_removed(client: Client, route: Route) -> None:
    address = reverse("iom:outside_edit", args=[route.pk])
    client.post(address, typed(revision=1, uploads=[pdf()]))
    stored = route.files.get()

    answer = client.post(address, typed(revision=2, uploads=[pdf("новый.pdf")], removed=[stored.pk]))

    assert answer.status_code == 302
    assert [one.name for one in route.files.all()] == ["новый.pdf"]


def test_last_file_goes_only_when_a_link_stays(client: Client, route: Route) -> None:
    address = reverse("iom:outside_edit", args=[route.pk])
    client.post(address, typed(revision=1, uploads=[pdf()], outside_link=""))
    stored = route.files.get()

    answer = client.post(address, typed(revision=2, outside_link="", removed=[stored.pk]))

    assert answer.status_code == 422
    assert route.files.get() == stored


def test_second_editor_sees_both_and_saves_again(client: Client, route: Route) -> None:
    address = reverse("iom:outside_edit", args=[route.pk])
    client.post(address, typed(revision=1, outside_note="В школьном облаке"))

    answer = client.post(address, typed(revision=1, outside_note="На сайте школы"))

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "В школьном облаке" in page
    assert "На сайте школы" in page
    route.refresh_from_db()
    assert route.outside_note == "В школьном облаке"

    form = answer.context["form"]
    assert client.post(address, typed(revision=form["revision"].value(), outside_note="Да")).status_code == 302


def test_head_reads_and_does_not_change(client: Client, route: Route) -> None:
    client.force_login(person_with(Role.HEAD, route.organization))

    assert "ИОМ на бумаге" in client.get(reverse("iom:outside", args=[route.pk])).content.decode()
    assert client.get(reverse("iom:outside_edit", args=[route.pk])).status_code == 404


def test_mistaken_route_is_put_away_after_asking(client: Client, teacher: User, route: Route) -> None:
    address = reverse("iom:outside_archive", args=[route.pk])

    assert "останутся" in client.get(address).content.decode()
    client.post(address)

    route.refresh_from_db()
    assert route.status == Status.ARCHIVED
    assert client.get(route.get_absolute_url(), follow=True).status_code == 200


def test_second_click_adds_nothing_more(client: Client, teacher: User) -> None:
    first, second = client.post(ADD, typed()), client.post(ADD, typed())

    assert first.headers["Location"] == second.headers["Location"]
    assert Route.objects.count() == 1


def test_archived_one_counts_no_more_and_may_come_back(client: Client, teacher: User, route: Route) -> None:
    address = reverse("iom:outside_archive", args=[route.pk])
    methodist = person_with(Role.METHODIST, teacher.organization)

    client.post(address)
    again = client.post(address, follow=True)

    assert "уже в архиве" in again.text
    assert teacher in people_without(methodist)
    assert "Вернуть из архива" in client.get(route.get_absolute_url(), follow=True).text

    client.post(f"{address}?back=1")

    route.refresh_from_db()
    assert route.status == Status.ACTIVE
    assert teacher not in people_without(methodist)
    assert [one.move for one in route.transitions.order_by("pk")] == ["create", "archive", "restore"]


def test_too_big_a_file_is_refused(client: Client, teacher: User) -> None:
    big = SimpleUploadedFile("иом.pdf", b"%PDF-1.7\n" + b"0" * (20 * 1024 * 1024 + 1), "application/pdf")

    answer = client.post(ADD, typed(uploads=[big]))

    assert (answer.status_code, Route.objects.exists()) == (422, False)
    assert "иом.pdf: " in answer.text
