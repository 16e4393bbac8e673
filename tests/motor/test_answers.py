"""Answers and outcomes of a course for its curator: whose, which, how many, and nothing of the assessors' notes."""

from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from cabinet.courses.models import Course
from cabinet.users.models import LogEntry, User
from motor.models import Case, Change, Checklist, Evidence, Outcome, Status, Survey
from motor.services.answers import answers_of, cases_of, figures_of, narrowed, with_answers
from registry.models import Entry
from registry.services.rebuild import rebuild
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def curator() -> User:
    return factories.person_with("curator")


@pytest.fixture
def course(curator: User) -> Course:
    return factories.CourseFactory(curator=curator)


def a_case(course: Course, status: str = Status.FOLLOW_UP, variant: int = 3, **survey: object) -> Case:
    completion = factories.CompletionFactory(course=course)
    case = factories.CaseFactory(completion=completion, status=status)
    Survey.objects.filter(case=case).update(**survey)
    if variant != 3:
        Outcome.objects.filter(case=case).update(variant=variant, completeness="")
    return Case.objects.get(pk=case.pk)


def page(client: Client, course: Course, **query: str) -> str:
    return client.get(reverse("motor:course_answers", args=[course.pk]), query).content.decode()


def found(course: Course, **chosen: str) -> list[int]:
    return sorted(narrowed(cases_of(course), **chosen).values_list("pk", flat=True))


def test_curator_reads_answers_and_outcomes_of_his_course(client: Client, curator: User, course: Course) -> None:
    case = a_case(course, important="Листы самооценки")
    Checklist.objects.filter(case=case).update(comment="Внутренняя заметка")
    asked = a_case(course, Status.RMA_REQUESTED)
    Checklist.objects.filter(case=asked).update(rma_reason="Сомневаюсь в педагоге")
    foreign = a_case(factories.CourseFactory())
    client.force_login(curator)

    text = page(client, course)

    assert case.person.full_name in text
    assert "Листы самооценки" in text
    assert "Вариант 3, полностью" in text
    assert foreign.person.full_name not in text
    assert "Внутренняя заметка" not in text
    assert "Сомневаюсь в педагоге" not in text


def test_other_courses_equal_missing_ones(client: Client, curator: User, course: Course) -> None:
    other = a_case(factories.CourseFactory(curator=factories.person_with("curator"))).completion.course
    for name in ("course_answers", "course_answers_excel"):
        client.logout()
        assert client.get(reverse(f"motor:{name}", args=[course.pk])).status_code == 302
        client.force_login(curator)
        for pk in (other.pk, other.pk + 1000):
            assert client.get(reverse(f"motor:{name}", args=[pk])).status_code == 404
        client.force_login(factories.person_with("methodist", factories.OrganizationFactory()))
        assert client.get(reverse(f"motor:{name}", args=[course.pk])).status_code == 404
        client.force_login(factories.person_with("admin"))
        assert client.get(reverse(f"motor:{name}", args=[course.pk])).status_code == 200
    client.force_login(curator)
    lines = client.get(reverse("motor:answers")).context["lines"]
    assert lines == []
    assert client.post(reverse("motor:course_answers", args=[course.pk])).status_code == 405


def test_list_of_courses_counts_cases_answers_and_results(client: Client, curator: User, course: Course) -> None:
    a_case(course)
    a_case(course, variant=2)
    a_case(course, Status.SURVEY_OPEN)
    factories.CourseFactory(curator=curator)  # nobody is followed
    client.force_login(curator)

    (line,) = client.get(reverse("motor:answers")).context["lines"]

    assert (line.course, line.cases, line.answered, line.variants) == (course, 3, 2, [0, 1, 1])
    assert client.get(reverse("motor:answers"), {"q": "нет такой"}).context["lines"] == []
    word = course.programme.title.split()[0].upper()
    assert len(client.get(reverse("motor:answers"), {"q": word}).context["lines"]) == 1


def test_choices_narrow_the_lines(course: Course) -> None:
    third = a_case(course, important="Ёмкие Вопросы")
    second = a_case(course, variant=2, has_started=False, reason="time", reason_text="Аттестация")
    silent = a_case(course, Status.SURVEY_OPEN)
    waiting = a_case(course, Status.SCHOOL_REVIEW, important="Другое")
    Change.objects.filter(survey__case=waiting).update(text="Взаимопроверка")

    everybody = sorted([third.pk, second.pk, silent.pk, waiting.pk])
    assert found(course) == everybody
    assert found(course, variant="3") == [third.pk]
    assert found(course, variant="2") == [second.pk]
    assert found(course, variant="none") == sorted([silent.pk, waiting.pk])
    assert found(course, variant="silent") == [silent.pk]
    assert found(course, reason="time") == [second.pk]
    assert found(course, text="ЕМКИЕ вопрос") == [third.pk]
    assert found(course, text="аттестация") == [second.pk]
    assert found(course, text="взаимопроверка") == [waiting.pk]
    assert found(course, text="взаимопроверка", variant="3") == []


