"""Summaries: shares with their base, the cases without a variant apart, small groups hidden from the observer."""

from typing import Any

import pytest
from django.test import Client

from cabinet.users.models import Role
from motor.models import Status
from registry.models import Entry
from registry.services import sweep
from registry.services.summary import BASE, COLUMNS, Line, Summary, summarize
from registry.services.suppression import hidden_cells
from tests.factories import (
    CaseFactory,
    CourseFactory,
    MunicipalityFactory,
    OrganizationFactory,
    TerritoryFactory,
    person_with,
)

pytestmark = pytest.mark.django_db


def counted(hide: bool = False) -> Summary:
    rows = Entry.objects.all()
    return summarize(rows, {}, lambda breakdown, pk: "", rows if hide else None)


def numbers(line: Line) -> list[str]:
    return [line.figures[code].text for code in COLUMNS]


def group(organization: Any, course: Any, **results: int) -> None:
    """So many cases of one organization and course by result."""
    for name, count in results.items():
        for _ in range(count):
            CaseFactory(
                bare=True,
                status=Status.NO_RESPONSE if name == "no_response" else Status.CLOSED,
                completion__person__organization=organization,
                completion__course=course,
                responsible=None,
            )
    sweep()
    Entry.objects.filter(organization=organization).update(result="not_assessed")
    lines = list(Entry.objects.filter(organization=organization, course=course).order_by("pk"))
    codes = [name.removeprefix("v") for name, count in results.items() for _ in range(count)]
    for line, code in zip(lines, codes, strict=True):
        line.result = code
        line.save()


class TestCounts:
    def test_shares_are_of_cases_with_a_variant(self) -> None:
        apart = {"no_response": 3, "stopped": 1, "not_assessed": 2, "pending": 1}
        group(OrganizationFactory(), CourseFactory(), v1=1, v2=1, v3=2, **apart)
        total = counted().total
        assert numbers(total) == ["1", "1", "2", "4", "3", "2", "1", "1"]
        assert [share for _, share in total.variants] == [
            "25\N{NO-BREAK SPACE}%",
            "25\N{NO-BREAK SPACE}%",
            "50\N{NO-BREAK SPACE}%",
        ]

    def test_no_variant_is_no_share(self) -> None:
        group(OrganizationFactory(), CourseFactory(), no_response=1)
        assert [share for _, share in counted().total.variants] == ["—", "—", "—"]

    def test_by_territory_municipality_and_programme(self) -> None:
        here, there = OrganizationFactory(), OrganizationFactory(municipality=MunicipalityFactory(territory=None))
        one, other = CourseFactory(), CourseFactory()
        group(here, one, v3=2)
        group(there, other, v1=1)
        found = counted()
        for breakdown in (found.territories, found.municipalities, found.programmes):
            assert sorted(numbers(line)[:4] for line in breakdown) == [["0", "0", "2", "2"], ["1", "0", "0", "1"]]
        assert found.territories[-1].label == "не указано"

    def test_empty_registry_is_no_error(self) -> None:
        assert numbers(counted(hide=True).total) == ["0"] * 8


