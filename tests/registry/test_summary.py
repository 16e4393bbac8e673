"""Summaries: shares with their base, the cases without a variant apart, every figure equal to a recount."""

from collections import Counter
from datetime import date
from typing import Any

import pytest

from motor.models import Evidence, Status, Survey
from registry.models import Entry
from registry.services.breakdowns import BREAKDOWNS, NONE, Breakdown, period_of
from registry.services.breakdowns import BY_CODE as BY
from registry.services.measures import BY_CODE, FIGURES, MEASURES, Measure, lines_behind
from registry.services.summary import Line, Summary, summarize
from tests.factories import (
    CourseFactory,
    MunicipalityFactory,
    OrganizationFactory,
    ProgrammeFactory,
    SubjectFactory,
    TopicFactory,
)
from tests.registry.summary_world import group, lines

pytestmark = pytest.mark.django_db


def counted(measure: str = "variants", by: str = "territory") -> Summary:
    return summarize(Entry.objects.all(), BY_CODE[measure], BY[by])


def numbers(line: Line) -> list[str]:
    return [figure.text for figure in line.figures]


@pytest.fixture
def region() -> None:
    """Two dozen lines that differ in everything that is counted."""
    subject = SubjectFactory(name="Химия")
    topics = [TopicFactory(), TopicFactory()]
    programmes = [ProgrammeFactory(topic=topics[0]), ProgrammeFactory(topic=topics[1]), ProgrammeFactory(topic=None)]
    days = [date(2026, 3, 31), date(2026, 4, 1), date(2025, 12, 31)]
    courses = [CourseFactory(programme=one, ends_on=day) for one, day in zip(programmes, days, strict=True)]
    places = [
        OrganizationFactory(low_results=True),
        OrganizationFactory(kind="college"),
        OrganizationFactory(municipality=MunicipalityFactory(territory=None)),
    ]
    day = date(2026, 6, 1)
    told = {"survey_on": day, "has_started": True, "evidence": "plan,workshop"}
    refused = {"survey_on": day, "has_started": False, "evidence": "nothing", "subject": subject}
    lines(places[0], courses[0], 3, result="3", variant=3, experience="can", **told)
    lines(places[0], courses[1], 2, result="1", reason="time", **refused)
    lines(places[1], courses[1], 2, result="2", is_rma_involved=True, has_disagreement=False, **told)
    lines(places[1], courses[2], 1, result="3", is_rma_involved=True, has_disagreement=True, **told)
    lines(places[2], courses[0], 1, result="3", is_rma_involved=True, experience="cannot", **told)
    lines(places[2], courses[2], 2, result="1", experience="waived", reason="help", **refused)
    lines(places[2], courses[2], 1, result="1", position=None, subject=None)
    lines(places[0], courses[0], 2, result="no_response", status=Status.NO_RESPONSE)
    lines(places[1], courses[0], 1, result="stopped", status=Status.STOPPED, **told)
    lines(places[1], courses[1], 1, result="not_assessed", **(refused | {"evidence": "", "reason": "other"}))
    lines(places[2], courses[1], 2, result="pending", status=Status.SURVEY_OPEN)
    lines(places[2], courses[1], 1, result="pending", status=Status.SCHEDULED)
    lines(places[0], courses[2], 2, result="pending", status=Status.SCHOOL_REVIEW, **told)
    lines(places[0], courses[2], 1, result="pending", status=Status.SCHOOL_REVIEW)


class TestShares:
    def test_are_of_cases_with_a_variant(self) -> None:
        group(OrganizationFactory(), CourseFactory(), v1=1, v2=1, v3=2, no_response=3, stopped=1, not_assessed=2)
        total = counted().total
        assert numbers(total) == ["4", "1", "1", "2", "3", "2", "1", "0"]
        assert [one.percent for one in total.parts] == ["25\u00a0%", "25\u00a0%", "50\u00a0%"]
        assert [one.percent for one in total.apart] == ["", "", "", ""]

    def test_without_a_base_there_is_none(self) -> None:
        group(OrganizationFactory(), CourseFactory(), no_response=1)
        assert [one.percent for one in counted().total.parts] == ["", "", ""]

    def test_empty_registry_is_no_error(self) -> None:
        for measure in BY_CODE:
            for by in BY:
                found = counted(measure, by)
                assert (found.lines, {one.value for one in found.total.figures}) == ([], {0})


