"""The roster of РМА on its way through the pages."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from cabinet.courses.models import ImportBatch
from cabinet.users.models import User
from rma.models import Member
from tests.factories import RequestFactory
from tests.home.test_imports import (  # noqa: F401 - two of them are fixtures
    accept_columns,
    admin,
    confirm,
    site,
    text_of,
    upload,
)

ADDRESS = "/courses/import/members/"
HEADER = ["ФИО", "ОО", "МО", "E-mail", "Стаж", "Категория", "Роли", "Статус", "Приказ"]
ROW = ["Белова Анна Петровна", "Лицей № 7", "Осинский МО", "b@example.org", 12, "первая", "эксперт"]
ROW += ["действует", "№ 289 от 15.09.2022"]

pytestmark = pytest.mark.django_db


def send(site: Client, *rows: list[Any]) -> ImportBatch:  # noqa: F811
    batch = upload(site, HEADER, *rows, address=ADDRESS)
    accept_columns(site, batch)
    return batch


def test_from_file_to_cards(site: Client) -> None:  # noqa: F811
    page = site.get(ADDRESS).content.decode()
    assert "Состав регионального методического актива" in page
    batch = send(site, ROW, [*ROW[:6], "волшебник", *ROW[7:]])
    page = text_of(site, batch)
    assert "Новых карточек" in page
    assert "роль «волшебник» не найдена" in page
    assert not Member.objects.exists()
    confirm(site, batch)
    assert (batch.state, batch.result["created"], batch.result["failed"]) == ("done", 1, 1)
    assert Member.objects.get().user.last_name == "Белова"
    page = text_of(site, batch)
    assert "Карточки на своих местах" in page
    assert batch.failed_rows is not None
    assert site.get(batch.failed_rows.get_absolute_url()).status_code == 200
    assert batch.file_name in site.get(ADDRESS).content.decode()
    assert batch.file_name not in site.get("/courses/import/").content.decode()


def test_column_the_program_knows_nothing_of_is_chosen_by_hand(site: Client) -> None:  # noqa: F811
    batch = upload(site, [*HEADER[:6], "Кем работает в активе", *HEADER[7:]], ROW, address=ADDRESS)
    assert "6" not in batch.mapping["columns"]
    accept_columns(site, batch, column_6="roles")
    confirm(site, batch)
    assert [str(one) for one in Member.objects.get().roles.all()] == ["эксперт"]


def test_preview_says_what_changes_in_known_cards(site: Client) -> None:  # noqa: F811
    confirm(site, send(site, ROW))
    batch = send(site, [*ROW[:5], "высшая, 12.03.2026", "тьютор", "исключён", "№ 5 от 01.06.2026"])
    [change] = batch.result["preview"]["changes"]
    assert change == {
        "row": 2,
        "name": "Белова Анна Петровна",
        "what": "роли: + тьютор, − эксперт; новая запись: категория «высшая» с 12\u00a0марта\u00a02026; "
        "состояние «исключён» с 1\u00a0июня\u00a02026; "
        "без роли методиста РМА в кабинете с 1\u00a0июня\u00a02026",
    }
    assert "Что изменится в карточках" in text_of(site, batch)
    confirm(site, batch)
    assert [str(one) for one in Member.objects.get().roles.all()] == ["тьютор"]


def test_undo_by_page_until_there_is_a_request(site: Client) -> None:  # noqa: F811
    batch = send(site, ROW)
    confirm(site, batch)
    assert "ничего не сделано руками" in text_of(site, batch)
    asked = RequestFactory(member=Member.objects.get())
    assert "уже работают" in text_of(site, batch)
    assert "уже работают" in site.post(f"/courses/import/{batch.pk}/undo/", follow=True).content.decode()
    assert Member.objects.exists()
    asked.delete()
    assert "новые карточки" in site.get(f"/courses/import/{batch.pk}/undo/").content.decode()
    site.post(f"/courses/import/{batch.pk}/undo/")
    assert not Member.objects.filter(user__last_name="Белова").exists()


def test_pages_take_the_same_queries(
    site: Client,  # noqa: F811
    admin: User,  # noqa: F811
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for count in (1, 5):
        rows = [[f"Белова Анна{'а' * n} Петровна", *ROW[1:3], f"b{n}@example.org", *ROW[4:]] for n in range(count)]
        batch = send(site, *rows)
        with django_assert_num_queries(4):
            site.get(f"/courses/import/{batch.pk}/")
        with django_assert_num_queries(5):
            site.get(ADDRESS)
        confirm(site, batch)
        with django_assert_num_queries(8):
            site.get(f"/courses/import/{batch.pk}/")