def test_unknown_choice_finds_nothing_and_says_so(client: Client, curator: User, course: Course) -> None:
    case = a_case(course)
    client.force_login(curator)
    assert case.person.full_name not in page(client, course, variant="9")
    assert case.person.full_name in page(client, course, page="999")


def test_last_answer_counts_and_stopped_case_has_no_result(course: Course) -> None:
    case = a_case(course)
    Survey.objects.filter(case=case).update(returned_at="2026-01-01T00:00Z", return_comment="Уточните")
    factories.SurveyFactory(case=case, important="Новый ответ")
    factories.SurveyFactory(case=a_case(course, Status.SURVEY_OPEN), submitted_at=None, important="Черновик")
    reopened = a_case(course)
    Case.objects.filter(pk=reopened.pk).update(version=2, status=Status.SCHOOL_REVIEW)

    answers = {one.case.pk: one for one in answers_of(with_answers(cases_of(course)))}

    assert answers[case.pk].survey is not None
    assert answers[case.pk].survey.important == "Новый ответ"
    assert answers[reopened.pk].outcome is None
    assert sorted(one.survey.important for one in answers.values() if one.survey) == [
        "Новый ответ",
        "Приёмы формирующего оценивания",
    ]


def test_figures_are_those_of_the_registry(course: Course) -> None:
    a_case(course)
    a_case(course, variant=1, has_started=False, reason="time")
    a_case(course, variant=2, has_started=False, reason="help")
    nothing = a_case(course, Status.SCHOOL_REVIEW, nothing_yet=True)
    Evidence.objects.filter(case=nothing).delete()
    factories.EvidenceFactory(case=a_case(course), kind="workshop")
    a_case(course, Status.NO_RESPONSE)
    a_case(course, Status.SURVEY_OPEN)
    a_case(course, Status.SCHEDULED)
    stopped = a_case(course)
    Case.objects.filter(pk=stopped.pk).update(status=Status.STOPPED, stop_reason="left")
    rebuild()

    response, results, reasons, evidence = figures_of(cases_of(course))

    rows = Entry.objects.filter(course=course)
    assert [(label, n) for label, n, _ in response.rows] == [
        ("ответ получен", 5),
        ("дальше без опросного листа", 0),
        ("ответ не получен", rows.filter(result="no_response").count()),
    ]
    assert [n for _, n, _ in results.rows] == [rows.filter(result=code).count() for code in ("1", "2", "3")]
    assert (results.base, reasons.base, evidence.base) == (4, 2, 5)
    assert {label: n for label, n, _ in reasons.rows if n} == {"не было времени": 1, "нужна помощь методиста": 1}
    assert {label: n for label, n, _ in evidence.rows if n} == {
        "конспект урока (занятия)": 4,
        "проведение мастер-класса для коллег": 1,
        "пока подтвердить нечем": 1,
    }


def test_small_base_gets_no_share(client: Client, curator: User, course: Course) -> None:
    a_case(course)
    client.force_login(curator)
    assert "100\u00a0%" not in page(client, course)


def test_excel_holds_the_chosen_lines_as_text_and_is_logged(client: Client, curator: User, course: Course) -> None:
    chosen = a_case(course, important="=1+1", has_started=False, reason="other", reason_text="@сосед")
    a_case(course, variant=2)
    Checklist.objects.update(comment="Внутренняя заметка", recommendations="Рекомендация")
    client.force_login(curator)

    answer = client.get(reverse("motor:course_answers_excel", args=[course.pk]), {"variant": "3"})

    book = load_workbook(BytesIO(answer.content))
    rows = list(book["Ответы"].iter_rows(min_row=2))
    assert [row[0].value for row in rows] == [chosen.person.full_name]
    assert (rows[0][6].value, rows[0][6].data_type) == ("=1+1", "s")
    assert rows[0][9].value == "другое: @сосед"
    assert rows[0][12].value == 3
    values = {str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row}
    assert not any("Внутренняя" in value or "Рекомендация" in value for value in values)
    assert "Результат: Вариант 3" in values
    entry = LogEntry.objects.get(action="exported")
    assert (entry.actor, entry.about, entry.note) == (curator, course, "ответы слушателей, строк: 1")


def test_fragment_has_no_page_around_it(client: Client, curator: User, course: Course) -> None:
    a_case(course)
    client.force_login(curator)
    address = reverse("motor:course_answers", args=[course.pk])
    text = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in text
    assert 'id="results"' in text


@pytest.mark.parametrize("count", [1, 5])
def test_pages_cost_the_same_for_any_number(
    client: Client, curator: User, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        course = factories.CourseFactory(curator=curator)
        for _ in range(count):
            a_case(course, has_started=False, reason="time")
    client.force_login(curator)
    client.get(reverse("motor:answers"))
    with django_assert_num_queries(8):
        client.get(reverse("motor:answers"))
    with django_assert_num_queries(14):
        page(client, course, q="оценивания", variant="3", reason="time")
    with django_assert_num_queries(12):
        page(client, course)
