"""The page of the summary and its Excel file: who sees what, the way to the lines, and the same figures in both."""

from datetime import timedelta
from importlib import import_module
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from cabinet.core.clock import today
from cabinet.users.models import LogEntry, Role
from registry.models import Entry, Snapshot
from registry.services import hiding
from registry.services.breakdowns import BY_CODE as BY
from registry.services.measures import BY_CODE
from registry.services.workbook import CHART_DATA, HEADER_ROW
from tests.factories import (
    CourseFactory,
    MembershipFactory,
    MunicipalityFactory,
    OrganizationFactory,
    TerritoryFactory,
    person_with,
)
from tests.registry.summary_world import group, lines

pytestmark = pytest.mark.django_db

ADDRESS = "/registry/summary/"
EXCEL = "/registry/summary/excel/"


def numbers(line: Any) -> list[str]:
    return [figure.text for figure in line.figures]


def sheet_of(content: bytes, title: str) -> Worksheet:
    sheet = load_workbook(BytesIO(content))[title]
    assert isinstance(sheet, Worksheet)
    return sheet


class TestScope:
    def test_head_counts_own_organization(self, client: Client) -> None:
        own, foreign = OrganizationFactory(), OrganizationFactory()
        group(own, CourseFactory(), v3=2)
        group(foreign, CourseFactory(), v3=7)
        client.force_login(person_with(Role.HEAD, own))
        page = client.get(f"{ADDRESS}?by=municipality")
        assert numbers(page.context["summary"].total)[:4] == ["2", "0", "0", "2"]
        text = page.content.decode()
        assert own.municipality.name in text
        assert foreign.municipality.name not in text
        assert sheet_of(client.get(f"{EXCEL}?by=municipality").content, "По муниципалитетам").max_row == HEADER_ROW + 2

    @pytest.mark.parametrize("role", [Role.REGIONAL, "teacher"])
    @pytest.mark.parametrize("address", [ADDRESS, EXCEL])
    def test_is_not_there_for_others(self, client: Client, role: str, address: str) -> None:
        client.force_login(person_with(role))
        assert client.get(address).status_code == 404

    @pytest.mark.parametrize("address", [ADDRESS, EXCEL])
    def test_stranger_and_wrong_method(self, client: Client, address: str) -> None:
        assert client.get(address).status_code == 302
        client.force_login(person_with(Role.ADMIN))
        assert client.post(address).status_code == 405


class TestAddress:
    def test_keeps_what_is_counted_and_by_what(self, client: Client) -> None:
        group(OrganizationFactory(), CourseFactory(), v3=2)
        client.force_login(person_with(Role.ADMIN))
        page = client.get(f"{ADDRESS}?measure=rma&by=kind")
        assert (page.context["summary"].measure.code, page.context["summary"].breakdown.code) == ("rma", "kind")
        assert "/registry/summary/excel/?measure=rma&amp;by=kind" in page.content.decode()

    def test_filters_are_those_of_the_registry(self, client: Client) -> None:
        organization, course = OrganizationFactory(), CourseFactory(ends_on=today() - timedelta(days=10))
        group(organization, course, v3=2)
        group(organization, CourseFactory(ends_on=today() - timedelta(days=400)), v3=3)
        client.force_login(person_with(Role.ADMIN))
        found = client.get(f"{ADDRESS}?ends_from={today() - timedelta(days=20)}&organization={organization.pk}")
        assert found.context["summary"].total.base.text == "2"

    @pytest.mark.parametrize(
        "query", ["measure=nothing", "by=person", "municipality=999999", "subject=1 OR 1", "ends_from=never"]
    )
    def test_bad_choice_shows_nothing_and_says_so(self, client: Client, query: str) -> None:
        group(OrganizationFactory(), CourseFactory(), v3=2)
        client.force_login(person_with(Role.ADMIN))
        page = client.get(f"{ADDRESS}?{query}")
        assert page.context["summary"].lines == []
        assert "Проверьте форму" in page.content.decode()
        assert client.get(f"{EXCEL}?{query}").status_code == 200

    def test_fragment_is_the_results_only(self, client: Client) -> None:
        client.force_login(person_with(Role.ADMIN))
        page = client.get(ADDRESS, headers={"HX-Request": "true"}).content.decode()
        assert page.strip().startswith('<div id="results"')


