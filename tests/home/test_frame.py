"""The frame of every page: menu by role, theme, error pages, the door."""

import pytest
from django.test import Client, RequestFactory

from cabinet.home import menu
from cabinet.users.models import Role
from tests.factories import MembershipFactory, UserFactory


def labels(user: object, path: str = "/") -> list[str]:
    request = RequestFactory().get(path)
    request.user = user  # type: ignore[assignment]
    return [item["label"] for group in menu.menu(request)["menu"] for item in group["items"]]


@pytest.mark.django_db
def test_teacher_sees_own_pages_only() -> None:
    assert set(labels(UserFactory())) <= {
        "Мой день", "Календарь", "Люди", "Задачи", "Библиотека", "ИОМ", "Задания", "МОТОР", "РМА", "Опросы",
    }  # fmt: skip


@pytest.mark.django_db
def test_admin_sees_letters_and_administration() -> None:
    user = UserFactory(is_staff=True)
    MembershipFactory(user=user, role=Role.ADMIN)
    assert {"Письма", "Администрирование"} <= set(labels(user))


@pytest.mark.django_db
def test_observer_sees_no_lists_of_people() -> None:
    user = UserFactory()
    MembershipFactory(user=user, role=Role.OBSERVER)
    assert not {"Реестр", "Курсы", "Письма", "Загрузка списков"} & set(labels(user))


@pytest.mark.django_db
def test_parts_of_a_section_are_shown_inside_it() -> None:
    user = UserFactory()
    MembershipFactory(user=user, role=Role.METHODIST)
    assert "План посещений" not in labels(user)
    assert "План посещений" in labels(user, "/motor/")
    assert "Очередь чек-листов" in labels(user, "/motor/visits/")


def test_longest_address_is_the_current_one() -> None:
    addresses = ["/", "/registry/", "/registry/summary/"]
    assert menu._current("/registry/summary/", addresses) == "/registry/summary/"
    assert menu._current("/registry/7/", addresses) == "/registry/"
    assert menu._current("/files/", addresses) == ""


@pytest.mark.django_db
def test_theme_is_remembered_and_stays_on_our_site(client: Client) -> None:
    response = client.post("/theme/", {"theme": "dark", "next": "/accounts/login/"})
    assert response["Location"] == "/accounts/login/"
    assert response.cookies["theme"].value == "dark"
    assert 'data-bs-theme="dark"' in client.get("/accounts/login/").text
    assert client.post("/theme/", {"theme": "dark", "next": "//elsewhere.example/"})["Location"] == "/"


@pytest.mark.django_db
def test_unknown_theme_changes_nothing(client: Client) -> None:
    assert "theme" not in client.post("/theme/", {"theme": "neon"}).cookies


def test_theme_is_not_set_by_a_link(client: Client) -> None:
    assert client.get("/theme/").status_code == 405


@pytest.mark.django_db
def test_parts_of_pages_are_for_admins(client: Client) -> None:
    client.force_login(UserFactory())
    assert client.get("/components/").status_code == 404
    client.force_login(UserFactory(is_superuser=True, is_staff=True))
    for address in ("/components/", "/components/?form=1", "/components/?form=errors", "/components/?messages=1"):
        assert client.get(address).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", ["/accounts/login/", "/accounts/login/code/", "/accounts/password/reset/", "/accounts/signup/"]
)
def test_door_speaks_russian(client: Client, address: str) -> None:
    page = client.get(address)
    assert page.status_code == 200
    assert '<html lang="ru"' in page.text


@pytest.mark.django_db
def test_missing_page_is_kind(client: Client) -> None:
    client.force_login(UserFactory())
    page = client.get("/no-such-page/")
    assert page.status_code == 404
    assert "Такой страницы нет" in page.text


def test_page_of_a_failure_needs_nothing(rf: RequestFactory) -> None:
    from django.views.defaults import server_error

    assert "Что-то сломалось" in server_error(rf.get("/")).content.decode()


@pytest.mark.django_db
def test_old_form_is_explained() -> None:
    page = Client(enforce_csrf_checks=True).post("/accounts/login/", {})
    assert page.status_code == 403
    assert "Страница устарела" in page.text