class TestRecount:
    """Each line of the registry placed by hand, and added up: the figures must be the same."""

    @pytest.mark.parametrize("measure", MEASURES, ids=lambda one: one.code)
    def test_every_figure_of_every_breakdown(self, region: None, measure: Measure) -> None:
        entries = list(Entry.objects.select_related("municipality", "programme"))
        for by in BREAKDOWNS:
            expected: dict[str, Counter[str]] = {}
            for entry in entries:
                for pk in (group_of(entry, by), ""):
                    expected.setdefault(pk, Counter()).update(columns_of(entry, measure.code))
            found = summarize(Entry.objects.all(), measure, by)
            assert sorted(line.pk for line in found.lines) == sorted(expected.keys() - {""})
            for line in (*found.lines, found.total):
                figures = {one.column: one.value for one in line.figures}
                assert figures == {column: expected[line.pk][column] for column in measure.columns}, (by, line.label)

    def test_parts_fill_their_base(self, region: None) -> None:
        for measure in MEASURES:
            for line in summarize(Entry.objects.all(), measure, BY["kind"]).lines:
                sum_of_parts = sum(one.value for one in line.parts)
                assert sum_of_parts >= line.base.value if measure.is_overlapping else sum_of_parts == line.base.value

    def test_lines_behind_a_figure_are_as_many(self, region: None) -> None:
        for figure, _ in FIGURES:
            code, column = figure.split("-", 1)
            total = summarize(Entry.objects.all(), BY_CODE[code], BY["kind"]).total
            shown = next(one.value for one in total.figures if one.column == column)
            assert lines_behind(Entry.objects.all(), figure).count() == shown, figure

    def test_region_has_something_of_everything(self, region: None) -> None:
        values = {
            one.column: one.value
            for measure in MEASURES
            for one in summarize(Entry.objects.all(), measure, BY["kind"]).total.figures
        }
        assert {column for column, value in values.items() if not value} == {
            "why_resources", "why_content", "why_no_route", "kind_open_lesson", "kind_document", "kind_other",
        }  # fmt: skip


def group_of(entry: Entry, by: Breakdown) -> str:
    half, quarter = (entry.ends_on.month + 5) // 6, (entry.ends_on.month + 2) // 3
    value: Any = {
        "territory": entry.municipality.territory_id,
        "municipality": entry.municipality_id,
        "kind": entry.organization_kind,
        "low_results": entry.low_results,
        "topic": entry.programme.topic_id,
        "programme": entry.programme_id,
        "subject": entry.subject_id,
        "position": entry.position_id,
        "half": f"{entry.ends_on.year}-h{half}",
        "quarter": f"{entry.ends_on.year}-q{quarter}",
        "months": entry.months,
    }[by.code]
    return NONE if value is None else str(value)


def columns_of(entry: Entry, measure: str) -> list[str]:
    """Where a person would put this line, written apart from the program's own rules."""
    of_result = {"variants": variant_of, "rma": rma_of, "agreement": agreement_of, "experience": experience_of}
    if measure in of_result:
        return of_result[measure](entry) if entry.result in ("1", "2", "3") else [entry.result]
    if entry.result == "stopped":
        return ["stopped"]
    answered = entry.survey_on is not None and entry.result != "no_response"
    if measure == "response":
        return response_of(entry, answered)
    if not answered:
        return ["silent"]
    if measure == "reasons":
        return ["started"] if entry.has_started else ["said_no", f"why_{entry.reason}"]
    return ["said", *(f"kind_{code}" for code in entry.evidence.split(","))] if entry.evidence else ["unsaid"]


def variant_of(entry: Entry) -> list[str]:
    return ["base", entry.result]


def rma_of(entry: Entry) -> list[str]:
    return ["base", "rma_yes" if entry.is_rma_involved else "rma_no"]


def agreement_of(entry: Entry) -> list[str]:
    if entry.has_disagreement is None:
        return ["rma_only" if entry.is_rma_involved else "rma_no"]
    return ["both", "differ" if entry.has_disagreement else "agree"]


def experience_of(entry: Entry) -> list[str]:
    return (
        ["decided", entry.experience] if entry.experience in ("can", "cannot") else [entry.experience or "unrecorded"]
    )


def response_of(entry: Entry, answered: bool) -> list[str]:
    if entry.result == "no_response":
        return ["asked", "no_response"]
    if not answered and entry.status in ("survey_open", "scheduled"):
        return ["waiting" if entry.status == "survey_open" else "scheduled"]
    return ["asked", "answered" if answered else "without"]


class TestBreakdowns:
    def test_unknown_comes_last_and_says_so(self, region: None) -> None:
        assert counted(by="territory").lines[-1].label == "Территория не указана"
        assert counted(by="topic").lines[-1].label == "Тематика не указана"
        assert counted(by="position").lines[-1].label == "Должность не указана"

    def test_periods_are_of_the_end_of_the_course(self, region: None) -> None:
        assert [line.label for line in counted(by="quarter").lines] == [
            "2025, IV квартал",
            "2026, I квартал",
            "2026, II квартал",
        ]
        assert [line.label for line in counted(by="half").lines] == ["2025, 2-е полугодие", "2026, 1-е полугодие"]

    @pytest.mark.parametrize(
        ("pk", "first", "last"),
        [
            ("2026-q1", "2026-01-01", "2026-03-31"),
            ("2026-q4", "2026-10-01", "2026-12-31"),
            ("2024-h1", "2024-01-01", "2024-06-30"),
            ("2024-h2", "2024-07-01", "2024-12-31"),
        ],
    )
    def test_a_period_has_its_days(self, pk: str, first: str, last: str) -> None:
        assert [day.isoformat() for day in period_of(pk)] == [first, last]

    def test_large_programmes_come_first(self, region: None) -> None:
        sizes = [line.base.value for line in counted(by="programme").lines]
        assert sizes == sorted(sizes, reverse=True)

    def test_codes_stand_in_the_order_of_their_choices(self, region: None) -> None:
        assert [line.label for line in counted(by="low_results").lines] == ["ШНОР", "Не ШНОР"]

    def test_every_reason_and_kind_has_a_column(self) -> None:
        assert len(BY_CODE["reasons"].parts) == len(Survey.Reason)
        assert len(BY_CODE["evidence"].parts) == len(Evidence.Kind) + 1
