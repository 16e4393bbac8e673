"""The analytical note: the same figures as the summary and the recount, no names unless asked by those who may."""

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import docx
import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from cabinet.core.clock import today
from cabinet.structure.models import Organization
from cabinet.users.models import LogEntry, User
from motor.models import Case, Outcome, Status, Survey
from registry.models import Entry
from registry.services.breakdowns import BY_CODE as BREAKDOWNS
from registry.services.measures import MEASURES
from registry.services.note import describable_by, may_name, write_note
from registry.services.rebuild import rebuild
from registry.services.summary import summarize
from tests import factories

pytestmark = pytest.mark.django_db

SINCE, UNTIL = today() - timedelta(days=365), today()


@pytest.fixture
def school() -> Organization:
    return factories.OrganizationFactory(name="МБОУ «СОШ № 7»")


@pytest.fixture
def methodist(school: Organization) -> User:
    return factories.person_with("methodist", school)


def a_case(school: Organization, status: str = Status.CLOSED, variant: int = 3, **fields: Any) -> Case:
    fields = {"course__ends_on": today() - timedelta(days=100)} | fields
    completion = factories.CompletionFactory(person__organization=school, **fields)
    case = factories.CaseFactory(completion=completion, status=status)
    if variant != 3:
        Outcome.objects.filter(case=case).update(variant=variant, completeness="")
    return case


def many(school: Organization) -> None:
    """Cases of every fate, and some that must not be counted."""
    for variant in (3, 3, 3, 2, 1):
        a_case(school, variant=variant)
    first = a_case(school, Status.FOLLOW_UP)
    Survey.objects.filter(case=first).update(has_started=False, reason="time")
    for status in (Status.SURVEY_OPEN, Status.NO_RESPONSE, Status.SCHOOL_REVIEW, Status.RMA_REVIEW, Status.SCHEDULED):
        a_case(school, status)
    stopped = a_case(school)
    Case.objects.filter(pk=stopped.pk).update(status=Status.STOPPED, stop_reason="left")
    a_case(school, course__ends_on=today() - timedelta(days=500))
    a_case(factories.OrganizationFactory())
    rebuild()


def words(answer: Any) -> str:
    document = docx.Document(BytesIO(answer.content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(one.text for one in document.paragraphs), *cells])


def word(client: Client, school: Organization, **query: object) -> Any:
    return client.get(reverse("registry:note_word"), {"organization": school.pk} | query)


def test_figures_equal_the_summary(methodist: User, school: Organization) -> None:
    many(school)

    note = write_note(methodist, school, SINCE, UNTIL)

    rows = Entry.objects.filter(organization=school, ends_on__range=(SINCE, UNTIL))
    assert note.cases == rows.count() == 12
    for table, measure in zip(note.tables, MEASURES, strict=True):
        total = summarize(rows, measure, BREAKDOWNS["kind"]).total
        assert table.base == total.base.value, measure.code
        assert [row.count for row in table.parts] == [one.value for one in total.parts], measure.code
        assert [row.count for row in table.apart] == [one.value for one in total.apart], measure.code


def test_programmes_and_subjects_add_up(methodist: User, school: Organization) -> None:
    programme = factories.ProgrammeFactory(title="Оценивание")
    maths = factories.SubjectFactory(name="математика")
    for variant in (1, 2):
        course = programme.courses.first() or factories.CourseFactory(programme=programme)
        completion = factories.CompletionFactory(person__organization=school, course=course, subject=maths)
        case = factories.CaseFactory(completion=completion, status=Status.CLOSED)
        Outcome.objects.filter(case=case).update(variant=variant, completeness="")
    a_case(school, Status.SURVEY_OPEN, subject=None)
    rebuild()

    programmes, subjects = write_note(methodist, school, SINCE, UNTIL).breakdowns

    assert programmes.lines[0] == ("Оценивание", 2, [1, 1, 0], 0)
    assert subjects.lines == [("математика", 2, [1, 1, 0], 0), ("не указано", 0, [0, 0, 0], 1)]


def test_words_are_made_of_the_figures(methodist: User, school: Organization) -> None:
    many(school)

    said = " ".join(write_note(methodist, school, SINCE, UNTIL).sentences).replace("\u00a0", " ")

    assert "12 карт отслеживания, 12 педагогов" in said
    assert "Опросный лист заполнен: 8 из 9 (89 %). Ответ не получен: 1." in said
    assert "имеют место: 4 из 6 (67 %)" in said
    assert "К реализации ИОМ ещё не приступили: 1 из 8 (12 %) ответивших." in said
    assert "«не было времени» — 1" in said


def test_small_groups_get_no_shares(methodist: User, school: Organization) -> None:
    for variant in (3, 1):
        a_case(school, variant=variant)
    rebuild()

    note = write_note(methodist, school, SINCE, UNTIL)

    assert "%" not in " ".join(note.sentences)
    assert {row.share for table in note.tables for row in table.parts} == {""}
    assert "имеют место: 1 из 2;" in " ".join(note.sentences)


