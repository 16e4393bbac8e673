"""Shares of members who meet the formal requirements: by the orders and the dated rows of any day."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cabinet.core.charts import percent
from cabinet.core.clock import add_months, today
from cabinet.structure.models import Municipality
from cabinet.users.models import Role
from rma.models import Indicator, Member, StatusChange
from rma.services.indicators import BREAKDOWNS, Indicators, Line, Sight, indicators, quick_days, sight_of
from tests.factories import (
    MemberFactory,
    MunicipalityFactory,
    OrganizationFactory,
    SubjectFactory,
    TerritoryFactory,
    person_with,
)

pytestmark = pytest.mark.django_db

Kind, Grade = Indicator.Kind, Indicator.Grade
REGION = Sight(tuple(BREAKDOWNS))
COARSE = Sight(tuple(BREAKDOWNS), is_coarse=True)
LONG_AGO = date(2010, 9, 1)
GRADES = {
    Kind.EDUCATION: Grade.HIGHER,
    Kind.EXPERIENCE: Grade.YEARS,
    Kind.CATEGORY: Grade.TOP,
    Kind.ASSESSMENT: Grade.PASSED,
}


def meet(member: Member, *kinds: str, since: date = LONG_AGO, **fields: Any) -> None:
    for kind in kinds:
        Indicator.objects.create(member=member, kind=kind, grade=GRADES[Kind(kind)], since=since, **fields)


def member_in(place: Municipality | None = None, *kinds: str, **fields: Any) -> Member:
    organization = OrganizationFactory(municipality=place or MunicipalityFactory())
    member: Member = MemberFactory(user=person_with(Role.REGIONAL, organization=organization), **fields)
    meet(member, *kinds)
    return member


def figures(line: Line) -> list[int]:
    return [line.base.value, *(one.value for one in line.figures)]


def texts(found: Indicators) -> dict[str, list[str]]:
    return {line.label: [line.base.text, *(one.text for one in line.figures)] for line in (*found.lines, found.total)}


class TestCounting:
    def test_the_fifth_is_counted_from_the_four(self) -> None:
        member_in(None, *Kind)
        member_in(None, Kind.EDUCATION, Kind.CATEGORY, Kind.ASSESSMENT)
        member_in(None, Kind.EDUCATION)
        assert figures(indicators(today(), REGION, "territory").total) == [3, 3, 1, 2, 2, 1]

    def test_rows_of_the_wrong_grade_do_not_count(self) -> None:
        member = member_in()
        for kind, grade in (
            (Kind.EDUCATION, Grade.SECONDARY),
            (Kind.CATEGORY, Grade.FIRST),
            (Kind.ASSESSMENT, Grade.FAILED),
        ):
            Indicator.objects.create(member=member, kind=kind, grade=grade, since=LONG_AGO)
        assert figures(indicators(today(), REGION, "territory").total) == [1, 0, 0, 0, 0, 0]

    def test_two_rows_of_one_kind_count_once(self) -> None:
        member = member_in(None, Kind.CATEGORY)
        meet(member, Kind.CATEGORY, since=date(2024, 5, 1))
        assert figures(indicators(today(), REGION, "territory").total) == [1, 0, 0, 1, 0, 0]

    def test_only_those_who_act_by_the_orders_of_the_day(self) -> None:
        gone = member_in(None, *Kind)
        StatusChange.objects.create(member=gone, status=Member.Status.EXCLUDED, on=today() - timedelta(days=10))
        member_in(None, *Kind, status=Member.Status.CANDIDATE)
        assert figures(indicators(today(), REGION, "territory").total) == [0] * 6
        assert figures(indicators(today() - timedelta(days=11), REGION, "territory").total) == [1] * 6

    def test_five_years_are_counted_on_the_day(self) -> None:
        day = today()
        meet(member_in(), Kind.EXPERIENCE, since=add_months(day, -60))
        assert figures(indicators(day, REGION, "territory").total)[2] == 1
        assert figures(indicators(day - timedelta(days=1), REGION, "territory").total)[2] == 0

    def test_an_ended_category_counts_while_it_lasted(self) -> None:
        until = today() - timedelta(days=30)
        meet(member_in(), Kind.CATEGORY, since=until - timedelta(days=700), until=until)
        assert figures(indicators(until, REGION, "territory").total)[3] == 1
        assert figures(indicators(today(), REGION, "territory").total)[3] == 0


class TestBreakdowns:
    def test_by_territory_with_a_line_for_those_without(self) -> None:
        territory = TerritoryFactory(name="Верхнекамье")
        north = [MunicipalityFactory(territory=territory) for _ in range(2)]
        member_in(north[0], Kind.EDUCATION)
        member_in(north[1])
        member_in(MunicipalityFactory(territory=None))
        MemberFactory(user=person_with(Role.REGIONAL, organization=None))  # works nowhere
        found = indicators(today(), REGION, "territory")
        assert [(line.label, line.base.value, line.figures[0].value) for line in found.lines] == [
            ("Верхнекамье", 2, 1),
            ("Территория не указана", 2, 0),
        ]

    def test_by_municipality(self) -> None:
        one = MunicipalityFactory()
        member_in(one)
        MemberFactory(user=person_with(Role.REGIONAL, organization=None))
        found = indicators(today(), REGION, "municipality")
        assert [(line.label, line.base.value) for line in found.lines] == [
            (str(one), 1),
            ("Муниципалитет не указан", 1),
        ]

    def test_by_subject_counts_a_member_in_each_of_his(self) -> None:
        both, none = member_in(None, Kind.EDUCATION), member_in()
        both.subjects.set([SubjectFactory(name="Химия"), SubjectFactory(name="Биология")])
        found = indicators(today(), REGION, "subject")
        assert [(line.label, line.base.value, line.figures[0].value) for line in found.lines] == [
            ("Биология", 1, 1),
            ("Химия", 1, 1),
            ("Предмет не указан", 1, 0),
        ]
        assert found.total.base.value == 2
        assert none.subjects.count() == 0

    def test_municipal_specialist_has_own_lines_and_the_regions_totals(self) -> None:
        own, foreign, subject = MunicipalityFactory(), MunicipalityFactory(), SubjectFactory()
        for place in (own, foreign):
            member_in(place).subjects.add(subject)
        sight = sight_of(person_with(Role.MUNICIPAL, own))
        found = indicators(today(), sight, "municipality")
        assert ([line.label for line in found.lines], found.total.base.value) == ([str(own)], 2)
        assert [line.base.value for line in indicators(today(), sight, "subject").lines] == [1]
        assert indicators(today(), sight, "territory").lines == []

    def test_a_member_has_the_regions_totals_only(self) -> None:
        member = member_in()
        for by in BREAKDOWNS:
            assert indicators(today(), sight_of(member.user), by).lines == []


class TestHiding:
    def test_a_small_group_is_hidden_and_one_more_beside_it(self) -> None:
        territory = TerritoryFactory()
        sizes = {"Ясный": 3, "Лесной": 7, "Горный": 20}
        for name, count in sizes.items():
            place = MunicipalityFactory(name=name, territory=territory)
            for _ in range(count):
                member_in(place, Kind.EDUCATION, Kind.EXPERIENCE)
        found = texts(indicators(today(), COARSE, "municipality"))
        bases = [cells[0] for cells in found.values()]
        assert sorted(bases) == ["20", "30", "<5", "скрыто"]
        # And those who meet a requirement are no less hidden than the group itself.
        small = next(cells for cells in found.values() if cells[0] == "<5")
        assert small[1:3] == ["<5", "<5"]

    def test_a_territory_does_not_tell_what_its_municipalities_hide(self) -> None:
        for count in (3, 12, 12):
            place = MunicipalityFactory(territory=TerritoryFactory())
            for _ in range(count):
                member_in(place, Kind.EDUCATION)
        by_territory = texts(indicators(today(), COARSE, "territory"))
        by_municipality = texts(indicators(today(), COARSE, "municipality"))
        assert sorted(cells[0] for cells in by_territory.values()) == ["12", "27", "<5", "скрыто"]
        assert sorted(cells[0] for cells in by_municipality.values()) == ["12", "27", "<5", "скрыто"]

    def test_few_who_lack_something_are_a_small_group_too(self) -> None:
        place = MunicipalityFactory(territory=TerritoryFactory())
        for number in range(20):
            member_in(place, *([Kind.EDUCATION] if number else []))
        for by in BREAKDOWNS:
            assert indicators(today(), COARSE, by).total.figures[0].text == "скрыто"

    def test_no_share_where_the_number_is_hidden(self) -> None:
        place = MunicipalityFactory()
        for _ in range(3):
            member_in(place, Kind.EDUCATION)
        found = indicators(today(), COARSE, "municipality")
        assert [one.percent for line in found.lines for one in line.figures] == [""] * 5
        assert not any(line.is_whole for line in found.lines)


def test_shares_are_written_as_the_source_writes_them() -> None:
    assert [percent(*pair, digits=1) for pair in ((22, 296), (176, 296), (11, 296), (296, 296), (0, 7), (0, 0))] == [
        "7,4",
        "59,5",
        "3,7",
        "100",
        "0",
        "",
    ]


def test_days_people_ask_about() -> None:
    assert list(quick_days(date(2026, 11, 29)).values()) == [date(2026, 11, 29), date(2026, 9, 1), date(2025, 11, 29)]
    assert list(quick_days(date(2026, 3, 1)).values())[1] == date(2025, 9, 1)


@pytest.mark.parametrize(
    ("by", "sight", "queries"), [("territory", REGION, 2), ("subject", REGION, 4), ("subject", COARSE, 4)]
)
def test_as_many_queries_whatever_the_rows(by: str, sight: Sight, queries: int) -> None:
    for count in (1, 4):
        for _ in range(count):
            member_in(None, *Kind).subjects.add(SubjectFactory())
        with CaptureQueriesContext(
            connection,
        ) as seen:
            indicators(today(), sight, by)
        assert len(seen) == queries
