"""Printed forms: the page and the Word file say the same; old versions print as they were agreed."""

from io import BytesIO

import docx
import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from cabinet.users.models import LogEntry, Role
from iom.models import AgreementRule, Route, RouteRevision
from iom.services.snapshot import snapshot
from tests.factories import DeficitFactory, RouteFactory, RouteItemFactory, person_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def route() -> Route:
    teacher = person_with("teacher")
    made = RouteFactory(person=teacher, status="active", results="Открытый урок в марте")
    DeficitFactory(route=made, text="Формирующее оценивание")
    RouteItemFactory(route=made, activity="=Мастер-класс <b>для коллег</b>", status="confirmed", done_text="Проведён")
    RouteItemFactory(route=made, activity="Семинар", in_practice_since="2026-10-01", practice_text="Листы самооценки")
    return made


def words_of(content: bytes) -> str:
    document = docx.Document(BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([one.text for one in document.paragraphs] + cells)


def test_page_and_word_file_say_the_same(route: Route, client: Client) -> None:
    AgreementRule.objects.create(
        organization=route.organization, steps="head", approves="Директор школы", approver_name="О. И. Гилёв"
    )
    client.force_login(route.person)

    page = client.get(reverse("iom:print", args=[route.pk]))
    file = client.get(reverse("iom:docx", args=[route.pk]))

    text = words_of(file.content)
    for said in ("УТВЕРЖДАЮ", "СОГЛАСОВАНО", "Директор школы", "О. И. Гилёв", "Формирующее оценивание", "Семинар"):
        assert said in page.text
        assert said in text
    assert "=Мастер-класс <b>для коллег</b>" in text
    assert "&lt;b&gt;для коллег" in page.text
    assert "docx" in file["Content-Disposition"]
    assert LogEntry.objects.filter(action="exported", person=route.person).count() == 1


def test_head_of_a_table_repeats_in_word(route: Route, client: Client) -> None:
    client.force_login(route.person)
    document = docx.Document(BytesIO(client.get(reverse("iom:docx", args=[route.pk])).content))
    assert "w:tblHeader" in document.tables[-1].rows[0]._tr.xml


def test_former_version_prints_as_it_was_agreed(route: Route, client: Client) -> None:
    RouteRevision.objects.create(route=route, version=1, content=snapshot(route))
    Route.objects.filter(pk=route.pk).update(aim="Новая цель", version=2)
    client.force_login(route.person)
    address = reverse("iom:print", args=[route.pk])

    assert "Новая цель" not in client.get(address, {"version": "1"}).text
    assert "Новая цель" in client.get(address).text
    for bad in ("7", "²", "9" * 18, "-1"):
        assert client.get(address, {"version": bad}).status_code == 404


def test_order_is_written_by_those_who_build_the_route(route: Route, client: Client) -> None:
    address = reverse("iom:print", args=[route.pk])
    client.force_login(person_with(Role.HEAD, route.organization))
    assert client.post(address, {"order_number": "12-к"}).status_code == 404
    client.force_login(route.person)
    wrong = client.post(address, {"order_number": "12-к", "order_on": "31.02.2026"})
    assert wrong.status_code == 422
    assert "12-к" in wrong.text

    client.post(address, {"order_number": "12-к", "order_on": "2026-09-01"})

    assert "Приказ № 12-к от 01.09.2026" in client.get(address).text


@pytest.mark.parametrize("name", ["report", "sheet"])
def test_report_and_sheet(name: str, route: Route, client: Client) -> None:
    client.force_login(route.person)
    page = client.get(reverse(f"iom:{name}", args=[route.pk]))
    text = words_of(client.get(reverse(f"iom:{name}", args=[route.pk]), {"format": "docx"}).content)
    for said in ("Проведён", "Листы самооценки", "Открытый урок в марте"):
        assert said in page.text
        assert said in text


@pytest.mark.parametrize("name", ["print", "report", "sheet"])
@pytest.mark.parametrize("more", [0, 4])
def test_queries_do_not_grow(
    name: str, more: int, route: Route, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    RouteItemFactory.create_batch(more, route=route, status="confirmed")
    client.force_login(route.person)
    with django_assert_max_num_queries(15):
        client.get(reverse(f"iom:{name}", args=[route.pk]))


def test_route_kept_elsewhere_has_no_paper(client: Client) -> None:
    route = RouteFactory(is_outside=True)
    client.force_login(route.person)
    assert client.get(reverse("iom:print", args=[route.pk])).status_code == 404
