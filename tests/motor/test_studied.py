"""What was studied once is taken into account in another checklist of the same teacher by one click."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.core.clock import today
from cabinet.users.models import User
from motor.models import Case, Checklist, Status
from motor.services.studied import Studied, studied_before, with_studied
from motor.services.visits import VisitPlan, cancel_visit, plan_visit
from tests import factories
from tests.motor.test_checklist_page import SCHOOL

pytestmark = pytest.mark.django_db

YESTERDAY = today() - timedelta(days=1)


@pytest.fixture
def case() -> Case:
    return factories.CaseFactory(status=Status.SCHOOL_REVIEW)


@pytest.fixture
def methodist(case: Case) -> User:
    assert case.responsible is not None
    return case.responsible


@pytest.fixture
def former(case: Case, methodist: User) -> Checklist:
    """The checklist of another case of the same teacher by the same methodist, with a lesson visited."""
    completion = factories.CompletionFactory(person=case.person)
    other = factories.CaseFactory(completion=completion, responsible=methodist, status=Status.CLOSED, bare=True)
    checklist = factories.ChecklistFactory(case=other, assessor=methodist)
    factories.StudyFactory(checklist=checklist, kind="lesson", on=YESTERDAY, note="7 «Б»")
    return checklist


def page(client: Client, case: Case, **query: str) -> str:
    return client.get(reverse("motor:checklist", args=[case.pk]), query).content.decode()


def test_own_studies_of_the_last_year_are_offered(case: Case, methodist: User, former: Checklist) -> None:
    factories.StudyFactory(checklist=former, kind="workshop", on=today() - timedelta(days=500))
    factories.StudyFactory(checklist=former, kind="talk")
    factories.StudyFactory(checklist__case=factories.CaseFactory(), checklist__assessor=methodist)  # another teacher
    colleague = factories.person_with("methodist", case.organization)
    strange = factories.ChecklistFactory(case=former.case, assessor=colleague, superseded_at="2026-01-01T00:00Z")
    factories.StudyFactory(checklist=strange, kind="document")

    found = [(one.kind, one.on, one.note, one.about) for one in studied_before(case, methodist)]

    about = former.case.completion.course.programme.title
    assert found == [("lesson", YESTERDAY, "7 «Б»", about), ("talk", None, "", about)]


def test_studies_of_the_former_version_are_offered(case: Case, methodist: User) -> None:
    factories.StudyFactory(checklist=factories.ChecklistFactory(case=case, version=1, assessor=methodist))
    Case.objects.filter(pk=case.pk).update(version=2)
    case.refresh_from_db()

    assert [one.kind for one in studied_before(case, methodist)] == ["plan"]


def test_visits_made_are_offered_and_those_ahead_or_cancelled_are_not(case: Case, methodist: User) -> None:
    tomorrow = today() + timedelta(days=1)
    made = plan_visit(methodist, VisitPlan("lesson", YESTERDAY, place="каб. 5", note="с листами", cases=(case,)))
    plan_visit(methodist, VisitPlan("lesson", tomorrow, cases=(case,)))
    cancel_visit(plan_visit(methodist, VisitPlan("workshop", YESTERDAY, cases=(case,))))
    colleague = factories.person_with("methodist", case.organization)
    plan_visit(colleague, VisitPlan("talk", YESTERDAY, cases=(case,)))

    assert studied_before(case, methodist) == [
        Studied(f"v{made.pk}", "lesson", YESTERDAY, "каб. 5; с листами", is_planned_here=True)
    ]


def test_visit_planned_for_the_case_is_filled_in_at_once(client: Client, case: Case, methodist: User) -> None:
    plan_visit(methodist, VisitPlan("lesson", YESTERDAY, note="с листами", cases=(case,)))
    client.force_login(methodist)

    text = page(client, case)

    assert 'name="study_lesson" checked' in text
    assert f'name="study_lesson_on" value="{YESTERDAY.isoformat()}"' in text
    assert "если посещение не состоялось, снимите отметку" in text


def test_visit_of_another_case_waits_for_a_click(
    client: Client, case: Case, methodist: User, former: Checklist
) -> None:
    client.force_login(methodist)
    code = f"s{former.studies.get().pk}"

    assert 'name="study_lesson" checked' not in page(client, case)
    text = page(client, case, use=code)
    assert 'name="study_lesson" checked' in text
    assert f'value="{YESTERDAY.isoformat()}"' in text
    assert "7 «Б»" in text
    assert 'name="study_lesson" checked' not in page(client, case, use="s0")


def test_click_loses_nothing_and_saves_nothing(client: Client, case: Case, methodist: User, former: Checklist) -> None:
    client.force_login(methodist)
    address = reverse("motor:checklist", args=[case.pk])
    typed = SCHOOL | {"comment": "Не потерять", "study_talk_note": "Тоже", "use": f"s{former.studies.get().pk}"}

    answer = client.post(address, typed)

    text = answer.content.decode()
    assert answer.status_code == 200
    assert "Не потерять" in text
    assert "Тоже" in text
    assert 'name="study_talk" checked' in text
    assert 'name="study_lesson" checked' in text
    assert "Проверьте форму" not in text
    assert not case.checklists.exists()
    del typed["use"]
    assert client.post(address, typed).status_code == 302


def test_anothers_study_cannot_be_taken(client: Client, case: Case, methodist: User) -> None:
    foreign = factories.StudyFactory(kind="lesson", on=YESTERDAY, note="Чужое")
    client.force_login(methodist)
    assert "Чужое" not in page(client, case, use=f"s{foreign.pk}")


def test_second_visit_of_a_kind_goes_into_the_note() -> None:
    first = Studied("v1", "lesson", YESTERDAY, "7 «Б»")
    second = Studied("v2", "lesson", YESTERDAY - timedelta(days=7), "8 «А»")
    undated = Studied("s3", "talk", None, "")

    values = with_studied({"comment": "Ясно"}, [first, second, undated])

    assert values == {
        "comment": "Ясно",
        "study_lesson": "on",
        "study_lesson_on": YESTERDAY.isoformat(),
        "study_lesson_note": f"7 «Б»; также {second.on:%d.%m.%Y} (8 «А»)",
        "study_talk": "on",
        "study_talk_on": "",
        "study_talk_note": "",
    }
    assert with_studied(values, [first, second, undated]) == values