class TestHiding:
    def test_small_group_and_what_would_tell_it(self) -> None:
        territory, course = TerritoryFactory(), CourseFactory()
        small, large, third = (
            OrganizationFactory(municipality=MunicipalityFactory(name=name, territory=territory)) for name in "АБВ"
        )
        group(small, course, v3=3)
        group(large, course, v3=20, v1=6)
        group(third, course, v3=30, v1=7)
        found = counted(hide=True)
        texts = {tuple(numbers(line)[:4]) for line in found.municipalities}
        # 3 of 53 would follow from the others and the total: the next smallest of each column is held back too.
        assert texts == {("0", "0", "<5", "<5"), ("6", "0", "скрыто", "скрыто"), ("7", "0", "30", "37")}
        assert numbers(found.total)[:4] == ["13", "0", "53", "66"]

    def test_one_small_part_hides_a_second_one_of_its_line(self) -> None:
        group(OrganizationFactory(), CourseFactory(), v1=2, v2=6, v3=9)
        assert numbers(counted(hide=True).total)[:4] == ["<5", "скрыто", "9", "17"]
        assert [share for _, share in counted(hide=True).total.variants] == ["", "", "53\N{NO-BREAK SPACE}%"]

    def test_those_who_read_lines_see_numbers(self) -> None:
        group(OrganizationFactory(), CourseFactory(), v1=2, v2=6, v3=9)
        assert numbers(counted().total)[:4] == ["2", "6", "9", "17"]

    @pytest.mark.parametrize("small", [0, 1, 4, 5])
    def test_no_sum_is_left_with_one_unknown(self, small: int) -> None:
        parts: Any = [((str(at), ""), "n") for at in range(4)]
        total: Any = (("total", ""), "n")
        values = dict(zip(parts, [small, 9, 12, 0], strict=True)) | {total: 21 + small}
        marks = hidden_cells(values, [[*parts, total]])
        assert len(marks) == (2 if 0 < small < 5 else 0)
        assert total not in marks

    def test_filter_that_leaves_out_a_few_hides_its_number(self) -> None:
        course = CourseFactory()
        group(OrganizationFactory(), course, v3=10)
        group(OrganizationFactory(kind="college"), course, v3=2)
        everything = Entry.objects.all()
        schools = summarize(everything.filter(organization_kind="school"), {}, lambda a, b: "", everything)
        assert schools.total.figures[BASE].text == "скрыто"


class TestPage:
    def test_head_counts_own_organization(self, client: Client) -> None:
        own, foreign = OrganizationFactory(), OrganizationFactory()
        group(own, CourseFactory(), v3=2)
        group(foreign, CourseFactory(), v3=7)
        client.force_login(person_with(Role.HEAD, own))
        page = client.get("/registry/summary/")
        assert numbers(page.context["total"])[:4] == ["0", "0", "2", "2"]
        text = page.content.decode()
        assert own.municipality.name in text
        assert foreign.municipality.name not in text
        assert "/registry/?municipality=" in text

    def test_observer_sees_shares_and_no_way_to_lines(self, client: Client) -> None:
        organization = OrganizationFactory()
        group(organization, CourseFactory(), v3=7, v1=3)
        client.force_login(person_with(Role.OBSERVER))
        text = client.get("/registry/summary/").content.decode()
        assert "&lt;5" in text
        assert "/registry/?" not in text
        for person in Entry.objects.values_list("person__last_name", flat=True):
            assert person not in text

    def test_observer_has_coarse_filters_only(self, client: Client) -> None:
        own = OrganizationFactory()
        group(own, CourseFactory(), v3=6)
        group(OrganizationFactory(), CourseFactory(), v3=6)
        client.force_login(person_with(Role.OBSERVER))
        page = client.get(f"/registry/summary/?organization={own.pk}&ends_to=2000-01-01&name=x&school=x")
        assert page.context["total"].figures[BASE].text == "12"
        page = client.get(f"/registry/summary/?municipality={own.municipality_id}")
        assert page.context["total"].figures[BASE].text == "6"

    @pytest.mark.parametrize("role", [Role.REGIONAL, "teacher"])
    def test_is_not_there_for_others(self, client: Client, role: str) -> None:
        client.force_login(person_with(role))
        assert client.get("/registry/summary/").status_code == 404

    def test_stranger_and_wrong_method(self, client: Client) -> None:
        assert client.get("/registry/summary/").status_code == 302
        client.force_login(person_with(Role.ADMIN))
        assert client.post("/registry/summary/").status_code == 405

    @pytest.mark.parametrize("role", [Role.ADMIN, Role.OBSERVER])
    @pytest.mark.parametrize("count", [1, 5])
    def test_costs_the_same(self, client: Client, role: str, count: int, django_assert_num_queries: Any) -> None:
        for _ in range(count):
            group(OrganizationFactory(), CourseFactory(), v3=1)
        client.force_login(person_with(role))
        client.get("/registry/summary/")
        with django_assert_num_queries(9 if role == Role.ADMIN else 12):
            client.get("/registry/summary/")

    def test_fragment_is_the_results_only(self, client: Client) -> None:
        client.force_login(person_with(Role.ADMIN))
        page = client.get("/registry/summary/", headers={"HX-Request": "true"}).content.decode()
        assert page.strip().startswith('<div id="results"')