class TestWayToTheLines:
    @pytest.mark.parametrize("by", BY)
    @pytest.mark.parametrize("measure", ["variants", "evidence"])
    def test_every_figure_leads_to_as_many_lines(self, client: Client, measure: str, by: str) -> None:
        told = {"survey_on": today(), "has_started": True, "evidence": "plan,other"}
        without_place = OrganizationFactory(municipality=MunicipalityFactory(territory=None), low_results=True)
        lines(OrganizationFactory(), CourseFactory(), 2, result="3", **told)
        lines(without_place, CourseFactory(programme__topic=None), 1, result="1", subject=None, position=None, **told)
        client.force_login(person_with(Role.ADMIN))
        for one in client.get(f"{ADDRESS}?measure={measure}&by={by}&months=3").context["lines"]:
            for figure, address in one["cells"]:
                if figure.value:
                    assert client.get(address).context["page"].paginator.count == figure.value, address

    def test_a_period_stays_within_the_chosen_days(self, client: Client) -> None:
        day = today() - timedelta(days=100)
        group(OrganizationFactory(), CourseFactory(ends_on=day), v3=2)
        client.force_login(person_with(Role.ADMIN))
        one = client.get(f"{ADDRESS}?by=half&ends_from={day}").context["lines"][0]
        assert f"ends_from={day}" in one["address"]

    def test_figure_of_the_summary_is_said_in_words(self, client: Client) -> None:
        client.force_login(person_with(Role.ADMIN))
        chosen = client.get("/registry/?figure=reasons-why_time").context["filter"].chosen
        assert chosen == [("Показатель сводки", "Почему не начали реализацию: Не было времени")]
        assert client.get("/registry/?figure=reasons-nothing").context["page"].paginator.count == 0


class TestExcel:
    @pytest.mark.parametrize("role", [Role.ADMIN, Role.OBSERVER])
    @pytest.mark.parametrize("measure", BY_CODE)
    def test_says_what_the_page_says(self, client: Client, role: str, measure: str) -> None:
        told = {"survey_on": today(), "has_started": False, "reason": "time", "evidence": "plan,other"}
        lines(OrganizationFactory(), CourseFactory(), 6, result="3", experience="can", **told)
        lines(
            OrganizationFactory(), CourseFactory(), 3, result="1", is_rma_involved=True, has_disagreement=True, **told
        )
        client.force_login(person_with(role))
        page = client.get(f"{ADDRESS}?measure={measure}&by=municipality").context["summary"]
        sheet = sheet_of(client.get(f"{EXCEL}?measure={measure}&by=municipality").content, "По муниципалитетам")
        rows = list(sheet.iter_rows(min_row=HEADER_ROW + 1, values_only=True))
        for row, line in zip(rows, [*page.lines, page.total], strict=True):
            expected: list[Any] = [line.label, written(line.base)]
            expected += [value for part in line.parts for value in (written(part), part.share)]
            assert list(row) == expected + [written(one) for one in line.apart]

    def test_has_native_charts_of_what_may_be_drawn(self, client: Client) -> None:
        course = CourseFactory()
        group(OrganizationFactory(), course, v3=6, v1=6)
        group(OrganizationFactory(), course, v3=6, v1=7)
        group(OrganizationFactory(), course, v3=1)
        client.force_login(person_with(Role.OBSERVER))
        book = load_workbook(BytesIO(client.get(f"{EXCEL}?all").content))
        assert [len(sheet._charts) for sheet in book.worksheets if sheet.title != CHART_DATA] == [1] * len(BY)  # type: ignore[attr-defined]
        numbers = {value for row in book[CHART_DATA].iter_rows(values_only=True) for value in row}
        assert 1 not in numbers

    def test_names_stay_text(self, client: Client) -> None:
        territory = TerritoryFactory(name="=1+1")
        group(OrganizationFactory(municipality=MunicipalityFactory(territory=territory)), CourseFactory(), v3=1)
        client.force_login(person_with(Role.ADMIN))
        cell = sheet_of(client.get(EXCEL).content, "По территориям").cell(HEADER_ROW + 1, 1)
        assert (cell.value, cell.data_type) == ("=1+1", "s")

    def test_is_written_into_the_log(self, client: Client) -> None:
        admin = person_with(Role.ADMIN)
        client.force_login(admin)
        client.get(f"{EXCEL}?measure=rma&by=kind")
        entry = LogEntry.objects.get(action=LogEntry.Action.EXPORTED)
        assert (entry.actor, entry.note) == (admin, "сводка «Участие РМА»: по типам оо")


def written(figure: Any) -> Any:
    return figure.text if figure.mark else figure.value


