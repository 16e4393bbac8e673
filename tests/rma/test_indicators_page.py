"""The page of the indicators and its Excel file: who sees what, any day, the source's figures apart."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from cabinet.core.clock import add_months, today
from cabinet.users.models import LogEntry, Role, User
from rma.models import Indicator, Member
from rma.reference import SOURCE
from tests.factories import MemberFactory, MunicipalityFactory, OrganizationFactory, SubjectFactory, person_with

pytestmark = pytest.mark.django_db

PAGE, EXCEL = "/rma/indicators/", "/rma/indicators/excel/"


@pytest.fixture
def place() -> Any:
    return MunicipalityFactory(name="Лесной")


def member_at(place: Any, **fields: Any) -> Member:
    organization = OrganizationFactory(municipality=place)
    member: Member = MemberFactory(user=person_with(Role.REGIONAL, organization=organization), **fields)
    Indicator.objects.create(member=member, kind="education", grade="higher")
    return member


def page_of(client: Client, user: User, query: str = "") -> Any:
    client.force_login(user)
    return client.get(PAGE + query)


class TestAccess:
    @pytest.mark.parametrize("role", [Role.HEAD, Role.METHODIST, Role.CURATOR, "teacher"])
    @pytest.mark.parametrize("address", [PAGE, EXCEL])
    def test_others_get_404(self, client: Client, role: str, address: str) -> None:
        client.force_login(person_with(role))
        assert client.get(address).status_code == 404

    def test_a_visitor_is_sent_to_the_login_page(self, client: Client) -> None:
        assert client.get(PAGE).status_code == 302

    def test_nothing_is_posted_here(self, client: Client) -> None:
        client.force_login(person_with(Role.ADMIN))
        assert client.post(PAGE).status_code == 405

    def test_admin_sees_all_and_the_way_to_the_people(self, client: Client, place: Any) -> None:
        member_at(place)
        text = page_of(client, person_with(Role.ADMIN), "?by=municipality").content.decode()
        assert str(place) in text
        assert f"/rma/?municipality={place.pk}" in text
        assert "/rma/?lacks=category" in text

    def test_municipal_specialist_sees_own_line_beside_the_total(self, client: Client, place: Any) -> None:
        foreign = MunicipalityFactory(name="Горный")
        member_at(place)
        member_at(foreign)
        page = page_of(client, person_with(Role.MUNICIPAL, place))
        assert [line.label for line in page.context["found"].lines] == [str(place)]
        assert page.context["found"].total.base.value == 2
        assert "Горный" not in page.content.decode()
        # Nor does he get it by asking for another breakdown.
        assert "Горный" not in client.get(f"{PAGE}?by=territory").content.decode()

    def test_a_member_sees_the_totals_and_no_lines(self, client: Client, place: Any) -> None:
        member = member_at(place)
        page = page_of(client, member.user, "?by=municipality")
        assert page.context["found"].lines == []
        assert "Лесной" not in page.content.decode()
        assert "/rma/?lacks" not in page.content.decode()

    def test_observer_sees_no_small_group_and_no_people(self, client: Client, place: Any) -> None:
        for _ in range(3):
            member_at(place)
        large = MunicipalityFactory(name="Горный")
        for _ in range(9):
            member_at(large)
        text = page_of(client, person_with(Role.OBSERVER), "?by=municipality").content.decode()
        assert "&lt;5" in text
        assert "/rma/?" not in text

    def test_observer_has_three_days_only(self, client: Client) -> None:
        yesterday = today() - timedelta(days=1)
        page = page_of(client, person_with(Role.OBSERVER), f"?on={yesterday}")
        assert page.context["found"].day == today()
        year_ago = add_months(today(), -12)
        assert client.get(f"{PAGE}?on={year_ago}").context["found"].day == year_ago


class TestPage:
    def test_any_day(self, client: Client, place: Any) -> None:
        member_at(place)
        long_ago = today() - timedelta(days=4 * 365)
        page = page_of(client, person_with(Role.ADMIN), f"?on={long_ago}")
        assert page.context["found"].total.base.value == 0
        assert "В этот день никто не действовал" in page.content.decode()

    @pytest.mark.parametrize("query", ["?on=вчера", "?on=1800-01-01", "?on=9999-12-31", "?by=person", "?page=abc"])
    def test_what_is_not_understood_shows_today(self, client: Client, place: Any, query: str) -> None:
        member_at(place)
        page = page_of(client, person_with(Role.ADMIN), query)
        assert page.status_code == 200
        assert page.context["found"].day == today()
        assert page.context["found"].by == "territory"

    def test_what_is_wrong_with_the_day_is_said(self, client: Client) -> None:
        text = page_of(client, person_with(Role.ADMIN), "?on=1800-01-01").content.decode()
        assert "слишком далеко" in text

    def test_the_sources_figures_stand_apart_with_their_name(self, client: Client, place: Any) -> None:
        member_at(place)
        text = page_of(client, person_with(Role.ADMIN)).content.decode()
        live, source = text.split("В источнике", 1)
        assert SOURCE in source
        assert "59,5" in source
        assert "59,5" not in live

    def test_they_inform_and_never_bar(self, client: Client) -> None:
        assert "никому не закрывают дорогу" in page_of(client, person_with(Role.ADMIN)).content.decode()

    @pytest.mark.parametrize("by", ["territory", "municipality", "subject"])
    def test_as_many_queries_whatever_the_rows(
        self, client: Client, by: str, django_assert_num_queries: Any, place: Any
    ) -> None:
        client.force_login(person_with(Role.ADMIN))
        client.get(PAGE)  # what is cached for a minute is read once
        for count in (1, 5):
            for _ in range(count):
                member_at(MunicipalityFactory()).subjects.add(SubjectFactory())
            with django_assert_num_queries({"territory": 5, "municipality": 5, "subject": 7}[by]):
                client.get(f"{PAGE}?by={by}")


class TestExcel:
    def test_the_same_figures_as_on_the_page(self, client: Client, place: Any) -> None:
        member_at(place)
        client.force_login(person_with(Role.ADMIN))
        response = client.get(f"{EXCEL}?by=municipality")
        rows = list(load_workbook(BytesIO(response.content)).active.iter_rows(values_only=True))  # type: ignore[union-attr]
        assert [row[:4] for row in rows[1:]] == [(str(place), 1, 1, "100"), ("Всего по краю", 1, 1, "100")]
        assert LogEntry.objects.filter(action=LogEntry.Action.EXPORTED).count() == 1

    def test_small_groups_are_hidden_there_too(self, client: Client, place: Any) -> None:
        for _ in range(3):
            member_at(place)
        client.force_login(person_with(Role.OBSERVER))
        rows = list(
            load_workbook(BytesIO(client.get(f"{EXCEL}?by=municipality").content)).active.iter_rows(values_only=True)  # type: ignore[union-attr]
        )
        assert rows[1][:4] == (str(place), "<5", "<5", None)