def test_short_names_of_things_stay_large(methodist: User, school: Organization) -> None:
    case = a_case(school)
    Survey.objects.filter(case=case).update(in_route="none", has_started=False, reason="no_route")
    rebuild()
    assert "«ИОМ не разработан» — 1" in " ".join(write_note(methodist, school, SINCE, UNTIL).sentences)


def test_empty_period_says_so(client: Client, methodist: User, school: Organization) -> None:
    client.force_login(methodist)
    assert "карт отслеживания в организации нет" in client.get(reverse("registry:note")).content.decode()
    assert "карт отслеживания в организации нет" in words(word(client, school))


def test_who_may_write_about_what(school: Organization) -> None:
    near = factories.OrganizationFactory(municipality=school.municipality)
    far = factories.OrganizationFactory()
    places = {
        "head": (factories.person_with("head", school), [school], True),
        "methodist": (factories.person_with("methodist", school), [school], True),
        "municipal": (factories.person_with("municipal", school.municipality, organization=far), [school, near], False),
        "admin": (factories.person_with("admin", organization=far), [school, near, far], False),
        "curator": (factories.person_with("curator", organization=far), [], False),
        "observer": (factories.person_with("observer", organization=far), [], False),
        "teacher": (factories.person_with("teacher", organization=school), [], False),
    }
    for who, (person, expected, names) in places.items():
        assert sorted(one.pk for one in describable_by(person)) == sorted(one.pk for one in expected), who
        assert may_name(person, school) == names, who


def test_methodist_of_some_subjects_counts_only_those(client: Client, school: Organization) -> None:
    maths = factories.SubjectFactory(name="математика")
    of_maths = factories.person_with("methodist", school, subjects=[maths])
    a_case(school, subject=maths)
    a_case(school)
    rebuild()
    note = write_note(of_maths, school, SINCE, UNTIL)
    assert (note.cases, note.subjects) == (1, ["математика"])
    client.force_login(of_maths)
    assert "Предметы: математика" in words(word(client, school))


def test_names_come_only_when_asked_and_are_logged(client: Client, methodist: User, school: Organization) -> None:
    case = a_case(school)
    case.person.last_name = "=Хитрая"
    case.person.save()
    rebuild()
    client.force_login(methodist)

    without, with_names = word(client, school), word(client, school, names=1)

    assert case.person.last_name not in words(without)
    assert case.person.full_name in words(with_names)
    notes = list(LogEntry.objects.filter(action="exported").order_by("pk").values_list("note", flat=True))
    assert ["с фамилиями" in note for note in notes] == [False, True]
    assert LogEntry.objects.filter(action="exported", actor=methodist).first().about == school


def test_names_are_not_for_those_outside(client: Client, school: Organization) -> None:
    a_case(school)
    rebuild()
    for person in (factories.person_with("municipal", school.municipality), factories.person_with("admin")):
        client.force_login(person)
        assert word(client, school, names=1).status_code == 404
        assert word(client, school).status_code == 200
        page = client.get(reverse("registry:note"), {"organization": school.pk})
        assert "С фамилиями" not in page.content.decode()


def test_foreign_organization_equals_a_missing_one(client: Client, methodist: User, school: Organization) -> None:
    foreign = factories.OrganizationFactory()
    client.force_login(methodist)
    for pk in (foreign.pk, foreign.pk + 1000, "чужая", "9" * 30):
        assert client.get(reverse("registry:note"), {"organization": pk}).status_code == 404
        assert client.get(reverse("registry:note_word"), {"organization": pk}).status_code == 404
    assert client.get(reverse("registry:note_word")).status_code == 404
    assert client.post(reverse("registry:note_word")).status_code == 405


def test_several_organizations_are_chosen_from(client: Client, school: Organization) -> None:
    other = factories.OrganizationFactory(name="Гимназия № 3", municipality=school.municipality)
    client.force_login(factories.person_with("municipal", school.municipality))
    page = client.get(reverse("registry:note"))
    assert sorted(one.pk for one in page.context["page"]) == sorted([school.pk, other.pk])
    found = client.get(reverse("registry:note"), {"school": "гимназия №3"})
    assert found.context["note"].organization == other  # the only one found is shown at once


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"since": "2026-01-01", "until": "2026-05-31"}, (date(2026, 1, 1), date(2026, 5, 31))),
        ({"since": "2026-05-31", "until": "2026-01-01"}, (date(2026, 1, 1), date(2026, 5, 31))),
        ({"since": "весной", "until": "2026-05-31"}, (date(2025, 5, 31), date(2026, 5, 31))),
        ({"since": "0001-01-01", "until": "2026-05-31"}, (date(2025, 5, 31), date(2026, 5, 31))),
    ],
)
def test_period_is_read_kindly(
    client: Client, methodist: User, query: dict[str, str], expected: tuple[date, date]
) -> None:
    client.force_login(methodist)
    note = client.get(reverse("registry:note"), query).context["note"]
    assert (note.since, note.until) == expected


@pytest.mark.parametrize("count", [1, 5])
def test_note_costs_the_same_for_any_number(
    client: Client, methodist: User, school: Organization, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        a_case(school)
    rebuild()
    client.force_login(methodist)
    client.get(reverse("registry:note"))
    with django_assert_num_queries(7):
        client.get(reverse("registry:note"))