class TestObserver:
    def test_sees_small_groups_hidden_and_no_way_to_lines(self, client: Client) -> None:
        group(OrganizationFactory(), CourseFactory(), v3=7, v1=3)
        client.force_login(person_with(Role.OBSERVER))
        text = client.get(f"{ADDRESS}?by=kind").content.decode()
        assert "&lt;5" in text
        assert "/registry/?" not in text
        for name in Entry.objects.values_list("person__last_name", flat=True):
            assert name not in text

    @pytest.mark.parametrize(
        "query", ["municipality={0}", "kind=college", "organization={1}", "name=x", "figure=rma-base"]
    )
    def test_has_no_filters(self, client: Client, query: str) -> None:
        own = OrganizationFactory()
        group(own, CourseFactory(), v3=6)
        group(OrganizationFactory(kind="college"), CourseFactory(), v3=6)
        client.force_login(person_with(Role.OBSERVER))
        page = client.get(f"{ADDRESS}?{query.format(own.municipality_id, own.pk)}")
        assert page.context["summary"].total.base.text == "12"
        assert 'name="municipality"' not in page.content.decode()

    def test_lines_stand_by_name_not_by_size(self, client: Client) -> None:
        for title, count in (("Б", 9), ("А", 6), ("В", 12)):
            group(OrganizationFactory(), CourseFactory(programme__title=title), v3=count)
        client.force_login(person_with(Role.OBSERVER))
        found = client.get(f"{ADDRESS}?by=programme").context["summary"].lines
        assert [line.label for line in found] == sorted(line.label for line in found)

    def test_sees_one_state_a_day(self, client: Client) -> None:
        organization = OrganizationFactory()
        group(organization, CourseFactory(), v3=6)
        client.force_login(person_with(Role.OBSERVER))
        assert client.get(ADDRESS).context["summary"].total.base.text == "6"
        group(organization, CourseFactory(), v3=1)
        assert client.get(ADDRESS).context["summary"].total.base.text == "6"
        assert sheet_of(client.get(EXCEL).content, "По территориям").cell(HEADER_ROW + 1, 2).value == 6
        Snapshot.objects.update(day=today() - timedelta(days=1))
        hiding.take_snapshot()
        hiding.take_snapshot()
        assert client.get(ADDRESS).context["summary"].total.base.text == "7"
        assert list(Snapshot.objects.values_list("day", flat=True)) == [today()]

    def test_hidden_numbers_are_not_stored_either(self) -> None:
        group(OrganizationFactory(), CourseFactory(), v3=7, v1=3)
        figures = hiding.take_snapshot().figures
        stored = {value for groups in figures.values() for line in groups.values() for value in line.values()}
        assert not stored & {1, 2, 3, 4}

    def test_administrator_who_observes_too_sees_all(self, client: Client) -> None:
        group(OrganizationFactory(), CourseFactory(), v3=2)
        admin = person_with(Role.ADMIN)
        MembershipFactory(user=admin, role=Role.OBSERVER)
        client.force_login(admin)
        assert client.get(ADDRESS).context["summary"].total.base.text == "2"


class TestCost:
    @pytest.mark.parametrize("count", [1, 5])
    @pytest.mark.parametrize(
        ("role", "measure", "by", "queries"),
        [
            (Role.ADMIN, "variants", "territory", 8),
            (Role.ADMIN, "evidence", "programme", 8),
            (Role.ADMIN, "agreement", "quarter", 6),
            (Role.OBSERVER, "variants", "territory", 5),
            (Role.OBSERVER, "reasons", "programme", 5),
        ],
    )
    def test_page(
        self, client: Client, role: str, measure: str, by: str, queries: int, count: int, django_assert_num_queries: Any
    ) -> None:
        for _ in range(count):
            group(OrganizationFactory(), CourseFactory(), v3=1)
        client.force_login(person_with(role))
        client.get(ADDRESS)
        with django_assert_num_queries(queries):
            client.get(f"{ADDRESS}?measure={measure}&by={by}")


def test_many_lines_are_paged(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    # By its module: the package gives the same name to the view.
    monkeypatch.setattr(import_module("registry.views.summary"), "PAGE_SIZE", 2)
    course = CourseFactory()
    for kind in ("school", "college", "special"):
        group(OrganizationFactory(kind=kind), course, v3=1)
    client.force_login(person_with(Role.ADMIN))
    second = client.get(f"{ADDRESS}?by=kind&page=2")
    assert [one["line"].is_total for one in second.context["lines"]] == [False, True]
